//! `act` and `may_act` of RFC 8693: who acts, and who may.

use remit_json::Object;

use crate::claims::{Claims, plain};
use crate::evidence::{ChainMember, MayAct, PartyKind};
use crate::fault::TokenFault;
use crate::issuer::{Issuer, check_member_issuer, depth};

/// The chain of `act`, current actor first; empty without one.
///
/// SPEC: RFC 8693 §4.1: the outermost object is the current actor; `exp`, `nbf` and `aud` inside mean nothing.
pub(crate) fn chain(
    claims: &Claims,
    issuer: &Issuer,
    known: &[Issuer],
) -> Result<Vec<ChainMember>, TokenFault> {
    let mut chain = Vec::new();
    let mut next = claims.0.get("act");
    while let Some(act) = next {
        if chain.len() >= depth(issuer) {
            return Err(TokenFault::ActTooDeep);
        }
        let act = act.as_object().ok_or(TokenFault::ActInvalid)?;
        let (id, named) = identity(act).map_err(|_| TokenFault::ActInvalid)?;
        if let Some(named) = named {
            check_member_issuer(known, named)?;
        }
        chain.push(issuer.member(id, named));
        next = act.get("act");
    }
    Ok(chain)
}

/// `may_act`; members we cannot compare make it match nobody.
pub(crate) fn may_act(claims: &Claims, issuer: &Issuer) -> Result<Option<MayAct>, TokenFault> {
    let Some(object) = claims.object("may_act")? else { return Ok(None) };
    let (id, named) = identity(object)?;
    let unknown_members = object.iter().any(|member| !matches!(member.key.as_ref(), "sub" | "iss"));
    let entity = issuer.party(id, PartyKind::Agent, None).entity;
    Ok(Some(MayAct { id: id.into(), issuer: named.map(str::to_owned), entity, unknown_members }))
}

fn identity<'o>(object: &'o Object<'static>) -> Result<(&'o str, Option<&'o str>), TokenFault> {
    let id = plain(object.get("sub").ok_or(TokenFault::ClaimMissing)?)?;
    let issuer = object.get("iss").map(plain).transpose()?;
    Ok((id, issuer))
}
