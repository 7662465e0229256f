//! Answers to searches: plain results and, in front of them, the page.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::evaluation::without_nulls;
use crate::search::page::PageAnswer;

/// The answer to a search; `R` is [`EntityResult`] or [`ActionResult`].
///
/// The order of the fields is the order on the wire: the specification recommends `page` first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[must_use]
pub struct SearchResponse<R> {
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<PageAnswer>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    context: Map<String, Value>,
    results: Vec<R>,
}

/// A subject or resource that was found; nothing beside `type` and `id`, in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct EntityResult {
    /// The wire member `type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Unique within its type.
    pub id: String,
}

/// An action that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ActionResult {
    /// The action's name.
    pub name: String,
}

impl<R> SearchResponse<R> {
    /// All results in one answer.
    pub fn new(results: Vec<R>) -> Self {
        Self { page: None, context: Map::new(), results }
    }

    /// Says where the results stand in the whole.
    pub fn with_page(mut self, page: PageAnswer) -> Self {
        self.page = Some(page);
        self
    }

    /// Adds context, without members that are null.
    pub fn with_context(mut self, context: Map<String, Value>) -> Self {
        self.context = without_nulls(context);
        self
    }

    /// What was found.
    pub fn results(&self) -> &[R] {
        &self.results
    }

    /// Where it stands in the whole, if the answer says so.
    pub fn page(&self) -> Option<&PageAnswer> {
        self.page.as_ref()
    }
}
