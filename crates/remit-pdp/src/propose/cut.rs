//! The texts of a proposal: what of each permit stays, written into a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use remit_lang::ast::ItemKind;
use remit_lang::diagnostic::{Diagnostic, has_errors, render};
use remit_lang::narrow::{Left, Lost, Used, narrow};
use remit_lang::source::Sources;

use super::base::Base;

/// What of each permit stays.
pub(super) struct Cut {
    /// What was used of it; a permit that is not in here was not used.
    pub used: BTreeMap<String, Used>,
    /// Permits that stay as they are.
    pub whole: BTreeSet<String>,
}

/// What each permit lost, with its file; else the cut permits of which the checker refuses what is left.
type Written = Result<Vec<(String, Lost)>, BTreeSet<String>>;

impl Cut {
    fn left(&self, rule: &str) -> Left<'_> {
        match self.used.get(rule) {
            _ if self.whole.contains(rule) => Left::Whole,
            Some(used) => Left::Used(used),
            None => Left::Nothing,
        }
    }

    /// Writes the texts; a file of which nothing is cut stays as it is written.
    pub(super) fn write(&self, base: &Base, out: &Path) -> Result<Written, String> {
        let (mut all, mut proposed) = (Vec::new(), Sources::default());
        for (id, file) in base.sources.iter() {
            let inside = base.inside(&file.name);
            let (mut tree, found) = remit_lang::parse(id, &base.sources);
            if has_errors(&found) {
                return Err(render::terminal(&found, &base.sources, false));
            }
            let lost = narrow(&mut tree, |rule| self.left(rule));
            let text = if lost.is_empty() { file.text.clone() } else { remit_lang::format(&tree) };
            all.extend(lost.into_iter().map(|lost| (inside.clone(), lost)));
            proposed.add(inside, text);
        }
        if let Err(found) = remit_lang::compile(&proposed) {
            let blamed = blamed(&found, &proposed, &all);
            if blamed.is_empty() {
                return Err(format!(
                    "what is left is refused:\n{}",
                    render::terminal(&found, &proposed, false)
                ));
            }
            return Ok(Err(blamed));
        }
        for (_, file) in proposed.iter() {
            put(&out.join(&file.name), &file.text)?;
        }
        Ok(Ok(all))
    }
}

/// The cut permits that a refusal points into.
fn blamed(found: &[Diagnostic], sources: &Sources, cut: &[(String, Lost)]) -> BTreeSet<String> {
    let mut blamed = BTreeSet::new();
    for (id, _) in sources.iter() {
        let tree = remit_lang::parse(id, sources).0;
        let package = tree.items.iter().find_map(|item| match &item.kind {
            ItemKind::Package(package) => Some(package.name.node.clone()),
            _ => None,
        });
        let package = package.unwrap_or_default();
        for item in &tree.items {
            let ItemKind::Rule(rule) = &item.kind else { continue };
            let rule = format!("{package}.{}", rule.name.node);
            let labels = found.iter().flat_map(|one| &one.labels).map(|label| label.span);
            let mut inside =
                labels.filter(|at| at.file == id && (item.span.start..item.span.end).contains(&at.start));
            if inside.next().is_some() && cut.iter().any(|(_, lost)| lost.rule == rule) {
                blamed.insert(rule);
            }
        }
    }
    blamed
}

/// Writes one file, with the folders above it.
pub(super) fn put(path: &Path, text: &str) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot write `{}`: {error}", path.display());
    if let Some(above) = path.parent() {
        std::fs::create_dir_all(above).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}
