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
