//! Identity assertion grants (ID-JAG): an identity provider vouches, across domains, for a user of a client.

use crate::config::Profile;
use crate::fault::TokenFault;
use crate::proved::{Case, Proved};
use crate::standard::access_token::prove_subject;

/// Requires `iss`, `sub`, one `aud`, `client_id`, `jti`, `exp` and `iat`.
///
/// The draft leaves open what authenticates an actor named in `act`: `client_id` alone does not.
pub(crate) fn prove(case: &Case<'_>) -> Result<Proved, TokenFault> {
    let claims = case.claims;
    // SPEC: ID-JAG §4: the audience is one value, the resource authorization server.
    if claims.audience()?.len() != 1 {
        return Err(TokenFault::AudienceMismatch);
    }
    claims.check_audience(case.issuer)?;
    for name in ["client_id", "jti"] {
        claims.required(name)?;
    }
    let times = claims.times(case.issuer, case.now)?;
    if times.issued.is_none() {
        return Err(TokenFault::ClaimMissing);
    }
    prove_subject(Profile::IdJag, case, times)
}
