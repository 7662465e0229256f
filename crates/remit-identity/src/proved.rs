//! `Proved`: one verified token, before its binding is checked and before it is joined with others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use remit_model::{Timestamp, Value};

use crate::claims::{Claims, Times, seconds};
use crate::config::Profile;
use crate::evidence::{ChainMember, Evidence, MayAct, Note, Party, TokenSummary};
use crate::fault::{IdentityFault, TokenFault};
use crate::issuer::Issuer;
use crate::standard::mtls::Confirmation;
use crate::token::{TokenHash, TokenType};

/// What one token proves.
pub(crate) struct Proved {
    /// Index of the issuer's entry.
    pub entry: usize,
    pub profile: Profile,
    pub summary: TokenSummary,
    pub times: Times,
    /// Until when this may be believed without asking again.
    pub believed_until: Timestamp,
    pub key: Option<KeyMark>,
    pub confirmation: Confirmation,
    pub subject: Option<Party>,
    pub chain: Vec<ChainMember>,
    pub workload: Option<Party>,
    pub client_id: Option<String>,
    pub may_act: Option<MayAct>,
    pub details: Option<String>,
    pub txn: Option<String>,
    pub purpose: Option<String>,
    pub scopes: Option<BTreeSet<String>>,
    pub claims: BTreeMap<String, Value>,
    pub notes: BTreeSet<Note>,
    /// What it proves when it comes alone, once that was asked for.
    pub alone: OnceLock<Arc<Evidence>>,
}

/// The key that verified a token, and the set it was in.
#[derive(Clone, Copy)]
pub(crate) struct KeyMark {
    pub thumbprint: [u8; 32],
    pub generation: u64,
}

/// What a standard's file judges a token with. The signature has been verified.
pub(crate) struct Case<'a> {
    pub known: &'a [Issuer],
    pub entry: usize,
    pub issuer: &'a Issuer,
    pub kind: TokenType,
    pub hash: TokenHash,
    pub claims: &'a Claims,
    pub now: Timestamp,
    pub key: Option<KeyMark>,
}

/// Either side's failure inside the crate.
#[derive(Debug)]
pub(crate) enum Failure {
    Token(TokenFault),
    Fault(IdentityFault),
}

impl From<TokenFault> for Failure {
    fn from(fault: TokenFault) -> Self {
        Self::Token(fault)
    }
}

impl From<IdentityFault> for Failure {
    fn from(fault: IdentityFault) -> Self {
        Self::Fault(fault)
    }
}

impl Case<'_> {
    /// A token that proves nothing yet beyond its issuer and its times.
    pub(crate) fn begin(&self, profile: Profile, times: Times) -> Result<Proved, TokenFault> {
        let summary = TokenSummary {
            kind: self.kind,
            hash: self.hash,
            issuer: self.issuer.name.clone(),
            jti: self.claims.text("jti")?.map(str::to_owned),
            issued: times.issued,
            expires: times.expires,
        };
        let leeway = seconds(self.issuer.leeway_s);
        Ok(Proved {
            entry: self.entry,
            profile,
            summary,
            times,
            believed_until: times.expires.checked_add(leeway).unwrap_or(times.expires),
            key: self.key,
            confirmation: Confirmation::of(self.claims)?,
            subject: None,
            chain: Vec::new(),
            workload: None,
            client_id: self.claims.text("client_id")?.map(str::to_owned),
            may_act: None,
            details: None,
            txn: self.claims.text("txn")?.map(str::to_owned),
            purpose: None,
            scopes: None,
            claims: self.claims.values()?,
            notes: BTreeSet::new(),
            alone: OnceLock::new(),
        })
    }
}
