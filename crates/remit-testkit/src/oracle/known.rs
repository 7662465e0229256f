//! What an expression is known to be: nothing, one value, or the certain part of a set.

use remit_model::Value;

use super::truth::Truth;

/// The outcome of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// Missing, ill-typed, overflowed, ambiguous.
    Unknown,
    /// One value that is not a set.
    One(Value),
    /// A set.
    Many(Many),
}

/// The elements a set certainly has, and whether it can have no others.
#[derive(Debug, Clone, PartialEq)]
pub struct Many {
    /// Distinct.
    pub items: Vec<Value>,
    /// False when something that is missing could add elements.
    pub complete: bool,
}

impl Known {
    /// A value as it was read: sets become [`Many`].
    #[must_use]
    pub fn of(value: Value) -> Self {
        match value {
            Value::Set(items) => {
                let mut set = Many::nothing();
                items.iter().for_each(|item| set.add(item.clone()));
                Self::Many(set)
            }
            other => Self::One(other),
        }
    }

    /// `None` is unknown.
    #[must_use]
    pub fn maybe(value: Option<Value>) -> Self {
        value.map_or(Self::Unknown, Self::of)
    }

    /// A truth value as an outcome.
    #[must_use]
    pub fn truth(value: Truth) -> Self {
        match value {
            Truth::True => Self::One(Value::Bool(true)),
            Truth::False => Self::One(Value::Bool(false)),
            Truth::Unknown => Self::Unknown,
        }
    }

    /// The outcome where a bool is expected; anything else is ill-typed, so unknown.
    #[must_use]
    pub fn as_truth(&self) -> Truth {
        match self {
            Self::One(Value::Bool(value)) => Truth::of(*value),
            Self::Unknown | Self::One(_) | Self::Many(_) => Truth::Unknown,
        }
    }

    /// The outcome where one value is expected.
    #[must_use]
    pub fn as_one(&self) -> Option<&Value> {
        match self {
            Self::One(value) => Some(value),
            Self::Unknown | Self::Many(_) => None,
        }
    }

    /// The outcome where a set is expected: what is unknown is a set of which nothing is known.
    #[must_use]
    pub fn into_many(self) -> Many {
        match self {
            Self::Many(set) => set,
            Self::Unknown | Self::One(_) => Many { items: Vec::new(), complete: false },
        }
    }

    /// The value, when it is known in full; a set in a canonical order.
    #[must_use]
    pub fn settled(&self) -> Option<Value> {
        match self {
            Self::Unknown => None,
            Self::One(value) => Some(value.clone()),
            Self::Many(set) if set.complete => {
                let mut items = set.items.clone();
                items.sort_by_key(|item| format!("{:?}", canonical(item)));
                Some(Value::Set(items.into()))
            }
            Self::Many(_) => None,
        }
    }
}

impl Many {
    /// The empty set, known in full.
    #[must_use]
    pub fn nothing() -> Self {
        Self { items: Vec::new(), complete: true }
    }

    /// Adds an element unless it is there.
    pub fn add(&mut self, item: Value) {
        let wanted = canonical(&item);
        if !self.items.iter().any(|have| canonical(have) == wanted) {
            self.items.push(item);
        }
    }

    /// Unites with another set.
    pub fn unite(&mut self, other: Self) {
        other.items.into_iter().for_each(|item| self.add(item));
        self.complete &= other.complete;
    }
}

/// Record members by name, set elements in order: so that equal things look equal.
#[must_use]
pub fn canonical(value: &Value) -> Value {
    match value {
        Value::Set(items) => {
            let mut items: Vec<Value> = items.iter().map(canonical).collect();
            items.sort_by_key(|item| format!("{item:?}"));
            items.dedup();
            Value::Set(items.into())
        }
        Value::Record(members) => {
            let mut members: Vec<_> =
                members.iter().map(|(name, value)| (name.clone(), canonical(value))).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Record(members.into())
        }
        plain => plain.clone(),
    }
}
