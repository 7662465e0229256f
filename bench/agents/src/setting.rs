//! How strictly an intent is made, and how much of what tools return may serve as a source.

use std::fmt;

/// A row of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Setting {
    /// Control: every tool, any argument.
    AllowAll,
    /// Control: no tool.
    DenyAll,
    /// Control: the structured intent of another prompt of the suite.
    Shuffled,
    /// Control: every tool, until something written by somebody else has been read; then only reading.
    LabelsOnly,
    /// The tools that the prompt asks for, any argument.
    ToolsOnly,
    /// Every tool; whoever receives or is paid stands in the prompt or in the clean directory. Nothing else is looked at.
    Destinations,
    /// Every tool, anybody; only the rules about outgoing messages.
    Messages,
    /// Destinations and the rules about outgoing messages.
    DestinationsMessages,
    /// The tools that the prompt asks for, and destinations.
    ToolsDestinations,
    /// The same, and the rules about outgoing messages.
    ToolsDestinationsMessages,
    /// Arguments that decide come from the prompt or from the records that it names.
    Strict,
    /// Also from structured fields of what was read, where the prompt names nothing.
    Structured,
    /// Also from the free text of sources that the prompt names; nobody flags anything.
    Sources,
    /// The same, and a pattern detector flags passages.
    SourcesDetected,
    /// The same, and the detectors of the decision point (`remit-inspect`) flag passages.
    SourcesInspected,
    /// The same, and every attacked passage is flagged: a detector without misses.
    SourcesFlagged,
}

impl Setting {
    /// All, in the order of the tables.
    pub const ALL: [Self; 16] = [
        Self::AllowAll,
        Self::DenyAll,
        Self::Shuffled,
        Self::LabelsOnly,
        Self::ToolsOnly,
        Self::Destinations,
        Self::Messages,
        Self::DestinationsMessages,
        Self::ToolsDestinations,
        Self::ToolsDestinationsMessages,
        Self::Strict,
        Self::Structured,
        Self::Sources,
        Self::SourcesDetected,
        Self::SourcesInspected,
        Self::SourcesFlagged,
    ];

    /// True when structured fields of results are a source.
    #[must_use]
    pub fn flows(self) -> bool {
        matches!(self, Self::Shuffled | Self::Structured) || self.reads_sources()
    }

    /// True when free text of named sources is a source.
    #[must_use]
    pub fn reads_sources(self) -> bool {
        matches!(self, Self::Sources | Self::SourcesDetected | Self::SourcesInspected | Self::SourcesFlagged)
    }

    /// True when arguments are not looked at.
    #[must_use]
    pub fn is_free(self) -> bool {
        matches!(self, Self::AllowAll | Self::LabelsOnly | Self::ToolsOnly | Self::Messages)
    }

    /// True when every tool is granted.
    #[must_use]
    pub fn grants_all(self) -> bool {
        matches!(
            self,
            Self::AllowAll
                | Self::LabelsOnly
                | Self::Destinations
                | Self::Messages
                | Self::DestinationsMessages
        )
    }

    /// True when of all arguments only those are bound that name who receives or is paid.
    #[must_use]
    pub fn binds_destinations(self) -> bool {
        matches!(
            self,
            Self::Destinations
                | Self::DestinationsMessages
                | Self::ToolsDestinations
                | Self::ToolsDestinationsMessages
        )
    }

    /// True when results and outgoing messages are shown to the decision point.
    #[must_use]
    pub fn sees_messages(self) -> bool {
        matches!(self, Self::Messages | Self::DestinationsMessages | Self::ToolsDestinationsMessages)
    }

    /// Who flags passages.
    #[must_use]
    pub fn flags(self) -> Flags {
        match self {
            Self::SourcesDetected => Flags::Pattern,
            Self::SourcesInspected => Flags::Inspected,
            Self::SourcesFlagged => Flags::Perfect,
            _ => Flags::None,
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AllowAll => "control: allow all",
            Self::DenyAll => "control: deny all",
            Self::Shuffled => "control: intent of another prompt",
            Self::LabelsOnly => "control: labels only",
            Self::ToolsOnly => "tools only",
            Self::Destinations => "destinations only",
            Self::Messages => "messages only",
            Self::DestinationsMessages => "destinations and messages",
            Self::ToolsDestinations => "tools and destinations",
            Self::ToolsDestinationsMessages => "tools, destinations and messages",
            Self::Strict => "strict values",
            Self::Structured => "structured flow",
            Self::Sources => "named sources, nothing flagged",
            Self::SourcesDetected => "named sources, passages flagged by patterns",
            Self::SourcesInspected => "named sources, passages flagged by remit-inspect",
            Self::SourcesFlagged => "named sources, every attacked passage flagged",
        })
    }
}

/// Who flags passages of a text as somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flags {
    /// Nobody.
    None,
    /// [`crate::detector`].
    Pattern,
    /// `remit-inspect`, passage by passage.
    Inspected,
    /// One who knows where the attack stands.
    Perfect,
}
