//! Erases what is kept of a person: the questions asked for them and what was done in their transactions. Records stay,
//! under a pseudonym; destroying the key of its epoch makes that one anonymous.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use remit_ledger::{Beside, Body, Entity, Erased, Keys, Ledger, LedgerOptions, Record};
use remit_model::{EntityRef, Timestamp};
use remit_state::Change;

use crate::history;
use crate::pdp::{LEDGER_KEY, open_pseudonyms};
use crate::record;
use crate::reviews::Rows;

/// Whose data are to go, and why.
#[derive(Debug, Clone)]
pub struct Request {
    /// The person.
    pub person: EntityRef,
    /// Who has it done.
    pub author: Option<String>,
    /// Why, without naming anybody.
    pub why: String,
    /// The file of the key that signs the heads, when it is not in the data directory.
    pub key: Option<PathBuf>,
}

/// Erases in the data directory of a decision point that is not running; says beside how many records.
///
/// # Errors
/// The ledger is in use or damaged, the keys of pseudonyms cannot be read, or the disk refuses.
pub fn erase(data: &Path, request: &Request, now: Timestamp) -> Result<u64, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let pseudonyms = open_pseudonyms(data).map_err(|error| text(&error))?;
    let person = &request.person;
    let names = pseudonyms.all_of(person.kind.as_str(), &person.id);
    let options = LedgerOptions::new(format!("remit-erase-{}", std::process::id()), record::time(now));
    // INVARIANT: a ledger whose heads are signed is checked against the last of them before anything is erased.
    let own = data.join(LEDGER_KEY);
    let key = request.key.clone().or_else(|| own.is_file().then_some(own));
    let keys = key.map(|path| Keys::read(&path)).transpose().map_err(|error| text(&error))?;
    let options = LedgerOptions { keys, ..options };
    let (ledger, _) = Ledger::open(&data.join("ledger"), options).map_err(|error| text(&error))?;
    let mut theirs: HashSet<String> = HashSet::new();
    let select = |record: &Record, beside: &Beside| match &record.body {
        Body::Decision(it) => {
            it.subject.as_ref().is_some_and(|subject| is_theirs(subject, person, &names))
                || it.transaction.as_ref().is_some_and(|id| theirs.contains(id))
        }
        Body::Transaction(it) => {
            if opens_for(beside, person) {
                theirs.insert(it.transaction.clone());
            }
            theirs.contains(&it.transaction)
        }
        Body::Consent(it) => is_theirs(&it.subject, person, &names),
        Body::Signal(it) => is_theirs(&it.subject, person, &names),
        Body::Review(_) => names_in_rows(beside, person),
        _ => false,
    };
    let why = Erased {
        author: request.author.clone(),
        records: 0,
        time: record::time(now),
        why: request.why.clone(),
    };
    let erased = ledger.erase((0, u64::MAX), why, select).map_err(|error| text(&error))?;
    ledger.close().map_err(|error| text(&error))?;
    // INVARIANT: no copy is left: the next start rebuilds the snapshot from what the log still tells.
    history::forget_snapshot(data).map_err(|error| text(&error))?;
    Ok(erased)
}

/// Whether a row of a review names the person.
fn names_in_rows(beside: &Beside, person: &EntityRef) -> bool {
    let Beside::Content(content) = beside else { return false };
    let rows = serde_json::from_str::<Rows>(content);
    rows.is_ok_and(|rows| rows.name(&format!("{}:{}", person.kind.as_str(), person.id)))
}

/// Whether the entity of a record is the person, under the own id or a pseudonym.
fn is_theirs(of: &Entity, person: &EntityRef, names: &[String]) -> bool {
    let id = of.id.as_deref().filter(|_| of.kind == person.kind.as_str());
    id.is_some_and(|id| *id == *person.id || names.iter().any(|name| name == id))
}

fn opens_for(beside: &Beside, person: &EntityRef) -> bool {
    let Beside::Content(text) = beside else { return false };
    matches!(Change::from_json(text), Ok(Change::Opened(opened)) if opened.subject == *person)
}
