//! Records as they stand in the log, unread, and decisions as far as deciding them again looks into them: for those who
//! read everything and keep little. The log is checked on the way as by [`crate::read_whole`].

use crate::aside::{self, Beside};
use crate::errors::{Fault, FaultKind};
use crate::record::{Decision, Effect, Mode, ObligationNote, Record};
use crate::segment;
use crate::storage::Directory;
use crate::time::Timestamp;
use crate::verify::advance;
use crate::walk::{Place, Walk};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

/// Reads records in order without reading what they say.
pub struct RawRecords {
    walk: Result<Box<Walk>, Option<Fault>>,
    from_seq: u64,
    to_seq: u64,
}

/// A record and what stands beside it, as bytes.
#[derive(Clone, Copy)]
pub struct Raw<'a> {
    /// The record.
    pub record: &'a [u8],
    /// What stands beside it.
    pub aside: Option<&'a [u8]>,
    /// Where it stands.
    pub spot: Spot,
}

impl Raw<'_> {
    /// What stands beside this record; none when it is not what the record commits to.
    #[must_use]
    pub fn beside(&self, record: &Record) -> Option<Beside> {
        Beside::of(record.body.aside(), self.aside)
    }
}

/// Where a record stands.
#[derive(Debug, Clone, Copy)]
pub struct Spot(Place);

impl Spot {
    /// Its number.
    #[must_use]
    pub fn seq(self) -> u64 {
        self.0.seq
    }

    /// What is wrong with the record that stands here.
    #[must_use]
    pub fn fault(self, kind: FaultKind) -> Fault {
        Fault { file: segment::name(self.0.segment), offset: self.0.offset, seq: self.0.seq, kind }
    }
}

/// The records from `from_seq` up to and including `to_seq`, in order; as [`crate::read_whole`].
#[must_use]
pub fn read_raw(dir: &Path, from_seq: u64, to_seq: u64) -> RawRecords {
    let walk = Walk::from(Arc::new(Directory::at(dir)), from_seq);
    RawRecords { walk: walk.map(Box::new).map_err(Some), from_seq, to_seq }
}

impl RawRecords {
    /// The next record; none at the end of the log and after a fault.
    ///
    /// # Errors
    /// The first place that is not as it was written.
    pub fn step(&mut self) -> Result<Option<Raw<'_>>, Fault> {
        let walk = match &mut self.walk {
            Ok(walk) => walk,
            Err(fault) => return fault.take().map_or(Ok(None), Err),
        };
        match advance(walk, self.from_seq, self.to_seq) {
            Ok(None) => Ok(None),
            Ok(Some(place)) => match &self.walk {
                Ok(walk) => Ok(Some(Raw { record: walk.record(), aside: walk.aside(), spot: Spot(place) })),
                Err(_) => Ok(None),
            },
            Err(fault) => {
                self.walk = Err(None);
                Err(fault)
            }
        }
    }
}

/// Text that borrows from the record where it can.
#[derive(Debug, Clone, Deserialize)]
pub struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// What a record is, as far as deciding again looks into it.
#[derive(Debug)]
pub enum Seen<'a> {
    /// A decision.
    Decision(Box<Decided<'a>>),
    /// Anything else, whole.
    Other(Box<Record>),
}

/// A decision: what was asked, what was answered and why. See [`crate::DecisionRecord`] for each.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Decided<'a> {
    #[serde(borrow)]
    pub action: Option<Text<'a>>,
    #[serde(borrow)]
    pub actor: Option<Party<'a>>,
    #[serde(borrow)]
    pub aside: Option<Text<'a>>,
    /// How many agents there are is all that is read of them.
    #[serde(default)]
    pub chain: Vec<serde::de::IgnoredAny>,
    pub decision: Option<Decision>,
    #[serde(borrow)]
    pub decision_id: Text<'a>,
    #[serde(borrow, default)]
    pub failures: Vec<Text<'a>>,
    #[serde(borrow)]
    pub graph: State<'a>,
    #[serde(borrow, default)]
    pub missing: Vec<Text<'a>>,
    pub mode: Mode,
    #[serde(borrow)]
    obligations: Option<&'a RawValue>,
    #[serde(borrow)]
    pub pep: Text<'a>,
    #[serde(borrow)]
    pub policy: State<'a>,
    #[serde(borrow)]
    pub reason: Text<'a>,
    #[serde(borrow)]
    pub resource: Option<Party<'a>>,
    #[serde(borrow, default)]
    pub rules: Vec<Rule<'a>>,
    #[serde(borrow)]
    pub severity: Option<Text<'a>>,
    #[serde(borrow)]
    pub subject: Option<Party<'a>>,
    #[serde(borrow)]
    pub task: Option<Text<'a>>,
    pub time: Timestamp,
    #[serde(borrow)]
    pub transaction: Option<Text<'a>>,
}

impl Decided<'_> {
    /// Whether exactly these obligations went out with the answer.
    #[must_use]
    pub fn obliged(&self, notes: &[ObligationNote]) -> bool {
        // A record has one form for one content.
        match self.obligations {
            None => notes.is_empty(),
            Some(written) => serde_json::to_string(notes).is_ok_and(|ours| ours == written.get()),
        }
    }
}

/// See [`crate::Entity`].
#[derive(Debug, Deserialize)]
pub struct Party<'a> {
    /// The id.
    #[serde(borrow)]
    pub id: Option<Text<'a>>,
    /// The type.
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
}

/// See [`crate::Revision`].
#[derive(Debug, Deserialize)]
pub struct State<'a> {
    /// SHA-256 of the whole, in hex.
    #[serde(borrow)]
    pub digest: Text<'a>,
    /// Its number.
    pub revision: u64,
}

/// See [`crate::RuleUse`].
#[derive(Debug, Deserialize)]
pub struct Rule<'a> {
    /// What it says.
    pub effect: Effect,
    /// `package.name@version`
    #[serde(borrow)]
    pub rule: Text<'a>,
}

/// The kind of a record, without reading the rest; none when its end is not as it is written.
#[must_use]
pub fn kind(record: &[u8]) -> Option<&str> {
    crate::record::kind(record)
}

/// When what a record tells happened, without reading the rest.
///
/// # Errors
/// When it is not JSON, or names no time.
pub fn time(record: &[u8]) -> serde_json::Result<Timestamp> {
    #[derive(Deserialize)]
    struct Whole {
        body: Body,
    }
    #[derive(Deserialize)]
    struct Body {
        time: Timestamp,
    }
    serde_json::from_slice::<Whole>(record).map(|whole| whole.body.time)
}

/// Reads the bytes of a record.
///
/// # Errors
/// When they are not a record of this schema.
pub fn see(record: &[u8]) -> serde_json::Result<Seen<'_>> {
    match decided(record)? {
        Some(decided) => Ok(Seen::Decision(decided)),
        None => Record::parse(record).map(|record| Seen::Other(Box::new(record))),
    }
}

/// Reads the bytes of a record that is a decision; none when it is not, or not as it is written.
///
/// # Errors
/// When it is not text.
pub fn decided(record: &[u8]) -> serde_json::Result<Option<Box<Decided<'_>>>> {
    #[derive(Deserialize)]
    struct Whole<'a> {
        #[serde(borrow)]
        body: Decided<'a>,
        #[serde(borrow)]
        kind: Text<'a>,
        schema: u64,
    }
    if kind(record) != Some("decision") {
        return Ok(None);
    }
    // All of it is looked at once for being text, instead of each value.
    let text = std::str::from_utf8(record).map_err(serde::de::Error::custom)?;
    let whole = serde_json::from_str::<Whole<'_>>(text).ok();
    let whole = whole.filter(|whole| &*whole.kind == "decision" && whole.schema == crate::record::SCHEMA);
    Ok(whole.map(|whole| Box::new(whole.body)))
}

/// What was found beside a record, read as something.
#[derive(Debug)]
pub enum Found<T> {
    /// The record names nothing.
    Nothing,
    /// What it names was erased since.
    Erased,
    /// The content, or why it is not what was expected.
    Content(serde_json::Result<T>),
}

/// Reads what stands beside a record; none when it is not what the record commits to.
#[must_use]
pub fn beside<'a, T: Deserialize<'a>>(committed: Option<&str>, found: Option<&'a [u8]>) -> Option<Found<T>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Salted<'a, T> {
        #[serde(rename = "salt", borrow)]
        _salt: Cow<'a, str>,
        content: T,
    }
    let Some(bytes) = found.filter(|_| aside::fits(committed, found)) else {
        return (committed.is_none() && found.is_none()).then_some(Found::Nothing);
    };
    if aside::is_erased(bytes) {
        return Some(Found::Erased);
    }
    let text = std::str::from_utf8(bytes).map_err(serde::de::Error::custom);
    let salted = text.and_then(serde_json::from_str::<Salted<'_, T>>);
    Some(Found::Content(salted.map(|salted| salted.content)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Body, DecisionRecord};
    use crate::{Aside, Durability, Entry, Ledger, LedgerOptions};

    fn full() -> DecisionRecord {
        crate::record::tests::full()
    }

    #[test]
    fn what_is_seen_of_a_decision_is_what_the_whole_record_says() {
        let dir = tempfile::tempdir().unwrap();
        let options =
            LedgerOptions { durability: Durability::Relaxed, ..LedgerOptions::new("raw", Timestamp::MIN) };
        let (ledger, _) = Ledger::open(dir.path(), options).unwrap();
        let aside = Aside::new(&["asked"], [1; 16]).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let decision = Entry::new(Body::Decision(Box::new(full())), aside);
        let started = crate::Started { config_digest: None, time: Timestamp::MIN, version: "1".into() };
        let entries = vec![decision, Entry::from(Body::Started(started))];
        assert_eq!(runtime.block_on(ledger.append_all(entries)).unwrap().len(), 2);
        ledger.close().unwrap();

        let mut raw = read_raw(dir.path(), 0, u64::MAX);
        let first = raw.step().unwrap().unwrap();
        let Seen::Decision(seen) = see(first.record).unwrap() else { panic!("a decision") };
        let whole = full();
        assert_eq!(
            (&*seen.decision_id, &*seen.reason, seen.decision),
            (&*whole.decision_id, "permitted", whole.decision)
        );
        assert!(!whole.obligations.is_empty() && seen.obliged(&whole.obligations) && !seen.obliged(&[]));
        assert_eq!((&*seen.policy.digest, seen.policy.revision), (&*whole.policy.digest, 9));
        let rules: Vec<_> = seen.rules.iter().map(|it| (it.effect, it.rule.to_string())).collect();
        assert_eq!(rules, [(Effect::Permit, "shop.refunds@2".to_owned())]);
        let committed = seen.aside.as_deref();
        let content = beside::<Vec<&str>>(committed, first.aside);
        assert!(matches!(content, Some(Found::Content(Ok(content))) if content == ["asked"]));
        assert!(beside::<Vec<&str>>(committed, Some(b"other")).is_none());
        assert!(beside::<Vec<&str>>(committed, None).is_none());
        assert!(matches!(beside::<Vec<&str>>(committed, Some(b"   ")), Some(Found::Erased)));
        assert!(matches!(beside::<Vec<&str>>(None, None), Some(Found::Nothing)));

        let second = raw.step().unwrap().unwrap();
        assert_eq!(second.spot.seq(), 1);
        assert!(matches!(see(second.record), Ok(Seen::Other(record)) if record.body.kind() == "started"));
        assert_eq!((kind(second.record), time(second.record).unwrap()), (Some("started"), Timestamp::MIN));
        assert!(raw.step().unwrap().is_none());
        assert!(see(b"{}").is_err());
    }
}
