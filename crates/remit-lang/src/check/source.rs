//! Sources: where they are, what they are sent, how long they are waited for.

use remit_model::{Duration, Name};

use crate::ast::{self, ExprKind as Written, ItemKind, SourcePartKind};
use crate::checked::{Expr, ExprKind, Source};
use crate::source::{Sources, Span};

use super::expr::{Parties, Typer};
use super::findings::{Checked, Findings};
use super::limits::{MAX_SOURCE_CACHE_MS, MAX_SOURCE_TIMEOUT_MS};
use super::package::{PackageId, Unit};
use super::schema::{DeclarationError, Service};
use super::usage::Usage;
use super::world::World;

/// How long an answer is waited for when nobody says: a second.
const TIMEOUT_NANOS: i128 = 1_000_000_000;

/// The sources of all files, in order of name: the one at an index is the service of the world at that index.
pub(super) fn sources(
    world: &World,
    units: &[Unit<'_>],
    texts: &Sources,
    usage: &mut Usage,
    findings: &mut Findings,
) -> Vec<Source> {
    let mut checked = Vec::new();
    for service in &world.services {
        let written = units.iter().flat_map(|unit| unit.items).find_map(|item| match &item.kind {
            ItemKind::Source(source) if source.name.span == service.origin.at => Some((source, item.span)),
            _ => None,
        });
        let Some((written, span)) = written else { continue };
        let package = world.packages.name(service.origin.package).cloned();
        let mut reading = Reading { world, texts, usage, findings, package: service.origin.package };
        // WHY: one that is refused refuses the set, so that no index is ever off.
        checked.extend(reading.source(service, written, span, package));
    }
    checked
}

struct Reading<'r> {
    world: &'r World,
    texts: &'r Sources,
    usage: &'r mut Usage,
    findings: &'r mut Findings,
    package: PackageId,
}

impl Reading<'_> {
    fn source(
        &mut self,
        service: &Service,
        written: &ast::Source,
        span: Span,
        package: Option<Name>,
    ) -> Checked<Source> {
        let [gives, sends, timeout, cache] = self.parts(written);
        if let (None, _) | (_, None) = (gives, sends) {
            let part = if gives.is_none() { "gives" } else { "from" };
            let (name, at) = (written.name.node.clone(), written.name.span);
            return Err(self.findings.error(DeclarationError::SourceLacks { name, part, at }));
        }
        let url = self.url(written);
        let sent = match sends.map(|part| &part.kind) {
            Some(SourcePartKind::Sends(all)) => all.iter().map(|one| self.sent(one)).collect(),
            _ => Vec::new(),
        };
        let timeout = self.time(timeout, "timeout", MAX_SOURCE_TIMEOUT_MS, "10s");
        let cache = self.time(cache, "cache", MAX_SOURCE_CACHE_MS, "1d");
        service.gives.iter().for_each(|field| self.usage.ty_used(&field.ty));
        let unnamed = DeclarationError::SourceSends { at: span };
        let package = package.ok_or_else(|| self.findings.error(unnamed))?;
        Ok(Source {
            name: service.name.clone(),
            package,
            span,
            url: url?,
            gives: service.gives.clone(),
            sends: sent.into_iter().collect::<Checked<_>>()?,
            timeout: timeout?.unwrap_or(Duration::from_nanos(TIMEOUT_NANOS)),
            cache: cache?,
        })
    }

    /// `gives`, `from`, `timeout` and `cache`, each once.
    fn parts<'w>(&mut self, written: &'w ast::Source) -> [Option<&'w ast::SourcePart>; 4] {
        let mut parts: [Option<&ast::SourcePart>; 4] = [None; 4];
        for part in &written.parts {
            let (at, name) = match part.kind {
                SourcePartKind::Gives(_) => (0, "gives"),
                SourcePartKind::Sends(_) => (1, "from"),
                SourcePartKind::Timeout(_) => (2, "timeout"),
                SourcePartKind::Cache(_) => (3, "cache"),
            };
            match parts.get_mut(at) {
                Some(Some(first)) => {
                    let error =
                        DeclarationError::SourcePartTwice { part: name, at: part.span, first: first.span };
                    self.findings.error(error);
                }
                Some(place) => *place = Some(part),
                None => {}
            }
        }
        parts
    }

    fn url(&mut self, written: &ast::Source) -> Checked<String> {
        let url = &written.url.node;
        if is_address(url) {
            return Ok(url.clone());
        }
        let error = DeclarationError::SourceUrl { url: url.clone(), at: written.url.span };
        Err(self.findings.error(error))
    }

    /// A path, and the text under which its value is sent.
    fn sent(&mut self, written: &ast::Expr) -> Checked<(String, Expr)> {
        let Self { world, texts, usage, findings, package } = self;
        let typed = Typer::new(world, usage, findings, *package, Parties::default(), None).value(written)?;
        if !is_path(&typed) {
            return Err(findings.error(DeclarationError::SourceSends { at: written.span }));
        }
        let text = texts.text(written.span).split_whitespace().collect::<String>();
        Ok((text, typed))
    }

    fn time(
        &mut self,
        part: Option<&ast::SourcePart>,
        name: &'static str,
        most_ms: i128,
        most: &'static str,
    ) -> Checked<Option<Duration>> {
        let Some(part) = part else { return Ok(None) };
        let (SourcePartKind::Timeout(written) | SourcePartKind::Cache(written)) = &part.kind else {
            return Ok(None);
        };
        let time = match &written.kind {
            Written::Duration(text) => Duration::parse(text),
            _ => None,
        };
        let fits = |time: &Duration| (1..=most_ms).contains(&(time.nanos() / 1_000_000));
        match time.filter(fits) {
            Some(time) => Ok(Some(time)),
            None => {
                let error = DeclarationError::SourceTime { part: name, most, at: written.span };
                Err(self.findings.error(error))
            }
        }
    }
}

/// Whether an expression is a path into the question, or from one of its parties into the graph.
fn is_path(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Party(_)
        | ExprKind::ActionName
        | ExprKind::ActionProperty(_)
        | ExprKind::Context(_)
        | ExprKind::Message(_) => true,
        ExprKind::Member(base, _) | ExprKind::Attribute(base, _) => is_path(base),
        ExprKind::Follow { base, filter: None, .. } => is_path(base),
        _ => false,
    }
}

/// An https URL, or an http one on loopback, without user, query, fragment or blanks.
fn is_address(url: &str) -> bool {
    let rest = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => rest,
        (None, Some(rest)) if is_own(rest) => rest,
        _ => return false,
    };
    let odd = |c: char| !c.is_ascii_graphic() || matches!(c, '@' | '\\' | '#' | '?' | '"' | '<' | '>');
    let host = rest.split('/').next().unwrap_or_default();
    !host.is_empty() && !rest.contains(odd)
}

fn is_own(rest: &str) -> bool {
    ["127.0.0.1", "[::1]", "localhost"].into_iter().any(|own| {
        let after = rest.strip_prefix(own);
        after.is_some_and(|after| after.is_empty() || after.starts_with([':', '/']))
    })
}
