//! The state as bytes, so that a start need not read the whole ledger. What is pending is not part of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use remit_model::{EntityRef, Grant, Seen, Timestamp, Transaction};
use serde::{Deserialize, Serialize};

use crate::limits::Limits;
use crate::marks::Marks;
use crate::state::State;
use crate::table::Table;

/// The format written; another one is refused, and the state rebuilt from the ledger.
const FORMAT: u32 = 4;

/// Why bytes are no snapshot. Rebuild from the ledger instead.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotFault {
    /// The bytes are not JSON of this shape.
    #[error("the snapshot cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// Another release wrote it.
    #[error("the snapshot has format {0}, not {FORMAT}")]
    Format(u32),
    /// A child whose parent is missing.
    #[error("the snapshot holds `{0}` without its parent")]
    Orphan(String),
}

/// A moment: the reservations made before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(u64);

#[derive(Serialize, Deserialize)]
struct Written {
    format: u32,
    transactions: Vec<Transaction>,
    marks: BTreeMap<String, Marks>,
    gone: BTreeMap<String, Timestamp>,
    consents: Vec<Grant>,
    seen: Vec<(EntityRef, Arc<Seen>)>,
    used: Vec<(EntityRef, Arc<Seen>)>,
    ended: Vec<(EntityRef, Timestamp)>,
}

impl State {
    /// Marks this moment. Read the head of the ledger first, then mark, wait until [`State::has_passed`], then take
    /// the snapshot: it holds every change up to that head.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark(self.inner.read().reservations)
    }

    /// True when every reservation made before the mark is committed or dropped.
    #[must_use]
    pub fn has_passed(&self, mark: Mark) -> bool {
        self.inner.read().open.first().is_none_or(|oldest| *oldest > mark.0)
    }

    /// Everything that is committed, as of one moment. Changes it holds may be applied again on what is restored;
    /// those it does not hold must be: see [`State::mark`].
    ///
    /// # Errors
    /// None in practice: every member has a JSON form.
    pub fn snapshot(&self) -> Result<Vec<u8>, SnapshotFault> {
        let (held, marks, gone, (mut consents, mut seen, mut used, mut ended)) = {
            let table = self.inner.read();
            let held: Vec<Arc<Transaction>> =
                table.held.values().map(|entry| Arc::clone(&entry.now)).collect();
            let marks = table.marks.iter().map(|(root, marks)| (root.clone(), marks.clone())).collect();
            let gone = table.gone.iter().map(|(id, until)| (id.clone(), *until)).collect();
            let consents: Vec<Grant> = table.consents.all().cloned().collect();
            let seen: Vec<_> =
                table.signals.seen.iter().map(|(of, seen)| (of.clone(), Arc::clone(seen))).collect();
            let used: Vec<_> =
                table.signals.used.iter().map(|(of, used)| (of.clone(), Arc::clone(used))).collect();
            let ended: Vec<_> = table.signals.ended.iter().map(|(of, until)| (of.clone(), *until)).collect();
            (held, marks, gone, (consents, seen, used, ended))
        };
        let mut transactions: Vec<Transaction> =
            held.iter().map(|transaction| settled(transaction)).collect();
        transactions.sort_by(|a, b| a.id.cmp(&b.id));
        // Stable: the order of granting stays, within a person.
        consents.sort_by(|a, b| a.subject.cmp(&b.subject));
        seen.sort_by(|a, b| a.0.cmp(&b.0));
        used.sort_by(|a, b| a.0.cmp(&b.0));
        ended.sort();
        serde_json::to_vec(&Written {
            format: FORMAT,
            transactions,
            marks,
            gone,
            consents,
            seen,
            used,
            ended,
        })
        .map_err(SnapshotFault::Unreadable)
    }

    /// The state that [`State::snapshot`] wrote.
    ///
    /// # Errors
    /// The bytes are no snapshot of this format, or not a whole one.
    pub fn restore(bytes: &[u8], limits: Limits) -> Result<Self, SnapshotFault> {
        let written: Written = serde_json::from_slice(bytes).map_err(SnapshotFault::Unreadable)?;
        if written.format != FORMAT {
            return Err(SnapshotFault::Format(written.format));
        }
        let mut table = Table {
            gone: written.gone.into_iter().collect(),
            marks: written.marks.into_iter().collect(),
            ..Table::default()
        };
        written.consents.iter().for_each(|grant| {
            let _ = table.consents.grant(grant);
        });
        table.signals.seen = written.seen.into_iter().collect();
        table.signals.used = written.used.into_iter().collect();
        table.signals.ended = written.ended.into_iter().collect();
        let mut waiting = written.transactions;
        // Parents first: each round takes in one generation.
        while !waiting.is_empty() {
            let there =
                |it: &Transaction| it.parent.as_ref().is_none_or(|parent| table.held.contains_key(parent));
            let (ready, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(there);
            if ready.is_empty() {
                let orphan = rest.into_iter().next().map(|it| it.id).unwrap_or_default();
                return Err(SnapshotFault::Orphan(orphan));
            }
            ready.into_iter().for_each(|transaction| table.hold(transaction));
            waiting = rest;
        }
        Ok(Self::with_table(limits, table))
    }
}

/// Without what is pending, and without the count of versions, which means nothing to another process.
fn settled(transaction: &Transaction) -> Transaction {
    let mut settled = transaction.clone();
    settled.steps.retain(|step| !step.pending);
    settled.version = 0;
    settled
}
