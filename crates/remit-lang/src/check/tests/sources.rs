//! Sources outside: what a declaration needs, what rules read of it, and what expectations take it to say.

use super::{assert_table, sources};
use crate::checked::{ExprKind, SourceId};
use crate::compile;

/// Errors: code, refused text, accepted neighbour.
pub(super) const TABLE: &[(&str, &str, &str)] = &[
    (
        "check/source-incomplete",
        "source «s» \"https://s.example/v1\" { gives a: int }\npermit p to read when resource.size > 1",
        "source s \"https://s.example/v1\" { gives a: int from message.content }\npermit p to read when sources.s.a > 1",
    ),
    (
        "check/source-part-twice",
        "source s \"https://s.example/v1\" { gives a: int from message.content «from resource» }\n\
         permit p to read when sources.s.a > 1",
        "source s \"https://s.example/v1\" { gives a: int from message.content, resource }\n\
         permit p to read when sources.s.a > 1",
    ),
    (
        "check/source-url",
        "source s «\"http://s.example/v1\"» { gives a: int from message.content }\npermit p to read when sources.s.a > 1",
        "source s \"http://127.0.0.1:80/v1\" { gives a: int from message.content }\npermit p to read when sources.s.a > 1",
    ),
    (
        "check/source-url",
        "source s «\"http://localhost.example/v1\"» { gives a: int from resource }\npermit p to read when sources.s.a > 1",
        "source s \"http://localhost/v1\" { gives a: int from resource }\npermit p to read when sources.s.a > 1",
    ),
    (
        "check/source-time",
        "source s \"https://s.example/v1\" { gives a: int from resource timeout «11s» }\n\
         permit p to read when sources.s.a > 1",
        "source s \"https://s.example/v1\" { gives a: int from resource timeout 10s cache 1d }\n\
         permit p to read when sources.s.a > 1",
    ),
    (
        "check/source-sends",
        "source s \"https://s.example/v1\" { gives a: int from «limits.most» }\npermit p to read when sources.s.a > 1",
        "source s \"https://s.example/v1\" { gives a: int from action, actor, context.x, message.a.b }\n\
         permit p to read when sources.s.a > 1",
    ),
    (
        "check/source-gives",
        "source s \"https://s.example/v1\" { gives «a»: set<user>, b: int from resource }\n\
         permit p to read when sources.s.b > 1",
        "source s \"https://s.example/v1\" { gives a: set<string>, b: class from resource }\n\
         permit p to read when sources.s.b == high and sources.s.a has \"x\"",
    ),
];

/// Good beside the world.
const SHIELD: &str = "source shield \"https://s.example/v1\" { gives score: decimal, verdict: string from message.content }\n\
     permit p to read when sources.shield.score < 0.5\n";

#[test]
fn a_source_is_complete_and_bounded() {
    assert_table(TABLE);
}

#[test]
fn what_no_source_gives_is_refused_where_it_is_read() {
    let with = |text: &str| format!("{SHIELD}{text}");
    let table = [
        (
            "check/unknown-member",
            "permit q to read when sources.shield.«scor» < 0.5",
            "permit q to read when sources.shield.verdict == \"fine\"",
        ),
        (
            "check/unknown-member",
            "permit q to read when sources.«sheild».score < 0.25",
            "permit q to read when sources.shield.score < 0.25",
        ),
        (
            "check/bare-root",
            "permit q to read when «sources.shield» is present",
            "permit q to read when sources.shield.score is present",
        ),
        (
            "check/impossible-comparison",
            "permit q to read when sources.shield.score == «\"high\"»",
            "permit q to read when sources.shield.score == 0.5",
        ),
        (
            "check/declared-twice",
            "source «shield» \"https://t.example\" {}",
            "source other \"https://t.example\" { gives a: int from resource }\npermit q to read when sources.other.a > 1",
        ),
        (
            "check/missing-denies",
            "forbid q when «sources.shield.score» > 0.5",
            "forbid q when sources.shield.score is present and sources.shield.score > 0.5",
        ),
        (
            "check/unknown-property",
            "expect deny user:u read doc:d answering { «shild»: { score: 1 } }",
            "expect deny user:u read doc:d answering { shield: { score: 1 } }",
        ),
        (
            "check/unknown-property",
            "expect deny user:u read doc:d answering { shield: { «scre»: 1 } }",
            "expect deny user:u read doc:d answering { shield: { verdict: \"x\" } }",
        ),
        (
            "check/bad-literal",
            "expect deny user:u read doc:d answering { shield: «1» }",
            "expect deny user:u read doc:d answering { shield: {} }",
        ),
    ];
    let table: Vec<(&str, String, String)> =
        table.iter().map(|(code, text, other)| (*code, with(text), with(other))).collect();
    let table: Vec<(&'static str, &str, &str)> =
        table.iter().map(|(code, text, other)| (*code, text.as_str(), other.as_str())).collect();
    assert_table(&table);
}

#[test]
fn a_source_is_checked_with_what_it_is_sent_and_how_long_it_is_waited_for() {
    let text =
        SHIELD.replace("from message.content", "from message.content, resource timeout 250ms cache 1m");
    let sources = sources(&[("base.ibac", super::WORLD), ("case.ibac", &text)]);
    let (policies, _) = compile(&sources).expect("it is good");
    let [shield] = policies.sources.as_slice() else { panic!("one") };
    let paths: Vec<&str> = shield.sends.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["message.content", "resource"]);
    assert_eq!(shield.timeout.nanos(), 250_000_000);
    assert_eq!(shield.cache.map(|it| it.nanos()), Some(60_000_000_000));
    let ExprKind::Compare(_, read, _) = &policies.rules[0].condition.kind else { panic!("a comparison") };
    assert!(matches!(&read.kind, ExprKind::Outside(SourceId(0), name) if name.as_str() == "score"));
}
