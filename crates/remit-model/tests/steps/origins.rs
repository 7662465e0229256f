//! Where a value comes from: the right tool with the attacker's argument.

use std::sync::Arc;

use remit_model::transaction::{FieldKind, Integrity, Reported, Seen};
use remit_model::{Argument, Origin, Reason, Task, Transaction, Value, origin};

use crate::world::*;

const EVIL: &str = "GB33 BUKB 2020 1555 5555 55";

/// `pay` wants `to` from this origin.
fn pay_to(origin: Origin) -> Transaction {
    let pay = Task { arguments: arguments(&[("to", Argument::from_origins([origin]))]), ..task("pay") };
    transaction(intent(vec![pay, task("look")]))
}

fn accepts(transaction: &Transaction, to: &str) -> bool {
    match ask(transaction, 0, &given(&[("to", s(to))])) {
        Ok(()) => true,
        Err(misfit) => {
            assert_eq!(misfit.reason, Reason::ArgumentOriginUnknown);
            assert_eq!(misfit.field, "tasks.pay.arguments.to");
            assert!(!misfit.to_string().contains(to), "values are never repeated");
            false
        }
    }
}

fn result_of(path: &str) -> Origin {
    Origin::Result { task: name("look"), path: path.to_owned() }
}

#[test]
fn a_literal_is_named_by_the_intent() {
    let mut named = (*pay_to(Origin::Literal).intent).clone();
    named.tasks[1].arguments = arguments(&[("account", exactly(s(IBAN)))]);
    named.records = [entity("supplier", "acme")].into();
    let transaction = transaction(named);
    assert!(accepts(&transaction, "gb82west12345698765432") && accepts(&transaction, "ACME"));
    assert!(!accepts(&transaction, EVIL));
    let listed = pay_to(Origin::OneOf([s(IBAN)].into()));
    assert!(accepts(&listed, IBAN) && !accepts(&listed, EVIL));
}

#[test]
fn what_a_child_names_is_no_literal_unless_the_parent_names_it() {
    let mut child = pay_to(Origin::OneOf([s(EVIL)].into()));
    assert!(accepts(&child, EVIL));
    child = pay_to(Origin::Literal);
    let own = remit_model::intent::Named {
        literals: [origin::text(EVIL), origin::text(IBAN)].into(),
        ..Default::default()
    };
    let parent = remit_model::intent::Named { literals: [origin::text(IBAN)].into(), ..Default::default() };
    child.named = Arc::new(own.and(&parent));
    assert!(accepts(&child, IBAN) && !accepts(&child, EVIL));
}

#[test]
fn a_record_is_one_that_the_intent_names() {
    for (attribute, to, accepted) in [
        (Some("iban"), IBAN, true),
        (Some("iban"), "+44 1", false),
        (Some("phones"), "+44  1", true),
        (None, IBAN, true),
        (None, "acme", true),
        (Some("iban"), EVIL, false),
    ] {
        let origin = Origin::RecordOf(name("supplier"), attribute.map(str::to_owned));
        assert!(!accepts(&pay_to(origin.clone()), to), "not named: {attribute:?} {to}");
        let mut named = (*pay_to(origin).intent).clone();
        named.records = [entity("supplier", "acme")].into();
        assert_eq!(accepts(&transaction(named), to), accepted, "{attribute:?} {to}");
    }
}

#[test]
fn a_structured_result_counts_by_task_and_path() {
    let mut paid = pay_to(result_of("suppliers[*].iban"));
    assert!(!accepts(&paid, IBAN), "no report, no such origin");
    paid.outcomes = vec![returned("look", vec![field("suppliers[0].iban", IBAN), field("note", EVIL)])];
    assert!(accepts(&paid, "GB82WEST12345698765432"));
    assert!(!accepts(&paid, EVIL), "another path");
    paid.outcomes = vec![returned("other", vec![field("suppliers[0].iban", IBAN)])];
    assert!(!accepts(&paid, IBAN), "another task");
    let untrusted = Reported { integrity: Integrity::Untrusted, ..field("suppliers[0].iban", IBAN) };
    paid.outcomes = vec![returned("look", vec![untrusted])];
    assert!(!accepts(&paid, IBAN), "the reporter does not vouch for it");
    let hashed = Seen::Keyed(format!("keyed {}", origin::text(IBAN)));
    paid.outcomes =
        vec![returned("look", vec![Reported { value: hashed, ..field("suppliers[3].iban", "") }])];
    assert!(accepts(&paid, IBAN) && !accepts(&paid, EVIL), "a keyed hash");
}

#[test]
fn free_text_counts_only_where_its_source_is_named() {
    let bill = |source: &str| Reported {
        kind: FieldKind::Text { source: source.to_owned() },
        ..field("body", &format!("Please pay 98.70 to {IBAN}. Thanks"))
    };
    let mut paid = pay_to(Origin::Text { source: "bill".to_owned() });
    paid.outcomes = vec![returned("look", vec![bill("bill")])];
    assert!(accepts(&paid, IBAN) && !accepts(&paid, EVIL));
    paid.outcomes = vec![returned("look", vec![bill("mail")])];
    assert!(!accepts(&paid, IBAN), "another source");
    paid.outcomes =
        vec![returned("look", vec![Reported { integrity: Integrity::Untrusted, ..bill("bill") }])];
    assert!(!accepts(&paid, IBAN), "a flagged passage");
    let mut structured = pay_to(result_of(""));
    structured.outcomes = vec![returned("look", vec![bill("bill")])];
    assert!(!accepts(&structured, IBAN), "text is no field");
}

#[test]
fn what_was_created_here_counts() {
    let mut made = pay_to(Origin::Created);
    assert!(!accepts(&made, "file-9"));
    made.created = Arc::new([Seen::Canonical("file-9".to_owned())].into());
    assert!(accepts(&made, "FILE-9") && !accepts(&made, "file-8"));
}

#[test]
fn every_part_of_a_list_needs_an_origin() {
    let listed = pay_to(Origin::OneOf([s("ann"), s("bob")].into()));
    let to = |names: &[&str]| given(&[("to", Value::Set(names.iter().map(|name| s(name)).collect()))]);
    assert!(ask(&listed, 0, &to(&["bob", "Ann"])).is_ok());
    assert_eq!(refused(ask(&listed, 0, &to(&["bob", "eve"]))).0, Reason::ArgumentOriginUnknown);
    assert_eq!(refused(ask(&listed, 0, &to(&[]))).0, Reason::ArgumentNotAllowed, "an empty list is absent");
}
