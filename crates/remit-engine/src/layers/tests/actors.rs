//! Chains, skills, tools and fingerprints.

use remit_model::Reason;

use super::*;
use crate::LayerOutcome;

fn call<'t>(agents: &'t [&'t str], tool: &'t str) -> Ask<'t> {
    Ask { agents, action: "call", resource: tool, ..Ask::default() }
}

#[test]
fn a_chain_is_made_of_known_enabled_agents_each_given_its_task() {
    let table: &[(&[&str], Reason)] = &[
        (&["leaf"], Reason::Permitted),
        (&["leaf", "root"], Reason::Permitted),
        (&["nobody"], Reason::ChainUnknownAgent),
        (&["leaf", "nobody"], Reason::ChainUnknownAgent),
        (&["off", "root"], Reason::ChainAgentDisabled),
        (&["leaf", "root", "leaf"], Reason::ChainLoop),
        (&["root", "leaf"], Reason::ChainNotDelegated),
        (&["leaf", "idle"], Reason::ChainNotDelegated),
    ];
    let bound = world();
    for (agents, reason) in table {
        let ask = Ask { agents, action: "read", resource: "invoice:i1", ..Ask::default() };
        let verdict = ask.verdict(&bound);
        assert_eq!(verdict.reason, *reason, "{agents:?}");
        let fails = *reason != Reason::Permitted;
        assert_eq!(verdict.layers.actor_may == LayerOutcome::Fails, fails, "{agents:?}");
        assert_eq!(verdict.layers.subject_may, LayerOutcome::Holds, "{agents:?}");
    }
}

#[test]
fn a_chain_has_a_longest_length_of_its_own() {
    let bound = world();
    let many = vec!["leaf"; crate::limits::MAX_CHAIN + 1];
    assert_eq!(call(&many, "tool:wire").reason(&bound), Reason::ChainTooDeep);
    let fewer = vec!["leaf"; crate::limits::MAX_CHAIN];
    assert_eq!(call(&fewer, "tool:wire").reason(&bound), Reason::ChainLoop);
}

#[test]
fn a_tool_is_used_over_a_skill_of_the_current_agent() {
    let bound = world();
    assert_eq!(call(&["leaf"], "tool:wire").reason(&bound), Reason::Permitted);
    assert_eq!(
        call(&["root"], "tool:wire").reason(&bound),
        Reason::ToolNotInSkill,
        "earlier skills do not count"
    );
    assert_eq!(call(&["leaf"], "tool:new").reason(&bound), Reason::ToolNotInSkill, "no skill uses it");
    assert_eq!(call(&["leaf"], "tool:none").reason(&bound), Reason::ToolNotInSkill, "there is none");
    assert_eq!(call(&[], "tool:new").reason(&bound), Reason::Permitted, "nobody acts for ann");
    let named = |tool| Ask {
        agents: &["leaf"],
        action: "read",
        resource: "invoice:i1",
        tool: Some((tool, None)),
        ..Ask::default()
    };
    assert_eq!(named("scan").reason(&bound), Reason::Permitted);
    assert_eq!(named("new").reason(&bound), Reason::ToolNotInSkill);
}

#[test]
fn a_tool_is_the_one_that_was_approved() {
    let bound = world();
    let described = |tool, hash| Ask { tool: Some((tool, Some(hash))), ..call(&["leaf"], "tool:wire") };
    assert_eq!(described("wire", "h1").reason(&bound), Reason::Permitted);
    assert_eq!(described("wire", "h2").reason(&bound), Reason::ToolFingerprintChanged);
    assert_eq!(described("scan", "h1").reason(&bound), Reason::ToolFingerprintChanged, "never approved");
    let verdict = described("wire", "h2").verdict(&bound);
    assert!(verdict.failures[0].detail.contains("`h1`"), "{:?}", verdict.failures);
    assert!(verdict.severity().is_some(), "a changed tool is an incident");
}

#[test]
fn a_permit_says_over_what_it_goes() {
    let via = |term| Rule { via: Some(Selector { terms: vec![term] }), ..permit("via") };
    let over = |term| bind(&policies(vec![via(term)], vec![], vec![]));
    let table = [
        (Term::Entity(SKILL, entity("skill:paying")), "tool:wire", Reason::Permitted),
        (Term::Entity(SKILL, entity("skill:paying")), "tool:scan", Reason::NoPermitApplies),
        (Term::Entity(TOOL, entity("tool:scan")), "tool:scan", Reason::Permitted),
        (Term::Entity(TOOL, entity("tool:scan")), "tool:wire", Reason::NoPermitApplies),
    ];
    for (term, tool, reason) in table {
        assert_eq!(call(&["leaf"], tool).reason(&over(term.clone())), reason, "{term:?} {tool}");
    }
}

#[test]
fn a_layer_never_hides_what_the_subject_may_not_do() {
    let nobody = bind(&policies(vec![], vec![pay()], vec![]));
    let verdict = call(&["leaf"], "tool:wire").verdict(&nobody);
    assert_eq!((verdict.reason, verdict.failures.len()), (Reason::NoPermitApplies, 0));
    let both = call(&["root"], "tool:wire").verdict(&nobody);
    assert_eq!(both.reason, Reason::ToolNotInSkill, "who acts goes before what the subject may");
    assert_eq!(both.layers.subject_may, LayerOutcome::Fails);
}
