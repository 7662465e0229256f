//! Work that may wait: whoever answers callers gets the processor first.

/// How far the index stands back: what it holds is a copy.
pub(crate) const INDEXING: i32 = 10;
/// How far the signer stands back: a head is due every second, and costs a fraction of that.
pub(crate) const SIGNING: i32 = 5;

/// Lets this thread stand back by so many steps of niceness, where the system knows it for single threads.
pub(crate) fn stand_back(steps: i32) {
    #[cfg(target_os = "linux")]
    if let Err(fault) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), steps) {
        tracing::debug!(%fault, "a thread of the ledger keeps its priority");
    }
    #[cfg(not(target_os = "linux"))]
    let _unknown = steps;
}
