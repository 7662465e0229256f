//! How much one message may hold, and why each bound has its size.

/// Bounds of one request. Start from `Limits::default()` and change what differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes, nesting and values of the body.
    pub json: remit_json::Limits,
    /// Items of one batch.
    pub items: usize,
}

impl Limits {
    /// One mebibyte: a full batch of 1000 items at 500 bytes each fits twice.
    pub const BODY_BYTES: usize = 1 << 20;
    /// Messages nest three levels before the caller's own attributes begin; 64 is ten times what
    /// the specification's richest example uses.
    pub const DEPTH: usize = 64;
    /// Values of the whole body: 200 for each of 1000 items.
    pub const VALUES: usize = 200_000;
    /// Largest batch: a page of a list view asks for tens, an export for hundreds. At 50 µs an item
    /// a full batch still ends within 50 ms and cannot starve other callers.
    pub const ITEMS: usize = 1_000;
}

impl Default for Limits {
    fn default() -> Self {
        let json = remit_json::Limits { bytes: Self::BODY_BYTES, depth: Self::DEPTH, members: Self::VALUES };
        Self { json, items: Self::ITEMS }
    }
}
