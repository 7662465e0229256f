//! Bounds on intents, transactions and signals, each with the reason for its number.

/// Tasks of one intent. The largest published agent suite needs 22 calls for a goal.
pub const MAX_TASKS: usize = 256;

/// Steps that one transaction remembers. A step costs about 500 bytes; past this an agent is looping.
pub const MAX_STEPS: usize = 1_024;

/// Values that the outcomes of one transaction may name. A page of search results has a few hundred.
pub const MAX_OUTCOME_FIELDS: usize = 16_384;

/// Longest value reported or compared for its origin: a long mail. Longer ones have no origin.
pub const MAX_ORIGIN_BYTES: usize = 64 * 1024;

/// Labels of one transaction. Policies name them, so this is only reached by mistake.
pub const MAX_LABELS: usize = 64;

/// Depth of records and sets in an argument. The wire refuses deeper JSON long before.
pub const MAX_ARGUMENT_DEPTH: usize = 32;

/// Signals of one party that are kept. A person makes a few an hour; what an agent makes more is past its window soon.
pub const MAX_SIGNALS: usize = 1_024;

/// Devices, addresses, regions and tools of one party that stay familiar when the signals that showed them are gone.
pub const MAX_FAMILIAR: usize = 64;
