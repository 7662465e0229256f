//! Which key an algorithm works with, and the check of one signature.

use aws_lc_rs::signature::{ECDSA_P521_SHA512_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, crypto};

use crate::config::AlgorithmName;
use crate::fault::TokenFault;
use crate::jose::key::{Key, Material};

/// What kind of key an algorithm needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
    Secret,
}

impl AlgorithmName {
    pub(crate) fn family(self) -> Family {
        match self {
            Self::ES256 => Family::P256,
            Self::ES384 => Family::P384,
            Self::ES512 => Family::P521,
            Self::EdDSA => Family::Ed25519,
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512 => Family::Rsa,
            Self::HS256 | Self::HS384 | Self::HS512 => Family::Secret,
        }
    }

    /// Least bytes of a secret: as many as the hash has (RFC 7518, section 3.2).
    pub(crate) fn secret_bytes(self) -> usize {
        match self {
            Self::HS512 => 64,
            Self::HS384 => 48,
            _ => 32,
        }
    }

    fn known_to_library(self) -> Option<Algorithm> {
        Some(match self {
            Self::ES256 => Algorithm::ES256,
            Self::ES384 => Algorithm::ES384,
            // WHY: jsonwebtoken has no P-521; the library below it has.
            Self::ES512 => return None,
            Self::EdDSA => Algorithm::EdDSA,
            Self::RS256 => Algorithm::RS256,
            Self::RS384 => Algorithm::RS384,
            Self::RS512 => Algorithm::RS512,
            Self::PS256 => Algorithm::PS256,
            Self::PS384 => Algorithm::PS384,
            Self::PS512 => Algorithm::PS512,
            Self::HS256 => Algorithm::HS256,
            Self::HS384 => Algorithm::HS384,
            Self::HS512 => Algorithm::HS512,
        })
    }
}

/// Checks the signature of a token's text.
pub(crate) fn verify(
    key: &Key,
    algorithm: AlgorithmName,
    signed: &str,
    signature: &str,
) -> Result<(), TokenFault> {
    verify_bytes(key, algorithm, signed.as_bytes(), signature)
}

/// Checks a signature with a key. The algorithm must be the key's own, whatever the token would like.
pub(crate) fn verify_bytes(
    key: &Key,
    algorithm: AlgorithmName,
    signed: &[u8],
    signature: &str,
) -> Result<(), TokenFault> {
    if key.alg.is_some_and(|pinned| pinned != algorithm) || key.family() != algorithm.family() {
        return Err(TokenFault::AlgorithmMismatch);
    }
    let holds = match (&key.material, algorithm.known_to_library()) {
        (Material::Secret { length, .. }, _) if *length < algorithm.secret_bytes() => {
            return Err(TokenFault::KeyUnusable);
        }
        (Material::P521(point), None) => {
            let raw = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenFault::Malformed)?;
            let public = UnparsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, point);
            public.verify(signed, &raw).is_ok()
        }
        (Material::Library(_, library_key) | Material::Secret { key: library_key, .. }, Some(known)) => {
            crypto::verify(signature, signed, library_key, known).unwrap_or(false)
        }
        (Material::P521(_), Some(_)) | (Material::Library(..) | Material::Secret { .. }, None) => false,
    };
    if holds { Ok(()) } else { Err(TokenFault::SignatureInvalid) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::key::Purpose;

    #[test]
    fn a_secret_serves_only_algorithms_that_it_is_long_enough_for() {
        let secret = [7; 32];
        let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, URL_SAFE_NO_PAD.encode(secret));
        let json = remit_json::parse(jwk.as_bytes(), &remit_json::Limits::default()).unwrap();
        let key = Key::from_jwk(json.as_object().unwrap(), Purpose::Signature).ok().unwrap();
        let told = |name, known| {
            let signature =
                crypto::sign(b"text", &jsonwebtoken::EncodingKey::from_secret(&secret), known).unwrap();
            verify(&key, name, "text", &signature)
        };
        assert_eq!(told(AlgorithmName::HS256, Algorithm::HS256), Ok(()));
        assert_eq!(told(AlgorithmName::HS384, Algorithm::HS384), Err(TokenFault::KeyUnusable));
        assert_eq!(told(AlgorithmName::HS512, Algorithm::HS512), Err(TokenFault::KeyUnusable));
    }
}
