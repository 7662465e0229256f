//! Intents, labels, chains, transactions and tokens: code, refused text, accepted neighbour.

use super::assert_table;

pub(super) const TABLE: &[(&str, &str, &str)] = &[
    (
        "check/unknown-intent",
        "intent pay { task p: read }\npermit a to read within «pya»",
        "intent pay { task p: read }\npermit a to read within pay, main.pay, none",
    ),
    (
        "check/unknown-intent",
        "permit a to read\nexpect deny user:x read doc:y as agent:a within «pay»",
        "intent pay { task p: read }\npermit a to read\nexpect deny user:x read doc:y as agent:a within pay",
    ),
    (
        "check/unknown-task",
        "intent i { task p: read }\npermit a to read when transaction.done(«q»)",
        "intent i { task p: read }\npermit a to read when transaction.done(p)",
    ),
    (
        "check/unknown-task",
        "intent i { task p: read }\nintent j { task q: read }\npermit a to read within i when transaction.count(«q») > 1",
        "intent i { task p: read }\nintent j { task q: read }\npermit a to read within j when transaction.count(q) > 1",
    ),
    (
        "check/unknown-task",
        "intent i { task p: read after «q» }",
        "intent i { task p: read after q  task q: read }",
    ),
    (
        "check/unknown-task",
        "intent i { task q: read  task p: run after q  action.by from result(«r»).x }",
        "intent i { task q: read  task p: run after q  action.by from result(q).x }",
    ),
    (
        "check/unknown-task",
        "intent i { task p: read unless transaction.done(«q») }",
        "intent i { task p: read unless transaction.done(q)  task q: read }",
    ),
    (
        "check/unknown-label",
        "label seen after read\npermit a to read unless transaction.carries(«sen»)",
        "label seen after read\npermit a to read unless transaction.carries(seen)",
    ),
    (
        "check/unknown-member",
        "permit a to read when transaction.«ag» < 5m",
        "permit a to read when transaction.age < 5m",
    ),
    (
        "check/unknown-member",
        "permit a to read when transaction.«done»",
        "intent i { task p: read }\npermit a to read when transaction.done(p)",
    ),
    (
        "check/unknown-member",
        "permit a to read when intent.«nam» == \"x\"",
        "permit a to read when intent.name == \"x\" and intent.signed",
    ),
    (
        "check/unknown-member",
        "forbid a to read when any it in intent.«link»: it == \"x\"",
        "forbid a to read when any it in message.links: not intent.links has it",
    ),
    (
        "check/unknown-member",
        "intent i { task q: read  task p: read after q when q.«recource» == resource }",
        "intent i { task q: read  task p: read after q when q.resource == resource }",
    ),
    (
        "check/unknown-function",
        "intent i { task p: read }\npermit a to read when transaction.«dnoe»(p)",
        "intent i { task p: read }\npermit a to read when transaction.done(p)",
    ),
    (
        "check/unknown-function",
        "permit a to read when transaction.«id»(x) == \"x\"",
        "permit a to read when transaction.id == \"x\"",
    ),
    (
        "check/unknown-function",
        "intent i { task p: read }\npermit a to read when «resource».done(p)",
        "intent i { task p: read }\npermit a to read when transaction.done(p)",
    ),
    (
        "check/bad-arguments",
        "intent i { task p: read }\npermit a to read when «transaction.done(p, p)»",
        "intent i { task p: read }\npermit a to read when transaction.done(p)",
    ),
    (
        "check/bad-arguments",
        "intent i { task p: read }\npermit a to read when transaction.done(«\"p\"»)",
        "intent i { task p: read }\npermit a to read when transaction.done(p)",
    ),
    (
        "check/bad-arguments",
        "intent i { task p: run }\npermit a to run when transaction.sum(p, «action.name») > 5",
        "intent i { task p: run }\npermit a to run when transaction.sum(p, action.times) > 5",
    ),
    (
        "check/bad-budget",
        "intent i { task p: run }\npermit a to run when transaction.sum(p, «action.by») > 5",
        "intent i { task p: run }\npermit a to run when transaction.sum(p, action.times) > 5",
    ),
    (
        "check/bad-budget",
        "intent i { task p: run at most 5 of «action.by» }",
        "intent i { task p: run at most 5 of action.times }",
    ),
    (
        "check/bad-amount",
        "intent i { task p: run at most «0» times }",
        "intent i { task p: run at most 1 time }",
    ),
    (
        "check/bad-amount",
        "intent i { task p: run at most «limits.word» times }",
        "intent i { task p: run at most limits.most times }",
    ),
    (
        "check/bad-amount",
        "intent i { task p: run at most «-1» of action.times }",
        "intent i { task p: run at most 0.5 of action.times }",
    ),
    ("check/bad-amount", "intent i { task p: run  lasts «5» }", "intent i { task p: run  lasts 5m }"),
    (
        "check/bad-amount",
        "intent i { task p: run  hops at most «1.5» }",
        "intent i { task p: run  hops at most 2 }",
    ),
    (
        "check/standard-claim",
        "token { «acr»: int }\npermit a to read",
        "token { acr: string, level: int }\npermit a to read when token.level > 1 and token.acr == \"x\"",
    ),
    (
        "check/computed-member",
        "message { «size»: string }\npermit a to read",
        "message { size: int, topic: string }\npermit a to read when message.size > 1 and message.topic == \"x\"",
    ),
    (
        "check/no-assurance-level",
        "level assurance { low < high }\npermit a to read when chain.«assurance» >= high",
        "level assurance { low < medium < high }\npermit a to read when chain.assurance >= high",
    ),
    (
        "check/not-a-member",
        "level assurance { low < medium < high }\npermit a to read when chain.assurance >= «strong»",
        "level assurance { low < medium < high }\npermit a to read when not (chain.assurance < medium)",
    ),
    (
        "check/not-a-chain",
        "permit a to read when «actor» matches [any]",
        "permit a to read when chain matches [any]",
    ),
    (
        "check/impossible-comparison",
        "permit a to read when chain matches [any*, «user»:x]",
        "permit a to read when chain matches [any*, agent:x, agent]",
    ),
    (
        "check/impossible-comparison",
        "permit a to read when chain.current == «user:x»",
        "permit a to read when chain.current == agent:x and chain has agent:y",
    ),
    ("check/not-a-skill", "permit a to run via «user:x»", "permit a to run via tool:x, skill"),
    (
        "check/not-a-skill",
        "intent i { task p: run  using «tool»:x }",
        "intent i { task p: run  using skill:x }",
    ),
    ("check/intent-without-task", "intent «i» { for user }", "intent i { for user  task p: read }"),
    (
        "check/task-cycle",
        "intent i { task «p»: read after p  task q: read after p }",
        "intent i { task p: read  task q: read after p }",
    ),
    (
        "check/task-not-before",
        "intent i { task q: read  task p: read when «q».resource == resource }",
        "intent i { task q: read  task p: read after q when q.resource == resource }",
    ),
    (
        "check/task-not-before",
        "intent i { task q: read  task p: run action.by from «result(q).x» }",
        "intent i { task r: read  task q: read after r  task p: run after q  action.by from result(r).x }",
    ),
    (
        "check/impossible-origin",
        "intent i { task p: run action.by from «record of doc» }",
        "intent i { task p: run action.by from record of user or record of doc.owner }",
    ),
    (
        "check/impossible-origin",
        "intent i { task p: run action.times from «record of user.active» }",
        "intent i { task p: run action.times from record of user.age }",
    ),
    (
        "check/impossible-origin",
        "intent i { task p: run action.times from one of «[\"a\"]» }",
        "intent i { task p: run action.times from one of [1, 2] }",
    ),
    (
        "check/unknown-attribute",
        "intent i { task p: run action.times from record of user.«agge» }",
        "intent i { task p: run action.times from record of user.age }",
    ),
    (
        "check/origin-not-literal",
        "intent i { task p: run action.by from one of «[user:x, subject]» }",
        "intent i { task p: run action.by from one of [user:x, user:y] }",
    ),
    (
        "check/unlabel-for-anyone",
        "label s after read\nunlabel «s» after write",
        "label s after read\nunlabel s after write for user in team:x",
    ),
    (
        "check/expect-incomplete",
        "permit a to read\nexpect deny user:x read doc:y via «agent:a»",
        "permit a to read\nexpect deny user:x read doc:y as agent:b via agent:a",
    ),
    (
        "check/expect-incomplete",
        "intent i { task p: read }\npermit a to read\nexpect deny user:x read doc:y after [«read doc:z»]",
        "intent i { task p: read }\npermit a to read\nexpect deny user:x read doc:y within i after [read doc:z]",
    ),
    (
        "check/expect-never-holds",
        "intent i { task p: read }\npermit a to read\nexpect deny user:x read doc:y within i after [«write» doc:z]",
        "intent i { task p: read }\npermit a to read\nexpect deny user:x read doc:y within i after [read doc:z returning { n: 1 }] because \"task_repeated\"",
    ),
    ("check/clause-twice", "permit a to run via tool:x «via tool:y»", "permit a to run via tool:x, tool:y"),
    (
        "check/clause-twice",
        "intent i { for user  «for agent»  task p: read }",
        "intent i { for user, agent  task p: read }",
    ),
    (
        "check/clause-twice",
        "intent i { task p: read closed «closed» }",
        "intent i { task p: read closed  task q: read closed }",
    ),
    (
        "check/clause-twice",
        "intent i { task p: run at most 1 of action.times «at most 2 of action.times» }",
        "intent i { task p: run at most 1 of action.times at most 2 times }",
    ),
    (
        "check/clause-twice",
        "intent i { task p: run when action.by from literal «when action.by from created» }",
        "intent i { task p: run when action.by from literal or created }",
    ),
    ("check/reserved-name", "intent «none» { task p: read }", "intent some { task p: read }"),
    ("check/reserved-name", "intent i { task «resource»: read }", "intent i { task resources: read }"),
    (
        "check/declared-twice",
        "intent i { task p: read }\nintent «i» { task p: read }",
        "intent i { task p: read }\nintent j { task p: read }",
    ),
    (
        "check/declared-twice",
        "intent i { task p: read  task «p»: read }",
        "intent i { task p: read  task q: read }",
    ),
    ("check/rule-never-applies", "intent i { task p: «run» on doc }", "intent i { task p: run on tool }"),
    (
        "check/bare-root",
        "permit a to read when «transaction» == 1",
        "permit a to read when transaction is present and intent is missing and token is present",
    ),
    (
        "check/bare-root",
        "intent i { task q: read  task p: read after q when «q» == resource }",
        "intent i { task q: read  task p: read after q when q.resource == resource }",
    ),
    (
        "check/bare-root",
        "intent i { task q: run  task p: read after q when «q.action» == \"x\" }",
        "intent i { task q: run  task p: read after q when q.action.times == 1 }",
    ),
    (
        "check/shadowed-name",
        "intent i { task q: read  task p: read when any «q» in resource.readers: q == subject }",
        "intent i { task q: read  task p: read when any x in resource.readers: x == subject }",
    ),
    (
        "check/no-members",
        "intent i { task p: run at most 5 of action.times.«x» }",
        "intent i { task p: run at most 5 of action.times }",
    ),
    (
        "check/unknown-property",
        "intent i { task q: run  task p: read after q when q.action.«tims» == 1 }",
        "intent i { task q: run  task p: read after q when q.action.times == 1 }",
    ),
    (
        "check/attribute-not-in-all",
        "intent i { task p: read when subject.«age» > 17 }",
        "intent i { for user  task p: read when subject.age > 17 }",
    ),
    (
        "check/unknown-action",
        "label s after «raed»",
        "label s after read, write on doc when resource.size > 1",
    ),
    (
        "check/unknown-type",
        "intent i { task p: read  using «skil»:x }",
        "intent i { task p: read  using skill:x }",
    ),
    (
        "check/not-a-text",
        "permit a to read when «chain» matches r\"x\"",
        "permit a to read when transaction.id matches r\"x\"",
    ),
];

#[test]
fn what_agents_may_not_be_told_is_refused_at_its_place() {
    assert_table(TABLE);
}
