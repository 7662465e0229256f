//! Order, count, budgets: pay an invoice.

use remit_model::{Argument, Number, Reason, Task};

use crate::world::*;

fn paying() -> Vec<Task> {
    let pay = Task {
        after: [name("approve")].into(),
        at_most: Some(2),
        budgets: [("amount".to_owned(), Number::from(100))].into(),
        ..task("pay")
    };
    vec![pay, Task { after: [name("look")].into(), ..task("approve") }, task("look")]
}

#[test]
fn look_up_then_approve_then_pay_once() {
    let mut transaction = transaction(intent(paying()));
    let sixty = given(&[("amount", n(60))]);
    let (pay, approve, look) = (0, 1, 2);
    let order = (Reason::TaskOutOfOrder, "tasks.pay.after.approve".to_owned());
    assert_eq!(refused(ask(&transaction, pay, &sixty)), order);
    assert!(ask(&transaction, approve, &sixty).is_err() && ask(&transaction, look, &sixty).is_ok());
    transaction.steps.push(step("look", 0, false));
    assert!(ask(&transaction, approve, &sixty).is_ok());
    transaction.steps.push(step("approve", 0, true));
    assert_eq!(refused(ask(&transaction, pay, &sixty)), order, "what is pending is not done");
    transaction.inherited.push(step("approve", 0, false));
    assert!(ask(&transaction, pay, &sixty).is_ok(), "what the parent did is done");

    transaction.steps.push(step("pay", 60, true));
    let budget = (Reason::BudgetExceeded, "tasks.pay.budgets.amount".to_owned());
    assert_eq!(refused(ask(&transaction, pay, &sixty)), budget, "what is pending is spent");
    assert!(ask(&transaction, pay, &given(&[("amount", n(40))])).is_ok(), "to the last unit");
    transaction.steps.push(step("pay", 1, false));
    let count = (Reason::TaskRepeated, "tasks.pay.at_most".to_owned());
    assert_eq!(refused(ask(&transaction, pay, &given(&[("amount", n(1))]))), count);
}

#[test]
fn only_what_can_be_counted_is_spent() {
    let mut all = paying();
    all[0].after.clear();
    let open = transaction(intent(all.clone()));
    let field = "tasks.pay.budgets.amount".to_owned();
    for (odd, arguments) in [
        ("negative", given(&[("amount", n(-50))])),
        ("text", given(&[("amount", s("50"))])),
        ("absent", given(&[])),
    ] {
        assert_eq!(refused(ask(&open, 0, &arguments)), (Reason::ArgumentNotAllowed, field.clone()), "{odd}");
    }
    let split = remit_model::Value::Set([n(60), n(60)].into());
    assert_eq!(refused(ask(&open, 0, &given(&[("amount", split)]))).0, Reason::BudgetExceeded);
    all[0].arguments = arguments(&[("amount", Argument { optional: true, ..Argument::any() })]);
    assert!(ask(&transaction(intent(all)), 0, &given(&[])).is_ok(), "optional and absent is nought");
}
