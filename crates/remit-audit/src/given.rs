//! What a question is asked with: the time, the values of its parameters, and the names a person may have in records.

use std::collections::BTreeMap;

use remit_model::Timestamp;

/// A literal of a question that is compared with a field that names a person or what belongs to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Personal<'a> {
    /// The field: `subject.id`, `actor.id`, `chain.id` or `resource.id`.
    pub field: &'a str,
    /// The type beside the id, where the question names one.
    pub kind: Option<&'a str>,
    /// What the question says.
    pub literal: &'a str,
}

/// Turns a literal into everything it may stand as in records, such as pseudonyms of several epochs.
pub type Alternatives<'a> = dyn Fn(&Personal<'_>) -> Vec<String> + Send + Sync + 'a;

/// What a question is asked with.
pub struct Given<'a> {
    /// The `now` of its conditions.
    pub now: Timestamp,
    /// Values of parameters, as text.
    pub parameters: BTreeMap<String, String>,
    /// The names of persons in records.
    pub alternatives: &'a Alternatives<'a>,
    /// Whether the log itself is read and the records of the answer are proved.
    pub proof: bool,
}

impl Given<'_> {
    /// At this time, without parameters, in a log that holds ids as they are.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self {
            now,
            parameters: BTreeMap::new(),
            alternatives: &|it| vec![it.literal.to_owned()],
            proof: false,
        }
    }
}
