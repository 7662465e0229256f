//! Access tokens by which a caller of the API says who it is itself: OAuth client credentials (RFC 6749 §4.4) as JWTs of
//! RFC 9068. Whom the issuer means is read here; which caller that is, is not known.

use remit_model::Timestamp;

use crate::claims::{Claims, Times};
use crate::fault::TokenFault;
use crate::issuer::Issuer;
use crate::standard::mtls::Confirmation;

/// What a verified access token says of whoever presents it as its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who says so.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
    /// `client_id`, or `azp` where an issuer writes that instead.
    pub client_id: Option<String>,
    /// Whom the token is meant for. Whether we are among them is for the caller's entry to say.
    pub audience: Vec<String>,
}

/// Reads the claims of a token whose signature holds. A token of one who acts for another names no caller, and one that
/// is bound to a key is refused, as no proof comes with it.
pub(crate) fn read(claims: &Claims, issuer: &Issuer, now: Timestamp) -> Result<(Times, Caller), TokenFault> {
    let times = claims.times(issuer, now)?;
    if claims.0.get("act").is_some() {
        return Err(TokenFault::ActInvalid);
    }
    if issuer.require_binding || Confirmation::of(claims)?.is_bound() {
        return Err(TokenFault::ProofMissing);
    }
    let audience = claims.audience()?.into_iter().map(str::to_owned).collect();
    let client_id = match claims.text("client_id")? {
        Some(named) => Some(named),
        None => claims.text("azp")?,
    };
    let caller = Caller {
        issuer: issuer.name.clone(),
        subject: claims.required("sub")?.to_owned(),
        client_id: client_id.map(str::to_owned),
        audience,
    };
    Ok((times, caller))
}
