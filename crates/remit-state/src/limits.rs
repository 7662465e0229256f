//! Bounds of the state, each with the reason for its number.

use remit_model::Duration;

/// How much is held.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Transactions held, those included whose ids may not be used again yet. When it is reached, none is opened.
    pub transactions: usize,
    /// Children below a root, generation by generation. Each adds a check to every step.
    pub generations: usize,
    /// Consents held, those included that are over.
    pub consents: usize,
    /// Consents of one person.
    pub consents_of_one: usize,
    /// Parties whose signals are held; beyond it those that were quiet for longest are forgotten.
    pub parties: usize,
}

impl Default for Limits {
    /// 100,000 transactions of ten steps are about 1 GB; eight generations is twice the deepest chain seen in the field.
    /// A million consents are about 400 MB, and a person who agrees every day needs three years for a thousand. 100,000
    /// parties with fifty signals each are about 1 GB.
    fn default() -> Self {
        Self {
            transactions: 100_000,
            generations: 8,
            consents: 1_000_000,
            consents_of_one: 1_000,
            parties: 100_000,
        }
    }
}

/// Longest id: the tokens of the field stay below 100 bytes.
pub(crate) const MAX_ID_BYTES: usize = 256;

const HOUR: i128 = 3_600_000_000_000;

/// How long an expired transaction is kept, so that a late step is told that it is late.
pub(crate) fn grace() -> Duration {
    Duration::from_nanos(HOUR)
}

/// How long after expiry an id may not be opened again: longer than any token that names it is accepted.
pub(crate) fn rest() -> Duration {
    Duration::from_nanos(48 * HOUR)
}
