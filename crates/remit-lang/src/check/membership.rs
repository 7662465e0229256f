//! Which types can be members of which, over membership relations, transitively.

use std::collections::HashSet;

use remit_model::{Schema, TypeId};

/// For each type, the types its entities can be members of.
#[derive(Debug, Default)]
pub(super) struct Membership {
    above: Vec<HashSet<TypeId>>,
}

impl Membership {
    /// Follows the membership relations of a schema to their ends.
    pub(super) fn of(schema: &Schema) -> Self {
        let direct: Vec<Vec<TypeId>> = schema
            .types()
            .iter()
            .map(|of| {
                let relations = of.attributes.iter().filter_map(|attribute| attribute.relation.as_ref());
                let memberships = relations.filter(|relation| relation.membership);
                memberships.flat_map(|relation| relation.targets.iter().copied()).collect()
            })
            .collect();
        let parents = |id: TypeId| direct.get(id.index()).map_or(&[] as &[TypeId], Vec::as_slice);
        let closure = |start: &Vec<TypeId>| {
            let mut seen = HashSet::new();
            let mut open = start.clone();
            while let Some(next) = open.pop() {
                if seen.insert(next) {
                    open.extend(parents(next));
                }
            }
            seen
        };
        Self { above: direct.iter().map(closure).collect() }
    }

    /// True when an entity of type `member` is, or can be a member of, one of type `group`.
    pub(super) fn possible(&self, member: TypeId, group: TypeId) -> bool {
        member == group || self.above.get(member.index()).is_some_and(|above| above.contains(&group))
    }
}
