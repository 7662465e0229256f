//! Bulk documents to a graph: every fault of every document is reported with its place, or all is accepted.
//!
//! Two spellings are read, also mixed: Remit's own and the capture form of identity-graph platforms. A JSON
//! document holds `nodes`, `edges` and `relationships`; a line document holds one node or edge a line. Order
//! does not matter, within a document or between them.

mod batch;
mod convert;
mod edge;
mod node;
mod read;
mod reference;

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use remit_json::{At, Json};
use remit_model::{AttrId, EntityRef, Schema};

use crate::fault::{Fault, closest};
use crate::intern::Interner;
use crate::limits;
use crate::place::{Document, Place, Spot, json_limits, locate};
use crate::{GraphBuilder, NodeHandle};

pub use batch::read_changes;
pub(crate) use convert::{describe, type_names};

/// What becomes of edges that name a node which no document declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dangling {
    /// The load is refused, with the place of each.
    #[default]
    Refuse,
    /// The node becomes a placeholder: about it everything is unknown. Each such edge is reported.
    Placeholder,
}

/// A fault of a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct LoadError {
    /// Where.
    pub place: Place,
    /// What.
    pub fault: Fault,
}

/// An edge with an end that no document declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DanglingEdge {
    /// Where the edge is written.
    pub place: Place,
    /// The relation's name.
    pub relation: String,
    /// Where the edge starts.
    pub from: EntityRef,
    /// Where it ends.
    pub to: EntityRef,
    /// Which of the two are missing.
    pub missing: Vec<EntityRef>,
}

/// What a load has brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoadReport {
    /// Declared nodes.
    pub nodes: usize,
    /// Edges.
    pub edges: usize,
    /// Nodes that are only named.
    pub placeholders: usize,
    /// Edges that repeated another one in everything and were left out.
    pub duplicates: usize,
    /// Properties whose value is kept elsewhere (`external_value`); the graph holds none.
    pub external: usize,
    /// How many edges dangle.
    pub dangling_edges: usize,
    /// Those edges, up to the bound on listed faults.
    pub dangling: Vec<DanglingEdge>,
}

/// Reads all documents into one graph.
///
/// # Errors
/// All faults of all documents, in the order of their places.
pub fn load(
    schema: &Arc<Schema>,
    documents: &[Document<'_>],
    dangling: Dangling,
) -> Result<(GraphBuilder, LoadReport), Vec<LoadError>> {
    let mut load = Load::new(schema);
    for (number, document) in (0_u32..).zip(documents) {
        load.document(number, document);
    }
    let found = load.dangling();
    if dangling == Dangling::Refuse {
        for (edge, missing) in &found {
            load.faults.add(load.spot(*edge), Fault::Dangling { missing: missing.clone() });
        }
    }
    load.second_edges();
    if !load.faults.list.is_empty() {
        return Err(load.faults.place(documents));
    }
    Ok(load.finish(documents, &found))
}

/// The faults so far, up to the bound.
#[derive(Debug, Default)]
struct Faults {
    list: Vec<(Spot, Fault)>,
}

impl Faults {
    fn add(&mut self, spot: Spot, fault: Fault) {
        let limit = limits::LISTED_FAULTS;
        match self.list.len() {
            listed if listed < limit => self.list.push((spot, fault)),
            listed if listed == limit => self.list.push((spot, Fault::More { limit })),
            _ => {}
        }
    }

    fn place(mut self, documents: &[Document<'_>]) -> Vec<LoadError> {
        self.list.sort_by_key(|(spot, fault)| (matches!(fault, Fault::More { .. }), *spot));
        let spots: Vec<Spot> = self.list.iter().map(|(spot, _)| *spot).collect();
        let placed = locate(documents, &spots).into_iter().zip(self.list);
        placed.map(|(place, (_, fault))| LoadError { place, fault }).collect()
    }
}

/// A fault inside the text that is being read.
type Read<T> = Result<T, (At, Fault)>;

/// One load in progress.
struct Load<'s> {
    schema: &'s Schema,
    builder: GraphBuilder,
    interner: Interner,
    faults: Faults,
    /// By edge, in the order they were added.
    edge_spots: Vec<Spot>,
    external: usize,
    document: u32,
    /// Where the text being read begins in its document.
    base: usize,
}

impl<'s> Load<'s> {
    fn new(schema: &'s Arc<Schema>) -> Self {
        Self {
            schema,
            builder: GraphBuilder::new(Arc::clone(schema)),
            interner: Interner::default(),
            faults: Faults::default(),
            edge_spots: Vec::new(),
            external: 0,
            document: 0,
            base: 0,
        }
    }

    fn document(&mut self, number: u32, document: &Document<'_>) {
        let read = if document.is_lines() { Self::line } else { Self::root };
        self.texts(number, document, read);
    }

    /// Parses a document, or each of its lines, and hands over what can be parsed.
    fn texts<'t>(
        &mut self,
        number: u32,
        document: &Document<'t>,
        mut then: impl FnMut(&mut Self, &Json<'t>),
    ) {
        (self.document, self.base) = (number, 0);
        if document.text.len() > limits::DOCUMENT_BYTES {
            let limit = limits::DOCUMENT_BYTES;
            return self.fault(At(0), Fault::TooMany { what: "bytes in a document", limit });
        }
        let lines = document.is_lines();
        let mut rest = document.text;
        loop {
            let end = if lines { rest.iter().position(|byte| *byte == b'\n') } else { None };
            let (text, after) = end.and_then(|end| rest.split_at_checked(end + 1)).unwrap_or((rest, &[]));
            let line = if lines { text.trim_ascii_end() } else { text };
            if !lines || !line.is_empty() {
                match remit_json::parse(line, &json_limits()) {
                    Ok(json) => then(self, &json),
                    Err(error) => self.fault(error.at(), Fault::Json(error)),
                }
            }
            if after.is_empty() {
                break;
            }
            self.base += text.len();
            rest = after;
        }
    }

    /// `{"nodes": […], "edges": […], "relationships": […]}`
    fn root(&mut self, json: &Json<'_>) {
        let known = ["nodes", "edges", "relationships", "$schema"];
        let Some(object) = self.object(json) else { return };
        for member in object {
            let read: fn(&mut Self, &Json<'_>) = match &*member.key {
                "nodes" => Self::node,
                "edges" | "relationships" => Self::edge,
                "$schema" => continue,
                other => {
                    self.unknown_member(member.key_at, other, &known);
                    continue;
                }
            };
            match read::array(&member.value) {
                Ok(items) => items.iter().for_each(|item| read(self, item)),
                Err((at, fault)) => self.fault(at, fault),
            }
        }
    }

    /// `{"node": …}`, `{"edge": …}`, or a node or edge itself.
    fn line(&mut self, json: &Json<'_>) {
        let Some(object) = self.object(json) else { return };
        let only = if object.len() == 1 { object.iter().next() } else { None };
        match only.map(|member| (&*member.key, &member.value)) {
            Some(("node", node)) => self.node(node),
            Some(("edge" | "relationship", edge)) => self.edge(edge),
            _ if ["from", "to", "source", "target"].iter().any(|end| object.get(end).is_some()) => {
                self.edge(json);
            }
            _ => self.node(json),
        }
    }

    fn object<'j, 't>(&mut self, json: &'j Json<'t>) -> Option<&'j remit_json::Object<'t>> {
        match read::object(json) {
            Ok(object) => Some(object),
            Err((at, fault)) => {
                self.fault(at, fault);
                None
            }
        }
    }

    fn fault(&mut self, at: At, fault: Fault) {
        self.faults.add(self.spot_of(at), fault);
    }

    fn unknown_member(&mut self, at: At, name: &str, known: &[&'static str]) {
        let nearest = closest(name, known.iter().copied());
        self.fault(at, Fault::UnknownMember { name: crate::fault::cut(name), nearest });
    }

    fn spot_of(&self, at: At) -> Spot {
        let offset = u32::try_from(self.base + at.offset()).unwrap_or(u32::MAX);
        Spot { document: self.document, offset }
    }

    fn spot(&self, edge: usize) -> Spot {
        self.edge_spots.get(edge).copied().unwrap_or(Spot { document: 0, offset: 0 })
    }

    fn attr_name(&self, id: AttrId) -> String {
        self.schema.attrs().get(id.index()).map(ToString::to_string).unwrap_or_default()
    }

    fn entity(&self, node: NodeHandle) -> Option<EntityRef> {
        let node = self.builder.node(node)?;
        let kind = self.schema.entity_type(node.kind)?.name.clone();
        Some(EntityRef { kind, id: Arc::clone(&node.id) })
    }

    /// Edges with an undeclared end, by their number, with those ends.
    fn dangling(&self) -> Vec<(usize, Vec<EntityRef>)> {
        if self.builder.placeholders() == 0 {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (number, edge) in self.builder.links().enumerate() {
            let mut ends = vec![edge.from, edge.to];
            ends.dedup();
            ends.retain(|end| self.builder.is_placeholder(*end));
            if !ends.is_empty() {
                found.push((number, ends.into_iter().filter_map(|end| self.entity(end)).collect()));
            }
        }
        found
    }

    /// Relations to one with two edges that differ.
    fn second_edges(&mut self) {
        let mut first: HashMap<(NodeHandle, AttrId), usize, RandomState> = HashMap::default();
        let mut second = Vec::new();
        let links: Vec<_> =
            self.builder.links().enumerate().filter(|(_, edge)| self.is_to_one(edge)).collect();
        for (at, (number, edge)) in links.iter().enumerate() {
            let known = *first.entry((edge.from, edge.link.relation)).or_insert(at);
            let same =
                links.get(known).is_some_and(|(_, k)| k.to == edge.to && k.link.data == edge.link.data);
            if !same && let Some(from) = self.entity(edge.from) {
                second.push((self.spot(*number), self.attr_name(edge.link.relation), from));
            }
        }
        drop(links);
        for (spot, relation, from) in second {
            self.faults.add(spot, Fault::SecondEdge { relation, from });
        }
    }

    fn is_to_one(&self, edge: &crate::builder::LinkRef<'_>) -> bool {
        let declared = self
            .builder
            .node(edge.from)
            .and_then(|from| self.schema.attribute(from.kind, edge.link.relation));
        declared.and_then(|attribute| attribute.relation.as_ref()).is_some_and(|relation| !relation.many)
    }

    fn finish(
        mut self,
        documents: &[Document<'_>],
        found: &[(usize, Vec<EntityRef>)],
    ) -> (GraphBuilder, LoadReport) {
        let listed = found.get(..limits::LISTED_FAULTS).unwrap_or(found);
        let spots: Vec<Spot> = listed.iter().map(|(edge, _)| self.spot(*edge)).collect();
        let mut places = locate(documents, &spots).into_iter();
        let mut dangling = Vec::with_capacity(listed.len());
        let mut listed = listed.iter().peekable();
        for (number, edge) in self.builder.links().enumerate() {
            let Some((_, missing)) = listed.next_if(|(at, _)| *at == number) else { continue };
            let ends = self.entity(edge.from).zip(self.entity(edge.to));
            if let (Some((from, to)), Some(place)) = (ends, places.next()) {
                let relation = self.attr_name(edge.link.relation);
                dangling.push(DanglingEdge { place, relation, from, to, missing: missing.clone() });
            }
        }
        let duplicates = self.builder.remove_duplicate_edges();
        let placeholders = self.builder.placeholders();
        let report = LoadReport {
            nodes: self.builder.node_count() - placeholders,
            edges: self.builder.edge_count(),
            placeholders,
            duplicates,
            external: self.external,
            dangling_edges: found.len(),
            dangling,
        };
        (self.builder, report)
    }
}
