//! What an import could not carry over, or carried over otherwise, each with its place and what can be done.

use std::fmt::Write as _;

use serde::Serialize;

/// How much an entry matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Not carried over: the source is wrong, or the language cannot say exactly this.
    Refused,
    /// Carried over, with a meaning that differs as stated.
    Changed,
    /// Worth knowing; no decision depends on it.
    Noted,
}

impl Grade {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Changed => "changed",
            Self::Noted => "noted",
        }
    }
}

/// One thing to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// How much it matters.
    pub grade: Grade,
    /// Stable code, for example `genie/unknown-key`.
    pub code: &'static str,
    /// The file as it was named.
    pub file: String,
    /// Line, from 1; 0 when it is about the file as a whole.
    pub line: usize,
    /// Column in characters, from 1; 0 when it is about the file as a whole.
    pub column: usize,
    /// What is the matter.
    pub message: String,
    /// What can be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// Everything there is to know about one import, by file and place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// In order of file, line and column.
    pub entries: Vec<Entry>,
}

/// Line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Report {
    /// Whether something was not carried over.
    #[must_use]
    pub fn refuses(&self) -> bool {
        self.entries.iter().any(|entry| entry.grade == Grade::Refused)
    }

    /// How many entries have the grade.
    #[must_use]
    pub fn count(&self, grade: Grade) -> usize {
        self.entries.iter().filter(|entry| entry.grade == grade).count()
    }

    /// One entry a line, its help below it.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            let place = match entry.line {
                0 => entry.file.clone(),
                line => format!("{}:{line}:{}", entry.file, entry.column),
            };
            let (grade, code) = (entry.grade.as_str(), entry.code);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{grade:<8} {place}  {}  [{code}]", entry.message);
            if let Some(help) = &entry.help {
                let _ = writeln!(text, "         help: {help}");
            }
        }
        let _ = write!(
            text,
            "{} refused, {} changed, {} noted",
            self.count(Grade::Refused),
            self.count(Grade::Changed),
            self.count(Grade::Noted)
        );
        text
    }

    pub(crate) fn sort(&mut self) {
        self.entries.sort_by(|a, b| {
            (&a.file, a.line, a.column, a.grade, a.code, &a.message)
                .cmp(&(&b.file, b.line, b.column, b.grade, b.code, &b.message))
        });
        self.entries.dedup();
    }
}

/// Collects entries about one file.
#[derive(Debug)]
pub(crate) struct Findings<'r> {
    report: &'r mut Report,
    file: &'r str,
}

impl<'r> Findings<'r> {
    pub(crate) fn new(report: &'r mut Report, file: &'r str) -> Self {
        Self { report, file }
    }

    /// How many refusals there are, of whichever file.
    pub(crate) fn refused(&self) -> usize {
        self.report.count(Grade::Refused)
    }

    pub(crate) fn refuse(&mut self, code: &'static str, at: Place, message: impl Into<String>) {
        self.add(Grade::Refused, code, at, message.into(), None);
    }

    pub(crate) fn refuse_with(
        &mut self,
        code: &'static str,
        at: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Grade::Refused, code, at, message.into(), Some(help.into()));
    }

    pub(crate) fn change(&mut self, code: &'static str, at: Place, message: impl Into<String>) {
        self.add(Grade::Changed, code, at, message.into(), None);
    }

    pub(crate) fn note(&mut self, code: &'static str, at: Place, message: impl Into<String>) {
        self.add(Grade::Noted, code, at, message.into(), None);
    }

    pub(crate) fn add(
        &mut self,
        grade: Grade,
        code: &'static str,
        at: Place,
        message: String,
        help: Option<String>,
    ) {
        let (file, Place { line, column }) = (self.file.to_owned(), at);
        self.report.entries.push(Entry { grade, code, file, line, column, message, help });
    }
}
