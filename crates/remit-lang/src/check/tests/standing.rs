//! Words for consents and signals, and what expectations take as agreed to and seen.

use super::{assert_table, found, sources};
use crate::checked::{ExprKind, Fact, Party};
use crate::compile;

#[test]
fn the_words_have_their_types() {
    for condition in [
        "consent.given(\"holdings\", \"advice\")",
        "consent.given(subject.name, resource.title)",
        "consent.given(context.category, context.purpose)",
        "signals.subject.count(\"login_failed\", 15m) >= 5",
        "signals.actor.count(context.kind, subject.stay) == 1",
        "signals.subject.devices(1h) + signals.subject.addresses(1h) > 3",
        "signals.subject.regions(1d) > 1 or signals.actor.tools(1h) > limits.most",
        "signals.subject.travel(24h) > 1_000.5",
        "signals.subject.new_device or signals.subject.new_address or signals.actor.new_region",
        "signals.actor.new_tool and not signals.subject.new_device",
        "signals.subject.risk == \"high\" and signals.actor.risk is present",
    ] {
        let text = format!("permit a for user to read when {condition}");
        assert_eq!(found(&text), [], "{condition}");
    }
}

#[test]
fn each_wrong_use_is_refused_where_it_stands() {
    assert_table(&[
        (
            "check/bad-arguments",
            "permit a to read when «consent.given(\"x\")»",
            "permit a to read when consent.given(\"x\", \"y\")",
        ),
        (
            "check/bad-arguments",
            "permit a for user to read when consent.given(«subject.age», \"y\")",
            "permit a for user to read when consent.given(subject.name, \"y\")",
        ),
        (
            "check/unknown-function",
            "permit a to read when consent.«gave»(\"x\", \"y\")",
            "permit a to read when consent.given(\"x\", \"y\")",
        ),
        (
            "check/unknown-member",
            "permit a to read when consent.«given»",
            "permit a to read when consent.given(\"x\", \"y\")",
        ),
        (
            "check/bare-root",
            "permit a to read when «consent»",
            "permit a to read when consent.given(\"x\", \"y\")",
        ),
        (
            "check/bad-arguments",
            "permit a to read when signals.subject.count(\"x\", «15») > 1",
            "permit a to read when signals.subject.count(\"x\", 15m) > 1",
        ),
        (
            "check/bad-arguments",
            "permit a to read when «signals.subject.count(15m)» > 1",
            "permit a to read when signals.subject.count(\"x\", 15m) > 1",
        ),
        (
            "check/bad-arguments",
            "permit a to read when «signals.subject.token_addresses(1h)» > 1",
            "permit a to read when signals.subject.token_addresses(token.jti, 1h) > 1 and token.bound",
        ),
        (
            "check/unknown-function",
            "permit a to read when signals.subject.«device»(1h) > 1",
            "permit a to read when signals.subject.devices(1h) > 1",
        ),
        (
            "check/unknown-function",
            "permit a to read when signals.subject.«risk»(1h) == \"low\"",
            "permit a to read when signals.subject.risk == \"low\"",
        ),
        (
            "check/unknown-member",
            "permit a to read when signals.subject.«devices» > 1",
            "permit a to read when signals.subject.devices(1h) > 1",
        ),
        (
            "check/unknown-member",
            "permit a to read when signals.«resource».new_device",
            "permit a to read when signals.subject.new_device",
        ),
        (
            "check/bare-root",
            "permit a to read when «signals.subject» is present",
            "permit a to read when signals.subject.risk is present",
        ),
        (
            "check/not-a-condition",
            "permit a to read when «signals.subject.risk»",
            "permit a to read when signals.subject.new_device",
        ),
    ]);
}

#[test]
fn an_expectation_says_what_was_agreed_to_and_seen() {
    let rule = "permit a for user to read when consent.given(\"x\", \"y\") and signals.actor.new_device\n";
    let text = format!(
        "{rule}expect deny user:u read doc:d consenting [{{ category: \"x\", purpose: \"y\", recipient: agent:a, \
         expires: 2026-07-01 }}] observing [agent:a login {{ ago: 5m, device: \"d1\" }}, user:u login_failed]"
    );
    let sources = sources(&[("base.ibac", super::WORLD), ("case.ibac", &text)]);
    let (policies, _) = compile(&sources).expect("it is good");
    let [expect] = policies.expects.as_slice() else { panic!("one") };
    assert_eq!((expect.consents.len(), expect.sightings.len()), (1, 2));
    assert_eq!(
        expect.consents[0].recipient.as_ref().map(ToString::to_string),
        Some("agent:\"a\"".to_owned())
    );
    let [seen, failed] = expect.sightings.as_slice() else { panic!("two") };
    assert_eq!((seen.ago.nanos(), seen.signal.device.as_deref()), (300_000_000_000, Some("d1")));
    assert!(failed.signal.failed && failed.ago.nanos() == 0);
    let ExprKind::And(parts) = &policies.rules[0].condition.kind else { panic!("two conditions") };
    assert!(matches!(&parts[1].kind, ExprKind::Signal(Party::Actor, Fact::IsNew(_))));
}

#[test]
fn what_an_expectation_cannot_take_is_refused_where_it_stands() {
    let with = |clause: &str| format!("permit a for user to read\nexpect permit user:u read doc:d {clause}");
    let table = [
        (
            "check/expect-incomplete",
            "consenting [{ «category»: \"x\" }]",
            "consenting [{ category: \"x\", purpose: \"y\" }]",
        ),
        (
            "check/unknown-property",
            "consenting [{ category: \"x\", purpose: \"y\", «purposes»: \"z\" }]",
            "consenting [{ category: \"x\", purpose: \"y\", resource: doc:d }]",
        ),
        (
            "check/bad-literal",
            "consenting [{ category: \"x\", purpose: \"y\", «expires»: 5 }]",
            "consenting [{ category: \"x\", purpose: \"y\", expires: 2026-05-05 }]",
        ),
        (
            "check/bad-literal",
            "observing [user:u login { «ago»: 5 }]",
            "observing [user:u login { ago: 5m }]",
        ),
        (
            "check/expect-incomplete",
            "observing [«user:u login { latitude: 5 }»]",
            "observing [user:u login { latitude: 5, longitude: 5 }]",
        ),
        (
            "check/bad-literal",
            "observing [«user:u login { latitude: 95, longitude: 5 }»]",
            "observing [user:u login { latitude: 85, longitude: 5 }]",
        ),
        (
            "check/bad-literal",
            "observing [user:u risk_level_change { «risk»: \"huge\" }]",
            "observing [user:u risk_level_change { risk: \"high\" }]",
        ),
        (
            "check/unknown-property",
            "observing [user:u login { «dev»: \"x\" }]",
            "observing [user:u login { device: \"x\" }]",
        ),
    ];
    let table: Vec<(&str, String, String)> =
        table.iter().map(|(code, text, other)| (*code, with(text), with(other))).collect();
    let table: Vec<(&'static str, &str, &str)> =
        table.iter().map(|(code, text, other)| (*code, text.as_str(), other.as_str())).collect();
    assert_table(&table);
}
