//! Bounds of everything an outsider can make large, each with the reason of its number.

/// Tokens of one request: user, agent, workload, transaction and one to spare.
pub const TOKENS: usize = 5;

/// Bytes of one token: access tokens with rich authorization details stay below 8 kB, headers of servers below 16 kB.
pub const TOKEN_BYTES: usize = 16 * 1024;

/// Containers inside one another in a header or payload: four actors and one AuthZEN request nest about twelve deep.
pub const JSON_DEPTH: usize = 32;

/// Values in one payload: 16 kB of `[1,1,…]` would be 8,000, real payloads hold a few hundred.
pub const JSON_VALUES: usize = 4096;

/// Characters of a key id: thumbprints are 43, certificate subjects below 200.
pub const KID_BYTES: usize = 256;

/// Bytes of an id (`sub`, `client_id`, `jti`): a SPIFFE id may have 2,048.
pub const ID_BYTES: usize = 2048;

/// Entries of `authorization_details`: an intent of a hundred steps is already unreadable to whoever consents.
pub const DETAILS: usize = 128;

/// Actors of a chain when the issuer's entry names no other depth; published chains have three.
pub const ACTORS: usize = 4;

/// Longest configurable chain: work and record size grow with it.
pub const ACTORS_MAX: usize = 16;

/// Seconds of clock difference between an issuer and us; NTP keeps both within one.
pub const LEEWAY_S: u32 = 30;

/// Largest configurable leeway: more would make `exp` a suggestion.
pub const LEEWAY_MAX_S: u32 = 300;

/// Seconds from `iat` (or now) to `exp`: medium-lived tokens have minutes, a day is the longest that is not a password.
pub const LIFETIME_S: u32 = 86_400;

/// Events of one security event token: SSF sends one, RFC 8417 allows several.
pub const EVENTS: usize = 8;

/// Bytes of a key set: fifty RSA keys of 4,096 bits with certificates are below this.
pub const KEY_SET_BYTES: usize = 256 * 1024;

/// Keys of one set: issuers publish two to five; a set is searched linearly when a token names no key.
pub const KEYS: usize = 50;

/// Bytes of an introspection answer: as much as a token may have, and room for the members around it.
pub const INTROSPECTION_BYTES: usize = 64 * 1024;

/// Milliseconds for one answer of an issuer: a decision waits for it only when it has no key at all.
pub const FETCH_MS: u64 = 3_000;

/// Seconds between two reads of one key set, whatever the reason: a flood of unknown key ids costs one read.
pub const COOLDOWN_S: u32 = 30;

/// Seconds until a key set is read again: the time for which a removed key is still accepted.
pub const REFRESH_S: u32 = 300;

/// Seconds for which the last good set is used while its issuer is unreachable: a night shift's outage, not a week.
pub const STALE_S: u32 = 12 * 3600;

/// Seconds for which an opaque token's introspection is believed: revocation at the issuer is seen after this.
pub const INTROSPECTION_TTL_S: u32 = 30;

/// Opaque tokens remembered as not active; beyond it they are asked about again.
pub const INACTIVE: usize = 20_000;

/// Verified tokens of callers remembered by hash: few hundred bytes each.
pub const CALLERS: usize = 2_000;

/// Verified tokens remembered by hash: two kilobytes each, so forty megabytes at most.
pub const VERIFIED: usize = 20_000;

/// Proof ids remembered: one per request with DPoP inside the proof's window; beyond it new proofs are refused.
pub const PROOFS: usize = 200_000;

/// Seconds around now in which a DPoP proof's `iat` may lie.
pub const PROOF_WINDOW_S: u32 = 60;

/// Revoked token hashes remembered until their expiry.
pub const REVOKED: usize = 100_000;

/// Least bits of an RSA modulus (NIST SP 800-131A); aws-lc refuses fewer as well.
pub const RSA_BITS: usize = 2048;

/// Most bits of an RSA modulus: verification time grows with the square.
pub const RSA_BITS_MAX: usize = 8192;
