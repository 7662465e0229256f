//! Sends signed heads to places that whoever can write the ledger's disk cannot change: a directory on another host, an
//! address that takes them, a C2SP witness.
//!
//! What such a place remembers and the ledger does not have is a rollback or a second history: then the ledger stops.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use remit_identity::FetchError;
use remit_pdp::Pdp;
use remit_pdp::ledger::{Signed, TreeError};

use crate::config::LedgerPush;
use crate::limits;
use crate::outbound::Outbound;

/// Why a head did not get to its second place.
#[derive(Debug, thiserror::Error)]
enum PushError {
    /// The directory refuses.
    #[error("the directory for heads: {0}")]
    Directory(#[from] io::Error),
    /// Nobody answers.
    #[error(transparent)]
    Unreachable(#[from] FetchError),
    /// The answer is not a yes.
    #[error("the answer was {0}")]
    Status(u16),
    /// There is no proof to send.
    #[error(transparent)]
    Proof(#[from] TreeError),
    /// The place remembers what the ledger does not have.
    #[error("{0}")]
    Fork(String),
    /// A defect.
    #[error("the work was lost: {0}")]
    Lost(#[from] tokio::task::JoinError),
}

/// Sends heads to the configured places.
pub(crate) struct Push {
    config: LedgerPush,
    outbound: Outbound,
    pdp: Arc<Pdp>,
    /// The size of the last head seen.
    seen: u64,
    /// Heads seen since the last one that was sent.
    waiting: u32,
    /// What the witness has cosigned, as far as is known.
    witnessed: u64,
}

impl Push {
    pub(crate) fn new(config: LedgerPush, outbound: Outbound, pdp: Arc<Pdp>) -> Self {
        // The first head is sent at once.
        let waiting = config.every.saturating_sub(1);
        Self { config, outbound, pdp, seen: 0, waiting, witnessed: 0 }
    }

    /// Sends each so-many-th head, for ever.
    pub(crate) async fn run(mut self) {
        let mut turns = tokio::time::interval(Duration::from_millis(limits::PUSH_EVERY_MS));
        loop {
            turns.tick().await;
            let Ok(signed) = self.pdp.ledger().checkpoint() else { continue };
            if signed.head.size == self.seen {
                continue;
            }
            self.seen = signed.head.size;
            self.waiting += 1;
            if self.waiting >= self.config.every {
                self.waiting = 0;
                self.send(&signed).await;
            }
        }
    }

    /// Sends the head that stands at the end.
    pub(crate) async fn last(mut self) {
        if let Ok(signed) = self.pdp.ledger().checkpoint() {
            self.send(&signed).await;
        }
    }

    async fn send(&mut self, signed: &Signed) {
        let kept = self.keep(signed).await;
        let posted = self.post(signed).await;
        let witnessed = self.witness(signed).await;
        for (place, outcome) in [("directory", kept), ("address", posted), ("witness", witnessed)] {
            match outcome {
                Ok(()) => {}
                Err(PushError::Fork(cause)) => {
                    tracing::error!(place, cause, "a second place remembers another ledger");
                    self.pdp.ledger().refuse(cause);
                }
                Err(error) => tracing::warn!(place, %error, "a head of the ledger was not taken"),
            }
        }
    }

    async fn keep(&self, signed: &Signed) -> Result<(), PushError> {
        let Some(directory) = self.config.directory.clone() else { return Ok(()) };
        let signed = signed.clone();
        tokio::task::spawn_blocking(move || keep(&directory, &signed)).await?
    }

    async fn post(&self, signed: &Signed) -> Result<(), PushError> {
        let Some(url) = &self.config.url else { return Ok(()) };
        match self.outbound.post_text(url, signed.note.to_string(), limits::PUSH_DEADLINE_MS).await? {
            (200..=299, _) => Ok(()),
            (status, _) => Err(PushError::Status(status)),
        }
    }

    /// SPEC: c2sp.org/tlog-witness, `add-checkpoint`.
    async fn witness(&mut self, signed: &Signed) -> Result<(), PushError> {
        let Some(prefix) = self.config.witness.clone() else { return Ok(()) };
        let url = format!("{}/add-checkpoint", prefix.trim_end_matches('/'));
        let size = signed.head.size;
        // Twice, for the first answer may say what the witness knows.
        for _ in 0..2 {
            let old = self.witnessed;
            let pdp = Arc::clone(&self.pdp);
            let proof = tokio::task::spawn_blocking(move || pdp.ledger().consistency(old, size)).await??;
            let lines: String = proof.iter().map(|hash| STANDARD.encode(hash) + "\n").collect();
            let body = format!("old {old}\n{lines}\n{}", signed.note);
            let (status, answer) = self.outbound.post_text(&url, body, limits::PUSH_DEADLINE_MS).await?;
            match status {
                200 => {
                    self.witnessed = size;
                    return Ok(());
                }
                409 => {
                    let theirs =
                        std::str::from_utf8(&answer).ok().and_then(|it| it.trim_end().parse::<u64>().ok());
                    let theirs = theirs.ok_or(PushError::Status(409))?;
                    if theirs > size || theirs == old {
                        return Err(PushError::Fork(format!(
                            "the witness has cosigned a head of {theirs} records that is not one of this ledger, \
                             which has {size}"
                        )));
                    }
                    self.witnessed = theirs;
                }
                422 => {
                    let cause = "the witness has cosigned a head that this ledger does not extend";
                    return Err(PushError::Fork(cause.to_owned()));
                }
                other => return Err(PushError::Status(other)),
            }
        }
        Err(PushError::Status(409))
    }
}

/// Keeps a head in a directory, unless the directory remembers another ledger.
fn keep(directory: &Path, signed: &Signed) -> Result<(), PushError> {
    let size = signed.head.size;
    if let Some(larger) = sizes(directory)?.into_iter().max().filter(|kept| *kept > size) {
        let place = directory.display();
        return Err(PushError::Fork(format!(
            "`{place}` keeps a head of {larger} records, and this ledger has {size}"
        )));
    }
    let path = place(directory, size);
    match fs::read_to_string(&path) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
        Err(fault) => return Err(fault.into()),
        // Signatures may be others after a change of keys; what is signed may not.
        Ok(kept) if kept.split("\n\n").next() == signed.note.split("\n\n").next() => return Ok(()),
        Ok(_) => {
            let place = path.display();
            return Err(PushError::Fork(format!("`{place}` is another head of the same size")));
        }
    }
    let aside = directory.join(format!("{size}.new"));
    let mut file = fs::File::create(&aside)?;
    file.write_all(signed.note.as_bytes())?;
    file.sync_all()?;
    fs::rename(&aside, &path)?;
    Ok(())
}

/// The file of the head of this size.
fn place(directory: &Path, size: u64) -> PathBuf {
    directory.join(format!("{size:020}.checkpoint"))
}

/// The sizes of the heads in a directory.
fn sizes(directory: &Path) -> io::Result<Vec<u64>> {
    let mut sizes = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        sizes.extend(name.to_str().and_then(|it| it.strip_suffix(".checkpoint")?.parse::<u64>().ok()));
    }
    Ok(sizes)
}
