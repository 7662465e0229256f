//! Many evaluations in one call, with the three semantics; one wait for the ledger.

use std::time::Instant;

use remit_authzen::{
    Batch, Compatibility, EvaluationRequest, EvaluationResponse, EvaluationsRequest, EvaluationsResponse,
};
use remit_engine as engine;
use remit_ledger::{Body, Mode};

use crate::answer::{self, Setting};
use crate::call::{Call, Reply};
use crate::enrich;
use crate::fault::Fault;
use crate::intake;
use crate::pdp::{Pdp, new_id};
use crate::record::Frame;

impl Pdp {
    /// Answers a batch (AuthZEN 1.0 §7), or one evaluation when the batch is absent or empty.
    ///
    /// # Errors
    /// As [`Pdp::evaluation`], for the payload as a whole; an item that is no question is answered `false`.
    pub async fn evaluations(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.counted(self.evaluations_inner(call, body).await)
    }

    async fn evaluations_inner(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.evaluate, "evaluate")?;
        let json = intake::parse(body, &self.json_limits)?;
        let request = EvaluationsRequest::parse(&json, &self.wire_limits, Compatibility::default())
            .map_err(|error| intake::refused(&error))?;
        match request {
            EvaluationsRequest::Single(request) => self.decide(call, &request).await,
            EvaluationsRequest::Batch(batch) => self.decide_all(call, &batch).await,
        }
    }

    async fn decide_all(&self, call: &Call<'_>, batch: &Batch<'_>) -> Result<Reply, Fault> {
        let began = Instant::now();
        let now = self.now()?;
        // INVARIANT: every item sees one published state and one `now`.
        let live = self.published.load_full();
        let frame = Frame { call, live: &live, now, began };
        let mut answers = Vec::with_capacity(batch.items.len());
        let mut records = Vec::with_capacity(batch.items.len());
        for (index, item) in (0_u32..).zip(&batch.items) {
            let (answer, record) = match item {
                Ok(request) => one(&frame, index, request),
                Err(error) => {
                    let answer = EvaluationResponse::item_fault(400, &error.to_string());
                    (answer, frame.invalid_item(new_id(), index))
                }
            };
            let decision = answer.decision;
            answers.push(answer);
            records.push(record);
            if batch.semantic.stops_after(decision) {
                break;
            }
        }
        // INVARIANT: no answer leaves before the ledger has accepted every record of the batch.
        let _receipts = self.ledger.append_all(records).await.map_err(|error| self.unrecorded(&error))?;
        for answer in &answers {
            self.counts.decided(answer.decision);
        }
        let body = bytes(&EvaluationsResponse::Batch { evaluations: answers })?;
        Ok(Reply { body, evaluation_id: None })
    }
}

fn one(frame: &Frame<'_>, index: u32, request: &EvaluationRequest<'_>) -> (EvaluationResponse, Body) {
    let draft = intake::accept(request);
    let query = enrich::resolve(&draft, &frame.live.bound, frame.now, &frame.call.pep.name);
    let verdict = engine::evaluate(&frame.live.bound, &query);
    let evaluation_id = new_id();
    let record = frame.decision(evaluation_id.clone(), Mode::Batch { index }, &draft, &verdict);
    let detail = draft.detail.min(frame.call.pep.rights.detail);
    let setting = Setting { evaluation_id: &evaluation_id, now: frame.now, detail, live: frame.live };
    (answer::render(&verdict, &setting), record)
}

/// An answer as bytes.
pub(crate) fn bytes(answer: &impl serde::Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(answer)
        .map_err(|error| Fault::Internal { message: format!("the answer has no text: {error}") })
}
