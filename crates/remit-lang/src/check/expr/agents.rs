//! What rules ask of chains, transactions, intents, tokens, and what tasks ask of earlier tasks.

use std::sync::Arc;

use remit_model::{ActionId, Name, Ty, TypeId};

use crate::ast::{self, ExprKind as Written, SelectorKind};
use crate::checked::{ChainPart, Expr, ExprKind, IntentPart, Link, TaskPart, TransactionPart};
use crate::source::{Span, Spanned};

use super::super::findings::Checked;
use super::super::limits::MAX_LINKS;
use super::super::rule::selector::{Scope, type_of};
use super::super::schema::{DeclarationError, checked_name};
use super::super::warning::Warning;
use super::{ExprError, Typer, bool_expr, compat, typed};

/// A task of the intent whose condition is read.
#[derive(Debug, Clone)]
pub(in crate::check) struct Readable {
    pub(in crate::check) name: String,
    pub(in crate::check) resource: Arc<[TypeId]>,
    pub(in crate::check) actions: Arc<[ActionId]>,
    /// It is always done before the task whose condition is read.
    pub(in crate::check) before: bool,
}

/// The functions of a transaction.
const FUNCTIONS: [&str; 4] = ["done", "count", "sum", "carries"];

/// Its values.
const OF_TRANSACTION: [&str; 3] = ["id", "age", "labels"];

/// The members of the level that `chain.assurance` has, as identity evidence counts them.
const ASSURANCE: [&str; 3] = ["low", "medium", "high"];

/// The values of an intent.
const OF_INTENT: [&str; 3] = ["links", "name", "signed"];

impl Typer<'_> {
    /// The agents of a chain.
    fn agent(&mut self) -> Ty {
        self.world.roles.agent.iter().for_each(|of| self.usage.type_used(*of));
        Ty::Entity(self.world.roles.agent.into_iter().collect())
    }

    /// `chain`
    pub(super) fn chain_root(&mut self, at: Span) -> Expr {
        typed(at, self.agent().set(), ExprKind::Chain(ChainPart::Agents))
    }

    /// `chain.current`, `chain.origin`; other members are those of its agents.
    pub(super) fn chain_member(&mut self, name: &Spanned<String>, at: Span) -> Option<Checked<Expr>> {
        let part = match name.node.as_str() {
            "current" => ChainPart::Current,
            "origin" => ChainPart::Origin,
            "assurance" => return Some(self.assurance(name, at)),
            _ => return None,
        };
        Some(Ok(typed(at, self.agent(), ExprKind::Chain(part))))
    }

    /// `chain.assurance`: its type is the declared level of that name, whose members are always the same.
    fn assurance(&mut self, name: &Spanned<String>, at: Span) -> Checked<Expr> {
        let level = self.world.schema.level_id(&name.node);
        let members = level.and_then(|of| self.world.schema.level(of)).map(|of| of.members.as_slice());
        let usual = members.is_some_and(|members| members.iter().map(Name::as_str).eq(ASSURANCE));
        let Some(level) = level.filter(|_| usual) else {
            return Err(self.report(ExprError::NoAssuranceLevel { at: name.span }));
        };
        let owner = self.world.levels.get(level.index()).map(|origin| origin.package);
        self.world.seen("level", name, owner, self.package, self.findings)?;
        let ty = Ty::Level(level);
        self.usage.ty_used(&ty);
        Ok(typed(at, ty, ExprKind::Chain(ChainPart::Assurance)))
    }

    /// `transaction.id` …
    pub(super) fn transaction_member(&mut self, name: &Spanned<String>, at: Span) -> Checked<Expr> {
        let (part, ty) = match name.node.as_str() {
            "id" => (TransactionPart::Id, Ty::String),
            "age" => (TransactionPart::Age, Ty::Duration),
            "labels" => (TransactionPart::Labels, Ty::String.set()),
            other => {
                let called = FUNCTIONS.contains(&other);
                let nearest = self.findings.nearest(other, OF_TRANSACTION.into_iter().chain(FUNCTIONS));
                let (root, name, at) = ("transaction", other.to_owned(), name.span);
                return Err(self.report(ExprError::UnknownMember { root, name, called, nearest, at }));
            }
        };
        Ok(typed(at, ty, ExprKind::Transaction(part)))
    }

    /// `intent.name`, `intent.signed`, `intent.links`
    pub(super) fn intent_member(&mut self, name: &Spanned<String>, at: Span) -> Checked<Expr> {
        let (part, ty) = match name.node.as_str() {
            "name" => (IntentPart::Name, Ty::String),
            "signed" => (IntentPart::Signed, Ty::Bool),
            "links" => (IntentPart::Links, Ty::String.set()),
            other => {
                let nearest = self.findings.nearest(other, OF_INTENT.into_iter());
                let (root, name, at) = ("intent", other.to_owned(), name.span);
                return Err(self.report(ExprError::UnknownMember { root, name, called: false, nearest, at }));
            }
        };
        Ok(typed(at, ty, ExprKind::Intent(part)))
    }

    /// `token.acr`: a claim that is known to everybody, or that a `token` block declares.
    pub(super) fn token_member(&mut self, name: &Spanned<String>, at: Span) -> Checked<Expr> {
        let checked = checked_name(name, self.findings)?;
        let ty = match self.world.claims.get(&checked) {
            Some(field) => field.ty.clone(),
            None => {
                let known = self.world.claims.keys().map(Name::as_str);
                let nearest = self.findings.nearest(&name.node, known);
                let (name, at) = (name.node.clone(), name.span);
                self.findings.warn(Warning::UnknownClaim { name, at, nearest });
                Ty::Any
            }
        };
        self.usage.ty_used(&ty);
        Ok(typed(at, ty, ExprKind::Token(checked)))
    }

    /// What `is present` and `is missing` can be asked of though it is no value: a transaction, an intent, a token;
    /// a chain is present when an agent acts.
    pub(super) fn thing(&self, base: &ast::Expr) -> Option<Expr> {
        let Written::Name(root) = &base.kind else { return None };
        if !self.asked || self.open || self.is_local(root) {
            return None;
        }
        let kind = match root.as_str() {
            "transaction" => ExprKind::Transaction(TransactionPart::Itself),
            "intent" => ExprKind::Intent(IntentPart::Itself),
            "token" => ExprKind::AnyToken,
            "chain" => ExprKind::Chain(ChainPart::Current),
            _ => return None,
        };
        Some(typed(base.span, Ty::Any, kind))
    }

    /// `chain matches [agent:a, any*]`
    pub(super) fn matches_links(
        &mut self,
        base: &ast::Expr,
        links: &[ast::Link],
        span: Span,
    ) -> Checked<Expr> {
        if !matches!(&base.kind, Written::Name(root) if root == "chain" && !self.is_local(root))
            || !self.asked
            || self.open
        {
            return Err(self.report(ExprError::NotAChain { at: base.span }));
        }
        if links.len() > MAX_LINKS {
            let (what, count, limit) = ("places of one chain pattern", links.len(), MAX_LINKS);
            return Err(self.findings.error(DeclarationError::TooMany { what, count, limit, at: span }));
        }
        let links: Vec<Checked<Link>> = links.iter().map(|link| self.link(link)).collect();
        Ok(bool_expr(span, ExprKind::ChainMatches(links.into_iter().collect::<Checked<_>>()?)))
    }

    fn link(&mut self, written: &ast::Link) -> Checked<Link> {
        let selector = match written {
            ast::Link::AnyNumber(_) => return Ok(Link::AnyNumber),
            ast::Link::One(selector) => selector,
        };
        let mut scope = Scope {
            world: self.world,
            usage: &mut *self.usage,
            findings: &mut *self.findings,
            package: self.package,
        };
        let Some(term) = scope.term(selector)? else { return Ok(Link::Any) };
        let agent = self.world.roles.agent;
        if agent.is_some_and(|agent| agent != type_of(&term)) {
            let name = match &selector.kind {
                SelectorKind::Type(name) | SelectorKind::MemberOf(name, _) => name,
                SelectorKind::Entity(entity) => &entity.kind,
                SelectorKind::Any => return Ok(Link::Any),
            };
            let agents = self.agent();
            let found = self.world.show(&agents);
            return Err(self.report(ExprError::NeverIs { found, name: name.node.clone(), at: name.span }));
        }
        Ok(Link::Agent(term))
    }

    /// `transaction.done(pay)` …, and the functions of consents and signals.
    pub(super) fn call(
        &mut self,
        base: &ast::Expr,
        name: &Spanned<String>,
        arguments: &[ast::Expr],
        span: Span,
    ) -> Checked<Expr> {
        if let Some(found) = self.standing_call(base, name, arguments, span) {
            return found;
        }
        let of_transaction =
            matches!(&base.kind, Written::Name(root) if root == "transaction" && !self.is_local(root));
        if !of_transaction || !self.asked {
            return Err(self.report(ExprError::NoFunctions { at: base.span }));
        }
        let part = match (name.node.as_str(), arguments) {
            ("done", [task]) => (TransactionPart::Done(self.task_name(task)?.0), Ty::Bool),
            ("count", [task]) => (TransactionPart::Count(self.task_name(task)?.0), Ty::Int),
            ("carries", [label]) => (TransactionPart::Carries(self.label_name(label)?), Ty::Bool),
            ("sum", [task, argument]) => self.sum(task, argument)?,
            ("done" | "count", _) => return Err(self.wants(name, "one task", span)),
            ("carries", _) => return Err(self.wants(name, "one label", span)),
            ("sum", _) => return Err(self.wants(name, "a task and a property, as in `action.amount`", span)),
            (other, _) => {
                let called = OF_TRANSACTION.contains(&other);
                let nearest = self.findings.nearest(other, FUNCTIONS.into_iter());
                let (root, name, at) = ("transaction", other.to_owned(), name.span);
                return Err(self.report(ExprError::UnknownFunction {
                    root,
                    name,
                    value: called,
                    nearest,
                    at,
                }));
            }
        };
        Ok(typed(span, part.1, ExprKind::Transaction(part.0)))
    }

    fn wants(&mut self, name: &Spanned<String>, wants: &'static str, at: Span) -> super::Reported {
        self.report(ExprError::Arguments { function: name.node.clone(), wants, at })
    }

    fn plain_name(&mut self, written: &ast::Expr, what: &'static str) -> Checked<Spanned<String>> {
        match &written.kind {
            Written::Name(name) => Ok(Spanned { node: name.clone(), span: written.span }),
            _ => Err(self.report(ExprError::NotABareName { what, at: written.span })),
        }
    }

    fn label_name(&mut self, written: &ast::Expr) -> Checked<Name> {
        let name = self.plain_name(written, "a label")?;
        self.world.label_named(&name, self.package, self.findings)
    }

    /// A task and its actions: of the intent whose task is checked, else of those the rule speaks of.
    fn task_name(&mut self, written: &ast::Expr) -> Checked<(Name, Arc<[ActionId]>)> {
        let name = self.plain_name(written, "a task")?;
        let actions = match &self.tasks {
            Some(tasks) => match tasks.iter().find(|task| task.name == name.node) {
                Some(task) => Arc::clone(&task.actions),
                None => {
                    let nearest =
                        self.findings.nearest(&name.node, tasks.iter().map(|task| task.name.as_str()));
                    let what = super::super::names::What::Task;
                    return Err(self.findings.error(super::super::world::unknown(what, &name, nearest)));
                }
            },
            None => {
                let within = self.within.as_deref();
                self.world.task_named(&name, within, self.package, self.findings)?.into()
            }
        };
        Ok((checked_name(&name, self.findings)?, actions))
    }

    fn sum(&mut self, task: &ast::Expr, argument: &ast::Expr) -> Checked<(TransactionPart, Ty)> {
        let (task, actions) = self.task_name(task)?;
        let outer = self.actions.replace(actions);
        let checked = self.value(argument);
        self.actions = outer;
        let checked = checked?;
        let Some(path) = argument_path(&checked) else {
            let what = "a property of the action, such as `action.amount`";
            return Err(self.report(ExprError::NotABareName { what, at: argument.span }));
        };
        let ty = match &checked.ty {
            Ty::Any => Ty::Decimal,
            ty if ty.is_number() => ty.clone(),
            other => {
                let of = self.world.show(other);
                return Err(self.report(ExprError::NoSum { of, at: argument.span }));
            }
        };
        Ok((TransactionPart::Sum { task, argument: path }, ty))
    }

    /// True when the name is that of a task of the intent whose condition is read.
    pub(super) fn is_task(&self, name: &str) -> bool {
        self.readable(name).is_some()
    }

    fn readable(&self, name: &str) -> Option<&Readable> {
        self.tasks.iter().flatten().find(|task| task.name == name)
    }

    /// The task a bare name stands for, where names may stand for tasks.
    fn earlier(&self, base: &ast::Expr) -> Option<Readable> {
        match &base.kind {
            Written::Name(name) if !self.is_local(name) => self.readable(name).cloned(),
            _ => None,
        }
    }

    /// `look_up.resource`, `look_up.action.amount`: nothing when the base is no task.
    pub(super) fn task_step(
        &mut self,
        base: &ast::Expr,
        name: &Spanned<String>,
        at: Span,
    ) -> Option<Checked<Expr>> {
        if let Some(task) = self.earlier(base) {
            return Some(self.task_member(&task, base.span, name, at));
        }
        let Written::Step { base: inner, name: action, .. } = &base.kind else { return None };
        let task = self.earlier(inner).filter(|_| action.node == "action")?;
        Some(self.task_argument(&task, inner.span, name, at))
    }

    fn task_member(
        &mut self,
        task: &Readable,
        task_at: Span,
        name: &Spanned<String>,
        at: Span,
    ) -> Checked<Expr> {
        match name.node.as_str() {
            "resource" => {
                self.must_be_before(task, task_at)?;
                let node = Spanned { node: task.name.clone(), span: task_at };
                let of = checked_name(&node, self.findings)?;
                let ty = Ty::Entity(Arc::clone(&task.resource));
                Ok(typed(at, ty, ExprKind::Task { task: of, part: TaskPart::Resource }))
            }
            "action" => Err(self.report(ExprError::BareRoot {
                root: format!("{}.action", task.name),
                member: "amount",
                at,
            })),
            other => {
                let nearest = self.findings.nearest(other, ["resource", "action"].into_iter());
                let (root, name, at) = ("a task", other.to_owned(), name.span);
                Err(self.report(ExprError::UnknownMember { root, name, called: false, nearest, at }))
            }
        }
    }

    fn task_argument(
        &mut self,
        task: &Readable,
        task_at: Span,
        name: &Spanned<String>,
        at: Span,
    ) -> Checked<Expr> {
        self.must_be_before(task, task_at)?;
        let outer = self.actions.replace(Arc::clone(&task.actions));
        let checked = self.action_member(name, at);
        self.actions = outer;
        let checked = checked?;
        let ExprKind::ActionProperty(argument) = checked.kind else {
            let what = "a property of the action, such as `action.amount`";
            return Err(self.report(ExprError::NotABareName { what, at: name.span }));
        };
        let node = Spanned { node: task.name.clone(), span: task_at };
        let of = checked_name(&node, self.findings)?;
        Ok(typed(at, checked.ty, ExprKind::Task { task: of, part: TaskPart::Argument(argument) }))
    }

    fn must_be_before(&mut self, task: &Readable, at: Span) -> Checked<()> {
        if task.before {
            return Ok(());
        }
        Err(self.report(ExprError::TaskNotBefore { task: task.name.clone(), at }))
    }

    /// `action.amount` where a place is meant rather than a value: its path and type.
    pub(in crate::check) fn argument(&mut self, written: &ast::Argument) -> Checked<(String, Ty)> {
        let Some((first, rest)) = written.path.split_first() else {
            return Err(self.report(ExprError::BareRoot {
                root: "action".to_owned(),
                member: "amount",
                at: written.span,
            }));
        };
        if first.node == "name" {
            let what = "a property of the action, such as `action.amount`";
            return Err(self.report(ExprError::NotABareName { what, at: first.span }));
        }
        let checked = self.action_member(first, written.span)?;
        if let (Some(next), false) = (rest.first(), checked.ty == Ty::Any) {
            let of = self.world.show(&checked.ty);
            return Err(self.report(ExprError::NoMembers { of, name: next.node.clone(), at: next.span }));
        }
        let path: Vec<&str> = written.path.iter().map(|name| name.node.as_str()).collect();
        Ok((path.join("."), checked.ty))
    }

    /// An expression that would like to be of a type.
    pub(in crate::check) fn wanted(&mut self, written: &ast::Expr, want: &Ty) -> Checked<Expr> {
        self.expr(written, Some(want))
    }
}

/// The path of an argument that is read as a value.
fn argument_path(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::ActionProperty(name) => Some(name.as_str().to_owned()),
        ExprKind::Member(base, name) => Some(format!("{}.{name}", argument_path(base)?)),
        _ => None,
    }
}

/// True when values of the two types can be equal.
pub(in crate::check) fn comparable(a: &Ty, b: &Ty) -> bool {
    compat::comparable(a, b)
}

/// The type of a set's elements.
pub(in crate::check) fn element(ty: &Ty) -> Option<&Ty> {
    compat::element(ty)
}
