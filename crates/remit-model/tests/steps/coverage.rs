//! Actions, resources, arguments, closedness, time.

use std::sync::Arc;

use remit_model::transaction::{Attempt, Status, fits_lineage};
use remit_model::{Argument, Bound, Reason, Scope, Task, Value};

use crate::world::*;

#[test]
fn scopes() {
    let cases = [
        (Scope::Any(name("invoice")), "7", true),
        (Scope::Any(name("order")), "7", false),
        (Scope::OneOf([entity("invoice", "7")].into()), "7", true),
        (Scope::OneOf([entity("invoice", "8")].into()), "7", false),
        (Scope::Under(entity("folder", "in"), name("parent")), "7", true),
        (Scope::Under(entity("folder", "in"), name("parent")), "8", false),
        (Scope::Under(entity("folder", "in"), name("likes")), "7", false),
    ];
    for (resource, id, covered) in cases {
        let transaction = transaction(intent(vec![Task { resource: resource.clone(), ..task("pay") }]));
        let found = find(&transaction, "pay", &entity("invoice", id));
        assert_eq!(found.is_ok(), covered, "{resource:?} {id}");
        if let Err(misfit) = found {
            assert_eq!(misfit.reason, Reason::IntentNotCovering);
        }
    }
    let transaction = transaction(intent(vec![task("pay")]));
    assert!(find(&transaction, "read", &entity("invoice", "7")).is_err());
}

#[test]
fn arguments_are_bound_and_named_by_field() {
    let pay = Task {
        arguments: arguments(&[
            ("amount", Argument::bound(Bound::Between { low: None, high: Some(n(100)) })),
            ("items.sku", Argument { optional: true, ..exactly(s("a")) }),
        ]),
        ..task("pay")
    };
    let transaction = transaction(intent(vec![pay]));
    let items = |skus: &[&str]| Value::Set(skus.iter().map(|sku| record(&[("sku", s(sku))])).collect());
    assert!(ask(&transaction, 0, &given(&[("amount", n(100))])).is_ok());
    assert!(ask(&transaction, 0, &given(&[("amount", n(100)), ("items", items(&["a", "a"]))])).is_ok());
    let amount = (Reason::ArgumentNotAllowed, "tasks.pay.arguments.amount".to_owned());
    assert_eq!(refused(ask(&transaction, 0, &given(&[("amount", n(101))]))), amount);
    assert_eq!(refused(ask(&transaction, 0, &given(&[]))), amount, "missing is not inside");
    let two = given(&[("amount", n(1)), ("items", items(&["a", "b"]))]);
    assert_eq!(refused(ask(&transaction, 0, &two)).1, "tasks.pay.arguments.items.sku");
}

#[test]
fn a_closed_task_takes_no_other_argument() {
    let open = Task { arguments: arguments(&[("amount", Argument::any())]), ..task("pay") };
    let closed = Task { closed: true, ..open.clone() };
    let extra = given(&[("amount", n(1)), ("cc", s("eve"))]);
    assert!(ask(&transaction(intent(vec![open])), 0, &extra).is_ok());
    let transaction = transaction(intent(vec![closed]));
    assert!(ask(&transaction, 0, &given(&[("amount", n(1))])).is_ok());
    let field = "tasks.pay.arguments.cc".to_owned();
    assert_eq!(refused(ask(&transaction, 0, &extra)), (Reason::ArgumentNotAllowed, field));
}

#[test]
fn time_and_status() {
    let mut bounded = intent(vec![task("pay")]);
    bounded.not_before = Some(at(1));
    bounded.not_after = Some(at(1));
    let open = transaction(bounded);
    assert!(ask(&open, 0, &given(&[])).is_ok(), "both ends are included");
    let mut early = (*open.intent).clone();
    early.not_before = Some(at(2));
    let mut late = (*open.intent).clone();
    late.not_after = Some(at(0));
    for (changed, reason) in [
        (transaction(early), Reason::IntentExpired),
        (transaction(late), Reason::IntentExpired),
        (remit_model::Transaction { expires: at(1), ..open.clone() }, Reason::TransactionExpired),
        (remit_model::Transaction { status: Status::Closed, ..open.clone() }, Reason::TransactionClosed),
        (remit_model::Transaction { status: Status::Revoked, ..open.clone() }, Reason::TransactionRevoked),
    ] {
        assert_eq!(refused(ask(&changed, 0, &given(&[]))).0, reason);
    }
}

#[test]
fn every_ancestor_is_asked() {
    let child = Arc::new(transaction(intent(vec![task("pay"), task("read")])));
    let parent = Arc::new(transaction(intent(vec![task("pay")])));
    let (resource, none) = (entity("invoice", "7"), given(&[]));
    let fits = |called: &str, lineage: &[Arc<remit_model::Transaction>]| {
        let action = name(called);
        let attempt = Attempt { action: &action, resource: &resource, arguments: &none };
        fits_lineage(lineage, &action, &attempt, at(1), &World)
    };
    assert!(fits("pay", &[child.clone(), parent.clone()]).is_ok());
    assert!(fits("read", std::slice::from_ref(&child)).is_ok());
    assert_eq!(refused(fits("read", &[child.clone(), parent.clone()])).0, Reason::IntentNotCovering);
    let revoked = Arc::new(remit_model::Transaction { status: Status::Revoked, ..(*parent).clone() });
    assert_eq!(refused(fits("pay", &[child, revoked])).0, Reason::TransactionRevoked);
    assert_eq!(refused(fits("pay", &[])).0, Reason::TransactionUnknown);
}
