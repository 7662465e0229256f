//! One file per standard: what a token of that kind must hold, and what it proves.

pub(crate) mod access_token;
pub mod caller;
pub(crate) mod dpop;
pub(crate) mod id_jag;
pub(crate) mod id_token;
pub(crate) mod introspection;
pub(crate) mod kubernetes;
pub(crate) mod mtls;
pub(crate) mod rar;
pub mod security_event;
pub(crate) mod spiffe;
pub(crate) mod token_exchange;
pub(crate) mod txn;

use crate::config::Profile;
use crate::fault::TokenFault;
use crate::issuer::Issuer;
use crate::jose::compact::Header;
use crate::proved::{Case, Proved};

/// What a header must look like for a kind of token. Confusion between kinds is a refusal.
pub(crate) fn check_header(profile: Profile, issuer: &Issuer, header: &Header) -> Result<(), TokenFault> {
    let typ = header.media_type().unwrap_or_default();
    let fits = match profile {
        Profile::AccessToken => typ == "at+jwt" || issuer.typ.contains(&typ),
        Profile::IdToken => matches!(typ.as_str(), "" | "jwt"),
        Profile::Delegation => matches!(typ.as_str(), "" | "jwt" | "at+jwt") || issuer.typ.contains(&typ),
        Profile::IdJag => typ == "oauth-id-jag+jwt",
        Profile::TxnToken => typ == "txntoken+jwt",
        Profile::JwtSvid => {
            spiffe::check_members(header)?;
            matches!(typ.as_str(), "" | "jwt" | "jose")
        }
        Profile::ServiceAccount => matches!(typ.as_str(), "" | "jwt"),
        Profile::SecurityEvent => typ == security_event::TYP,
    };
    if fits { Ok(()) } else { Err(TokenFault::TypMismatch) }
}

/// What a token with a verified signature proves.
pub(crate) fn prove(profile: Profile, case: &Case<'_>) -> Result<Proved, TokenFault> {
    match profile {
        Profile::AccessToken | Profile::Delegation => access_token::prove(profile, case),
        Profile::IdToken => id_token::prove(case),
        Profile::IdJag => id_jag::prove(case),
        Profile::TxnToken => txn::prove(case),
        Profile::JwtSvid => spiffe::prove(case),
        Profile::ServiceAccount => kubernetes::prove(case),
        // INVARIANT: an event is no proof of who asks.
        Profile::SecurityEvent => Err(TokenFault::TypeUnsupported),
    }
}
