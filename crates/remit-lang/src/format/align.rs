//! Neighbours of one kind, a line each, are aligned: limits, entities, actions.

use super::{declaration, word};
use crate::ast::{Item, ItemKind};

/// A head longer than this is not waited for.
pub(super) const MAX_HEAD: usize = 32;

/// True when the second stands directly under the first and is aligned with it.
pub(super) fn joins(first: &Item, next: &Item) -> bool {
    let same = match (&first.kind, &next.kind) {
        (ItemKind::Limit { .. }, ItemKind::Limit { .. }) => true,
        (ItemKind::Entity { .. }, ItemKind::Entity { .. }) => {
            declaration::fits(first) && declaration::fits(next)
        }
        (ItemKind::Action { on: one, .. }, ItemKind::Action { on: other, .. }) => {
            !one.is_empty() && !other.is_empty() && declaration::fits(first) && declaration::fits(next)
        }
        _ => false,
    };
    same && next.trivia.is_empty() && next.doc.is_empty()
}

/// Characters of the head, for the neighbours to wait for.
pub(super) fn width(item: &Item) -> usize {
    let width = head(item).chars().count();
    if width > MAX_HEAD { 0 } else { width }
}

/// The head, as wide as those of the neighbours.
pub(super) fn padded(item: &Item, width: usize) -> String {
    let head = head(item);
    let lone = matches!(&item.kind, ItemKind::Action { on, .. } if on.is_empty());
    if lone { head } else { format!("{head:width$}") }
}

/// What stands between the keyword and the part that is aligned.
pub(super) fn head(item: &Item) -> String {
    match &item.kind {
        ItemKind::Limit { name, .. } => name.node.clone(),
        ItemKind::Entity { name, .. } => word::name(&name.node),
        ItemKind::Action { names, .. } => word::names(names, word::free_name),
        ItemKind::Package(_)
        | ItemKind::Use(_)
        | ItemKind::Level { .. }
        | ItemKind::Context(_)
        | ItemKind::Rule(_)
        | ItemKind::Expect(_)
        | ItemKind::Message(_)
        | ItemKind::Token(_)
        | ItemKind::Source(_)
        | ItemKind::Intent(_)
        | ItemKind::Label(_) => String::new(),
    }
}
