//! One evaluation, end to end. The path of a request reads from top to bottom.

use remit_authzen::EvaluationRequest;
use remit_engine::{self as engine, Bound, Query, Requestable, Verdict};
use remit_ledger::Mode;
use remit_model::{Timestamp, Transaction};
use remit_state::{Ask, NotReserved, Reservation};
use std::sync::Arc;

use crate::acting::Acting;
use crate::answer::{self, Setting};
use crate::call::{Call, Detail, Reply};
use crate::denial::Denial;
use crate::enrich::Sight;
use crate::fault::Fault;
use crate::intake::{self, Draft};
use crate::kept::Denied;
use crate::pdp::{Pdp, new_id};
use crate::record::Frame;
use crate::said::Said;
use crate::sources::{Heard, Opened, Told};
use crate::standing::{View, Witness};
use crate::{batch, enrich, limits, sources, tenant};

impl Pdp {
    /// Answers one access evaluation (AuthZEN 1.0 §6).
    ///
    /// # Errors
    /// [`Fault`]: malformed, not permitted to ask, overloaded, or unable to decide. Never a made-up decision.
    pub async fn evaluation(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.noted(call, self.evaluation_inner(call, body).await).await
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
        let now = self.now()?;
        let live = self.published.load_full();
        let frame = self.frame(call, &live, now);
        let draft = intake::accept(request, &call.pep.rights)?;
        let mut settled = self.settle(&frame, &draft).await?;
        let record = frame.decision(Mode::Evaluation, &draft, &settled)?;
        // INVARIANT: no answer leaves before the ledger has accepted its record.
        let receipts = self.write(vec![record]).await?;
        let requestable = std::mem::take(&mut settled.requestable);
        let (evaluation_id, verdict) = settled.commit();
        self.counts.decided(verdict.decision);
        let detail = draft.detail.min(call.pep.rights.detail);
        let setting = Setting { evaluation_id: &evaluation_id, now, detail, live: &live };
        let mut answer = answer::render(&verdict, &requestable, &setting);
        if let Some(receipt) = receipts.first().filter(|_| draft.receipt) {
            answer::receipted(&mut answer, &self.ledger, receipt, now);
        }
        let body = batch::bytes(&answer)?;
        Ok(Reply { body, evaluation_id: Some(evaluation_id) })
    }

    /// `Draft → Verdict`, and what an allowed step holds of its transaction until its record is durable.
    pub(crate) async fn settle(&self, frame: &Frame<'_>, draft: &Draft<'_>) -> Result<Settled, Fault> {
        let parties = [(draft.subject.kind, draft.subject.id), (draft.resource.kind, draft.resource.id)];
        tenant::admit(frame.call.pep, frame.live, parties)?;
        let evaluation_id = new_id();
        let view = View::of(&self.state);
        // WHY: only those who see everything are told by which rules they may ask; it is not free.
        let tells = draft.detail.min(frame.call.pep.rights.detail) == Detail::Full;
        let judge = |bound: &Bound, query: &Query<'_>, heard: &Heard<'_>| {
            let verdict = engine::evaluate(bound, query);
            let asks = heard.asks(bound, query);
            let tells = tells && asks.is_empty();
            let requestable = if tells { engine::requestable(bound, query, &verdict) } else { Vec::new() };
            Judged { verdict, requestable, asks }
        };
        let sight = Sight { now: frame.now, pep: &frame.call.pep.name, standing: Some(&view), outside: None };
        let mut told = Vec::new();
        // WHY: a workload that its connection proves says something, even when the request does not.
        let nothing = frame.call.pep.proved_workload().map(|_| Said::default());
        let Some(said) = draft.said.as_ref().or(nothing.as_ref()) else {
            let judged = loop {
                let judged = {
                    let heard = Heard::of(frame.live.bound.program(), &told);
                    let sight = Sight { outside: Some(&heard), ..sight };
                    judge(&frame.live.bound, &enrich::resolve(draft, frame.live, &sight), &heard)
                };
                if let Some(judged) = self.hear(judged, &mut told, frame.now).await {
                    break judged;
                }
            };
            let settled = Settled::plain(evaluation_id, judged);
            return Ok(Settled { standing: view.witnesses(), told, ..settled });
        };
        let subject = (draft.subject.kind, draft.subject.id);
        let acting = match Acting::of(said, subject, frame, &self.verifier).await? {
            Ok(acting) => acting.comparing(self.outcome_key.as_ref()),
            Err(denial) => return Ok(Settled::denied(evaluation_id, denial)),
        };
        for _ in 0..limits::ATTEMPTS {
            let (lineage, Judged { mut verdict, requestable, .. }) = loop {
                let (lineage, judged) = {
                    let lineage = acting.lineage(&self.state);
                    let heard = Heard::of(frame.live.bound.program(), &told);
                    let sight = Sight { outside: Some(&heard), ..sight };
                    let asking = |bound: &Bound, query: &Query<'_>| judge(bound, query, &heard);
                    let judged = acting.ask(draft, &lineage, (frame.live, &sight), asking);
                    (lineage, judged)
                };
                if let Some(judged) = self.hear(judged, &mut told, frame.now).await {
                    break (lineage, judged);
                }
            };
            let changes = verdict.changes.take().filter(|_| verdict.decision);
            let (Some(changes), Some(own)) = (changes, lineage.first()) else {
                return Ok(Settled {
                    requestable,
                    acting: Some(acting),
                    lineage,
                    standing: view.witnesses(),
                    told,
                    ..Settled::new(evaluation_id, verdict)
                });
            };
            let ask = Ask {
                task: changes.task,
                action: changes.action,
                resource: changes.resource,
                arguments: changes.arguments,
                chain: changes.chain,
                decision_id: evaluation_id.clone(),
                at: frame.now,
                labels: changes.labels,
                unlabels: changes.unlabels,
            };
            // INVARIANT: what a step spends is held before anybody else can decide on the same transaction.
            match self.state.reserve(&own.id, own.version, ask) {
                Ok(held) => {
                    let (acting, held) = (Some(acting), Some(held));
                    return Ok(Settled {
                        requestable,
                        acting,
                        lineage,
                        held,
                        standing: view.witnesses(),
                        told,
                        ..Settled::new(evaluation_id, verdict)
                    });
                }
                Err(NotReserved::Conflict(_)) => {}
                Err(NotReserved::Refused(misfit)) => {
                    let denied = Settled::denied(evaluation_id, Denial::from(misfit));
                    return Ok(Settled { acting: Some(acting), lineage, ..denied });
                }
            }
        }
        Err(Fault::Overloaded { retry_after_s: 1 })
    }
}

impl Pdp {
    /// Asks the sources that the verdict would have to know; the verdict itself when there are none.
    // INVARIANT: a source is asked once a question, whatever it says, so that this comes to an end.
    async fn hear(&self, judged: Judged, told: &mut Vec<Told>, now: Timestamp) -> Option<Judged> {
        if judged.asks.is_empty() {
            return Some(judged);
        }
        for Opened(source) in self.sources.hear(judged.asks, told, &self.counts).await {
            self.left_alone(&source, now).await;
        }
        None
    }
}

/// A verdict, and what it would have to know.
struct Judged {
    verdict: Verdict,
    requestable: Vec<Requestable>,
    asks: Vec<sources::Ask>,
}

/// A decided question whose record is still to be written. Dropped, it gives back what it holds.
#[derive(Debug)]
pub(crate) struct Settled {
    pub evaluation_id: String,
    pub verdict: Verdict,
    /// By which rules a denial may be turned into an access request; only for those who see everything.
    pub requestable: Vec<Requestable>,
    pub acting: Option<Acting>,
    /// The transaction that it was decided on, and its ancestors.
    pub lineage: Vec<Arc<Transaction>>,
    pub held: Option<Reservation>,
    /// What was seen of consents and signals.
    pub standing: Vec<Witness>,
    /// What services outside said.
    pub told: Vec<Told>,
    /// Why no policy was asked, or why its answer did not count.
    pub denied: Option<Denied>,
}

impl Settled {
    fn new(evaluation_id: String, verdict: Verdict) -> Self {
        let (requestable, lineage, standing, told) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self {
            evaluation_id,
            verdict,
            requestable,
            acting: None,
            lineage,
            held: None,
            standing,
            told,
            denied: None,
        }
    }

    fn plain(evaluation_id: String, judged: Judged) -> Self {
        Self { requestable: judged.requestable, ..Self::new(evaluation_id, judged.verdict) }
    }

    fn denied(evaluation_id: String, denial: Denial) -> Self {
        let denied = Some(Denied::from(&denial));
        Self { denied, ..Self::new(evaluation_id, denial.verdict()) }
    }

    /// The record is durable: what it holds becomes part of the transaction.
    pub fn commit(self) -> (String, Verdict) {
        if let Some(held) = self.held {
            let _now = held.commit();
        }
        (self.evaluation_id, self.verdict)
    }
}
