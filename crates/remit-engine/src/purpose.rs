//! What a program knows of agents, purpose and history: the words for them, the clauses of rules, declared intents
//! and what labels a transaction.

use remit_model::signal::Trait;
use remit_model::{Duration, EntityRef, Intent, LevelId, Name, Timestamp, Ty};

use crate::lower::Who;
use crate::program::{Ix, Program, Run, Term};

/// A word of a condition for something that the subject alone does not have.
#[derive(Debug, Clone)]
pub(crate) enum Word {
    Chain,
    ChainCurrent,
    ChainOrigin,
    ChainMatches(Vec<Link>),
    ChainAssurance(LevelId),
    Transaction,
    TransactionId,
    TransactionAge,
    TransactionLabels,
    Done(Name),
    Count(Name),
    Sum(Name, String),
    Carries(Name),
    Intent,
    IntentName,
    IntentSigned,
    IntentLinks,
    AnyToken,
    TaskResource(Name),
    TaskArgument(Name, Name, Ty),
    /// Category and purpose.
    Consent(Ix, Ix),
    Signal(Who, Fact),
}

/// What is asked of the signals of a party; a number is the node of an argument.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fact {
    /// Kind and window.
    Count(Ix, Ix),
    Distinct(Trait, Ix),
    Travel(Ix),
    Hops(Ix),
    /// Token and window.
    TokenAddresses(Ix, Ix),
    IsNew(Trait),
    Risk,
}

impl Fact {
    /// The nodes of its arguments.
    pub(crate) fn parts(self) -> Vec<Ix> {
        match self {
            Self::Count(kind, window) => vec![kind, window],
            Self::TokenAddresses(token, window) => vec![token, window],
            Self::Distinct(_, window) | Self::Travel(window) | Self::Hops(window) => vec![window],
            Self::IsNew(_) | Self::Risk => Vec::new(),
        }
    }
}

/// One place of `chain matches […]`, origin first.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Link {
    Any,
    AnyNumber,
    Agent(Term),
}

/// What a rule says beyond its other clauses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beyond {
    /// No terms: any tool, or none.
    pub via: Run,
    pub within: Option<Within>,
    /// Some condition asks for the intent.
    pub asks_intent: bool,
    /// Some condition asks what the transaction carries.
    pub asks_labels: bool,
    /// Some condition asks how surely everybody is known.
    pub asks_assurance: bool,
}

/// `within`, with intents as `package.name`.
#[derive(Debug, Clone)]
pub(crate) struct Within {
    pub intents: Vec<Name>,
    pub none: bool,
}

/// A declared intent.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub name: Name,
    /// `for`
    pub subjects: Run,
    pub lasts: Option<Duration>,
    /// The bounds that need no condition, under a subject of no meaning.
    pub bounds: Intent,
    /// In order of name, as in `bounds`.
    pub tasks: Vec<Plan>,
}

/// What a task asks beyond its bounds.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub name: Name,
    pub resources: Run,
    pub conjuncts: Vec<Conjunct>,
    /// The earlier tasks that its conditions read.
    pub reads: Vec<Name>,
}

/// A part of the condition of a task, in written order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conjunct {
    pub ix: Ix,
    /// It reads an earlier step.
    pub reads_step: bool,
    /// It reads an argument of this one.
    pub reads_argument: bool,
}

/// `label … after …`
#[derive(Debug, Clone)]
pub(crate) struct LabelPlan {
    pub label: Name,
    pub removes: bool,
    /// What selects and tests, as in a rule.
    pub rule: crate::program::Rule,
}

impl Template {
    pub(crate) fn plan(&self, task: &str) -> Option<&Plan> {
        self.tasks.iter().find(|plan| plan.name.as_str() == task)
    }
}

impl Program {
    /// The declared intents, as `package.name`, in that order.
    pub fn intents(&self) -> impl Iterator<Item = &Name> {
        self.templates.iter().map(|template| &template.name)
    }

    /// The declared intent of that name, `package.name`, opened for a subject: what every intent that names it must
    /// stay inside. Conditions and selectors of its tasks that are no plain bound are asked step by step.
    #[must_use]
    pub fn open(&self, name: &str, subject: &EntityRef, now: Timestamp) -> Option<Intent> {
        let template = self.template(name)?;
        let mut intent = template.bounds.clone();
        intent.subject = subject.clone();
        intent.not_after = template.lasts.and_then(|lasts| now.checked_add(lasts));
        Some(intent)
    }

    pub(crate) fn template(&self, name: &str) -> Option<&Template> {
        let at = self.templates.binary_search_by(|template| template.name.as_str().cmp(name)).ok()?;
        self.templates.get(at)
    }

    pub(crate) fn word(&self, ix: u32) -> Option<&Word> {
        self.words.get(ix as usize)
    }

    /// What a rule says beyond its other clauses, when it does.
    pub(crate) fn beyond(&self, ix: u32) -> Option<&Beyond> {
        self.beyond.get(ix as usize)
    }
}

/// `package.name` as one name.
pub(crate) fn full_name(id: &crate::lower::RuleId) -> Option<Name> {
    Name::new(&id.to_string()).ok()
}
