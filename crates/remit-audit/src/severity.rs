//! How grave a record is: one table from reason codes to grades, shared by questions and incidents. Pure.

use remit_lang::checked::Severity;
use remit_model::Reason;

/// The grade of a denial for this reason, raised to what the rules that denied declare. A code that is not known is
/// graded in the middle: nobody can say that it is harmless.
#[must_use]
pub fn severity(reason: &str, declared: Option<Severity>) -> Severity {
    let own = Reason::from_code(reason).map_or(Severity::Medium, grade);
    declared.map_or(own, |declared| own.max(declared))
}

/// The grade of a record by its kind, answer and reason: denials have one, incidents, and questions that could not be
/// decided.
#[must_use]
pub fn of_record(
    kind: &str,
    decision: Option<&str>,
    reason: Option<&str>,
    declared: Option<&str>,
) -> Option<Severity> {
    match (kind, decision) {
        ("fault", _) => Some(Severity::Medium),
        // What is declared of an incident is its own grade.
        ("incident", _) => declared.map(|text| read(text).unwrap_or(Severity::Critical)),
        ("decision", Some("deny")) => {
            // A grade that is not known may be the gravest.
            let declared = declared.map(|text| read(text).unwrap_or(Severity::Critical));
            Some(severity(reason.unwrap_or_default(), declared))
        }
        _ => None,
    }
}

/// A grade by its name.
fn read(text: &str) -> Option<Severity> {
    Some(match text {
        "informational" => Severity::Informational,
        "low" => Severity::Low,
        "medium" => Severity::Medium,
        "high" => Severity::High,
        "critical" => Severity::Critical,
        _ => return None,
    })
}

fn grade(reason: Reason) -> Severity {
    use Reason as R;
    match reason {
        // Nothing was attempted that anybody forbade.
        R::Permitted
        | R::NoPermitApplies
        | R::PermitUnknown
        | R::NotSupportedYet
        | R::InvalidItem
        | R::UnknownAction
        | R::IntentExpired
        | R::TransactionExpired => Severity::Informational,
        // A rule, or the order of steps, stopped it; such happens every day.
        R::Forbidden
        | R::ForbidUnknown
        | R::RequirementFailed
        | R::RequirementUnknown
        | R::AssuranceTooLow
        | R::IntentRequired
        | R::TaskRepeated
        | R::TransactionClosed => Severity::Low,
        // An agent did what it was not sent for.
        R::TokenInvalid
        | R::SessionRevoked
        | R::ChainLoop
        | R::ChainTooDeep
        | R::SkillMissing
        | R::ToolNotInSkill
        | R::SkillNotNeeded
        | R::IntentUnknown
        | R::IntentNotCovering
        | R::TaskOutOfOrder
        | R::BudgetExceeded
        | R::ArgumentNotAllowed
        | R::TransactionUnknown
        | R::TransactionRevoked => Severity::Medium,
        // It looks like an attack: a broken chain, a changed tool, an argument from nowhere.
        R::ChainUnknownAgent
        | R::ChainAgentDisabled
        | R::ChainNotDelegated
        | R::ChainShrunk
        | R::ChainReordered
        | R::AttributionLost
        | R::ToolFingerprintChanged
        | R::IntentWidened
        | R::ArgumentOriginUnknown
        | R::TransactionForeign
        | R::LabelForbids => Severity::High,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_graded_and_rules_raise_but_never_lower() {
        for (reason, declared, expected) in [
            ("no_permit_applies", None, Severity::Informational),
            ("forbidden", None, Severity::Low),
            ("forbidden", Some(Severity::Critical), Severity::Critical),
            ("task_out_of_order", None, Severity::Medium),
            ("chain_shrunk", None, Severity::High),
            ("chain_shrunk", Some(Severity::Low), Severity::High),
            ("a code of a later version", None, Severity::Medium),
        ] {
            assert_eq!(severity(reason, declared), expected, "{reason}");
        }
    }

    #[test]
    fn only_denials_and_faults_have_a_grade() {
        let denied = |declared| of_record("decision", Some("deny"), Some("forbidden"), declared);
        assert_eq!(denied(None), Some(Severity::Low));
        assert_eq!(denied(Some("high")), Some(Severity::High));
        assert_eq!(denied(Some("of a later version")), Some(Severity::Critical));
        assert_eq!(of_record("decision", Some("allow"), Some("permitted"), Some("high")), None);
        assert_eq!(of_record("decision", None, Some("permitted"), None), None);
        assert_eq!(of_record("fault", None, None, None), Some(Severity::Medium));
        assert_eq!(
            of_record("incident", None, Some("forbidden"), Some("critical")),
            Some(Severity::Critical)
        );
        assert_eq!(of_record("started", None, None, None), None);
    }
}
