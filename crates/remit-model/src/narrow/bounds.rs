//! Is a bound inside a bound: does every value that the one admits lie in the other.

use crate::intent::bound::{Point, begins};
use crate::{Bound, Value};

/// True when it can be shown.
pub(super) fn is_inside(child: &Bound, parent: &Bound) -> bool {
    match (child, parent) {
        (_, Bound::Any) => true,
        (Bound::Exactly(only), parent) => parent.admits(only),
        (Bound::OneOf(all), parent) => all.iter().all(|one| parent.admits(one)),
        (Bound::Prefix(start), Bound::Prefix(wider)) => begins(start, wider),
        (Bound::Between { low, high }, parent) => interval_is_inside(low.as_ref(), high.as_ref(), parent),
        (Bound::Any, _) | (Bound::Prefix(_), Bound::Exactly(_) | Bound::OneOf(_) | Bound::Between { .. }) => {
            false
        }
    }
}

fn interval_is_inside(low: Option<&Value>, high: Option<&Value>, parent: &Bound) -> bool {
    let ends = (low.map(Point::of), high.map(Point::of));
    match ends {
        // An end that is no point admits nothing, and nothing is inside everything.
        (Some(None), _) | (_, Some(None)) => return true,
        (Some(Some(low)), Some(Some(high))) if low.is_at_most(high) != Some(true) => return true,
        // An interval of one instant also admits each text that names it; so does whatever names the instant.
        (Some(Some(only)), Some(Some(same))) if only == same => {
            if let Some(value) = low
                && matches!(parent, Bound::Exactly(_) | Bound::OneOf(_))
            {
                return match value {
                    Value::Number(_) => parent.admits(value),
                    _ => names_instant(parent, only),
                };
            }
        }
        _ => {}
    }
    let Bound::Between { low: wider_low, high: wider_high } = parent else { return false };
    let below = |wider: &Value, own: Option<&Value>| {
        let both = (Point::of(wider), own.and_then(Point::of));
        matches!(both, (Some(wider), Some(own)) if wider.is_at_most(own) == Some(true))
    };
    let above = |wider: &Value, own: Option<&Value>| {
        let both = (Point::of(wider), own.and_then(Point::of));
        matches!(both, (Some(wider), Some(own)) if own.is_at_most(wider) == Some(true))
    };
    wider_low.as_ref().is_none_or(|wider| below(wider, low))
        && wider_high.as_ref().is_none_or(|wider| above(wider, high))
}

/// A finite bound that holds the instant as an instant, not only one way of writing it.
fn names_instant(bound: &Bound, at: Point) -> bool {
    let is_it = |value: &Value| matches!(value, Value::Time(_)) && Point::of(value) == Some(at);
    match bound {
        Bound::Exactly(only) => is_it(only),
        Bound::OneOf(all) => all.iter().any(is_it),
        Bound::Any | Bound::Between { .. } | Bound::Prefix(_) => false,
    }
}
