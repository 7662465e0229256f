//! A record as a row of named columns, whether it was read from the log or from the index. Pure.

mod column;

use crate::index::columns::Columns;
use crate::record::Mode;
use crate::time::Timestamp;
use serde::Deserialize;
use std::borrow::Cow;

pub use column::{Column, Shape};

/// One record under a scan.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    seq: u64,
    source: From<'a>,
}

#[derive(Clone, Copy)]
enum From<'a> {
    Record(&'a Line<'a>),
    Index(&'a Columns, usize),
}

impl<'a> Row<'a> {
    pub(crate) fn whole(seq: u64, line: &'a Line<'a>) -> Self {
        Self { seq, source: From::Record(line) }
    }

    pub(crate) fn indexed(seq: u64, columns: &'a Columns, nth: usize) -> Self {
        Self { seq, source: From::Index(columns, nth) }
    }

    /// Its place in the log.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Whether it was read from the log and so has every column; otherwise only those that the scan asked for.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        matches!(self.source, From::Record(_))
    }

    /// The text of a column.
    #[must_use]
    pub fn text(&self, column: Column) -> Option<&'a str> {
        match self.source {
            From::Record(line) => line.text(column),
            From::Index(columns, nth) => columns.text(column, nth),
        }
    }

    /// The number of a column.
    #[must_use]
    pub fn number(&self, column: Column) -> Option<i64> {
        match (column, self.source) {
            (Column::Seq, _) => i64::try_from(self.seq).ok(),
            (_, From::Record(line)) => line.number(column),
            (_, From::Index(columns, nth)) => columns.number(column, nth),
        }
    }

    /// How many texts a column has.
    #[must_use]
    pub fn count(&self, column: Column) -> usize {
        match self.source {
            From::Record(line) => line.count(column),
            From::Index(columns, nth) => columns.count(column, nth),
        }
    }

    /// One of the texts of a column.
    #[must_use]
    pub fn one_of(&self, column: Column, at: usize) -> Option<&'a str> {
        match self.source {
            From::Record(line) => line.one_of(column, at),
            From::Index(columns, nth) => columns.one_of(column, nth, at),
        }
    }
}

/// Text that borrows from the record where it can.
#[derive(Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// What a record can be found by. Kinds of records share the names of members, never their types.
#[derive(Deserialize)]
pub(crate) struct Keys<'a> {
    #[serde(borrow)]
    pub action: Option<Text<'a>>,
    #[serde(borrow)]
    pub actor: Option<EntityKeys<'a>>,
    #[serde(borrow, default)]
    approved: Vec<Text<'a>>,
    #[serde(borrow)]
    approver: Option<Text<'a>>,
    #[serde(borrow)]
    author: Option<Text<'a>>,
    bytes_cut: Option<i64>,
    #[serde(borrow)]
    category: Option<Text<'a>>,
    #[serde(borrow)]
    cause: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub chain: Vec<EntityKeys<'a>>,
    #[serde(borrow, default)]
    changes: Vec<Text<'a>>,
    #[serde(borrow)]
    context_hash: Option<Text<'a>>,
    pub decision: Option<crate::record::Decision>,
    #[serde(borrow)]
    pub decision_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    denied_by: Vec<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    #[serde(borrow)]
    digest: Option<Text<'a>>,
    #[serde(borrow)]
    disclosure: Option<Text<'a>>,
    due: Option<Timestamp>,
    #[serde(borrow)]
    engine: Option<Text<'a>>,
    #[serde(borrow)]
    event: Option<Text<'a>>,
    #[serde(borrow, default)]
    facts: Vec<NameKeys<'a>>,
    #[serde(borrow)]
    failure_mode: Option<Text<'a>>,
    #[serde(borrow, default)]
    failures: Vec<Text<'a>>,
    #[serde(borrow)]
    file: Option<Text<'a>>,
    #[serde(borrow)]
    grade: Option<Text<'a>>,
    #[serde(borrow)]
    graph: Option<RevisionKeys<'a>>,
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    identity: Option<Text<'a>>,
    #[serde(borrow)]
    intent: Option<Text<'a>>,
    items: Option<i64>,
    kept: Option<i64>,
    latency_us: Option<i64>,
    #[serde(borrow, default)]
    missing: Vec<Text<'a>>,
    mode: Option<Mode>,
    #[serde(borrow, default)]
    notes: Vec<Text<'a>>,
    #[serde(borrow, default)]
    obligations: Vec<IdKeys<'a>>,
    #[serde(borrow)]
    pub pep: Option<Text<'a>>,
    #[serde(borrow)]
    policy: Option<RevisionKeys<'a>>,
    #[serde(borrow)]
    purpose: Option<Text<'a>>,
    questioned: Option<i64>,
    #[serde(borrow)]
    pub reason: Option<Text<'a>>,
    #[serde(borrow)]
    request_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub resource: Option<EntityKeys<'a>>,
    records: Option<i64>,
    #[serde(borrow)]
    reviewer: Option<Text<'a>>,
    revision: Option<i64>,
    revoked: Option<i64>,
    #[serde(borrow, default)]
    pub rules: Vec<RuleKeys<'a>>,
    #[serde(borrow)]
    scope: Option<Text<'a>>,
    #[serde(borrow)]
    severity: Option<Text<'a>>,
    #[serde(borrow)]
    shadow: Option<ShadowKeys<'a>>,
    #[serde(borrow)]
    source: Option<Text<'a>>,
    #[serde(borrow)]
    pub subject: Option<EntityKeys<'a>>,
    #[serde(borrow)]
    signal: Option<Text<'a>>,
    #[serde(borrow)]
    task: Option<Text<'a>>,
    #[serde(borrow)]
    tenant: Option<Text<'a>>,
    pub time: Timestamp,
    #[serde(borrow, default)]
    tokens: Vec<Text<'a>>,
    #[serde(borrow)]
    transaction: Option<Text<'a>>,
    #[serde(borrow)]
    use_case: Option<Text<'a>>,
    #[serde(borrow)]
    version: Option<Text<'a>>,
    #[serde(borrow)]
    what: Option<Text<'a>>,
    #[serde(borrow)]
    why: Option<Text<'a>>,
}

/// What an entity can be found by.
#[derive(Deserialize)]
pub(crate) struct EntityKeys<'a> {
    #[serde(borrow)]
    pub id: Option<Text<'a>>,
    #[serde(borrow)]
    issuer: Option<Text<'a>>,
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
}

/// What a rule can be found by.
#[derive(Deserialize)]
pub(crate) struct RuleKeys<'a> {
    #[serde(borrow)]
    pub rule: Text<'a>,
}

#[derive(Deserialize)]
struct RevisionKeys<'a> {
    #[serde(borrow)]
    digest: Text<'a>,
    revision: i64,
}

#[derive(Deserialize)]
struct ShadowKeys<'a> {
    decision: crate::record::Decision,
    #[serde(borrow)]
    reason: Text<'a>,
}

#[derive(Deserialize)]
struct NameKeys<'a> {
    #[serde(borrow)]
    name: Text<'a>,
}

#[derive(Deserialize)]
struct IdKeys<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

/// A record as it stands in the log, borrowed.
pub(crate) struct Line<'a> {
    pub keys: Keys<'a>,
    instance: Text<'a>,
    kind: Text<'a>,
}

/// Reads the bytes of a record.
pub(crate) fn line(record: &[u8]) -> serde_json::Result<Line<'_>> {
    #[derive(Deserialize)]
    struct Whole<'a> {
        #[serde(borrow)]
        body: Keys<'a>,
        #[serde(borrow)]
        instance: Text<'a>,
        #[serde(borrow)]
        kind: Text<'a>,
    }
    // WHY: all of it is looked at once for being text, instead of each value.
    let text = std::str::from_utf8(record).map_err(serde::de::Error::custom)?;
    let whole: Whole<'_> = serde_json::from_str(text)?;
    Ok(Line { keys: whole.body, instance: whole.instance, kind: whole.kind })
}

impl Line<'_> {
    /// Whether it is a decision.
    pub(crate) fn is_decision(&self) -> bool {
        self.kind.0 == "decision"
    }

    fn text(&self, column: Column) -> Option<&str> {
        let keys = &self.keys;
        match column {
            Column::Kind => Some(&self.kind.0),
            Column::Instance => Some(&self.instance.0),
            Column::Decision => keys.decision.map(crate::record::Decision::as_str),
            Column::Reason => plain(keys.reason.as_ref()),
            Column::SubjectType => keys.subject.as_ref().map(|it| &*it.kind.0),
            Column::SubjectId => keys.subject.as_ref().and_then(|it| plain(it.id.as_ref())),
            Column::ActorType => keys.actor.as_ref().map(|it| &*it.kind.0),
            Column::ActorId => keys.actor.as_ref().and_then(|it| plain(it.id.as_ref())),
            Column::Action => plain(keys.action.as_ref()),
            Column::ResourceType => keys.resource.as_ref().map(|it| &*it.kind.0),
            Column::ResourceId => keys.resource.as_ref().and_then(|it| plain(it.id.as_ref())),
            Column::PolicyDigest => keys.policy.as_ref().map(|it| &*it.digest.0),
            Column::GraphDigest => keys.graph.as_ref().map(|it| &*it.digest.0),
            Column::Pep => plain(keys.pep.as_ref()),
            Column::Tenant => plain(keys.tenant.as_ref()),
            Column::Transaction => plain(keys.transaction.as_ref()),
            Column::Intent => plain(keys.intent.as_ref()),
            Column::Task => plain(keys.task.as_ref()),
            Column::Identity => plain(keys.identity.as_ref()),
            Column::Mode => keys.mode.as_ref().map(mode),
            Column::Severity => plain(keys.severity.as_ref()),
            // Other kinds may have ids of other things.
            Column::Incident if self.kind.0 == "incident" => plain(keys.id.as_ref()),
            Column::Grade => plain(keys.grade.as_ref()),
            Column::Disclosure => plain(keys.disclosure.as_ref()),
            Column::UseCase => plain(keys.use_case.as_ref()),
            Column::FailureMode => plain(keys.failure_mode.as_ref()),
            Column::Description => plain(keys.description.as_ref()),
            Column::Why => plain(keys.why.as_ref()),
            Column::Engine => plain(keys.engine.as_ref()),
            Column::DecisionId => plain(keys.decision_id.as_ref()),
            Column::RequestId => plain(keys.request_id.as_ref()),
            Column::ContextHash => plain(keys.context_hash.as_ref()),
            Column::Author => plain(keys.author.as_ref()),
            Column::Approver => plain(keys.approver.as_ref()),
            Column::Source => plain(keys.source.as_ref()),
            Column::Digest => plain(keys.digest.as_ref()),
            Column::Cause => plain(keys.cause.as_ref()),
            Column::Version => plain(keys.version.as_ref()),
            Column::What => plain(keys.what.as_ref()),
            Column::Event => plain(keys.event.as_ref()),
            Column::File => plain(keys.file.as_ref()),
            Column::ShadowDecision => keys.shadow.as_ref().map(|it| it.decision.as_str()),
            Column::ShadowReason => keys.shadow.as_ref().map(|it| &*it.reason.0),
            Column::Category => plain(keys.category.as_ref()),
            Column::Purpose => plain(keys.purpose.as_ref()),
            Column::Signal => plain(keys.signal.as_ref()),
            Column::Scope => plain(keys.scope.as_ref()),
            Column::Reviewer => plain(keys.reviewer.as_ref()),
            _ => None,
        }
    }

    fn number(&self, column: Column) -> Option<i64> {
        let keys = &self.keys;
        match column {
            Column::Time => Some(keys.time.unix_ms()),
            Column::PolicyRevision => keys.policy.as_ref().map(|it| it.revision),
            Column::GraphRevision => keys.graph.as_ref().map(|it| it.revision),
            Column::Latency => keys.latency_us,
            Column::Revision => keys.revision,
            Column::Records => keys.records,
            Column::Items => keys.items,
            Column::BytesCut => keys.bytes_cut,
            Column::Due => keys.due.map(Timestamp::unix_ms),
            Column::Kept => keys.kept,
            Column::Revoked => keys.revoked,
            Column::Questioned => keys.questioned,
            _ => None,
        }
    }

    fn count(&self, column: Column) -> usize {
        let keys = &self.keys;
        match column {
            Column::ChainTypes | Column::ChainIds | Column::ChainIssuers => keys.chain.len(),
            Column::Rules => keys.rules.len(),
            Column::Obligations => keys.obligations.len(),
            Column::Missing => keys.missing.len(),
            Column::Failures => keys.failures.len(),
            Column::Notes => keys.notes.len(),
            Column::Approved => keys.approved.len(),
            Column::Changes => keys.changes.len(),
            Column::DeniedBy => keys.denied_by.len(),
            Column::Tokens => keys.tokens.len(),
            Column::Facts => keys.facts.len(),
            _ => 0,
        }
    }

    fn one_of(&self, column: Column, at: usize) -> Option<&str> {
        let keys = &self.keys;
        match column {
            Column::ChainTypes => keys.chain.get(at).map(|it| &*it.kind.0),
            Column::ChainIds => keys.chain.get(at).map(|it| plain(it.id.as_ref()).unwrap_or_default()),
            Column::ChainIssuers => {
                keys.chain.get(at).map(|it| plain(it.issuer.as_ref()).unwrap_or_default())
            }
            Column::Rules => keys.rules.get(at).map(|it| &*it.rule.0),
            Column::Obligations => keys.obligations.get(at).map(|it| &*it.id.0),
            Column::Missing => keys.missing.get(at).map(|it| &*it.0),
            Column::Failures => keys.failures.get(at).map(|it| &*it.0),
            Column::Notes => keys.notes.get(at).map(|it| &*it.0),
            Column::Approved => keys.approved.get(at).map(|it| &*it.0),
            Column::Changes => keys.changes.get(at).map(|it| &*it.0),
            Column::DeniedBy => keys.denied_by.get(at).map(|it| &*it.0),
            Column::Tokens => keys.tokens.get(at).map(|it| &*it.0),
            Column::Facts => keys.facts.get(at).map(|it| &*it.name.0),
            _ => None,
        }
    }
}

fn plain<'t>(text: Option<&'t Text<'_>>) -> Option<&'t str> {
    text.map(|text| &*text.0)
}

fn mode(mode: &Mode) -> &'static str {
    match mode {
        Mode::Evaluation => "evaluation",
        Mode::Batch { .. } => "batch",
        Mode::Search { .. } => "search",
    }
}
