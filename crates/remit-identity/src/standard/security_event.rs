//! Security event tokens (RFC 8417) as the Shared Signals Framework sends them: what happened to whose session,
//! credential or risk. They prove nothing about who asks, and are never taken for tokens that do.

use remit_json::{Json, Object};
use remit_model::{EntityRef, Timestamp};

use crate::claims::{Claims, plain, seconds};
use crate::fault::TokenFault;
use crate::issuer::Issuer;
use crate::limits;

/// What a verified security event token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityEvent {
    /// Who says so.
    pub issuer: String,
    /// Its id; the same id again is the same token again.
    pub jti: String,
    /// What happened; nothing when it tells only of kinds that mean nothing here.
    pub changes: Vec<StateChange>,
}

/// One thing that happened to a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChange {
    /// `session_revoked`, `credential_change`, `risk_level_change` …
    pub kind: &'static str,
    /// To whom.
    pub party: EntityRef,
    /// When.
    pub at: Timestamp,
    /// The level that a change of risk or assurance leads to, as it was sent.
    pub level: Option<String>,
}

const CAEP: &str = "https://schemas.openid.net/secevent/caep/event-type/";
const RISC: &str = "https://schemas.openid.net/secevent/risc/event-type/";

/// SPEC: OpenID CAEP 1.0 §3, OpenID RISC 1.0 §2.
const KINDS: [(&str, &str, &str); 12] = [
    (CAEP, "session-revoked", "session_revoked"),
    (CAEP, "credential-change", "credential_change"),
    (CAEP, "risk-level-change", "risk_level_change"),
    (CAEP, "assurance-level-change", "assurance_level_change"),
    (CAEP, "device-compliance-change", "device_compliance_change"),
    (CAEP, "token-claims-change", "token_claims_change"),
    (CAEP, "session-established", "session_established"),
    (CAEP, "session-presented", "session_presented"),
    (RISC, "sessions-revoked", "session_revoked"),
    (RISC, "credential-compromise", "credential_compromise"),
    (RISC, "account-disabled", "account_disabled"),
    (RISC, "account-purged", "account_purged"),
];

/// The media type of the header, which no other kind of token has.
pub(crate) const TYP: &str = "secevent+jwt";

/// Reads the claims of a token whose signature holds.
///
/// # Errors
/// Why the token is refused.
pub(crate) fn read(claims: &Claims, issuer: &Issuer, now: Timestamp) -> Result<SecurityEvent, TokenFault> {
    claims.check_audience(issuer)?;
    let leeway = seconds(issuer.leeway_s);
    let issued = claims.time("iat")?.ok_or(TokenFault::ClaimMissing)?;
    if issued.since(now) > leeway {
        return Err(TokenFault::NotYetValid);
    }
    // SPEC: RFC 8417 §2.2: `exp` is not recommended, as an event does not end; one that is there is kept to.
    if claims.time("exp")?.is_some_and(|end| now.since(end) >= leeway) {
        return Err(TokenFault::Expired);
    }
    let jti = claims.required("jti")?.to_owned();
    let happened = claims.time("toe")?.unwrap_or(issued);
    let events = claims.object("events")?.filter(|events| !events.is_empty());
    let events = events.ok_or(TokenFault::ClaimMissing)?;
    if events.len() > limits::EVENTS {
        return Err(TokenFault::ClaimInvalid);
    }
    let whom = claims.object("sub_id")?;
    let mut changes = Vec::new();
    for event in events {
        let Some(kind) = kind(&event.key) else { continue };
        let body = event.value.as_object().ok_or(TokenFault::ClaimInvalid)?;
        // SPEC: SSF 1.0 has the subject in `sub_id`; its drafts had it in the event.
        let own = body.get("subject").map(|json| json.as_object().ok_or(TokenFault::ClaimInvalid));
        let whom = whom.map_or_else(|| own.unwrap_or(Err(TokenFault::ClaimMissing)), Ok)?;
        let at = time(body)?.unwrap_or(happened).min(now);
        let level = body.get("current_level").map(plain).transpose()?.map(str::to_owned);
        changes.push(StateChange { kind, party: party(whom, issuer, 0)?, at, level });
    }
    Ok(SecurityEvent { issuer: issuer.name.clone(), jti, changes })
}

fn kind(uri: &str) -> Option<&'static str> {
    let found = KINDS.iter().find(|(base, name, _)| uri.strip_prefix(base) == Some(name));
    found.map(|(.., kind)| *kind)
}

/// `event_timestamp` of the event itself (CAEP 1.0 §2).
fn time(body: &Object<'static>) -> Result<Option<Timestamp>, TokenFault> {
    let Some(value) = body.get("event_timestamp") else { return Ok(None) };
    let mut one = Object::default();
    one.insert("at", value.clone());
    Claims(one).time("at")
}

/// SPEC: RFC 9493: who is meant. An issuer speaks of its own subjects only.
fn party(subject: &Object<'static>, issuer: &Issuer, depth: u8) -> Result<EntityRef, TokenFault> {
    let member = |name: &str| subject.get(name).map(plain).transpose();
    let needs = |name: &str| member(name)?.ok_or(TokenFault::ClaimMissing);
    let id = match member("format")? {
        Some("iss_sub") => {
            if needs("iss")? != issuer.name {
                return Err(TokenFault::IssuerUnknown);
            }
            needs("sub")?
        }
        Some("opaque") => needs("id")?,
        Some("email") => needs("email")?,
        Some("account") => needs("uri")?,
        // SPEC: SSF 1.0 §3.2: a complex subject says more, of which the user is whom it is about.
        Some("complex") | None if depth == 0 => {
            let user = subject.get("user").and_then(Json::as_object).ok_or(TokenFault::ClaimInvalid)?;
            return party(user, issuer, depth + 1);
        }
        _ => return Err(TokenFault::ClaimInvalid),
    };
    let kind = issuer.map.subject_kind(id, None);
    Ok(issuer.party(id, kind, None).entity)
}
