//! CanBank's agents: the chains that its workflows allow, counted from the published data, and its skills and tools.

#![expect(clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

use std::sync::Arc;

use remit_engine::{Agency, Bound, Party, Program, Query, Verdict, evaluate, lower, search};
use remit_graph::{Dangling, Document, load};
use remit_lang::compile;
use remit_lang::source::Sources;
use remit_model::{Reason, Timestamp};

const USERS: [&str; 10] =
    ["millicent", "leslie", "flo", "alexb", "jeff", "joe", "carol", "rebecca", "roy", "jane"];

/// Every workflow with a chain it allows, the agent the person delegated to first: seventeen rows.
const ROWS: [(&str, &[&str]); 17] = [
    ("wf1", &["indykiteagent"]),
    ("wf2", &["indykiteagent"]),
    ("wf3-console", &["indykiteagent"]),
    ("wf-drive-console", &["indykiteagent"]),
    ("wf1", &["indykiteagent", "indykiteagent-2"]),
    ("wf2", &["indykiteagent", "indykiteagent-3"]),
    ("wf3", &["indykiteagent-4"]),
    ("wf-drive-analyst", &["indykiteagent-4"]),
    ("wf3-console", &["indykiteagent", "indykiteagent-4"]),
    ("wf-drive-console", &["indykiteagent", "indykiteagent-4"]),
    ("wf-drive", &["indykiteagent-drive"]),
    ("wf-drive-analyst", &["indykiteagent-4", "indykiteagent-drive"]),
    ("wf-drive-console", &["indykiteagent", "indykiteagent-4", "indykiteagent-drive"]),
    ("wf1", &["indykiteagent", "indykiteagent-2", "indykiteagent-mcp"]),
    ("wf2", &["indykiteagent", "indykiteagent-3", "indykiteagent-mcp"]),
    ("wf3", &["indykiteagent-4", "indykiteagent-mcp"]),
    ("wf3-console", &["indykiteagent", "indykiteagent-4", "indykiteagent-mcp"]),
];

const POLICIES: [(&str, &str); 2] = [
    ("canbank.ibac", include_str!("../../../policies/canbank/canbank.ibac")),
    ("agents.ibac", include_str!("../../../policies/canbank/agents.ibac")),
];
const NODES: &str = include_str!("../../../policies/canbank/nodes.json");
const RELATIONSHIPS: &str = include_str!("../../../policies/canbank/relationships.json");

fn bound() -> Bound {
    let mut sources = Sources::default();
    for (file, text) in POLICIES {
        sources.add(file, text);
    }
    let (policies, _) = compile(&sources).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let program = Arc::new(lower(&policies).expect("the policies are within bounds"));
    let documents = [
        Document::new("nodes.json", NODES.as_bytes()),
        Document::new("relationships.json", RELATIONSHIPS.as_bytes()),
    ];
    let (graph, _) = load(program.schema(), &documents, Dangling::Placeholder).expect("the data is sound");
    Program::bind(program, Arc::new(graph.freeze(1)))
}

fn now() -> Timestamp {
    Timestamp::parse("2026-09-01").expect("a time")
}

/// The answer to a question of a person that comes through a chain, origin first.
fn ask(bound: &Bound, user: &str, chain: &[&str], action: &str, resource: (&str, &str)) -> Verdict {
    let chain: Vec<Party<'_>> = chain.iter().rev().map(|id| Party::resolve(bound, "Agent", id)).collect();
    let agency = Agency { chain: &chain, ..Agency::default() };
    evaluate(bound, &Query::new(bound, ("User", user), action, resource, now()).through(&agency))
}

/// Whether the person may trigger the workflow without any agent.
fn triggers(bound: &Bound, user: &str, workflow: &str) -> bool {
    ask(bound, user, &[], "CAN_TRIGGER", ("Workflow", workflow)).decision
}

#[test]
fn fifty_of_a_hundred_and_seventy_rows_may_run() {
    let bound = bound();
    let mut allowed = 0;
    for user in USERS {
        for (workflow, chain) in ROWS {
            let verdict = ask(&bound, user, chain, "CAN_TRIGGER", ("Workflow", workflow));
            let may = triggers(&bound, user, workflow);
            assert_eq!(verdict.decision, may, "{user} {workflow} {chain:?}: {verdict:?}");
            let expected = if may { Reason::Permitted } else { Reason::NoPermitApplies };
            assert_eq!(verdict.reason, expected, "{user} {workflow} {chain:?}");
            allowed += usize::from(verdict.decision);
        }
    }
    assert_eq!(allowed, 50);
}

#[test]
fn forty_three_of_a_hundred_and_twenty_chains_reach_their_agent() {
    let bound = bound();
    let mut chains: Vec<&[&str]> = ROWS.iter().map(|(_, chain)| *chain).collect();
    chains.sort_unstable();
    chains.dedup();
    assert_eq!(chains.len(), 12);
    let mut per_user = Vec::new();
    for user in USERS {
        let reaches = |chain: &&[&str]| {
            let current = chain.last().copied().unwrap_or_default();
            let verdict = ask(&bound, user, chain, "INVOKE", ("Agent", current));
            let expected = if verdict.decision { Reason::Permitted } else { Reason::NoPermitApplies };
            assert_eq!(verdict.reason, expected, "{user} {chain:?}");
            verdict.decision
        };
        per_user.push((user, chains.iter().filter(|chain| reaches(chain)).count()));
    }
    let expected = USERS.map(|user| match user {
        "millicent" => (user, 12),
        "leslie" | "flo" => (user, 5),
        _ => (user, 3),
    });
    assert_eq!(per_user, expected);
    assert_eq!(per_user.iter().map(|(_, count)| count).sum::<usize>(), 43);
}

#[test]
fn a_chain_is_right_as_a_whole_or_not_at_all() {
    let bound = bound();
    let run =
        |user, chain: &[&str], workflow| ask(&bound, user, chain, "CAN_TRIGGER", ("Workflow", workflow));
    let (ia, two, four, mcp) = ("indykiteagent", "indykiteagent-2", "indykiteagent-4", "indykiteagent-mcp");
    assert_eq!(run("carol", &[ia, two, mcp], "wf1").reason, Reason::Permitted);
    let skipped = run("carol", &[two, mcp], "wf1");
    assert_eq!(skipped.reason, Reason::RequirementFailed);
    assert_eq!(&*skipped.determining[0].id, "canbank.wf1_agents");
    assert_eq!(run("carol", &[ia, four, mcp], "wf1").reason, Reason::RequirementFailed);
    assert_eq!(run("millicent", &[ia, four, mcp], "wf3-console").reason, Reason::Permitted);
    assert_eq!(run("carol", &[ia, four, mcp], "wf3-console").reason, Reason::NoPermitApplies);
    assert_eq!(run("carol", &[ia, "indykiteagent-9"], "wf1").reason, Reason::ChainUnknownAgent);
    assert_eq!(run("carol", &[ia, ia], "wf1").reason, Reason::ChainLoop);
}

#[test]
fn skills_and_tools_decide() {
    let bound = bound();
    let call = |chain: &[&str], tool| ask(&bound, "carol", chain, "CALL", ("Tool", tool)).reason;
    assert_eq!(call(&["indykiteagent"], "t1"), Reason::Permitted);
    assert_eq!(call(&["indykiteagent"], "t2"), Reason::Permitted);
    assert_eq!(call(&["indykiteagent", "indykiteagent-2"], "t2"), Reason::Permitted);
    assert_eq!(call(&["indykiteagent", "indykiteagent-2"], "t1"), Reason::ToolNotInSkill);
    assert_eq!(call(&["indykiteagent", "indykiteagent-3"], "t2"), Reason::ToolNotInSkill, "it has no skill");
    assert_eq!(call(&[], "t1"), Reason::NoPermitApplies, "the permit speaks of agents");
}

#[test]
fn a_search_through_a_chain_finds_what_evaluation_allows() {
    let bound = bound();
    let workflows = bound.program().type_id("Workflow").expect("declared");
    for (_, chain) in ROWS {
        let parties: Vec<Party<'_>> =
            chain.iter().rev().map(|id| Party::resolve(&bound, "Agent", id)).collect();
        let agency = Agency { chain: &parties, ..Agency::default() };
        for user in USERS {
            let query = Query::new(&bound, ("User", user), "CAN_TRIGGER", ("Workflow", ""), now());
            let found = search::resources(&bound, &query.through(&agency), workflows).found;
            let found: Vec<&str> = found.iter().map(|node| bound.snapshot().id_of(*node)).collect();
            let all = bound.snapshot().nodes_of(workflows).map(remit_graph::NodeId);
            let allowed: Vec<&str> = all
                .map(|node| bound.snapshot().id_of(node))
                .filter(|id| ask(&bound, user, chain, "CAN_TRIGGER", ("Workflow", id)).decision)
                .collect();
            assert_eq!(found, allowed, "{user} {chain:?}");
        }
    }
}
