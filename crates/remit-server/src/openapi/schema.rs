//! Shapes on the wire, for the description only: the messages themselves are read and written further in.
#![allow(dead_code, reason = "these types describe; nothing ever holds one")]

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::{IntoParams, IntoResponses, ToSchema};

/// Any JSON object.
type Object = BTreeMap<String, serde_json::Value>;

/// A subject or a resource.
#[derive(ToSchema)]
pub struct Entity {
    /// What kind of thing it is.
    #[schema(example = "user")]
    r#type: String,
    /// Which one; unique within its type.
    #[schema(example = "alice")]
    id: String,
    /// Attributes the caller knows of it.
    #[schema(value_type = Option<Object>)]
    properties: Option<Object>,
}

/// A subject or a resource that is searched for.
#[derive(ToSchema)]
pub struct EntityType {
    /// What kind of thing is searched for.
    #[schema(example = "user")]
    r#type: String,
}

/// What is done.
#[derive(ToSchema)]
pub struct Action {
    /// Its name.
    #[schema(example = "read")]
    name: String,
    /// Attributes of this use of it.
    #[schema(value_type = Option<Object>)]
    properties: Option<Object>,
}

/// How the answer is wanted; unknown members are ignored.
#[derive(ToSchema)]
pub struct Options {
    /// How much of an explanation is wanted; never more than the caller may see.
    #[schema(example = "reason")]
    detail: Option<DetailLevel>,
    /// `jws`: the answer carries a signed receipt of its record in `context.receipt`.
    #[schema(example = "jws")]
    receipt: Option<String>,
}

/// How much is explained.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum DetailLevel {
    /// The decision, and what the caller must do.
    Minimal,
    /// Also the reason.
    Reason,
    /// Everything.
    Full,
}

/// One question.
#[derive(ToSchema)]
#[schema(example = json!({
    "subject": {"type": "user", "id": "alice"},
    "action": {"name": "read"},
    "resource": {"type": "record", "id": "1"},
}))]
pub struct EvaluationRequest {
    subject: Entity,
    action: Action,
    resource: Entity,
    /// Circumstances.
    #[schema(value_type = Option<Object>)]
    context: Option<Object>,
    options: Option<Options>,
}

/// One answer.
#[derive(Serialize, ToSchema)]
pub struct Decision {
    /// `true` lets the action happen; anything else does not.
    decision: bool,
    /// Obligations, and on request reasons.
    #[schema(value_type = Option<Object>)]
    context: Option<Object>,
}

/// One question of many; what it leaves out is taken whole from the top level.
#[derive(ToSchema)]
pub struct EvaluationItem {
    subject: Option<Entity>,
    action: Option<Action>,
    resource: Option<Entity>,
    /// Circumstances.
    #[schema(value_type = Option<Object>)]
    context: Option<Object>,
}

/// Many questions and their defaults.
#[derive(ToSchema)]
#[schema(example = json!({
    "subject": {"type": "user", "id": "alice"},
    "action": {"name": "read"},
    "evaluations": [{"resource": {"type": "record", "id": "1"}}, {"resource": {"type": "record", "id": "2"}}],
}))]
pub struct EvaluationsRequest {
    subject: Option<Entity>,
    action: Option<Action>,
    resource: Option<Entity>,
    /// Circumstances.
    #[schema(value_type = Option<Object>)]
    context: Option<Object>,
    /// The questions; without any this is a single question.
    evaluations: Option<Vec<EvaluationItem>>,
    options: Option<BatchOptions>,
}

/// How a batch is worked through.
#[derive(ToSchema)]
pub struct BatchOptions {
    /// When to stop.
    evaluations_semantic: Option<Semantic>,
    /// How much of an explanation is wanted.
    detail: Option<DetailLevel>,
}

/// When a batch stops.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Semantic {
    /// At the end.
    ExecuteAll,
    /// At the first deny.
    DenyOnFirstDeny,
    /// At the first permit.
    PermitOnFirstPermit,
}

/// The answer to a batch, or a single one when there were no items.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum EvaluationsResponse {
    /// One decision per question.
    Many(Decisions),
    /// The single decision.
    One(Decision),
}

/// One decision per question, in their order.
#[derive(Serialize, ToSchema)]
pub struct Decisions {
    evaluations: Vec<Decision>,
}

/// Which part of the results is wanted.
#[derive(ToSchema)]
pub struct PageRequest {
    /// `next_token` of the page before.
    token: Option<String>,
    /// Most results in one answer.
    #[schema(minimum = 0)]
    limit: Option<u64>,
}

/// Where the next results are.
#[derive(ToSchema)]
pub struct PageResponse {
    /// Token of the next page; empty at the end.
    next_token: String,
    /// Results in this answer.
    count: Option<u64>,
    /// Results in all.
    total: Option<u64>,
}

/// Who may?
#[derive(ToSchema)]
pub struct SubjectSearchRequest {
    subject: EntityType,
    action: Action,
    resource: Entity,
    /// Circumstances.
    #[schema(value_type = Option<Object>)]
    context: Option<Object>,
    page: Option<PageRequest>,
}

/// On what?
#[derive(ToSchema)]
pub struct ResourceSearchRequest {
    subject: Entity,
    action: Action,
    resource: EntityType,
    /// Circumstances.
    #[schema(value_type = Option<Object>)]
    context: Option<Object>,
    page: Option<PageRequest>,
}

/// Which actions?
#[derive(ToSchema)]
pub struct ActionSearchRequest {
    subject: Entity,
    resource: Entity,
    /// Circumstances.
    #[schema(value_type = Option<Object>)]
    context: Option<Object>,
    page: Option<PageRequest>,
}

/// Subjects or resources found.
#[derive(ToSchema)]
pub struct EntityResults {
    page: Option<PageResponse>,
    results: Vec<FoundEntity>,
}

/// One entity found.
#[derive(ToSchema)]
pub struct FoundEntity {
    r#type: String,
    id: String,
}

/// Actions found.
#[derive(ToSchema)]
pub struct ActionResults {
    page: Option<PageResponse>,
    results: Vec<FoundAction>,
}

/// One action found.
#[derive(ToSchema)]
pub struct FoundAction {
    name: String,
}

/// The metadata document.
#[derive(ToSchema)]
pub struct Metadata {
    /// The identifier of this decision point.
    #[schema(example = "https://pdp.example")]
    policy_decision_point: String,
    access_evaluation_endpoint: String,
    access_evaluations_endpoint: Option<String>,
    search_subject_endpoint: Option<String>,
    search_resource_endpoint: Option<String>,
    search_action_endpoint: Option<String>,
}

/// Recorded decisions.
#[derive(ToSchema)]
pub struct DecisionRecords {
    page: DecisionsPage,
    /// First and last sequence number this page vouches for.
    #[schema(value_type = Option<Vec<u64>>)]
    range: Option<(u64, u64)>,
    /// The first record that the log still has, when older ones were dropped.
    pruned_below: Option<u64>,
    head: LedgerHead,
    /// The records, exactly as the ledger holds them.
    #[schema(value_type = Vec<Object>)]
    decisions: Vec<Object>,
}

/// Where the next records are.
#[derive(ToSchema)]
pub struct DecisionsPage {
    /// Value of `after` for the next page; empty at the end.
    next: String,
    /// Records in this answer.
    count: u64,
}

/// The state of the ledger the answer was made from.
#[derive(ToSchema)]
pub struct LedgerHead {
    /// Records in it.
    size: u64,
    /// Hash of the last one.
    hash: String,
}

/// Alive.
#[derive(ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    status: String,
}

/// Ready, with what.
#[derive(ToSchema)]
pub struct Readiness {
    #[schema(example = "ready")]
    status: String,
    policy_revision: u64,
    policy_digest: String,
    graph_revision: u64,
    graph_digest: String,
}

/// An error.
#[derive(ToSchema)]
pub struct Error {
    /// The status code again.
    #[schema(example = 400)]
    status: u16,
    /// What is wrong.
    message: String,
    /// Where, as a JSON pointer.
    #[schema(example = "/subject/type")]
    pointer: Option<String>,
}

/// The request id.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct RequestIdHeader {
    /// Comes back unchanged; made up when missing.
    #[param(rename = "X-Request-ID")]
    x_request_id: Option<String>,
}

/// Which records are wanted; everything given must match.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DecisionsQuery {
    /// Not before this instant: a date or an RFC 3339 time.
    from: Option<String>,
    /// Before this instant.
    to: Option<String>,
    /// `type:id` of the subject, or only its type.
    subject: Option<String>,
    /// `type:id` of the acting party, or only its type.
    actor: Option<String>,
    /// Name of the action.
    action: Option<String>,
    /// `type:id` of the resource, or only its type.
    resource: Option<String>,
    /// `allow` or `deny`.
    #[param(example = "deny")]
    decision: Option<String>,
    /// Name of a rule that took part.
    rule: Option<String>,
    /// Reason code.
    reason: Option<String>,
    /// Name of the caller that asked.
    pep: Option<String>,
    /// Id of one decision.
    decision_id: Option<String>,
    /// `page.next` of the page before.
    after: Option<u64>,
    /// `oldest` (first) or `newest`.
    #[param(example = "newest")]
    order: Option<String>,
    /// Most records in one answer.
    limit: Option<u64>,
}

/// What can go wrong with an authenticated call.
#[derive(IntoResponses)]
pub enum Failures {
    /// The request is malformed.
    #[response(status = 400, description = "The request is malformed; the message says where.")]
    Malformed(Error),
    /// No caller.
    #[response(status = 401, description = "The caller is not authenticated; unrelated to any decision.")]
    Unauthenticated(Error),
    /// The caller lacks the right.
    #[response(status = 403, description = "The caller is known but may not ask this.")]
    Forbidden(Error),
    /// It is there already.
    #[response(
        status = 409,
        description = "What is asked for is there already, or is being made at this moment."
    )]
    Conflict(Error),
    /// The body is late.
    #[response(status = 408, description = "The body did not arrive in time.")]
    Slow(Error),
    /// The body is too large.
    #[response(status = 413, description = "The body is too large.")]
    TooLarge(Error),
    /// The caller asks too much.
    #[response(
        status = 429,
        description = "This caller asks more than it may; nothing was decided. `Retry-After` says when to come back."
    )]
    TooMany(Error),
    /// A defect.
    #[response(status = 500, description = "A defect; nothing was decided.")]
    Internal(Error),
    /// Not now.
    #[response(status = 503, description = "Not now; `Retry-After` says when. Nothing was decided.")]
    Unavailable(Error),
}

/// What a transaction begins with.
#[derive(ToSchema)]
#[schema(title = "TransactionOpening")]
pub struct TransactionOpening {
    /// Who started it; a child has its parent's.
    pub subject: Option<EntityRef>,
    /// `{"template": "package.name"}`, or tasks with their bounds. Either this or `authorization_details`.
    pub intent: Option<AnyObject>,
    /// Quads in the shapes of AuthZEN (RFC 9396 entries of type `authzen_evaluation` or `authzen_evaluations`).
    pub authorization_details: Option<Vec<AnyObject>>,
    /// Seconds it lasts; 900 when neither this nor the intent says. A child ends with its parent at the latest.
    pub expires_in_s: Option<u32>,
    /// Its id; made up when absent.
    pub txn: Option<String>,
    /// Who acts at the opening (RFC 8693 `act`), current actor outermost.
    pub act: Option<AnyObject>,
}

/// Type and id.
#[derive(ToSchema)]
#[schema(title = "EntityRef")]
pub struct EntityRef {
    /// The type.
    pub r#type: String,
    /// The id.
    pub id: String,
}

/// An open transaction.
#[derive(ToSchema)]
#[schema(title = "TransactionOpened")]
pub struct TransactionOpened {
    /// Its id: `context.txn` of the steps.
    pub transaction: String,
    /// SHA-256 of the intent's canonical form.
    pub intent_hash: String,
    /// When it ends.
    pub expires_at: String,
}

/// What a permitted step returned.
#[derive(ToSchema)]
#[schema(title = "OutcomeReport")]
pub struct OutcomeReport {
    /// The evaluation that allowed the step.
    pub evaluation_id: String,
    /// The values it returned.
    pub fields: Vec<OutcomeField>,
    /// The key of the keyed hashes; another one than the configured key is refused.
    pub key_id: Option<String>,
}

/// One returned value. Exactly one of `value` and `keyed` is given.
#[derive(ToSchema)]
#[schema(title = "OutcomeField")]
pub struct OutcomeField {
    /// Where it stood: `invoice.iban`, `items[0].sku`; empty for the whole.
    pub path: String,
    /// The value; lists and objects are taken apart.
    pub value: Option<serde_json::Value>,
    /// HMAC-SHA-256 of its canonical form under the key of outcomes, as 64 lower-case hexadecimal digits.
    pub keyed: Option<String>,
    /// `trusted` (default) or `untrusted`. What is untrusted is never an origin.
    pub integrity: Option<String>,
    /// It is free text of this source.
    pub text: Option<String>,
    /// The step made what it names.
    pub created: Option<bool>,
}

/// An intent to be filtered.
#[derive(ToSchema)]
#[schema(title = "DetailsQuestion")]
pub struct DetailsQuestion {
    /// Entries of type `authzen_evaluation` or `authzen_evaluations`, each with `type` and `request` alone.
    pub authorization_details: Vec<AnyObject>,
    /// Who acts, as in the context of an evaluation: `tokens`, or `act`.
    pub context: Option<AnyObject>,
}

/// What is left of an intent.
#[derive(ToSchema)]
#[schema(title = "DetailsAnswer")]
pub struct DetailsAnswer {
    /// Every quad was permitted.
    pub complete: bool,
    /// The entries with what was permitted, in their order.
    pub authorization_details: Vec<AnyObject>,
    /// `{type, response}` for each entry that came in.
    pub responses: Vec<AnyObject>,
}

/// The parameters of RFC 8693 as JSON.
#[derive(ToSchema)]
#[schema(title = "ExchangeQuestion")]
pub struct ExchangeQuestion {
    /// The token of the subject.
    pub subject_token: String,
    /// Its type.
    pub subject_token_type: String,
    /// The token of who will act.
    pub actor_token: Option<String>,
    /// Its type.
    pub actor_token_type: Option<String>,
    /// One audience or several; those of the subject's token when absent.
    pub audience: Option<serde_json::Value>,
    /// Scopes, separated by blanks; those of the subject's token when absent.
    pub scope: Option<String>,
    /// Details to be filtered.
    pub authorization_details: Option<Vec<AnyObject>>,
    /// The type that is wanted.
    pub requested_token_type: Option<String>,
}

/// A JSON object.
#[derive(ToSchema)]
#[schema(value_type = Object)]
pub struct AnyObject(Object);

/// What a named person certified.
#[derive(ToSchema)]
pub struct ReviewReport {
    /// What was reviewed, in words that the next review repeats.
    #[schema(example = "who can refund orders")]
    scope: String,
    /// Who certifies.
    reviewer: String,
    /// When the next review of this scope is due.
    due: Option<String>,
    /// What the reviewer adds.
    why: Option<String>,
    /// `evidence.head` of the answer that was reviewed.
    head: LedgerHead,
    /// Rows to stay.
    kept: Option<Vec<String>>,
    /// Rows to go.
    revoked: Option<Vec<String>>,
    /// Rows to be looked into.
    questioned: Option<Vec<String>>,
}

/// What people report.
#[derive(ToSchema)]
pub struct IncidentReport {
    /// What the system was used for.
    #[schema(example = "customer onboarding")]
    use_case: String,
    /// What happened.
    description: String,
    /// `bias`, `hallucination`, `explainability_gap`, `privacy_breach`, `unintended_action`, `policy_denied`,
    /// `agent_error` or `unknown`.
    failure_mode: Option<String>,
    /// When it happened, if not now.
    occurred: Option<String>,
    impact: Option<IncidentImpact>,
    /// `internal`, `external` or `both`.
    stakeholders: Option<String>,
    /// The model.
    model: Option<String>,
    /// The third party that provides it.
    vendor: Option<String>,
    /// Why it happened.
    root_cause: Option<String>,
    /// What was done about it.
    response: Option<String>,
}

/// A consent of a person.
#[derive(ToSchema)]
pub struct ConsentGrant {
    /// Its id; made when it is left out.
    id: Option<String>,
    subject: Entity,
    /// What kind of data or step it is about.
    #[schema(example = "holdings")]
    category: String,
    /// What it may be used for.
    #[schema(example = "advice")]
    purpose: String,
    /// Who may do so; anybody when it is left out.
    recipient: Option<Entity>,
    /// With what; anything when it is left out.
    resource: Option<Entity>,
    /// From when on it no longer counts, RFC 3339.
    expires_at: Option<String>,
    /// Where the proof of it is kept.
    proof: Option<String>,
}

/// What was seen of parties.
#[derive(ToSchema)]
pub struct SignalBatch {
    /// At most 256.
    events: Vec<SignalEvent>,
}

/// One thing that was seen of a party.
#[derive(ToSchema)]
pub struct SignalEvent {
    /// Its id; the same again is known. Made when it is left out.
    id: Option<String>,
    subject: Entity,
    /// `login`, `login_failed`, `token_used`, `device_seen`, `location`, `tool_used`, `session_revoked`,
    /// `credential_change`, `risk_level_change`, or a name of your own.
    #[schema(example = "login_failed")]
    r#type: String,
    /// When, RFC 3339; now when it is left out.
    at: Option<String>,
    /// It did not succeed: what it shows does not become familiar.
    failed: Option<bool>,
    /// The fingerprint of the device.
    device: Option<String>,
    /// The network address.
    address: Option<String>,
    /// The region.
    region: Option<String>,
    /// Degrees, with `longitude`.
    latitude: Option<f64>,
    /// Degrees, with `latitude`.
    longitude: Option<f64>,
    /// The tool.
    tool: Option<String>,
    /// The id (`jti`) of the token that was shown.
    token: Option<String>,
    /// `low`, `medium` or `high`, from here on.
    risk: Option<String>,
}

/// What an incident did.
#[derive(ToSchema)]
pub struct IncidentImpact {
    /// How many people or customers.
    affected: Option<u64>,
    /// Money lost or moved wrongly, in whole units of the institution's currency.
    financial: Option<u64>,
    /// `none`, `minor`, `moderate`, `serious` or `severe`.
    harm: Option<String>,
    /// Whether all of it can be undone.
    reversible: Option<bool>,
}

/// What is new about an incident.
#[derive(ToSchema)]
pub struct IncidentUpdate {
    /// `note`, `disclose` or `resolve`.
    #[schema(example = "disclose")]
    event: String,
    /// What is said about it.
    note: Option<String>,
    /// To whom it was disclosed, and how.
    channel: Option<String>,
    impact: Option<IncidentImpact>,
    /// Why it happened.
    root_cause: Option<String>,
    /// What was done about it.
    response: Option<String>,
}

/// A proposal as it is sent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what is read elsewhere")]
pub struct ProposalUpload {
    /// What it is for, in a line.
    title: String,
    /// The files of the bundle, by their paths in it.
    files: std::collections::BTreeMap<String, String>,
}
