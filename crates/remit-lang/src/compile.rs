//! Texts to a checked policy set in one call: every file parsed, then all of them checked together.

use crate::check::{check, sorted};
use crate::checked::Policies;
use crate::diagnostic::Diagnostic;
use crate::parse::parse;
use crate::source::Sources;

/// Parses and checks all files of a set. Gives the policies and the warnings.
///
/// # Errors
/// Every error of the set in order of file name and place. When a file cannot be read, only such errors are given:
/// what it would have declared is not known, so nothing can be said of what refers to it.
pub fn compile(sources: &Sources) -> Result<(Policies, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    for (id, _) in sources.iter() {
        let (file, found) = parse(id, sources);
        files.push((id, file));
        let (refusals, remarks): (Vec<_>, Vec<_>) = found.into_iter().partition(Diagnostic::is_error);
        errors.extend(refusals);
        warnings.extend(remarks);
    }
    if !errors.is_empty() {
        return Err(sorted(errors, sources));
    }
    let (policies, found) = check(&files, sources)?;
    warnings.extend(found);
    Ok((policies, sorted(warnings, sources)))
}
