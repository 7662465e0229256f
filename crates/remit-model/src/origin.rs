//! Where the value of an argument may come from, and the canonical forms in which such values are compared.

mod canonical;
mod occurs;
mod path;
mod url;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Name, Value};

pub use canonical::{canonical, text};
pub(crate) use occurs::occurs;
pub use path::path_matches;

/// A place that a value may come from. What was reported as untrusted is never a place to come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A literal of the intent itself: a value that one of its bounds names, or the id of an entity that it names.
    Literal,
    /// One of these values.
    OneOf(BTreeSet<Value>),
    /// An entity of this type that the intent names: the given attribute of it, or its id and any attribute.
    RecordOf(Name, Option<String>),
    /// Something made earlier in this transaction.
    Created,
    /// A structured field of what an earlier step of the task returned: `invoice.iban`, `items[*].sku`. The empty
    /// path is any field.
    Result {
        /// The task whose step returned it.
        task: Name,
        /// The path of the field; `[*]` is any item of a list.
        path: String,
    },
    /// The free text of a named source: the weakest.
    Text {
        /// The source as reported.
        source: String,
    },
}
