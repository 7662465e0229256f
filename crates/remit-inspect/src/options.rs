//! What an inspector looks for.

use crate::{Kind, Limits};

/// Where a text comes from, as far as instructions inside it may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceTrust {
    /// The operator's own text.
    Operator,
    /// What the user wrote.
    User,
    /// A document, web page or e-mail that somebody else may have written.
    Document,
    /// What a tool returned.
    ToolOutput,
    /// The description of a tool, or of an agent: read as if it were an instruction.
    ToolDescription,
}

/// What an [`Inspector`](crate::Inspector) looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    kinds: u128,
    /// Whether signs of injection are looked for.
    pub injection: bool,
    /// Findings below this score (per mille) are left out.
    pub least_score: u16,
    /// Literal texts to report as [`Kind::Keyword`], without regard to the case of ASCII letters.
    pub keywords: Vec<String>,
    /// Names of tools. One of them in a text is a stronger sign of a smuggled call than an unknown identifier.
    pub tools: Vec<String>,
    /// Bounds.
    pub limits: Limits,
}

impl Default for Options {
    /// Everything, scores from 500.
    fn default() -> Self {
        Self {
            kinds: u128::MAX,
            injection: true,
            least_score: 500,
            keywords: Vec::new(),
            tools: Vec::new(),
            limits: Limits::default(),
        }
    }
}

impl Options {
    /// Reports these kinds only. What a span *is* does not depend on the choice: a card number is never
    /// reported as a telephone because cards are off.
    #[must_use]
    pub fn only(mut self, kinds: &[Kind]) -> Self {
        self.kinds = kinds.iter().fold(0, |set, kind| set | kind.bit());
        self
    }

    /// Reports all but these kinds.
    #[must_use]
    pub fn without(mut self, kinds: &[Kind]) -> Self {
        self.kinds = kinds.iter().fold(self.kinds, |set, kind| set & !kind.bit());
        self
    }

    /// Whether that kind is reported.
    #[must_use]
    pub const fn reports(&self, kind: Kind) -> bool {
        self.kinds & kind.bit() != 0
    }

    pub(crate) const fn any_kind(&self) -> bool {
        self.kinds != 0
    }
}

/// Why options are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// An empty keyword is in every text.
    #[error("keyword {index} is empty")]
    EmptyKeyword {
        /// Its place in the list.
        index: usize,
    },
    /// More than the automaton is meant for.
    #[error("{count} bytes of keywords are more than {most}")]
    TooManyKeywords {
        /// Bytes of all keywords.
        count: usize,
        /// What is accepted.
        most: usize,
    },
    /// A score is per mille.
    #[error("a least score of {score} is above 1000")]
    LeastScore {
        /// What was asked.
        score: u16,
    },
    /// The automaton of literals could not be built.
    #[error("the literals could not be compiled: {0}")]
    Compile(String),
}
