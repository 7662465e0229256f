//! The messages of AuthZEN.

use serde::Serialize;
use utoipa::ToSchema;

use super::Object;

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
