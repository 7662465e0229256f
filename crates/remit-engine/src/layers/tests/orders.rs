//! Of several things that are wrong, which one is the reason, and which task came closest.

use remit_model::Reason;
use remit_model::transaction::Misfit;

use super::{Ask, bind, policies};
use crate::layers::tasks::nearness;
use crate::layers::{RULES, rank};

/// Who asks and how, before the rules; then what for, and what was done before.
const BEFORE_THE_RULES: [Reason; 16] = [
    Reason::AttributionLost,
    Reason::TransactionUnknown,
    Reason::TransactionForeign,
    Reason::TransactionRevoked,
    Reason::TransactionClosed,
    Reason::TransactionExpired,
    Reason::ChainUnknownAgent,
    Reason::ChainAgentDisabled,
    Reason::ChainLoop,
    Reason::ChainTooDeep,
    Reason::ChainNotDelegated,
    Reason::ChainShrunk,
    Reason::ChainReordered,
    Reason::AssuranceTooLow,
    Reason::ToolFingerprintChanged,
    Reason::ToolNotInSkill,
];
const AFTER_THE_RULES: [Reason; 11] = [
    Reason::IntentUnknown,
    Reason::IntentExpired,
    Reason::IntentWidened,
    Reason::IntentNotCovering,
    Reason::ArgumentNotAllowed,
    Reason::ArgumentOriginUnknown,
    Reason::SkillMissing,
    Reason::SkillNotNeeded,
    Reason::TaskOutOfOrder,
    Reason::TaskRepeated,
    Reason::BudgetExceeded,
];

#[test]
fn reasons_stand_in_the_order_of_the_contract() {
    let ranks: Vec<u8> = BEFORE_THE_RULES.into_iter().map(rank).collect();
    assert!(ranks.is_sorted_by(|a, b| a < b) && ranks.iter().all(|rank| *rank < RULES), "{ranks:?}");
    let ranks: Vec<u8> = AFTER_THE_RULES.into_iter().map(rank).collect();
    assert!(ranks.is_sorted_by(|a, b| a < b) && ranks.iter().all(|rank| *rank > RULES), "{ranks:?}");
    for rules in [Reason::Forbidden, Reason::NoPermitApplies, Reason::RequirementFailed, Reason::Permitted] {
        assert_eq!(rank(rules), RULES);
    }
}

#[test]
fn the_task_that_failed_last_came_closest() {
    let came =
        |reason, field: &str| nearness(&Misfit { reason, field: field.to_owned(), detail: String::new() });
    let steps = [
        came(Reason::IntentNotCovering, "tasks"),
        came(Reason::IntentNotCovering, "tasks.pay.resource"),
        came(Reason::IntentNotCovering, "tasks.pay.when"),
        came(Reason::ArgumentNotAllowed, "tasks.pay.arguments.amount"),
        came(Reason::ArgumentOriginUnknown, "tasks.pay.arguments.to"),
        came(Reason::TaskOutOfOrder, "tasks.pay.after.look"),
    ];
    assert!(steps.is_sorted_by(|a, b| a < b), "{steps:?}");
    assert_eq!(came(Reason::TaskRepeated, ""), came(Reason::BudgetExceeded, ""));
}

#[test]
fn an_action_that_nobody_declared_for_the_type_is_unknown_and_not_only_not_permitted() {
    let bound = bind(&policies(vec![], vec![], vec![]));
    let asked = |action, resource| Ask { action, resource, ..Ask::default() }.reason(&bound);
    assert_eq!(asked("read", "invoice:i1"), Reason::NoPermitApplies);
    assert_eq!(asked("read", "account:acme"), Reason::UnknownAction);
    assert_eq!(asked("reed", "invoice:i1"), Reason::UnknownAction);
}
