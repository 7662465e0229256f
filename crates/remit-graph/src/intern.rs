//! Equal texts, origins and edge data are stored once. Lives as long as one load, never longer.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::{EdgeData, PropertyMetadata};

/// Shares what is equal.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    texts: HashTable<Arc<str>>,
    hasher: RandomState,
    edges: HashSet<Arc<EdgeData>, RandomState>,
    origins: HashSet<Arc<PropertyMetadata>, RandomState>,
}

impl Interner {
    pub(crate) fn text(&mut self, text: &str) -> Arc<str> {
        let Self { texts, hasher, .. } = self;
        let hash = hasher.hash_one(text);
        let entry = texts.entry(hash, |known| &**known == text, |known| hasher.hash_one(&**known));
        Arc::clone(entry.or_insert_with(|| Arc::from(text)).get())
    }

    /// The stored form of edge data; nothing for a plain edge.
    pub(crate) fn edge(&mut self, data: EdgeData) -> Option<Arc<EdgeData>> {
        data.store().map(|stored| share(&mut self.edges, stored))
    }

    pub(crate) fn origin(&mut self, origin: PropertyMetadata) -> Arc<PropertyMetadata> {
        share(&mut self.origins, Arc::new(origin))
    }
}

fn share<T: Hash + Eq>(known: &mut HashSet<Arc<T>, RandomState>, value: Arc<T>) -> Arc<T> {
    match known.get(&value) {
        Some(shared) => Arc::clone(shared),
        None => {
            known.insert(Arc::clone(&value));
            value
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_things_share_their_memory() {
        let mut interner = Interner::default();
        assert!(Arc::ptr_eq(&interner.text("a"), &interner.text("a")));
        assert!(!Arc::ptr_eq(&interner.text("a"), &interner.text("b")));
        let data = |text: &str| EdgeData {
            properties: vec![(Arc::from("w"), remit_model::Value::string(text))],
            ..EdgeData::default()
        };
        let (one, two) = (interner.edge(data("x")).unwrap(), interner.edge(data("x")).unwrap());
        assert!(Arc::ptr_eq(&one, &two) && !Arc::ptr_eq(&one, &interner.edge(data("y")).unwrap()));
        assert!(interner.edge(EdgeData::default()).is_none());
    }
}
