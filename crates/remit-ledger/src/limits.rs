//! The bounds of the ledger, each with the reason of its number.

/// Bytes of one record: entry bundles of C2SP tlog-tiles carry a 16-bit length, and the log is to become such a tree.
pub const RECORD_BYTES: usize = 65_535;

/// Bytes beside one record: as large as a request body may be, so that every question that is taken can be kept.
pub const ASIDE_BYTES: usize = 1 << 20;

/// Bytes beside a record in one frame, whose length is a 16-bit number; the first marks it.
pub const ASIDE_PART_BYTES: usize = 65_534;

/// Records in one `append_all`: as many as the writer takes in one turn, so that a batch is always one write.
pub const BATCH_RECORDS: usize = 4_096;

/// Bytes the writer takes in one turn: bounds what one write can leave torn, and the writer's buffer.
pub const TURN_BYTES: usize = 8 << 20;

/// Appends in a turn from which on it waits for more: fewer come one by one, and gain nothing by waiting.
pub const GATHER_FROM: usize = 4;

/// How long it waits at a time, in microseconds: about what sleeping and waking take anyway.
pub const GATHER_STEP_US: u64 = 50;

/// The longest that it waits in all, however slow the disk is, in microseconds.
pub const GATHER_MOST_US: u64 = 1_000;

/// Bytes of waiting records before an append is refused: 4,096 records of the largest size would be 256 MiB,
/// while the same number of usual ones is 3 MiB.
pub const QUEUE_BYTES: usize = 64 << 20;

/// Appends that may wait before the next is refused; well above the connections one process serves.
pub const QUEUE_APPENDS: usize = 16_384;

/// Size at which the writer opens the next segment: small enough to move about, large enough that a year
/// of a busy service stays in the tens of thousands of files.
pub const SEGMENT_BYTES: u64 = 64 << 20;

/// The largest segment that can be asked for: the index keeps offsets of 32 bits.
pub const SEGMENT_BYTES_MOST: u64 = 1 << 31;

/// Largest whole number in a record: beyond it a JSON reader with doubles would round.
pub const EXACT_INTEGER: u64 = (1 << 53) - 1;

/// Records of one index chunk: its largest value stays far below the 64 kB above which sled writes files of
/// its own that it never removes, and a query scans at most this many records that are not indexed yet.
pub const CHUNK_RECORDS: u64 = 1_024;

/// Records one page of a query may hold: keeps an answer in the low megabytes.
pub const PAGE_RECORDS: usize = 1_000;

/// How often the head is written when there is news, the default of the transparency-log world.
pub const HEAD_EVERY_MS: u64 = 1_000;

/// How often `relaxed` forces the log to disk; the most that a power loss may take.
pub const RELAXED_SYNC_MS: u64 = 100;

/// After how many records a thread that reads them back lets others run: a tenth of a millisecond or two.
pub const GIVE_WAY_RECORDS: u64 = 32;

/// How often the index looks for records to take up: large turns, so that the log hardly notices.
pub const INDEX_EVERY_MS: u64 = 200;

/// Cache of the index in bytes: queries read few blocks, and the process is to stay small when idle.
pub const INDEX_CACHE_BYTES: u64 = 8 << 20;

/// Bytes of a signed note: a head with sixteen signatures of the largest kind in use stays far below it.
pub const NOTE_BYTES: usize = 128 << 10;

/// Signatures under one note: the specification asks for at least 16, and each of a known key costs a verification.
pub const NOTE_SIGNATURES: usize = 64;

/// Leaf hashes that the tree takes at once: bounds the memory of building it anew for an old log to 2 MiB.
pub const LEAVES_AT_ONCE: usize = 65_536;

/// How long dropping records waits for a head over the record of it: many times the pause between heads.
pub const SIGNED_WITHIN_MS: u64 = 30_000;

/// Pause before the log is called forked: longer than an erasure takes to write over a few frames.
pub const READ_AGAIN_MS: u64 = 50;
