//! What one policy set may hold, and why not more.

/// Entity types; attribute look-up without a selector visits every type, so the number stays small.
pub(super) const MAX_TYPES: usize = 4_096;

/// Attribute names over all types; ids have sixteen bits.
pub(super) const MAX_ATTRIBUTE_NAMES: usize = 60_000;

/// Attributes of one type; they are looked up by scanning.
pub(super) const MAX_ATTRIBUTES: usize = 512;

/// Actions of all packages; ids have sixteen bits and candidates are indexed by action.
pub(super) const MAX_ACTIONS: usize = 16_384;

/// Levels of all packages; a bare member is looked for in each that has it.
pub(super) const MAX_LEVELS: usize = 1_024;

/// Members of one level; a rank has sixteen bits and nobody ranks more than a few.
pub(super) const MAX_MEMBERS: usize = 1_024;

/// Named limits; ids have sixteen bits.
pub(super) const MAX_LIMITS: usize = 16_384;

/// Sources of a set: each is a call beside a decision, and nobody waits for more than a few.
pub(super) const MAX_SOURCES: usize = 64;

/// How long an answer of a source may be waited for at most, in milliseconds: a decision is no place to wait.
pub(super) const MAX_SOURCE_TIMEOUT_MS: i128 = 10_000;

/// How long an answer may count at most, in milliseconds: a day.
pub(super) const MAX_SOURCE_CACHE_MS: i128 = 86_400_000;

/// Rules of a set; ten times what the load is measured with.
pub(super) const MAX_RULES: usize = 100_000;

/// Expectations of a set; each is a whole evaluation for whoever runs them.
pub(super) const MAX_EXPECTS: usize = 100_000;

/// Intents of a set; as many as a large organisation has kinds of work.
pub(super) const MAX_INTENTS: usize = 10_000;

/// Tasks of one intent: a step of the chain of thought, not of a program; each condition may read every earlier one.
pub(super) const MAX_TASKS: usize = 64;

/// Rules that label transactions; each is tried on every permitted step.
pub(super) const MAX_LABELS: usize = 4_096;

/// Places of one chain pattern; chains are shorter.
pub(super) const MAX_LINKS: usize = 64;

/// Nesting of one expression, logical chains not counted: each level costs stack. The parser stops earlier; this
/// holds for trees that were made otherwise.
pub(super) const MAX_DEPTH: usize = 160;

/// Variables of nested quantifiers; each multiplies the work of a condition.
pub(super) const MAX_VARIABLES: usize = 8;

/// Bytes of a compiled pattern: matching is linear in the text, compiling is not in the pattern.
pub(super) const MAX_PATTERN_BYTES: usize = 1 << 20;

/// Diagnostics of one kind kept; nobody reads more, and a hostile file must not fill the memory with them.
pub(super) const MAX_FINDINGS: usize = 1_000;

/// Combinations of a forbid's terms entered in the table of broad forbids; one with more is not looked for.
pub(super) const MAX_COMBINATIONS: usize = 256;

/// Broad forbids of one combination that a rule is compared with, so that the search stays linear.
pub(super) const MAX_COMPARED: usize = 16;
