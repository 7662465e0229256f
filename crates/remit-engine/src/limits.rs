//! Bounds of the engine, each with the reason for its number.

/// Deepest nesting of one expression. The checker allows 128 levels as written and adds a few of its own (`require`
/// becomes `and not`); evaluation recurses once per level, and a test holds that this fits a thread's stack.
pub const MAX_DEPTH: usize = 144;

/// Elements and edges one rule may visit. A condition that needs more is unknown: a million visits take some
/// ten milliseconds, the longest a caller should ever wait for one rule.
pub const MAX_STEPS: u32 = 1_000_000;

/// Largest compiled size of one pattern in bytes; the `regex` default is ten times that, too much for thousands of rules.
pub const MAX_PATTERN_BYTES: usize = 1 << 20;

/// Fewer rules than this behind one party or one guard are cheaper to test one by one than to look up.
pub const MIN_INDEXED_RULES: usize = 8;

/// A search stops looking for a narrower condition when one leaves at most this many candidates: deciding them
/// takes less time than solving another condition.
pub const SMALL_ENOUGH: usize = 64;

/// Elements of a set for each of which a search solves a condition; beyond, scanning all entities is cheaper.
pub const MAX_SOLVED_ELEMENTS: usize = 4096;

/// Rules one explanation describes; it is read by a person.
pub const MAX_TRACES: usize = 500;

/// Agents that an explanation names as able to do what the asked one is not; it is read by a person.
pub const MAX_NAMED_AGENTS: usize = 10;

/// Nodes visited to show how a membership comes about.
pub const MAX_PATH_NODES: usize = 10_000;

/// Longest delegation chain. Published agent systems delegate three or four times; past this an agent is looping.
pub const MAX_CHAIN: usize = 16;

/// Choices of earlier steps for which the condition of a task is tried. A transaction remembers a thousand steps, so
/// that a condition over one earlier task is always tried in full.
pub const MAX_CHOICES: u32 = 4096;

/// Room for lists of rules with those of any action and any type folded in, in entries of four bytes: 4 MiB. Larger
/// sets look four lists up instead of one.
pub const MAX_MERGED_ENTRIES: usize = 1 << 20;
