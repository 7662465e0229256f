//! The tree that a text becomes: values with their places, objects without duplicate members.

use std::borrow::Cow;

use crate::number::Number;
use crate::place::At;

/// One value and the place it was read from. Equality looks at the value alone.
#[derive(Debug, Clone)]
pub struct Json<'a> {
    /// Offset of its first byte.
    pub at: At,
    /// The value itself.
    pub kind: Kind<'a>,
}

/// The six kinds of JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An exact number.
    Number(Number),
    /// Text, borrowed when it holds no escape.
    String(Cow<'a, str>),
    /// Values in order.
    Array(Vec<Json<'a>>),
    /// Members in the order of the text.
    Object(Object<'a>),
}

/// Members in the order they were written; no two have the same name.
#[derive(Debug, Clone, Default)]
pub struct Object<'a> {
    members: Vec<Member<'a>>,
}

/// One name and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Member<'a> {
    /// The name with its escapes resolved.
    pub key: Cow<'a, str>,
    /// Where the name stands.
    pub key_at: At,
    /// What it names.
    pub value: Json<'a>,
}

impl<'a> Json<'a> {
    /// A value that was built, not read.
    pub fn new(kind: Kind<'a>) -> Self {
        Self { at: At::default(), kind }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Kind::Bool(value) = self.kind { Some(value) } else { None }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<Number> {
        if let Kind::Number(value) = self.kind { Some(value) } else { None }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Kind::String(value) = &self.kind { Some(value) } else { None }
    }

    /// The elements, if it is an array.
    pub fn as_array(&self) -> Option<&[Json<'a>]> {
        if let Kind::Array(value) = &self.kind { Some(value) } else { None }
    }

    /// The members, if it is an object.
    pub fn as_object(&self) -> Option<&Object<'a>> {
        if let Kind::Object(value) = &self.kind { Some(value) } else { None }
    }

    /// The kind with its article, for messages: `an object`.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
        }
    }

    /// The value that an RFC 6901 pointer names; `""` is the value itself.
    pub fn pointer(&self, pointer: &str) -> Option<&Json<'a>> {
        let Some(path) = pointer.strip_prefix('/') else {
            return pointer.is_empty().then_some(self);
        };
        path.split('/').try_fold(self, |value, token| value.step(token))
    }

    fn step(&self, token: &str) -> Option<&Json<'a>> {
        match &self.kind {
            Kind::Object(object) => object.get(&token.replace("~1", "/").replace("~0", "~")),
            Kind::Array(items) => {
                let plain = token == "0" || !token.starts_with(['0', '+']);
                plain.then(|| token.parse::<usize>().ok()).flatten().and_then(|index| items.get(index))
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => None,
        }
    }

    /// The same value with nothing borrowed from the text.
    pub fn into_owned(self) -> Json<'static> {
        let kind = match self.kind {
            Kind::Null => Kind::Null,
            Kind::Bool(value) => Kind::Bool(value),
            Kind::Number(value) => Kind::Number(value),
            Kind::String(value) => Kind::String(value.into_owned().into()),
            Kind::Array(items) => Kind::Array(items.into_iter().map(Json::into_owned).collect()),
            Kind::Object(object) => Kind::Object(object.into_owned()),
        };
        Json { at: self.at, kind }
    }
}

impl PartialEq for Json<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl<'a> Object<'a> {
    /// No members yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The parser has refused duplicates.
    pub(crate) fn from_unique(members: Vec<Member<'a>>) -> Self {
        Self { members }
    }

    /// The value under a name.
    pub fn get(&self, key: &str) -> Option<&Json<'a>> {
        self.members.iter().find(|member| member.key == key).map(|member| &member.value)
    }

    /// Members in the order of the text.
    pub fn iter(&self) -> std::slice::Iter<'_, Member<'a>> {
        self.members.iter()
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Sets a member of a built object; an earlier value under the same name is given back.
    pub fn insert(&mut self, key: impl Into<Cow<'a, str>>, value: Json<'a>) -> Option<Json<'a>> {
        let key = key.into();
        match self.members.iter_mut().find(|member| member.key == key) {
            Some(member) => Some(std::mem::replace(&mut member.value, value)),
            None => {
                self.members.push(Member { key, key_at: At::default(), value });
                None
            }
        }
    }

    /// The same members with nothing borrowed from the text.
    pub fn into_owned(self) -> Object<'static> {
        let own = |member: Member<'a>| Member {
            key: member.key.into_owned().into(),
            key_at: member.key_at,
            value: member.value.into_owned(),
        };
        Object { members: self.members.into_iter().map(own).collect() }
    }

    /// Members ordered by the bytes of their names.
    pub(crate) fn sorted(&self) -> Vec<&Member<'a>> {
        let mut members: Vec<_> = self.members.iter().collect();
        members.sort_unstable_by(|left, right| left.key.cmp(&right.key));
        members
    }
}

/// The order of members means nothing.
impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        let same =
            |(left, right): (&&Member<'_>, &&Member<'_>)| left.key == right.key && left.value == right.value;
        self.len() == other.len() && self.sorted().iter().zip(&other.sorted()).all(same)
    }
}

impl<'s, 'a> IntoIterator for &'s Object<'a> {
    type Item = &'s Member<'a>;
    type IntoIter = std::slice::Iter<'s, Member<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for Object<'a> {
    type Item = Member<'a>;
    type IntoIter = std::vec::IntoIter<Member<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl From<bool> for Json<'_> {
    fn from(value: bool) -> Self {
        Self::new(Kind::Bool(value))
    }
}

impl<'a> From<&'a str> for Json<'a> {
    fn from(value: &'a str) -> Self {
        Self::new(Kind::String(value.into()))
    }
}

impl From<String> for Json<'_> {
    fn from(value: String) -> Self {
        Self::new(Kind::String(value.into()))
    }
}

impl From<Number> for Json<'_> {
    fn from(value: Number) -> Self {
        Self::new(Kind::Number(value))
    }
}

impl<'a> From<Vec<Json<'a>>> for Json<'a> {
    fn from(value: Vec<Json<'a>>) -> Self {
        Self::new(Kind::Array(value))
    }
}

impl<'a> From<Object<'a>> for Json<'a> {
    fn from(value: Object<'a>) -> Self {
        Self::new(Kind::Object(value))
    }
}
