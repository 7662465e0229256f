//! Intents: names, order and bounds of their tasks. What one task says of its arguments is [`task`]'s business.

mod error;
mod origin;
mod task;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use remit_model::{ActionId, Duration, EntityRef, TypeId, Value};

use crate::ast::{self, IntentPartKind, ItemKind};
use crate::checked::{IntentTemplate, RuleId, Selector, TaskTemplate, Term};
use crate::source::{Span, Spanned};

use super::expr::{Parties, Readable, Typer};
use super::findings::{Checked, Findings};
use super::limits::{MAX_INTENTS, MAX_TASKS};
use super::names::What;
use super::package::{PackageId, Unit};
use super::rule::clauses::Clauses;
use super::rule::selector::{self, Scope};
use super::rule::{self, RuleError};
use super::schema::{checked_name, is_root, too_many, twice};
use super::usage::Usage;
use super::world::{World, unknown};

use error::IntentError;

/// The intents of all files, in the order of their ids.
pub(super) fn intents(
    world: &World,
    units: &[Unit<'_>],
    usage: &mut Usage,
    findings: &mut Findings,
) -> Vec<IntentTemplate> {
    let mut found: Vec<(PackageId, &ast::Item, &ast::Intent)> = Vec::new();
    for unit in units {
        found.extend(unit.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Intent(intent) => Some((unit.package, item, intent)),
            _ => None,
        }));
    }
    too_many(found.len(), MAX_INTENTS, "intents", found.first().map(|(_, item, _)| item.span), findings);
    found.sort_by(|a, b| (a.0, &a.2.name.node).cmp(&(b.0, &b.2.name.node)));
    let mut intents = Vec::new();
    let mut before: Option<(PackageId, &Spanned<String>)> = None;
    for (package, item, intent) in found.into_iter().take(MAX_INTENTS) {
        match before {
            Some((owner, first)) if owner == package && first.node == intent.name.node => {
                findings.error(twice("intent", &intent.name, first.span));
            }
            _ => before = Some((package, &intent.name)),
        }
        let mut checker = Checker { world, usage, findings, package };
        intents.extend(checker.intent(item, intent));
    }
    intents
}

/// What the parts of an intent are checked against.
struct Checker<'c> {
    world: &'c World,
    usage: &'c mut Usage,
    findings: &'c mut Findings,
    package: PackageId,
}

/// The parts of an intent by what they are.
#[derive(Default)]
struct Parts<'a> {
    subjects: Option<(&'a [ast::Selector], Span)>,
    tasks: Vec<(&'a ast::IntentPart, &'a ast::Task)>,
    using: Option<(&'a [ast::Entity], Span)>,
    hops: Option<(&'a ast::Amount, Span)>,
    lasts: Option<(&'a ast::Amount, Span)>,
}

/// What a task is about, before anything it says of it.
struct Head {
    actions: Vec<ActionId>,
    resources: Selector,
    types: Arc<[TypeId]>,
}

impl Checker<'_> {
    fn intent(&mut self, item: &ast::Item, written: &ast::Intent) -> Checked<IntentTemplate> {
        let name = checked_name(&written.name, self.findings);
        if written.name.node == "none" {
            self.findings.error(IntentError::NamedNone { at: written.name.span });
        }
        let parts = self.parts(written);
        if parts.tasks.is_empty() {
            self.findings
                .error(IntentError::NoTask { name: written.name.node.clone(), at: written.name.span });
        }
        let tasks = parts.tasks.len();
        too_many(tasks, MAX_TASKS, "tasks of one intent", Some(written.name.span), self.findings);
        let subjects = self.scope().selector(parts.subjects);
        let skills = parts.using.map(|(all, _)| self.skills(all)).transpose();
        let hops = parts.hops.map(|(amount, _)| self.count(amount)).transpose();
        let lasts = parts.lasts.map(|(amount, _)| self.length(amount)).transpose();
        let subjects = subjects?;
        let tasks = self.tasks(&parts.tasks, selector::types(subjects.as_ref()));
        let package = self.world.packages.name(self.package).cloned();
        let package =
            package.ok_or_else(|| self.findings.error(unknown(What::Package, &written.name, None)))?;
        Ok(IntentTemplate {
            id: RuleId { package, name: name? },
            span: item.span,
            goal: written.goal.as_ref().map(|goal| goal.node.clone()),
            subjects,
            tasks: tasks?,
            skills: skills?,
            hops_at_most: hops?,
            lasts: lasts?,
            doc: rule::doc(&item.doc),
        })
    }

    fn scope(&mut self) -> Scope<'_> {
        Scope { world: self.world, usage: self.usage, findings: self.findings, package: self.package }
    }

    fn typer(&mut self, parties: Parties, actions: Option<Arc<[ActionId]>>) -> Typer<'_> {
        Typer::new(self.world, self.usage, self.findings, self.package, parties, actions)
    }

    /// The parts, doubles refused.
    fn parts<'a>(&mut self, written: &'a ast::Intent) -> Parts<'a> {
        let mut parts = Parts::default();
        for part in &written.parts {
            let at = part.span;
            match &part.kind {
                IntentPartKind::For(all) => {
                    self.once("for", at, parts.subjects.map(|(_, at)| at));
                    parts.subjects = parts.subjects.or(Some((all, at)));
                }
                IntentPartKind::Task(task) => parts.tasks.push((part, task)),
                IntentPartKind::Using(all) => {
                    self.once("using", at, parts.using.map(|(_, at)| at));
                    parts.using = parts.using.or(Some((all, at)));
                }
                IntentPartKind::Hops(amount) => {
                    self.once("hops", at, parts.hops.map(|(_, at)| at));
                    parts.hops = parts.hops.or(Some((amount, at)));
                }
                IntentPartKind::Lasts(amount) => {
                    self.once("lasts", at, parts.lasts.map(|(_, at)| at));
                    parts.lasts = parts.lasts.or(Some((amount, at)));
                }
            }
        }
        parts
    }

    /// Files an error for a second part or clause of its kind.
    fn once(&mut self, clause: &'static str, at: Span, first: Option<Span>) {
        if let Some(first) = first {
            self.findings.error(IntentError::Twice { clause, at, first });
        }
    }

    /// `using`: entities of the type of skills, sorted, each once.
    fn skills(&mut self, written: &[ast::Entity]) -> Checked<Vec<EntityRef>> {
        let mut skills = Vec::new();
        let mut failed = None;
        for entity in written {
            match self.scope().entity(entity) {
                Ok((of, skill)) if self.world.roles.skill == Some(of) => skills.push(skill),
                Ok(_) => {
                    let (name, at) = (entity.kind.node.clone(), entity.kind.span);
                    failed = Some(self.findings.error(RuleError::NotASkill { name, tools: false, at }));
                }
                Err(reported) => failed = Some(reported),
            }
        }
        skills.sort_unstable();
        skills.dedup();
        failed.map_or(Ok(skills), Err)
    }

    /// The value of an amount.
    fn amount(&mut self, written: &ast::Amount) -> Checked<Value> {
        let checked = self.typer(Parties::default(), None).value(&written.value)?;
        let value = match &checked.kind {
            crate::checked::ExprKind::Literal(value) => Some(value.clone()),
            crate::checked::ExprKind::Limit(id) => self.world.limit(*id).map(|limit| limit.value.clone()),
            _ => None,
        };
        value
            .ok_or_else(|| self.findings.error(IntentError::BadAmount { what: "a number", at: written.span }))
    }

    /// A whole number above zero.
    fn count(&mut self, written: &ast::Amount) -> Checked<u32> {
        let value = self.amount(written)?;
        let count = match value {
            Value::Number(number) if number.is_integral() => {
                number.to_i64().and_then(|n| u32::try_from(n).ok())
            }
            _ => None,
        };
        let error = IntentError::BadAmount { what: "a whole number above zero", at: written.span };
        count.filter(|count| *count > 0).ok_or_else(|| self.findings.error(error))
    }

    /// A length of time above zero.
    fn length(&mut self, written: &ast::Amount) -> Checked<Duration> {
        match self.amount(written)? {
            Value::Duration(long) if long.nanos() > 0 => Ok(long),
            _ => {
                let what = "a length of time above zero, such as `15m`";
                Err(self.findings.error(IntentError::BadAmount { what, at: written.span }))
            }
        }
    }

    /// The tasks, in the order of their names. All are known before the first condition is read.
    fn tasks(
        &mut self,
        written: &[(&ast::IntentPart, &ast::Task)],
        subject: Arc<[TypeId]>,
    ) -> Checked<Vec<TaskTemplate>> {
        let mut named: HashMap<&str, Span> = HashMap::new();
        let mut heads: BTreeMap<&str, Checked<Head>> = BTreeMap::new();
        for (_, task) in written.iter().take(MAX_TASKS) {
            let name = task.name.node.as_str();
            if let Some(first) = named.insert(name, task.name.span) {
                self.findings.error(twice("task", &task.name, first));
                continue;
            }
            if is_root(name) {
                let (name, at) = (name.to_owned(), task.name.span);
                self.findings.error(IntentError::RootName { name, at });
            }
            heads.insert(name, self.head(task));
        }
        let before = self.order(written, &heads);
        let heads: BTreeMap<&str, Head> =
            heads.into_iter().map(|(name, head)| head.map(|head| (name, head))).collect::<Checked<_>>()?;
        let before = before?;
        let mut tasks: Vec<TaskTemplate> = Vec::new();
        let mut failed = None;
        for (part, task) in written.iter().take(MAX_TASKS) {
            let (Some(head), Some(earlier)) =
                (heads.get(task.name.node.as_str()), before.get(task.name.node.as_str()))
            else {
                continue;
            };
            let readable = heads.iter().map(|(name, head)| Readable {
                name: (*name).to_owned(),
                resource: Arc::clone(&head.types),
                actions: Arc::from(head.actions.as_slice()),
                before: earlier.contains(name),
            });
            let parties = Parties {
                subject: Arc::clone(&subject),
                resource: Arc::clone(&head.types),
                ..Parties::default()
            };
            match self.task(part, task, head, parties, readable.collect()) {
                Ok(checked) => tasks.push(checked),
                Err(reported) => failed = Some(reported),
            }
        }
        tasks.sort_by(|a, b| a.name.cmp(&b.name));
        failed.map_or(Ok(tasks), Err)
    }

    fn head(&mut self, task: &ast::Task) -> Checked<Head> {
        let clauses = Clauses {
            called: format!("task `{}`", task.name.node),
            actions: Some((&task.actions, task.head)),
            resources: task.resources.as_ref().map(|on| {
                let at = on.first().zip(on.last()).map(|(a, b)| Span { end: b.span.end, ..a.span });
                (on.as_slice(), at.unwrap_or(task.head))
            }),
            ..Clauses::default()
        };
        let resources = self.scope().selector(clauses.resources);
        let actions = self.scope().actions(clauses.actions);
        let (resources, actions) = (resources?, actions?.unwrap_or_default());
        selector::applies(self.world, self.findings, &clauses, Some(&actions), resources.as_ref())?;
        let types = rule::resource_types(self.world, Some(&actions), resources.as_ref());
        let every = || Selector { terms: types.iter().map(|of| Term::Type(*of)).collect() };
        Ok(Head { actions, resources: resources.unwrap_or_else(every), types })
    }

    /// For each task, the tasks that must be done before it, directly or through others.
    fn order<'a>(
        &mut self,
        written: &[(&'a ast::IntentPart, &'a ast::Task)],
        heads: &BTreeMap<&str, Checked<Head>>,
    ) -> Checked<BTreeMap<&'a str, BTreeSet<&'a str>>> {
        let mut direct: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut failed = None;
        for (_, task) in written.iter().take(MAX_TASKS) {
            let earlier = direct.entry(&task.name.node).or_default();
            let clauses = task.clauses.iter().filter_map(|clause| match &clause.kind {
                ast::TaskClauseKind::After(names) => Some(names),
                _ => None,
            });
            for name in clauses.flatten() {
                if heads.contains_key(name.node.as_str()) {
                    earlier.insert(&name.node);
                } else {
                    let nearest = self.findings.nearest(&name.node, heads.keys().copied());
                    failed = Some(self.findings.error(unknown(What::Task, name, nearest)));
                }
            }
        }
        let mut before: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, start) in &direct {
            let (mut seen, mut open) = (BTreeSet::new(), start.iter().copied().collect::<Vec<_>>());
            while let Some(next) = open.pop() {
                if seen.insert(next) {
                    open.extend(direct.get(next).into_iter().flatten());
                }
            }
            before.insert(*name, seen);
        }
        for (_, task) in written.iter().take(MAX_TASKS) {
            let name = task.name.node.as_str();
            if before.get(name).is_some_and(|earlier| earlier.contains(name)) {
                let (name, at) = (name.to_owned(), task.name.span);
                failed = Some(self.findings.error(IntentError::Cycle { name, at }));
            }
        }
        failed.map_or(Ok(before), Err)
    }
}
