//! The types of values, as the checker and the graph loader see them.

use std::sync::Arc;

use crate::{LevelId, TypeId};

/// The type of a value or expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ty {
    /// `bool`
    Bool,
    /// `int`: a number without fraction
    Int,
    /// `decimal`: any exact number; an `int` is one
    Decimal,
    /// `string`
    String,
    /// `time`
    Time,
    /// `duration`
    Duration,
    /// `ip`: an address or a network
    Ip,
    /// A declared level such as `classification`
    Level(LevelId),
    /// An entity of one of these types, sorted by id; empty means of any type
    Entity(Arc<[TypeId]>),
    /// `set<T>`
    Set(Box<Ty>),
    /// A value whose type only the request knows (undeclared context): operations on it are checked when they
    /// run, and an ill-typed one is unknown
    Any,
}

impl Ty {
    /// An entity of exactly one type.
    #[must_use]
    pub fn entity(of: TypeId) -> Self {
        Self::Entity(Arc::from([of]))
    }

    /// A set of this type.
    #[must_use]
    pub fn set(self) -> Self {
        Self::Set(Box::new(self))
    }

    /// True for `int` and `decimal`.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Decimal)
    }

    /// The entity types, when this is an entity or a set of entities.
    #[must_use]
    pub fn entity_types(&self) -> Option<&Arc<[TypeId]>> {
        match self {
            Self::Entity(types) => Some(types),
            Self::Set(inner) => inner.entity_types(),
            Self::Bool
            | Self::Int
            | Self::Decimal
            | Self::String
            | Self::Time
            | Self::Duration
            | Self::Ip
            | Self::Level(_)
            | Self::Any => None,
        }
    }
}
