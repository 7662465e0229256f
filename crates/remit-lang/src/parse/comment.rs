//! Comments find the thing they speak of: before it, or on its last line. None is ever lost.

use crate::ast::{self, Clause, IntentPart, IntentPartKind, ItemKind, Trivia};
use crate::scan::{Kind, Token};
use crate::source::Span;

/// A member of an item that comments can stand with.
struct Anchor<'a> {
    start: usize,
    end: usize,
    doc: Option<&'a mut Vec<String>>,
    trivia: &'a mut Vec<Trivia>,
    trailing: &'a mut Option<String>,
}

/// The text of a comment after its slashes.
pub(super) fn text_of(text: &str, token: &Token) -> String {
    let whole = token.text(text);
    let inside = whole.strip_prefix("//").unwrap_or(whole);
    inside.strip_prefix(' ').unwrap_or(inside).trim_end().to_owned()
}

/// The text of a doc comment's line.
fn doc_of(text: &str, token: &Token) -> String {
    let whole = token.text(text);
    let inside = whole.strip_prefix("///").unwrap_or(whole);
    inside.strip_prefix(' ').unwrap_or(inside).trim_end().to_owned()
}

/// Trivia and doc lines of the comments before a thing that starts at `start`.
pub(super) fn leading(text: &str, comments: &[Token], start: Option<usize>) -> (Vec<Trivia>, Vec<String>) {
    let (mut trivia, mut doc) = (Vec::new(), Vec::new());
    for comment in comments {
        blank(text, comment.start, &mut trivia);
        match comment.kind {
            Kind::Doc if start.is_some() => doc.push(doc_of(text, comment)),
            _ => trivia.push(Trivia::Comment(text_of(text, comment))),
        }
    }
    if let Some(start) = start {
        blank(text, start, &mut trivia);
    }
    (trivia, doc)
}

/// Adds a blank line when one stands directly before the place.
fn blank(text: &str, at: usize, trivia: &mut Vec<Trivia>) {
    let before = text.get(..at).unwrap_or("");
    let run = before.trim_end_matches([' ', '\t', '\r', '\n']).len();
    let lines = before.bytes().skip(run).filter(|byte| *byte == b'\n').count();
    if lines > 1 && trivia.last() != Some(&Trivia::Blank) {
        trivia.push(Trivia::Blank);
    }
}

/// Removes a blank line at the very beginning of a body or file.
pub(super) fn drop_first_blank(trivia: &mut Vec<Trivia>) {
    if trivia.first() == Some(&Trivia::Blank) {
        trivia.remove(0);
    }
}

/// Gives the comments inside an item to its members. Those that no member takes come back: first those that belong
/// before the item, then those that stand before its closing brace.
pub(super) fn inside(text: &str, comments: &[Token], kind: &mut ItemKind) -> (Vec<Trivia>, Vec<Trivia>) {
    let braces = match kind {
        ItemKind::Entity { .. }
        | ItemKind::Context(_)
        | ItemKind::Message(_)
        | ItemKind::Token(_)
        | ItemKind::Source(_)
        | ItemKind::Intent(_) => true,
        ItemKind::Action { properties, .. } => !properties.is_empty(),
        _ => false,
    };
    let mut rest = comments;
    let mut first = true;
    let mut anchors = anchors(text, kind).into_iter().peekable();
    while let Some(anchor) = anchors.next() {
        let next = anchors.peek().map(|next| next.start);
        let before = take(&mut rest, |comment| comment.start < anchor.start);
        let documented = anchor.doc.is_some();
        let (mut trivia, doc) = leading(text, before, documented.then_some(anchor.start));
        if !documented {
            blank(text, anchor.start, &mut trivia);
        }
        if first {
            drop_first_blank(&mut trivia);
        }
        let within = take(&mut rest, |comment| comment.start < anchor.end);
        trivia.extend(within.iter().map(|comment| Trivia::Comment(text_of(text, comment))));
        let same_line = |comment: &Token| {
            next.is_none_or(|next| comment.start < next)
                && !text.get(anchor.end..comment.start).is_none_or(|gap| gap.contains('\n'))
        };
        let after = if rest.first().is_some_and(same_line) { take_one(&mut rest) } else { None };
        *anchor.trailing = after.map(|comment| text_of(text, comment));
        *anchor.trivia = trivia;
        if let Some(place) = anchor.doc {
            *place = doc;
        }
        first = false;
    }
    let (mut left, _) = leading(text, rest, None);
    if first || !braces {
        drop_first_blank(&mut left);
    }
    if braces { (Vec::new(), left) } else { (left, Vec::new()) }
}

fn take<'t>(rest: &mut &'t [Token], belongs: impl Fn(&Token) -> bool) -> &'t [Token] {
    let count = rest.iter().take_while(|comment| belongs(comment)).count();
    let (taken, left) = rest.split_at_checked(count).unwrap_or((rest, &[]));
    *rest = left;
    taken
}

fn take_one<'t>(rest: &mut &'t [Token]) -> Option<&'t Token> {
    let (first, left) = rest.split_first()?;
    *rest = left;
    Some(first)
}

fn anchors<'a>(text: &str, kind: &'a mut ItemKind) -> Vec<Anchor<'a>> {
    match kind {
        ItemKind::Entity { attributes, .. } => attributes
            .iter_mut()
            .map(|one| {
                let start =
                    if one.membership { marked(text, one.name.span) } else { one.name.span.start as usize };
                let sources = one.sources.last().map_or(0, |source| source.span.end);
                let edges = one.edge_properties.last().map_or(0, |field| field.ty.span.end);
                let end = one.ty.span.end.max(sources).max(edges) as usize;
                let (trivia, trailing) = (&mut one.trivia, &mut one.trailing);
                Anchor { start, end, doc: Some(&mut one.doc), trivia, trailing }
            })
            .collect(),
        ItemKind::Action { properties: fields, .. }
        | ItemKind::Context(fields)
        | ItemKind::Message(fields)
        | ItemKind::Token(fields) => fields
            .iter_mut()
            .map(|one| {
                let (start, end) = (one.name.span.start as usize, one.ty.span.end as usize);
                let (trivia, trailing) = (&mut one.trivia, &mut one.trailing);
                Anchor { start, end, doc: None, trivia, trailing }
            })
            .collect(),
        ItemKind::Rule(ast::Rule { clauses, .. }) | ItemKind::Label(ast::Label { clauses, .. }) => {
            clauses.iter_mut().map(clause).collect()
        }
        ItemKind::Source(source) => source
            .parts
            .iter_mut()
            .map(|one| {
                let (start, end) = (one.span.start as usize, one.span.end as usize);
                Anchor { start, end, doc: None, trivia: &mut one.trivia, trailing: &mut one.trailing }
            })
            .collect(),
        ItemKind::Intent(intent) => intent.parts.iter_mut().flat_map(part).collect(),
        _ => Vec::new(),
    }
}

fn clause(one: &mut Clause) -> Anchor<'_> {
    let (start, end) = (one.span.start as usize, one.span.end as usize);
    Anchor { start, end, doc: None, trivia: &mut one.trivia, trailing: &mut one.trailing }
}

/// A part of an intent; a task's clauses stand beside its head.
fn part(one: &mut IntentPart) -> Vec<Anchor<'_>> {
    let start = one.span.start as usize;
    let (doc, trivia, trailing) = (Some(&mut one.doc), &mut one.trivia, &mut one.trailing);
    let IntentPartKind::Task(task) = &mut one.kind else {
        return vec![Anchor { start, end: one.span.end as usize, doc, trivia, trailing }];
    };
    let head = Anchor { start, end: task.head.end as usize, doc, trivia, trailing };
    let clauses = task.clauses.iter_mut().map(|one| {
        let (start, end) = (one.span.start as usize, one.span.end as usize);
        Anchor { start, end, doc: None, trivia: &mut one.trivia, trailing: &mut one.trailing }
    });
    std::iter::once(head).chain(clauses).collect()
}

/// Where the word `membership` before a name begins.
fn marked(text: &str, name: Span) -> usize {
    let before = text.get(..name.start as usize).unwrap_or("");
    before.rfind("membership").unwrap_or(name.start as usize)
}
