//! Why, and why not: each rule that speaks of the question with the first part that does not hold, how memberships
//! came about, and the nearest change that would allow. Slow and complete; never on the way of a decision.

mod agency;
mod path;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use remit_model::transaction::Misfit;
use remit_model::{EntityRef, Name};

use crate::bind::Bound;
use crate::combine::{evaluate_explained, hit};
use crate::eval::Eval;
use crate::limits::MAX_TRACES;
use crate::lower::{Effect, Span, Who};
use crate::program::{Ix, Rule, RuleIndex, Run};
use crate::query::Query;
use crate::truth::Truth;
use crate::verdict::Verdict;

/// A clause of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clause {
    /// `for`
    For,
    /// `as`
    As,
    /// `on`
    On,
    /// `via`
    Via,
    /// `within`
    Within,
    /// `when`, `unless`, `that`
    When,
}

/// A part of a rule that is not true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// Where it belongs.
    pub clause: Clause,
    /// The condition's place in the source; for a selector, the place of the rule.
    pub span: Span,
    /// The selector in words; empty for a condition, whose text is at `span`.
    pub text: String,
    /// False or unknown.
    pub truth: Truth,
    /// What was missing, when something was.
    pub missing: Option<Arc<str>>,
}

/// How one rule came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleTrace {
    /// Its place in the program.
    pub rule: RuleIndex,
    /// `package.name`
    pub id: Arc<str>,
    /// What it says.
    pub effect: Effect,
    /// The rule's place in the source.
    pub span: Span,
    /// How it came out.
    pub truth: Truth,
    /// A permit whose package is past its date.
    pub expired: bool,
    /// The first part, in written order, that does not hold.
    pub failing: Option<Failing>,
    /// Its text for people, when it applies.
    pub because: Option<String>,
}

/// A task of the intent, and why the step is not one of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskTrace {
    /// The task.
    pub task: Name,
    /// The first thing that does not fit; `None` when the step fits.
    pub misfit: Option<Misfit>,
}

/// A change of the question after which the layer that denies would not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// These tasks come first.
    DoFirst(Vec<Name>),
    /// Another value for this field of the task: `tasks.pay.arguments.amount`.
    Replace(String),
    /// The question without this field.
    Remove(String),
    /// The question with this field.
    Add(String),
    /// One of these agents acts, which have a skill that uses the tool; at most ten are named.
    Through(Vec<EntityRef>),
    /// Somebody approves the tool's definition anew.
    Approve(EntityRef),
    /// A new transaction is opened.
    Reopen,
}

/// The least that would have to be different for an allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// The permit that is closest, when none applies.
    pub permit: Option<Arc<str>>,
    /// What it lacks.
    pub needs: Vec<Failing>,
    /// Forbids and requires that stand in the way.
    pub blocked_by: Vec<Arc<str>>,
    /// What would remove the gravest failure of agents, purpose and history, where one change can.
    pub change: Option<Change>,
}

/// A verdict with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The answer, exactly as evaluation gives it, with everything that was read.
    pub verdict: Verdict,
    /// Every rule for this action and these types, by id.
    pub rules: Vec<RuleTrace>,
    /// How many more there are.
    pub omitted: usize,
    /// For each clause that rests on membership: from the party to the group, edge by edge.
    pub paths: Vec<Vec<EntityRef>>,
    /// From the current agent to the tool, mostly over a skill; empty when there is no such way, or no tool.
    pub capability: Vec<EntityRef>,
    /// Every task of the intent, by name.
    pub tasks: Vec<TaskTrace>,
    /// On a deny, what would have been enough.
    pub nearest: Option<Nearest>,
}

/// Explains the answer to a query.
#[must_use]
pub fn explain(bound: &Bound, query: &Query<'_>) -> Explanation {
    let verdict = evaluate_explained(bound, query);
    let eval = Eval::new(bound, query);
    let speaking: Vec<u32> = (0..u32::try_from(bound.program().rule_count()).unwrap_or(u32::MAX))
        .filter(|ix| speaks(&eval, eval.program.rule(*ix)))
        .collect();
    let omitted = speaking.len().saturating_sub(MAX_TRACES);
    let rules = speaking.iter().take(MAX_TRACES).map(|ix| trace(&eval, *ix)).collect();
    let mut paths: Vec<Vec<EntityRef>> = Vec::new();
    for hit in &verdict.determining {
        path::of_rule(&eval, eval.program.rule(hit.rule.0), &mut paths);
    }
    paths.sort();
    paths.dedup();
    let nearest = (!verdict.decision).then(|| nearest(&eval, &speaking, &verdict));
    let (capability, tasks) = (agency::capability(&eval), agency::tasks(&eval));
    Explanation { verdict, rules, omitted, paths, capability, tasks, nearest }
}

/// Whether the rule is for this action and these types of parties.
fn speaks(eval: &Eval<'_>, rule: &Rule) -> bool {
    let typed = |run: Run, who| {
        let of = eval.party(who).type_id;
        run.len == 0 || eval.program.term_run(run).iter().any(|term| Some(term.of) == of)
    };
    eval.speaks_of_action(rule)
        && typed(rule.subjects, Who::Subject)
        && typed(rule.actors, Who::Actor)
        && typed(rule.resources, Who::Resource)
}

fn trace(eval: &Eval<'_>, ix: u32) -> RuleTrace {
    let rule = eval.program.rule(ix);
    let card = eval.program.card(ix);
    let truth = eval.rule(rule);
    let failing = if truth == Truth::True { None } else { failing(eval, ix).into_iter().next() };
    RuleTrace {
        rule: RuleIndex(ix),
        id: Arc::clone(&card.text),
        effect: rule.effect,
        span: card.span,
        truth,
        expired: eval.expired(rule),
        failing,
        because: (truth == Truth::True).then(|| hit(eval, ix, truth).because).flatten(),
    }
}

/// Every part of a rule that is not true, in written order.
fn failing(eval: &Eval<'_>, ix: u32) -> Vec<Failing> {
    let rule = eval.program.rule(ix);
    let card = eval.program.card(ix);
    let clauses = [
        (Clause::For, rule.subjects, Who::Subject, &card.selectors.subjects),
        (Clause::As, rule.actors, Who::Actor, &card.selectors.actors),
        (Clause::On, rule.resources, Who::Resource, &card.selectors.resources),
    ];
    let mut failing = Vec::new();
    for (clause, run, who, text) in clauses {
        eval.begin();
        let truth = eval.selects(run, who);
        if truth != Truth::True {
            let missing = (truth == Truth::Unknown).then(|| Arc::from(words(who)));
            failing.push(Failing { clause, span: card.span, text: text.clone(), truth, missing });
        }
    }
    if let Some(beyond) = rule.beyond.and_then(|beyond| eval.program.beyond(beyond)) {
        let clauses = [
            (Clause::Via, eval.goes_via(beyond.via), &card.selectors.via),
            (Clause::Within, eval.within_intents(beyond), &card.selectors.within),
        ];
        for (clause, truth, text) in clauses {
            if truth != Truth::True {
                let missing = (truth == Truth::Unknown).then(|| Arc::from("skill"));
                failing.push(Failing { clause, span: card.span, text: text.clone(), truth, missing });
            }
        }
    }
    let mut conjuncts: Vec<Ix> = eval.program.list(rule.conjuncts).to_vec();
    conjuncts.sort_by_key(|ix| (eval.program.span(*ix), *ix));
    for conjunct in conjuncts {
        eval.begin();
        let truth = eval.truth(conjunct);
        if truth != Truth::True {
            let missing = if truth == Truth::Unknown { eval.missing() } else { None };
            let missing = missing.and_then(|ix| eval.program.path(ix).cloned());
            let span = eval.program.span(conjunct);
            failing.push(Failing { clause: Clause::When, span, text: String::new(), truth, missing });
        }
    }
    failing
}

fn words(who: Who) -> &'static str {
    match who {
        Who::Subject => "subject",
        Who::Actor => "actor",
        Who::Resource => "resource",
    }
}

fn nearest(eval: &Eval<'_>, speaking: &[u32], verdict: &Verdict) -> Nearest {
    let blocked_by = verdict.determining.iter().map(|hit| Arc::clone(&hit.id)).collect();
    let change = verdict.failures.first().and_then(|failure| agency::change(eval, failure));
    let permits = || {
        let live = speaking.iter().copied().filter(|ix| {
            let rule = eval.program.rule(*ix);
            rule.effect == Effect::Permit && !eval.expired(rule)
        });
        live.map(|ix| (ix, failing(eval, ix)))
    };
    // WHY: on a tie the rule with the smaller id, so that the same question always gets the same hint.
    let closest = permits().min_by_key(|(ix, failing)| (failing.len(), *ix));
    let lacking = closest.filter(|(_, failing)| !failing.is_empty());
    match lacking {
        Some((ix, needs)) => {
            Nearest { permit: Some(Arc::clone(&eval.program.card(ix).text)), needs, blocked_by, change }
        }
        None => Nearest { permit: None, needs: Vec::new(), blocked_by, change },
    }
}
