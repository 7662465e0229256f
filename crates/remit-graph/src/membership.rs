//! Membership: which relations `x in y` follows, and the reachability over all of them together.

use remit_model::{AttrId, Schema, TypeId};

use crate::NodeId;
use crate::closure::Closure;
use crate::freeze::relation;
use crate::relation::Relation;
use crate::rows::Rows;

/// The membership relations of a snapshot.
#[derive(Debug)]
pub(crate) struct Membership {
    /// By type: the relations with edges that membership follows from a node of that type.
    by_type: Box<[Box<[AttrId]>]>,
    /// All of them.
    all: Box<[AttrId]>,
    index: Index,
}

#[derive(Debug)]
enum Index {
    /// Depends on time, or would be too large.
    Walk,
    /// One relation, from all types that have it: its own index serves.
    Relation(AttrId),
    /// Several together.
    Union(Closure),
}

impl Membership {
    pub(crate) fn new(schema: &Schema, relations: &[Option<Box<Relation>>], kinds: &[TypeId]) -> Self {
        let followed = |of: &remit_model::EntityType| -> Box<[AttrId]> {
            let member = |a: &&remit_model::Attribute| a.relation.as_ref().is_some_and(|r| r.membership);
            let with_edges = |id: &AttrId| relation(relations, *id).is_some();
            of.attributes.iter().filter(member).map(|attribute| attribute.id).filter(with_edges).collect()
        };
        let by_type: Box<[Box<[AttrId]>]> = schema.types().iter().map(followed).collect();
        let mut all: Vec<AttrId> = by_type.iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        let mut membership = Self { by_type, all: all.into_boxed_slice(), index: Index::Walk };
        membership.index = membership.index(relations, kinds);
        membership
    }

    fn index(&self, relations: &[Option<Box<Relation>>], kinds: &[TypeId]) -> Index {
        let held = || self.all.iter().filter_map(|id| Some((*id, relation(relations, *id)?)));
        if held().any(|(_, relation)| relation.has_validity()) {
            return Index::Walk;
        }
        let from = |near: NodeId, id| kinds.get(near.index()).is_some_and(|of| self.follows(*of, id));
        if let [only] = &*self.all
            && held().all(|(id, r)| r.rows().iter().all(|(near, far)| far.is_empty() || from(near, id)))
        {
            return Index::Relation(*only);
        }
        let mut pairs: Vec<(NodeId, NodeId)> = Vec::new();
        for (id, relation) in held() {
            for (near, far) in relation.rows().iter().filter(|(near, _)| from(*near, id)) {
                pairs.extend(far.iter().map(|far| (near, *far)));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        Closure::build(&Rows::new(pairs.iter().copied()), kinds.len()).map_or(Index::Walk, Index::Union)
    }

    /// Whether membership follows `relation` from a node of type `of`.
    pub(crate) fn follows(&self, of: TypeId, relation: AttrId) -> bool {
        self.of_type(of).contains(&relation)
    }

    /// The relations membership follows from a node of type `of`.
    pub(crate) fn of_type(&self, of: TypeId) -> &[AttrId] {
        self.by_type.get(of.index()).map_or(&[], |relations| relations)
    }

    /// Every relation membership follows from some type.
    pub(crate) fn all(&self) -> &[AttrId] {
        &self.all
    }

    /// The index, when there is one.
    pub(crate) fn closure<'s>(&'s self, relations: &'s [Option<Box<Relation>>]) -> Option<&'s Closure> {
        match &self.index {
            Index::Walk => None,
            Index::Relation(id) => relation(relations, *id)?.closure.as_ref(),
            Index::Union(closure) => Some(closure),
        }
    }
}
