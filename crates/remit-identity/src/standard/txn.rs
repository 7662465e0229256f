//! Transaction tokens, and their extension for agents: purpose, immutable details, chain and posture.

use std::collections::BTreeSet;

use remit_json::{Json, Object};

use crate::claims::plain;
use crate::config::Profile;
use crate::evidence::Assurance;
use crate::fault::TokenFault;
use crate::limits;
use crate::proved::{Case, Proved};
use crate::standard::access_token::prove_subject;

/// Requires `iat`, `exp`, `txn`, `sub`, `scope`, `req_wl`, and `aud` to be the trust domain, alone.
pub(crate) fn prove(case: &Case<'_>) -> Result<Proved, TokenFault> {
    let claims = case.claims;
    if claims.audience()?.len() != 1 {
        return Err(TokenFault::AudienceMismatch);
    }
    claims.check_audience(case.issuer)?;
    let times = claims.times(case.issuer, case.now)?;
    if times.issued.is_none() {
        return Err(TokenFault::ClaimMissing);
    }
    for name in ["txn", "req_wl"] {
        claims.required(name)?;
    }
    let purpose = claims.required("scope")?.to_owned();
    for name in ["tctx", "rctx"] {
        claims.object(name)?;
    }
    let mut proved = prove_subject(Profile::TxnToken, case, times)?;
    // WHY: here `scope` names what the transaction is for, not what a bearer may do.
    proved.scopes = None;
    proved.notes.remove(&crate::evidence::Note::ScopesReduced);
    proved.purpose = Some(purpose);
    if let Some(posture) = claims.object("agentic_ctx")? {
        apply_posture(case, posture, &mut proved)?;
    }
    Ok(proved)
}

/// The agents extension: flat for one agent, or with `current_actor`, `originator` and `chain_metadata`.
fn apply_posture(case: &Case<'_>, posture: &Object<'static>, proved: &mut Proved) -> Result<(), TokenFault> {
    let current = member(posture, "current_actor")?.unwrap_or(posture);
    let mut weakest = None;
    for part in [Some(current), member(posture, "originator")?].into_iter().flatten() {
        weakest = lower(weakest, stated(member(part, "posture")?, "assurance")?);
    }
    if let Some(chain) = member(posture, "chain_metadata")? {
        weakest = lower(weakest, stated(Some(chain), "min_assurance_level")?);
        check_path(chain)?;
    }
    // SPEC: txn-tokens for agents: the assurance of a chain is that of its weakest member.
    for member in &mut proved.chain {
        member.assurance = case.issuer.capped(weakest);
    }
    if proved.chain.is_empty()
        && let Some(subject) = &mut proved.subject
    {
        subject.assurance = case.issuer.capped(lower(subject.assurance, weakest));
    }
    Ok(())
}

/// `txn_path` names each workload once: one that comes back is a loop (txn-tokens for agents).
fn check_path(chain: &Object<'static>) -> Result<(), TokenFault> {
    let Some(path) = chain.get("txn_path") else { return Ok(()) };
    let path = path.as_array().ok_or(TokenFault::ActInvalid)?;
    let mut seen = BTreeSet::new();
    let new = |id: &Json<'static>| plain(id).is_ok_and(|id| seen.insert(id.to_owned()));
    if path.len() <= limits::ACTORS_MAX && path.iter().all(new) {
        Ok(())
    } else {
        Err(TokenFault::ActInvalid)
    }
}

fn member<'o>(object: &'o Object<'static>, name: &str) -> Result<Option<&'o Object<'static>>, TokenFault> {
    object.get(name).map(|it| it.as_object().ok_or(TokenFault::ClaimInvalid)).transpose()
}

fn stated(object: Option<&Object<'static>>, name: &str) -> Result<Option<Assurance>, TokenFault> {
    let Some(value) = object.and_then(|object| object.get(name)) else { return Ok(None) };
    let level = value.as_str().and_then(Assurance::parse);
    level.map(Some).ok_or(TokenFault::ClaimInvalid)
}

fn lower(left: Option<Assurance>, right: Option<Assurance>) -> Option<Assurance> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.min(right)),
        (left, right) => left.or(right),
    }
}
