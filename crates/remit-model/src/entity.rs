//! `EntityRef`: the type and id of anything that can act or be acted upon.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Name;

/// Type and id, as in AuthZEN; the id is opaque and unique within its type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntityRef {
    /// The entity type, for example `user`.
    pub kind: Name,
    /// The id within the type, compared byte for byte.
    pub id: Arc<str>,
}

impl EntityRef {
    /// Joins a type and an id.
    #[must_use]
    pub fn new(kind: Name, id: &str) -> Self {
        Self { kind, id: Arc::from(id) }
    }
}

/// Writes policy notation: `user:"alice"`.
impl fmt::Display for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:?}", self.kind, self.id)
    }
}
