//! What an intent names: the values that `literal` means and the entities that `record of T` means.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::origin::canonical;
use crate::{Bound, EntityRef, Intent, Name, Origin, Scope, Value};

/// What an intent names. In a child only what the parent names as well.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Canonical forms of the values in bounds and in origins `one of`, and of the ids of the records.
    pub literals: BTreeSet<String>,
    /// The entities in `records` and in scopes.
    pub records: BTreeSet<EntityRef>,
}

impl Named {
    /// What both name.
    #[must_use]
    pub fn and(&self, parent: &Self) -> Self {
        Self {
            literals: self.literals.intersection(&parent.literals).cloned().collect(),
            records: self.records.intersection(&parent.records).cloned().collect(),
        }
    }

    /// The records of a type.
    pub fn records_of<'n>(&'n self, kind: &'n Name) -> impl Iterator<Item = &'n EntityRef> {
        self.records.iter().filter(move |entity| entity.kind == *kind)
    }
}

impl Intent {
    /// Everything that it names.
    #[must_use]
    pub fn named(&self) -> Named {
        let mut named = Named { literals: BTreeSet::new(), records: self.records.clone() };
        for task in &self.tasks {
            match &task.resource {
                Scope::Any(_) | Scope::AnyOf(_) => {}
                Scope::OneOf(all) => named.records.extend(all.iter().cloned()),
                Scope::Under(root, _) => {
                    named.records.insert(root.clone());
                }
            }
            for argument in task.arguments.values() {
                match &argument.bound {
                    Bound::Exactly(only) => add(only, &mut named.literals),
                    Bound::OneOf(all) => all.iter().for_each(|one| add(one, &mut named.literals)),
                    Bound::Any | Bound::Between { .. } | Bound::Prefix(_) => {}
                }
                for origin in argument.origins.iter().flatten() {
                    if let Origin::OneOf(all) = origin {
                        all.iter().for_each(|one| add(one, &mut named.literals));
                    }
                }
            }
        }
        let ids = named.records.iter().map(|entity| canonical(&Value::string(&entity.id)));
        named.literals.extend(ids);
        named
    }
}

fn add(value: &Value, literals: &mut BTreeSet<String>) {
    each_part(value, &mut |part| {
        literals.insert(canonical(part));
        false
    });
}

/// Is the predicate true of the value or of a part of it.
pub(crate) fn each_part(value: &Value, holds: &mut dyn FnMut(&Value) -> bool) -> bool {
    match value {
        Value::Set(items) => items.iter().any(|item| each_part(item, holds)),
        Value::Record(members) => members.iter().any(|(_, member)| each_part(member, holds)),
        single => holds(single),
    }
}
