//! Bounds on what is read, each with the reason for its number.

/// Bytes of one text. A bank's whole board policy is a few kilobytes, a KBAC policy less than one.
pub const BYTES: usize = 1 << 20;

/// Collections inside one another in YAML. The format has three levels.
pub const YAML_DEPTH: usize = 16;

/// Values of one YAML text; keeps the tree of a hostile text below a few megabytes.
pub const YAML_VALUES: usize = 50_000;

/// Bytes of one condition, of a rule or of a pattern. Longer ones nobody reviews.
pub const CONDITION_BYTES: usize = 16 * 1024;

/// Parentheses and negations inside one another: the parsers recurse for each.
pub const CONDITION_DEPTH: usize = 32;

/// Ways through the types of a graph that one repeated pattern may stand for; each becomes an alternative of a condition.
pub const WAYS: usize = 64;

/// Steps of one such way.
pub const STEPS: usize = 8;
