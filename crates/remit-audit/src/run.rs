//! Runs a question against a log.

use std::collections::{BTreeMap, BTreeSet};

use remit_ledger::{Ledger, QueryError, Reading, Row, Scan, Scanned, Step};
use remit_model::{Timestamp, Value as Constant};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::answer::{Answer, Evidence, Head, NoGap, Proof, Proved};
use crate::error::AskError;
use crate::given::Given;
use crate::group::{COUNTED, Groups};
use crate::limits::{PROOFS, SKIPPED};
use crate::list::{self, Item, Wanted};
use crate::plan::Plan;
use crate::question::Question;
use crate::vocabulary::Words;

/// A log that can be asked: of a running service, or a directory.
pub trait Log {
    /// How many records it holds.
    fn size(&self) -> u64;

    /// Shows its records to a visitor; see [`Ledger::scan`].
    ///
    /// # Errors
    /// When the log is damaged where it is read.
    fn scan<T>(
        &self,
        scan: &Scan,
        begin: impl Fn() -> T,
        visit: impl FnMut(&mut T, &Row<'_>) -> Step,
    ) -> Result<Scanned<T>, QueryError>;

    /// These records with their proofs; see [`Ledger::prove`].
    ///
    /// # Errors
    /// When the log is damaged where it is read.
    fn prove(&self, seqs: &BTreeSet<u64>) -> Result<Vec<remit_ledger::Proved>, QueryError>;
}

impl Log for Ledger {
    fn size(&self) -> u64 {
        self.extent().size
    }

    fn scan<T>(
        &self,
        scan: &Scan,
        begin: impl Fn() -> T,
        visit: impl FnMut(&mut T, &Row<'_>) -> Step,
    ) -> Result<Scanned<T>, QueryError> {
        Ledger::scan(self, scan, begin, visit)
    }

    fn prove(&self, seqs: &BTreeSet<u64>) -> Result<Vec<remit_ledger::Proved>, QueryError> {
        Ledger::prove(self, seqs)
    }
}

impl Log for Reading {
    fn size(&self) -> u64 {
        self.extent().size
    }

    fn scan<T>(
        &self,
        scan: &Scan,
        begin: impl Fn() -> T,
        visit: impl FnMut(&mut T, &Row<'_>) -> Step,
    ) -> Result<Scanned<T>, QueryError> {
        Reading::scan(self, scan, begin, visit)
    }

    fn prove(&self, seqs: &BTreeSet<u64>) -> Result<Vec<remit_ledger::Proved>, QueryError> {
        Reading::prove(self, seqs)
    }
}

/// Answers a question.
///
/// # Errors
/// A question that is not one, or a log that cannot vouch for the answer; never a part of an answer.
pub fn ask(log: &impl Log, question: &Question, given: &Given<'_>) -> Result<Answer, AskError> {
    if let Some((name, _)) = given.parameters.first_key_value() {
        return Err(AskError::Parameter(format!("there is no parameter `{name}`")));
    }
    run(log, question, &Words::Plain, &[], given)
}

/// Answers a question whose texts may name parameters.
pub(crate) fn run(
    log: &impl Log,
    question: &Question,
    words: &Words,
    parameters: &[(String, Constant, bool)],
    given: &Given<'_>,
) -> Result<Answer, AskError> {
    let rows = question.rows()?;
    let cursor = Cursor::read(question, parameters)?;
    let now = cursor.as_ref().map_or(given.now, |cursor| cursor.now);
    let plan = Plan::of(question, words, parameters, now, given.alternatives)?;
    let size = match &cursor {
        Some(cursor) if cursor.size > log.size() => return Err(AskError::Cursor),
        Some(cursor) => cursor.size,
        None => log.size(),
    };
    let from = cursor.map_or(0, |it| it.from);
    let proof = question.proof || given.proof;
    let page = Page { log, question, parameters, plan: &plan, rows, size, from, now, proof };
    if question.group.is_empty() { page.list() } else { page.groups() }
}

/// One page under way.
struct Page<'a, L> {
    log: &'a L,
    question: &'a Question,
    parameters: &'a [(String, Constant, bool)],
    plan: &'a Plan,
    rows: usize,
    /// The log as it was when the first page was asked for: later pages are of the same.
    size: u64,
    /// The record the page begins with, or how many rows came before.
    from: u64,
    now: Timestamp,
    /// Whether the log itself is read and the records are proved.
    proof: bool,
}

impl<L: Log> Page<'_, L> {
    fn list(&self) -> Result<Answer, AskError> {
        let seed = self.question.sample.as_ref().map(|it| it.seed.as_str());
        let plain = self.plan.order.is_empty() && seed.is_none();
        let skip = if plain { 0 } else { self.skipped()? };
        let all = self.question.sample.as_ref().map_or(usize::MAX, |it| it.size);
        let most = (skip + self.rows + 1).min(all);
        let wanted = Wanted { plan: self.plan, most, seed };
        let start = if plain { self.from } else { 0 };
        let mut scan = self.plan.over(start..self.size);
        scan.from_log = self.proof;
        loop {
            let scanned = self.log.scan(&scan, || wanted.begin(), |found, row| wanted.visit(found, row))?;
            let rests = Rests {
                range: scanned.range,
                first: scanned.first,
                indexed: scanned.indexed,
                head: scanned.head,
            };
            let found = scanned.outcome;
            let matched = (!found.stopped && start == 0).then_some(found.matched);
            let mut records: Vec<Item> = found.records().into_iter().skip(skip).collect();
            let next = records.get(self.rows).map(|item| item.seq);
            records.truncate(self.rows);
            let seqs: Vec<u64> = records.iter().map(|item| item.seq).collect();
            let Some(rows) = self.fetched(records)? else {
                // The index said otherwise than the log: it is not asked again.
                scan.from_log = true;
                continue;
            };
            let next = next.map(|record| if plain { record } else { (skip + self.rows) as u64 });
            // A page that ends early vouches for nothing after its last row.
            let end = |last| next.filter(|_| plain).map_or(last, |it| it - 1);
            let rests = Rests { range: rests.range.map(|(first, last)| (first, end(last))), ..rests };
            return Ok(Answer {
                proof: self.proved(rests.range, &seqs)?,
                columns: self.plan.shown.iter().map(|(title, _)| title.clone()).collect(),
                rows,
                next: next.map(|from| self.cursor(from)),
                matched,
                evidence: rests.evidence(),
            });
        }
    }

    /// The rows of the records; those that only the index spoke of are read from the log, and none comes when the
    /// condition does not select one of them.
    fn fetched(&self, records: Vec<Item>) -> Result<Option<Vec<Vec<Value>>>, AskError> {
        let open: BTreeSet<u64> = records.iter().filter(|it| it.row.is_none()).map(|it| it.seq).collect();
        let mut read = BTreeMap::new();
        if let (Some(first), Some(last)) = (open.first(), open.last()) {
            let scan = Scan { range: Some(*first..last + 1), ..Scan::default() };
            let visit = |read: &mut BTreeMap<u64, Option<Vec<Value>>>, row: &Row<'_>| {
                if !open.contains(&row.seq()) {
                    return Step::Next;
                }
                if !row.is_whole() {
                    return Step::Read;
                }
                read.insert(row.seq(), list::row(self.plan, row));
                Step::Next
            };
            read = self.log.scan(&scan, BTreeMap::new, visit)?.outcome;
        }
        let row = |item: Item| item.row.or_else(|| read.remove(&item.seq).flatten());
        Ok(records.into_iter().map(row).collect())
    }

    fn groups(&self) -> Result<Answer, AskError> {
        let skip = self.skipped()?;
        let scan = Scan { from_log: self.proof, ..self.plan.over(0..self.size) };
        let scanned = self.log.scan(&scan, Groups::default, |groups, row| groups.visit(self.plan, row))?;
        if scanned.outcome.overflow {
            return Err(AskError::Groups);
        }
        let matched = Some(scanned.outcome.matched);
        let rests = Rests {
            range: scanned.range,
            first: scanned.first,
            indexed: scanned.indexed,
            head: scanned.head,
        };
        let rows = scanned.outcome.rows(self.plan);
        let more = rows.len() > skip + self.rows;
        let titles = self.plan.shown.iter().map(|(title, _)| title.as_str()).chain(COUNTED);
        Ok(Answer {
            columns: titles.map(str::to_owned).collect(),
            rows: rows.into_iter().skip(skip).take(self.rows).collect(),
            next: more.then(|| self.cursor((skip + self.rows) as u64)),
            matched,
            evidence: rests.evidence(),
            proof: self.proved(rests.range, &[])?,
        })
    }

    /// The records of the rows and the ends of the range with their proofs, when they were asked for.
    fn proved(&self, range: Option<(u64, u64)>, seqs: &[u64]) -> Result<Option<Proof>, AskError> {
        if !self.proof {
            return Ok(None);
        }
        let all = |seqs: BTreeSet<u64>| -> Result<Vec<Proved>, AskError> {
            Ok(self.log.prove(&seqs)?.into_iter().map(Proved::from).collect())
        };
        let ends = range.map(|(first, last)| BTreeSet::from([first, last])).unwrap_or_default();
        Ok(Some(Proof {
            records: all(seqs.iter().copied().take(PROOFS).collect())?,
            left_out: seqs.len().saturating_sub(PROOFS) as u64,
            ends: all(ends)?,
        }))
    }

    fn skipped(&self) -> Result<usize, AskError> {
        usize::try_from(self.from).ok().filter(|skip| *skip <= SKIPPED).ok_or(AskError::Cursor)
    }

    fn cursor(&self, from: u64) -> String {
        let now = self.now.unix_nanos();
        format!("{}.{from}.{now}.{}", self.size, mark(self.question, self.parameters))
    }
}

/// What a scan says of itself.
struct Rests {
    range: Option<(u64, u64)>,
    first: u64,
    indexed: u64,
    head: remit_ledger::Extent,
}

impl Rests {
    fn evidence(&self) -> Evidence {
        let looked_at = self.range.map_or(0, |(first, last)| last.saturating_add(1).saturating_sub(first));
        let indexed = self.indexed.min(looked_at);
        Evidence {
            range: self.range,
            no_gap: NoGap { read: looked_at - indexed, indexed },
            pruned_below: (self.first > 0).then_some(self.first),
            head: Head { size: self.head.size, hash: self.head.head.to_string() },
        }
    }
}

/// Where a page begins, in which log, and at which time the first page was asked for.
struct Cursor {
    size: u64,
    from: u64,
    now: Timestamp,
}

impl Cursor {
    fn read(question: &Question, parameters: &[(String, Constant, bool)]) -> Result<Option<Self>, AskError> {
        let Some(text) = &question.after else { return Ok(None) };
        let parts: Vec<&str> = text.split('.').collect();
        let [size, from, now, of] = parts[..] else { return Err(AskError::Cursor) };
        let now = now.parse().ok().and_then(Timestamp::from_unix_nanos);
        match (size.parse(), from.parse(), now) {
            (Ok(size), Ok(from), Some(now)) if of == mark(question, parameters) => {
                Ok(Some(Self { size, from, now }))
            }
            _ => Err(AskError::Cursor),
        }
    }
}

/// Tells questions apart, so that a cursor is not used with another.
fn mark(question: &Question, parameters: &[(String, Constant, bool)]) -> String {
    let bare = Question { after: None, limit: None, proof: false, ..question.clone() };
    let text = format!("{}\n{parameters:?}", serde_json::to_string(&bare).unwrap_or_default());
    let digest: [u8; 32] = Sha256::digest(text).into();
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
