//! What may be asked for where the answer is no: an approval by the template that a rule names, and whether an intent
//! can be fulfilled at all.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use remit_graph::NodeId;
use remit_model::{EntityRef, Intent, Name, Scope, Task};

use crate::bind::Bound;
use crate::eval::Eval;
use crate::layers;
use crate::lower::{Effect, Who};
use crate::program::Card;
use crate::query::Query;
use crate::truth::Truth;
use crate::verdict::Verdict;

/// A rule by which a denial may be turned into an access request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requestable {
    /// `package.name`
    pub rule: Arc<str>,
    /// The template that the rule names.
    pub template: Name,
}

/// By which rules the denial may be turned into an access request. Where forbids and requires deny, each of them must
/// say so; else every permit that speaks of this subject, actor, action and resource and says so. What makes the
/// question itself count for nothing — the chain, the tool, the transaction — no approval mends.
#[must_use]
pub fn requestable(bound: &Bound, query: &Query<'_>, verdict: &Verdict) -> Vec<Requestable> {
    let grave = verdict.failures.iter().any(|failure| layers::rank(failure.reason) < layers::RULES);
    if verdict.decision || grave || query.unsupported.is_some() || query.action.id.is_none() {
        return Vec::new();
    }
    let request = |card: &Card| {
        let template = card.on_request.clone()?;
        Some(Requestable { rule: Arc::clone(&card.text), template })
    };
    let program = bound.program();
    if !verdict.determining.is_empty() {
        let denying = verdict.determining.iter().map(|hit| request(program.card(hit.rule.0)));
        return denying.collect::<Option<_>>().unwrap_or_default();
    }
    let eval = Eval::new(bound, query);
    let permits = program.rules.iter().zip(&program.cards).filter(|(rule, card)| {
        rule.effect == Effect::Permit
            && card.on_request.is_some()
            && !eval.expired(rule)
            && eval.speaks_of_action(rule)
            && [(rule.subjects, Who::Subject), (rule.actors, Who::Actor), (rule.resources, Who::Resource)]
                .into_iter()
                .all(|(run, who)| eval.selects(run, who) == Truth::True)
    });
    permits.filter_map(|(_, card)| request(card)).collect()
}

/// The tasks of an intent, by name, that no enabled agent of the graph can fulfil: those on tools that no skill of any of
/// them uses, and, where the intent names its skills, every task when none of them owns one. The query gives subject
/// and time; of its chain, agents and tool nothing is read.
#[must_use]
pub fn unfulfilled(bound: &Bound, query: &Query<'_>, intent: &Intent) -> Vec<Name> {
    let eval = Eval::new(bound, query);
    let types = eval.program.cast.agents().iter();
    let agents: Vec<NodeId> = types
        .flat_map(|of| eval.graph.nodes_of(*of))
        .map(NodeId)
        .filter(|agent| !eval.is_open(*agent) && layers::is_enabled(&eval, *agent))
        .collect();
    let mut names: Vec<Name> = intent
        .tasks
        .iter()
        .filter(|task| !fulfilled(&eval, intent, task, &agents))
        .map(|task| task.name.clone())
        .collect();
    names.sort();
    names
}

fn fulfilled(eval: &Eval<'_>, intent: &Intent, task: &Task, agents: &[NodeId]) -> bool {
    let admitted = |skill| {
        let named = intent.skills.as_ref();
        named.is_none_or(|all| all.contains(&eval.graph.entity(skill)))
    };
    let Some(tools) = tools(eval, task) else {
        return intent.skills.is_none()
            || agents.iter().any(|agent| {
                let mut any = false;
                eval.skills(Some(*agent), &mut |skill| any |= admitted(skill));
                any
            });
    };
    agents.iter().any(|agent| {
        tools.iter().any(|tool| {
            let mut any = intent.skills.is_none() && eval.has_tool(*agent, *tool);
            eval.skills_for(Some(*agent), Some(*tool), &mut |skill| any |= admitted(skill));
            any
        })
    })
}

/// The tools that a task acts upon; nothing when it acts upon anything else.
fn tools(eval: &Eval<'_>, task: &Task) -> Option<Vec<NodeId>> {
    let of =
        |kind: &Name| eval.program.type_id(kind.as_str()).filter(|of| eval.program.cast.is_tool(Some(*of)));
    let all = |kind: &Name| Some(eval.graph.nodes_of(of(kind)?).map(NodeId).collect::<Vec<_>>());
    let one = |entity: &EntityRef| Some(eval.graph.node(of(&entity.kind)?, &entity.id));
    match &task.resource {
        Scope::Any(kind) => all(kind),
        Scope::AnyOf(kinds) => kinds.iter().map(all).collect::<Option<Vec<_>>>().map(|all| all.concat()),
        Scope::OneOf(entities) => {
            let nodes = entities.iter().map(one).collect::<Option<Vec<_>>>();
            nodes.map(|nodes| nodes.into_iter().flatten().collect())
        }
        Scope::Under(..) => None,
    }
}
