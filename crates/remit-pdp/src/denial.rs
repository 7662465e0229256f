//! `Denial`: a deny that is known before the engine is asked, as a verdict.

use remit_engine::{Failure, Layer, LayerOutcome, Layers, Verdict};
use remit_model::Reason;
use remit_model::transaction::Misfit;

/// Why the answer is a deny, whatever the policies say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The code.
    pub reason: Reason,
    /// What it is about.
    pub field: String,
    /// What is wrong with it: codes and names, never a value of the request.
    pub detail: String,
}

impl Denial {
    /// A denial that says what it is about.
    #[must_use]
    pub fn new(reason: Reason, field: &str, detail: &str) -> Self {
        Self { reason, field: field.to_owned(), detail: detail.to_owned() }
    }

    /// The verdict.
    pub fn verdict(self) -> Verdict {
        let layer = layer(self.reason);
        let mut layers = Layers::default();
        match layer {
            Layer::SubjectMay => layers.subject_may = LayerOutcome::Fails,
            Layer::ActorMay => layers.actor_may = LayerOutcome::Fails,
            Layer::IntentCovers => layers.intent_covers = LayerOutcome::Fails,
            Layer::HistoryFits => layers.history_fits = LayerOutcome::Fails,
            Layer::NothingForbids => layers.nothing_forbids = LayerOutcome::Fails,
        }
        Verdict {
            decision: false,
            reason: self.reason,
            layers,
            determining: Vec::new(),
            obligations: Vec::new(),
            advice: Vec::new(),
            missing: Vec::new(),
            reads: Vec::new(),
            failures: vec![Failure { layer, reason: self.reason, field: self.field, detail: self.detail }],
            task: None,
            changes: None,
        }
    }
}

/// The layer that such a denial belongs to: who acts, for what, or what has happened.
fn layer(reason: Reason) -> Layer {
    match reason {
        Reason::TokenInvalid | Reason::SessionRevoked => Layer::ActorMay,
        Reason::IntentUnknown | Reason::IntentWidened => Layer::IntentCovers,
        _ => Layer::HistoryFits,
    }
}

impl From<Misfit> for Denial {
    fn from(misfit: Misfit) -> Self {
        Self { reason: misfit.reason, field: misfit.field, detail: misfit.detail }
    }
}
