//! Reading members of a message: the one place that knows null from absent and kind from kind.

use remit_json::{Json, Kind, Object};

use crate::error::{RequestError, RequestFault};

/// The value as an object; the error stands at the value itself.
pub(crate) fn object<'j>(json: &'j Json<'j>) -> Result<&'j Object<'j>, RequestError> {
    json.as_object().ok_or_else(|| wrong("an object", json))
}

/// A member that is there and not null.
pub(crate) fn member<'j>(object: &'j Object<'j>, name: &str) -> Option<&'j Json<'j>> {
    object.get(name).filter(|value| !value.is_null())
}

/// A member that must be there.
pub(crate) fn required<'j>(object: &'j Object<'j>, name: &str) -> Result<&'j Json<'j>, RequestError> {
    member(object, name).ok_or_else(|| RequestError::new(pointer(name), RequestFault::Missing))
}

/// A required string.
pub(crate) fn text<'j>(object: &'j Object<'j>, name: &str) -> Result<&'j str, RequestError> {
    let value = required(object, name)?;
    value.as_str().ok_or_else(|| wrong("a string", value).under(&pointer(name)))
}

/// An optional string.
pub(crate) fn optional_text<'j>(object: &'j Object<'j>, name: &str) -> Result<Option<&'j str>, RequestError> {
    member(object, name).map(|_| text(object, name)).transpose()
}

/// An optional object.
pub(crate) fn optional_object<'j>(
    outer: &'j Object<'j>,
    name: &str,
) -> Result<Option<&'j Object<'j>>, RequestError> {
    member(outer, name).map(object).transpose().map_err(|fault| fault.under(&pointer(name)))
}

/// An optional member in the reading of `read`, with its errors placed under its name.
pub(crate) fn optional<'j, T>(
    outer: &'j Object<'j>,
    name: &str,
    read: impl FnOnce(&'j Json<'j>) -> Result<T, RequestError>,
) -> Result<Option<T>, RequestError> {
    member(outer, name).map(read).transpose().map_err(|fault| fault.under(&pointer(name)))
}

/// A required member in the reading of `read`, with its errors placed under its name.
pub(crate) fn within<'j, T>(
    outer: &'j Object<'j>,
    name: &str,
    read: impl FnOnce(&'j Json<'j>) -> Result<T, RequestError>,
) -> Result<T, RequestError> {
    read(required(outer, name)?).map_err(|fault| fault.under(&pointer(name)))
}

/// An optional non-negative integer.
pub(crate) fn optional_count(object: &Object<'_>, name: &str) -> Result<Option<u64>, RequestError> {
    let count = |value: &Json<'_>| {
        let integer = value.as_number().and_then(|number| number.as_i64());
        integer
            .and_then(|integer| u64::try_from(integer).ok())
            .ok_or_else(|| RequestError::new(pointer(name), RequestFault::Count))
    };
    object.get(name).filter(|value| !value.is_null()).map(count).transpose()
}

/// An optional word of a closed list.
pub(crate) fn optional_choice<T: Copy>(
    object: &Object<'_>,
    name: &str,
    words: &[T],
    allowed: &'static [&'static str],
) -> Result<Option<T>, RequestError> {
    let Some(value) = object.get(name).filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let known = value.as_str().and_then(|word| allowed.iter().position(|candidate| *candidate == word));
    match known.and_then(|index| words.get(index)) {
        Some(word) => Ok(Some(*word)),
        None => Err(RequestError::new(pointer(name), not_listed(value, allowed))),
    }
}

fn not_listed(value: &Json<'_>, allowed: &'static [&'static str]) -> RequestFault {
    let found = match &value.kind {
        Kind::String(word) => word.chars().take(64).collect(),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Array(_) | Kind::Object(_) => {
            value.kind_name().to_owned()
        }
    };
    RequestFault::Choice { found, allowed }
}

/// Names here are our own and hold neither `/` nor `~`.
fn pointer(name: &str) -> String {
    format!("/{name}")
}

fn wrong(expected: &'static str, found: &Json<'_>) -> RequestError {
    RequestError::new("", RequestFault::Kind { expected, found: found.kind_name() })
}
