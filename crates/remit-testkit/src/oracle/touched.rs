//! What kinds of work a question did, so that a test can show that its questions are worth asking.

/// Flags that only grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Touched {
    /// A relation was followed zero, one or more times.
    pub closure: bool,
    /// A `not` was evaluated.
    pub negation: bool,
    /// A set was built or asked.
    pub set: bool,
    /// A rule that the other clauses left open came out unknown.
    pub unknown: bool,
}

impl Touched {
    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            closure: self.closure | other.closure,
            negation: self.negation | other.negation,
            set: self.set | other.set,
            unknown: self.unknown | other.unknown,
        }
    }
}
