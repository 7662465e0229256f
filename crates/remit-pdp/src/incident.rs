//! What an incident is, how grave it is, and what has to follow. Pure.
//!
//! The form is that of the incident form of the FREE-AI report (Annexure VI): when it happened and was found, use case,
//! model and vendor, description, stakeholders, severity, failure mode, root cause, response, status, reporter.

use remit_model::Reason;
use serde::{Deserialize, Serialize};

/// How grave, in five steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Worth knowing.
    Informational,
    /// Worth a look tomorrow.
    Low,
    /// Somebody looks now.
    Medium,
    /// Reported on the form.
    High,
    /// The institution's continuity is at stake.
    Critical,
}

impl Grade {
    /// All, the least first.
    pub const ALL: [Self; 5] = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// As in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Reads that spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grade| grade.as_str() == text)
    }

    /// The three steps of the form.
    #[must_use]
    pub fn on_form(self) -> &'static str {
        match self {
            Self::Informational | Self::Low => "low",
            Self::Medium => "moderate",
            Self::High | Self::Critical => "high",
        }
    }

    /// What has to follow; each step adds to those below it.
    #[must_use]
    pub fn actions(self) -> &'static [&'static str] {
        const ALL: [&str; 5] = ["log", "daily_digest", "page", "form", "continuity_drill"];
        ALL.get(..=self as usize).unwrap_or(&ALL)
    }

    /// Whether an authority has to be told.
    #[must_use]
    pub fn needs_disclosure(self) -> bool {
        self >= Self::High
    }

    fn raised(self) -> Self {
        Self::ALL.into_iter().find(|grade| *grade > self).unwrap_or(self)
    }
}

/// What it did, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Impact {
    /// How many people or customers.
    #[serde(default)]
    pub affected: u64,
    /// Money lost or moved wrongly, in whole units of the institution's currency.
    #[serde(default)]
    pub financial: u64,
    /// Harm to people.
    #[serde(default)]
    pub harm: Harm,
    /// Whether all of it can be undone.
    #[serde(default = "yes")]
    pub reversible: bool,
}

fn yes() -> bool {
    true
}

impl Default for Impact {
    /// Nothing happened: what a denial prevents.
    fn default() -> Self {
        Self { affected: 0, financial: 0, harm: Harm::None, reversible: true }
    }
}

/// Harm to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Harm {
    /// None.
    #[default]
    None,
    /// Inconvenience.
    Minor,
    /// A wrong that can be made good.
    Moderate,
    /// Loss of rights, health or livelihood for a time.
    Serious,
    /// Lasting.
    Severe,
}

/// So many of a kind within [`RECURRENCE_DAYS`] are more than each of them alone.
pub const RECURRENCES: u32 = 3;
/// The days in which they are counted.
pub const RECURRENCE_DAYS: i64 = 30;

/// From which sum, number of people on, each grade begins. Chosen as powers of ten; a policy that knows better states
/// the severity of its rule.
const FINANCIAL: [u64; 4] = [1, 10_000, 100_000, 1_000_000];
const AFFECTED: [u64; 4] = [1, 10, 1_000, 100_000];

/// How grave something is that was graded `base` by rule or reason, did this, and is the `recurrence`th of its kind.
///
/// The gravest of the four counts; what cannot be undone and what recurs is one step graver, each once.
#[must_use]
pub fn grade(base: Grade, impact: &Impact, recurrence: u32) -> Grade {
    let step = |value: u64, bounds: [u64; 4]| {
        let reached = bounds.into_iter().filter(|bound| value >= *bound).count();
        Grade::ALL.get(reached).copied().unwrap_or(Grade::Critical)
    };
    let harm = Grade::ALL.get(impact.harm as usize).copied().unwrap_or(Grade::Critical);
    let mut grade =
        base.max(step(impact.financial, FINANCIAL)).max(step(impact.affected, AFFECTED)).max(harm);
    if !impact.reversible {
        grade = grade.raised();
    }
    if recurrence >= RECURRENCES {
        grade = grade.raised();
    }
    grade
}

/// What went wrong, in the words of the form.
pub const FAILURE_MODES: [&str; 8] = [
    "bias",
    "hallucination",
    "explainability_gap",
    "privacy_breach",
    "unintended_action",
    "policy_denied",
    "agent_error",
    "unknown",
];

/// The failure mode that a denial shows, and how grave it is whatever the rules say; none for a denial that only a rule
/// can make an incident.
#[must_use]
pub fn of_reason(reason: &str) -> Option<(&'static str, Grade)> {
    let reason = Reason::ALL.iter().copied().find(|known| known.code() == reason)?;
    Some(match reason {
        Reason::AttributionLost => ("unintended_action", Grade::High),
        Reason::ToolFingerprintChanged => ("agent_error", Grade::Medium),
        Reason::ChainShrunk | Reason::ChainReordered | Reason::ChainLoop | Reason::TransactionForeign => {
            ("unintended_action", Grade::Medium)
        }
        Reason::BudgetExceeded => ("unintended_action", Grade::Medium),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Grade::{Critical, High, Informational, Low, Medium};

    #[test]
    fn twenty_graded_cases() {
        let table = [
            (Informational, 0, 0, Harm::None, true, 1, Informational),
            (Low, 0, 0, Harm::None, true, 1, Low),
            (Medium, 0, 0, Harm::None, true, 1, Medium),
            (High, 0, 0, Harm::None, true, 1, High),
            (Critical, 0, 0, Harm::None, true, 1, Critical),
            (Low, 0, 0, Harm::None, true, 2, Low),
            (Low, 0, 0, Harm::None, true, 3, Medium),
            (Low, 0, 0, Harm::None, true, 300, Medium),
            (Critical, 0, 0, Harm::None, false, 3, Critical),
            (Informational, 9_999, 0, Harm::None, true, 1, Low),
            (Informational, 10_000, 0, Harm::None, true, 1, Medium),
            (Informational, 100_000, 0, Harm::None, true, 1, High),
            (Informational, 1_000_000, 0, Harm::None, true, 1, Critical),
            (Informational, 0, 9, Harm::None, true, 1, Low),
            (Informational, 0, 10, Harm::None, true, 1, Medium),
            (Informational, 0, 1_000, Harm::None, false, 1, Critical),
            (Low, 0, 1, Harm::Minor, true, 1, Low),
            (Low, 5, 1, Harm::Serious, true, 1, High),
            (Low, 5, 1, Harm::Severe, true, 1, Critical),
            (Medium, 20_000, 10, Harm::Moderate, false, 3, Critical),
        ];
        for (nth, (base, financial, affected, harm, reversible, recurrence, expected)) in
            table.into_iter().enumerate()
        {
            let impact = Impact { affected, financial, harm, reversible };
            assert_eq!(grade(base, &impact, recurrence), expected, "case {nth}");
        }
    }

    #[test]
    fn each_grade_adds_an_action_and_maps_to_the_form() {
        let told = Grade::ALL.map(|grade| (grade.actions().len(), grade.on_form(), grade.needs_disclosure()));
        assert_eq!(
            told,
            [
                (1, "low", false),
                (2, "low", false),
                (3, "moderate", false),
                (4, "high", true),
                (5, "high", true)
            ]
        );
        for grade in Grade::ALL {
            assert_eq!(Grade::parse(grade.as_str()), Some(grade));
        }
    }

    #[test]
    fn reasons_that_are_incidents_by_themselves_have_a_mode_of_the_form_and_others_need_a_rule() {
        assert_eq!(of_reason("attribution_lost"), Some(("unintended_action", High)));
        assert_eq!(of_reason("budget_exceeded"), Some(("unintended_action", Medium)));
        for plain in ["forbidden", "no_permit", "permitted", "nonsense"] {
            assert_eq!(of_reason(plain), None, "{plain}");
        }
        for reason in Reason::ALL {
            if let Some((mode, _)) = of_reason(reason.code()) {
                assert!(FAILURE_MODES.contains(&mode));
            }
        }
    }
}
