//! One evaluation, end to end. The path of a request reads from top to bottom.

use std::time::Instant;

use remit_authzen::EvaluationRequest;
use remit_engine as engine;
use remit_ledger::Mode;

use crate::answer::{self, Setting};
use crate::call::{Call, Reply};
use crate::fault::Fault;
use crate::intake;
use crate::pdp::{Pdp, new_id};
use crate::record::Frame;
use crate::{batch, enrich};

impl Pdp {
    /// Answers one access evaluation (AuthZEN 1.0 §6).
    ///
    /// # Errors
    /// [`Fault`]: malformed, not permitted to ask, overloaded, or unable to decide. Never a made-up decision.
    pub async fn evaluation(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.counted(self.evaluation_inner(call, body).await)
    }

    async fn evaluation_inner(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.evaluate, "evaluate")?;
        let json = intake::parse(body, &self.json_limits)?;
        let request = EvaluationRequest::parse(&json).map_err(|error| intake::refused(&error))?;
        self.decide(call, &request).await
    }

    /// The path: `EvaluationRequest → Draft → Query → Verdict → record → receipt → Reply`.
    pub(crate) async fn decide(
        &self,
        call: &Call<'_>,
        request: &EvaluationRequest<'_>,
    ) -> Result<Reply, Fault> {
        let began = Instant::now();
        let now = self.now()?;
        let live = self.published.load_full();
        let draft = intake::accept(request);
        let query = enrich::resolve(&draft, &live.bound, now, &call.pep.name);
        let verdict = engine::evaluate(&live.bound, &query);
        let evaluation_id = new_id();
        let frame = Frame { call, live: &live, now, began };
        let record = frame.decision(evaluation_id.clone(), Mode::Evaluation, &draft, &verdict);
        // INVARIANT: no answer leaves before the ledger has accepted its record.
        let _receipt = self.ledger.append(record).await.map_err(|error| self.unrecorded(&error))?;
        self.counts.decided(verdict.decision);
        let detail = draft.detail.min(call.pep.rights.detail);
        let setting = Setting { evaluation_id: &evaluation_id, now, detail, live: &live };
        let body = batch::bytes(&answer::render(&verdict, &setting))?;
        Ok(Reply { body, evaluation_id: Some(evaluation_id) })
    }
}
