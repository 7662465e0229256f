//! Bounds of the use cases, each with the reason for its number.

/// What one call may ask for.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Results of one search page at most, and the page size when the PEP names none.
    // WHY: a page of 1,000 plain entities is about 50 kB, and one page is one ledger record.
    pub page: u64,
    /// Results of a governance page at most.
    // WHY: 200 records of 1-2 kB each stay below half a megabyte.
    pub governance_page: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { page: 1_000, governance_page: 200 }
    }
}

/// Actors in an asserted chain.
// WHY: the deepest chain seen in the field is four; more is a mistake or an attack.
pub(crate) const ACTORS: usize = 16;

/// Tokens that one request may present.
// WHY: user, delegation, workload and transaction token, with room for as many again.
pub(crate) const TOKENS: usize = 8;

/// How often a question is decided anew because its transaction changed meanwhile.
// WHY: each attempt fails only when another step of the same transaction succeeded.
pub(crate) const ATTEMPTS: usize = 16;

/// Days for which records are kept at least, unless it is said that less will do.
// WHY: keepers of the logs of high-risk systems keep them for six months at least (AI Act, Art. 19 and 26(6)).
pub(crate) const RETAIN_LEAST_DAYS: u32 = 180;

/// How long a transaction lasts when nobody says, in seconds.
// WHY: minutes, as the tokens of the field; a forgotten transaction must not stay open for a day.
pub(crate) const TRANSACTION_S: u32 = 900;

/// How long a transaction may last at most, in seconds.
pub(crate) const TRANSACTION_MOST_S: u32 = 7 * 24 * 3_600;
