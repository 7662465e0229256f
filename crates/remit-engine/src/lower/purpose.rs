//! Words for agents, purpose and history; clauses beyond the common ones; declared intents and labels.

use std::collections::{BTreeMap, BTreeSet};

use remit_lang::checked::{
    self, ChainPart, Expr, ExprKind, IntentPart, IntentTemplate, LabelRule, Policies, TaskPart, TaskTemplate,
    TransactionPart,
};
use remit_model::{Argument, Bound, EntityRef, Intent, Name, Origin, Schema, Scope, Task, Ty, Value};

use super::expr::Lowering;
use super::{Clauses, Comparison, Effect, LowerError, conjuncts_of, selector, term};
use crate::program::{Field, Node, Source};
use crate::purpose::{Beyond, Conjunct, Fact, LabelPlan, Link, Plan, Template, Within, Word, full_name};

/// The word that an expression is.
pub(super) fn word(lowering: &mut Lowering<'_>, expr: &Expr) -> Result<Word, LowerError> {
    Ok(match &expr.kind {
        ExprKind::Chain(ChainPart::Agents) => Word::Chain,
        ExprKind::Chain(ChainPart::Current) => Word::ChainCurrent,
        ExprKind::Chain(ChainPart::Origin) => Word::ChainOrigin,
        ExprKind::Chain(ChainPart::Assurance) => match expr.ty {
            Ty::Level(level) => Word::ChainAssurance(level),
            _ => return Err(LowerError::Capacity),
        },
        ExprKind::ChainMatches(links) => {
            let links = links.iter().map(|link| {
                Ok(match link {
                    checked::Link::Any => Link::Any,
                    checked::Link::AnyNumber => Link::AnyNumber,
                    checked::Link::Agent(of) => Link::Agent(term(lowering, of)?),
                })
            });
            Word::ChainMatches(links.collect::<Result<_, LowerError>>()?)
        }
        ExprKind::AnyToken => Word::AnyToken,
        ExprKind::Intent(IntentPart::Itself) => Word::Intent,
        ExprKind::Intent(IntentPart::Name) => Word::IntentName,
        ExprKind::Intent(IntentPart::Signed) => Word::IntentSigned,
        ExprKind::Intent(IntentPart::Links) => Word::IntentLinks,
        ExprKind::Transaction(part) => transaction(part),
        ExprKind::Task { task, part: TaskPart::Resource } => Word::TaskResource(task.clone()),
        ExprKind::Task { task, part: TaskPart::Argument(name) } => {
            Word::TaskArgument(task.clone(), name.clone(), expr.ty.clone())
        }
        ExprKind::Consent(category, purpose) => {
            Word::Consent(lowering.expr(category)?, lowering.expr(purpose)?)
        }
        ExprKind::Signal(whose, asked) => Word::Signal(*whose, fact(lowering, asked)?),
        _ => return Err(LowerError::Capacity),
    })
}

fn fact(lowering: &mut Lowering<'_>, asked: &checked::Fact) -> Result<Fact, LowerError> {
    Ok(match asked {
        checked::Fact::Count { kind, window } => Fact::Count(lowering.expr(kind)?, lowering.expr(window)?),
        checked::Fact::Distinct(what, window) => Fact::Distinct(*what, lowering.expr(window)?),
        checked::Fact::Hops(window) => Fact::Hops(lowering.expr(window)?),
        checked::Fact::TokenAddresses { token, window } => {
            Fact::TokenAddresses(lowering.expr(token)?, lowering.expr(window)?)
        }
        checked::Fact::Travel(window) => Fact::Travel(lowering.expr(window)?),
        checked::Fact::IsNew(what) => Fact::IsNew(*what),
        checked::Fact::Risk => Fact::Risk,
    })
}

fn transaction(part: &TransactionPart) -> Word {
    match part {
        TransactionPart::Itself => Word::Transaction,
        TransactionPart::Id => Word::TransactionId,
        TransactionPart::Age => Word::TransactionAge,
        TransactionPart::Labels => Word::TransactionLabels,
        TransactionPart::Done(task) => Word::Done(task.clone()),
        TransactionPart::Count(task) => Word::Count(task.clone()),
        TransactionPart::Sum { task, argument } => Word::Sum(task.clone(), argument.clone()),
        TransactionPart::Carries(label) => Word::Carries(label.clone()),
    }
}

/// What a rule says beyond its other clauses; the words of its conditions start at `first_word`.
pub(super) fn beyond(
    lowering: &mut Lowering<'_>,
    via: Option<&checked::Selector>,
    within: Option<&checked::Within>,
    first_word: usize,
) -> Result<Option<u32>, LowerError> {
    let words = lowering.pools.words.get(first_word..).unwrap_or(&[]);
    let asks_intent = words.iter().any(|word| matches!(word, Word::Intent | Word::IntentSigned));
    let asks_labels = words.iter().any(|word| matches!(word, Word::Carries(_) | Word::TransactionLabels));
    let asks_assurance = words.iter().any(|word| matches!(word, Word::ChainAssurance(_)));
    if via.is_none() && within.is_none() && !asks_intent && !asks_labels && !asks_assurance {
        return Ok(None);
    }
    let via = selector(lowering, via)?;
    let within = within
        .map(|within| {
            let intents: Option<Vec<Name>> = within.intents.iter().map(full_name).collect();
            Ok(Within { intents: intents.ok_or(LowerError::Capacity)?, none: within.none })
        })
        .transpose()?;
    lowering.pools.beyond(Beyond { via, within, asks_intent, asks_labels, asks_assurance }).map(Some)
}

/// Declared intents, in order of their full names.
pub(super) fn templates(
    lowering: &mut Lowering<'_>,
    policies: &Policies,
) -> Result<Vec<Template>, LowerError> {
    let mut templates =
        policies.intents.iter().map(|of| template(lowering, policies, of)).collect::<Result<Vec<_>, _>>()?;
    templates.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
    Ok(templates)
}

fn template(
    lowering: &mut Lowering<'_>,
    policies: &Policies,
    of: &IntentTemplate,
) -> Result<Template, LowerError> {
    lowering.enter(&of.id);
    let name = full_name(&of.id).ok_or(LowerError::Capacity)?;
    let mut tasks = Vec::with_capacity(of.tasks.len());
    let mut plans = Vec::with_capacity(of.tasks.len());
    for task in &of.tasks {
        plans.push(plan(lowering, task)?);
        tasks.push(bounds(policies, task)?);
    }
    let bounds = Intent {
        template: Some(name.clone()),
        subject: EntityRef::new(name.clone(), ""),
        tasks,
        skills: of.skills.as_ref().map(|skills| skills.iter().cloned().collect()),
        hops_at_most: of.hops_at_most,
        not_before: None,
        not_after: None,
        records: BTreeSet::new(),
        links: BTreeSet::new(),
    };
    let subjects = selector(lowering, of.subjects.as_ref())?;
    Ok(Template { name, subjects, lasts: of.lasts, bounds, tasks: plans })
}

fn plan(lowering: &mut Lowering<'_>, task: &TaskTemplate) -> Result<Plan, LowerError> {
    let mut conjuncts = Vec::new();
    let mut reads: BTreeSet<Name> = BTreeSet::new();
    for part in conjuncts_of(&task.condition) {
        let (first_node, first_word) = (lowering.pools.nodes.len(), lowering.pools.words.len());
        let ix = lowering.expr(part)?;
        let pools = &lowering.pools;
        let read: Vec<&Name> =
            pools.words.get(first_word..).into_iter().flatten().filter_map(step_read).collect();
        let reads_argument = pools.nodes.get(first_node..).into_iter().flatten().any(|node| match node {
            Node::Field(field) => {
                let field = pools.fields.items.get(*field as usize);
                field.is_some_and(|Field { source, .. }| *source == Source::Action)
            }
            _ => false,
        });
        conjuncts.push(Conjunct { ix, reads_step: !read.is_empty(), reads_argument });
        reads.extend(read.into_iter().cloned());
    }
    Ok(Plan {
        name: task.name.clone(),
        resources: selector(lowering, Some(&task.resources))?,
        conjuncts,
        reads: reads.into_iter().collect(),
    })
}

fn step_read(word: &Word) -> Option<&Name> {
    match word {
        Word::TaskResource(task) | Word::TaskArgument(task, ..) => Some(task),
        _ => None,
    }
}

/// What a task says that needs no condition: the most that an intent of this template may ask for.
fn bounds(policies: &Policies, task: &TaskTemplate) -> Result<Task, LowerError> {
    let schema = &policies.schema;
    let actions: Vec<&remit_model::Action> =
        task.actions.iter().filter_map(|action| schema.action(*action)).collect();
    let optional = |path: &str| {
        let declared = actions.iter().flat_map(|action| &action.properties);
        declared.into_iter().any(|field| field.name.as_str() == path && field.optional)
    };
    let mut arguments: BTreeMap<String, Argument> = BTreeMap::new();
    for part in conjuncts_of(&task.condition) {
        if let Some((path, bound)) = bound(policies, part) {
            let argument = arguments.entry(path).or_insert_with(Argument::any);
            // WHY: several bounds of one argument are not joined; the condition holds all of them anyway.
            if argument.bound == Bound::Any {
                argument.bound = bound;
            }
        }
        let mut names = BTreeSet::new();
        arguments_read(part, &mut names);
        for name in names {
            arguments.entry(name).or_insert_with(Argument::any);
        }
    }
    for budget in &task.budgets {
        arguments.entry(budget.argument.clone()).or_insert_with(Argument::any);
    }
    for of in &task.origins {
        let argument = arguments.entry(of.argument.clone()).or_insert_with(Argument::any);
        argument.optional = optional(&of.argument);
        argument.origins =
            Some(of.origins.iter().map(|origin| self::origin(schema, origin)).collect::<Result<_, _>>()?);
    }
    Ok(Task {
        name: task.name.clone(),
        actions: actions.iter().map(|action| action.name.clone()).collect(),
        resource: scope(schema, &task.resources)?,
        arguments,
        after: task.after.iter().cloned().collect(),
        at_most: task.at_most,
        budgets: task.budgets.iter().map(|budget| (budget.argument.clone(), budget.total)).collect(),
        closed: task.closed,
    })
}

/// The types of a selector, or its entities when it names nothing else: never less than what it selects.
fn scope(schema: &Schema, selector: &checked::Selector) -> Result<Scope, LowerError> {
    let mut entities = BTreeSet::new();
    let mut types = BTreeSet::new();
    for term in &selector.terms {
        let (of, entity) = match term {
            checked::Term::Entity(of, entity) => (of, Some(entity)),
            checked::Term::Type(of) | checked::Term::MemberOf(of, _) => (of, None),
        };
        entities.insert(entity.cloned());
        types.insert(schema.entity_type(*of).ok_or(LowerError::Capacity)?.name.clone());
    }
    if let Some(all) = entities.into_iter().collect::<Option<BTreeSet<EntityRef>>>() {
        return Ok(Scope::OneOf(all));
    }
    Ok(match types.first() {
        Some(only) if types.len() == 1 => Scope::Any(only.clone()),
        _ => Scope::AnyOf(types),
    })
}

fn origin(schema: &Schema, origin: &checked::Origin) -> Result<Origin, LowerError> {
    Ok(match origin {
        checked::Origin::Literal => Origin::Literal,
        checked::Origin::OneOf(values) => Origin::OneOf(values.iter().cloned().collect()),
        checked::Origin::RecordOf { of, attribute } => {
            let kind = schema.entity_type(*of).ok_or(LowerError::Capacity)?.name.clone();
            let attribute = attribute.map(|id| schema.attrs().get(id.index()).map(Name::to_string));
            Origin::RecordOf(kind, attribute.map(|name| name.ok_or(LowerError::Capacity)).transpose()?)
        }
        checked::Origin::Created => Origin::Created,
        checked::Origin::Result { task, path } => Origin::Result { task: task.clone(), path: path.clone() },
        checked::Origin::Text { source } => Origin::Text { source: source.clone() },
    })
}

/// A condition that is nothing but a bound on one argument. Kinds that a bound reads otherwise than a condition are
/// left to the condition.
fn bound(policies: &Policies, expr: &Expr) -> Option<(String, Bound)> {
    match &expr.kind {
        ExprKind::Compare(op, a, b) => {
            let (path, value, op) = match (argument(a), argument(b)) {
                (Some(path), None) => (path, plain(policies, b)?, *op),
                (None, Some(path)) => (path, plain(policies, a)?, mirrored(*op)),
                _ => return None,
            };
            let number = matches!(value, Value::Number(_));
            let bound = match op {
                Comparison::Equal => Bound::Exactly(value),
                Comparison::LessOrEqual if number => Bound::Between { low: None, high: Some(value) },
                Comparison::GreaterOrEqual if number => Bound::Between { low: Some(value), high: None },
                _ => return None,
            };
            Some((path, bound))
        }
        ExprKind::Contains { set, item } => {
            let values: Option<BTreeSet<Value>> = match &set.kind {
                ExprKind::Set(items) => items.iter().map(|item| plain(policies, item)).collect(),
                ExprKind::Literal(Value::Set(items)) => items.iter().map(plain_value).collect(),
                _ => None,
            };
            Some((argument(item)?, Bound::OneOf(values?)))
        }
        _ => None,
    }
}

fn argument(expr: &Expr) -> Option<String> {
    match (&expr.kind, &expr.ty) {
        (ExprKind::ActionProperty(name), Ty::String | Ty::Int | Ty::Decimal | Ty::Bool) => {
            Some(name.to_string())
        }
        _ => None,
    }
}

fn plain(policies: &Policies, expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Literal(value) => plain_value(value),
        ExprKind::Limit(id) => plain_value(&policies.limits.get(usize::from(id.0))?.value),
        _ => None,
    }
}

fn plain_value(value: &Value) -> Option<Value> {
    matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_)).then(|| value.clone())
}

fn mirrored(op: Comparison) -> Comparison {
    match op {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        Comparison::Equal | Comparison::NotEqual => op,
    }
}

/// Every argument of the step itself that an expression reads.
fn arguments_read(expr: &Expr, names: &mut BTreeSet<String>) {
    let mut all = |parts: &[&Expr]| parts.iter().for_each(|part| arguments_read(part, names));
    match &expr.kind {
        ExprKind::ActionProperty(name) => {
            names.insert(name.to_string());
        }
        ExprKind::Member(a, _)
        | ExprKind::Attribute(a, _)
        | ExprKind::Not(a)
        | ExprKind::Is(a, _)
        | ExprKind::Present(a, _)
        | ExprKind::Matches(a, _)
        | ExprKind::Count(a) => all(&[a]),
        ExprKind::Follow { base, filter, .. } => {
            all(&[base]);
            filter.iter().for_each(|filter| arguments_read(filter, names));
        }
        ExprKind::And(parts) | ExprKind::Or(parts) | ExprKind::Set(parts) => {
            parts.iter().for_each(|part| arguments_read(part, names));
        }
        ExprKind::If(a, b, c) => all(&[a, b, c]),
        ExprKind::Signal(_, fact) => all(&fact.parts()),
        ExprKind::Compare(_, a, b)
        | ExprKind::Consent(a, b)
        | ExprKind::Contains { set: a, item: b }
        | ExprKind::HasAny(a, b)
        | ExprKind::HasAll(a, b)
        | ExprKind::MemberOf(a, b)
        | ExprKind::Within(a, b)
        | ExprKind::Text(_, a, b)
        | ExprKind::Arithmetic(_, a, b)
        | ExprKind::AnyOf { set: a, body: b, .. }
        | ExprKind::AllOf { set: a, body: b, .. } => all(&[a, b]),
        ExprKind::Literal(_)
        | ExprKind::Limit(_)
        | ExprKind::Party(_)
        | ExprKind::Now
        | ExprKind::Pep
        | ExprKind::ActionName
        | ExprKind::Context(_)
        | ExprKind::Message(_)
        | ExprKind::Variable(_)
        | ExprKind::Chain(_)
        | ExprKind::ChainMatches(_)
        | ExprKind::Transaction(_)
        | ExprKind::Intent(_)
        | ExprKind::Token(_)
        | ExprKind::Outside(..)
        | ExprKind::AnyToken
        | ExprKind::Task { .. }
        | ExprKind::EdgeProperty(_) => {}
    }
}

/// What labels a transaction, in the order of the checked set.
pub(super) fn labels(lowering: &mut Lowering<'_>, policies: &Policies) -> Result<Vec<LabelPlan>, LowerError> {
    policies.labels.iter().map(|of| label(lowering, of)).collect()
}

fn label(lowering: &mut Lowering<'_>, of: &LabelRule) -> Result<LabelPlan, LowerError> {
    lowering.enter(&checked::RuleId { package: of.package.clone(), name: of.label.clone() });
    let clauses = Clauses {
        // WHY: a label never runs out with its package, as a forbid does not.
        effect: Effect::Forbid,
        subjects: of.subjects.as_ref(),
        actors: of.actors.as_ref(),
        resources: of.resources.as_ref(),
        actions: of.actions.as_deref(),
        via: of.via.as_ref(),
        within: of.within.as_ref(),
        condition: &of.condition,
        valid_until: None,
    };
    Ok(LabelPlan { label: of.label.clone(), removes: of.removes, rule: clauses.lower(lowering)? })
}
