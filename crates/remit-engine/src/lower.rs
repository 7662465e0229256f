//! Checked policies to program. The only module that names `remit-lang`; the rest of the crate uses what it exports.

mod expr;
mod pools;
mod words;

use std::sync::Arc;

use remit_lang::checked;
use remit_model::{Name, Provenance, Schema, Value};
use rustc_hash::FxHashMap;

pub use remit_lang::checked::{
    Arithmetic, Comparison, Effect, Party as Who, Policies, Reach, RuleId, Severity, TextTest,
};
pub use remit_lang::source::Span;

use crate::index::Index;
use crate::program::{Card, Duty, Node, Part, Program, Rule, Run, Scope, Selectors, Term};
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
    /// A form of the language that this engine cannot decide yet; nothing of it is ignored.
    #[error("rule `{rule}` has `{what}`, which is not decided yet")]
    NotDecidedYet {
        /// The rule.
        rule: String,
        /// The form.
        what: &'static str,
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
        fields: pools.fields.items,
        names: pools.names.items,
        patterns: pools.patterns,
        follows: pools.follows,
        rules,
        cards,
        graph_only: graph_only(&policies.schema),
        recorded_membership: recorded_membership(&policies.schema),
        limits,
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

fn lower_rule(
    lowering: &mut Lowering<'_>,
    policies: &Policies,
    rule: &checked::Rule,
) -> Result<(Rule, Card), LowerError> {
    lowering.enter(&rule.id);
    // INVARIANT: a clause that narrows a permit is never left out.
    for (what, written) in [("via", rule.via.is_some()), ("within", rule.within.is_some())] {
        if written {
            return Err(LowerError::NotDecidedYet { rule: rule.id.to_string(), what, at: rule.span });
        }
    }
    let package = policies.packages.iter().find(|package| package.name == rule.id.package);
    let written: &[checked::Expr] = match &rule.condition.kind {
        checked::ExprKind::And(parts) => parts,
        checked::ExprKind::Literal(Value::Bool(true)) => &[],
        _ => std::slice::from_ref(&rule.condition),
    };
    let mut conjuncts = Vec::with_capacity(written.len());
    for part in written {
        let before = lowering.pools.nodes.len();
        let ix = lowering.expr(part)?;
        conjuncts.push((cost(lowering.pools.nodes.get(before..).unwrap_or(&[])), ix));
    }
    // WHY: `and` commutes in Kleene's logic, so the cheapest test may go first without changing any answer.
    conjuncts.sort_by_key(|(cost, _)| *cost);
    let conjuncts: Vec<u32> = conjuncts.into_iter().map(|(_, ix)| ix).collect();
    let hot = Rule {
        effect: rule.effect,
        subjects: selector(lowering, rule.subjects.as_ref())?,
        actors: selector(lowering, rule.actors.as_ref())?,
        resources: selector(lowering, rule.resources.as_ref())?,
        conjuncts: lowering.pools.list(&conjuncts)?,
        actions: rule.actions.as_ref().map(|actions| lowering.pools.action_run(actions)).transpose()?,
        valid_until: package.and_then(|package| package.valid_until),
    };
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
        },
        version: package.and_then(|package| package.version.as_deref().map(Arc::from)),
        approved_by: package.and_then(|package| package.approved_by.as_deref().map(Arc::from)),
        severity: rule.severity,
        because,
        obligations: duties(lowering, &rule.obligations)?,
        advice: duties(lowering, &rule.advice)?,
    };
    Ok((hot, card))
}

fn selector(lowering: &mut Lowering<'_>, selector: Option<&checked::Selector>) -> Result<Run, LowerError> {
    let mut terms = Vec::new();
    for term in selector.map(|selector| selector.terms.as_slice()).unwrap_or_default() {
        terms.push(match term {
            checked::Term::Type(of) => Term { of: *of, scope: Scope::All },
            checked::Term::Entity(of, entity) => {
                Term { of: *of, scope: Scope::Exact(lowering.constant(entity, Some(*of))?) }
            }
            checked::Term::MemberOf(of, entity) => {
                Term { of: *of, scope: Scope::Member(lowering.constant(entity, None)?) }
            }
        });
    }
    lowering.pools.term_run(&terms)
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
            Node::Follow(_) | Node::MemberOf(..) => 20,
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
