//! What an explanation says of agents, purpose and history.

use remit_graph::NodeId;
use remit_model::{EntityRef, Name, Reason};

use super::{Change, TaskTrace};
use crate::eval::Eval;
use crate::layers;
use crate::limits::{MAX_NAMED_AGENTS, MAX_PATH_NODES};
use crate::verdict::Failure;

/// From the current agent to the tool that is asked for, over the first skill by id, or directly.
pub(super) fn capability(eval: &Eval<'_>) -> Vec<EntityRef> {
    let ends = eval.chain().first().and_then(|agent| agent.node).zip(eval.tool().and_then(|tool| tool.node));
    let Some((agent, tool)) = ends else { return Vec::new() };
    let over = match (eval.has_tool(agent, tool), first_skill(eval, agent, tool)) {
        (true, _) => vec![agent, tool],
        (false, Some(skill)) => vec![agent, skill, tool],
        (false, None) => Vec::new(),
    };
    over.into_iter().map(|node| eval.graph.entity(node)).collect()
}

fn first_skill(eval: &Eval<'_>, agent: NodeId, tool: NodeId) -> Option<NodeId> {
    let mut skills: Vec<NodeId> = Vec::new();
    eval.skills_for(Some(agent), Some(tool), &mut |skill| skills.push(skill));
    skills.into_iter().min_by(|a, b| eval.graph.id_of(*a).cmp(eval.graph.id_of(*b)))
}

/// Every task of the intent with the first thing that does not fit.
pub(super) fn tasks(eval: &Eval<'_>) -> Vec<TaskTrace> {
    layers::trace(eval).into_iter().map(|(task, misfit)| TaskTrace { task, misfit }).collect()
}

/// The change after which the failure would be gone, where one change of the question can do it.
pub(super) fn change(eval: &Eval<'_>, failure: &Failure) -> Option<Change> {
    let field = || failure.field.clone();
    Some(match failure.reason {
        Reason::TaskOutOfOrder => Change::DoFirst(undone(eval, &failure.field)),
        Reason::ArgumentNotAllowed if failure.detail.starts_with("is missing") => Change::Add(field()),
        Reason::ArgumentNotAllowed if failure.detail == "is not named by the task" => Change::Remove(field()),
        Reason::ArgumentNotAllowed | Reason::ArgumentOriginUnknown | Reason::IntentWidened => {
            Change::Replace(field())
        }
        Reason::IntentNotCovering if failure.field.starts_with("tasks.") => Change::Replace(field()),
        Reason::ToolNotInSkill | Reason::SkillMissing => {
            Some(capable(eval)).filter(|agents| !agents.is_empty()).map(Change::Through)?
        }
        Reason::ToolFingerprintChanged => {
            let tool = eval.tool()?;
            Change::Approve(crate::agency::entity(&tool)?)
        }
        Reason::TransactionClosed
        | Reason::TransactionExpired
        | Reason::IntentExpired
        | Reason::TaskRepeated => Change::Reopen,
        _ => return None,
    })
}

/// The tasks that the one in `tasks.NAME.after.…` waits for and that are not done.
fn undone(eval: &Eval<'_>, field: &str) -> Vec<Name> {
    let intent = eval.query.agency.and_then(|agency| agency.intent());
    let waiting = intent.into_iter().flat_map(|intent| &intent.tasks).find(|task| {
        let rest = field.strip_prefix("tasks.").and_then(|rest| rest.strip_prefix(task.name.as_str()));
        rest.is_some_and(|rest| rest.starts_with(".after."))
    });
    let done = |name: &Name| eval.transaction().is_some_and(|transaction| transaction.done(name.as_str()));
    waiting.into_iter().flat_map(|task| &task.after).filter(|first| !done(first)).cloned().collect()
}

/// Enabled agents with a skill that uses the tool, by id.
fn capable(eval: &Eval<'_>) -> Vec<EntityRef> {
    let Some(tool) = eval.tool().and_then(|tool| tool.node) else { return Vec::new() };
    let types = eval.program.cast.agents().iter();
    let agents = types.flat_map(|of| eval.graph.nodes_of(*of)).map(NodeId).take(MAX_PATH_NODES);
    let mut found: Vec<EntityRef> = agents
        .filter(|agent| eval.has_tool(*agent, tool) || first_skill(eval, *agent, tool).is_some())
        .filter(|agent| layers::is_enabled(eval, *agent))
        .map(|agent| eval.graph.entity(agent))
        .collect();
    found.sort();
    found.truncate(MAX_NAMED_AGENTS);
    found
}
