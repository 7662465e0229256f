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

/// Actors in an asserted chain.
// WHY: the deepest chain seen in the field is four; more is a mistake or an attack.
pub(crate) const ACTORS: usize = 16;

/// Tokens that one request may present.
// WHY: user, delegation, workload and transaction token, with room for as many again.
pub(crate) const TOKENS: usize = 8;

/// How often a question is decided anew because its transaction changed meanwhile.
// WHY: each attempt fails only when another step of the same transaction succeeded.
pub(crate) const ATTEMPTS: usize = 16;

/// Rules that a record names of the candidate in the shadow.
// WHY: a difference is told so that somebody looks; the first rules say where, a replay says the rest.
pub(crate) const SHADOW_RULES: usize = 16;

/// Bytes of a record up to which it has room for what the candidate in the shadow says.
// WHY: the ledger takes 65,535; the shadow must never be why an answer cannot be recorded.
pub(crate) const SHADOWED_BYTES: usize = 60_000;
/// Characters of a category, a purpose or the id of a consent.
// WHY: they are words of policies and of forms, not sentences.
pub(crate) const CONSENT_WORD_CHARS: usize = 200;

/// Characters of the reference to the proof of a consent.
// WHY: a URL with its query.
pub(crate) const CONSENT_PROOF_CHARS: usize = 2_000;

/// Signals of one report.
// WHY: a gateway that reports every second sends a few dozen; each is a ledger record.
pub(crate) const SIGNALS_AT_ONCE: usize = 256;

/// Characters of the kind or the id of a signal.
// WHY: they are words of policies; an id is a UUID or a URN.
pub(crate) const SIGNAL_WORD_CHARS: usize = 200;

/// Characters of a device's fingerprint, an address, a region, a tool.
// WHY: fingerprints are hashes; a user agent written out stays below this.
pub(crate) const SIGNAL_TRAIT_CHARS: usize = 500;

/// How far the clock of who reports may be ahead, in seconds.
// WHY: as much as the leeway of tokens twice over; beyond it the time says nothing.
pub(crate) const SIGNALS_AHEAD_S: i128 = 60;
/// Days for which records are kept at least, unless it is said that less will do.
// WHY: keepers of the logs of high-risk systems keep them for six months at least (AI Act, Art. 19 and 26(6)).
pub(crate) const RETAIN_LEAST_DAYS: u32 = 180;

/// How long a transaction lasts when nobody says, in seconds.
// WHY: minutes, as the tokens of the field; a forgotten transaction must not stay open for a day.
pub(crate) const TRANSACTION_S: u32 = 900;

/// How long a transaction may last at most, in seconds.
pub(crate) const TRANSACTION_MOST_S: u32 = 7 * 24 * 3_600;

/// Bytes of the answer of a source.
// WHY: a score, a verdict, a list of categories; who sends more is not the service that was meant.
pub(crate) const SOURCE_ANSWER_BYTES: usize = 64 * 1024;

/// Failures in a row after which a source is left alone.
pub(crate) const SOURCE_FAILURES: u32 = 5;

/// How long it is left alone before one question tries it, in milliseconds.
// WHY: as circuit breakers of gateways do: long enough to come up again, short enough not to be noticed twice.
pub(crate) const SOURCE_PAUSE_MS: u64 = 30_000;

/// Questions that wait for one source at once.
// WHY: a slow source must not gather all the questions of a server.
pub(crate) const SOURCE_AT_ONCE: usize = 64;

/// Answers of sources that are kept.
// WHY: a minute of a busy gateway; with the largest answers 256 MiB would be a mistake of the source, not of ours.
pub(crate) const SOURCE_ANSWERS_KEPT: usize = 4_096;

/// Open proposals: a team has a handful; each is a bundle on the disk.
pub const PROPOSALS: usize = 32;

/// Bytes of a proposal as it is sent: policies are below a megabyte, graphs of this size have a hundred thousand nodes.
pub const PROPOSAL_BYTES: usize = 16 << 20;

/// Files of a proposal.
pub const PROPOSAL_FILES: usize = 1_000;

/// Characters of its title: a line of a change log.
pub const PROPOSAL_TITLE_CHARS: usize = 200;

/// Different links of one message.
// WHY: a page of references has a hundred; a message with more is unknown to rules about links, which denies.
pub(crate) const LINKS: usize = 1_000;
