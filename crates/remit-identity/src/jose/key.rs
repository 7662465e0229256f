//! One key of a key set: read strictly, refused when weak or not meant for signatures.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ParsedPublicKey,
    VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use remit_json::{Json, Object};

use crate::config::AlgorithmName;
use crate::jose::algorithm::Family;
use crate::jose::compact::key_id;
use crate::jose::rsa;
use crate::token::sha256;

/// A key that can check signatures.
#[derive(Clone)]
pub(crate) struct Key {
    pub kid: Option<String>,
    /// The one algorithm it is for, when it says so.
    pub alg: Option<AlgorithmName>,
    pub material: Material,
    /// RFC 7638 with SHA-256.
    pub thumbprint: [u8; 32],
}

#[derive(Clone)]
pub(crate) enum Material {
    /// A public key of a family that the library knows.
    Library(Family, DecodingKey),
    /// The uncompressed point.
    P521(Vec<u8>),
    /// A shared secret and its length in bytes.
    Secret { key: DecodingKey, length: usize },
}

/// What a key must be meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// `use` is `sig` or absent.
    Signature,
    /// `use` is `jwt-svid`, as SPIFFE bundles have it.
    JwtSvid,
}

/// Why a key of a set is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyDefect {
    #[error("it is not an object with plain members")]
    Form,
    #[error("its type or curve is unknown")]
    Unknown,
    #[error("it is not meant for signatures")]
    Purpose,
    #[error("its algorithm is unknown or for another type of key")]
    Algorithm,
    #[error("it holds a private part")]
    Private,
    #[error("it is weak")]
    Weak,
    #[error("it is not a point of its curve")]
    Point,
}

impl Key {
    pub(crate) fn family(&self) -> Family {
        match &self.material {
            Material::Library(family, _) => *family,
            Material::P521(_) => Family::P521,
            Material::Secret { .. } => Family::Secret,
        }
    }

    pub(crate) fn from_jwk(jwk: &Object<'_>, purpose: Purpose) -> Result<Self, KeyDefect> {
        check_purpose(jwk, purpose)?;
        let kid = match jwk.get("kid") {
            None => None,
            Some(kid) => Some(key_id(kid).ok_or(KeyDefect::Form)?),
        };
        let alg = match jwk.get("alg") {
            None => None,
            Some(alg) => Some(alg.as_str().and_then(AlgorithmName::parse).ok_or(KeyDefect::Algorithm)?),
        };
        let (material, thumbprint) = match text(jwk, "kty")? {
            "RSA" => rsa_key(jwk)?,
            "EC" => ec_key(jwk)?,
            "OKP" => ed_key(jwk)?,
            "oct" => secret(jwk)?,
            _ => return Err(KeyDefect::Unknown),
        };
        let key = Self { kid, alg, material, thumbprint };
        if key.alg.is_some_and(|alg| alg.family() != key.family()) {
            return Err(KeyDefect::Algorithm);
        }
        match (&key.material, key.alg) {
            (Material::Secret { length, .. }, Some(alg)) if *length < alg.secret_bytes() => {
                Err(KeyDefect::Weak)
            }
            _ => Ok(key),
        }
    }
}

fn check_purpose(jwk: &Object<'_>, purpose: Purpose) -> Result<(), KeyDefect> {
    let named = jwk.get("use").map(|it| it.as_str().unwrap_or_default());
    let meant = match purpose {
        Purpose::Signature => named.is_none_or(|named| named == "sig"),
        Purpose::JwtSvid => named == Some("jwt-svid"),
    };
    let operations = match jwk.get("key_ops") {
        None => true,
        Some(operations) => {
            let listed = operations.as_array().ok_or(KeyDefect::Form)?;
            listed.iter().any(|it| it.as_str() == Some("verify"))
        }
    };
    if meant && operations { Ok(()) } else { Err(KeyDefect::Purpose) }
}

fn text<'o>(jwk: &'o Object<'_>, name: &str) -> Result<&'o str, KeyDefect> {
    jwk.get(name).and_then(Json::as_str).ok_or(KeyDefect::Form)
}

fn bytes(jwk: &Object<'_>, name: &str) -> Result<Vec<u8>, KeyDefect> {
    URL_SAFE_NO_PAD.decode(text(jwk, name)?).map_err(|_| KeyDefect::Form)
}

/// SPEC: RFC 7638: the required members in lexical order, without blanks.
fn thumbprint(members: &[(&str, &str)]) -> [u8; 32] {
    let listed: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    sha256(format!("{{{}}}", listed.join(",")).as_bytes())
}

fn refuse_private(jwk: &Object<'_>) -> Result<(), KeyDefect> {
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    if private.iter().any(|name| jwk.get(name).is_some()) { Err(KeyDefect::Private) } else { Ok(()) }
}

fn rsa_key(jwk: &Object<'_>) -> Result<(Material, [u8; 32]), KeyDefect> {
    refuse_private(jwk)?;
    let (n, e) = (bytes(jwk, "n")?, bytes(jwk, "e")?);
    if !rsa::is_strong(&n, &e) {
        return Err(KeyDefect::Weak);
    }
    let key = DecodingKey::from_rsa_raw_components(&n, &e);
    let print = thumbprint(&[("e", text(jwk, "e")?), ("kty", "RSA"), ("n", text(jwk, "n")?)]);
    Ok((Material::Library(Family::Rsa, key), print))
}

fn ec_key(jwk: &Object<'_>) -> Result<(Material, [u8; 32]), KeyDefect> {
    refuse_private(jwk)?;
    let (crv, x, y) = (text(jwk, "crv")?, text(jwk, "x")?, text(jwk, "y")?);
    let point = [vec![4], bytes(jwk, "x")?, bytes(jwk, "y")?].concat();
    let half = point.len() / 2;
    let on_curve = |size: usize, curve: &'static dyn VerificationAlgorithm| {
        let sized = half == size && bytes(jwk, "x").is_ok_and(|x| x.len() == size);
        let parsed = ParsedPublicKey::new(curve, &point).is_ok();
        if sized && parsed { Ok(()) } else { Err(KeyDefect::Point) }
    };
    let library = || DecodingKey::from_ec_components(x, y).map_err(|_| KeyDefect::Form);
    let material = match crv {
        "P-256" => {
            on_curve(32, &ECDSA_P256_SHA256_FIXED)?;
            Material::Library(Family::P256, library()?)
        }
        "P-384" => {
            on_curve(48, &ECDSA_P384_SHA384_FIXED)?;
            Material::Library(Family::P384, library()?)
        }
        "P-521" => {
            on_curve(66, &ECDSA_P521_SHA512_FIXED)?;
            Material::P521(point.clone())
        }
        _ => return Err(KeyDefect::Unknown),
    };
    Ok((material, thumbprint(&[("crv", crv), ("kty", "EC"), ("x", x), ("y", y)])))
}

/// The y coordinates of the points of small order, sign bit cleared: with such a key anything verifies.
const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

fn ed_key(jwk: &Object<'_>) -> Result<(Material, [u8; 32]), KeyDefect> {
    refuse_private(jwk)?;
    if text(jwk, "crv")? != "Ed25519" {
        return Err(KeyDefect::Unknown);
    }
    let mut y: [u8; 32] = bytes(jwk, "x")?.try_into().map_err(|_| KeyDefect::Point)?;
    if let Some(last) = y.last_mut() {
        *last &= 0x7f;
    }
    let digits: String = y.iter().map(|byte| format!("{byte:02x}")).collect();
    if SMALL_ORDER.contains(&digits.as_str()) {
        return Err(KeyDefect::Weak);
    }
    let x = text(jwk, "x")?;
    let key = DecodingKey::from_ed_components(x).map_err(|_| KeyDefect::Form)?;
    let print = thumbprint(&[("crv", "Ed25519"), ("kty", "OKP"), ("x", x)]);
    Ok((Material::Library(Family::Ed25519, key), print))
}

fn secret(jwk: &Object<'_>) -> Result<(Material, [u8; 32]), KeyDefect> {
    let k = bytes(jwk, "k")?;
    // WHY: the shortest secret of any algorithm; shorter ones could never be used.
    if k.len() < AlgorithmName::HS256.secret_bytes() {
        return Err(KeyDefect::Weak);
    }
    let print = thumbprint(&[("k", text(jwk, "k")?), ("kty", "oct")]);
    Ok((Material::Secret { key: DecodingKey::from_secret(&k), length: k.len() }, print))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(jwk: &str) -> Result<Key, KeyDefect> {
        let json = remit_json::parse(jwk.as_bytes(), &remit_json::Limits::default()).unwrap();
        Key::from_jwk(json.as_object().unwrap(), Purpose::Signature)
    }

    const X: &str = "04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7wY";
    const Y: &str = "UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw";

    fn ec(more: &str) -> String {
        format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}"{more}}}"#)
    }

    #[test]
    fn the_thumbprint_is_the_one_of_rfc_7638() {
        // The RSA key and thumbprint of RFC 7638, section 3.1.
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let key = read(&format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB"}}"#)).ok().unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(key.thumbprint), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn a_key_is_taken_only_for_what_it_is_meant_for() {
        // 32 bytes.
        let secret = |alg: &str| {
            format!(r#"{{"kty":"oct","alg":"{alg}","k":"-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE"}}"#)
        };
        assert!(read(&secret("HS256")).is_ok());
        let fine = ["", r#","use":"sig""#, r#","alg":"ES256""#, r#","key_ops":["sign","verify"]"#];
        for more in fine {
            assert!(read(&ec(more)).is_ok(), "{more}");
        }
        let table = [
            (ec(r#","use":"enc""#), KeyDefect::Purpose),
            (ec(r#","key_ops":["deriveKey"]"#), KeyDefect::Purpose),
            (ec(r#","use":"sig","key_ops":[]"#), KeyDefect::Purpose),
            (ec(r#","alg":"ES224""#), KeyDefect::Algorithm),
            (ec(r#","alg":"RS256""#), KeyDefect::Algorithm),
            (ec(r#","d":"AAAA""#), KeyDefect::Private),
            (ec("").replace("mw\"", "nw\""), KeyDefect::Point),
            // The same bytes, parted one byte too soon.
            (
                ec("")
                    .replace(X, "04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7w")
                    .replace(Y, "BlCPHscvgtOmuw1J4yHRDZMXhbRzOPpf-NS6hMPZ1YJs"),
                KeyDefect::Point,
            ),
            (ec("").replace("P-256", "P-384"), KeyDefect::Point),
            (ec("").replace("P-256", "secp256k1"), KeyDefect::Unknown),
            (ec("").replace("EC", "AKP"), KeyDefect::Unknown),
            (r#"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg"}"#.into(), KeyDefect::Weak),
            (
                r#"{"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA"}"#.into(),
                KeyDefect::Weak,
            ),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"AQ"}"#.into(), KeyDefect::Point),
            (secret("HS384"), KeyDefect::Weak),
            (secret("HS512"), KeyDefect::Weak),
        ];
        for (jwk, expected) in table {
            assert_eq!(read(&jwk).err(), Some(expected), "{jwk}");
        }
    }
}
