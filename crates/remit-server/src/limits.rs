//! Bounds of the listener, each with the reason of its number. What a request may hold is bounded further in.

/// Largest request body: a batch of a thousand questions with properties is below 500 kB.
pub const BODY_BYTES: usize = 1024 * 1024;

/// Largest request head: browsers and gateways stay below 16 kB; bearer tokens with many groups need a few more.
pub const HEADER_BYTES: usize = 32 * 1024;

/// Smallest permitted head buffer; hyper refuses to work with less than this.
pub const HEADER_BYTES_MIN: usize = 8 * 1024;

/// Time for a whole request head, and for an idle kept-alive connection to send its next one.
pub const HEADER_TIMEOUT_MS: u64 = 30_000;

/// Time for a whole body once its head is read: 1 MiB over a slow mobile uplink takes about eight seconds.
pub const BODY_TIMEOUT_MS: u64 = 10_000;

/// Time for a whole request, body included: twice the body's time, so that a slow body is reported as such.
pub const REQUEST_TIMEOUT_MS: u64 = 20_000;

/// Open connections: four per PEP of a large fleet, and below the usual limit of file handles of a service.
pub const MAX_CONNECTIONS: usize = 4096;

/// Requests worked on at once; with `BODY_BYTES` this bounds the memory of waiting bodies to 1 GiB at worst.
pub const MAX_IN_FLIGHT: usize = 1024;

/// Requests of people worked on at once; their listener must not use up what decisions need.
pub const ADMIN_IN_FLIGHT: usize = 32;

/// Open connections of people.
pub const ADMIN_CONNECTIONS: usize = 256;

/// Requests that read the log at once: each may take a thread and read every segment, and decisions must not wait for them.
pub const LOG_READERS: usize = 16;

/// Streams of one HTTP/2 connection; one connection must not use up `MAX_IN_FLIGHT` alone.
pub const H2_STREAMS: u32 = 256;

/// Configured callers: keys are compared one by one in constant time, a thousand cost about ten microseconds.
pub const PEPS: usize = 1000;

/// API keys of one caller: two while one replaces the other, and a few for slow fleets.
pub const KEYS_OF_ONE: usize = 8;

/// Shortest API key accepted from a caller, in bytes, before it is hashed: none is needed, the digest decides.
/// Longest one: no scheme in use issues more, and hashing more is work an outsider could demand.
pub const CREDENTIAL_BYTES: usize = 8 * 1024;

/// Seconds a shed caller should wait: a full queue drains in well under a second.
pub const RETRY_AFTER_S: u32 = 1;

/// Seconds that requests in flight may take to finish after a stop was asked for.
pub const DRAIN_S: u64 = 10;

/// Milliseconds between looks at whether the ledger still takes records: as often as readiness probes look.
pub const LEDGER_LOOK_MS: u64 = 500;

/// Seconds from the failure of the ledger to the end of the process: probes take the instance out first.
pub const LEDGER_FAILED_S: u64 = 3;

/// Milliseconds without a further change before a changed bundle is read: an editor's save or a copy is over by then.
pub const WATCH_QUIET_MS: u64 = 200;

/// Milliseconds between looks at the bundle without any event: swapped symbolic links raise none.
pub const WATCH_POLL_MS: u64 = 10_000;

/// Seconds a client may keep the metadata document.
pub const METADATA_MAX_AGE_S: u32 = 3600;

/// Seconds between two rounds of upkeep.
// WHY: an issuer's shortest refresh is a few seconds; a round that has nothing to do costs nothing.
pub const UPKEEP_S: u64 = 1;

/// Seconds between looks for incidents to tell.
pub const ESCALATE_S: u64 = 1;

/// Seconds before an incident that was not taken is told again: a webhook that restarts is back by then.
pub const ESCALATE_AGAIN_S: u64 = 15;

/// Incidents told in one go.
pub const ESCALATE_AT_ONCE: usize = 50;

/// Milliseconds that a webhook may take.
pub const ESCALATE_DEADLINE_MS: u64 = 5_000;

/// Shortest secret of a webhook in bytes: as long as the signature it makes.
pub const WEBHOOK_SECRET_BYTES: usize = 32;

/// Milliseconds that a question to another decision point may take: with proofs it reads its whole log.
pub const ASK_DEADLINE_MS: u64 = 300_000;

/// Bytes of an answer of another decision point: 1,000 rows in several parts, and 100 proved records of the largest size.
pub const ASK_ANSWER_BYTES: usize = 64 << 20;

/// Rounds between two snapshots of the transactions.
// WHY: a start after a crash then reads at most five minutes of the ledger beyond the snapshot.
pub const UPKEEP_TURNS_PER_SNAPSHOT: u64 = 300;

/// Turns between two looks for records that are old enough to go: whole segments go, which take hours at least to fill.
pub const UPKEEP_TURNS_PER_PRUNE: u64 = 3_600;

/// Which head is sent to a second place, unless configured: each tenth, so at most one in ten seconds.
pub const PUSH_HEADS: u32 = 10;

/// How often is looked for a new head: as often as heads are signed.
pub const PUSH_EVERY_MS: u64 = 1_000;

/// Time for a second place to take a head: witnesses answer within a second, and the next head comes anyway.
pub const PUSH_DEADLINE_MS: u64 = 5_000;

/// Largest answer of a second place: cosignatures of a few witnesses are below 10 kB.
pub const PUSH_ANSWER_BYTES: usize = 64 * 1024;

/// Spans that may wait to be told: half a megabyte, four seconds of a busy server; further ones are dropped.
pub const SPANS_QUEUED: usize = 4_096;

/// Spans told at once: about 60 kB, what collectors take by default.
pub const SPANS_AT_ONCE: usize = 512;

/// Milliseconds between two batches: what somebody watches stays close behind what happens.
pub const SPANS_EVERY_MS: u64 = 1_000;

/// Time for a collector to take a batch.
pub const SPANS_DEADLINE_MS: u64 = 5_000;

/// Milliseconds for the last spans at the end; a supervisor waits for the process meanwhile.
pub const SPANS_LAST_MS: u64 = 2_000;

/// Largest answer of a collector: a count of what it did not take, and why.
pub const SPANS_ANSWER_BYTES: usize = 64 * 1024;

/// Callers that follow the log at once: each has the log looked at twice a second.
pub const TAILS: usize = 16;

/// How often a followed log is looked at.
pub const TAIL_EVERY_MS: u64 = 500;

/// How many rounds without a record pass before a comment shows that the connection lives: every ten seconds.
pub const TAIL_QUIET_ROUNDS: u32 = 20;
