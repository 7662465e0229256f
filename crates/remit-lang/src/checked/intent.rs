//! Declared intents, what marks a transaction, and the words that rules have for chains, transactions, intents and
//! tokens. Nothing here decides; what each part means is said beside it.

use remit_model::{ActionId, AttrId, Duration, EntityRef, Name, Number, TypeId, Value};

use crate::source::Span;

use super::{Expr, RuleId, Selector, Term};

/// `intent pay_invoice "Pay an approved supplier invoice" { … }`
#[derive(Debug, Clone)]
pub struct IntentTemplate {
    /// Package and name; shown as `package.name`.
    pub id: RuleId,
    /// The whole item.
    pub span: Span,
    /// The goal in words.
    pub goal: Option<String>,
    /// `for`: whose intent it can be; `None` = anyone.
    pub subjects: Option<Selector>,
    /// Never empty, ordered by name; names are unique and `after` has no cycle.
    pub tasks: Vec<TaskTemplate>,
    /// `using`: the only skills that may be used; `None` = any. Sorted, each once.
    pub skills: Option<Vec<EntityRef>>,
    /// `hops at most N`: length of the chain; `None` = as far as chains may go at all.
    pub hops_at_most: Option<u32>,
    /// `lasts 15m`: how long a transaction under it stays open; `None` = as long as the operator allows.
    pub lasts: Option<Duration>,
    /// The doc comment, joined lines.
    pub doc: Option<String>,
}

impl IntentTemplate {
    /// The task of this name.
    #[must_use]
    pub fn task(&self, name: &str) -> Option<&TaskTemplate> {
        self.tasks.iter().find(|task| task.name.as_str() == name)
    }
}

/// `task pay: transfer on account after look_up at most 1 time when … `
#[derive(Debug, Clone)]
pub struct TaskTemplate {
    /// Its name, unique in the intent.
    pub name: Name,
    /// The whole task.
    pub span: Span,
    /// Sorted, each once, never empty.
    pub actions: Vec<ActionId>,
    /// What it is done on. Without `on` these are the types its actions apply to; never empty.
    pub resources: Selector,
    /// `after`: each of these must be done at least once before. As written, sorted; not transitive.
    pub after: Vec<Name>,
    /// `at most N times`: permitted steps in one transaction; `None` = no bound.
    pub at_most: Option<u32>,
    /// `at most 500 of action.amount`: the total over the steps of this task in one transaction. One per argument.
    pub budgets: Vec<Budget>,
    /// All `when` and not any `unless`, as in a rule. It may read permitted steps of tasks that stand, directly or
    /// through others, in `after`: [`super::ExprKind::Task`]. It is met when it is true for one choice of a step of
    /// each task it reads, the same step wherever it names that task.
    pub condition: Expr,
    /// `when action.to from …`: where an argument must come from. One per argument.
    pub origins: Vec<ArgumentOrigins>,
    /// `closed`: an argument that neither the condition, a budget nor an origin names is refused.
    pub closed: bool,
    /// The doc comment, joined lines.
    pub doc: Option<String>,
}

/// The total of one argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Member path in the properties of the action, joined by dots: `amount`, `order.total`.
    pub argument: String,
    /// Not negative.
    pub total: Number,
}

/// Where one argument must come from: any of the origins will do.
#[derive(Debug, Clone)]
pub struct ArgumentOrigins {
    /// Member path in the properties of the action, joined by dots.
    pub argument: String,
    /// Never empty.
    pub origins: Vec<Origin>,
    /// The clause.
    pub span: Span,
}

/// A place a value can come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `literal`: it stands in the intent itself.
    Literal,
    /// `one of ["a", "b"]`
    OneOf(Vec<Value>),
    /// `record of supplier`, `record of supplier.iban`: the id of a node of the graph, or what one holds there.
    RecordOf {
        /// The type of the node.
        of: TypeId,
        /// The attribute that holds the value; `None` = the node itself.
        attribute: Option<AttrId>,
    },
    /// `created`: made by an earlier step of this transaction.
    Created,
    /// `result(look_up).pays_to`: a structured field that an earlier step of the task is reported to have returned.
    Result {
        /// A task that must be done before.
        task: Name,
        /// Member path in what was returned, joined by dots.
        path: String,
    },
    /// `text("mail")`: free text of a named source; the weakest.
    Text {
        /// The source's name.
        source: String,
    },
}

/// `within pay_invoice, none`: the intents under which a rule applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    /// Declared intents, sorted, each once.
    pub intents: Vec<RuleId>,
    /// `none`: also when there is no intent.
    pub none: bool,
}

/// `label untrusted after read on email unless …`, `unlabel untrusted after review on email as …`
#[derive(Debug, Clone)]
pub struct LabelRule {
    /// The package.
    pub package: Name,
    /// The label. Several rules may set or remove one.
    pub label: Name,
    /// The whole item.
    pub span: Span,
    /// `label`: the permitted step sets it, when the condition is true **or unknown**. `unlabel`: the permitted step
    /// removes it, only when the condition is true; it says who may by `for`, `as` or `via`. A step that does both
    /// to one label sets it.
    pub removes: bool,
    /// `after`: sorted; `None` = any action.
    pub actions: Option<Vec<ActionId>>,
    /// `on`
    pub resources: Option<Selector>,
    /// `for`
    pub subjects: Option<Selector>,
    /// `as`
    pub actors: Option<Selector>,
    /// `via`
    pub via: Option<Selector>,
    /// `within`
    pub within: Option<Within>,
    /// All `when` and not any `unless`; true when there is none.
    pub condition: Expr,
    /// The doc comment, joined lines.
    pub doc: Option<String>,
}

/// What is asked of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChainPart {
    /// `chain`: every agent of it, a set; without agents it is empty, and known to be.
    Agents,
    /// `chain.current`: the agent that asks now; unknown without one.
    Current,
    /// `chain.origin`: the agent the subject delegated to; unknown without one.
    Origin,
    /// `chain.assurance`: of the subject and every agent, the one that is known least surely; a member of the level
    /// `assurance { low < medium < high }`. Unknown as soon as nothing is known of one of them, unless another is low.
    Assurance,
}

/// One place of `chain matches […]`. The first stands for the origin, the last for the current agent; the pattern
/// covers the whole chain. An empty chain matches only what asks for no agent at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// `any`: exactly one agent, whichever.
    Any,
    /// `any*`: no agent, one or several.
    AnyNumber,
    /// `agent:a`, `agent in group:x`: exactly one agent that it selects.
    Agent(Term),
}

/// What is asked of the transaction; unknown without one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TransactionPart {
    /// `transaction`: stands only under `is present` and `is missing`.
    Itself,
    /// `transaction.id`, a string.
    Id,
    /// `transaction.age`, a duration: since it was opened.
    Age,
    /// `transaction.labels`, a set of strings.
    Labels,
    /// `transaction.done(pay)`, a bool: at least one permitted step of the task.
    Done(Name),
    /// `transaction.count(pay)`, an int: permitted steps of the task.
    Count(Name),
    /// `transaction.sum(pay, action.amount)`: the argument over the permitted steps of the task; a step without it
    /// makes the sum unknown.
    Sum {
        /// The task.
        task: Name,
        /// Member path in the properties of the action, joined by dots.
        argument: String,
    },
    /// `transaction.carries(untrusted)`, a bool.
    Carries(Name),
}

/// What is asked of the intent; unknown without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IntentPart {
    /// `intent`: stands only under `is present` and `is missing`.
    Itself,
    /// `intent.name`, a string: `package.name` of the declared intent; unknown when it names none.
    Name,
    /// `intent.signed`, a bool: it came in a verified token.
    Signed,
    /// `intent.links`, a set of strings: the links that whoever set the goal wrote.
    Links,
}

/// What is asked of an earlier step of a task, in a condition of a later task.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TaskPart {
    /// `look_up.resource`: an entity.
    Resource,
    /// `look_up.action.amount`
    Argument(Name),
}
