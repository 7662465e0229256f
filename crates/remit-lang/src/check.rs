//! Written trees to one checked policy set: packages joined, names resolved, types known, errors complete.
//!
//! It reads no grammar and decides no request. The way of a set: `package` (which file belongs where) → `schema`
//! and `threshold` (what is declared) → `outline` (which intents and labels there are) → `rule`, `intent`, `label` with `expr` (what is said) → `expect` → `warning` (what is accepted,
//! yet worth a second look). Neither the order of files nor that of rules changes the outcome.

mod expect;
mod expr;
mod findings;
mod intent;
mod label;
mod limits;
mod membership;
mod names;
mod outline;
mod package;
mod rule;
mod schema;
mod source;
mod threshold;
mod usage;
mod vocabulary;
mod warning;
mod world;

use crate::ast;
use crate::checked::Policies;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources};

use findings::Findings;
use usage::Usage;

pub(crate) use findings::sorted;
pub use vocabulary::Vocabulary;

/// Checks all files of a set together. Gives the policies and the warnings, or every error.
///
/// # Errors
/// Everything that is wrong with the set, in order of file name and place.
pub fn check(
    files: &[(FileId, ast::File)],
    sources: &Sources,
) -> Result<(Policies, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let mut usage = Usage::default();
    let (packages, headers, units) = package::packages(files, sources, &mut findings);
    let mut world = schema::world(packages, &units, &mut findings);
    threshold::limits(&mut world, &units, &mut usage, &mut findings);
    world.outline = outline::outline(&world, &units);
    let services = source::sources(&world, &units, sources, &mut usage, &mut findings);
    let rules = rule::rules(&world, &units, &mut usage, &mut findings);
    let intents = intent::intents(&world, &units, &mut usage, &mut findings);
    let labels = label::labels(&world, &units, sources, &mut usage, &mut findings);
    let expects = expect::expects(&world, &units, sources, &mut findings);
    if !findings.refused() {
        warning::cover::warn(&world, &rules, &mut findings);
        warning::presence::warn(&world, &rules, sources, &mut findings);
        usage.warn(&world, &mut findings);
    }
    let policies = Policies {
        schema: world.schema,
        packages: headers,
        limits: world.limits,
        sources: services,
        rules: rules.into_iter().map(|ruled| ruled.rule).collect(),
        intents,
        labels,
        expects,
    };
    findings.close(policies, sources)
}

#[cfg(test)]
mod tests;
