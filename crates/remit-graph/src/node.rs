//! A node as the writer and every snapshot share it: key, typed properties, provenance of each property.

use std::sync::Arc;

use remit_model::{AttrId, Timestamp, TypeId, Value};

/// A node of one snapshot; dense, nodes of one type are contiguous and sorted by the bytes of their id.
///
/// An id of one snapshot means nothing in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The id as an index.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What is known about the origin of one property.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct PropertyMetadata {
    /// The system of record the value came from.
    pub source: Option<Arc<str>>,
    /// How sure that source is: 1 (asserted) to 3 (verified).
    pub assurance_level: Option<u8>,
    /// When that source last verified the value.
    pub verified_time: Option<Timestamp>,
    /// Whatever else the document says, sorted by name.
    pub custom: Vec<(Arc<str>, Value)>,
}

/// One property of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub attr: AttrId,
    /// Its value, already of the type that the schema declares.
    pub value: Value,
    /// Its origin, when the document told.
    pub metadata: Option<Arc<PropertyMetadata>>,
}

/// A node: key and properties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub(crate) kind: TypeId,
    /// Only named by edges so far: its attributes and relations are unknown, not empty.
    pub(crate) placeholder: bool,
    pub(crate) id: Arc<str>,
    /// Sorted by name id, each at most once.
    pub(crate) properties: Box<[Property]>,
}

impl Node {
    pub(crate) fn placeholder(kind: TypeId, id: Arc<str>) -> Self {
        Self { kind, placeholder: true, id, properties: Box::default() }
    }

    /// The property with that name.
    #[must_use]
    pub fn property(&self, attr: AttrId) -> Option<&Property> {
        // WHY: nodes have a handful of properties; a scan beats a search.
        self.properties.iter().find(|property| property.attr == attr)
    }

    /// Sets one property, keeping the order.
    pub(crate) fn set(&mut self, property: Property) {
        let mut properties = std::mem::take(&mut self.properties).into_vec();
        match properties.binary_search_by_key(&property.attr, |known| known.attr) {
            Ok(at) => {
                if let Some(known) = properties.get_mut(at) {
                    *known = property;
                }
            }
            Err(at) => properties.insert(at, property),
        }
        self.properties = properties.into_boxed_slice();
    }

    /// Takes one property away; says whether it was there.
    pub(crate) fn unset(&mut self, attr: AttrId) -> bool {
        let before = self.properties.len();
        let mut properties = std::mem::take(&mut self.properties).into_vec();
        properties.retain(|property| property.attr != attr);
        self.properties = properties.into_boxed_slice();
        self.properties.len() < before
    }
}
