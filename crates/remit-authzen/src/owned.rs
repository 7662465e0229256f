//! Requests that programs build or keep: the same question without a body to borrow from.

use remit_json::Object;

use crate::entity::{Action, Entity};
use crate::evaluation::EvaluationRequest;
use crate::options::Options;

/// An [`EvaluationRequest`] that owns its parts.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedRequest {
    /// Who everybody acts for.
    pub subject: OwnedEntity,
    /// What is to be done.
    pub action: OwnedAction,
    /// What it is done to.
    pub resource: OwnedEntity,
    /// Circumstances.
    pub context: Option<Object<'static>>,
    /// Wishes about the answer.
    pub options: Options,
}

/// An [`Entity`] that owns its parts.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedEntity {
    /// The wire member `type`.
    pub kind: String,
    /// Unique within its type.
    pub id: String,
    /// Attributes sent with the request.
    pub properties: Option<Object<'static>>,
}

/// An [`Action`] that owns its parts.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedAction {
    /// The action's name.
    pub name: String,
    /// Attributes sent with the request.
    pub properties: Option<Object<'static>>,
}

impl OwnedRequest {
    /// A question without context or options.
    pub fn new(subject: OwnedEntity, action: OwnedAction, resource: OwnedEntity) -> Self {
        Self { subject, action, resource, context: None, options: Options::default() }
    }

    /// Sets the context.
    #[must_use]
    pub fn with_context(mut self, context: Object<'static>) -> Self {
        self.context = Some(context);
        self
    }

    /// The request as the rest of the crate speaks it.
    pub fn borrow(&self) -> EvaluationRequest<'_> {
        EvaluationRequest {
            subject: self.subject.borrow(),
            action: self.action.borrow(),
            resource: self.resource.borrow(),
            context: self.context.as_ref(),
            options: self.options,
        }
    }
}

impl OwnedEntity {
    /// An entity without properties.
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self { kind: kind.into(), id: id.into(), properties: None }
    }

    /// Sets the properties.
    #[must_use]
    pub fn with_properties(mut self, properties: Object<'static>) -> Self {
        self.properties = Some(properties);
        self
    }

    fn borrow(&self) -> Entity<'_> {
        Entity { kind: &self.kind, id: &self.id, properties: self.properties.as_ref() }
    }
}

impl OwnedAction {
    /// An action without properties.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), properties: None }
    }

    /// Sets the properties.
    #[must_use]
    pub fn with_properties(mut self, properties: Object<'static>) -> Self {
        self.properties = Some(properties);
        self
    }

    fn borrow(&self) -> Action<'_> {
        Action { name: &self.name, properties: self.properties.as_ref() }
    }
}

impl From<EvaluationRequest<'_>> for OwnedRequest {
    fn from(request: EvaluationRequest<'_>) -> Self {
        Self {
            subject: request.subject.into(),
            action: request.action.into(),
            resource: request.resource.into(),
            context: owned(request.context),
            options: request.options,
        }
    }
}

impl From<Entity<'_>> for OwnedEntity {
    fn from(entity: Entity<'_>) -> Self {
        Self { kind: entity.kind.into(), id: entity.id.into(), properties: owned(entity.properties) }
    }
}

impl From<Action<'_>> for OwnedAction {
    fn from(action: Action<'_>) -> Self {
        Self { name: action.name.into(), properties: owned(action.properties) }
    }
}

fn owned(object: Option<&Object<'_>>) -> Option<Object<'static>> {
    object.map(|object| object.clone().into_owned())
}
