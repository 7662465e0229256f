//! Sources: a part a line, aligned.

use super::{declaration, expr, trailing, trivia, word};
use crate::ast::{Item, Source, SourcePart, SourcePartKind};

pub(super) fn source(item: &Item, source: &Source, out: &mut String) {
    out.push_str(&format!("source {} {}", source.name.node, word::quoted(&source.url.node)));
    if source.parts.is_empty() && item.closing.is_empty() {
        return out.push_str(" {}");
    }
    out.push_str(" {\n");
    let width = source.parts.iter().map(|part| keyword(&part.kind).len()).max().unwrap_or(0);
    source.parts.iter().for_each(|one| part(one, width, out));
    trivia(&item.closing, "  ", out);
    out.push('}');
}

fn part(part: &SourcePart, width: usize, out: &mut String) {
    trivia(&part.trivia, "  ", out);
    let said = match &part.kind {
        SourcePartKind::Gives(fields) => word::list(fields.iter().map(declaration::field_text)),
        SourcePartKind::Sends(all) => word::list(all.iter().map(expr::text)),
        SourcePartKind::Timeout(one) | SourcePartKind::Cache(one) => expr::text(one),
    };
    out.push_str(&format!("  {:width$} {said}", keyword(&part.kind)));
    trailing(part.trailing.as_deref(), out);
    out.push('\n');
}

fn keyword(kind: &SourcePartKind) -> &'static str {
    match kind {
        SourcePartKind::Gives(_) => "gives",
        SourcePartKind::Sends(_) => "from",
        SourcePartKind::Timeout(_) => "timeout",
        SourcePartKind::Cache(_) => "cache",
    }
}
