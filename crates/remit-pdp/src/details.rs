//! `authorization_details` as a question: which of these quads may be, and what is left when the others are gone.
//! Mints no token.

use remit_authzen::{Compatibility, EvaluationRequest, EvaluationResponse, EvaluationsRequest};
use remit_json::{Json, Object};
use remit_ledger::Mode;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::answer::{self, Setting};
use crate::batch::bytes;
use crate::call::{Call, Reply};
use crate::decide::Settled;
use crate::fault::Fault;
use crate::goal::{self, bad, object, only};
use crate::intake;
use crate::pdp::Pdp;
use crate::record::Frame;
use crate::said;

/// What came of a list of details.
#[derive(Debug, Serialize)]
pub(crate) struct Reduced {
    /// Every quad was permitted.
    pub complete: bool,
    /// The entries with what was permitted, in their order; an entry with nothing left is gone.
    pub authorization_details: Vec<Box<RawValue>>,
    /// SPEC: draft-brossard-oauth-rar-authzen, response side: one entry for each that came in.
    pub responses: Vec<Answered>,
}

/// The answer to one entry.
#[derive(Debug, Serialize)]
pub(crate) struct Answered {
    r#type: String,
    response: Response,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Response {
    One(EvaluationResponse),
    Many { evaluations: Vec<EvaluationResponse> },
}

impl Pdp {
    /// Answers each quad of an intent and gives the intent without those that may not be (RFC 9396 intake).
    ///
    /// # Errors
    /// [`Fault`]; a type that is not ours, or a member that may not stand in one, is `invalid_authorization_details`.
    pub async fn reduce_details(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.noted(call, self.reduce_inner(call, body).await).await
    }

    async fn reduce_inner(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.evaluate, "evaluate")?;
        let json = intake::parse(body, &self.json_limits)?;
        let body = object(&json, "")?;
        only(body, &["authorization_details", "context"], "")?;
        let details =
            body.get("authorization_details").ok_or_else(|| bad("", "`authorization_details` is missing"))?;
        let context = body.get("context").map(|it| object(it, "/context")).transpose()?;
        let reduced = self.reduce(call, details, context).await?;
        Ok(Reply { body: bytes(&reduced)?, evaluation_id: None })
    }

    /// Decides every quad, records all, and only then tells.
    pub(crate) async fn reduce(
        &self,
        call: &Call<'_>,
        details: &Json<'_>,
        context: Option<&Object<'_>>,
    ) -> Result<Reduced, Fault> {
        const AT: &str = "/authorization_details";
        let now = self.now()?;
        let live = self.published.load_full();
        let frame = self.frame(call, &live, now);
        let entries = details.as_array().ok_or_else(|| invalid(AT, "must be an array"))?;
        let mut held = Vec::new();
        let mut records = Vec::new();
        let mut reduced =
            Reduced { complete: true, authorization_details: Vec::new(), responses: Vec::new() };
        for (place, entry) in entries.iter().enumerate() {
            let at = format!("{AT}/{place}");
            let read = Entry::read(entry, &at, &self.wire_limits)?;
            // The call itself was one question.
            let first = usize::from(records.is_empty());
            call.pep.take(read.quads.len().saturating_sub(first))?;
            let mut answers = Vec::new();
            for request in &read.quads {
                let index = u32::try_from(records.len()).unwrap_or(u32::MAX);
                let mut draft = intake::accept(request, &call.pep.rights)?;
                if let Some(context) = context {
                    draft.said = said::of(context, &call.pep.rights)?;
                }
                let settled = self.settle(&frame, &draft).await?;
                records.push(frame.decision(Mode::Batch { index }, &draft, &settled)?);
                answers.push(told(&settled, &frame, call));
                held.push(settled);
            }
            read.keep(&answers, &mut reduced)?;
        }
        // INVARIANT: no answer leaves before the ledger has accepted every record.
        let _receipts = self.write(records).await?;
        for settled in held {
            let (_, verdict) = settled.commit();
            self.counts.decided(verdict.decision);
        }
        Ok(reduced)
    }
}

fn told(settled: &Settled, frame: &Frame<'_>, call: &Call<'_>) -> EvaluationResponse {
    let detail = crate::Detail::Reason.min(call.pep.rights.detail);
    let setting = Setting { evaluation_id: &settled.evaluation_id, now: frame.now, detail, live: frame.live };
    answer::render(&settled.verdict, &settled.requestable, &setting)
}

/// One entry, taken apart into its quads.
struct Entry<'j> {
    json: &'j Json<'j>,
    kind: &'j str,
    many: bool,
    quads: Vec<EvaluationRequest<'j>>,
}

impl<'j> Entry<'j> {
    fn read(json: &'j Json<'j>, at: &str, limits: &remit_authzen::Limits) -> Result<Self, Fault> {
        let body = json.as_object().ok_or_else(|| invalid(at, "must be an object"))?;
        let kind =
            body.get("type").and_then(Json::as_str).ok_or_else(|| invalid(at, "`type` must be a string"))?;
        let many = kind.eq_ignore_ascii_case(goal::MANY);
        if !many && !kind.eq_ignore_ascii_case(goal::ONE) {
            return Err(invalid(at, "its type is not one of AuthZEN"));
        }
        if let Some(odd) = body.iter().find(|member| !["type", "request"].contains(&&*member.key)) {
            return Err(invalid(&format!("{at}/{}", odd.key), "is not a member that may stand here"));
        }
        let request = body.get("request").ok_or_else(|| invalid(at, "`request` is missing"))?;
        let wrong = |error: &dyn std::fmt::Display| invalid(&format!("{at}/request"), &error.to_string());
        let quads = if many {
            match EvaluationsRequest::parse(request, limits, Compatibility::default())
                .map_err(|it| wrong(&it))?
            {
                EvaluationsRequest::Single(request) => vec![request],
                EvaluationsRequest::Batch(batch) => {
                    batch.items.into_iter().collect::<Result<_, _>>().map_err(|it| wrong(&it))?
                }
            }
        } else {
            vec![EvaluationRequest::parse(request).map_err(|it| wrong(&it))?]
        };
        Ok(Self { json, kind, many, quads })
    }

    /// Adds the answers, and the entry with what was permitted.
    fn keep(&self, answers: &[EvaluationResponse], reduced: &mut Reduced) -> Result<(), Fault> {
        let whole = answers.iter().all(|answer| answer.decision);
        reduced.complete &= whole;
        if whole {
            reduced.authorization_details.push(raw(self.json)?);
        } else if let Some(left) = self.without_denied(answers) {
            reduced.authorization_details.push(raw(&left)?);
        }
        let response = match answers {
            [only] if !self.many => Response::One(only.clone()),
            all => Response::Many { evaluations: all.to_vec() },
        };
        reduced.responses.push(Answered { r#type: self.kind.to_owned(), response });
        Ok(())
    }

    /// The entry with the permitted items alone; nothing when none is.
    fn without_denied(&self, answers: &[EvaluationResponse]) -> Option<Json<'j>> {
        let body = self.json.as_object()?;
        let request = body.get("request")?.as_object()?;
        let items = request.get("evaluations")?.as_array()?;
        let kept = items.iter().zip(answers).filter(|(_, answer)| answer.decision);
        let kept: Vec<Json<'j>> = kept.map(|(item, _)| item.clone()).collect();
        if kept.is_empty() {
            return None;
        }
        let mut request = request.clone();
        request.insert("evaluations", Json::new(remit_json::Kind::Array(kept)));
        let mut body = body.clone();
        body.insert("request", request.into());
        Some(body.into())
    }
}

fn raw(json: &Json<'_>) -> Result<Box<RawValue>, Fault> {
    RawValue::from_string(json.canonical())
        .map_err(|error| Fault::Internal { message: format!("the details have no text: {error}") })
}

/// SPEC: RFC 9396 §5: the error code of a request whose details are malformed or of an unknown type.
fn invalid(at: &str, message: &str) -> Fault {
    let Fault::BadRequest { message, pointer } = bad(at, message) else {
        unreachable!("a bad request is one")
    };
    Fault::BadRequest { message: format!("invalid_authorization_details: {message}"), pointer }
}
