//! The bounds of questions, each with the reason of its number.

/// Rows of one answer: keeps it in the low megabytes.
pub const ROWS: usize = 1_000;

/// Rows of an answer that names no limit: a screen or two.
pub const DEFAULT_ROWS: usize = 100;

/// Columns a question may select, group or order by: more than records have fields is a mistake.
pub const COLUMNS: usize = 80;

/// Groups of one question: with its order and its row a group takes about 1 kB, so this is 200 MB at most.
pub const GROUPS: usize = 200_000;

/// Rows that may be skipped by paging through an order other than the log's.
pub const SKIPPED: usize = 100_000;

/// Records of one answer that are proved one by one: with its path and the head each takes 2 kB beside itself, and
/// nobody checks a thousand by hand.
pub const PROOFS: usize = 100;

/// Records of one sample.
pub const SAMPLE: usize = 10_000;

/// Bytes of one text of a question; conditions that people write stay below 1 kB.
pub const TEXT_BYTES: usize = 16_384;
