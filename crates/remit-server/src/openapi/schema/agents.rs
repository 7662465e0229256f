//! Transactions, authorization details and token exchange.

use utoipa::ToSchema;

use super::AnyObject;

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
