//! Bounds on policy text, each with the reason for its number. Everything beyond is refused before the parser runs.

/// Bytes of one file. The largest hand-written policies seen are below 100 kB; generated ones can be cut into files.
pub const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;

/// Items of one file. Two thousand rules are a large bank's whole set; five times that in one file is a mistake.
pub const MAX_ITEMS: usize = 10_000;

/// Bytes of one item. Bounds the parser's memory, which is about thirty times the text it holds at once.
pub const MAX_ITEM_BYTES: usize = 64 * 1024;

/// Brackets, quantifiers and `if`s inside one another. People lose count at five; the parser recurses for each.
pub const MAX_NESTING: usize = 48;

/// Depth of an expression's tree, operators in a row included: checker, formatter and evaluator recurse over it,
/// also on the small stacks of worker threads.
pub const MAX_DEPTH: u32 = 128;

/// Errors reported for one file. More than that nobody reads, and each costs memory.
pub const MAX_ERRORS: usize = 200;
