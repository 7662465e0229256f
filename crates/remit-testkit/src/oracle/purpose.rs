//! What for, and after what: the intents that bound a step, their tasks, and what the history leaves room for. Declared
//! intents are read as they were checked; bounds, order and origins are asked with the pure functions of the model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use remit_lang::checked::{Comparison, Expr, ExprKind, IntentTemplate, Party, Rule, TaskTemplate};
use remit_model::narrow::widenings;
use remit_model::transaction::{Attempt, Records, covers, fits, fits_history, follows, usable};
use remit_model::{
    Containment, DelegationChain, EntityRef, Intent, Name, Reason, Scope as Resources, Step, Task,
    Transaction, Ty, Value,
};

use super::eval::{Reader, Scope};
use super::truth::Truth;
use super::world::{Acting, Past};

/// Of several reasons the first counts; `None` stands for everything that rules say.
const ORDER: [Option<Reason>; 28] = [
    Some(Reason::AttributionLost),
    Some(Reason::TransactionUnknown),
    Some(Reason::TransactionForeign),
    Some(Reason::TransactionRevoked),
    Some(Reason::TransactionClosed),
    Some(Reason::TransactionExpired),
    Some(Reason::ChainUnknownAgent),
    Some(Reason::ChainAgentDisabled),
    Some(Reason::ChainLoop),
    Some(Reason::ChainTooDeep),
    Some(Reason::ChainNotDelegated),
    Some(Reason::ChainShrunk),
    Some(Reason::ChainReordered),
    Some(Reason::AssuranceTooLow),
    Some(Reason::ToolFingerprintChanged),
    Some(Reason::ToolNotInSkill),
    None,
    Some(Reason::IntentUnknown),
    Some(Reason::IntentExpired),
    Some(Reason::IntentWidened),
    Some(Reason::IntentNotCovering),
    Some(Reason::ArgumentNotAllowed),
    Some(Reason::ArgumentOriginUnknown),
    Some(Reason::SkillMissing),
    Some(Reason::SkillNotNeeded),
    Some(Reason::TaskOutOfOrder),
    Some(Reason::TaskRepeated),
    Some(Reason::BudgetExceeded),
];

fn place(reason: Option<Reason>) -> usize {
    ORDER.iter().position(|other| *other == reason).unwrap_or(ORDER.len())
}

/// Does the reason go before what rules say?
pub(super) fn before_rules(reason: Reason) -> bool {
    place(Some(reason)) < place(None)
}

/// Does a condition of the rule ask what the transaction carries?
pub(super) fn asks_labels(rule: &Rule) -> bool {
    let text = format!("{:?}", rule.condition);
    text.contains("Carries(") || text.contains("Transaction(Labels)")
}

/// Does a condition of the rule ask for the intent, or whether it is signed?
pub(super) fn asks_intent(rule: &Rule) -> bool {
    let text = format!("{:?}", rule.condition);
    text.contains("Intent(Itself)") || text.contains("Intent(Signed)")
}

/// A step that does not fit: how near it came, and why.
type Misfit = (u8, Reason);

struct Graph<'r, 'a>(&'r Reader<'a>);

impl Containment for Graph<'_, '_> {
    fn is_under(&self, inner: &EntityRef, outer: &EntityRef, relation: &Name) -> bool {
        let (mut met, mut queue) = (BTreeSet::new(), vec![inner.clone()]);
        while let Some(near) = queue.pop() {
            if near == *outer {
                return true;
            }
            if met.insert(near.clone()) {
                let edges = self.0.world.edges.iter().filter(|edge| {
                    edge.from == near && edge.relation == relation.as_str() && edge.holds_at(self.0.ask.now)
                });
                queue.extend(edges.map(|edge| edge.to.clone()));
            }
        }
        false
    }

    fn is_of(&self, entity: &EntityRef, kind: &Name) -> bool {
        entity.kind == *kind
    }
}

impl Records for Graph<'_, '_> {
    fn attributes(&self, entity: &EntityRef, name: Option<&str>) -> Vec<Value> {
        let held = self.0.world.nodes.get(entity).into_iter().flatten();
        let held =
            held.filter(|(key, _)| name.is_none_or(|name| name == *key)).map(|(_, value)| value.clone());
        held.collect()
    }
}

/// One intent that bounds the step, with the history it is held against.
struct Frame<'f> {
    intent: &'f Intent,
    history: Option<&'f Transaction>,
}

impl Reader<'_> {
    /// Why agents, purpose or history deny, by the order of reasons.
    pub(super) fn layers(&self) -> Option<Reason> {
        let acting = self.ask.acting.as_ref()?;
        let mut failed: Vec<Reason> = self.actor_fails(acting).into_iter().collect();
        self.purpose_fails(acting, &mut failed);
        failed.into_iter().min_by_key(|reason| place(Some(*reason)))
    }

    fn purpose_fails(&self, acting: &Acting, failed: &mut Vec<Reason>) {
        let lineage = acting.lineage();
        if acting.past == Past::Unknown || acting.past == Past::Known(vec![]) {
            return failed.push(Reason::TransactionUnknown);
        }
        let mut sound = true;
        if let Some(misfit) = lineage.iter().find_map(|of| usable(of, self.ask.now).err()) {
            failed.push(misfit.reason);
            sound = false;
        }
        if let Some(own) = lineage.first() {
            let mut agents = acting.chain.clone();
            let chain = (!agents.is_empty()).then(|| DelegationChain::new(agents.remove(0), agents));
            let same = follows(own, Some(&self.ask.subject.entity), acting.service, chain.as_ref());
            if let Err(misfit) = same {
                failed.push(misfit.reason);
                sound &= misfit.reason == Reason::ChainTooDeep;
            }
        }
        if sound && acting.intent().is_some() {
            failed.extend(self.bounded(acting).err());
        }
    }

    /// Some task of the intents holds the step.
    fn bounded(&self, acting: &Acting) -> Result<(), Reason> {
        let lineage = acting.lineage();
        let mut frames = Vec::new();
        if let Some((goal, _)) = &acting.goal {
            self.goal_counts(goal, acting)?;
            let wider = |child: &Intent, parent: &Intent| !widenings(child, parent, &Graph(self)).is_empty();
            let implied = lineage.iter().any(|of| *of.intent == **goal);
            let narrowed = lineage.first().is_some_and(|own| !wider(&own.intent, goal));
            if !implied && !narrowed {
                if lineage.first().is_some_and(|own| wider(goal, &own.intent)) {
                    return Err(Reason::IntentWidened);
                }
                frames.push(Frame { intent: goal, history: acting.transaction() });
            }
        }
        frames.extend(lineage.iter().map(|of| Frame { intent: &of.intent, history: Some(of) }));
        let mut declared: Vec<&IntentTemplate> = Vec::new();
        for name in frames.iter().filter_map(|frame| frame.intent.template.as_ref()) {
            let found = self.policies.intents.iter().find(|of| of.id.to_string() == name.as_str());
            let found = found.ok_or(Reason::IntentUnknown)?;
            if !declared.iter().any(|other| other.id == found.id) {
                declared.push(found);
            }
        }
        for template in &declared {
            if self.selects(template.subjects.as_ref(), Party::Subject) != Truth::True {
                return Err(Reason::IntentNotCovering);
            }
            let hops = u32::try_from(acting.chain.len()).unwrap_or(u32::MAX);
            if template.hops_at_most.is_some_and(|most| hops > most) {
                return Err(Reason::ChainTooDeep);
            }
        }
        self.some_task(acting, &frames, &declared)
    }

    fn goal_counts(&self, goal: &Intent, acting: &Acting) -> Result<(), Reason> {
        let hops = u32::try_from(acting.chain.len()).unwrap_or(u32::MAX);
        if goal.subject != self.ask.subject.entity {
            Err(Reason::IntentNotCovering)
        } else if goal.not_before.is_some_and(|first| self.ask.now < first)
            || goal.not_after.is_some_and(|last| self.ask.now > last)
        {
            Err(Reason::IntentExpired)
        } else if goal.hops_at_most.is_some_and(|most| hops > most) {
            Err(Reason::ChainTooDeep)
        } else {
            Ok(())
        }
    }

    fn some_task(
        &self,
        acting: &Acting,
        frames: &[Frame<'_>],
        declared: &[&IntentTemplate],
    ) -> Result<(), Reason> {
        let names: BTreeSet<&Name> =
            frames.first().into_iter().flat_map(|frame| &frame.intent.tasks).map(|task| &task.name).collect();
        let mut nearest: Misfit = (0, Reason::IntentNotCovering);
        for name in names {
            match self.task_fits(name, acting, frames, declared) {
                Ok(()) => return self.skilled(acting, frames, declared),
                Err(misfit) if misfit.0 > nearest.0 => nearest = misfit,
                Err(_) => {}
            }
        }
        Err(nearest.1)
    }

    fn task_fits(
        &self,
        name: &Name,
        acting: &Acting,
        frames: &[Frame<'_>],
        declared: &[&IntentTemplate],
    ) -> Result<(), Misfit> {
        let Ok(action) = Name::new(&self.ask.action) else { return Err((0, Reason::IntentNotCovering)) };
        let arguments: BTreeMap<String, Value> = self.ask.action_properties.iter().cloned().collect();
        let attempt = Attempt { action: &action, resource: &self.ask.resource.entity, arguments: &arguments };
        let mut tasks: Vec<(&Task, Option<&Transaction>)> = Vec::new();
        for frame in frames {
            let task = frame.intent.task(name.as_str()).ok_or((0, Reason::IntentNotCovering))?;
            covers(task, &attempt, &Graph(self)).map_err(|misfit| (near(&misfit), misfit.reason))?;
            tasks.push((task, frame.history));
        }
        let mut told: Vec<(&TaskTemplate, Task)> = Vec::new();
        for template in declared {
            let task = template.task(name.as_str()).ok_or((0, Reason::IntentNotCovering))?;
            self.covered(task, &attempt)?;
            told.push((task, counted(task)));
        }
        let mut narrowed = told.iter();
        if narrowed.any(|(task, _)| self.selects(Some(&task.resources), Party::Resource) != Truth::True) {
            return Err((1, Reason::IntentNotCovering));
        }
        let root = acting.lineage().last().map(|root| &**root);
        for (task, history) in tasks.iter().copied().chain(told.iter().map(|(_, task)| (task, root))) {
            has_room(task, history, &attempt)?;
        }
        told.iter().try_for_each(|(task, _)| self.conditions(task, acting))?;
        for (task, history) in tasks {
            if let Some(history) = history {
                let fits = fits(history, task, &attempt, self.ask.now, &Graph(self));
                fits.map_err(|misfit| (near(&misfit), misfit.reason))?;
            }
        }
        Ok(())
    }

    /// Action, types and plain bounds of a declared task.
    fn covered(&self, task: &TaskTemplate, attempt: &Attempt<'_>) -> Result<(), Misfit> {
        let asked = self.schema().action_id(&self.ask.action);
        if !asked.is_some_and(|asked| task.actions.contains(&asked)) {
            return Err((0, Reason::IntentNotCovering));
        }
        let kind = self.type_of(attempt.resource);
        let of_type = task.resources.terms.iter().any(|term| {
            use remit_lang::checked::Term::{Entity, MemberOf, Type};
            let (Type(of) | Entity(of, _) | MemberOf(of, _)) = term;
            kind == Some(*of)
        });
        let all_named =
            task.resources.terms.iter().all(|term| matches!(term, remit_lang::checked::Term::Entity(..)));
        if !of_type || (all_named && self.selects(Some(&task.resources), Party::Resource) != Truth::True) {
            return Err((1, Reason::IntentNotCovering));
        }
        let bounds = parts(&task.condition).into_iter().filter(|part| is_bound(part));
        for bound in bounds {
            if self.truth(bound, &Scope::empty()) != Truth::True {
                return Err((3, Reason::ArgumentNotAllowed));
            }
        }
        Ok(())
    }

    /// One choice of done steps for which every other condition is true.
    fn conditions(&self, task: &TaskTemplate, acting: &Acting) -> Result<(), Misfit> {
        let all = parts(&task.condition);
        let (reading, plain): (Vec<&Expr>, Vec<&Expr>) =
            all.into_iter().partition(|part| format!("{part:?}").contains("Task {"));
        let unmet = |part: &Expr| {
            let of_argument = format!("{part:?}").contains("ActionProperty(");
            if of_argument { (3, Reason::ArgumentNotAllowed) } else { (2, Reason::IntentNotCovering) }
        };
        if let Some(part) = plain.iter().find(|part| self.truth(part, &Scope::empty()) != Truth::True) {
            return Err(unmet(part));
        }
        let mut choices: Vec<Vec<Arc<Step>>> = vec![vec![]];
        for earlier in tasks_read(&reading) {
            let done = acting.transaction().map(|of| done(of, &earlier)).unwrap_or_default();
            choices = choices
                .iter()
                .flat_map(|chosen| done.iter().map(move |step| [&chosen[..], &[Arc::clone(step)]].concat()))
                .collect();
        }
        let mut furthest = 0;
        for chosen in choices {
            let scope = Scope::after(chosen);
            let met = reading.iter().take_while(|part| self.truth(part, &scope) == Truth::True).count();
            if met == reading.len() {
                return Ok(());
            }
            furthest = furthest.max(met);
        }
        Err(reading.get(furthest).map_or((3, Reason::ArgumentNotAllowed), |part| unmet(part)))
    }

    fn skilled(
        &self,
        acting: &Acting,
        frames: &[Frame<'_>],
        declared: &[&IntentTemplate],
    ) -> Result<(), Reason> {
        let Some(agent) = acting.chain.first() else { return Ok(()) };
        let own = frames.iter().filter_map(|frame| frame.intent.skills.clone());
        let told =
            declared.iter().filter_map(|of| of.skills.as_ref()).map(|all| all.iter().cloned().collect());
        let wanted: Vec<BTreeSet<EntityRef>> = own.chain(told).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let tool = self.tool();
        let skills = match &tool {
            Some(tool) => self.skills_for(agent, tool).0,
            None => self.skills(agent).0,
        };
        if skills.iter().any(|skill| wanted.iter().all(|all| all.contains(skill))) {
            return Ok(());
        }
        let unneeded = tool.is_some() && !skills.is_empty();
        Err(if unneeded { Reason::SkillNotNeeded } else { Reason::SkillMissing })
    }
}

fn near(misfit: &remit_model::transaction::Misfit) -> u8 {
    match misfit.reason {
        Reason::IntentNotCovering if misfit.field.ends_with(".resource") => 1,
        Reason::IntentNotCovering => 0,
        Reason::ArgumentNotAllowed => 3,
        Reason::ArgumentOriginUnknown => 4,
        _ => 5,
    }
}

fn has_room(task: &Task, history: Option<&Transaction>, attempt: &Attempt<'_>) -> Result<(), Misfit> {
    match history {
        Some(of) => fits_history(of, task, attempt).map_err(|misfit| (near(&misfit), misfit.reason)),
        None if !task.after.is_empty() => Err((5, Reason::TaskOutOfOrder)),
        None if task.at_most.is_some() || !task.budgets.is_empty() => Err((5, Reason::TransactionUnknown)),
        None => Ok(()),
    }
}

/// Order, count and budgets of a declared task alone.
fn counted(task: &TaskTemplate) -> Task {
    Task {
        name: task.name.clone(),
        actions: BTreeSet::new(),
        resource: Resources::OneOf(BTreeSet::new()),
        arguments: BTreeMap::new(),
        after: task.after.iter().cloned().collect(),
        at_most: task.at_most,
        budgets: task.budgets.iter().map(|budget| (budget.argument.clone(), budget.total)).collect(),
        closed: false,
    }
}

/// Steps of the task that count as done.
fn done(of: &Transaction, task: &str) -> Vec<Arc<Step>> {
    let own = of.steps.iter().filter(|step| !step.pending);
    of.inherited.iter().chain(own).filter(|step| step.task.as_str() == task).cloned().collect()
}

/// The parts that must all hold.
fn parts(condition: &Expr) -> Vec<&Expr> {
    match &condition.kind {
        ExprKind::And(parts) => parts.iter().collect(),
        _ => vec![condition],
    }
}

/// `action.x == 1`, `action.x <= 5`, `action.x in ["a"]`: a plain bound.
fn is_bound(part: &Expr) -> bool {
    let argument = |expr: &Expr| {
        matches!(expr.kind, ExprKind::ActionProperty(_))
            && matches!(expr.ty, Ty::String | Ty::Int | Ty::Decimal | Ty::Bool)
    };
    let literal = |expr: &Expr| matches!(expr.kind, ExprKind::Literal(_) | ExprKind::Limit(_));
    let number = |expr: &Expr| matches!(expr.kind, ExprKind::Literal(Value::Number(_)) | ExprKind::Limit(_));
    match &part.kind {
        ExprKind::Compare(Comparison::Equal, a, b) => {
            (argument(a) && literal(b)) || (literal(a) && argument(b))
        }
        ExprKind::Compare(Comparison::LessOrEqual | Comparison::GreaterOrEqual, a, b) => {
            (argument(a) && number(b)) || (number(a) && argument(b))
        }
        ExprKind::Contains { set, item } => {
            argument(item) && matches!(set.kind, ExprKind::Set(_) | ExprKind::Literal(_))
        }
        _ => false,
    }
}

/// The tasks whose steps the conditions read, by name.
fn tasks_read(parts: &[&Expr]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in parts {
        let text = format!("{part:?}");
        for piece in text.split("Task { task: Name(\"").skip(1) {
            found.extend(piece.split('"').next().map(str::to_owned));
        }
    }
    found
}
