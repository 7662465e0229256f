//! Who decides: a running server over HTTP, or the model's own functions in this process.

mod http;
mod local;
mod wire;

pub use http::Http;
pub use local::Local;

use serde_json::{Map, Value as Json};

use crate::given::Tool;
use crate::intents::Goal;
use crate::outcome::Field;

/// The answer to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// True when it may happen.
    pub allowed: bool,
    /// Why not: a published reason.
    pub reason: String,
    /// The rules that denied, by name.
    pub rules: Vec<String>,
    /// True when a denial may be turned into a request to the user.
    pub requestable: bool,
    /// The decision, by which the outcome is reported.
    pub decision: String,
}

impl Verdict {
    /// What denied: rules by name, else the reason.
    #[must_use]
    pub fn by(&self) -> String {
        if self.rules.is_empty() { self.reason.clone() } else { self.rules.join(", ") }
    }
}

/// A call that an agent wants to make.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The tool.
    pub tool: &'a Tool,
    /// Its arguments.
    pub arguments: &'a Map<String, Json>,
    /// The goal under which it is made.
    pub goal: &'a Goal,
}

/// Decides calls under an intent and learns what they returned.
pub trait Decider {
    /// Opens a transaction and says its id.
    ///
    /// # Errors
    /// It is refused or cannot be reached.
    fn open(&mut self, goal: &Goal) -> anyhow::Result<String>;

    /// May the call happen.
    ///
    /// # Errors
    /// No answer.
    fn ask(&mut self, transaction: &str, question: Question<'_>) -> anyhow::Result<Verdict>;

    /// Shows what a permitted call returned before the agent gets it, where the goal wants that.
    ///
    /// # Errors
    /// No answer.
    fn hand_over(
        &mut self,
        transaction: &str,
        question: Question<'_>,
        result: &Json,
    ) -> anyhow::Result<Verdict>;

    /// Reports what a permitted call returned.
    ///
    /// # Errors
    /// It is refused or cannot be reached.
    fn report(&mut self, transaction: &str, decision: &str, fields: &[Field]) -> anyhow::Result<()>;
}
