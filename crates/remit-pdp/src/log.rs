//! Audit reads: the signed head of the ledger, its tiles, proofs and keys, for those who may look.

use std::sync::Arc;

use remit_ledger::{LeafHash, Ledger, Tile, TreeError};
use serde::Serialize;

use crate::call::Call;
use crate::fault::Fault;
use crate::pdp::Pdp;

/// What is asked about the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogAsk {
    /// The last signed head.
    Checkpoint,
    /// A tile or an entry bundle, by its address after `tile/`.
    Tile(String),
    /// The proof that the record at this place is in the log, under the last head or one of the size given.
    Proof {
        /// The place.
        index: String,
        /// The size.
        size: Option<String>,
    },
    /// The proof that the log of one size is a beginning of the other.
    Consistency {
        /// The smaller size.
        from: String,
        /// The larger one.
        to: String,
    },
    /// The public keys.
    Vkeys,
}

/// What an answer about the log consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogMedia {
    /// Lines of text.
    Text,
    /// Hashes or records as bytes.
    Bytes,
    /// JSON.
    Json,
}

/// An answer about the log.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogReply {
    /// The body.
    pub body: Vec<u8>,
    /// What it consists of.
    pub media: LogMedia,
    /// Whether these bytes will be the same for ever.
    pub immutable: bool,
}

/// A consistency proof.
#[derive(Debug, Serialize)]
struct Consistency {
    from: u64,
    to: u64,
    /// In hexadecimal, as leaf hashes are.
    hashes: Vec<LeafHash>,
}

impl Pdp {
    /// What the log proves.
    ///
    /// # Errors
    /// A malformed or unknown address, a caller without the right, or a log that proves nothing.
    pub async fn log(&self, call: &Call<'_>, ask: LogAsk) -> Result<LogReply, Fault> {
        self.counted(self.log_inner(call, ask).await)
    }

    async fn log_inner(&self, call: &Call<'_>, ask: LogAsk) -> Result<LogReply, Fault> {
        self.permit(call.pep.rights.audit, "audit the log")?;
        let ledger = Arc::clone(&self.ledger);
        // WHY: the ledger reads files; a thread that answers decisions must not wait for them.
        tokio::task::spawn_blocking(move || answer(&ledger, &ask))
            .await
            .map_err(|error| Fault::Internal { message: format!("the proof was lost: {error}") })?
    }
}

fn answer(ledger: &Ledger, ask: &LogAsk) -> Result<LogReply, Fault> {
    let text = |body: Vec<u8>| LogReply { body, media: LogMedia::Text, immutable: false };
    match ask {
        LogAsk::Checkpoint => {
            let signed = ledger.checkpoint().map_err(refused)?;
            Ok(text(signed.note.as_bytes().to_vec()))
        }
        LogAsk::Vkeys => {
            let keys: String = ledger.vkeys().iter().map(|key| format!("{key}\n")).collect();
            Ok(text(keys.into_bytes()))
        }
        LogAsk::Tile(path) => {
            let tile = Tile::parse(path).ok_or_else(|| missing("there is no such tile"))?;
            let body = ledger.tile(&tile).map_err(refused)?;
            Ok(LogReply { body, media: LogMedia::Bytes, immutable: true })
        }
        LogAsk::Proof { index, size } => {
            let index = number("index", index)?;
            let size = size.as_deref().map(|size| number("size", size)).transpose()?;
            let proof = ledger.inclusion(index, size).map_err(refused)?;
            Ok(text(proof.text().into_bytes()))
        }
        LogAsk::Consistency { from, to } => {
            let (from, to) = (number("from", from)?, number("to", to)?);
            if from > to {
                return Err(bad(format!("`from` must not be above `to`, but `{from}` is above `{to}`")));
            }
            let hashes = ledger.consistency(from, to).map_err(refused)?;
            let proof = Consistency { from, to, hashes: hashes.into_iter().map(LeafHash).collect() };
            let body = serde_json::to_vec(&proof)
                .map_err(|error| Fault::Internal { message: format!("the proof is not JSON: {error}") })?;
            Ok(LogReply { body, media: LogMedia::Json, immutable: true })
        }
    }
}

fn number(name: &str, text: &str) -> Result<u64, Fault> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|_| plain)
        .ok_or_else(|| bad(format!("`{name}` must be a whole number, not `{text}`")))
}

fn bad(message: String) -> Fault {
    Fault::BadRequest { message, pointer: None }
}

fn missing(message: &str) -> Fault {
    Fault::NotFound { message: message.to_owned() }
}

fn refused(error: TreeError) -> Fault {
    let message = error.to_string();
    match error {
        TreeError::Beyond { .. } | TreeError::Pruned { .. } | TreeError::NoHead | TreeError::NoKey => {
            Fault::NotFound { message }
        }
        TreeError::Damaged(_) | TreeError::Hashes(_) | TreeError::Proof(_) => Fault::Unavailable { message },
    }
}
