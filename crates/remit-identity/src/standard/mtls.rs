//! `cnf`: what a token is bound to, and the check against a client certificate (RFC 8705).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remit_json::Json;

use crate::claims::Claims;
use crate::fault::TokenFault;
use crate::token::CertificateHash;

/// What must be shown besides the token. With both, both must be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Confirmation {
    /// Thumbprint of the key that DPoP proofs are made with.
    pub jkt: Option<[u8; 32]>,
    /// Hash of the client certificate.
    pub x5t: Option<[u8; 32]>,
}

impl Confirmation {
    pub(crate) fn of(claims: &Claims) -> Result<Self, TokenFault> {
        let Some(value) = claims.0.get("cnf") else { return Ok(Self::default()) };
        let members = value.as_object().ok_or(TokenFault::BindingInvalid)?;
        let mut confirmation = Self::default();
        for member in members {
            let hash = hash(&member.value);
            match member.key.as_ref() {
                "jkt" => confirmation.jkt = Some(hash.ok_or(TokenFault::BindingInvalid)?),
                "x5t#S256" => confirmation.x5t = Some(hash.ok_or(TokenFault::BindingInvalid)?),
                // WHY: a binding that cannot be checked is not no binding.
                _ => return Err(TokenFault::BindingInvalid),
            }
        }
        if confirmation.is_bound() { Ok(confirmation) } else { Err(TokenFault::BindingInvalid) }
    }

    pub(crate) fn is_bound(&self) -> bool {
        self.jkt.is_some() || self.x5t.is_some()
    }
}

fn hash(value: &Json<'_>) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(value.as_str()?).ok()?.try_into().ok()
}

/// Whether the certificate of the connection is the one the token is bound to.
pub(crate) fn check(bound: [u8; 32], shown: Option<CertificateHash>) -> Result<(), TokenFault> {
    match shown {
        None => Err(TokenFault::ProofMissing),
        Some(shown) if shown.0 == bound => Ok(()),
        Some(_) => Err(TokenFault::CertificateMismatch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Confirmation, TokenFault> {
        let json = remit_json::parse(text.as_bytes(), &remit_json::Limits::default()).unwrap();
        Confirmation::of(&Claims(json.as_object().cloned().unwrap().into_owned()))
    }

    #[test]
    fn a_binding_is_checked_or_the_token_is_refused() {
        let print = URL_SAFE_NO_PAD.encode([7; 32]);
        assert_eq!(of("{}"), Ok(Confirmation::default()));
        assert_eq!(of(&format!(r#"{{"cnf":{{"jkt":"{print}"}}}}"#)).unwrap().jkt, Some([7; 32]));
        assert_eq!(of(&format!(r#"{{"cnf":{{"x5t#S256":"{print}"}}}}"#)).unwrap().x5t, Some([7; 32]));
        for bad in [
            r#"{"cnf":null}"#,
            r#"{"cnf":{}}"#,
            r#"{"cnf":{"jkt":7}}"#,
            r#"{"cnf":{"jkt":"AA"}}"#,
            r#"{"cnf":{"kid":"x"}}"#,
            &format!(r#"{{"cnf":{{"jkt":"{print}","jwk":{{}}}}}}"#),
        ] {
            assert_eq!(of(bad), Err(TokenFault::BindingInvalid), "{bad}");
        }
    }

    #[test]
    fn only_the_right_certificate_will_do() {
        assert_eq!(check([7; 32], Some(CertificateHash([7; 32]))), Ok(()));
        assert_eq!(check([7; 32], Some(CertificateHash([8; 32]))), Err(TokenFault::CertificateMismatch));
        assert_eq!(check([7; 32], None), Err(TokenFault::ProofMissing));
    }
}
