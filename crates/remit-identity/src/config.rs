//! What the operator says about issuers: one entry each, read from configuration and checked before it counts.

use std::collections::BTreeSet;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits;

mod check;

pub use check::ConfigError;

/// Everything that tokens are judged by.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IdentityConfig {
    /// The issuers and trust domains, in any order.
    pub issuers: Vec<IssuerConfig>,
    /// Permits key sets and introspection endpoints on loopback and private addresses, and `http` to loopback.
    pub allow_private_addresses: bool,
}

/// One issuer and what it may vouch for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// Compared byte for byte with `iss`; for JWT-SVIDs the trust domain as `spiffe://example.org`.
    pub issuer: String,
    /// The kinds of token taken from it.
    pub accepts: Vec<Profile>,
    /// Who we are to it: one of these must be in `aud`. For transaction tokens the trust domain.
    pub audiences: Vec<String>,
    /// Where its keys come from; exactly one of `keys` and `introspection` is given.
    #[serde(default)]
    pub keys: Option<KeySource>,
    /// Where it is asked about each token instead.
    #[serde(default)]
    pub introspection: Option<Introspection>,
    /// The signature algorithms it uses. A symmetric one is taken only when it is named here.
    #[serde(default = "default_algorithms")]
    pub algorithms: Vec<AlgorithmName>,
    /// Further values of `typ` for access tokens, for issuers that do not follow RFC 9068; `""` is a missing one.
    #[serde(default)]
    pub typ: Vec<String>,
    /// Seconds its clock may differ from ours.
    #[serde(default = "default_leeway")]
    pub leeway_s: u32,
    /// Longest time from `iat` to `exp`.
    #[serde(default = "default_lifetime")]
    pub max_lifetime_s: u32,
    /// Most actors in `act`.
    #[serde(default = "default_actors")]
    pub max_actors: usize,
    /// Types of `authorization_details` it may use besides the AuthZEN ones.
    #[serde(default)]
    pub details_types: Vec<String>,
    /// Demands a proof of possession even for tokens that are not bound.
    #[serde(default)]
    pub require_binding: bool,
    /// How its ids become entities.
    #[serde(default)]
    pub claims: ClaimMap,
    /// What it may vouch for at most.
    #[serde(default)]
    pub ceiling: Ceiling,
    /// Seconds between two readings of the key set.
    #[serde(default = "default_refresh")]
    pub refresh_s: u32,
    /// Seconds for which the last good key set is used while the issuer is unreachable.
    #[serde(default = "default_stale")]
    pub stale_s: u32,
    /// Least seconds between two attempts to read the key set.
    #[serde(default = "default_cooldown")]
    pub cooldown_s: u32,
}

/// The kinds of token, one per standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// JWT access tokens of RFC 9068, or opaque ones with introspection (RFC 7662).
    AccessToken,
    /// ID tokens of OpenID Connect: who the user is, nothing else.
    IdToken,
    /// Other JWTs with `sub` and `act`, as token services for agents issue them beside the access token.
    Delegation,
    /// Identity assertion grants (ID-JAG).
    IdJag,
    /// Transaction tokens, with or without the agents extension.
    TxnToken,
    /// SPIFFE JWT-SVIDs.
    JwtSvid,
    /// Projected service-account tokens of Kubernetes.
    ServiceAccount,
    /// Security event tokens (RFC 8417), which are pushed and never presented.
    SecurityEvent,
}

/// A signature algorithm by its registered name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the registered names explain themselves")]
pub enum AlgorithmName {
    ES256,
    ES384,
    ES512,
    EdDSA,
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    HS256,
    HS384,
    HS512,
}

/// Where keys come from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum KeySource {
    /// A JWK set at a URL. Nothing in a token can change it.
    Url(String),
    /// A JWK set in a file, read again at each refresh.
    File(PathBuf),
    /// A JWK set in the configuration itself.
    Inline(String),
}

/// An introspection endpoint (RFC 7662).
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Introspection {
    /// The endpoint.
    pub endpoint: String,
    /// The `Authorization` header of our requests, for example `Bearer …` or `Basic …`.
    #[serde(default)]
    pub authorization: Option<String>,
    /// A file that holds that header.
    #[serde(default)]
    pub authorization_file: Option<PathBuf>,
    /// Seconds for which an answer is believed.
    #[serde(default = "default_introspection_ttl")]
    pub ttl_s: u32,
    /// Whether opaque tokens are asked about here; at most one entry may say so.
    #[serde(default)]
    pub opaque: bool,
}

/// Never shows the credential.
impl std::fmt::Debug for Introspection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Introspection").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// Where an issuer puts ids and what they become.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimMap {
    /// The claim that names the subject's entity; the subject stays identified by `sub`.
    pub subject: String,
    /// What `sub` names unless the token shows otherwise.
    pub subject_kind: SubjectKind,
    /// Entity type of users.
    pub user_type: String,
    /// Entity type of agents.
    pub agent_type: String,
    /// Entity type of workloads.
    pub workload_type: String,
    /// Where the agent's id sits when there is no `act`.
    pub actor: ActorClaim,
    /// Ids are written `type:id`, with one of the three types.
    pub typed_ids: bool,
    /// Put before every id of this issuer, so that its `alice` and another issuer's are two entities.
    pub prefix: String,
    /// A claim with the subject's assurance (`low`, `medium`, `high`, or 1 to 3).
    pub assurance: Option<String>,
}

/// What `sub` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A user, unless `client_id` equals `sub`, which is how RFC 9068 marks a client on its own behalf.
    User,
    /// An agent.
    Agent,
    /// A workload.
    Workload,
}

/// Where the current actor's id sits when a token has no `act`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorClaim {
    /// Nowhere: no `act`, no actor.
    Act,
    /// In `client_id`, when it differs from `sub`.
    ClientId,
    /// In `azp`, when it differs from `sub`.
    Azp,
}

/// What an issuer may vouch for at most. A missing member is no bound.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ceiling {
    /// Scopes beyond these are dropped.
    pub scopes: Option<BTreeSet<String>>,
    /// Higher assurance counts as this.
    pub assurance: Option<String>,
    /// Other identity patterns are refused.
    pub patterns: Option<BTreeSet<String>>,
}

impl Default for ClaimMap {
    fn default() -> Self {
        Self {
            subject: "sub".into(),
            subject_kind: SubjectKind::User,
            user_type: "user".into(),
            agent_type: "agent".into(),
            workload_type: "workload".into(),
            actor: ActorClaim::Act,
            typed_ids: false,
            prefix: String::new(),
            assurance: None,
        }
    }
}

impl IssuerConfig {
    /// An entry with every default: asymmetric algorithms, thirty seconds of leeway, a day of lifetime.
    #[must_use]
    pub fn new(issuer: &str, accepts: &[Profile], audiences: &[&str], keys: KeySource) -> Self {
        Self {
            issuer: issuer.into(),
            accepts: accepts.to_vec(),
            audiences: audiences.iter().map(|&audience| audience.into()).collect(),
            keys: Some(keys),
            introspection: None,
            algorithms: default_algorithms(),
            typ: Vec::new(),
            leeway_s: limits::LEEWAY_S,
            max_lifetime_s: limits::LIFETIME_S,
            max_actors: limits::ACTORS,
            details_types: Vec::new(),
            require_binding: false,
            claims: ClaimMap::default(),
            ceiling: Ceiling::default(),
            refresh_s: limits::REFRESH_S,
            stale_s: limits::STALE_S,
            cooldown_s: limits::COOLDOWN_S,
        }
    }
}

fn default_algorithms() -> Vec<AlgorithmName> {
    use AlgorithmName::{ES256, ES384, EdDSA, PS256, RS256};
    vec![ES256, ES384, EdDSA, RS256, PS256]
}

fn default_leeway() -> u32 {
    limits::LEEWAY_S
}

fn default_lifetime() -> u32 {
    limits::LIFETIME_S
}

fn default_actors() -> usize {
    limits::ACTORS
}

fn default_refresh() -> u32 {
    limits::REFRESH_S
}

fn default_stale() -> u32 {
    limits::STALE_S
}

fn default_cooldown() -> u32 {
    limits::COOLDOWN_S
}

fn default_introspection_ttl() -> u32 {
    limits::INTROSPECTION_TTL_S
}

impl AlgorithmName {
    /// Every algorithm, strongest families first.
    pub const ALL: [Self; 13] = [
        Self::ES256,
        Self::ES384,
        Self::ES512,
        Self::EdDSA,
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::HS256,
        Self::HS384,
        Self::HS512,
    ];

    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::ES512 => "ES512",
            Self::EdDSA => "EdDSA",
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
        }
    }

    /// Reads a registered name, compared byte for byte; `Ed25519` (RFC 9864) is `EdDSA` here.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "Ed25519" {
            return Some(Self::EdDSA);
        }
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text)
    }

    /// Whether signer and verifier share one secret.
    #[must_use]
    pub fn is_symmetric(self) -> bool {
        matches!(self, Self::HS256 | Self::HS384 | Self::HS512)
    }
}
