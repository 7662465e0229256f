//! Comparing the arguments of two tasks: bounds, absence, origins, closedness.

use std::collections::BTreeSet;

use super::{Findings, bounds};
use crate::intent::canonical;
use crate::origin::{self, path_matches};
use crate::{Argument, Bound, Intent, Origin, Task, Value};

/// What origins of either side refer to.
pub(super) struct Literals {
    child: BTreeSet<String>,
    parent: BTreeSet<String>,
}

impl Literals {
    pub(super) fn of(child: &Intent, parent: &Intent) -> Self {
        Self { child: child.named().literals, parent: parent.named().literals }
    }
}

pub(super) fn compare(found: &mut Findings, child: &Task, parent: &Task, both: &Literals) {
    if parent.closed && !child.closed {
        found.wider("closed", "false", "true");
    }
    if parent.closed {
        for path in child.arguments.keys().filter(|path| !is_named(parent, path)) {
            found.wider(&format!("arguments.{path}"), "named", "not named, and the task is closed");
        }
    }
    for (path, wider) in &parent.arguments {
        let field = format!("arguments.{path}");
        match child.arguments.get(path) {
            Some(own) => narrower(found, &field, own, wider, both),
            None => unnamed(found, &field, child, path, wider),
        }
    }
}

/// Named itself or below a named one.
fn is_named(task: &Task, path: &str) -> bool {
    let below = |name: &String| path.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
    task.arguments.contains_key(path) || task.arguments.keys().any(below)
}

/// The child does not name what the parent bounds: fine when it can only be absent, and may be.
fn unnamed(found: &mut Findings, field: &str, child: &Task, path: &str, wider: &Argument) {
    let covered = child.arguments.keys().any(|name| touches(name, path));
    let never_there = child.closed && !covered;
    if !(wider.is_free() || never_there && wider.allows_absence()) {
        found.wider(field, if never_there { "absent" } else { "any" }, text(wider));
    }
}

/// One of the two paths lies at or under the other.
fn touches(name: &str, path: &str) -> bool {
    let under = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    under(name, path) || under(path, name)
}

fn narrower(found: &mut Findings, field: &str, own: &Argument, wider: &Argument, both: &Literals) {
    if !bounds::is_inside(&own.bound, &wider.bound) {
        found.wider(field, canonical::bound(&own.bound), canonical::bound(&wider.bound));
    }
    if own.allows_absence() && !wider.allows_absence() {
        found.wider(field, "may be absent", "must be there");
    }
    let Some(allowed) = &wider.origins else { return };
    match &own.origins {
        // Values are few: each must come from where the parent wants it, whatever the child asks.
        None => match finite(&own.bound) {
            Some(values) if values.iter().all(|value| form_is_inside(value, allowed, both)) => {}
            _ => found.wider(&format!("{field}.origins"), "any", origins_text(allowed)),
        },
        Some(asked) => {
            for one in asked.iter().filter(|one| !origin_is_inside(one, &own.bound, allowed, both)) {
                found.wider(&format!("{field}.origins"), canonical::origin(one), origins_text(allowed));
            }
        }
    }
}

/// The canonical forms that a bound leaves, when they are few. Records and sets are traced part by part.
fn finite(bound: &Bound) -> Option<BTreeSet<String>> {
    let single = |value: &Value| {
        (!matches!(value, Value::Set(_) | Value::Record(_))).then(|| origin::canonical(value))
    };
    match bound {
        // An instant is admitted in every notation, and all of them have one form.
        Bound::Exactly(only) => single(only).map(|form| [form].into()),
        Bound::OneOf(all) => all.iter().map(single).collect(),
        Bound::Any | Bound::Between { .. } | Bound::Prefix(_) => None,
    }
}

fn origin_is_inside(own: &Origin, bound: &Bound, allowed: &BTreeSet<Origin>, both: &Literals) -> bool {
    let fixed =
        || finite(bound).is_some_and(|values| values.iter().all(|form| form_is_inside(form, allowed, both)));
    let inside = match own {
        // What a child names counts only when the parent names it too.
        Origin::Literal => allowed.contains(own) || both.child.iter().all(|form| form_is_inside(form, allowed, both)),
        Origin::OneOf(values) => {
            values.iter().all(|value| form_is_inside(&origin::canonical(value), allowed, both))
        }
        Origin::RecordOf(kind, attribute) => {
            allowed.iter().any(|wider| {
                matches!(wider, Origin::RecordOf(of, part) if of == kind && (part.is_none() || part == attribute))
            })
        }
        Origin::Created | Origin::Text { .. } => allowed.contains(own),
        Origin::Result { task, path } => allowed.iter().any(|wider| {
            matches!(wider, Origin::Result { task: of, path: pattern }
                if of == task && path_matches(pattern, path))
        }),
    };
    inside || fixed()
}

/// A value of this form comes from the parent's literals or lists.
fn form_is_inside(form: &str, allowed: &BTreeSet<Origin>, both: &Literals) -> bool {
    allowed.iter().any(|wider| match wider {
        Origin::Literal => both.parent.contains(form),
        Origin::OneOf(values) => values.iter().any(|value| origin::canonical(value) == form),
        Origin::RecordOf(..) | Origin::Created | Origin::Result { .. } | Origin::Text { .. } => false,
    })
}

fn text(of: &Argument) -> String {
    match &of.origins {
        None => canonical::bound(&of.bound),
        Some(origins) => format!("{} from {}", canonical::bound(&of.bound), origins_text(origins)),
    }
}

fn origins_text(all: &BTreeSet<Origin>) -> String {
    all.iter().map(canonical::origin).collect::<Vec<_>>().join(" or ")
}
