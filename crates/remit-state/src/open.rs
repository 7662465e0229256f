//! Opening a transaction, and narrowing a child from it.

use std::collections::BTreeSet;
use std::sync::Arc;

use remit_model::narrow::{Containment, widenings};
use remit_model::transaction::{follows, usable};
use remit_model::{DelegationChain, Intent, Status, Timestamp, Transaction};

use crate::change::Change;
use crate::limits::MAX_ID_BYTES;
use crate::refusal::Refused;
use crate::reservation::{Held, Reservation};
use crate::state::State;
use crate::table::Table;

/// What a transaction begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Its id: the token's `txn`, or a fresh one.
    pub id: String,
    /// The goal.
    pub intent: Intent,
    /// When it ends; a child ends with its parent at the latest.
    pub expires: Timestamp,
    /// Who acts at the opening.
    pub chain: Option<DelegationChain>,
}

impl State {
    /// Opens a transaction. It is there once the reservation is committed.
    ///
    /// # Errors
    /// The id is taken or being opened, the intent or the times are unusable, or no more can be held.
    pub fn open(&self, opening: Opening, now: Timestamp) -> Result<Reservation, Refused> {
        let mut table = self.inner.write();
        self.admit(&mut table, &opening, now)?;
        let transaction = first_version(opening, None, now)?;
        Ok(self.begin(&mut table, transaction))
    }

    /// Opens a child that must be inside its parent. It begins with what the parent has done, learned and is labelled
    /// with; its steps count against the parent too.
    ///
    /// # Errors
    /// As [`State::open`]; also when the parent is unknown, ended, or the chain does not continue the parent's; and
    /// with every field in which the child is wider.
    pub fn child(
        &self,
        parent: &str,
        opening: Opening,
        graph: &dyn Containment,
        now: Timestamp,
    ) -> Result<Reservation, Refused> {
        // Comparing asks the graph and takes its time: not under the lock. Intents never change.
        let known = self.get(parent).ok_or_else(|| Refused::Unknown(parent.to_owned()))?;
        let wider = widenings(&opening.intent, &known.intent, graph);
        if !wider.is_empty() {
            return Err(Refused::Widened(wider));
        }
        let mut table = self.inner.write();
        let lineage = table.lineage(parent);
        let Some(above) = lineage.first() else { return Err(Refused::Unknown(parent.to_owned())) };
        lineage.iter().try_for_each(|transaction| usable(transaction, now))?;
        follows(above, Some(&opening.intent.subject), false, opening.chain.as_ref())?;
        if lineage.len() > self.inner.limits.generations {
            return Err(Refused::Full("generations"));
        }
        self.admit(&mut table, &opening, now)?;
        let transaction = first_version(opening, Some(above), now)?;
        Ok(self.begin(&mut table, transaction))
    }

    fn admit(&self, table: &mut Table, opening: &Opening, now: Timestamp) -> Result<(), Refused> {
        let id = &opening.id;
        if id.is_empty() || id.len() > MAX_ID_BYTES || id.chars().any(char::is_control) {
            return Err(Refused::Malformed("the id must have 1 to 256 bytes and no control characters"));
        }
        let names: BTreeSet<&str> = opening.intent.tasks.iter().map(|task| task.name.as_str()).collect();
        if names.len() != opening.intent.tasks.len() || names.len() > remit_model::limits::MAX_TASKS {
            return Err(Refused::Malformed("an intent has at most 256 tasks, each with a name of its own"));
        }
        if table.held.contains_key(id) || table.gone.contains_key(id) {
            return Err(Refused::Taken(id.clone()));
        }
        if table.busy.contains(&key(id)) {
            return Err(Refused::Busy(id.clone()));
        }
        let full = |table: &Table| {
            table.held.len() + table.gone.len() + table.busy.len() >= self.inner.limits.transactions
        };
        if full(table) {
            table.sweep(now);
        }
        if full(table) { Err(Refused::Full("transactions")) } else { Ok(()) }
    }

    fn begin(&self, table: &mut Table, transaction: Transaction) -> Reservation {
        let key = key(&transaction.id);
        table.busy.insert(key.clone());
        let number = table.begin();
        Reservation::new(&self.inner, number, Change::Opened(Box::new(transaction)), Held::Key(key))
    }
}

fn key(id: &str) -> String {
    format!("open {id}")
}

fn first_version(
    opening: Opening,
    parent: Option<&Transaction>,
    now: Timestamp,
) -> Result<Transaction, Refused> {
    let Opening { id, intent, expires, chain } = opening;
    let expires = parent.map_or(expires, |parent| expires.min(parent.expires));
    if expires <= now {
        return Err(Refused::Malformed("a transaction must end later than it begins"));
    }
    let named = parent.map_or_else(|| intent.named(), |parent| intent.named().and(&parent.named));
    let inherited = parent.map(|parent| {
        let done = parent.steps.iter().filter(|step| !step.pending);
        parent.inherited.iter().chain(done).cloned().collect()
    });
    let opened = Transaction {
        id,
        parent: parent.map(|parent| parent.id.clone()),
        hash: intent.hash(),
        named: Arc::new(named),
        status: Status::Open,
        opened: now,
        expires,
        subject: intent.subject.clone(),
        chain,
        inherited: inherited.unwrap_or_default(),
        steps: Vec::new(),
        labels: parent.map(|parent| parent.labels.clone()).unwrap_or_default(),
        created: parent.map(|parent| Arc::clone(&parent.created)).unwrap_or_default(),
        outcomes: parent.map(|parent| parent.outcomes.clone()).unwrap_or_default(),
        version: 0,
        intent: Arc::new(intent),
    };
    follows(&opened, Some(&opened.subject), false, opened.chain.as_ref())?;
    Ok(opened)
}
