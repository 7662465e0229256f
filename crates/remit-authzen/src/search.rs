//! The three searches (AuthZEN 1.0 §8): who may, on what, and what may be done.

use remit_json::{Json, Object};

use crate::entity::{Action, Entity, insert_object};
use crate::error::RequestError;
use crate::read;

mod page;
mod response;
#[cfg(test)]
mod tests;

pub use page::{Page, PageAnswer};
pub use response::{ActionResult, EntityResult, SearchResponse};

/// Which subjects of a type may do this? A `subject.id` that is sent is ignored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SubjectSearch<'j> {
    /// The type to search.
    pub subject_type: &'j str,
    /// What is to be done.
    pub action: Action<'j>,
    /// What it is done to.
    pub resource: Entity<'j>,
    /// Circumstances.
    pub context: Option<&'j Object<'j>>,
    /// Which part of the results.
    pub page: Page<'j>,
}

/// On which resources of a type may this be done? A `resource.id` that is sent is ignored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResourceSearch<'j> {
    /// Who asks.
    pub subject: Entity<'j>,
    /// What is to be done.
    pub action: Action<'j>,
    /// The type to search.
    pub resource_type: &'j str,
    /// Circumstances.
    pub context: Option<&'j Object<'j>>,
    /// Which part of the results.
    pub page: Page<'j>,
}

/// What may the subject do here? An `action` that is sent is ignored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ActionSearch<'j> {
    /// Who asks.
    pub subject: Entity<'j>,
    /// What it would be done to.
    pub resource: Entity<'j>,
    /// Circumstances.
    pub context: Option<&'j Object<'j>>,
    /// Which part of the results.
    pub page: Page<'j>,
}

impl<'j> SubjectSearch<'j> {
    /// Reads the body of a subject search. The specification gives `properties` of the searched
    /// entity no meaning, so they are ignored.
    pub fn parse(json: &'j Json<'j>) -> Result<Self, RequestError> {
        let body = read::object(json)?;
        Ok(Self {
            subject_type: read::within(body, "subject", searched_type)?,
            action: read::within(body, "action", Action::parse)?,
            resource: read::within(body, "resource", Entity::parse)?,
            context: read::optional_object(body, "context")?,
            page: Page::of(body)?,
        })
    }

    /// Text that two requests share exactly when they ask the same, whatever page they want.
    pub fn query_text(&self) -> String {
        let parts = [
            ("subject", typed(self.subject_type)),
            ("action", self.action.to_json()),
            ("resource", self.resource.to_json()),
        ];
        query_text("subject", parts, self.context)
    }
}

impl<'j> ResourceSearch<'j> {
    /// Reads the body of a resource search. The specification gives `properties` of the searched
    /// entity no meaning, so they are ignored.
    pub fn parse(json: &'j Json<'j>) -> Result<Self, RequestError> {
        let body = read::object(json)?;
        Ok(Self {
            subject: read::within(body, "subject", Entity::parse)?,
            action: read::within(body, "action", Action::parse)?,
            resource_type: read::within(body, "resource", searched_type)?,
            context: read::optional_object(body, "context")?,
            page: Page::of(body)?,
        })
    }

    /// Text that two requests share exactly when they ask the same, whatever page they want.
    pub fn query_text(&self) -> String {
        let parts = [
            ("subject", self.subject.to_json()),
            ("action", self.action.to_json()),
            ("resource", typed(self.resource_type)),
        ];
        query_text("resource", parts, self.context)
    }
}

impl<'j> ActionSearch<'j> {
    /// Reads the body of an action search.
    pub fn parse(json: &'j Json<'j>) -> Result<Self, RequestError> {
        let body = read::object(json)?;
        Ok(Self {
            subject: read::within(body, "subject", Entity::parse)?,
            resource: read::within(body, "resource", Entity::parse)?,
            context: read::optional_object(body, "context")?,
            page: Page::of(body)?,
        })
    }

    /// Text that two requests share exactly when they ask the same, whatever page they want.
    pub fn query_text(&self) -> String {
        let parts = [("subject", self.subject.to_json()), ("resource", self.resource.to_json())];
        query_text("action", parts, self.context)
    }
}

fn searched_type<'j>(json: &'j Json<'j>) -> Result<&'j str, RequestError> {
    read::text(read::object(json)?, "type")
}

fn typed<'j>(kind: &'j str) -> Json<'j> {
    let mut object = Object::new();
    object.insert("type", kind.into());
    object.into()
}

/// `search` keeps the same words on two endpoints apart.
fn query_text<'j, const N: usize>(
    search: &'static str,
    parts: [(&'static str, Json<'j>); N],
    context: Option<&Object<'j>>,
) -> String {
    let mut query = Object::new();
    query.insert("search", search.into());
    for (name, part) in parts {
        query.insert(name, part);
    }
    insert_object(&mut query, "context", context);
    Json::from(query).canonical()
}
