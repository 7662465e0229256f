//! A pattern as a condition. The nodes of the pattern form trees below `subject` and `resource`; an edge becomes a step
//! along a relation, a node with conditions of its own a quantifier. Where a pattern says less or more than the language
//! can, it is refused: every condition made here holds exactly when the pattern matches.

mod compare;
mod pattern;
mod steps;

use std::collections::BTreeSet;

use super::cypher::{Condition, Fault, Query, fault};
use super::graph::Graph;
use crate::ibac::name;
pub(super) use compare::parameter;
use pattern::{Pattern, Place};
use remit_lang::is_word;
use steps::Way;

/// What a translation needs to know.
pub(super) struct Translator<'a> {
    pub(super) graph: &'a Graph,
    pub(super) subject: &'a str,
    pub(super) resource: &'a str,
    /// Parameters that the pattern reads; a request without one of them is denied.
    pub(super) parameters: BTreeSet<String>,
    /// Names of quantifiers given so far.
    variables: usize,
}

/// Where a walk stands: the expression, and the type of what it gives.
#[derive(Clone)]
struct Stand {
    expr: String,
    of: String,
}

impl<'a> Translator<'a> {
    pub(super) fn new(graph: &'a Graph, subject: &'a str, resource: &'a str) -> Self {
        Self { graph, subject, resource, parameters: BTreeSet::new(), variables: 0 }
    }

    /// The condition that holds exactly when the pattern matches.
    pub(super) fn query(&mut self, query: &Query) -> Result<String, Fault> {
        let mut pattern = Pattern::of(query, self.subject, self.resource)?;
        steps::distinct(&pattern, self.graph)?;
        if let Some(condition) = &query.condition {
            let parts = match condition {
                Condition::And(all) => all.as_slice(),
                one => std::slice::from_ref(one),
            };
            for part in parts {
                pattern.attach(part)?;
            }
        }
        let mut parts = Vec::new();
        let roots = [("subject", self.subject), ("resource", self.resource)];
        let stand = |root: &str, of: &str| Stand { expr: root.to_owned(), of: of.to_owned() };
        let both: Vec<_> = roots.iter().map(|(root, of)| ((*root).to_owned(), stand(root, of))).collect();
        for (root, of) in roots {
            let Some(node) = pattern.named(root) else {
                return Err(fault(0, format!("the pattern does not bind `{root}`")));
            };
            if !self.graph.types.contains_key(of) {
                return Err(fault(0, format!("the graph has no node of type `{of}`")));
            }
            self.node(&pattern, node, &stand(root, of), &mut both.clone(), &mut parts)?;
        }
        Ok(if parts.is_empty() { "true".to_owned() } else { parts.join(" and ") })
    }

    /// What must hold at a node: its own conditions, and everything below it.
    fn node(
        &mut self,
        pattern: &Pattern<'_>,
        node: Place,
        stand: &Stand,
        scope: &mut Vec<(String, Stand)>,
        parts: &mut Vec<String>,
    ) -> Result<(), Fault> {
        if let Some(variable) = pattern.variable(node) {
            scope.push((variable.to_owned(), stand.clone()));
        }
        for condition in pattern.conditions(node) {
            parts.push(format!("({})", self.condition(condition, scope)?));
        }
        for (edge, child) in pattern.children(node) {
            let ways = steps::ways(self.graph, edge, &stand.of, pattern.label(child))?;
            let mut alternatives = Vec::new();
            for way in &ways {
                alternatives.push(self.way(pattern, way, child, stand, scope)?);
            }
            alternatives.sort();
            alternatives.dedup();
            parts.push(match alternatives.as_slice() {
                [only] => only.clone(),
                several => format!("({})", several.join(" or ")),
            });
        }
        Ok(())
    }

    /// One way to a child: step by step, with a quantifier where a step may end in several types.
    fn way(
        &mut self,
        pattern: &Pattern<'_>,
        way: &Way,
        child: Place,
        from: &Stand,
        scope: &mut Vec<(String, Stand)>,
    ) -> Result<String, Fault> {
        let bound = pattern.bound(child);
        if way.steps.is_empty() {
            // Zero steps: the end is where the walk stands.
            return match bound {
                Some(root) => Ok(format!("{} == {root}", from.expr)),
                None => self.at_end(pattern, child, from, scope),
            };
        }
        let mut stand = from.clone();
        let mut opened = Vec::new();
        for (at, step) in way.steps.iter().enumerate() {
            let last = at + 1 == way.steps.len();
            let set = step.after(&stand.expr);
            if last && let Some(root) = bound {
                let has = format!("{set} has {root}");
                return Ok(close(opened, has));
            }
            let plain = last && pattern.is_plain(child);
            if step.sure && (plain || !last) {
                stand = Stand { expr: set, of: step.to.clone() };
                continue;
            }
            let variable = self.fresh();
            let guard =
                if step.sure { String::new() } else { format!("{variable} is {} and ", name(&step.to)) };
            opened.push(format!("any {variable} in {set}: {guard}"));
            stand = Stand { expr: variable, of: step.to.clone() };
        }
        let inner = self.at_end(pattern, child, &stand, scope)?;
        Ok(close(opened, inner))
    }

    /// What must hold where a way ends.
    fn at_end(
        &mut self,
        pattern: &Pattern<'_>,
        child: Place,
        stand: &Stand,
        scope: &mut Vec<(String, Stand)>,
    ) -> Result<String, Fault> {
        let depth = scope.len();
        let mut parts = Vec::new();
        self.node(pattern, child, stand, scope, &mut parts)?;
        scope.truncate(depth);
        if parts.is_empty() {
            // Nothing more is asked than that there is one.
            return Ok(if is_word(&stand.expr) {
                "true".to_owned()
            } else {
                format!("count({}) > 0", stand.expr)
            });
        }
        Ok(if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(" and ")) })
    }

    fn fresh(&mut self) -> String {
        self.variables += 1;
        format!("n{}", self.variables)
    }
}

/// Quantifiers around a condition, the outermost first.
fn close(opened: Vec<String>, inner: String) -> String {
    opened.into_iter().rev().fold(inner, |inner, open| format!("({open}{inner})"))
}
