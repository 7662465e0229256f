//! Which intents, tasks and labels are declared, by name: what rules may speak of before anything is checked. Knows
//! no conditions; whatever is wrong with a declaration itself is said by [`super::intent`] and [`super::label`].

use std::collections::{BTreeMap, BTreeSet};

use remit_model::{ActionId, Name};

use crate::ast::{IntentPartKind, ItemKind};
use crate::checked::RuleId;
use crate::source::Spanned;

use super::findings::{Checked, Findings};
use super::names::{NameError, What};
use super::package::{PackageId, Unit};
use super::world::{World, unknown};

/// Everything that can be named.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// In the order of packages and names.
    intents: Vec<IntentOutline>,
    /// The packages that label a transaction so.
    labels: BTreeMap<String, BTreeSet<PackageId>>,
}

/// An intent and its tasks.
#[derive(Debug)]
struct IntentOutline {
    package: PackageId,
    name: String,
    /// The actions of each task, as far as they are declared.
    tasks: BTreeMap<String, Vec<ActionId>>,
}

/// Index of an intent in the outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct IntentIx(usize);

/// Collects the names.
pub(super) fn outline(world: &World, units: &[Unit<'_>]) -> Outline {
    let mut outline = Outline::default();
    for unit in units {
        for item in unit.items {
            match &item.kind {
                ItemKind::Label(label) => {
                    outline.labels.entry(label.name.node.clone()).or_default().insert(unit.package);
                }
                ItemKind::Intent(intent) => {
                    let tasks = intent.parts.iter().filter_map(|part| match &part.kind {
                        IntentPartKind::Task(task) => {
                            let actions = task.actions.iter();
                            let known = actions.filter_map(|name| world.schema.action_id(&name.node));
                            Some((task.name.node.clone(), known.collect()))
                        }
                        _ => None,
                    });
                    let (package, name) = (unit.package, intent.name.node.clone());
                    outline.intents.push(IntentOutline { package, name, tasks: tasks.collect() });
                }
                _ => {}
            }
        }
    }
    outline.intents.sort_by(|a, b| (a.package, &a.name).cmp(&(b.package, &b.name)));
    outline.intents.dedup_by(|a, b| (a.package, &a.name) == (b.package, &b.name));
    outline
}

impl World {
    /// The intent of a name: of the own package, else of the one package that has it; or `package.intent`.
    pub(super) fn intent_named(
        &self,
        name: &Spanned<String>,
        package: PackageId,
        findings: &mut Findings,
    ) -> Checked<(IntentIx, RuleId)> {
        let text = name.node.as_str();
        let all = || self.outline.intents.iter().enumerate();
        let named: Vec<(usize, &IntentOutline)> = all().filter(|(_, intent)| intent.name == text).collect();
        let own = named.iter().find(|(_, intent)| intent.package == package);
        let whole = || {
            let (prefix, intent) = text.rsplit_once('.')?;
            all().find(|(_, of)| of.name == intent && self.packages.text(of.package) == prefix)
        };
        let found = match (own, named.as_slice()) {
            (Some(found), _) => Some(*found),
            (None, [only]) => Some(*only),
            (None, [(_, first), .., (_, last)]) => {
                let packages = format!(
                    "`{}` and `{}`",
                    self.packages.text(first.package),
                    self.packages.text(last.package)
                );
                let (name, at) = (text.to_owned(), name.span);
                return Err(findings.error(NameError::Ambiguous { kind: "intent", name, packages, at }));
            }
            (None, []) => whole(),
        };
        let Some((at, intent)) = found else {
            let names = self.outline.intents.iter().map(|intent| intent.name.as_str());
            let nearest = findings.nearest(text, names);
            return Err(findings.error(unknown(What::Intent, name, nearest)));
        };
        let owner = self.packages.name(intent.package).cloned();
        let (Some(package), Ok(name)) = (owner, Name::new(&intent.name)) else {
            return Err(findings.error(unknown(What::Intent, name, None)));
        };
        Ok((IntentIx(at), RuleId { package, name }))
    }

    /// Files an error when the package does not use the one that declares the intent.
    pub(super) fn intent_seen(
        &self,
        intent: IntentIx,
        name: &Spanned<String>,
        package: PackageId,
        findings: &mut Findings,
    ) -> Checked<()> {
        let owner = self.outline.intents.get(intent.0).map(|intent| intent.package);
        self.seen("intent", name, owner, package, findings)
    }

    /// The actions of a task: of the intents that are meant, else of any the package sees.
    pub(super) fn task_named(
        &self,
        name: &Spanned<String>,
        within: Option<&[IntentIx]>,
        package: PackageId,
        findings: &mut Findings,
    ) -> Checked<Vec<ActionId>> {
        let meant = |at: usize, intent: &IntentOutline| match within {
            Some(within) => within.contains(&IntentIx(at)),
            None => self.packages.sees(package, intent.package),
        };
        let intents: Vec<&IntentOutline> = self
            .outline
            .intents
            .iter()
            .enumerate()
            .filter(|(at, of)| meant(*at, of))
            .map(|(_, of)| of)
            .collect();
        let found: Vec<&Vec<ActionId>> = intents.iter().filter_map(|of| of.tasks.get(&name.node)).collect();
        if found.is_empty() {
            let names = intents.iter().flat_map(|of| of.tasks.keys()).map(String::as_str);
            let nearest = findings.nearest(&name.node, names);
            return Err(findings.error(unknown(What::Task, name, nearest)));
        }
        let mut actions: Vec<ActionId> = found.into_iter().flatten().copied().collect();
        actions.sort_unstable();
        actions.dedup();
        Ok(actions)
    }

    /// True when a task of the intent has an action of this name.
    pub(super) fn intent_does(&self, intent: IntentIx, action: &str) -> bool {
        let Some(id) = self.schema.action_id(action) else { return false };
        let intent = self.outline.intents.get(intent.0);
        intent.is_some_and(|intent| intent.tasks.values().any(|actions| actions.contains(&id)))
    }

    /// A label that some rule of a visible package sets or removes.
    pub(super) fn label_named(
        &self,
        name: &Spanned<String>,
        package: PackageId,
        findings: &mut Findings,
    ) -> Checked<Name> {
        let owners = self.outline.labels.get(&name.node);
        let Some(owners) = owners else {
            let nearest = findings.nearest(&name.node, self.outline.labels.keys().map(String::as_str));
            return Err(findings.error(unknown(What::Label, name, nearest)));
        };
        let visible = owners.iter().find(|owner| self.packages.sees(package, **owner));
        self.seen("label", name, visible.or(owners.first()).copied(), package, findings)?;
        super::schema::checked_name(name, findings)
    }
}
