//! What an open ledger proves: its keys, its last signed head, tiles, proofs, and receipts that are signed.

use crate::errors::{LedgerError, TreeError};
use crate::inclusion::Inclusion;
use crate::ledger::{Ledger, Receipt};
use crate::note::Vkey;
use crate::record::{Body, KeyChanged};
use crate::signed::{Signed, SignedTree};
use crate::tile::Tile;
use crate::time::Timestamp;
use crate::tree::Hash;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::Arc;

/// The public keys that signed the heads so far, for first contact only: auditors pin them from elsewhere.
const VKEYS: &str = "vkey";

impl Ledger {
    /// The name of the log, where it has a key.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.tree.as_ref().map(|it| it.keys.origin())
    }

    /// The public keys that sign the heads, the one in force first.
    #[must_use]
    pub fn vkeys(&self) -> Vec<Vkey> {
        self.tree.as_ref().map(|it| it.keys.vkeys()).unwrap_or_default()
    }

    /// The last signed head.
    ///
    /// # Errors
    /// When there is none.
    pub fn checkpoint(&self) -> Result<Signed, TreeError> {
        self.signed_tree()?.signed().ok_or(TreeError::NoHead)
    }

    /// The bytes of a tile or an entry bundle. Reads files: call it where blocking is allowed.
    ///
    /// # Errors
    /// When the last signed head does not have it, or it is pruned or damaged.
    pub fn tile(&self, tile: &Tile) -> Result<Vec<u8>, TreeError> {
        let _reading = self.shared.reading();
        self.signed_tree()?.tile(tile)
    }

    /// The proof that a record is in the log, under the last signed head or under one of the size given. Reads files.
    ///
    /// # Errors
    /// When the last signed head does not reach that far.
    pub fn inclusion(&self, index: u64, size: Option<u64>) -> Result<Inclusion, TreeError> {
        self.signed_tree()?.inclusion(index, size)
    }

    /// The proof that the log of size `from` is a beginning of the one of size `to`. Reads files.
    ///
    /// # Errors
    /// When the last signed head does not reach that far.
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Hash>, TreeError> {
        self.signed_tree()?.consistency(from, to)
    }

    /// A receipt that can leave the house: compact JWS (EdDSA) over the decision's id, the log's name, the record's
    /// place and leaf hash, and the time. None without a key.
    #[must_use]
    pub fn receipt_jws(&self, receipt: &Receipt, now: Timestamp) -> Option<String> {
        let signer = self.tree.as_ref()?.keys.signers().next()?;
        let kid = signer.vkey().to_string();
        let header = serde_json::json!({ "alg": "EdDSA", "kid": kid, "typ": "remit-receipt+jwt" });
        let payload = serde_json::json!({
            "decision_id": receipt.decision_id,
            "iat": now.unix_ms().div_euclid(1_000),
            "index": receipt.seq,
            "leaf_hash": receipt.leaf_hash,
            "origin": signer.vkey().name(),
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&payload));
        let signature = URL_SAFE_NO_PAD.encode(signer.sign(signed.as_bytes()));
        Some(format!("{signed}.{signature}"))
    }

    /// Stops the ledger for good: somebody remembers what it does not have.
    pub fn refuse(&self, cause: String) {
        self.shared.poison(cause);
    }

    fn signed_tree(&self) -> Result<&Arc<SignedTree>, TreeError> {
        self.tree.as_ref().ok_or(TreeError::NoKey)
    }

    /// Records which keys began or ceased to sign since the last start.
    pub(crate) fn record_keys(&self, now: Timestamp) -> Result<(), LedgerError> {
        let Some(tree) = &self.tree else { return Ok(()) };
        let disk = |source| LedgerError::Disk { path: VKEYS.to_owned(), source };
        let known = tree.storage.note(VKEYS).map_err(disk)?.unwrap_or_default();
        let known = String::from_utf8_lossy(&known).into_owned();
        let now_in_force: Vec<String> = self.vkeys().iter().map(Vkey::to_string).collect();
        let before: Vec<&str> = known.lines().collect();
        let began = if before.is_empty() { "created" } else { "added" };
        let added = now_in_force.iter().filter(|key| !before.contains(&key.as_str()));
        let retired = before.iter().filter(|key| !now_in_force.iter().any(|it| it == *key));
        let changes = added.map(|key| (key.as_str(), began)).chain(retired.map(|key| (*key, "retired")));
        let mut changed = false;
        for (vkey, what) in changes {
            let body = Body::KeyChanged(KeyChanged {
                algorithm: "ed25519".to_owned(),
                name: tree.keys.origin().to_owned(),
                time: now,
                vkey: vkey.to_owned(),
                what: what.to_owned(),
            });
            let _receipt = self.append_blocking(body).map_err(LedgerError::Unrecorded)?;
            changed = true;
        }
        if changed {
            let text: String = now_in_force.iter().map(|key| format!("{key}\n")).collect();
            tree.storage.put_note(VKEYS, text.as_bytes()).map_err(disk)?;
        }
        Ok(())
    }
}
