//! Where a value comes from, traced through the intent, the graph and what earlier steps returned.

use std::collections::BTreeSet;

use super::{FieldKind, Integrity, Records, Reported, Seen, Transaction};
use crate::intent::named;
use crate::limits::{MAX_ARGUMENT_DEPTH, MAX_ORIGIN_BYTES};
use crate::origin::{canonical, occurs, path_matches};
use crate::{Name, Origin, Value};

/// True when every single value in `value` comes from one of the origins.
pub(super) fn has_origin<R: Records + ?Sized>(
    transaction: &Transaction,
    origins: &BTreeSet<Origin>,
    value: &Value,
    records: &R,
) -> bool {
    let traced = |value: &Value| {
        let wanted = Wanted::of(value);
        wanted.is_some_and(|wanted| {
            let comes_from = |origin| wanted.comes_from(origin, transaction, records);
            origins.iter().any(comes_from)
        })
    };
    each_single(value, MAX_ARGUMENT_DEPTH, &traced)
}

/// Every part of a set or record is judged by itself; too deep is not judged, and so false.
fn each_single(value: &Value, depth: usize, holds: &dyn Fn(&Value) -> bool) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match value {
        Value::Set(items) => items.iter().all(|item| each_single(item, depth, holds)),
        Value::Record(members) => members.iter().all(|(_, member)| each_single(member, depth, holds)),
        single => holds(single),
    }
}

/// A value whose origin is asked, and its canonical form.
struct Wanted<'v> {
    value: &'v Value,
    form: String,
}

impl<'v> Wanted<'v> {
    /// Nothing for what is too long to be compared.
    fn of(value: &'v Value) -> Option<Self> {
        if matches!(value, Value::String(text) if text.len() > MAX_ORIGIN_BYTES) {
            return None;
        }
        Some(Self { value, form: canonical(value) })
    }

    fn comes_from<R: Records + ?Sized>(
        &self,
        origin: &Origin,
        transaction: &Transaction,
        records: &R,
    ) -> bool {
        match origin {
            Origin::Literal => transaction.named.literals.contains(&self.form),
            Origin::OneOf(values) => values.iter().any(|one| self.is(one)),
            Origin::RecordOf(kind, attribute) => transaction.named.records_of(kind).any(|entity| {
                (attribute.is_none() && canonical(&Value::string(&entity.id)) == self.form)
                    || records
                        .attributes(entity, attribute.as_deref())
                        .iter()
                        .any(|value| named::each_part(value, &mut |part| self.is(part)))
            }),
            Origin::Created => transaction.created.iter().any(|seen| self.was_seen(seen, records)),
            Origin::Result { task, path } => transaction.reported(task).any(|field| {
                field.kind == FieldKind::Structured
                    && path_matches(path, &field.path)
                    && self.was_seen(&field.value, records)
            }),
            Origin::Text { source } => transaction.all_reported().any(|field| {
                matches!(&field.kind, FieldKind::Text { source: found } if found == source)
                    && (self.was_seen(&field.value, records) || self.occurs_in(&field.value))
            }),
        }
    }

    fn is(&self, other: &Value) -> bool {
        self.value == other || canonical(other) == self.form
    }

    fn was_seen<R: Records + ?Sized>(&self, seen: &Seen, records: &R) -> bool {
        match seen {
            Seen::Canonical(form) => *form == self.form,
            Seen::Keyed(hash) => records.keyed(&self.form).is_some_and(|own| own == *hash),
        }
    }

    fn occurs_in(&self, seen: &Seen) -> bool {
        matches!(seen, Seen::Canonical(text) if occurs(&self.form, text))
    }
}

impl Transaction {
    /// What the steps of a task returned and the reporter vouches for.
    fn reported<'t>(&'t self, task: &'t Name) -> impl Iterator<Item = &'t Reported> {
        let of_task = self.outcomes.iter().filter(move |outcome| outcome.task == *task);
        of_task.flat_map(|outcome| &outcome.fields).filter(|field| field.integrity == Integrity::Trusted)
    }

    fn all_reported(&self) -> impl Iterator<Item = &Reported> {
        let fields = self.outcomes.iter().flat_map(|outcome| &outcome.fields);
        fields.filter(|field| field.integrity == Integrity::Trusted)
    }
}
