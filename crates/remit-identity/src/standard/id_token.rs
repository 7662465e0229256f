//! ID tokens of OpenID Connect: who signed in, and nothing about what they may do.

use crate::config::Profile;
use crate::fault::TokenFault;
use crate::proved::{Case, Proved};
use crate::standard::access_token::prove_subject;

/// Requires `iat` besides the common claims. Scopes, details and actors in an ID token mean nothing.
pub(crate) fn prove(case: &Case<'_>) -> Result<Proved, TokenFault> {
    case.claims.check_audience(case.issuer)?;
    let times = case.claims.times(case.issuer, case.now)?;
    if times.issued.is_none() {
        return Err(TokenFault::ClaimMissing);
    }
    let mut proved = prove_subject(Profile::IdToken, case, times)?;
    proved.chain.clear();
    proved.scopes = None;
    proved.details = None;
    proved.may_act = None;
    Ok(proved)
}
