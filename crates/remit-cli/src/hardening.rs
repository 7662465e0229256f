//! What a service asks of the system for itself: no image of its memory on the disk, and as many file handles as it may have.
//! Where the system says no, the service goes on and says so.

use remit_server::Config;
use remit_server::config::Admin;

/// Handles that connections never get: the ledger, its index, the certificates, the bundle, the watcher.
const RESERVED: u64 = 48;
/// Connections without which nothing can be served.
const LEAST: u64 = 8;

/// Nothing of what the process knows is written to the disk when it dies.
pub fn without_cores() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        if let Err(error) = setrlimit(Resource::Core, none) {
            tracing::warn!(%error, "core dumps cannot be switched off");
        }
    }
    // WHY: a handler of dumps that is a program is not bound by the limit.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
    {
        tracing::warn!(%error, "the process stays dumpable");
    }
}

/// Takes all file handles that there are, and lets connections have what the ledger does not need.
///
/// # Errors
/// There are too few to serve anybody.
pub fn share_handles(config: &mut Config) -> anyhow::Result<()> {
    let Some(handles) = raised() else { return Ok(()) };
    let left = handles.saturating_sub(RESERVED);
    anyhow::ensure!(
        left >= LEAST,
        "{handles} file handles are too few: at least {} are needed (`ulimit -n`)",
        RESERVED + LEAST
    );
    let people = config.admin.as_ref().map_or(0, |_: &Admin| left / 8);
    let most = usize::try_from(left - people).unwrap_or(usize::MAX);
    if config.limits.max_connections > most {
        tracing::warn!(
            handles,
            max_connections = most,
            "fewer connections than configured, for want of file handles"
        );
        config.limits.max_connections = most;
    }
    Ok(())
}

/// How many file handles there are, once as many as may be are asked for; nothing when that is not known or unbounded.
fn raised() -> Option<u64> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let before = getrlimit(Resource::Nofile);
        if before.current != before.maximum {
            // Without more the service goes on with what there is.
            let _refused =
                setrlimit(Resource::Nofile, Rlimit { current: before.maximum, maximum: before.maximum });
        }
        getrlimit(Resource::Nofile).current
    }
    #[cfg(not(unix))]
    None
}
