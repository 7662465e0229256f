//! Policies drawn from a stock of sentences.

use remit_lang::checked::Policies;
use remit_lang::source::Sources;
use remit_testkit::random::Random;

const SCHEMA: &str = "
package p
level assurance { low < medium < high }
entity user  { acr: string from token or graph, delegates: set<agent>? }
entity agent { enabled: bool?, member_of: set<group>, delegates: set<agent>, skills: set<skill>, tools: set<tool> }
entity group {}
entity skill { tools: set<tool> }
entity tool  { definition_hash: string? }
entity doc   { total: int?, next: doc? }
action call on tool
action read on doc { n: int?, s: string? }
action send on doc { n: int?, s: string? }
";

/// Without the relation that makes delegation by the subject be asked for.
const PLAIN_USER: &str = "entity user  { acr: string from token or graph }";

/// Rules that speak of no agent, purpose or history.
const PLAIN: &[&str] = &[
    "permit NAME",
    "permit NAME to read, send, call",
    "permit NAME for user:u0, user:u1",
    "permit NAME to read on doc when resource.total <= 2",
    "forbid NAME to send on doc when resource.total == 3",
    "forbid NAME to read when action.n > 4",
    "require NAME to send that action.n is present",
];

/// Rules that do.
const SPEAKING: &[&str] = &[
    "permit NAME as agent:a0",
    "permit NAME as agent in group:g0",
    "permit NAME via skill:s0, tool:t1",
    "permit NAME within pay",
    "permit NAME within look, none",
    "permit NAME when chain matches [agent:a0, any*, agent]",
    "permit NAME when transaction.done(t0) and transaction.count(t0) < 3",
    "permit NAME when token.acr == \"high\"",
    "permit NAME for user when subject.acr == \"high\"",
    "permit NAME when intent.name == \"p.pay\"",
    "permit NAME when chain.assurance >= medium",
    "forbid NAME when chain.assurance == low",
    "require NAME to send that chain.assurance >= high or chain is missing",
    "forbid NAME via skill:s1",
    "forbid NAME as agent when count(chain) > 2",
    "forbid NAME as agent when chain has agent:a3 and chain.origin != agent:a0",
    "forbid NAME within pay when transaction.carries(l0)",
    "forbid NAME within pay when transaction.labels has any [\"l1\"]",
    "forbid NAME when transaction is present and transaction.sum(t0, action.n) > 5",
    "forbid NAME when intent is present and not intent.signed",
    "forbid NAME as agent unless chain matches [any, any*] or chain.current in group:g1",
    "require NAME as agent that intent is present",
    "require NAME as agent to send that intent.signed",
    "require NAME to send that token is missing or token.acr == \"high\"",
];

const TASKS_OF_PAY: &[&str] = &[
    "task t0: read on doc",
    "task t0: read on doc when action.n <= 3",
    "task t0: read on doc:d0, doc:d1 at most 2 times",
    "task t0: read, send on doc when resource.total is present",
];

const LATER_TASKS: &[&str] = &[
    "task t1: send on doc after t0",
    "task t1: send on doc after t0 at most 1 time when action.n == t0.resource.total",
    "task t1: send on doc after t0 when resource == t0.resource.next",
    "task t1: send on doc after t0 at most 4 of action.n when action.n >= 1 and action.n == t0.action.n",
    "task t1: call on tool after t0",
    "task t1: call on tool:t0, tool:t1",
];

const ENDS: &[&str] =
    &["using skill:s0", "using skill:s0, skill:s1", "hops at most 1", "hops at most 2", "lasts 1h", ""];

const LABELS: &[&str] = &[
    "label l0 after read on doc",
    "label l0 after send when resource.total == 1",
    "label l1 after read as agent when action.n > 1",
];

/// A policy set; `speaking` also takes rules that speak of agents, purpose or history.
pub fn draw(random: &mut Random, speaking: bool) -> Policies {
    let text = text(random, speaking);
    let mut sources = Sources::default();
    sources.add("p.ibac", text.clone());
    match remit_lang::compile(&sources) {
        Ok((policies, _)) => policies,
        Err(errors) => panic!("{text}\n{errors:#?}"),
    }
}

fn text(random: &mut Random, speaking: bool) -> String {
    let mut text = SCHEMA.to_owned();
    if random.chance(70) {
        let user = SCHEMA.lines().find(|line| line.starts_with("entity user")).unwrap_or_default();
        text = text.replace(user, PLAIN_USER);
    }
    let mut line = |of: &str| {
        text.push_str(of);
        text.push('\n');
    };
    for at in 0..1 + random.below(3) {
        line(&random.word(PLAIN).replace("NAME", &format!("plain{at}")));
    }
    if speaking {
        for at in 0..random.below(5) {
            line(&random.word(SPEAKING).replace("NAME", &format!("rule{at}")));
        }
    }
    let whose = random.word(&["for user:u0", ""]);
    line(&format!("intent pay {{\n{whose}\n{}", random.word(TASKS_OF_PAY)));
    line(random.word(LATER_TASKS));
    line(&format!("{}\n}}", random.word(ENDS)));
    line("intent look {\n task t0: read on doc at most 2 times\n}");
    for label in LABELS.iter().filter(|_| random.chance(40)) {
        line(label);
    }
    // WHY: rules may name both labels, and a label that nothing sets is no word of the policy.
    line("label l0 after call on tool\nlabel l1 after call on tool");
    text
}
