//! What one record says: its kinds, and how it is read back. Knows no file.
//!
//! On disk a record is one line-free canonical JSON object (RFC 8785) whose members are, in this order,
//! `body`, `instance`, `kind`, `prev`, `schema`, `seq`. Everything the caller knows stands before everything
//! only the writer knows, so the caller renders and hashes nearly all of it and the writer adds the rest.

mod canonical;
mod decision;
mod event;
mod plain;

#[cfg(test)]
pub(crate) use canonical::beside;
pub(crate) use canonical::{Prepared, SCHEMA, kind, trailer};
pub use decision::{
    Decision, DecisionRecord, Effect, Entity, FactRead, Link, Mode, ObligationNote, Revision, RuleUse,
    SearchKind, Shadow,
};
pub use event::{
    ClockStepped, ConfigChanged, ConsentChanged, Disclosure, Erased, FaultNoted, Incident, IncidentEvent,
    KeyChanged, Pruned, Published, Recovered, Review, ReviewedAt, SignalSeen, Started, Stopped,
    TransactionChanged,
};
pub use plain::Plain;

use crate::{LeafHash, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The kind of record that says which old records were dropped.
const PRUNED: &str = "pruned";

/// What a caller hands over: a record without its place in the log.
///
/// `time` is what the caller's clock said and is stored as given, even when clocks go backwards: it is the
/// `now` of the decision and a replay needs it unchanged. The order of the log is `seq`, never the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A question was answered.
    Decision(Box<DecisionRecord>),
    /// A policy set went live.
    PolicyPublished(Published),
    /// A context graph went live.
    GraphPublished(Published),
    /// The service began to answer.
    Started(Started),
    /// The service stopped answering in good order.
    Stopped(Stopped),
    /// Opening the log cut a torn tail; written by the ledger itself.
    Recovered(Recovered),
    /// A setting changed while running.
    ConfigChanged(ConfigChanged),
    /// A question could not be decided.
    Fault(FaultNoted),
    /// A key began or ceased to sign the heads of the log; written by the ledger itself.
    KeyChanged(KeyChanged),
    /// A transaction was opened, narrowed, reported on, revoked or closed.
    Transaction(TransactionChanged),
    /// A consent was given or withdrawn.
    Consent(Box<ConsentChanged>),
    /// Something was seen of a party.
    Signal(Box<SignalSeen>),
    /// What stood beside records was erased.
    Erased(Erased),
    /// Something happened to an incident.
    Incident(Box<Incident>),
    /// The wall clock jumped.
    ClockStepped(ClockStepped),
    /// Old records are dropped; written by the ledger itself.
    Pruned(Pruned),
    /// Rights were certified.
    Review(Box<Review>),
}

impl Body {
    /// The name of the kind, as in the record.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Decision(_) => "decision",
            Self::PolicyPublished(_) => "policy_published",
            Self::GraphPublished(_) => "graph_published",
            Self::Started(_) => "started",
            Self::Stopped(_) => "stopped",
            Self::Recovered(_) => "recovered",
            Self::ConfigChanged(_) => "config_changed",
            Self::Fault(_) => "fault",
            Self::KeyChanged(_) => "key_changed",
            Self::Transaction(_) => "transaction",
            Self::Consent(_) => "consent_changed",
            Self::Signal(_) => "signal",
            Self::Erased(_) => "erased",
            Self::Incident(_) => "incident",
            Self::ClockStepped(_) => "clock_stepped",
            Self::Pruned(_) => PRUNED,
            Self::Review(_) => "review",
        }
    }

    /// When it happened, by the caller's clock.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        match self {
            Self::Decision(it) => it.time,
            Self::PolicyPublished(it) | Self::GraphPublished(it) => it.time,
            Self::Started(it) => it.time,
            Self::Stopped(it) => it.time,
            Self::Recovered(it) => it.time,
            Self::ConfigChanged(it) => it.time,
            Self::Fault(it) => it.time,
            Self::KeyChanged(it) => it.time,
            Self::Transaction(it) => it.time,
            Self::Consent(it) => it.time,
            Self::Signal(it) => it.time,
            Self::Erased(it) => it.time,
            Self::Incident(it) => it.time,
            Self::ClockStepped(it) => it.time,
            Self::Pruned(it) => it.time,
            Self::Review(it) => it.time,
        }
    }

    /// The decision, when it is one.
    #[must_use]
    pub fn decision(&self) -> Option<&DecisionRecord> {
        if let Self::Decision(it) = self { Some(it) } else { None }
    }

    /// What the record commits to beside it.
    #[must_use]
    pub fn aside(&self) -> Option<&str> {
        match self {
            Self::Decision(it) => it.aside.as_deref(),
            Self::Transaction(it) => it.aside.as_deref(),
            Self::Consent(it) => it.aside.as_deref(),
            Self::Signal(it) => it.aside.as_deref(),
            Self::Review(it) => it.aside.as_deref(),
            _ => None,
        }
    }

    fn render(&self, into: &mut Vec<u8>) -> serde_json::Result<()> {
        match self {
            Self::Decision(it) => serde_json::to_writer(into, it),
            Self::PolicyPublished(it) | Self::GraphPublished(it) => serde_json::to_writer(into, it),
            Self::Started(it) => serde_json::to_writer(into, it),
            Self::Stopped(it) => serde_json::to_writer(into, it),
            Self::Recovered(it) => serde_json::to_writer(into, it),
            Self::ConfigChanged(it) => serde_json::to_writer(into, it),
            Self::Fault(it) => serde_json::to_writer(into, it),
            Self::KeyChanged(it) => serde_json::to_writer(into, it),
            Self::Transaction(it) => serde_json::to_writer(into, it),
            Self::Consent(it) => serde_json::to_writer(into, it),
            Self::Signal(it) => serde_json::to_writer(into, it),
            Self::Erased(it) => serde_json::to_writer(into, it),
            Self::Incident(it) => serde_json::to_writer(into, it),
            Self::ClockStepped(it) => serde_json::to_writer(into, it),
            Self::Pruned(it) => serde_json::to_writer(into, it),
            Self::Review(it) => serde_json::to_writer(into, it),
        }
    }

    fn read(kind: &str, body: &str) -> serde_json::Result<Self> {
        use serde_json::from_str;
        Ok(match kind {
            "decision" => Self::Decision(from_str(body)?),
            "policy_published" => Self::PolicyPublished(from_str(body)?),
            "graph_published" => Self::GraphPublished(from_str(body)?),
            "started" => Self::Started(from_str(body)?),
            "stopped" => Self::Stopped(from_str(body)?),
            "recovered" => Self::Recovered(from_str(body)?),
            "config_changed" => Self::ConfigChanged(from_str(body)?),
            "fault" => Self::Fault(from_str(body)?),
            "key_changed" => Self::KeyChanged(from_str(body)?),
            "transaction" => Self::Transaction(from_str(body)?),
            "consent_changed" => Self::Consent(from_str(body)?),
            "signal" => Self::Signal(from_str(body)?),
            "erased" => Self::Erased(from_str(body)?),
            "incident" => Self::Incident(from_str(body)?),
            "clock_stepped" => Self::ClockStepped(from_str(body)?),
            PRUNED => Self::Pruned(from_str(body)?),
            "review" => Self::Review(from_str(body)?),
            _ => return Err(serde::de::Error::custom(format!("unknown kind of record `{kind}`"))),
        })
    }
}

/// A record as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place; the first record is 0 and there are no gaps.
    pub seq: u64,
    /// The leaf hash of the record before it.
    pub prev: LeafHash,
    /// Which process wrote it.
    pub instance: String,
    /// What it says.
    pub body: Body,
    /// Its own leaf hash.
    pub leaf_hash: LeafHash,
    json: String,
}

impl Record {
    /// Reads the bytes of one record.
    ///
    /// # Errors
    /// When they are not a record of this schema.
    pub fn parse(bytes: &[u8]) -> serde_json::Result<Self> {
        let json = std::str::from_utf8(bytes).map_err(serde::de::Error::custom)?;
        let envelope: Envelope<'_> = serde_json::from_str(json)?;
        if envelope.schema != SCHEMA {
            return Err(serde::de::Error::custom(format!("record schema {} is not known", envelope.schema)));
        }
        Ok(Self {
            seq: envelope.seq,
            prev: envelope.prev,
            instance: envelope.instance,
            body: Body::read(&envelope.kind, envelope.body.get())?,
            leaf_hash: LeafHash::of(bytes),
            json: json.to_owned(),
        })
    }

    /// The canonical JSON, exactly as hashed.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    #[serde(borrow)]
    body: &'a RawValue,
    instance: String,
    kind: String,
    prev: LeafHash,
    schema: u64,
    seq: u64,
}

#[cfg(test)]
pub(crate) mod tests;
