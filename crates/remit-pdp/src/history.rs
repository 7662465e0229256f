//! The state of transactions across restarts: a projection of the ledger, with a snapshot that only saves time.

use std::io::Write as _;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::{Duration, Instant};

use remit_ledger::{Beside, Body, Decision, Ledger, Record, SignalSeen};
use remit_model::{EntityRef, Name, Signal};
use remit_state::{Change, Limits, State};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::bundle::hex;
use crate::incidents::Incidents;
use crate::kept::Kept;
use crate::pdp::Pdp;
use crate::standing;

/// How long a snapshot waits for steps that are being recorded.
// WHY: a record takes milliseconds; one that takes longer makes the next snapshot, not this one.
const PATIENCE: Duration = Duration::from_secs(2);

const TRANSACTIONS: &str = "transactions.snapshot";
const INCIDENTS: &str = "incidents.snapshot";

/// The first line of the file; the rest is the snapshot.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    /// Changes of records before this one are in it.
    records: u64,
    sha256: String,
}

/// The state as the ledger tells it, starting from the snapshots when they are whole; incidents are taken in beside.
///
/// # Errors
/// A record is damaged or holds a change that cannot be read: then the state is not known.
pub fn restore(data: &Path, ledger: &Ledger, incidents: &Incidents) -> Result<State, String> {
    let (first, size) = (ledger.first(), ledger.extent().size);
    let known = snapshot(data, TRANSACTIONS, first..=size);
    let (state, state_from) = match known.map(|(content, records)| (state_of(&content), records)) {
        Some((Some(state), records)) => (state, records),
        _ => (State::new(Limits::default()), first),
    };
    let known = snapshot(data, INCIDENTS, first..=size);
    let incidents_from =
        known.filter(|(content, _)| incidents.restore(content)).map_or(first, |(_, records)| records);
    let from = state_from.min(incidents_from);
    let Some(last) = size.checked_sub(1).filter(|last| *last >= from) else { return Ok(state) };
    for found in remit_ledger::read_whole(&data.join("ledger"), from, last) {
        let (record, beside) = found.map_err(|fault| fault.to_string())?;
        if record.seq >= state_from {
            take_in(&state, &record, &beside)?;
        }
        if let Body::Incident(incident) = &record.body
            && record.seq >= incidents_from
        {
            incidents.take_in(record.seq, incident);
        }
    }
    Ok(state)
}

fn state_of(content: &[u8]) -> Option<State> {
    let restored = State::restore(content, Limits::default());
    restored
        .inspect_err(
            |fault| tracing::warn!(%fault, "the snapshot of transactions cannot be read; it is rebuilt"),
        )
        .ok()
}

/// Applies what a record changes, if anything.
///
/// # Errors
/// What stands beside it cannot be read.
pub(crate) fn take_in(state: &State, record: &Record, beside: &Beside) -> Result<(), String> {
    if let Body::Decision(it) = &record.body
        && let Some(told) = standing::told(it)
    {
        apply(state, Some(&told));
    }
    match (&record.body, beside) {
        (Body::Decision(it), Beside::Content(text)) if it.transaction.is_some() => {
            let kept: Kept<'_> = serde_json::from_str(text).map_err(|error| unreadable(record, &error))?;
            apply(state, kept.change.as_deref());
        }
        (Body::Transaction(_) | Body::Consent(_) | Body::Signal(_), Beside::Content(text)) => {
            let change = Change::from_json(text).map_err(|error| unreadable(record, &error))?;
            apply(state, Some(&change));
        }
        // INVARIANT: what was done in a transaction is known whole or nothing more is allowed in it.
        (Body::Transaction(it), Beside::Erased) => forget(state, &it.transaction),
        (Body::Decision(it), Beside::Erased) => {
            if let Some(id) = it.transaction.as_deref().filter(|_| it.decision == Some(Decision::Allow)) {
                forget(state, id);
            }
        }
        (Body::Signal(it), Beside::Erased) => apply(state, ended(it).as_ref()),
        // A consent of which nothing is known any more is none.
        _ => {}
    }
    Ok(())
}

fn apply(state: &State, change: Option<&Change>) {
    if let Some(change) = change {
        let _ = state.apply(change);
    }
}

/// What stays of a signal that ended sessions when it was erased: the end, for whoever has the pseudonym.
fn ended(seen: &SignalSeen) -> Option<Change> {
    let at = standing::instant(seen.ended?)?;
    let party = EntityRef::new(Name::new(&seen.subject.kind).ok()?, seen.subject.id.as_deref()?);
    let revoked = Signal::new(&format!("erased at {at}"), party, Name::new("session_revoked").ok()?, at);
    Some(Change::Observed(Box::new(revoked)))
}

fn forget(state: &State, id: &str) {
    let _ = state.apply(&Change::Revoked { transaction: id.to_owned() });
}

fn unreadable(record: &Record, error: &serde_json::Error) -> String {
    format!("what stands beside record {} cannot be read: {error}", record.seq)
}

/// A snapshot that is whole and of this log; a damaged one is as good as none. So is one from before the first record
/// that is left: what changed in between is gone, and what is not over rests on none of it.
fn snapshot(data: &Path, file: &str, sizes: RangeInclusive<u64>) -> Option<(Vec<u8>, u64)> {
    let bytes = std::fs::read(data.join(file)).ok()?;
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    let head: Head = serde_json::from_slice(line).ok()?;
    let content = rest.get(1..)?;
    if head.sha256 != hex(&Sha256::digest(content)) || !sizes.contains(&head.records) {
        tracing::warn!(file, "a snapshot is not of this ledger; it is rebuilt");
        return None;
    }
    Some((content.to_vec(), head.records))
}

impl Pdp {
    /// Writes a snapshot of the transactions, so that the next start need not read the whole ledger, and forgets what
    /// has been over for long. Blocks on the disk.
    pub fn save_transactions(&self) {
        if let Ok(now) = self.now() {
            self.state.sweep(now);
        }
        let records = self.ledger.extent().size;
        let mark = self.state.mark();
        let began = Instant::now();
        while !self.state.has_passed(mark) {
            if began.elapsed() > PATIENCE {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let written = self.state.snapshot().map_err(|fault| fault.to_string());
        let write =
            |file, bytes: Vec<u8>| write(&self.data, file, records, &bytes).map_err(|it| it.to_string());
        let written = written.and_then(|bytes| write(TRANSACTIONS, bytes));
        let written = written.and_then(|()| write(INCIDENTS, self.incidents.snapshot()?));
        if let Err(error) = written {
            tracing::warn!(error, "a snapshot could not be written");
        }
    }
}

/// Removes the snapshot of transactions, which holds values; the next start rebuilds it.
pub(crate) fn forget_snapshot(data: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(data.join(TRANSACTIONS)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Temporary file, sync, rename: a reader sees the old one or the new one.
fn write(data: &Path, file: &str, records: u64, content: &[u8]) -> std::io::Result<()> {
    let path = data.join(file);
    let temporary = path.with_extension("tmp");
    let mut file = std::fs::File::create(&temporary)?;
    serde_json::to_writer(&mut file, &Head { records, sha256: hex(&Sha256::digest(content)) })?;
    file.write_all(b"\n")?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&temporary, &path)
}
