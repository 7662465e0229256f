//! The kinds of signs.

use std::fmt;

/// What kind of sign of injection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Earlier instructions shall no longer hold.
    InstructionOverride,
    /// The model shall tell its own instructions.
    PromptExfiltration,
    /// The model shall be somebody else.
    RoleSwitch,
    /// Text that passes for a turn of the conversation or a chat template.
    FakeTurn,
    /// Claimed authority or urgency in place of a check.
    AuthorityUrgency,
    /// A tool call inside data.
    ToolSmuggling,
    /// Data shall leave to an address.
    DataExfiltration,
    /// The text hides what it says.
    Obfuscation,
    /// An instruction in a language other than English.
    OtherLanguage,
    /// A document that speaks to the model that reads it.
    IndirectCarrier,
    /// An earlier or later turn shall give force to this one.
    MultiTurn,
    /// The model shall not refuse, warn or ask.
    RefusalSuppression,
    /// Rules of access inside data.
    PolicyInjection,
    /// The text closes the place it stands in.
    DelimiterBreak,
}

impl Category {
    /// Every category, in their order.
    pub const ALL: [Self; 14] = [
        Self::InstructionOverride,
        Self::PromptExfiltration,
        Self::RoleSwitch,
        Self::FakeTurn,
        Self::AuthorityUrgency,
        Self::ToolSmuggling,
        Self::DataExfiltration,
        Self::Obfuscation,
        Self::OtherLanguage,
        Self::IndirectCarrier,
        Self::MultiTurn,
        Self::RefusalSuppression,
        Self::PolicyInjection,
        Self::DelimiterBreak,
    ];

    /// The stable name, `lower_snake`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InstructionOverride => "instruction_override",
            Self::PromptExfiltration => "prompt_exfiltration",
            Self::RoleSwitch => "role_switch",
            Self::FakeTurn => "fake_turn",
            Self::AuthorityUrgency => "authority_urgency",
            Self::ToolSmuggling => "tool_smuggling",
            Self::DataExfiltration => "data_exfiltration",
            Self::Obfuscation => "obfuscation",
            Self::OtherLanguage => "other_language",
            Self::IndirectCarrier => "indirect_carrier",
            Self::MultiTurn => "multi_turn",
            Self::RefusalSuppression => "refusal_suppression",
            Self::PolicyInjection => "policy_injection",
            Self::DelimiterBreak => "delimiter_break",
        }
    }

    /// The category of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
