//! One JWS against one key or key set, with the rules of tokens but without claims: what test vectors need.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remit_json::{Json, Limits};

use crate::config::AlgorithmName;
use crate::fault::TokenFault;
use crate::jose::algorithm::verify;
use crate::jose::compact::Compact;
use crate::jose::key::{Key, Purpose};
use crate::jose::key_set::{KeySet, SetRules};
use crate::limits;

/// Checks the signature of a compact JWS with a JWK or a JWK set.
///
/// The keys say which algorithms are acceptable: shared secrets alone, or public keys alone.
///
/// # Errors
/// The [`TokenFault`] that a token with this signature would be refused with.
pub fn check_compact(token: &str, keys: &str) -> Result<(), TokenFault> {
    let compact = Compact::parse(token)?;
    let algorithm = AlgorithmName::parse(&compact.header.alg).ok_or(TokenFault::AlgorithmNotAllowed)?;
    let json = remit_json::parse(keys.as_bytes(), &Limits::default()).map_err(|_| TokenFault::KeyUnusable)?;
    let object = json.as_object().ok_or(TokenFault::KeyUnusable)?;
    if object.get("keys").is_none() {
        let key = Key::from_jwk(object, Purpose::Signature).map_err(|_| TokenFault::KeyUnusable)?;
        return verify(&key, algorithm, compact.signed, compact.signature);
    }
    let listed = object.get("keys").and_then(Json::as_array).unwrap_or_default();
    let secret = |jwk: &Json<'_>| jwk.pointer("/kty").and_then(Json::as_str) == Some("oct");
    let symmetric = listed.iter().any(secret);
    let rules = SetRules { purpose: Purpose::Signature, symmetric, may_be_empty: false };
    let set = KeySet::parse(keys.as_bytes(), rules).map_err(|_| TokenFault::KeyUnusable)?;
    let key = set.find(compact.header.kid.as_deref())?;
    verify(key, algorithm, compact.signed, compact.signature)
}

/// Checks a bare Ed25519 signature with a bare public key.
///
/// # Errors
/// [`TokenFault::KeyUnusable`] or [`TokenFault::SignatureInvalid`].
pub fn check_ed25519(public: &[u8], message: &[u8], signature: &[u8]) -> Result<(), TokenFault> {
    let x = URL_SAFE_NO_PAD.encode(public);
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"{x}"}}"#);
    let json = remit_json::parse(jwk.as_bytes(), &Limits::default()).map_err(|_| TokenFault::KeyUnusable)?;
    let object = json.as_object().ok_or(TokenFault::KeyUnusable)?;
    let key = Key::from_jwk(object, Purpose::Signature).map_err(|_| TokenFault::KeyUnusable)?;
    if message.len() > limits::KEY_SET_BYTES {
        return Err(TokenFault::TooLarge);
    }
    crate::jose::algorithm::verify_bytes(
        &key,
        AlgorithmName::EdDSA,
        message,
        &URL_SAFE_NO_PAD.encode(signature),
    )
}
