//! Layer `actor_may`: everybody who acts is a known, enabled agent to whom the one before delegated, the tool is the
//! one that was approved, and the current agent has a skill that uses it. Earlier agents only narrow.

use remit_graph::NodeId;
use remit_model::{Reason, Value};

use super::Findings;
use crate::eval::Eval;
use crate::limits::MAX_CHAIN;
use crate::query::Party;
use crate::verdict::Layer;

/// Adds the first thing that is wrong; nothing is asked when nobody acts for the subject and no tool is described.
pub(super) fn judge(eval: &Eval<'_>, findings: &mut Findings) {
    let Some(agency) = eval.query.agency else { return };
    let described = agency.tool.is_some_and(|tool| tool.fingerprint.is_some());
    if agency.chain.is_empty() && !described {
        return;
    }
    findings.present(Layer::ActorMay);
    let found = members(eval, agency.chain)
        .and_then(|()| delegated(eval, agency.chain))
        .and_then(|()| fingerprint(eval))
        .and_then(|()| capable(eval, agency.chain));
    if let Err((reason, field, detail)) = found {
        findings.fail(Layer::ActorMay, reason, field, detail);
    }
}

type Found = Result<(), (Reason, &'static str, String)>;

fn members(eval: &Eval<'_>, chain: &[Party<'_>]) -> Found {
    if chain.len() > MAX_CHAIN {
        return Err((Reason::ChainTooDeep, "chain", format!("has more than {MAX_CHAIN} agents")));
    }
    for (at, agent) in chain.iter().enumerate() {
        let known = agent.node.is_some_and(|node| !eval.is_open(node));
        if !known || !eval.program.cast.is_agent(agent.type_id) {
            return Err((Reason::ChainUnknownAgent, "chain", format!("{} is no known agent", shown(agent))));
        }
        let before = chain.get(..at).unwrap_or(&[]);
        if before.iter().any(|other| other.node == agent.node) {
            return Err((Reason::ChainLoop, "chain", format!("{} acts twice", shown(agent))));
        }
        if !agent.node.is_some_and(|node| is_enabled(eval, node)) {
            return Err((Reason::ChainAgentDisabled, "chain", format!("{} is not enabled", shown(agent))));
        }
    }
    Ok(())
}

/// An agent whose type declares `enabled` must be known to be so.
pub(crate) fn is_enabled(eval: &Eval<'_>, agent: NodeId) -> bool {
    let of = eval.graph.type_of(agent);
    let Some(attribute) = eval.program.cast.enabled(eval.program.schema(), of) else { return true };
    matches!(eval.graph.property(agent, attribute), Some(Value::Bool(true)))
}

/// From the subject to the origin and on to the current agent: whoever is of a type that declares `delegates` must
/// have delegated to the next.
fn delegated(eval: &Eval<'_>, chain: &[Party<'_>]) -> Found {
    let givers = std::iter::once(&eval.query.subject).chain(chain.iter().rev());
    for (giver, taker) in givers.zip(chain.iter().rev()) {
        let Some(of) = giver.type_id else { continue };
        let Some(relation) = eval.program.cast.delegates(eval.program.schema(), of) else { continue };
        let gave = giver.node.is_some_and(|node| {
            eval.graph.out(node, relation, eval.query.now).any(|edge| Some(edge.node) == taker.node)
        });
        if !gave {
            // WHY: the subject may be a person, whose id is nobody's business in a reason.
            let by = if std::ptr::eq(giver, &raw const eval.query.subject) {
                "the subject".to_owned()
            } else {
                shown(giver)
            };
            return Err((
                Reason::ChainNotDelegated,
                "chain",
                format!("{by} did not delegate to {}", shown(taker)),
            ));
        }
    }
    Ok(())
}

/// A described tool must be described as it was approved.
fn fingerprint(eval: &Eval<'_>) -> Found {
    let Some(tool) = eval.query.agency.and_then(|agency| agency.tool) else { return Ok(()) };
    let (Some(asked), Some(of)) = (tool.fingerprint, tool.party.type_id) else { return Ok(()) };
    let Some(attribute) = eval.program.cast.definition(eval.program.schema(), of) else { return Ok(()) };
    match tool.party.node.and_then(|node| eval.graph.property(node, attribute)) {
        Some(Value::String(approved)) if **approved == *asked => Ok(()),
        Some(Value::String(approved)) => {
            let detail = format!("{} was approved as `{approved}`", shown(&tool.party));
            Err((Reason::ToolFingerprintChanged, "tool", detail))
        }
        _ => Err((
            Reason::ToolFingerprintChanged,
            "tool",
            format!("{} was never approved", shown(&tool.party)),
        )),
    }
}

/// A tool is used by an agent that has it, directly or over a skill.
fn capable(eval: &Eval<'_>, chain: &[Party<'_>]) -> Found {
    let (Some(agent), Some(tool)) = (chain.first(), eval.tool()) else { return Ok(()) };
    let direct = matches!((agent.node, tool.node), (Some(agent), Some(tool)) if eval.has_tool(agent, tool));
    let mut over_skill = false;
    if !direct {
        eval.skills_for(agent.node, tool.node, &mut |_| over_skill = true);
    }
    if direct || over_skill {
        return Ok(());
    }
    let detail = format!("no skill of {} uses {}", shown(agent), shown(&tool));
    Err((Reason::ToolNotInSkill, "tool", detail))
}

/// `agent:"invoicer"`
pub(super) fn shown(party: &Party<'_>) -> String {
    format!("{}:{:?}", party.type_name, party.id)
}
