//! DPoP (RFC 9449): whoever presents the token holds the key it is bound to. Each proof counts once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remit_model::Timestamp;

use crate::claims::{Claims, seconds};
use crate::config::AlgorithmName;
use crate::fault::TokenFault;
use crate::jose::algorithm::verify;
use crate::jose::compact::Compact;
use crate::jose::key::{Key, Purpose};
use crate::limits;
use crate::token::{PresentedProof, sha256};

/// A proof that holds; it must still be new.
#[derive(Debug)]
pub(crate) struct Proof {
    /// Under which it is remembered.
    pub id: [u8; 32],
    /// Until when.
    pub until: Timestamp,
}

/// The twelve checks of RFC 9449, section 4.3, but the last: whether the proof was seen before.
pub(crate) fn check(
    presented: &PresentedProof,
    token: &str,
    bound: [u8; 32],
    now: Timestamp,
) -> Result<Proof, TokenFault> {
    let compact = Compact::parse(presented.proof.reveal()).map_err(|_| TokenFault::ProofInvalid)?;
    let claims = Claims(compact.claims().map_err(|_| TokenFault::ProofInvalid)?);
    if compact.header.media_type().as_deref() != Some("dpop+jwt") {
        return Err(TokenFault::ProofInvalid);
    }
    let algorithm = AlgorithmName::parse(&compact.header.alg).filter(|it| !it.is_symmetric());
    let algorithm = algorithm.ok_or(TokenFault::ProofInvalid)?;
    let jwk = compact.header.jwk.as_ref().ok_or(TokenFault::ProofInvalid)?;
    let key = Key::from_jwk(jwk, Purpose::Signature).map_err(|_| TokenFault::ProofInvalid)?;
    verify(&key, algorithm, compact.signed, compact.signature).map_err(|_| TokenFault::ProofSignature)?;
    if key.thumbprint != bound {
        return Err(TokenFault::ProofKey);
    }
    let required = |name| claims.required(name).map_err(|_| TokenFault::ProofInvalid);
    let (jti, method, url) = (required("jti")?, required("htm")?, required("htu")?);
    let same_url = match (target(url, false), target(&presented.url, true)) {
        (Some(named), Some(used)) => named == used,
        _ => false,
    };
    if method != presented.method || !same_url {
        return Err(TokenFault::ProofTarget);
    }
    // SPEC: RFC 9449 §4.3, check 10: only who gave a nonce can tell whether it is the right one.
    if presented.nonce.as_deref().is_some_and(|asked| claims.text("nonce").ok().flatten() != Some(asked)) {
        return Err(TokenFault::ProofNonce);
    }
    if required("ath")? != URL_SAFE_NO_PAD.encode(sha256(token.as_bytes())) {
        return Err(TokenFault::ProofToken);
    }
    let issued = claims.time("iat").ok().flatten().ok_or(TokenFault::ProofInvalid)?;
    let window = seconds(limits::PROOF_WINDOW_S);
    if now.since(issued) > window || issued.since(now) > window {
        return Err(TokenFault::ProofStale);
    }
    let until = issued.checked_add(window).ok_or(TokenFault::ProofInvalid)?;
    let id = sha256(&[&key.thumbprint[..], jti.as_bytes()].concat());
    Ok(Proof { id, until })
}

/// A URL as RFC 3986 compares it: scheme and host without case, no default port, no empty path.
///
/// Query and fragment of the request are left out; in a proof they are an error.
fn target(url: &str, drop_query: bool) -> Option<(String, String, String)> {
    let bare = url.split(['?', '#']).next()?;
    if !drop_query && bare.len() != url.len() {
        return None;
    }
    let (scheme, rest) = bare.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = authority.to_ascii_lowercase();
    let default = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let authority = authority.strip_suffix(default).unwrap_or(&authority).to_owned();
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    if authority.is_empty() || authority.contains('@') || url.contains(odd) {
        return None;
    }
    let path = if path.is_empty() { "/" } else { path };
    Some((scheme, authority, unescape(path)?))
}

/// Percent escapes in one spelling: unreserved letters plain, the rest in upper case.
fn unescape(path: &str) -> Option<String> {
    let mut parts = path.split('%');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let digits = part.get(..2)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let byte = u8::from_str_radix(digits, 16).ok()?;
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&digits.to_ascii_uppercase());
        }
        out.push_str(part.get(2..)?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The proof, token and thumbprint of RFC 9449, sections 7.1 and 6.1.
    #[test]
    fn the_example_of_rfc_9449_holds() {
        let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
        let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
        let bound = URL_SAFE_NO_PAD.decode("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I").unwrap();
        let bound: [u8; 32] = bound.try_into().unwrap();
        let at = |seconds| Timestamp::from_unix_seconds(seconds).unwrap();
        let sent = |method: &str, url: &str| {
            crate::PresentedToken::new("", token).with_proof(proof, method, url).dpop.unwrap()
        };
        let url = "https://resource.example.org/protectedresource";
        assert!(check(&sent("GET", url), token, bound, at(1_562_262_618)).is_ok());
        let stale = check(&sent("GET", url), token, bound, at(1_562_262_679));
        assert_eq!(stale.err(), Some(TokenFault::ProofStale));
        let other = check(&sent("POST", url), token, bound, at(1_562_262_618));
        assert_eq!(other.err(), Some(TokenFault::ProofTarget));
    }

    #[test]
    fn urls_are_compared_as_rfc_3986_says() {
        let same = [
            ("https://rs.example/a", "HTTPS://RS.example:443/a?x=1#y"),
            ("https://rs.example", "https://rs.example/"),
            ("https://rs.example/%7ea%2f", "https://rs.example/~a%2F"),
            ("http://rs.example:8080/a", "http://rs.example:8080/a"),
        ];
        for (named, used) in same {
            assert!(target(named, false).is_some(), "{named}");
            assert_eq!(target(named, false), target(used, true), "{named} {used}");
        }
        let differ = [
            ("https://rs.example/a", "http://rs.example/a"),
            ("https://rs.example/a", "https://rs.example/A"),
            ("https://rs.example/a", "https://rs.example/a/"),
            ("https://rs.example/a/b", "https://rs.example/a%2Fb"),
            ("https://rs.example/a", "https://rs.example:444/a"),
        ];
        for (named, used) in differ {
            assert_ne!(target(named, false), target(used, true), "{named} {used}");
        }
        for bad in [
            "https://rs.example/a?x",
            "https://rs.example/a#x",
            "rs.example/a",
            "ftp://rs.example/a",
            "https://me@rs.example/",
            "https:///a",
            "https://rs.example/%4",
        ] {
            assert_eq!(target(bad, false), None, "{bad}");
        }
    }
}
