//! Packages: which file belongs to which, what their headers say, and which see which. Knows no declarations.

use std::collections::{BTreeMap, HashMap, HashSet};

use remit_model::{Name, Timestamp};

use crate::ast::{self, ItemKind};
use crate::checked::Package;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources, Span, Spanned};

use super::findings::{Checked, Findings};
use super::names::{NameError, What};

/// The package of files that name none.
const DEFAULT: &str = "main";

/// How the name of a file ends that holds only expectations.
const TEST_SUFFIX: &str = ".test.ibac";

/// Index of a package in [`Packages`]; packages are ordered by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct PackageId(pub(super) usize);

/// A file with its package.
#[derive(Debug)]
pub(super) struct Unit<'a> {
    /// The package's name; for a test file it may name a package that no policy file declares.
    pub(super) package: PackageId,
    /// Its items.
    pub(super) items: &'a [ast::Item],
}

/// All packages, and which sees which.
#[derive(Debug, Default)]
pub(super) struct Packages {
    names: Vec<Name>,
    uses: HashSet<(PackageId, PackageId)>,
}

impl Packages {
    /// The name of a package.
    pub(super) fn name(&self, id: PackageId) -> Option<&Name> {
        self.names.get(id.0)
    }

    /// The text of a package's name.
    pub(super) fn text(&self, id: PackageId) -> &str {
        self.name(id).map_or("", Name::as_str)
    }

    /// True when names of `owner` may stand in `reader`.
    pub(super) fn sees(&self, reader: PackageId, owner: PackageId) -> bool {
        reader == owner || self.uses.contains(&(reader, owner))
    }
}

/// Why package lines do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum PackageError {
    #[error("a file has one package line")]
    Second { at: Span, first: Span },
    #[error("package `{name}` has another header in another file")]
    HeadersDiffer { name: String, at: Span, first: Span },
    #[error("`{text}` is not a date or time")]
    Date { text: String, at: Span },
    #[error("the package ends before it is approved")]
    EndsBeforeApproval { at: Span, approved: Span },
    #[error("a test file holds only `package`, `use` and `expect`")]
    PolicyInTest { at: Span },
}

impl From<PackageError> for Diagnostic {
    fn from(error: PackageError) -> Self {
        let message = error.to_string();
        match error {
            PackageError::Second { at, first } => Diagnostic::error("check/second-package", message)
                .with_label(at, "the second one")
                .with_secondary(first, "the first one"),
            PackageError::HeadersDiffer { at, first, .. } => {
                Diagnostic::error("check/headers-differ", message)
                    .with_label(at, "differs from the other header")
                    .with_secondary(first, "the other header")
                    .with_help(
                        "give version, approval and end in one file of the package, or the same in all",
                    )
            }
            PackageError::Date { at, .. } => Diagnostic::error("check/date", message)
                .with_label(at, "no such date")
                .with_help("write `2026-04-30` or `2026-04-30T20:15:00Z`"),
            PackageError::EndsBeforeApproval { at, approved } => {
                Diagnostic::error("check/ends-early", message)
                    .with_label(at, "ends here")
                    .with_secondary(approved, "approved here")
            }
            PackageError::PolicyInTest { at } => Diagnostic::error("check/policy-in-test", message)
                .with_label(at, "not allowed in a test file")
                .with_help(format!("move it to a file whose name does not end in `{TEST_SUFFIX}`")),
        }
    }
}

/// A file before its package has an id.
struct Draft<'a> {
    package: String,
    at: Option<Span>,
    test: bool,
    uses: Vec<&'a Spanned<String>>,
    items: &'a [ast::Item],
}

/// Sorts the files into packages. Files come out in the order of their names.
pub(super) fn packages<'a>(
    files: &'a [(FileId, ast::File)],
    sources: &Sources,
    findings: &mut Findings,
) -> (Packages, Vec<Package>, Vec<Unit<'a>>) {
    let mut ordered: Vec<_> = files
        .iter()
        .map(|(id, file)| (sources.file(*id).map_or("", |source| source.name.as_str()), *id, file))
        .collect();
    ordered.sort_by_key(|(name, id, _)| (*name, *id));
    let mut headers: BTreeMap<String, (Package, Option<Span>)> = BTreeMap::new();
    let mut drafts = Vec::new();
    let mut declared = HashSet::new();
    for (name, _, file) in ordered {
        let (draft, header) = read(file, name.ends_with(TEST_SUFFIX), findings);
        if !draft.test && !draft.items.is_empty() {
            declared.insert(draft.package.clone());
        }
        if let Some(header) = header {
            merge(&mut headers, header, findings);
        }
        if let Ok(name) = package_name(&draft, findings) {
            headers.entry(draft.package.clone()).or_insert_with(|| (bare(name), None));
            drafts.push(draft);
        }
    }
    let ids: HashMap<&str, PackageId> =
        headers.keys().enumerate().map(|(at, name)| (name.as_str(), PackageId(at))).collect();
    let mut packages =
        Packages { names: headers.values().map(|(p, _)| p.name.clone()).collect(), uses: HashSet::new() };
    let mut units = Vec::new();
    for draft in drafts {
        let Some(package) = ids.get(draft.package.as_str()).copied() else { continue };
        for used in draft.uses {
            match ids.get(used.node.as_str()).filter(|_| declared.contains(&used.node)) {
                Some(owner) => drop(packages.uses.insert((package, *owner))),
                None => drop(findings.error(NameError::Unknown {
                    what: What::Package,
                    name: used.node.clone(),
                    at: used.span,
                    nearest: findings.nearest(&used.node, declared.iter().map(String::as_str)),
                })),
            }
        }
        units.push(Unit { package, items: draft.items });
    }
    let known = headers.into_values().map(|(package, _)| package);
    let known = known.filter(|package| declared.contains(package.name.as_str())).collect();
    (packages, known, units)
}

/// Finds the package line and the `use` lines of a file, and refuses policy in a test file.
fn read<'a>(file: &'a ast::File, test: bool, findings: &mut Findings) -> (Draft<'a>, Option<Header<'a>>) {
    let mut first: Option<(&ast::Package, Span)> = None;
    let mut uses = Vec::new();
    for item in &file.items {
        match &item.kind {
            ItemKind::Package(package) => match first {
                Some((_, first)) => drop(findings.error(PackageError::Second { at: item.span, first })),
                None => first = Some((package, item.span)),
            },
            ItemKind::Use(name) => uses.push(name),
            ItemKind::Expect(_) => {}
            _ if test => drop(findings.error(PackageError::PolicyInTest { at: item.span })),
            _ => {}
        }
    }
    let package = first.map_or_else(|| DEFAULT.to_owned(), |(package, _)| package.name.node.clone());
    let at = first.map(|(package, _)| package.name.span);
    let header = first.map(|(package, span)| Header { package, span });
    (Draft { package, at, test, uses, items: &file.items }, header)
}

/// A package line.
#[derive(Clone, Copy)]
struct Header<'a> {
    package: &'a ast::Package,
    span: Span,
}

fn bare(name: Name) -> Package {
    Package { name, version: None, approved_by: None, approved_on: None, valid_until: None }
}

fn package_name(draft: &Draft<'_>, findings: &mut Findings) -> Checked<Name> {
    let at = draft.at.unwrap_or_default();
    Name::new(&draft.package).map_err(|reason| findings.error(NameError::Malformed { reason, at }))
}

/// Joins a header to what other files said of its package.
fn merge(
    headers: &mut BTreeMap<String, (Package, Option<Span>)>,
    header: Header<'_>,
    findings: &mut Findings,
) {
    let Header { package, span } = header;
    let Ok(name) = Name::new(&package.name.node) else { return };
    let date = |date: &Option<Spanned<String>>, findings: &mut Findings| {
        let date = date.as_ref()?;
        let parsed = Timestamp::parse(&date.node);
        if parsed.is_none() {
            findings.error(PackageError::Date { text: date.node.clone(), at: date.span });
        }
        parsed
    };
    let said = Package {
        version: package.version.as_ref().map(|version| version.node.clone()),
        approved_by: package.approved_by.as_ref().map(|by| by.node.clone()),
        approved_on: date(&package.approved_on, findings),
        valid_until: date(&package.until, findings),
        ..bare(name.clone())
    };
    if let (Some(approved), Some(until)) = (&package.approved_on, &package.until)
        && said.valid_until.is_some_and(|end| said.approved_on.is_some_and(|start| end < start))
    {
        findings.error(PackageError::EndsBeforeApproval { at: until.span, approved: approved.span });
    }
    let says_something = package.version.is_some()
        || package.approved_by.is_some()
        || package.approved_on.is_some()
        || package.until.is_some();
    let entry = headers.entry(package.name.node.clone()).or_insert_with(|| (bare(name), None));
    match (says_something, entry.1) {
        (true, None) => *entry = (said, Some(span)),
        (true, Some(first)) if !same(&entry.0, &said) => {
            let name = package.name.node.clone();
            findings.error(PackageError::HeadersDiffer { name, at: span, first });
        }
        (_, _) => {}
    }
}

fn same(a: &Package, b: &Package) -> bool {
    (&a.version, &a.approved_by, a.approved_on, a.valid_until)
        == (&b.version, &b.approved_by, b.approved_on, b.valid_until)
}
