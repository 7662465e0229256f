//! `Evidence`: the one normal form every standard ends in. It says what was proved, not what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use remit_model::{EntityRef, Timestamp, Value};

use crate::token::{TokenHash, TokenType};

/// Whose identity the call carries; explicit in policies and records, never inferred later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pattern {
    /// A person (or whatever the issuer calls a user) alone.
    User,
    /// An agent alone, on its own behalf.
    Agent,
    /// An agent for a user.
    UserAndAgent,
    /// A workload alone.
    Workload,
    /// A workload for a user.
    WorkloadAndUser,
}

impl Pattern {
    /// Every pattern.
    pub const ALL: [Self; 5] =
        [Self::User, Self::Agent, Self::UserAndAgent, Self::Workload, Self::WorkloadAndUser];

    /// The spelling of `identity.pattern`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Agent => "agent",
            Self::UserAndAgent => "user+agent",
            Self::Workload => "workload",
            Self::WorkloadAndUser => "workload+user",
        }
    }

    /// Reads that spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pattern| pattern.as_str() == text)
    }
}

/// What kind of party an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PartyKind {
    /// Whom an issuer authenticates as a user.
    User,
    /// A software agent.
    Agent,
    /// A process with a platform identity: SPIFFE id or service account.
    Workload,
}

/// How surely a party is who it says; the weakest of a chain counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Assurance {
    /// `low`, level 1.
    Low,
    /// `medium` or `substantial`, level 2.
    Medium,
    /// `high`, level 3.
    High,
}

impl Assurance {
    /// Reads `low`, `medium`, `substantial`, `high` or a level from 1 to 3.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "low" | "1" => Some(Self::Low),
            "medium" | "substantial" | "2" => Some(Self::Medium),
            "high" | "3" => Some(Self::High),
            _ => None,
        }
    }

    /// `low`, `medium` or `high`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// 1 to 3.
    #[must_use]
    pub fn level(self) -> u8 {
        match self {
            Self::Low => 1,
            Self::Medium => 2,
            Self::High => 3,
        }
    }
}

/// Somebody a verified token names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The issuer or trust domain that vouches for it.
    pub issuer: String,
    /// The id as the issuer writes it.
    pub id: String,
    /// What it is.
    pub kind: PartyKind,
    /// The entity of the graph that the issuer's entry maps it to.
    pub entity: EntityRef,
    /// How surely, when a token says so.
    pub assurance: Option<Assurance>,
}

/// One agent of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainMember {
    /// The id as the issuer writes it.
    pub id: String,
    /// Who names it: its own `iss` where the chain has one, else the token's.
    pub issuer: String,
    /// The entity of the graph that the issuer's entry maps it to.
    pub entity: EntityRef,
    /// How surely, when a token says so.
    pub assurance: Option<Assurance>,
}

/// Who may become the actor for the subject (RFC 8693, section 4.4); every member given must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MayAct {
    /// The id of the permitted actor.
    pub id: String,
    /// Its issuer, when the token names one.
    pub issuer: Option<String>,
    /// The entity of the graph that the issuer's entry maps it to.
    pub entity: EntityRef,
    /// Members that stand for nothing we can compare: then nobody matches.
    pub unknown_members: bool,
}

impl MayAct {
    /// Whether an actor is the permitted one.
    #[must_use]
    pub fn permits(&self, actor: &ChainMember) -> bool {
        let issuer = self.issuer.as_ref().is_none_or(|issuer| *issuer == actor.issuer);
        !self.unknown_members && issuer && self.id == actor.id
    }
}

/// What ties a token to who presents it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binding {
    /// Whoever holds the token may use it.
    Bearer,
    /// A DPoP proof with the right key was verified.
    Dpop,
    /// The client certificate of the connection is the right one, as the PEP says.
    MutualTls,
}

/// Something odd that is no reason to refuse; records carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Note {
    /// `client_id` is not the current actor: a sign of a spliced chain.
    ClientIsNotActor,
    /// An actor is the subject itself: no delegation took place there.
    ActorIsSubject,
    /// The keys that verified the token are older than they should be, because their issuer is unreachable.
    StaleKeys,
    /// The issuer's ceiling removed scopes.
    ScopesReduced,
}

impl Note {
    /// The published code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ClientIsNotActor => "client_is_not_actor",
            Self::ActorIsSubject => "actor_is_subject",
            Self::StaleKeys => "stale_keys",
            Self::ScopesReduced => "scopes_reduced",
        }
    }
}

/// One verified token, for the record: hashes and times, nothing that can be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSummary {
    /// What it was presented as.
    pub kind: TokenType,
    /// The hash of its text.
    pub hash: TokenHash,
    /// Its issuer or trust domain.
    pub issuer: String,
    /// Its `jti`, when it has one.
    pub jti: Option<String>,
    /// Its `iat`, when it has one.
    pub issued: Option<Timestamp>,
    /// When it ends.
    pub expires: Timestamp,
}

/// What the tokens of one request proved together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Whose identity the call carries.
    pub pattern: Pattern,
    /// On whose behalf everybody acts: user, autonomous agent, or the workload itself when nobody else is known.
    pub subject: Option<Party>,
    /// The agents, current first; nothing when nobody acts for the subject.
    pub chain: Option<Vec<ChainMember>>,
    /// The workload that makes the call, when a platform vouches for one.
    pub workload: Option<Party>,
    /// The OAuth client the token was issued to.
    pub client_id: Option<String>,
    /// Who may become the actor.
    pub may_act: Option<MayAct>,
    /// `authorization_details` as JSON text, of the token closest to the call.
    pub intent_details: Option<String>,
    /// Other `authorization_details` of the same request: the intent must lie inside each of them.
    pub intent_bounds: Vec<String>,
    /// The transaction id (`txn`).
    pub txn: Option<String>,
    /// What the transaction is for: `scope` of a transaction token.
    pub purpose: Option<String>,
    /// The scopes that every token with scopes has, after the issuer's ceiling.
    pub scopes: BTreeSet<String>,
    /// What `token.*` reads: the claims of the token that names the subject.
    pub claims: BTreeMap<String, Value>,
    /// One summary per presented token, in the order of the request.
    pub tokens: Vec<TokenSummary>,
    /// The hashes of the tokens, in the same order.
    pub token_hashes: Vec<TokenHash>,
    /// When the first token was issued: `token.age` counts from here.
    pub issued: Option<Timestamp>,
    /// When the first of the tokens that name the subject was issued; nothing when one of them does not say so.
    pub subject_issued: Option<Timestamp>,
    /// When the first of the tokens ends; a decision never outlives it.
    pub expires: Timestamp,
    /// Whether the token that names the subject is bound to who presents it, and how.
    pub binding: Binding,
    /// Whether `binding` is more than bearer.
    pub sender_bound: bool,
    /// What is odd.
    pub notes: BTreeSet<Note>,
}

impl Evidence {
    /// What a certificate alone proves: which workload calls, at this instant.
    pub(crate) fn of_workload(workload: Party, now: Timestamp) -> Self {
        Self {
            pattern: Pattern::Workload,
            subject: None,
            chain: None,
            workload: Some(workload),
            client_id: None,
            may_act: None,
            intent_details: None,
            intent_bounds: Vec::new(),
            txn: None,
            purpose: None,
            scopes: BTreeSet::new(),
            claims: BTreeMap::new(),
            tokens: Vec::new(),
            token_hashes: Vec::new(),
            issued: None,
            subject_issued: None,
            expires: now,
            binding: Binding::MutualTls,
            sender_bound: true,
            notes: BTreeSet::new(),
        }
    }

    /// The agent that acts now: outermost of the chain, or the subject itself when it is an autonomous agent.
    #[must_use]
    pub fn current_actor(&self) -> Option<&EntityRef> {
        match self.chain.as_deref().and_then(<[ChainMember]>::first) {
            Some(member) => Some(&member.entity),
            None => self.subject.as_ref().filter(|it| it.kind == PartyKind::Agent).map(|it| &it.entity),
        }
    }

    /// The weakest assurance that any token states for the subject or a member of the chain.
    #[must_use]
    pub fn weakest_assurance(&self) -> Option<Assurance> {
        let members = self.chain.iter().flatten().filter_map(|member| member.assurance);
        members.chain(self.subject.iter().filter_map(|subject| subject.assurance)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_levels_read_back() {
        for pattern in Pattern::ALL {
            assert_eq!(Pattern::parse(pattern.as_str()), Some(pattern));
        }
        assert_eq!(Pattern::parse("agent+user"), None);
        for level in [Assurance::Low, Assurance::Medium, Assurance::High] {
            assert_eq!(Assurance::parse(level.as_str()), Some(level));
            assert_eq!(Assurance::parse(&level.level().to_string()), Some(level));
        }
        assert!(Assurance::Low < Assurance::High);
    }
}
