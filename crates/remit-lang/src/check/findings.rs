//! Errors and warnings as they are found. Whoever cannot go on holds a [`Reported`], which only filing gives.

use crate::diagnostic::{self, Diagnostic};
use crate::source::Sources;

use super::limits::MAX_FINDINGS;

/// Proof that an error was filed. Nothing else makes one, so no failure can pass silently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reported(());

/// A checked thing, or the proof that its error was filed.
pub(super) type Checked<T> = Result<T, Reported>;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

impl Findings {
    /// Files an error.
    pub(super) fn error(&mut self, error: impl Into<Diagnostic>) -> Reported {
        if self.errors.len() < MAX_FINDINGS {
            self.errors.push(error.into());
        }
        Reported(())
    }

    /// Files a warning.
    pub(super) fn warn(&mut self, warning: impl Into<Diagnostic>) {
        if self.warnings.len() < MAX_FINDINGS {
            self.warnings.push(warning.into());
        }
    }

    /// True when an error was filed.
    pub(super) fn refused(&self) -> bool {
        !self.errors.is_empty()
    }

    /// The nearest of some names, as long as somebody may still read it.
    pub(super) fn nearest<'n>(&self, name: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
        if self.errors.len() < MAX_FINDINGS { diagnostic::nearest(name, names) } else { None }
    }

    /// The value with the warnings, or the errors; both in order of file name and place.
    pub(super) fn close<T>(
        self,
        value: T,
        sources: &Sources,
    ) -> Result<(T, Vec<Diagnostic>), Vec<Diagnostic>> {
        if self.errors.is_empty() {
            Ok((value, sorted(self.warnings, sources)))
        } else {
            Err(self.refusal(sources))
        }
    }

    /// The errors in order of file name and place.
    pub(super) fn refusal(self, sources: &Sources) -> Vec<Diagnostic> {
        sorted(self.errors, sources)
    }
}

/// By file name, then place, then text: the same for every order of files.
pub(crate) fn sorted(mut diagnostics: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    diagnostics.sort_by_cached_key(|one| {
        let span = one.place();
        let file = span.and_then(|span| sources.file(span.file)).map(|file| file.name.clone());
        (file, span, one.code, one.message.clone())
    });
    diagnostics.dedup();
    diagnostics
}
