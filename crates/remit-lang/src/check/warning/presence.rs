//! A forbid or require that speaks of every request denies whatever lacks a value it reads. Unless it tests for
//! the value, its author is told.

use std::collections::BTreeMap;

use remit_model::{AttrId, MessageFact, Provenance, Ty};

use crate::checked::{ChainPart, Effect, Expr, ExprKind, Fact};
use crate::source::{Sources, Span};

use super::super::findings::Findings;
use super::super::rule::Ruled;
use super::super::world::World;
use super::{Warning, identity};

/// Warns of every such value, once per rule and value.
pub(in crate::check) fn warn(world: &World, rules: &[Ruled], sources: &Sources, findings: &mut Findings) {
    for Ruled { rule, name_at } in rules {
        let scoped = rule.subjects.is_some()
            || rule.actors.is_some()
            || rule.actions.is_some()
            || rule.resources.is_some()
            || rule.via.is_some()
            || rule.within.is_some();
        if scoped || rule.effect == Effect::Permit {
            continue;
        }
        let mut reads = Reads { world, read: BTreeMap::new(), tested: Vec::new() };
        reads.walk(&rule.condition);
        for (path, span) in &reads.read {
            if reads.tested.iter().any(|tested| tested.contains(path.as_str())) {
                continue;
            }
            findings.warn(Warning::MayBeMissing {
                rule: rule.id.name.as_str().to_owned(),
                path: sources.text(*span).to_owned(),
                at: *span,
                rule_at: *name_at,
            });
        }
    }
}

/// The values a condition reads that may be missing, and those it tests for.
struct Reads<'w> {
    world: &'w World,
    read: BTreeMap<String, Span>,
    tested: Vec<String>,
}

impl Reads<'_> {
    fn walk(&mut self, expr: &Expr) {
        match &expr.kind {
            // Whoever tests for `a.b` has tested for `a` too: its text holds the other's.
            ExprKind::Present(base, _) => self.tested.push(identity::of(base)),
            ExprKind::Context(_)
            | ExprKind::Token(_)
            | ExprKind::Outside(..)
            | ExprKind::Transaction(_)
            | ExprKind::Intent(_)
            | ExprKind::Chain(ChainPart::Current | ChainPart::Origin | ChainPart::Assurance)
            | ExprKind::ActionProperty(_)
            | ExprKind::Member(..) => self.found(expr),
            ExprKind::Message(name) => {
                // Whatever there is of a message, these are found out; the schema that makes one valid may be missing.
                if MessageFact::named(name.as_str()).is_none_or(|fact| fact == MessageFact::Valid) {
                    self.found(expr);
                }
            }
            ExprKind::Attribute(base, id) | ExprKind::Follow { base, relation: id, filter: None, .. } => {
                if self.may_be_missing(base, *id) {
                    self.found(expr);
                }
                self.walk(base);
            }
            ExprKind::Follow { base, filter: Some(filter), .. } => {
                self.walk(base);
                self.walk(filter);
            }
            ExprKind::Signal(_, Fact::Risk) => self.found(expr),
            ExprKind::Signal(_, fact) => fact.parts().into_iter().for_each(|one| self.walk(one)),
            ExprKind::Literal(_)
            | ExprKind::Limit(_)
            | ExprKind::Party(_)
            | ExprKind::Now
            | ExprKind::Pep
            | ExprKind::ActionName
            | ExprKind::Variable(_)
            | ExprKind::Chain(ChainPart::Agents)
            | ExprKind::ChainMatches(_)
            | ExprKind::AnyToken
            | ExprKind::Task { .. }
            | ExprKind::EdgeProperty(_) => {}
            ExprKind::Not(a) | ExprKind::Is(a, _) | ExprKind::Matches(a, _) | ExprKind::Count(a) => {
                self.walk(a)
            }
            ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Set(all) => {
                all.iter().for_each(|one| self.walk(one));
            }
            ExprKind::Compare(_, a, b)
            | ExprKind::Text(_, a, b)
            | ExprKind::Arithmetic(_, a, b)
            | ExprKind::Consent(a, b)
            | ExprKind::Contains { set: a, item: b }
            | ExprKind::HasAny(a, b)
            | ExprKind::HasAll(a, b)
            | ExprKind::MemberOf(a, b)
            | ExprKind::Within(a, b)
            | ExprKind::AnyOf { set: a, body: b, .. }
            | ExprKind::AllOf { set: a, body: b, .. } => [a, b].into_iter().for_each(|one| self.walk(one)),
            ExprKind::If(a, b, c) => [a, b, c].into_iter().for_each(|one| self.walk(one)),
        }
    }

    fn found(&mut self, expr: &Expr) {
        let span = self.read.entry(identity::of(expr)).or_insert(expr.span);
        *span = (*span).min(expr.span);
    }

    /// True when the schema lets an entity be without the value, or without it in the graph.
    fn may_be_missing(&self, base: &Expr, id: AttrId) -> bool {
        let (Ty::Entity(types), single) = (match &base.ty {
            Ty::Set(inner) => (&**inner, false),
            other => (other, true),
        }) else {
            return false;
        };
        let declared = self.world.possible(types).iter();
        let mut declared = declared.filter_map(|of| self.world.schema.attribute(*of, id));
        declared.any(|attribute| {
            let many = attribute.relation.as_ref().is_some_and(|relation| relation.many);
            let elsewhere = !attribute.sources.contains(&Provenance::Graph);
            single && !many && (attribute.optional || elsewhere)
        })
    }
}
