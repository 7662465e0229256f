//! What a request says about agents, purpose and history, with its shape checked and nothing believed yet.

use remit_authzen::EvaluationRequest;
use remit_identity::{CertificateHash, PresentedToken};
use remit_json::{Json, Object};

use crate::call::Rights;
use crate::fault::Fault;
use crate::goal::{bad, object, only, text};
use crate::limits;

/// The members of the request context that say something of the kind. `tool` and `tool_hash` are read by the engine.
pub const MEMBERS: [&str; 7] =
    ["tokens", "act", "authorization_details", "intent", "txn", "tool", "tool_hash"];
/// Those that stand for what a verified token would say.
const ASSERTIONS: [&str; 4] = ["act", "authorization_details", "intent", "txn"];

/// What one request says.
#[derive(Debug, Default)]
pub struct Said<'j> {
    /// The tokens that the PEP holds.
    pub tokens: Vec<PresentedToken>,
    /// The agents, current first: type, when it is given, and id.
    pub act: Vec<(Option<&'j str>, &'j str)>,
    /// Quads as they came.
    pub details: Option<&'j Json<'j>>,
    /// An intent as it came.
    pub intent: Option<&'j Json<'j>>,
    /// The transaction.
    pub txn: Option<&'j str>,
}

/// What the request says; nothing when it says nothing of the kind.
///
/// # Errors
/// [`Fault::BadRequest`] for a wrong shape, [`Fault::Forbidden`] when the PEP may not say such things.
pub fn said<'j>(request: &EvaluationRequest<'j>, rights: &Rights) -> Result<Option<Said<'j>>, Fault> {
    request.context.map_or(Ok(None), |context| of(context, rights))
}

/// As [`said`], of these members alone.
///
/// # Errors
/// As [`said`].
pub fn of<'j>(context: &'j Object<'j>, rights: &Rights) -> Result<Option<Said<'j>>, Fault> {
    let given = |member: &&str| context.get(member).filter(|json| !json.is_null());
    if !MEMBERS.iter().any(|member| given(member).is_some()) {
        return Ok(None);
    }
    let asserted = ASSERTIONS.iter().find(|member| given(member).is_some());
    if let Some(member) = asserted.filter(|_| !rights.assert_identity) {
        let message = format!("this caller may not assert `context.{member}`; it can present tokens");
        return Err(Fault::Forbidden { message });
    }
    let plain = |member: &'static str| given(&member).map(|_| text(context, member, "/context")).transpose();
    Ok(Some(Said {
        tokens: given(&"tokens").map(tokens).transpose()?.unwrap_or_default(),
        act: given(&"act").map(|json| act(json)).transpose()?.unwrap_or_default(),
        details: given(&"authorization_details"),
        intent: given(&"intent"),
        txn: plain("txn")?,
    }))
}

/// SPEC: RFC 8693 §4.1: the outermost is the current actor.
///
/// # Errors
/// [`Fault::BadRequest`] with the place.
pub fn act<'j>(json: &'j Json<'j>) -> Result<Vec<(Option<&'j str>, &'j str)>, Fault> {
    let (mut agents, mut next, mut at) = (Vec::new(), Some(json), "/context/act".to_owned());
    while let Some(json) = next {
        if agents.len() >= limits::ACTORS {
            return Err(bad(&at, &format!("holds more than {} actors", limits::ACTORS)));
        }
        let body = object(json, &at)?;
        only(body, &["sub", "type", "iss", "act"], &at)?;
        agents.push((optional(body, "type", &at)?, text(body, "sub", &at)?));
        next = body.get("act").filter(|json| !json.is_null());
        at.push_str("/act");
    }
    Ok(agents)
}

fn tokens(json: &Json<'_>) -> Result<Vec<PresentedToken>, Fault> {
    const AT: &str = "/context/tokens";
    let list = json.as_array().ok_or_else(|| bad(AT, "must be an array"))?;
    if list.is_empty() || list.len() > limits::TOKENS {
        return Err(bad(AT, &format!("must hold 1 to {} tokens", limits::TOKENS)));
    }
    list.iter().enumerate().map(|(index, json)| token(json, &format!("{AT}/{index}"))).collect()
}

fn token(json: &Json<'_>, at: &str) -> Result<PresentedToken, Fault> {
    let body = object(json, at)?;
    only(body, &["type", "token", "dpop", "client_cert_sha256"], at)?;
    let mut presented = PresentedToken::new(text(body, "type", at)?, text(body, "token", at)?);
    if let Some(proof) = body.get("dpop").filter(|json| !json.is_null()) {
        let at = format!("{at}/dpop");
        let proof = object(proof, &at)?;
        only(proof, &["proof", "method", "url", "nonce"], &at)?;
        let member = |name: &str| text(proof, name, &at);
        presented = presented.with_proof(member("proof")?, member("method")?, member("url")?);
        if let Some(nonce) = optional(proof, "nonce", &at)? {
            presented = presented.with_nonce(nonce);
        }
    }
    if let Some(hash) = optional(body, "client_cert_sha256", at)? {
        let at = format!("{at}/client_cert_sha256");
        let hash =
            CertificateHash::parse(hash).ok_or_else(|| bad(&at, "must be a SHA-256 in base64url or hex"))?;
        presented = presented.with_certificate(hash);
    }
    Ok(presented)
}

fn optional<'j>(body: &'j Object<'j>, member: &str, at: &str) -> Result<Option<&'j str>, Fault> {
    match body.get(member).filter(|json| !json.is_null()) {
        Some(_) => text(body, member, at).map(Some),
        None => Ok(None),
    }
}
