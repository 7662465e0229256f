//! The layers for agents, purpose and history. They can only turn an allow into a deny: none of them is asked for a
//! permit, and each failure has its own reason.
//!
//! The one reason of a verdict is the first in [`rank`] that holds: what makes the transaction itself count for
//! nothing, then who acts, then the rules as ever (forbids, requirements, the missing permit), then what the intent
//! does not cover, then what the history does not leave room for.

mod actor;
mod label;
mod purpose;
mod tasks;
mod world;

#[cfg(test)]
mod tests;

use remit_model::{Name, Reason};

use crate::eval::Eval;
use crate::verdict::{Changes, Failure, Layer, LayerOutcome, Layers};

pub(crate) use actor::is_enabled;
pub(crate) use purpose::trace;
pub(crate) use tasks::Attempted;

/// How the layers came out.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub failures: Vec<Failure>,
    pub actor_may: LayerOutcome,
    pub intent_covers: LayerOutcome,
    pub history_fits: LayerOutcome,
    /// The task the step belongs to.
    pub task: Option<Name>,
    attempted: Option<Box<Attempted>>,
}

/// Collects what is wrong.
#[derive(Debug, Default)]
struct Findings {
    judged: Judged,
}

impl Findings {
    /// The layer has something to say, and so far nothing against.
    fn present(&mut self, layer: Layer) {
        let slot = self.slot(layer);
        if let Some(slot) = slot
            && *slot == LayerOutcome::Absent
        {
            *slot = LayerOutcome::Holds;
        }
    }

    fn fail(&mut self, layer: Layer, reason: Reason, field: impl Into<String>, detail: impl Into<String>) {
        if let Some(slot) = self.slot(layer) {
            *slot = LayerOutcome::Fails;
        }
        let failure = Failure { layer, reason, field: field.into(), detail: detail.into() };
        self.judged.failures.push(failure);
    }

    fn slot(&mut self, layer: Layer) -> Option<&mut LayerOutcome> {
        match layer {
            Layer::ActorMay => Some(&mut self.judged.actor_may),
            Layer::IntentCovers => Some(&mut self.judged.intent_covers),
            Layer::HistoryFits => Some(&mut self.judged.history_fits),
            Layer::SubjectMay | Layer::NothingForbids => None,
        }
    }
}

/// Asks every layer that has something to say.
pub(crate) fn judge(eval: &Eval<'_>) -> Judged {
    let mut findings = Findings::default();
    if eval.query.agency.is_some() {
        actor::judge(eval, &mut findings);
        purpose::judge(eval, &mut findings);
        findings.judged.failures.sort_by_key(|failure| rank(failure.reason));
    }
    findings.judged
}

impl Judged {
    pub(crate) fn fill(&self, layers: &mut Layers) {
        layers.actor_may = self.actor_may;
        layers.intent_covers = self.intent_covers;
        layers.history_fits = self.history_fits;
    }

    /// The gravest reason.
    pub(crate) fn reason(&self) -> Option<Reason> {
        self.failures.first().map(|failure| failure.reason)
    }

    /// What an allowed step changes in its transaction.
    pub(crate) fn changes(&mut self, eval: &Eval<'_>) -> Option<Box<Changes>> {
        eval.transaction()?;
        let (task, attempted) = (self.task.clone()?, self.attempted.take()?);
        let (labels, unlabels) = label::changes(eval);
        let Attempted { action, resource, arguments } = *attempted;
        let chain = eval.query.agency.and_then(|agency| agency.delegation());
        Some(Box::new(Changes { task, action, resource, arguments, chain, labels, unlabels }))
    }
}

/// Below this rank a failure goes before what the rules say.
pub(crate) const RULES: u8 = 20;

/// The order of reasons; the smallest is the reason of the verdict.
pub(crate) fn rank(reason: Reason) -> u8 {
    match reason {
        Reason::AttributionLost => 0,
        Reason::TransactionUnknown => 1,
        Reason::TransactionForeign => 2,
        Reason::TransactionRevoked => 3,
        Reason::TransactionClosed => 4,
        Reason::TransactionExpired => 5,
        Reason::ChainUnknownAgent => 6,
        Reason::ChainAgentDisabled => 7,
        Reason::ChainLoop => 8,
        Reason::ChainTooDeep => 9,
        Reason::ChainNotDelegated => 10,
        Reason::ChainShrunk => 11,
        Reason::ChainReordered => 12,
        Reason::AssuranceTooLow => 13,
        Reason::ToolFingerprintChanged => 14,
        Reason::ToolNotInSkill => 15,
        Reason::IntentUnknown => 30,
        Reason::IntentExpired => 31,
        Reason::IntentWidened => 32,
        Reason::IntentNotCovering => 33,
        Reason::ArgumentNotAllowed => 34,
        Reason::ArgumentOriginUnknown => 35,
        Reason::SkillMissing => 36,
        Reason::SkillNotNeeded => 37,
        Reason::TaskOutOfOrder => 40,
        Reason::TaskRepeated => 41,
        Reason::BudgetExceeded => 42,
        _ => RULES,
    }
}
