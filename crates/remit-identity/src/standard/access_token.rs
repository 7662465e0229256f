//! JWT access tokens (RFC 9068) and delegation tokens: a subject, perhaps a chain, perhaps an intent.

use crate::claims::Times;
use crate::config::{ActorClaim, Profile};
use crate::evidence::{Assurance, ChainMember, Note};
use crate::fault::TokenFault;
use crate::proved::{Case, Proved};
use crate::standard::{rar, token_exchange};

/// Requires `iss`, `aud`, `sub` and `exp`; everything else is used when it is there.
pub(crate) fn prove(profile: Profile, case: &Case<'_>) -> Result<Proved, TokenFault> {
    case.claims.check_audience(case.issuer)?;
    let times = case.claims.times(case.issuer, case.now)?;
    prove_subject(profile, case, times)
}

/// The common part of every token that names a subject.
pub(crate) fn prove_subject(profile: Profile, case: &Case<'_>, times: Times) -> Result<Proved, TokenFault> {
    let (claims, issuer) = (case.claims, case.issuer);
    let mut proved = case.begin(profile, times)?;
    let sub = claims.required("sub")?;
    let kind = issuer.map.subject_kind(sub, proved.client_id.as_deref());
    // WHY: `sub` stays required; another claim may only give the entity its name.
    let named = claims.required(issuer.map.subject_claim())?;
    let assurance = assurance(case)?;
    proved.subject = Some(issuer.party(named, kind, assurance));
    proved.chain = chain(case, sub, proved.client_id.as_deref())?;
    proved.may_act = token_exchange::may_act(claims, issuer)?;
    if let (Some(may_act), Some(actor)) = (&proved.may_act, proved.chain.first())
        && !may_act.permits(actor)
    {
        return Err(TokenFault::MayActMismatch);
    }
    proved.details = rar::details(claims, issuer)?;
    let scopes = claims.scopes()?;
    let kept = match &issuer.ceiling_scopes {
        Some(most) => scopes.intersection(most).cloned().collect(),
        None => scopes.clone(),
    };
    if kept.len() < scopes.len() {
        proved.notes.insert(Note::ScopesReduced);
    }
    // WHY: a token without the claim says nothing of scopes, and takes none from the others.
    proved.scopes = claims.0.get("scope").map(|_| kept);
    if let (Some(client), Some(actor)) = (&proved.client_id, proved.chain.first())
        && *client != actor.id
    {
        proved.notes.insert(Note::ClientIsNotActor);
    }
    if proved.chain.iter().any(|member| member.id == sub && member.issuer == issuer.name) {
        proved.notes.insert(Note::ActorIsSubject);
    }
    Ok(proved)
}

/// The chain of `act`, or the one actor that the issuer puts elsewhere.
fn chain(case: &Case<'_>, sub: &str, client_id: Option<&str>) -> Result<Vec<ChainMember>, TokenFault> {
    let chain = token_exchange::chain(case.claims, case.issuer, case.known)?;
    if !chain.is_empty() {
        return Ok(chain);
    }
    let elsewhere = match case.issuer.map.actor {
        ActorClaim::Act => None,
        ActorClaim::ClientId => client_id,
        ActorClaim::Azp => case.claims.text("azp")?,
    };
    let actor = elsewhere.filter(|id| *id != sub);
    Ok(actor.map(|id| case.issuer.member(id, None)).into_iter().collect())
}

fn assurance(case: &Case<'_>) -> Result<Option<Assurance>, TokenFault> {
    let Some(name) = &case.issuer.map.assurance_claim else { return Ok(None) };
    let Some(value) = case.claims.0.get(name) else { return Ok(None) };
    let level = match (value.as_str(), value.as_number().and_then(|number| number.as_i64())) {
        (Some(text), _) => Assurance::parse(text),
        (None, Some(number)) => Assurance::parse(&number.to_string()),
        (None, None) => None,
    };
    level.map(Some).ok_or(TokenFault::ClaimInvalid)
}
