//! A record as a row of named columns, whether it was read from the log or from the index. Pure.

use crate::index::columns::Columns;
use crate::record::Mode;
use crate::time::Timestamp;
use serde::Deserialize;
use std::borrow::Cow;

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text, or nothing.
    Text,
    /// A whole number, or nothing. A time counts milliseconds since 1970.
    Number,
    /// Texts in order; none where the record has none.
    Texts,
}

macro_rules! columns {
    ($($(#[doc = $doc:literal])* $name:ident $path:literal $shape:ident $kept:literal;)*) => {
        /// The columns of a record. The order is part of the format of the index.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Column { $($(#[doc = $doc])* $name,)* }

        impl Column {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its path, as questions spell it.
            #[must_use]
            pub fn path(self) -> &'static str {
                match self { $(Self::$name => $path,)* }
            }

            /// What its cells hold.
            #[must_use]
            pub fn shape(self) -> Shape {
                match self { $(Self::$name => Shape::$shape,)* }
            }

            /// Whether the index keeps it; the others are read from the record.
            #[must_use]
            pub fn is_kept(self) -> bool {
                match self { $(Self::$name => $kept,)* }
            }
        }
    };
}

columns! {
    /// Its place in the log.
    Seq "seq" Number true;
    /// What kind of record it is.
    Kind "kind" Text true;
    /// When it happened.
    Time "time" Number true;
    /// Which process wrote it.
    Instance "instance" Text true;
    /// `allow` or `deny`.
    Decision "decision" Text true;
    /// The reason code.
    Reason "reason" Text true;
    /// Who everybody acted for: the type.
    SubjectType "subject.type" Text true;
    /// Who everybody acted for: the id.
    SubjectId "subject.id" Text true;
    /// The outer actor: the type.
    ActorType "actor.type" Text true;
    /// The outer actor: the id.
    ActorId "actor.id" Text true;
    /// All actors, the current one first: the types.
    ChainTypes "chain.type" Texts true;
    /// All actors, the current one first: the ids.
    ChainIds "chain.id" Texts true;
    /// All actors, the current one first: who vouched for each; empty where nobody is named.
    ChainIssuers "chain.issuer" Texts false;
    /// The action.
    Action "action" Text true;
    /// What was acted upon: the type.
    ResourceType "resource.type" Text true;
    /// What was acted upon: the id.
    ResourceId "resource.id" Text true;
    /// The rules that determined the answer, with their versions.
    Rules "rules" Texts true;
    /// Number of the policies.
    PolicyRevision "policy.revision" Number true;
    /// Digest of the policies.
    PolicyDigest "policy.digest" Text true;
    /// Number of the graph.
    GraphRevision "graph.revision" Number true;
    /// Digest of the graph.
    GraphDigest "graph.digest" Text true;
    /// The authenticated caller.
    Pep "pep" Text true;
    /// The tenant.
    Tenant "tenant" Text true;
    /// The transaction.
    Transaction "transaction" Text true;
    /// Hash of the intent.
    Intent "intent" Text true;
    /// The task of the intent.
    Task "task" Text true;
    /// Whose identity the call carried.
    Identity "identity" Text true;
    /// Ids of the obligations.
    Obligations "obligations" Texts true;
    /// Facts that a rule needed and did not get.
    Missing "missing" Texts true;
    /// Why agents, purpose or history denied.
    Failures "failures" Texts true;
    /// What is odd about it, though it denies nothing.
    Notes "notes" Texts true;
    /// `evaluation`, `batch` or `search`.
    Mode "mode" Text true;
    /// The gravest of what the rules that denied declare.
    Severity "severity" Text true;
    /// The grade of an incident.
    Grade "grade" Text true;
    /// The incident.
    Incident "incident" Text true;
    /// Whether an authority is to be told of an incident: `none`, `due` or `made`.
    Disclosure "disclosure" Text true;
    /// What the system was used for.
    UseCase "use_case" Text true;
    /// From request to verdict, in microseconds.
    Latency "latency_us" Number true;
    /// Version of the engine.
    Engine "engine" Text false;
    /// The id the answer carried.
    DecisionId "decision_id" Text false;
    /// `X-Request-ID`.
    RequestId "request_id" Text false;
    /// Hash of the request's context.
    ContextHash "context_hash" Text false;
    /// Hashes of the verified tokens.
    Tokens "tokens" Texts false;
    /// Names of the facts the rules read.
    Facts "facts" Texts false;
    /// Who published or changed.
    Author "author" Text false;
    /// Who approved what was published.
    Approved "approved" Texts false;
    /// What changed with it.
    Changes "changes" Texts false;
    /// Where what was published came from.
    Source "source" Text false;
    /// Digest of what was published, or of the settings.
    Digest "digest" Text false;
    /// Number of what was published.
    Revision "revision" Number false;
    /// How large what was published is.
    Items "items" Number false;
    /// Why the service stopped.
    Cause "cause" Text false;
    /// Version of the program that started.
    Version "version" Text false;
    /// What failed, or changed.
    What "what" Text false;
    /// What was done to a transaction.
    Event "event" Text false;
    /// The rules that denied, in the record of an incident.
    DeniedBy "denied_by" Texts false;
    /// What went wrong, in the words of the form.
    FailureMode "failure_mode" Text false;
    /// What happened, in words.
    Description "description" Text false;
    /// Why something was erased, or records were dropped.
    Why "why" Text false;
    /// Beside how many records something was erased, or how many were dropped.
    Records "records" Number false;
    /// How many bytes a recovery cut.
    BytesCut "bytes_cut" Number false;
    /// The segment that a recovery cut.
    File "file" Text false;
    /// What a candidate policy would have answered, where that is something else.
    ShadowDecision "shadow.decision" Text true;
    /// Why it would have.
    ShadowReason "shadow.reason" Text true;
    /// What kind of data or step a consent is about.
    Category "category" Text false;
    /// What a consent is for.
    Purpose "purpose" Text false;
    /// What was seen of a party.
    Signal "signal" Text false;
    /// What was reviewed.
    Scope "scope" Text false;
    /// Who certified rights.
    Reviewer "reviewer" Text false;
    /// When the next review is due, as a time.
    Due "due" Number false;
    /// How many rights a review keeps.
    Kept "kept" Number false;
    /// How many it wants gone.
    Revoked "revoked" Number false;
    /// How many it questions.
    Questioned "questioned" Number false;
    /// Who approved what was published, beside what packages name themselves.
    Approver "approver" Text false;
}

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
    let whole: Whole<'_> = serde_json::from_slice(record)?;
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
