//! Checked policies to program. The only module that names `remit-lang`; the rest of the crate uses what it exports.

mod expr;
mod outside;
mod pools;
mod purpose;
mod words;

use std::sync::Arc;

use remit_lang::checked;
use remit_model::{ActionId, MessageFact, Name, Provenance, Schema, Timestamp, Value};
use rustc_hash::FxHashMap;

pub use remit_lang::checked::{
    Arithmetic, Comparison, Effect, Party as Who, Policies, Reach, RuleId, Severity, TextTest,
};
pub use remit_lang::source::Span;

use crate::cast::Cast;
use crate::index::Index;
use crate::program::{Card, Duty, Field, Node, Part, Program, Rule, Run, Scope, Selectors, Source, Term};
use expr::Lowering;

/// Why checked policies do not become a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LowerError {
    /// An expression nests deeper than evaluation allows.
    #[error("rule `{rule}` nests expressions deeper than {limit} levels")]
    TooDeep {
        /// The rule.
        rule: String,
        /// [`crate::limits::MAX_DEPTH`]
        limit: usize,
        /// The expression.
        at: Span,
    },
    /// A pattern does not compile within its bound.
    #[error("rule `{rule}` has a pattern that cannot be used: `{pattern}`")]
    Pattern {
        /// The rule.
        rule: String,
        /// The pattern.
        pattern: String,
        /// Where it stands.
        at: Span,
    },
    /// More than four billion nodes, or an index outside the checked tree.
    #[error("the policy set is too large or refers to something it does not declare")]
    Capacity,
}

/// Turns checked policies into a program.
///
/// # Errors
/// [`LowerError`]: nesting, patterns or size are out of bounds.
pub fn lower(policies: &Policies) -> Result<Program, LowerError> {
    let mut lowering = Lowering::new(policies);
    let mut order: Vec<&checked::Rule> = policies.rules.iter().collect();
    order.sort_by(|a, b| a.id.cmp(&b.id));
    let (mut rules, mut cards) = (Vec::with_capacity(order.len()), Vec::with_capacity(order.len()));
    for rule in order {
        let (hot, card) = lower_rule(&mut lowering, policies, rule)?;
        rules.push(hot);
        cards.push(card);
    }
    let templates = purpose::templates(&mut lowering, policies)?;
    let labels = purpose::labels(&mut lowering, policies)?;
    let sources = outside::sources(&mut lowering, policies)?;
    let limits = policies.limits.iter().map(|limit| (limit.name.clone(), limit.value.clone())).collect();
    let pools = lowering.pools;
    let mut program = Program {
        schema: Arc::clone(&policies.schema),
        nodes: pools.nodes,
        shapes: pools.shapes,
        spans: pools.spans,
        paths: pools.paths,
        lists: pools.lists,
        actions: pools.actions,
        terms: pools.terms,
        consts: pools.consts,
        entities: pools.entities.items,
        message_facts: message_facts(&pools.fields.items),
        fields: pools.fields.items,
        names: pools.names.items,
        patterns: pools.patterns,
        follows: pools.follows,
        rules,
        cards,
        graph_only: graph_only(&policies.schema),
        recorded_membership: recorded_membership(&policies.schema),
        limits,
        words: pools.words,
        beyond: pools.beyond,
        templates,
        labels,
        sources,
        cast: Cast::of(&policies.schema),
        type_ids: by_name(policies.schema.types().iter().map(|of| &of.name), |at| {
            policies.schema.type_id(at)
        }),
        action_ids: by_name(policies.schema.actions().iter().map(|of| &of.name), |at| {
            policies.schema.action_id(at)
        }),
        index: Index::default(),
    };
    program.index = Index::build(&program);
    Ok(program)
}

/// What is read of messages that only the decision point knows, each once.
fn message_facts(fields: &[Field]) -> Vec<MessageFact> {
    let computed = fields.iter().filter(|field| field.source == Source::Computed);
    let mut facts: Vec<MessageFact> = computed.filter_map(|field| MessageFact::named(&field.name)).collect();
    facts.sort_unstable();
    facts.dedup();
    facts
}

fn lower_rule(
    lowering: &mut Lowering<'_>,
    policies: &Policies,
    rule: &checked::Rule,
) -> Result<(Rule, Card), LowerError> {
    lowering.enter(&rule.id);
    let package = policies.packages.iter().find(|package| package.name == rule.id.package);
    let clauses = Clauses {
        effect: rule.effect,
        subjects: rule.subjects.as_ref(),
        actors: rule.actors.as_ref(),
        resources: rule.resources.as_ref(),
        actions: rule.actions.as_deref(),
        via: rule.via.as_ref(),
        within: rule.within.as_ref(),
        condition: &rule.condition,
        valid_until: package.and_then(|package| package.valid_until),
    };
    let hot = clauses.lower(lowering)?;
    let because = rule.because.as_ref().map(|template| parts(lowering, template)).transpose()?;
    let words = |selector: Option<&checked::Selector>| {
        selector.map(|selector| words::selector(selector, &policies.schema)).unwrap_or_default()
    };
    let card = Card {
        id: rule.id.clone(),
        text: Arc::from(rule.id.to_string()),
        span: rule.span,
        selectors: Selectors {
            subjects: words(rule.subjects.as_ref()),
            actors: words(rule.actors.as_ref()),
            resources: words(rule.resources.as_ref()),
            via: words(rule.via.as_ref()),
            within: rule.within.as_ref().map(words::within).unwrap_or_default(),
        },
        version: package.and_then(|package| package.version.as_deref().map(Arc::from)),
        approved_by: package.and_then(|package| package.approved_by.as_deref().map(Arc::from)),
        severity: rule.severity,
        on_request: rule.on_request.clone(),
        because,
        obligations: duties(lowering, &rule.obligations)?,
        advice: duties(lowering, &rule.advice)?,
    };
    Ok((hot, card))
}

/// What selects and tests, of a rule or of a label.
struct Clauses<'p> {
    effect: Effect,
    subjects: Option<&'p checked::Selector>,
    actors: Option<&'p checked::Selector>,
    resources: Option<&'p checked::Selector>,
    actions: Option<&'p [ActionId]>,
    via: Option<&'p checked::Selector>,
    within: Option<&'p checked::Within>,
    condition: &'p checked::Expr,
    valid_until: Option<Timestamp>,
}

impl Clauses<'_> {
    fn lower(&self, lowering: &mut Lowering<'_>) -> Result<Rule, LowerError> {
        let first_word = lowering.pools.words.len();
        let mut conjuncts = Vec::new();
        for part in conjuncts_of(self.condition) {
            let before = lowering.pools.nodes.len();
            let ix = lowering.expr(part)?;
            conjuncts.push((cost(lowering.pools.nodes.get(before..).unwrap_or(&[])), ix));
        }
        // WHY: `and` commutes in Kleene's logic, so the cheapest test may go first without changing any answer.
        conjuncts.sort_by_key(|(cost, _)| *cost);
        let conjuncts: Vec<u32> = conjuncts.into_iter().map(|(_, ix)| ix).collect();
        Ok(Rule {
            effect: self.effect,
            subjects: selector(lowering, self.subjects)?,
            actors: selector(lowering, self.actors)?,
            resources: selector(lowering, self.resources)?,
            conjuncts: lowering.pools.list(&conjuncts)?,
            actions: self.actions.map(|actions| lowering.pools.action_run(actions)).transpose()?,
            valid_until: self.valid_until,
            beyond: purpose::beyond(lowering, self.via, self.within, first_word)?,
        })
    }
}

/// The parts of a condition of which each must hold.
fn conjuncts_of(condition: &checked::Expr) -> &[checked::Expr] {
    match &condition.kind {
        checked::ExprKind::And(parts) => parts,
        checked::ExprKind::Literal(Value::Bool(true)) => &[],
        _ => std::slice::from_ref(condition),
    }
}

fn selector(lowering: &mut Lowering<'_>, selector: Option<&checked::Selector>) -> Result<Run, LowerError> {
    let mut terms = Vec::new();
    for of in selector.map(|selector| selector.terms.as_slice()).unwrap_or_default() {
        terms.push(term(lowering, of)?);
    }
    lowering.pools.term_run(&terms)
}

fn term(lowering: &mut Lowering<'_>, term: &checked::Term) -> Result<Term, LowerError> {
    Ok(match term {
        checked::Term::Type(of) => Term { of: *of, scope: Scope::All },
        checked::Term::Entity(of, entity) => {
            Term { of: *of, scope: Scope::Exact(lowering.constant(entity, Some(*of))?) }
        }
        checked::Term::MemberOf(of, entity) => {
            Term { of: *of, scope: Scope::Member(lowering.constant(entity, None)?) }
        }
    })
}

fn parts(lowering: &mut Lowering<'_>, template: &checked::Template) -> Result<Vec<Part>, LowerError> {
    template
        .parts
        .iter()
        .map(|part| match part {
            checked::Part::Text(text) => Ok(Part::Text(Arc::from(text.as_str()))),
            checked::Part::Hole(expr) => lowering.expr(expr).map(Part::Hole),
        })
        .collect()
}

fn duties(lowering: &mut Lowering<'_>, duties: &[checked::Duty]) -> Result<Vec<Duty>, LowerError> {
    duties
        .iter()
        .map(|duty| {
            let properties = duty
                .properties
                .iter()
                .map(|(name, expr)| Ok((name.clone(), lowering.expr(expr)?)))
                .collect::<Result<_, LowerError>>()?;
            Ok(Duty { kind: duty.kind.clone(), properties })
        })
        .collect()
}

/// A rough price of a condition: navigation and quantifiers dear, patterns dearer than comparisons.
fn cost(nodes: &[Node]) -> u32 {
    nodes
        .iter()
        .map(|node| match node {
            Node::AnyOf { .. }
            | Node::AllOf { .. }
            | Node::HasAny(..)
            | Node::HasAll(..)
            | Node::Count(_) => 40,
            Node::Follow(_) | Node::MemberOf(..) | Node::Word(_) => 20,
            Node::Matches(..) => 30,
            Node::Attribute(..) => 4,
            _ => 1,
        })
        .sum()
}

fn graph_only(schema: &Schema) -> Vec<bool> {
    let mut only = vec![true; schema.attrs().len()];
    for attribute in schema.types().iter().flat_map(|of| &of.attributes) {
        if attribute.sources != [Provenance::Graph]
            && let Some(flag) = only.get_mut(attribute.id.index())
        {
            *flag = false;
        }
    }
    only
}

fn recorded_membership(schema: &Schema) -> bool {
    schema
        .types()
        .iter()
        .flat_map(|of| &of.attributes)
        .filter(|attribute| attribute.relation.as_ref().is_some_and(|relation| relation.membership))
        .all(|attribute| attribute.sources == [Provenance::Graph])
}

fn by_name<'s, I>(
    names: impl Iterator<Item = &'s Name>,
    id: impl Fn(&str) -> Option<I>,
) -> FxHashMap<Name, I> {
    names.filter_map(|name| Some((name.clone(), id(name.as_str())?))).collect()
}
