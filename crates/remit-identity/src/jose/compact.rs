//! A compact JWS with one reading: strict base64url, strict JSON, no extension.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remit_json::{Json, Limits, Object};

use crate::fault::TokenFault;
use crate::limits;

/// A token taken apart; nothing in it is verified.
pub(crate) struct Compact<'a> {
    pub header: Header,
    pub payload: Vec<u8>,
    /// Header and payload as they were signed.
    pub signed: &'a str,
    /// The signature, still encoded.
    pub signature: &'a str,
}

/// What a header may tell us. `jku`, `x5u`, `x5c` and the like are never looked at.
pub(crate) struct Header {
    pub alg: String,
    pub kid: Option<String>,
    pub typ: Option<String>,
    /// The key of a DPoP proof; nothing else reads it.
    pub jwk: Option<Object<'static>>,
    /// The names of all members.
    pub members: Vec<String>,
}

/// Whether a text has the outline of a compact JWS.
pub(crate) fn looks_like_jws(token: &str) -> bool {
    token.bytes().filter(|byte| *byte == b'.').take(3).count() == 2
}

impl<'a> Compact<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self, TokenFault> {
        if token.len() > limits::TOKEN_BYTES {
            return Err(TokenFault::TooLarge);
        }
        if !looks_like_jws(token) {
            return Err(TokenFault::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
        if header.is_empty() || signature.is_empty() {
            return Err(TokenFault::Malformed);
        }
        // WHY: decoded here although it is decoded again for verification: a malformed one is no wrong signature.
        decode(signature)?;
        let header = Header::parse(&decode(header)?)?;
        Ok(Self { header, payload: decode(payload)?, signed, signature })
    }

    /// The payload as one strict JSON object.
    pub(crate) fn claims(&self) -> Result<Object<'static>, TokenFault> {
        object(&self.payload).ok_or(TokenFault::PayloadInvalid)
    }
}

impl Header {
    fn parse(bytes: &[u8]) -> Result<Self, TokenFault> {
        let object = object(bytes).ok_or(TokenFault::HeaderInvalid)?;
        // SPEC: RFC 7515 §4.1.11: an extension that is not understood is refused; we understand none.
        if object.get("crit").is_some() || object.get("b64").is_some() {
            return Err(TokenFault::CriticalHeader);
        }
        if object.get("zip").is_some() {
            return Err(TokenFault::Compressed);
        }
        let alg = text(&object, "alg")?.ok_or(TokenFault::HeaderInvalid)?;
        let typ = text(&object, "typ")?;
        let kid = match object.get("kid") {
            None => None,
            Some(kid) => Some(key_id(kid).ok_or(TokenFault::KeyIdInvalid)?),
        };
        let members = object.iter().map(|member| member.key.clone().into_owned()).collect();
        let jwk = object.get("jwk").and_then(Json::as_object).cloned();
        Ok(Self { alg, kid, typ, jwk, members })
    }

    /// `typ` in one spelling: lower case, without `application/` (RFC 7515, section 4.1.9).
    pub(crate) fn media_type(&self) -> Option<String> {
        let typ = self.typ.as_ref()?.to_ascii_lowercase();
        Some(typ.strip_prefix("application/").map_or(typ.clone(), str::to_owned))
    }
}

/// A key id as headers and key sets may have it.
pub(crate) fn key_id(value: &Json<'_>) -> Option<String> {
    let kid = value.as_str()?;
    let plain = !kid.is_empty() && kid.len() <= limits::KID_BYTES && !kid.chars().any(char::is_control);
    plain.then(|| kid.to_owned())
}

fn text(object: &Object<'_>, name: &str) -> Result<Option<String>, TokenFault> {
    match object.get(name) {
        None => Ok(None),
        Some(value) => value.as_str().map(|it| Some(it.to_owned())).ok_or(TokenFault::HeaderInvalid),
    }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenFault> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenFault::Malformed)
}

fn object(bytes: &[u8]) -> Option<Object<'static>> {
    let bounds =
        Limits { bytes: limits::TOKEN_BYTES, depth: limits::JSON_DEPTH, members: limits::JSON_VALUES };
    let json = remit_json::parse(bytes, &bounds).ok()?;
    json.as_object().cloned().map(Object::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str) -> String {
        format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(header))
    }

    fn fault(token: &str) -> Option<TokenFault> {
        Compact::parse(token).err()
    }

    #[test]
    fn a_plain_header_is_read_and_strange_members_are_ignored() {
        let good =
            token(r#"{"alg":"ES256","kid":"k","typ":"application/AT+jwt","jku":"https://evil.example"}"#);
        let compact = Compact::parse(&good).ok().unwrap();
        assert_eq!(compact.header.media_type().as_deref(), Some("at+jwt"));
        assert_eq!((compact.header.alg.as_str(), compact.header.kid.as_deref()), ("ES256", Some("k")));
        assert!(compact.claims().unwrap().is_empty());
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        let table = [
            (r#"{"alg":"ES256","crit":["exp"]}"#, TokenFault::CriticalHeader),
            (r#"{"alg":"ES256","crit":[]}"#, TokenFault::CriticalHeader),
            (r#"{"alg":"ES256","b64":true}"#, TokenFault::CriticalHeader),
            (r#"{"alg":"ES256","zip":"DEF"}"#, TokenFault::Compressed),
            (r#"{"alg":"ES256","alg":"none"}"#, TokenFault::HeaderInvalid),
            (r#"{"alg":["ES256"]}"#, TokenFault::HeaderInvalid),
            (r#"{"kid":"k"}"#, TokenFault::HeaderInvalid),
            (r#"{"alg":"ES256","typ":5}"#, TokenFault::HeaderInvalid),
            (r#"["ES256"]"#, TokenFault::HeaderInvalid),
            (r#"{"alg":"ES256","kid":""}"#, TokenFault::KeyIdInvalid),
            (r#"{"alg":"ES256","kid":7}"#, TokenFault::KeyIdInvalid),
            ("{\"alg\":\"ES256\",\"kid\":\"a\\u0000\"}", TokenFault::KeyIdInvalid),
        ];
        for (header, expected) in table {
            assert_eq!(fault(&token(header)), Some(expected), "{header}");
        }
        let good = token(r#"{"alg":"ES256"}"#);
        assert_eq!(fault(&good), None);
        for bad in [
            format!("{good}="),
            format!("{good}."),
            format!(" {good}"),
            good.replace(".AA", "."),
            good.replace(".AA", ".AB"),
            good.replace(".AA", ".A+"),
            good.replace('.', ".\n"),
            good.replace(".e30", ""),
        ] {
            assert_eq!(fault(&bad), Some(TokenFault::Malformed), "{bad}");
        }
        assert_eq!(fault(&".".repeat(100_000)), Some(TokenFault::TooLarge));
    }

    #[test]
    fn a_token_as_long_as_may_be_is_read_and_one_byte_more_is_not() {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#);
        let room = limits::TOKEN_BYTES - header.len() - 2;
        // Four digits are three bytes, and two digits one.
        let (payload, signature) = (room / 4 * 4 - 4, 4 + room % 4);
        assert_ne!(signature % 4, 1, "no text has that many digits");
        let longest = format!("{header}.{}.{}", "A".repeat(payload), "A".repeat(signature));
        assert_eq!((longest.len(), fault(&longest)), (limits::TOKEN_BYTES, None));
        assert_eq!(fault(&format!("{longest}A")), Some(TokenFault::TooLarge));
    }
}
