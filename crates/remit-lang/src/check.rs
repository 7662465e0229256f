//! Written trees to one checked policy set: packages joined, names resolved, types known, errors complete.
//!
//! It reads no grammar and decides no request. The way of a set: `package` (which file belongs where) → `schema`
//! and `threshold` (what is declared) → `rule` with `expr` (what is said) → `expect` → `warning` (what is accepted,
//! yet worth a second look). Neither the order of files nor that of rules changes the outcome.

mod expect;
mod expr;
mod findings;
mod limits;
mod membership;
mod names;
mod package;
mod rule;
mod schema;
mod threshold;
mod usage;
mod warning;
mod world;

use crate::ast;
use crate::ast::ItemKind;
use crate::checked::Policies;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources};

use findings::Findings;
use package::Unit;
use rule::RuleError;
use usage::Usage;

pub(crate) use findings::sorted;

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
    not_yet(&units, &mut findings);
    let mut world = schema::world(packages, &units, &mut findings);
    threshold::limits(&mut world, &units, &mut usage, &mut findings);
    let rules = rule::rules(&world, &units, &mut usage, &mut findings);
    let expects = expect::expects(&world.packages, &units, sources, &mut findings);
    if !findings.refused() {
        warning::cover::warn(&world, &rules, &mut findings);
        warning::presence::warn(&world, &rules, sources, &mut findings);
        usage.warn(&world, &mut findings);
    }
    let policies = Policies {
        schema: world.schema,
        packages: headers,
        limits: world.limits,
        rules: rules.into_iter().map(|ruled| ruled.rule).collect(),
        intents: Vec::new(),
        labels: Vec::new(),
        expects,
    };
    findings.close(policies, sources)
}

/// Refuses the items that are of the language but that this release does not decide.
fn not_yet(units: &[Unit<'_>], findings: &mut Findings) {
    for item in units.iter().flat_map(|unit| unit.items) {
        if let ItemKind::Later { keyword, .. } = &item.kind {
            let (keyword, at) = (keyword.node.clone(), keyword.span);
            findings.error(RuleError::NotSupportedYet { keyword, at });
        }
    }
}

#[cfg(test)]
mod tests;
