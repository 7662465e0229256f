//! AuthZEN 1.0 messages exactly as on the wire; knows no policy and no model.
//!
//! Requests borrow from a [`remit_json::Json`] tree, so a body is parsed once and nothing is copied;
//! answers are plain structs for serde. Two rules hold everywhere: unknown members are ignored, and
//! `null` on an optional member means the member is absent (on a required one: missing).
#![deny(missing_docs)]

pub mod batch;
pub mod entity;
mod error;
pub mod evaluation;
mod limits;
pub mod media;
pub mod metadata;
mod options;
mod owned;
mod read;
pub mod search;

pub use batch::{Batch, Compatibility, EvaluationsRequest, EvaluationsResponse, Semantic};
pub use entity::{Action, Entity};
pub use error::{RequestError, RequestFault};
pub use evaluation::{EvaluationRequest, EvaluationResponse};
pub use limits::Limits;
pub use metadata::{Endpoints, Identifier, IdentifierError, Metadata};
pub use options::{Detail, Options};
pub use owned::{OwnedAction, OwnedEntity, OwnedRequest};
pub use search::{
    ActionResult, ActionSearch, EntityResult, Page, PageAnswer, ResourceSearch, SearchResponse, SubjectSearch,
};
