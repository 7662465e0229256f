//! Diagnostics as text for people: file, line, column, caret. The only place that sees annotate-snippets.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{
    AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str as printable,
};

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::{FileId, SourceFile, Sources};

/// Longer stretches of text are not shown: the place is named, the text is not.
const MAX_SHOWN_BYTES: usize = 16 * 1024;

/// One block per diagnostic, a blank line between two.
#[must_use]
pub fn terminal(diagnostics: &[Diagnostic], sources: &Sources, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let blocks: Vec<String> = diagnostics
        .iter()
        .map(|one| {
            let block = renderer.render(&[report(one, sources)]);
            block.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n"
        })
        .collect();
    blocks.join("\n")
}

fn report<'a>(one: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match one.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(one.message.as_str()).id(one.code));
    for id in files(one) {
        let Some(file) = sources.file(id) else { continue };
        let labels: Vec<&Label> = one.labels.iter().filter(|label| label.span.file == id).collect();
        group = match Window::around(&labels, file) {
            Some(window) => group.element(window.snippet(&labels)),
            None => group.element(origin(&labels, file)),
        };
    }
    let helps = one.help.iter().map(|text| Level::HELP.message(printable(text)));
    let notes = one.notes.iter().map(|text| Level::NOTE.message(printable(text)));
    group.elements(helps).elements(notes)
}

/// Files with labels, the one the diagnostic stands in first.
fn files(one: &Diagnostic) -> Vec<FileId> {
    let mut ids: Vec<FileId> = one.place().map(|span| span.file).into_iter().collect();
    for label in &one.labels {
        if !ids.contains(&label.span.file) {
            ids.push(label.span.file);
        }
    }
    ids
}

fn origin<'a>(labels: &[&Label], file: &'a SourceFile) -> Origin<'a> {
    let origin = Origin::path(file.name.as_str());
    match labels.iter().find(|label| label.primary).or(labels.first()) {
        Some(label) => {
            let at = file.place(boundary(&file.text, label.span.start));
            origin.line(at.line as usize).char_column(at.column as usize)
        }
        None => origin,
    }
}

/// The whole lines from the first label to the last.
struct Window<'a> {
    file: &'a SourceFile,
    text: &'a str,
    start: u32,
}

impl<'a> Window<'a> {
    /// None when that is too long to be shown.
    fn around(labels: &[&Label], file: &'a SourceFile) -> Option<Self> {
        let first = boundary(&file.text, labels.iter().map(|label| label.span.start).min()?);
        let last = boundary(&file.text, labels.iter().map(|label| label.span.end).max()?.max(first));
        let start = file.text.get(..first as usize)?.rfind('\n').map_or(0, |at| at + 1);
        let rest = file.text.get(last as usize..)?;
        let end = last as usize + rest.find('\n').unwrap_or(rest.len());
        let text = file.text.get(start..end)?;
        let start = u32::try_from(start).ok()?;
        (text.len() <= MAX_SHOWN_BYTES).then_some(Self { file, text, start })
    }

    fn snippet(&self, labels: &[&'a Label]) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let snippet = Snippet::source(self.text)
            .path(self.file.name.as_str())
            .line_start(self.file.place(self.start).line as usize);
        snippet.annotations(labels.iter().map(|label| {
            let start = boundary(&self.file.text, label.span.start);
            let end = boundary(&self.file.text, label.span.end).max(start);
            let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let range = start.saturating_sub(self.start) as usize..end.saturating_sub(self.start) as usize;
            let text = (!label.text.is_empty()).then(|| printable(&label.text));
            kind.span(range).label(text)
        }))
    }
}

/// The offset itself, moved back into the text and onto the start of a character.
fn boundary(text: &str, offset: u32) -> u32 {
    let mut at = (offset as usize).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    u32::try_from(at).unwrap_or(u32::MAX)
}
