//! The canonical form: what is no meaning does not change the hash, what is meaning does.

use remit_model::{Argument, Bound, Intent, Number, Origin, Scope, Value};

use crate::world::*;

/// A field, and what changes it.
type Change = (&'static str, fn(&mut Intent));

fn written() -> Intent {
    let mut pay = task("pay");
    pay.arguments = arguments(&[
        (
            "amount",
            Argument::bound(Bound::Between {
                low: None,
                high: Some(Value::Number(Number::parse("99.50").unwrap())),
            }),
        ),
        ("order", exactly(record(&[("a", n(1)), ("b", Value::Set([n(1), n(2)].into()))]))),
        ("to", Argument::from_origins([Origin::Literal, Origin::Created])),
    ]);
    pay.resource = Scope::Under(entity("folder", "in"), name("parent"));
    intent(vec![pay, task("look")])
}

#[test]
fn order_of_members_and_notation_are_no_meaning() {
    let mut other = written();
    other.tasks.reverse();
    let order = exactly(record(&[("b", Value::Set([n(2), n(1)].into())), ("a", n(1))]));
    other.tasks[1].arguments.insert("order".to_owned(), order);
    let high = Some(Value::Number(Number::parse("99.5").unwrap()));
    let amount = Argument::bound(Bound::Between { low: None, high });
    other.tasks[1].arguments.insert("amount".to_owned(), amount);
    assert_eq!(other.canonical(), written().canonical());
    assert_eq!(other.hash(), written().hash());
}

#[test]
fn every_field_is_meaning() {
    let changes: [Change; 19] = [
        ("template", |it| it.template = Some(name("core.pay"))),
        ("subject", |it| it.subject = entity("user", "bob")),
        ("subject type", |it| it.subject = entity("agent", "ann")),
        ("skills", |it| it.skills = Some(Default::default())),
        ("hops", |it| it.hops_at_most = Some(0)),
        ("not_before", |it| it.not_before = Some(at(0))),
        ("not_after", |it| it.not_after = Some(at(0))),
        ("records", |it| it.records = [entity("supplier", "acme")].into()),
        ("links", |it| it.links = ["https://a.example/".to_owned()].into()),
        ("fewer tasks", |it| drop(it.tasks.pop())),
        ("task name", |it| it.tasks[0].name = name("send")),
        ("actions", |it| it.tasks[0].actions = [name("send")].into()),
        ("scope", |it| it.tasks[0].resource = Scope::Any(name("invoice"))),
        ("argument", |it| drop(it.tasks[0].arguments.remove("to"))),
        ("optional", |it| it.tasks[0].arguments.get_mut("to").unwrap().optional = true),
        ("after", |it| it.tasks[0].after = [name("look")].into()),
        ("count", |it| it.tasks[0].at_most = Some(1)),
        ("budget", |it| it.tasks[0].budgets.extend([("amount".to_owned(), Number::from(1))])),
        ("closed", |it| it.tasks[0].closed = true),
    ];
    let mut hashes = std::collections::BTreeSet::from([written().hash()]);
    for (field, change) in changes {
        let mut changed = written();
        change(&mut changed);
        assert!(hashes.insert(changed.hash()), "{field} is lost");
    }
}

#[test]
fn the_hash_is_the_published_one() {
    let form = r#"{"subject":["user","ann"],"tasks":[{"actions":["pay"],"name":"pay","resource":{"any":"invoice"}}]}"#;
    let simple = intent(vec![task("pay")]);
    assert_eq!(simple.canonical(), form);
    assert_eq!(simple.hash().as_str(), "b17519095f357db0c747d295df6a4abb6bb5101d41310d706587975b1ad600dc");
}

#[test]
fn an_intent_survives_json() {
    let text = serde_json::to_string(&written()).unwrap();
    assert_eq!(serde_json::from_str::<Intent>(&text).unwrap(), written());
}
