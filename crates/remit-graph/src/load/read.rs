//! The shapes a document is made of: an object, an array, a text; anything else is a fault with its place.

use remit_json::{Json, Object};

use super::Read;
use crate::fault::Fault;

pub(super) fn object<'j, 't>(json: &'j Json<'t>) -> Read<&'j Object<'t>> {
    json.as_object().ok_or_else(|| shape(json, "an object"))
}

pub(super) fn array<'j, 't>(json: &'j Json<'t>) -> Read<&'j [Json<'t>]> {
    json.as_array().ok_or_else(|| shape(json, "an array"))
}

pub(super) fn text<'j>(json: &'j Json<'_>) -> Read<&'j str> {
    json.as_str().ok_or_else(|| shape(json, "a string"))
}

pub(super) fn shape(json: &Json<'_>, expected: &'static str) -> (remit_json::At, Fault) {
    (json.at, Fault::Shape { expected, found: json.kind_name() })
}

/// The one member of an object that may be written under two names.
pub(super) fn one_of<'j, 't>(
    of: &'j Json<'t>,
    first: &'static str,
    second: &'static str,
    missing: &'static str,
) -> Read<&'j Json<'t>> {
    let object = object(of)?;
    match (object.get(first), object.get(second)) {
        (Some(value), None) | (None, Some(value)) => Ok(value),
        (Some(_), Some(other)) => Err((other.at, Fault::TwoSpellings { first, second })),
        (None, None) => Err((of.at, Fault::MissingMember { name: missing })),
    }
}
