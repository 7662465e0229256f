//! Does a bound admit a value. Anything that cannot be compared is outside.

use super::canonical;
use crate::{Bound, Timestamp, Value};

impl Bound {
    /// True when the value is inside. A set is inside when it is named whole or when each member is inside.
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        self.admits_whole(value)
            || matches!(value, Value::Set(items) if items.iter().all(|item| self.admits(item)))
    }

    fn admits_whole(&self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(only) => same(only, value),
            Self::OneOf(all) => all.iter().any(|one| same(one, value)),
            Self::Between { low, high } => {
                Point::of(value).is_some_and(|at| at.is_between(low.as_ref(), high.as_ref()))
            }
            Self::Prefix(start) => {
                matches!(value, Value::String(text) if begins(text, start) && !climbs(text))
            }
        }
    }
}

/// Is `found` the value that a bound names: sets and records without order, a named instant in every notation. Levels
/// belong to one schema and are equal to nothing here.
fn same(named: &Value, found: &Value) -> bool {
    match (named, found) {
        (Value::Level(..), _) => false,
        (Value::Time(at), Value::String(text)) => Timestamp::parse(text) == Some(*at),
        (Value::Set(_), Value::Set(_)) | (Value::Record(_), Value::Record(_)) => {
            canonical::value(named) == canonical::value(found)
        }
        _ => named == found,
    }
}

/// A number or an instant: what an interval is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    Number(crate::Number),
    Time(Timestamp),
}

impl Point {
    /// A number is never read from a text; an instant is, since JSON has no other way to write it.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(it) => Some(Self::Number(*it)),
            Value::Time(it) => Some(Self::Time(*it)),
            Value::String(text) => Timestamp::parse(text).map(Self::Time),
            _ => None,
        }
    }

    /// Both ends included; an end of another kind, or that is no point, admits nothing.
    fn is_between(self, low: Option<&Value>, high: Option<&Value>) -> bool {
        low.is_none_or(|low| Self::of(low).and_then(|low| low.is_at_most(self)) == Some(true))
            && high.is_none_or(|high| Self::of(high).and_then(|high| self.is_at_most(high)) == Some(true))
    }

    /// Nothing when the kinds differ.
    pub(crate) fn is_at_most(self, other: Self) -> Option<bool> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Some(a <= b),
            (Self::Time(a), Self::Time(b)) => Some(a <= b),
            _ => None,
        }
    }
}

/// True when the text begins so. A prefix that ends inside the host of a URL wants the host to end there too:
/// `https://bank.example` is no beginning of `https://bank.example.evil.example`.
pub(crate) fn begins(text: &str, prefix: &str) -> bool {
    let host = prefix.split_once("://").map(|(_, host)| host);
    text.strip_prefix(prefix).is_some_and(|rest| match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#']) => {
            rest.is_empty() || rest.starts_with(['/', '?', '#'])
        }
        _ => true,
    })
}

/// True when a segment of the text is `..`, plain or percent-encoded: what begins inside then ends outside.
fn climbs(text: &str) -> bool {
    let climbing = |text: &str| text.split(['/', '\\']).any(is_dots);
    climbing(text)
        || (text.contains('%') && {
            let plain =
                text.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/").replace("%5c", "\\");
            climbing(&plain)
        })
}

/// `..`, also before a query or a fragment.
fn is_dots(segment: &str) -> bool {
    segment.strip_prefix("..").is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '#', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Number;

    fn n(of: i64) -> Value {
        Value::Number(Number::from(of))
    }

    fn between(low: Option<Value>, high: Option<Value>) -> Bound {
        Bound::Between { low, high }
    }

    #[test]
    fn ends_are_included_and_kinds_never_mix() {
        let to_hundred = between(Some(n(1)), Some(n(100)));
        for (value, inside) in [(n(1), true), (n(100), true), (n(0), false), (n(101), false)] {
            assert_eq!(to_hundred.admits(&value), inside, "{value:?}");
        }
        assert!(!to_hundred.admits(&Value::string("50")), "a text is no number");
        let day = between(Some(Value::string("2026-04-01")), Some(Value::string("2026-04-30")));
        assert!(day.admits(&Value::string("2026-04-07T12:00:00+02:00")));
        assert!(!day.admits(&Value::string("2026-05-01")));
        assert!(!day.admits(&n(5)));
        assert!(!between(None, None).admits(&Value::Bool(true)));
        assert!(
            !between(Some(n(1)), Some(Value::string("2026-04-30"))).admits(&n(5)),
            "mixed ends admit nothing"
        );
    }

    #[test]
    fn a_prefix_is_never_left_by_climbing() {
        let home = Bound::Prefix("/home/ann/".to_owned());
        for inside in ["/home/ann/a", "/home/ann/", "/home/ann/v1..v2", "/home/ann/..rc"] {
            assert!(home.admits(&Value::string(inside)), "{inside}");
        }
        for outside in
            ["/home/bob/a", "/home/ann/../bob", "/home/ann/%2E%2e/bob", "/home/ann/..%2fbob", "/home/ann/.."]
        {
            assert!(!home.admits(&Value::string(outside)), "{outside}");
        }
    }

    #[test]
    fn a_host_ends_where_the_prefix_ends() {
        let bank = Bound::Prefix("https://bank.example".to_owned());
        assert!(bank.admits(&Value::string("https://bank.example")));
        assert!(bank.admits(&Value::string("https://bank.example/pay?x")));
        for outside in ["https://bank.example.evil.example/", "https://bank.example:x@evil.example/"] {
            assert!(!bank.admits(&Value::string(outside)), "{outside}");
        }
        assert!(Bound::Prefix("https://".to_owned()).admits(&Value::string("https://any.example/")));
    }

    #[test]
    fn sets_are_judged_by_member_and_equal_without_order() {
        let set = |items: &[i64]| Value::Set(items.iter().map(|it| n(*it)).collect());
        let some = Bound::OneOf([n(1), n(2)].into());
        assert!(some.admits(&set(&[2, 1])) && some.admits(&n(1)));
        assert!(!some.admits(&set(&[2, 3])));
        assert!(Bound::Exactly(set(&[1, 2])).admits(&set(&[2, 1])));
        assert!(!Bound::Exactly(set(&[1, 2])).admits(&set(&[1, 2, 2])), "two payments are not one");
    }

    #[test]
    fn an_instant_is_equal_to_the_text_that_names_it() {
        let at = Value::Time(Timestamp::parse("2026-04-30T00:00:00Z").expect("an instant"));
        assert!(same(&at, &Value::string("2026-04-30")));
        assert!(!same(&at, &Value::string("2026-05-01")));
        assert!(!same(&Value::string("2026-04-30"), &at), "a text names itself alone");
        let level = Value::Level(crate::LevelId(0), 1);
        assert!(!same(&level, &level));
    }
}
