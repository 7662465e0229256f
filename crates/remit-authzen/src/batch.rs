//! Many questions with defaults and the three semantics (AuthZEN 1.0 §7).

use remit_json::{Json, Object};
use serde::Serialize;

use crate::entity::{Action, Entity};
use crate::error::{RequestError, RequestFault};
use crate::evaluation::{EvaluationRequest, EvaluationResponse};
use crate::limits::Limits;
use crate::options::Options;
use crate::read;

#[cfg(test)]
mod tests;

/// The body of an evaluations call.
#[derive(Debug, Clone, PartialEq)]
pub enum EvaluationsRequest<'j> {
    /// `evaluations` absent or empty: one question, answered in the single shape.
    Single(EvaluationRequest<'j>),
    /// Everything else.
    Batch(Batch<'j>),
}

/// Items in the order of the request, each complete or refused on its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch<'j> {
    /// When to stop.
    pub semantic: Semantic,
    /// A refused item is a `false`, never a failed call.
    pub items: Vec<Result<EvaluationRequest<'j>, RequestError>>,
    /// Wishes about the answers; they hold for every item, an item's own `options` are ignored.
    pub options: Options,
}

/// Which items are answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Semantic {
    /// Every item.
    #[default]
    ExecuteAll,
    /// Items up to the first that is not permitted.
    DenyOnFirstDeny,
    /// Items up to the first that is permitted.
    PermitOnFirstPermit,
}

/// Deviations from the text for callers that need them; all off by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compatibility {
    /// An item's subject or resource without `type` takes the default's `type`, and nothing else.
    /// The text replaces entities whole; one module of the conformance suite wants this instead.
    pub fill_missing_type: bool,
}

impl Semantic {
    const ALL: [Self; 3] = [Self::ExecuteAll, Self::DenyOnFirstDeny, Self::PermitOnFirstPermit];
    const WORDS: &'static [&'static str] = &["execute_all", "deny_on_first_deny", "permit_on_first_permit"];

    /// Whether the answer ends with an item of this decision. A refused item decides `false`.
    pub fn stops_after(self, decision: bool) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => !decision,
            Self::PermitOnFirstPermit => decision,
        }
    }
}

impl<'j> EvaluationsRequest<'j> {
    /// Reads the body of an evaluations call.
    ///
    /// Defaults are judged only where an item uses them, so `"resource": {}` is a fine default that
    /// every item replaces.
    pub fn parse(
        json: &'j Json<'j>,
        limits: &Limits,
        compatibility: Compatibility,
    ) -> Result<Self, RequestError> {
        let body = read::object(json)?;
        let semantic = semantic(body)?;
        let items = evaluations(body)?;
        if items.is_empty() {
            return EvaluationRequest::parse(json).map(Self::Single);
        }
        if items.len() > limits.items {
            let fault = RequestFault::TooMany { limit: limits.items };
            return Err(RequestError::new("/evaluations", fault));
        }
        let options = Options::of(body)?;
        let defaults = Defaults { body, options, compatibility };
        let items = items.iter().enumerate().map(|(index, item)| {
            let place = format!("/evaluations/{index}");
            // A thing that is no object is no evaluation: the payload is wrong, not the item.
            let item = read::object(item).map_err(|fault| fault.under(&place))?;
            Ok(defaults.complete(item, &place))
        });
        Ok(Self::Batch(Batch { semantic, items: items.collect::<Result<_, RequestError>>()?, options }))
    }
}

fn semantic(body: &Object<'_>) -> Result<Semantic, RequestError> {
    let read = |json: &Json<'_>| {
        let options = read::object(json)?;
        read::optional_choice(options, "evaluations_semantic", &Semantic::ALL, Semantic::WORDS)
    };
    Ok(read::optional(body, "options", read)?.flatten().unwrap_or_default())
}

fn evaluations<'j>(body: &'j Object<'j>) -> Result<&'j [Json<'j>], RequestError> {
    let Some(value) = read::member(body, "evaluations") else {
        return Ok(&[]);
    };
    value.as_array().ok_or_else(|| {
        let fault = RequestFault::Kind { expected: "an array", found: value.kind_name() };
        RequestError::new("/evaluations", fault)
    })
}

/// The members beside `evaluations`, standing in for what an item lacks.
struct Defaults<'j> {
    body: &'j Object<'j>,
    options: Options,
    compatibility: Compatibility,
}

impl<'j> Defaults<'j> {
    /// SPEC: §7.1.1, a member of the item replaces the default whole; nothing is merged.
    fn complete(&self, item: &'j Object<'j>, place: &str) -> Result<EvaluationRequest<'j>, RequestError> {
        Ok(EvaluationRequest {
            subject: self.entity(item, "subject", place)?,
            action: self.pick(item, "action", place, Action::parse)?,
            resource: self.entity(item, "resource", place)?,
            context: match read::member(item, "context") {
                Some(_) => read::optional_object(item, "context").map_err(|fault| fault.under(place))?,
                None => read::optional_object(self.body, "context")?,
            },
            options: self.options,
        })
    }

    fn entity(
        &self,
        item: &'j Object<'j>,
        name: &'static str,
        place: &str,
    ) -> Result<Entity<'j>, RequestError> {
        let fallback = self.compatibility.fill_missing_type.then(|| self.default_type(name)).flatten();
        self.pick(item, name, place, |json| Entity::parse_with(json, fallback))
    }

    fn default_type(&self, name: &str) -> Option<&'j str> {
        read::member(self.body, name)?.as_object()?.get("type")?.as_str()
    }

    /// The item's member if it has one, else the default, else missing from the item.
    fn pick<T>(
        &self,
        item: &'j Object<'j>,
        name: &'static str,
        place: &str,
        parse: impl FnOnce(&'j Json<'j>) -> Result<T, RequestError>,
    ) -> Result<T, RequestError> {
        if read::member(item, name).is_none() && read::member(self.body, name).is_some() {
            return read::within(self.body, name, parse);
        }
        read::within(item, name, parse).map_err(|fault| fault.under(place))
    }
}

/// The answer to an evaluations call: nothing stands beside `evaluations`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[must_use]
pub enum EvaluationsResponse {
    /// For [`EvaluationsRequest::Single`].
    Single(EvaluationResponse),
    /// For [`EvaluationsRequest::Batch`], in request order.
    Batch {
        /// As many as were executed.
        evaluations: Vec<EvaluationResponse>,
    },
}
