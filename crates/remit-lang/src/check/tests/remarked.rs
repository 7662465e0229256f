//! Warnings: code, remarked text, neighbour without remark.

use super::assert_table;

pub(super) const TABLE: &[(&str, &str, &str)] = &[
    (
        "check/unknown-message",
        "message { topic: string }\npermit a to read when message.«topics» == \"x\"",
        "message { topic: string }\npermit a to read when message.topic == \"x\" and message.size < 9 and message.content.x == 1",
    ),
    (
        "check/missing-denies",
        "forbid a when «message.topic» == \"x\"",
        "forbid a when message.kinds has \"x\" or message.injection > 0.5",
    ),
    (
        "check/unknown-claim",
        "permit a to read when token.«arc» == \"x\"",
        "token { arc: string }\npermit a to read when token.arc == \"x\" and token.scope has \"read\"",
    ),
    (
        "check/missing-denies",
        "forbid a when «token.acr» == \"x\"",
        "forbid a when token.acr is present and token.acr == \"x\"",
    ),
    (
        "check/missing-denies",
        "intent i { task p: read }\nforbid a when «transaction.done(p)»",
        "intent i { task p: read }\nforbid a within i when transaction.done(p)",
    ),
    (
        "check/unused",
        "entity «island» { name: string }\npermit a to read",
        "entity island { name: string }\npermit a for island to read",
    ),
    (
        "check/unused",
        "entity «loop» { next: loop }\npermit a to read",
        "entity loop { next: loop }\nentity start { first: loop }\npermit a for start to read",
    ),
    (
        "check/unused",
        "level «tint» { pale < dark }\npermit a to read",
        "level tint { pale < dark }\npermit a to read when context.x < dark",
    ),
    (
        "check/unused",
        "limit «few» = 2\npermit a to read",
        "limit few = 2\npermit a to read because \"at most {limits.few}\"",
    ),
    ("check/unused", "action «go» on doc\npermit a to read", "action go on doc\npermit a to any"),
    (
        "check/unknown-context",
        "context { trace: string }\npermit a to read when context.«trase» == \"x\"",
        "context { trace: string }\npermit a to read when context.trace == \"x\" and context.message.x == 1",
    ),
    ("check/constant-condition", "permit a to read when «1 < 2»", "permit a to read when limits.most < 2"),
    (
        "check/constant-condition",
        "permit a to read when resource.size > 1 and «false»",
        "permit a to read when resource.size > 1 and context.x",
    ),
    (
        "check/constant-condition",
        "permit a to read when «subject is present»",
        "permit a to read when resource.title is present",
    ),
    (
        "check/constant-condition",
        "permit a for user to read unless «subject is user or resource.size > 1»",
        "permit a for user, agent to read unless subject is user or resource.size > 1",
    ),
    (
        "check/severity-of-permit",
        "permit a to read severity «high»",
        "forbid a to read when resource.size > 1 severity high",
    ),
    ("check/selects-in-vain", "permit a to read «on doc, tool»", "permit a to read, run on doc, tool"),
    (
        "check/duplicate-rule",
        "permit a for user, agent to read, write when resource.size > 1 and context.x == 1\npermit «b» for agent, user to write, read when context.x == 1 and resource.size > 1",
        "permit a for user, agent to read when resource.size > 1\npermit b for agent, user to read when resource.size > 2",
    ),
    (
        "check/duplicate-rule",
        "permit a to read oblige log { n: 1 }\npermit «b» to read oblige log { n: 1 }",
        "permit a to read oblige log { n: 1 }\npermit b to read oblige log { n: 2 }",
    ),
    (
        "check/hidden-rule",
        "forbid f for user to read, write\npermit «p» for user in team:x to read on doc when resource.size > 1",
        "forbid f for user to read, write\npermit p for agent, user to read on doc when resource.size > 1",
    ),
    (
        "check/hidden-rule",
        "forbid f on doc\npermit «p» for user to read",
        "forbid f on doc when resource.size > 1\npermit p for user to read",
    ),
    (
        "check/hidden-rule",
        "forbid f for user in team:x, agent to any\nforbid «p» for agent:a to read",
        "forbid f for user in team:x, agent to any\nforbid p for user to read",
    ),
    (
        "check/hidden-rule",
        "forbid «f» to read\nforbid e to read severity high because \"x\" oblige log",
        "forbid f to read when resource.size > 1\nforbid e to write severity high",
    ),
    (
        "check/missing-denies",
        "forbid f when «context.x» == 1",
        "forbid f when context.x is present and context.x == 1",
    ),
    (
        "check/missing-denies",
        "require f that «message.class» == high",
        "require f to read that message.class == high",
    ),
    (
        "check/missing-denies",
        "forbid f when subject is user and «subject.nick» == \"x\"",
        "forbid f when subject is user and subject.name == \"x\"",
    ),
    (
        "check/missing-denies",
        "forbid f when subject is user and «subject.device» == \"x\"",
        "forbid f as any when subject is user unless subject.device is missing unless subject.device == \"x\"",
    ),
    (
        "check/missing-denies",
        "forbid f unless «context.a.b» == 1",
        "forbid f when context.a.b is present unless context.a.b == 1",
    ),
];

#[test]
fn remarked_texts_are_remarked_at_their_place_and_neighbours_not() {
    assert_table(TABLE);
}
