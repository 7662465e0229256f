//! Records, incidents, reviews, consents, signals and proposals.

use utoipa::{IntoParams, ToSchema};

use super::{Entity, Object};

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
