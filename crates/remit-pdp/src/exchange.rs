//! Token exchange as a question (RFC 8693): may this actor get a token for this subject, these audiences and details?
//! Mints no token; says what an authorization server may put into one.

use std::collections::BTreeSet;
use std::sync::Arc;

use remit_identity::{Evidence, PresentedToken, Unverified};
use remit_json::{Json, Object};
use remit_ledger::Mode;
use remit_model::{EntityRef, Timestamp, Value};
use serde::Serialize;

use crate::batch::bytes;
use crate::call::{Call, Reply};
use crate::details::Reduced;
use crate::fault::Fault;
use crate::goal::{bad, object, only, text};
use crate::intake;
use crate::pdp::Pdp;
use crate::signals;

/// The action that policies permit or forbid, on the resource type [`AUDIENCE`].
const ACTION: &str = "exchange_token";
/// The type of what a token is for.
const AUDIENCE: &str = "audience";

/// SPEC: RFC 8693 §2.2.2 with RFC 6749 §5.2 and RFC 9396 §5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum ErrorClass {
    InvalidClient,
    InvalidGrant,
    InvalidTarget,
    InvalidScope,
    AccessDenied,
}

/// What may be put into the token, or why there is to be none.
#[derive(Debug, Serialize)]
struct Exchange {
    decision: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorClass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant: Option<Grant>,
}

#[derive(Debug, Serialize)]
struct Grant {
    sub: String,
    audience: Vec<String>,
    /// Current actor first, as nested `act` has them.
    chain: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(flatten)]
    details: Option<Reduced>,
    /// No token made from this may live longer.
    not_after: String,
}

/// Refused with a class, or a fault.
enum Stop {
    Refused(ErrorClass, String),
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The parties once their tokens hold.
struct Parties {
    subject: Arc<Evidence>,
    subject_entity: EntityRef,
    /// Who will act, then who acted before.
    chain: Vec<EntityRef>,
    expires: Timestamp,
}

impl Pdp {
    /// Answers whether a token may be issued, and with what in it.
    ///
    /// # Errors
    /// [`Fault`]; a refusal is an answer with `decision: false` and the error class of RFC 8693.
    pub async fn exchange_token(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.noted(call, self.exchange_inner(call, body).await).await
    }

    async fn exchange_inner(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.evaluate, "evaluate")?;
        let json = intake::parse(body, &self.json_limits)?;
        let answer = match self.exchange(call, object(&json, "")?).await {
            Ok(grant) => {
                Exchange { decision: true, error: None, error_description: None, grant: Some(grant) }
            }
            Err(Stop::Refused(class, why)) => {
                Exchange { decision: false, error: Some(class), error_description: Some(why), grant: None }
            }
            Err(Stop::Fault(fault)) => return Err(fault),
        };
        Ok(Reply { body: bytes(&answer)?, evaluation_id: None })
    }

    async fn exchange(&self, call: &Call<'_>, body: &Object<'_>) -> Result<Grant, Stop> {
        const MEMBERS: [&str; 8] = [
            "subject_token",
            "subject_token_type",
            "actor_token",
            "actor_token_type",
            "audience",
            "scope",
            "authorization_details",
            "requested_token_type",
        ];
        only(body, &MEMBERS, "")?;
        let now = self.now()?;
        let parties = self.parties(body, now).await?;
        let audience = audience(body, &parties.subject)?;
        let scope = scope(body, &parties.subject)?;
        for target in &audience {
            self.may_target(call, &parties, target, now).await?;
        }
        let details = match body.get("authorization_details") {
            Some(details) => Some(self.reduce(call, details, None).await?),
            None => None,
        };
        if details.as_ref().is_some_and(|it| it.authorization_details.is_empty() && !it.complete) {
            return Err(Stop::Refused(
                ErrorClass::AccessDenied,
                "nothing of the details is permitted".into(),
            ));
        }
        Ok(Grant {
            sub: parties.subject_entity.id.to_string(),
            audience,
            chain: parties.chain.iter().map(|agent| agent.id.to_string()).collect(),
            scope,
            details,
            not_after: parties.expires.to_string(),
        })
    }

    async fn parties(&self, body: &Object<'_>, now: Timestamp) -> Result<Parties, Stop> {
        let subject = self.proved(body, "subject", ErrorClass::InvalidGrant, now).await?;
        let actor = match body.get("actor_token") {
            Some(_) => Some(self.proved(body, "actor", ErrorClass::InvalidClient, now).await?),
            None => None,
        };
        let own = subject.subject.as_ref();
        let own =
            own.ok_or_else(|| Stop::Refused(ErrorClass::InvalidGrant, "the token names no subject".into()))?;
        let mut chain: Vec<EntityRef> = subject.chain.iter().flatten().map(|it| it.entity.clone()).collect();
        let mut expires = subject.expires;
        if let Some(actor) = &actor {
            let acting = actor.subject.as_ref();
            let acting = acting
                .ok_or_else(|| Stop::Refused(ErrorClass::InvalidClient, "the token names no actor".into()))?;
            let allowed = subject.may_act.as_ref().is_none_or(|may| {
                let issuer = may.issuer.as_ref().is_none_or(|issuer| *issuer == acting.issuer);
                !may.unknown_members && issuer && may.id == acting.id
            });
            if !allowed {
                return Err(Stop::Refused(ErrorClass::InvalidGrant, "may_act_mismatch".into()));
            }
            chain.insert(0, acting.entity.clone());
            expires = expires.min(actor.expires);
        }
        Ok(Parties { subject_entity: own.entity.clone(), subject, chain, expires })
    }

    async fn proved(
        &self,
        body: &Object<'_>,
        whose: &str,
        class: ErrorClass,
        now: Timestamp,
    ) -> Result<Arc<Evidence>, Stop> {
        let token = text(body, &format!("{whose}_token"), "")?;
        let kind = text(body, &format!("{whose}_token_type"), "")?;
        match self.verifier.verify(&[PresentedToken::new(kind, token)], now).await {
            Ok(evidence) => match signals::over(&self.state, &self.pseudonyms, &evidence) {
                Some(denial) => Err(Stop::Refused(class, denial.reason.code().to_owned())),
                None => Ok(evidence),
            },
            Err(Unverified::Token { fault, .. }) => Err(Stop::Refused(class, fault.code().to_owned())),
            Err(Unverified::Fault(fault)) => {
                Err(Stop::Fault(Fault::Unavailable { message: fault.to_string() }))
            }
        }
    }

    /// One recorded decision: may the subject, through this chain, get a token for this audience?
    async fn may_target(
        &self,
        call: &Call<'_>,
        parties: &Parties,
        target: &str,
        now: Timestamp,
    ) -> Result<(), Stop> {
        let live = self.published.load_full();
        let frame = self.frame(call, &live, now);
        let subject = &parties.subject_entity;
        let question = question(subject, target, &parties.chain);
        let json = intake::parse(question.as_bytes(), &self.json_limits)?;
        let request = remit_authzen::EvaluationRequest::parse(&json).map_err(|it| intake::refused(&it))?;
        // WHY: the chain was proved above, whatever this caller may assert by itself.
        let rights = crate::Rights { assert_identity: true, ..call.pep.rights };
        let draft = intake::accept(&request, &rights)?;
        let settled = self.settle(&frame, &draft).await?;
        let record = frame.decision(Mode::Evaluation, &draft, &settled)?;
        let _receipts = self.write(vec![record]).await?;
        let (_, verdict) = settled.commit();
        self.counts.decided(verdict.decision);
        if verdict.decision {
            return Ok(());
        }
        Err(Stop::Refused(ErrorClass::InvalidTarget, format!("`{target}`: {}", verdict.reason)))
    }
}

fn question(subject: &EntityRef, target: &str, chain: &[EntityRef]) -> String {
    let act = chain.iter().rev().fold(None, |inner: Option<serde_json::Value>, agent| {
        let mut outer = serde_json::json!({ "sub": &*agent.id, "type": agent.kind.as_str() });
        if let (Some(members), Some(inner)) = (outer.as_object_mut(), inner) {
            members.insert("act".to_owned(), inner);
        }
        Some(outer)
    });
    let mut asked = serde_json::json!({
        "subject": { "type": subject.kind.as_str(), "id": &*subject.id },
        "action": { "name": ACTION },
        "resource": { "type": AUDIENCE, "id": target },
    });
    if let (Some(members), Some(act)) = (asked.as_object_mut(), act) {
        members.insert("context".to_owned(), serde_json::json!({ "act": act }));
    }
    asked.to_string()
}

/// SPEC: CHECKLIST D8: none asked for, then those of the subject's token; never none at all.
fn audience(body: &Object<'_>, subject: &Evidence) -> Result<Vec<String>, Stop> {
    let asked = match body.get("audience") {
        None => subject.claims.get("aud").map(strings).unwrap_or_default(),
        Some(json) => match (json.as_str(), json.as_array()) {
            (Some(one), _) => vec![one.to_owned()],
            (None, Some(list)) => {
                let all: Option<Vec<String>> = list.iter().map(|it| it.as_str().map(str::to_owned)).collect();
                all.ok_or_else(|| bad("/audience", "must hold strings"))?
            }
            (None, None) => return Err(bad("/audience", "must be a string or an array of strings").into()),
        },
    };
    if asked.is_empty() {
        let why = "no audience is asked for and the subject's token has none";
        return Err(Stop::Refused(ErrorClass::InvalidTarget, why.into()));
    }
    Ok(asked)
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.to_string()],
        Value::Set(items) => items.iter().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// Scopes may only become fewer.
fn scope(body: &Object<'_>, subject: &Evidence) -> Result<Option<String>, Stop> {
    let Some(asked) = body.get("scope").filter(|json: &&Json<'_>| !json.is_null()) else {
        let held: Vec<&str> = subject.scopes.iter().map(String::as_str).collect();
        return Ok((!held.is_empty()).then(|| held.join(" ")));
    };
    let asked = asked.as_str().ok_or_else(|| bad("/scope", "must be a string"))?;
    let wanted: BTreeSet<&str> = asked.split(' ').filter(|it| !it.is_empty()).collect();
    match wanted.iter().find(|scope| !subject.scopes.contains(**scope)) {
        Some(wider) => {
            Err(Stop::Refused(ErrorClass::InvalidScope, format!("`{wider}` is not in the subject's token")))
        }
        None => Ok(Some(wanted.into_iter().collect::<Vec<_>>().join(" "))),
    }
}
