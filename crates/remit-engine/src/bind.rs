//! `Bound`: one program over one snapshot; entities named in policies become nodes, the index speaks of nodes.

use std::sync::Arc;

use remit_graph::{NodeId, Snapshot};
use remit_model::{AttrId, TypeId};

use crate::index::BoundIndex;
use crate::program::Program;
use crate::val::Ent;

/// What decides: immutable, shared by all threads, replaced when policy or graph changes.
#[derive(Debug)]
pub struct Bound {
    program: Arc<Program>,
    snapshot: Arc<Snapshot>,
    nodes: Vec<Option<NodeId>>,
    index: BoundIndex,
    /// By attribute: a placeholder is of a type that declares it, so edges of it may be missing.
    open_relations: Vec<bool>,
    same_schema: bool,
}

impl Program {
    /// Binds a program to a snapshot. When the two do not share a schema the graph counts as empty: everything it
    /// would say is unknown, and no permit can rest on it ([`Bound::same_schema`] tells).
    #[must_use]
    pub fn bind(program: Arc<Self>, snapshot: Arc<Snapshot>) -> Bound {
        let same_schema = program.schema().id() == snapshot.schema().id();
        let snapshot =
            if same_schema { snapshot } else { Arc::new(Snapshot::empty(Arc::clone(program.schema()))) };
        let nodes: Vec<Option<NodeId>> =
            program.entities.iter().map(|constant| snapshot.node(constant.of, &constant.entity.id)).collect();
        let index = BoundIndex::new(&program, &nodes);
        let open_relations = open_relations(&snapshot);
        Bound { program, snapshot, nodes, index, open_relations, same_schema }
    }
}

impl Bound {
    /// The program.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Program and graph, to be bound to others.
    #[must_use]
    pub fn parts(&self) -> (Arc<Program>, Arc<Snapshot>) {
        (Arc::clone(&self.program), Arc::clone(&self.snapshot))
    }

    /// The graph.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Whether program and graph speak of the same schema; when not, the graph is taken as empty.
    #[must_use]
    pub fn same_schema(&self) -> bool {
        self.same_schema
    }

    pub(crate) fn index(&self) -> &BoundIndex {
        &self.index
    }

    pub(crate) fn is_open_relation(&self, relation: AttrId) -> bool {
        self.open_relations.get(relation.index()).copied().unwrap_or(false)
    }

    pub(crate) fn has_placeholders(&self) -> bool {
        self.snapshot.placeholder_count() > 0
    }

    /// The node of a constant, when the graph has it.
    pub(crate) fn constant_node(&self, constant: u32) -> Option<NodeId> {
        self.nodes.get(constant as usize).copied().flatten()
    }

    /// A constant as an entity.
    pub(crate) fn entity(&self, constant: u32) -> Ent<'_> {
        match self.constant_node(constant) {
            Some(node) => Ent::Node(node),
            None => {
                let entity = &self.program.constant(constant).entity;
                Ent::Named { kind: entity.kind.as_str(), id: &entity.id }
            }
        }
    }
}

fn open_relations(snapshot: &Snapshot) -> Vec<bool> {
    let schema = snapshot.schema();
    if snapshot.placeholder_count() == 0 {
        return Vec::new();
    }
    let mut open = vec![false; schema.attrs().len()];
    for (at, of) in schema.types().iter().enumerate() {
        let Ok(id) = u16::try_from(at) else { continue };
        if snapshot.nodes_of(TypeId(id)).any(|node| snapshot.is_placeholder(NodeId(node))) {
            for attribute in &of.attributes {
                if let Some(flag) = open.get_mut(attribute.id.index()) {
                    *flag = true;
                }
            }
        }
    }
    open
}
