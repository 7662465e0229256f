//! Changes to a graph: what one may say, and what the schema says about it.

use std::sync::Arc;

use remit_model::{AttrId, Attribute, Provenance, Schema, Ty, TypeId, Value};

use crate::fault::Fault;
use crate::load::{describe, type_names};
use crate::node::Property;
use crate::{EdgeData, limits};

/// The key of a node: unique in the graph.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeKey {
    /// Its type.
    pub kind: TypeId,
    /// Its id within the type.
    pub id: Arc<str>,
}

impl NodeKey {
    /// Joins a type and an id.
    #[must_use]
    pub fn new(kind: TypeId, id: &str) -> Self {
        Self { kind, id: Arc::from(id) }
    }
}

/// One change. Upserts and deletions of what is already so are not faults for edges; deleting an absent node or
/// property is one, because it hints at a misspelt key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Declares a node, or sets properties of one; properties that are not named stay.
    UpsertNode {
        /// Which node.
        node: NodeKey,
        /// What to set.
        properties: Vec<Property>,
    },
    /// Takes a node away, with every edge from it and to it.
    DeleteNode {
        /// Which node.
        node: NodeKey,
    },
    /// Takes one property away.
    DeleteProperty {
        /// Of which node.
        node: NodeKey,
        /// Which property.
        attr: AttrId,
    },
    /// Adds an edge, unless one with these ends and this data is there.
    UpsertEdge {
        /// Where it starts.
        from: NodeKey,
        /// Its relation.
        relation: AttrId,
        /// Where it ends.
        to: NodeKey,
        /// What it carries.
        data: EdgeData,
    },
    /// Takes edges between two nodes away.
    DeleteEdge {
        /// Where they start.
        from: NodeKey,
        /// Their relation.
        relation: AttrId,
        /// Where they end.
        to: NodeKey,
        /// Only the one that carries exactly this; none: all of them.
        data: Option<EdgeData>,
    },
}

/// A fault of a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("change {change}: {fault}")]
pub struct ChangeError {
    /// The change, counted from 0.
    pub change: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

impl Change {
    /// What the schema alone has against this change.
    pub(crate) fn check(&self, schema: &Schema) -> Result<(), Fault> {
        match self {
            Self::UpsertNode { node, properties } => {
                checked_key(schema, node)?;
                properties.iter().try_for_each(|property| checked_property(schema, node.kind, property))
            }
            Self::DeleteNode { node } => checked_key(schema, node),
            Self::DeleteProperty { node, attr } => {
                checked_key(schema, node)?;
                property(schema, node.kind, *attr).map(drop)
            }
            Self::UpsertEdge { from, relation, to, data } => {
                checked_edge(schema, from, *relation, to, Some(data))
            }
            Self::DeleteEdge { from, relation, to, data } => {
                checked_edge(schema, from, *relation, to, data.as_ref())
            }
        }
    }
}

fn checked_key(schema: &Schema, node: &NodeKey) -> Result<(), Fault> {
    if schema.entity_type(node.kind).is_none() {
        return Err(Fault::UnknownType { name: format!("#{}", node.kind.0), nearest: None });
    }
    let (limit, found) = (limits::ID_BYTES, node.id.len());
    if found == 0 || found > limit { Err(Fault::IdLength { limit, found }) } else { Ok(()) }
}

fn names(schema: &Schema, of: TypeId, attr: AttrId) -> (String, String) {
    let of = schema.entity_type(of).map(|of| of.name.to_string());
    let name = schema.attrs().get(attr.index()).map(ToString::to_string);
    (of.unwrap_or_default(), name.unwrap_or_default())
}

/// The attribute, when the graph may hold it.
fn held(schema: &Schema, of: TypeId, attr: AttrId) -> Option<Result<&Attribute, Fault>> {
    let attribute = schema.attribute(of, attr)?;
    if attribute.sources.contains(&Provenance::Graph) {
        return Some(Ok(attribute));
    }
    let (of, name) = names(schema, of, attr);
    let sources: Vec<_> = attribute.sources.iter().map(ToString::to_string).collect();
    Some(Err(Fault::NotFromGraph { of, name, sources: sources.join(" or ") }))
}

fn property(schema: &Schema, of: TypeId, attr: AttrId) -> Result<&Attribute, Fault> {
    let (type_name, name) = names(schema, of, attr);
    let unknown = || Fault::UnknownAttribute { of: type_name, name: name.clone(), nearest: None };
    let attribute = held(schema, of, attr).ok_or_else(unknown)??;
    if attribute.relation.is_some() { Err(Fault::IsRelation { name }) } else { Ok(attribute) }
}

fn checked_property(schema: &Schema, of: TypeId, set: &Property) -> Result<(), Fault> {
    let attribute = property(schema, of, set.attr)?;
    let level = set.metadata.as_ref().and_then(|metadata| metadata.assurance_level);
    if level.is_some_and(|level| !(1..=3).contains(&level)) {
        return Err(Fault::AssuranceLevel);
    }
    checked_value(schema, &attribute.ty, &set.value)
}

fn checked_value(schema: &Schema, ty: &Ty, value: &Value) -> Result<(), Fault> {
    if fits(schema, ty, value) {
        return Ok(());
    }
    Err(Fault::WrongType { expected: describe(schema, ty), found: format!("a {}", value.kind()) })
}

/// Whether a value is one of a type.
fn fits(schema: &Schema, ty: &Ty, value: &Value) -> bool {
    match (ty, value) {
        (Ty::Any, _)
        | (Ty::Bool, Value::Bool(_))
        | (Ty::Decimal, Value::Number(_))
        | (Ty::String, Value::String(_))
        | (Ty::Time, Value::Time(_))
        | (Ty::Duration, Value::Duration(_))
        | (Ty::Ip, Value::Ip(_)) => true,
        (Ty::Int, Value::Number(number)) => number.is_integral(),
        (Ty::Level(declared), Value::Level(level, rank)) => {
            let members = schema.level(*level).map_or(0, |level| level.members.len());
            declared == level && usize::from(*rank) < members
        }
        (Ty::Entity(types), Value::Entity(entity)) => {
            let of = schema.type_id(entity.kind.as_str());
            of.is_some_and(|of| types.is_empty() || types.contains(&of))
        }
        (Ty::Set(of), Value::Set(members)) => members.iter().all(|member| fits(schema, of, member)),
        _ => false,
    }
}

fn checked_edge(
    schema: &Schema,
    from: &NodeKey,
    relation: AttrId,
    to: &NodeKey,
    data: Option<&EdgeData>,
) -> Result<(), Fault> {
    checked_key(schema, from)?;
    checked_key(schema, to)?;
    let (of, name) = names(schema, from.kind, relation);
    let unknown = || Fault::UnknownRelation { of, name: name.clone(), nearest: None };
    let attribute = held(schema, from.kind, relation).ok_or_else(unknown)??;
    let Some(declared) = &attribute.relation else { return Err(Fault::IsProperty { name }) };
    if !declared.targets.is_empty() && !declared.targets.contains(&to.kind) {
        let found = schema.entity_type(to.kind).map(|of| of.name.to_string()).unwrap_or_default();
        return Err(Fault::WrongTarget {
            relation: name,
            expected: type_names(schema, &declared.targets),
            found,
        });
    }
    let Some(data) = data else { return Ok(()) };
    if data.never_holds() {
        return Err(Fault::NeverHolds);
    }
    for (number, (key, value)) in data.properties.iter().enumerate() {
        let Some(field) = declared.properties.iter().find(|field| field.name.as_str() == &**key) else {
            return Err(Fault::UnknownEdgeProperty { relation: name, name: key.to_string(), nearest: None });
        };
        if data.properties.iter().take(number).any(|(earlier, _)| earlier == key) {
            return Err(Fault::DuplicateProperty { name: key.to_string() });
        }
        checked_value(schema, &field.ty, value)?;
    }
    Ok(())
}
