//! The columns of a row: their paths, what their cells hold, and which the index keeps. Pure.

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
