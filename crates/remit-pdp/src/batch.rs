//! Many evaluations in one call, with the three semantics; one wait for the ledger.

use remit_authzen::{
    Batch, Compatibility, EvaluationRequest, EvaluationResponse, EvaluationsRequest, EvaluationsResponse,
    RequestError,
};
use remit_ledger::Mode;

use crate::answer::{self, Setting};
use crate::call::{Call, Reply};
use crate::decide::Settled;
use crate::fault::Fault;
use crate::intake;
use crate::pdp::{Pdp, new_id};
use crate::record::{Frame, Recorded};

impl Pdp {
    /// Answers a batch (AuthZEN 1.0 §7), or one evaluation when the batch is absent or empty.
    ///
    /// # Errors
    /// As [`Pdp::evaluation`], for the payload as a whole; an item that is no question is answered `false`.
    pub async fn evaluations(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.noted(call, self.evaluations_inner(call, body).await).await
    }

    async fn evaluations_inner(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.evaluate, "evaluate")?;
        let json = intake::parse(body, &self.json_limits)?;
        let request = EvaluationsRequest::parse(&json, &self.wire_limits, Compatibility::default())
            .map_err(|error| intake::refused(&error))?;
        match request {
            EvaluationsRequest::Single(request) => self.decide(call, &request).await,
            EvaluationsRequest::Batch(batch) => {
                // The call itself was the first question.
                call.pep.take(batch.items.len().saturating_sub(1))?;
                self.decide_all(call, &batch).await
            }
        }
    }

    async fn decide_all(&self, call: &Call<'_>, batch: &Batch<'_>) -> Result<Reply, Fault> {
        let now = self.now()?;
        // INVARIANT: every item sees one published state and one `now`.
        let live = self.published.load_full();
        let frame = self.frame(call, &live, now);
        let mut answers = Vec::with_capacity(batch.items.len());
        let mut records = Vec::with_capacity(batch.items.len());
        let (mut held, mut wanted) = (Vec::new(), Vec::new());
        for (index, item) in (0_u32..).zip(&batch.items) {
            let (answer, record) = match self.one(&frame, index, item).await {
                Ok((settled, record, answer)) => {
                    held.push(settled);
                    (answer, record)
                }
                Err(Refused::Item(message)) => {
                    (EvaluationResponse::item_fault(400, &message), frame.invalid_item(new_id(), index))
                }
                Err(Refused::Call(fault)) => return Err(fault),
            };
            let decision = answer.decision;
            wanted.push(item.as_ref().is_ok_and(|request| request.options.receipt));
            answers.push(answer);
            records.push(record);
            if batch.semantic.stops_after(decision) {
                break;
            }
        }
        // INVARIANT: no answer leaves before the ledger has accepted every record of the batch.
        let receipts = self.write(records).await?;
        for ((answer, receipt), wanted) in answers.iter_mut().zip(&receipts).zip(&wanted) {
            if *wanted {
                answer::receipted(answer, &self.ledger, receipt, now);
            }
        }
        for settled in held {
            let _committed = settled.commit();
        }
        for answer in &answers {
            self.counts.decided(answer.decision);
        }
        let body = bytes(&EvaluationsResponse::Batch { evaluations: answers })?;
        Ok(Reply { body, evaluation_id: None })
    }

    async fn one(
        &self,
        frame: &Frame<'_>,
        index: u32,
        item: &Result<EvaluationRequest<'_>, RequestError>,
    ) -> Result<(Settled, Recorded, EvaluationResponse), Refused> {
        let request = item.as_ref().map_err(|error| Refused::Item(error.to_string()))?;
        let draft = intake::accept(request, &frame.call.pep.rights)?;
        let settled = self.settle(frame, &draft).await?;
        let record = frame.decision(Mode::Batch { index }, &draft, &settled)?;
        let detail = draft.detail.min(frame.call.pep.rights.detail);
        let setting =
            Setting { evaluation_id: &settled.evaluation_id, now: frame.now, detail, live: frame.live };
        let answer = answer::render(&settled.verdict, &settled.requestable, &setting);
        Ok((settled, record, answer))
    }
}

/// Why an item has no decision: by itself, or with the whole call.
enum Refused {
    Item(String),
    Call(Fault),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::BadRequest { message, .. } => Self::Item(message),
            other => Self::Call(other),
        }
    }
}

/// An answer as bytes.
pub(crate) fn bytes(answer: &impl serde::Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(answer)
        .map_err(|error| Fault::Internal { message: format!("the answer has no text: {error}") })
}
