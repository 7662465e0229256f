//! What an explanation says of agents, purpose and history.

use super::*;
use crate::{Change, explain};

fn explained(ask: &Ask<'_>) -> crate::Explanation {
    ask.with(&world(), explain)
}

fn change(ask: &Ask<'_>) -> Option<Change> {
    explained(ask).nearest.unwrap().change
}

#[test]
fn it_shows_the_way_to_the_tool_and_who_else_has_one() {
    let call = |agents| Ask { agents, action: "call", resource: "tool:wire", ..Ask::default() };
    let found = explained(&call(&["leaf"]));
    assert_eq!(found.capability, ["agent:leaf", "skill:paying", "tool:wire"].map(entity));
    assert_eq!(found.nearest, None);
    assert_eq!(explained(&call(&["root"])).capability, []);
    assert_eq!(change(&call(&["root"])), Some(Change::Through(vec![entity("agent:leaf")])));
    let changed = Ask { tool: Some(("wire", Some("h2"))), ..call(&["leaf"]) };
    assert_eq!(change(&changed), Some(Change::Approve(entity("tool:wire"))));
}

#[test]
fn it_shows_every_task_and_the_nearest_change() {
    let bound = world();
    let fresh = [Arc::new(transaction(opened(&bound), &[]))];
    let looked = [Arc::new(transaction(opened(&bound), &[("look", "read", "invoice:i1")]))];
    let properties = [("amount", amount(100))];
    let send = |lineage, properties| Ask {
        agents: &["leaf"],
        action: "transfer",
        resource: "account:acme",
        properties,
        lineage,
        ..Ask::default()
    };
    let early = explained(&send(&fresh, &properties));
    let misfits: Vec<_> = early
        .tasks
        .iter()
        .map(|trace| (trace.task.as_str(), trace.misfit.as_ref().map(|misfit| &*misfit.field)))
        .collect();
    assert_eq!(misfits, [("look", Some("tasks.look.actions")), ("send", Some("tasks.send.after.look"))]);
    assert_eq!(early.nearest.unwrap().change, Some(Change::DoFirst(vec![name("look")])));
    let much = [("amount", amount(600))];
    let outside = Some(Change::Replace("tasks.send.arguments.amount".to_owned()));
    assert_eq!(change(&send(&looked, &much)), outside);
    let missing = Some(Change::Add("tasks.send.arguments.amount".to_owned()));
    assert_eq!(change(&send(&looked, &[])), missing);
    let fitting = explained(&send(&looked, &properties));
    assert!(fitting.verdict.decision && fitting.tasks[1].misfit.is_none());
}
