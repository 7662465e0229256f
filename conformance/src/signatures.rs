//! Files in the format of Wycheproof: JWS and JWK groups, and bare Ed25519 signatures.

use anyhow::{Context, Result, bail};
use remit_identity::{TokenFault, jws};
use remit_json::{Json, Limits, Object};

use crate::report::{Outcome, Report, Row, Table};

/// Checks every test of a file; nothing when the file is not of this format.
///
/// An error means that the file cannot be used at all; whatever is judged wrongly is in the report.
pub fn run_signatures(name: &str, text: &[u8]) -> Result<Option<Report>> {
    let json =
        remit_json::parse(text, &Limits::trusted()).with_context(|| format!("`{name}` is not JSON"))?;
    let Some(groups) = json.pointer("/testGroups") else { return Ok(None) };
    let groups = groups.as_array().context("`testGroups` is not an array")?;
    let mut table = Table::new(name);
    for group in groups {
        let tests = group.pointer("/tests").and_then(Json::as_array).context("a group has no `tests`")?;
        for test in tests {
            table.rows.push(row(group, test)?);
        }
    }
    if table.rows.is_empty() {
        bail!("there are no tests in `{name}`");
    }
    Ok(Some(Report::new("own verifier", vec![table])))
}

fn row(group: &Json<'_>, test: &Json<'_>) -> Result<Row> {
    let id = test.pointer("/tcId").map(Json::to_string).context("a test has no `tcId`")?;
    let expected = text(test, "/result")?;
    let found = judge(group, test)?;
    let outcome = match (expected, found) {
        ("valid", Ok(())) | ("invalid", Err(_)) | ("acceptable", _) => passed(Vec::new()),
        ("valid", Err(TokenFault::AlgorithmMismatch)) if pinned_elsewhere(group, test) => {
            passed(vec!["refused: the token names another algorithm than the key is pinned to".to_owned()])
        }
        (expected, Ok(())) => failed(&format!("expected {expected}, but it verifies")),
        (expected, Err(fault)) => failed(&format!("expected {expected}, found {}", fault.code())),
    };
    Ok(Row { id, level: None, title: "", outcome })
}

fn passed(warnings: Vec<String>) -> Outcome {
    Outcome::Passed { warnings }
}

fn failed(reason: &str) -> Outcome {
    Outcome::Failed { reason: reason.into() }
}

fn judge(group: &Json<'_>, test: &Json<'_>) -> Result<Result<(), TokenFault>> {
    if let Some(public) = group.pointer("/publicKey/pk") {
        let public = hex(public.as_str().context("`pk` is not text")?)?;
        let (message, signature) = (hex(text(test, "/msg")?)?, hex(text(test, "/sig")?)?);
        return Ok(jws::check_ed25519(&public, &message, &signature));
    }
    let token = test.pointer("/jws").context("a test has neither `jws` nor `msg`")?;
    // A JSON serialization is handed over as the text it is.
    let token = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
    Ok(jws::check_compact(&token, &keys(group)?.to_string()))
}

/// The public key or set, or the shared secret, of a group.
fn keys(group: &Json<'_>) -> Result<Json<'static>> {
    let given = group.pointer("/public").or_else(|| group.pointer("/private"));
    Ok(public_half(given.context("a group has no key")?))
}

/// WHY: some groups name only the private half; a verifier is given what a signer publishes.
fn public_half(json: &Json<'_>) -> Json<'static> {
    let Some(object) = json.as_object() else { return json.clone().into_owned() };
    let mut public = Object::new();
    for member in object {
        let value = match (member.key.as_ref(), member.value.as_array()) {
            ("d" | "p" | "q" | "dp" | "dq" | "qi" | "oth", _) => continue,
            ("keys", Some(keys)) => Json::from(keys.iter().map(public_half).collect::<Vec<_>>()),
            _ => member.value.clone().into_owned(),
        };
        public.insert(member.key.clone().into_owned(), value);
    }
    public.into()
}

/// Whether the key itself says that it is for another algorithm than the token names.
fn pinned_elsewhere(group: &Json<'_>, test: &Json<'_>) -> bool {
    let named =
        keys(group).ok().and_then(|key| key.pointer("/alg").and_then(Json::as_str).map(str::to_owned));
    let token = test.pointer("/jws").and_then(Json::as_str).unwrap_or_default();
    let header = token.split('.').next().unwrap_or_default();
    named.is_some_and(|alg| header_alg(header).is_some_and(|used| used != alg))
}

fn header_alg(header: &str) -> Option<String> {
    let bytes = decode(header)?;
    let json = remit_json::parse(&bytes, &Limits::default()).ok()?;
    json.pointer("/alg").and_then(Json::as_str).map(str::to_owned)
}

/// base64url without padding; only for reading a header that has been verified elsewhere.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bits = 0_u32;
    let mut count = 0;
    let mut out = Vec::new();
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    Some(out)
}

fn text<'j>(json: &'j Json<'_>, pointer: &str) -> Result<&'j str> {
    json.pointer(pointer).and_then(Json::as_str).with_context(|| format!("a test has no text at `{pointer}`"))
}

fn hex(text: &str) -> Result<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        bail!("`{text}` is not hexadecimal");
    }
    let pair = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).ok()?;
        pair.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u8::from_str_radix(pair, 16).ok()).flatten()
    };
    let bytes: Option<Vec<u8>> = digits.chunks_exact(2).map(pair).collect();
    bytes.with_context(|| format!("`{text}` is not hexadecimal"))
}
