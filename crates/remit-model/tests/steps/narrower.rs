//! Child against parent, one case each: corners that chance seldom meets.

use remit_model::intent::Quad;
use remit_model::narrow::{strays, widenings};
use remit_model::{Argument, Bound, Intent, Number, Origin, Task, Value};

use crate::world::*;

/// The fields in which a task with this one argument is wider than its parent.
fn wider(child: &Task, parent: &Task) -> Vec<String> {
    let found = widenings(&intent(vec![child.clone()]), &intent(vec![parent.clone()]), &World);
    found.into_iter().map(|widening| widening.field).collect()
}

fn with(argument: Argument) -> Task {
    Task { arguments: arguments(&[("to", argument)]), ..task("pay") }
}

fn is_inside(child: Bound, parent: Bound) -> bool {
    wider(&with(Argument::bound(child)), &with(Argument::bound(parent))).is_empty()
}

#[test]
fn bounds() {
    let prefix = |start: &str| Bound::Prefix(start.to_owned());
    let between = |low: Value, high: Value| Bound::Between { low: Some(low), high: Some(high) };
    let one_of = |all: &[Value]| Bound::OneOf(all.iter().cloned().collect());
    let day = Value::Time(remit_model::Timestamp::parse("2026-04-30").unwrap());
    let inside = [
        (prefix("/a/b"), prefix("/a/")),
        (prefix("https://a.example/x"), prefix("https://a.example")),
        (Bound::Exactly(s("/a/b")), prefix("/a/")),
        (Bound::Exactly(s("2026-04-30")), Bound::Exactly(day.clone())),
        (between(day.clone(), day.clone()), Bound::Exactly(day.clone())),
        (between(n(3), n(3)), one_of(&[n(3)])),
        (between(n(5), n(1)), Bound::Exactly(n(9))),
        (one_of(&[]), Bound::Exactly(n(9))),
        (one_of(&[n(1), n(2)]), between(n(1), n(2))),
    ];
    for (child, parent) in inside {
        assert!(is_inside(child.clone(), parent.clone()), "{child:?} in {parent:?}");
    }
    let outside = [
        (prefix("/a/"), prefix("/a/b")),
        (prefix("https://a.example.evil.example"), prefix("https://a.example")),
        (Bound::Exactly(s("/a/../b")), prefix("/a/")),
        (Bound::Exactly(day.clone()), Bound::Exactly(s("2026-04-30"))),
        (between(day.clone(), day.clone()), Bound::Exactly(s("2026-04-30"))),
        (between(n(3), n(4)), one_of(&[n(3), n(4)])),
        (one_of(&[n(1), n(3)]), between(n(1), n(2))),
        (Bound::Between { low: None, high: Some(n(2)) }, between(n(1), n(2))),
        (Bound::Between { low: Some(n(1)), high: None }, between(n(1), n(2))),
        (Bound::Any, prefix("")),
    ];
    for (child, parent) in outside {
        assert!(!is_inside(child.clone(), parent.clone()), "{child:?} not in {parent:?}");
    }
}

#[test]
fn what_must_be_there_may_not_be_left_out() {
    let to = ["tasks.pay.arguments.to"];
    let strict = with(exactly(s("ann")));
    let lenient = with(Argument { optional: true, ..exactly(s("ann")) });
    let silent = Task { closed: true, ..task("pay") };
    assert_eq!(wider(&silent, &strict), to, "never there");
    assert!(wider(&silent, &lenient).is_empty());
    assert_eq!(wider(&task("pay"), &lenient), to, "anything");
    assert_eq!(wider(&lenient, &strict), to);
    let nested = Task { arguments: arguments(&[("to.name", Argument::any())]), ..silent };
    assert_eq!(wider(&nested, &lenient), to, "what lies under it is not it");
}

#[test]
fn what_a_budget_counts_may_not_be_left_out() {
    let limited = |optional| Task {
        budgets: [("to".to_owned(), Number::from(5))].into(),
        ..with(Argument { optional, ..Argument::any() })
    };
    assert_eq!(wider(&limited(true), &limited(false)), ["tasks.pay.arguments.to"]);
    assert!(wider(&limited(false), &limited(true)).is_empty());
}

#[test]
fn origins() {
    let from = |origins: &[Origin]| with(Argument::from_origins(origins.iter().cloned()));
    let result = |path: &str| Origin::Result { task: name("look"), path: path.to_owned() };
    let record = |attribute: Option<&str>| Origin::RecordOf(name("supplier"), attribute.map(str::to_owned));
    let one_of = |all: &[&str]| Origin::OneOf(all.iter().map(|one| s(one)).collect());
    let inside = [
        (from(&[result("items[3].iban")]), from(&[result("items[*].iban")])),
        (from(&[result("iban")]), from(&[result(""), Origin::Created])),
        (from(&[record(Some("iban"))]), from(&[record(None)])),
        (from(&[one_of(&["Ann"])]), from(&[one_of(&["ann", "bob"])])),
        (from(&[Origin::Literal]), from(&[Origin::Literal])),
        (with(exactly(s("Ann"))), from(&[one_of(&["ann"])])),
    ];
    for (child, parent) in inside {
        assert!(wider(&child, &parent).is_empty(), "{child:?} in {parent:?}");
    }
    let outside = [
        (from(&[result("items[*].iban")]), from(&[result("items[3].iban")])),
        (from(&[record(None)]), from(&[record(Some("iban"))])),
        (from(&[one_of(&["eve"])]), from(&[one_of(&["ann", "bob"])])),
        (from(&[one_of(&["eve"])]), from(&[Origin::Literal])),
        (from(&[Origin::Created]), from(&[Origin::Literal])),
        (with(Argument::bound(Bound::Prefix(String::new()))), from(&[Origin::Created])),
        (with(exactly(s("eve"))), from(&[one_of(&["ann"])])),
    ];
    for (child, parent) in outside {
        assert_eq!(wider(&child, &parent), ["tasks.pay.arguments.to.origins"], "{child:?} not in {parent:?}");
    }
}

fn quad(action: &str, id: &str, amount: Option<i64>) -> Quad {
    Quad {
        action: name(action),
        resource: entity("invoice", id),
        arguments: amount.map(|amount| ("amount".to_owned(), n(amount))).into_iter().collect(),
    }
}

fn quads(all: &[Quad]) -> Intent {
    Intent::of_quads(entity("user", "ann"), all)
}

#[test]
fn quads_say_one_step_each() {
    let (seven, eight) = (quad("pay", "7", Some(10)), quad("pay", "8", None));
    let both = quads(&[seven.clone(), eight.clone()]);
    assert_eq!(
        both.hash(),
        quads(&[eight.clone(), seven.clone(), eight.clone()]).hash(),
        "order is no meaning"
    );
    assert!(widenings(&quads(std::slice::from_ref(&seven)), &both, &World).is_empty(), "fewer are narrower");
    assert!(!widenings(&both, &quads(&[seven]), &World).is_empty());
    let open = transaction(both);
    let at_seven = open.intent.tasks.iter().position(|task| task.closed).unwrap();
    assert!(ask(&open, at_seven, &given(&[("amount", n(10))])).is_ok());
    for other in [given(&[("amount", n(11))]), given(&[]), given(&[("amount", n(10)), ("cc", s("eve"))])] {
        assert!(ask(&open, at_seven, &other).is_err(), "{other:?}");
    }
}

#[test]
fn a_quad_outside_the_template_is_named() {
    let pay = Task {
        arguments: arguments(&[(
            "amount",
            Argument::bound(Bound::Between { low: None, high: Some(n(100)) }),
        )]),
        after: [name("look")].into(),
        at_most: Some(1),
        ..task("pay")
    };
    let template = intent(vec![task("look"), pay]);
    let fields = |all: &[Quad]| {
        let found = strays(&quads(all), &template, &World);
        found.into_iter().map(|stray| stray.field).collect::<Vec<_>>()
    };
    assert!(fields(&[quad("pay", "7", Some(100)), quad("look", "8", None)]).is_empty());
    let dear = fields(&[quad("pay", "7", Some(1_000))]);
    assert!(dear.len() == 1 && dear[0].ends_with(".arguments.amount"), "{dear:?}");
    let foreign = fields(&[quad("drop", "7", None)]);
    assert!(foreign.len() == 1 && foreign[0].ends_with(".actions.drop"), "{foreign:?}");
    let stranger = Intent::of_quads(entity("user", "bob"), &[]);
    assert_eq!(strays(&stranger, &template, &World)[0].field, "subject");
    assert_eq!(strays(&quads(&[quad("pay", "7", None)]), &intent(vec![]), &World).len(), 1);
}
