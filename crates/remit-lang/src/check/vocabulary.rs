//! Expressions outside of rules: conditions and values over declared fields, as questions to the log are.

use std::sync::Arc;

use remit_model::{Field, Schema};

use crate::ast;
use crate::checked::Expr;
use crate::diagnostic::Diagnostic;
use crate::parse::{expression, parse};
use crate::source::{FileId, Sources};

use super::expr::Typer;
use super::findings::{Checked, Findings};
use super::package::{self, PackageId};
use super::schema;
use super::usage::Usage;
use super::world::World;

/// What expressions outside of rules may speak of: the fields of `context` blocks by their bare names, the members of
/// levels, `now`, and entities of any type.
#[derive(Debug)]
pub struct Vocabulary {
    world: World,
}

impl Vocabulary {
    /// Reads declarations: `level`, `entity` and `context` items, all of one package.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn read(sources: &Sources) -> Result<Self, Vec<Diagnostic>> {
        let mut errors = Vec::new();
        let mut files = Vec::new();
        for (id, _) in sources.iter() {
            let (file, found) = parse(id, sources);
            files.push((id, file));
            errors.extend(found.into_iter().filter(Diagnostic::is_error));
        }
        if !errors.is_empty() {
            return Err(super::sorted(errors, sources));
        }
        let mut findings = Findings::default();
        let (packages, _, units) = package::packages(&files, sources, &mut findings);
        let world = schema::world(packages, &units, &mut findings);
        let (vocabulary, _) = findings.close(Self { world }, sources)?;
        Ok(vocabulary)
    }

    /// The declared levels and types.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.world.schema
    }

    /// The declared fields, by name.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        self.world.schema.context()
    }

    /// Reads a file that holds one condition. A field stands in the tree as [`crate::checked::ExprKind::Context`].
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn condition(&self, file: FileId, sources: &Sources) -> Result<Expr, Vec<Diagnostic>> {
        self.typed(file, sources, |typer, written| typer.condition(written))
    }

    /// Reads a file that holds one value of any type.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn value(&self, file: FileId, sources: &Sources) -> Result<Expr, Vec<Diagnostic>> {
        self.typed(file, sources, |typer, written| typer.value(written))
    }

    fn typed(
        &self,
        file: FileId,
        sources: &Sources,
        read: impl FnOnce(&mut Typer<'_>, &ast::Expr) -> Checked<Expr>,
    ) -> Result<Expr, Vec<Diagnostic>> {
        let written = expression(file, sources)?;
        let (mut usage, mut findings) = (Usage::default(), Findings::default());
        let typed = read(&mut Typer::open(&self.world, &mut usage, &mut findings, PackageId(0)), &written);
        match typed {
            Ok(expr) if !findings.refused() => Ok(expr),
            _ => Err(findings.refusal(sources)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: &str = r#"
level kind { decision < fault }
level grade { low < high }
entity party { type: string, id: string }
context { kind: kind, decision: string, severity: grade, subject: party, chain: set<party>, time: time, tags: set<string> }
"#;

    fn vocabulary() -> Vocabulary {
        let mut sources = Sources::default();
        sources.add("records.ibac", RECORDS);
        Vocabulary::read(&sources).expect("the declarations are sound")
    }

    fn read(text: &str) -> Result<Expr, Vec<Diagnostic>> {
        let mut sources = Sources::default();
        let file = sources.add("question", text);
        vocabulary().condition(file, &sources)
    }

    #[test]
    fn bare_names_are_fields_and_members_of_levels() {
        for text in [
            "kind == decision and decision == \"deny\"",
            "decision == \"deny\" and kind in [decision, fault]",
            "severity >= high",
            "not (severity is missing)",
            "subject == user:\"alice\" or chain has agent:a1",
            "subject is user",
            "any link in chain: link.id starts with \"a\"",
            "time >= now - 90d",
            "tags has any [\"a\", \"b\"]",
            "count(chain) > 1 // several\nand tags has \"a\"",
        ] {
            assert!(read(text).is_ok(), "{text}: {:?}", read(text));
        }
    }

    #[test]
    fn what_no_record_has_is_refused_with_place_and_help() {
        for (text, code, place, help) in [
            ("subjekt.id == \"a\"", "check/unknown-name", (0, 7), Some("subject")),
            ("context.x == 1", "check/unknown-name", (0, 7), None),
            ("limits.x == 1", "check/unknown-name", (0, 6), None),
            ("severity >= hihg", "check/not-a-member", (12, 16), Some("high")),
            ("subject.name == \"a\"", "check/unknown-attribute", (8, 12), None),
            ("severity == 3", "check/impossible-comparison", (12, 13), None),
            ("kind ==", "parse/unexpected", (7, 7), None),
            ("kind == decision severity", "parse/unexpected", (17, 25), None),
            ("", "parse/unexpected", (0, 0), None),
        ] {
            let found = read(text).expect_err(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            let at = found[0].place().unwrap_or_default();
            assert_eq!((found[0].code, (at.start, at.end)), (code, place), "{text}: {found:?}");
            let said = format!("{:?} {:?}", found[0].help, found[0].labels);
            assert!(help.is_none_or(|help| said.contains(help)), "{text}: {found:?}");
        }
    }

    #[test]
    fn declarations_that_do_not_hold_are_refused() {
        let mut sources = Sources::default();
        sources.add("records.ibac", "context { a: nothing }");
        assert!(Vocabulary::read(&sources).is_err());
    }
}
