//! Projected service-account tokens of Kubernetes: which account in which namespace, and in which pod.

use remit_json::{Json, Object};

use crate::config::Profile;
use crate::evidence::PartyKind;
use crate::fault::TokenFault;
use crate::proved::{Case, Proved};

/// The claim that only such tokens have.
pub(crate) const CLAIM: &str = "kubernetes.io";

/// Requires `sub` to be the account that the `kubernetes.io` claim describes.
pub(crate) fn prove(case: &Case<'_>) -> Result<Proved, TokenFault> {
    let claims = case.claims;
    claims.check_audience(case.issuer)?;
    let times = claims.times(case.issuer, case.now)?;
    let sub = claims.required("sub")?;
    let described = claims.object(CLAIM)?.ok_or(TokenFault::ClaimMissing)?;
    if account(described).as_deref() != Some(sub) {
        return Err(TokenFault::WorkloadInvalid);
    }
    let mut proved = case.begin(Profile::ServiceAccount, times)?;
    proved.workload = Some(case.issuer.party(sub, PartyKind::Workload, None));
    Ok(proved)
}

fn account(described: &Object<'_>) -> Option<String> {
    let namespace = described.get("namespace").and_then(Json::as_str)?;
    let name = described.get("serviceaccount")?.pointer("/name").and_then(Json::as_str)?;
    // WHY: a colon in either could make two accounts look the same.
    let plain = |text: &str| !text.is_empty() && !text.contains(':');
    (plain(namespace) && plain(name)).then(|| format!("system:serviceaccount:{namespace}:{name}"))
}
