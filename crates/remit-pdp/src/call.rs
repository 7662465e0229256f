//! Who calls and what goes back: the authenticated PEP, its rights, one call and its reply.

use std::sync::Arc;

use remit_identity::WorkloadId;

use crate::allowance::Allowance;
use crate::fault::Fault;

/// The authenticated caller of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pep {
    /// Its configured name; stands in every record.
    pub name: Arc<str>,
    /// What it may do.
    pub rights: Rights,
    /// Whether its calls come from a workload that its connection proves.
    pub workload: Workload,
    /// The only tenant that it may ask about; stands in its records.
    pub tenant: Option<Arc<str>>,
    /// How much it may ask, where that is bounded.
    pub allowance: Option<Allowance>,
}

/// Whether the connection of a caller proves a workload.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Workload {
    /// It is not asked.
    #[default]
    Unasked,
    /// It must, and it is not known yet; such a caller is not let in.
    Demanded,
    /// It does.
    Proved(WorkloadId),
}

impl Pep {
    /// A caller whose connection proves nothing.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, rights: Rights) -> Self {
        Self { name: name.into(), rights, workload: Workload::Unasked, tenant: None, allowance: None }
    }

    /// Takes so many questions out of what it may ask.
    ///
    /// # Errors
    /// As [`Allowance::take`].
    pub fn take(&self, questions: usize) -> Result<(), Fault> {
        self.allowance.as_ref().map_or(Ok(()), |allowance| allowance.take(questions))
    }

    /// The workload that its connection proves.
    #[must_use]
    pub fn proved_workload(&self) -> Option<&WorkloadId> {
        match &self.workload {
            Workload::Proved(id) => Some(id),
            Workload::Unasked | Workload::Demanded => None,
        }
    }
}

/// What a PEP may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// Ask for evaluations.
    pub evaluate: bool,
    /// Ask the three searches.
    pub search: bool,
    /// How much of an explanation it may see.
    pub detail: Detail,
    /// Read decisions.
    pub governance: bool,
    /// Read the signed log: heads, tiles, records, proofs.
    pub audit: bool,
    /// Trigger reloads.
    pub admin: bool,
    /// Give and withdraw consents of persons.
    pub consents: bool,
    /// Report what was seen of parties, security event tokens included.
    pub signals: bool,
    /// State who acts, for what and in which transaction, without a token that proves it.
    pub assert_identity: bool,
}

impl Rights {
    /// Everything; what the only caller of a loopback listener has.
    #[must_use]
    pub fn all() -> Self {
        Self {
            evaluate: true,
            search: true,
            detail: Detail::Full,
            governance: true,
            audit: true,
            admin: true,
            consents: true,
            signals: true,
            assert_identity: true,
        }
    }
}

/// How much an answer explains, from nothing to everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Detail {
    /// The decision, and what the PEP must do.
    #[default]
    Minimal,
    /// Also the reason code and a sentence for the person concerned.
    Reason,
    /// Also layers, rules, missing facts and revisions.
    Full,
}

impl Detail {
    /// The name on the wire and in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Reason => "reason",
            Self::Full => "full",
        }
    }

    /// Reads the name on the wire.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Minimal, Self::Reason, Self::Full].into_iter().find(|detail| detail.as_str() == text)
    }
}

/// One authenticated call.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The caller.
    pub pep: &'a Pep,
    /// `X-Request-ID` as sent or made up.
    pub request_id: Option<&'a str>,
}

/// A complete answer.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The JSON body.
    pub body: Vec<u8>,
    /// Goes into the header `Remit-Evaluation-Id`.
    pub evaluation_id: Option<String>,
}
