//! Finding arguments by member path. `items.sku` reads `sku` of each item; a member may also be named `items.sku`.

use std::collections::BTreeMap;

use crate::Value;
use crate::limits::MAX_ARGUMENT_DEPTH;

/// What a path leads to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found<'v> {
    /// Every value, one for each branch.
    pub(crate) values: Vec<&'v Value>,
    /// True when a branch ends early: no such member, no items, no record.
    pub(crate) missing: bool,
}

/// Everything the path leads to. A key that holds dots is found as well, so that no notation hides a value.
pub(crate) fn at<'v>(arguments: &'v BTreeMap<String, Value>, path: &str) -> Found<'v> {
    let mut found = Found::default();
    if let Some(value) = arguments.get(path) {
        found.values.push(value);
        if !path.contains('.') {
            return found;
        }
    } else if !path.contains('.') {
        found.missing = true;
        return found;
    }
    let mut any = !found.values.is_empty();
    for (key, value) in arguments {
        if let Some(rest) = below(key, path) {
            any = true;
            visit(value, rest, MAX_ARGUMENT_DEPTH, &mut found);
        }
    }
    found.missing |= !any;
    found
}

/// The rest of the path after `key` and a dot.
fn below<'p>(key: &str, path: &'p str) -> Option<&'p str> {
    path.strip_prefix(key)?.strip_prefix('.')
}

fn visit<'v>(value: &'v Value, rest: &str, depth: usize, found: &mut Found<'v>) {
    let Some(depth) = depth.checked_sub(1) else {
        found.missing = true;
        return;
    };
    match value {
        Value::Record(members) => {
            let mut any = false;
            for (key, member) in members.iter() {
                if **key == *rest {
                    any = true;
                    found.values.push(member);
                } else if let Some(rest) = below(key, rest) {
                    any = true;
                    visit(member, rest, depth, found);
                }
            }
            found.missing |= !any;
        }
        Value::Set(items) => {
            found.missing |= items.is_empty();
            items.iter().for_each(|item| visit(item, rest, depth, found));
        }
        _ => found.missing = true,
    }
}

/// The first argument that no path names and that lies under no named one. A key with a dot in it is never named:
/// it could be read in two ways.
pub(crate) fn unnamed<'p>(
    arguments: &BTreeMap<String, Value>,
    paths: impl Iterator<Item = &'p str> + Clone,
) -> Option<String> {
    let paths: Vec<&str> = paths.collect();
    arguments.iter().find_map(|(key, value)| unnamed_below(key, value, &paths, MAX_ARGUMENT_DEPTH))
}

fn unnamed_below(key: &str, value: &Value, paths: &[&str], depth: usize) -> Option<String> {
    if key.contains('.') {
        return Some(key.to_owned());
    }
    if paths.contains(&key) {
        return None;
    }
    let inner: Vec<&str> = paths.iter().filter_map(|path| below(key, path)).collect();
    match depth.checked_sub(1) {
        Some(depth) if !inner.is_empty() => unnamed_inside(value, &inner, depth)
            .map(|rest| if rest.is_empty() { key.to_owned() } else { format!("{key}.{rest}") }),
        _ => Some(key.to_owned()),
    }
}

fn unnamed_inside(value: &Value, paths: &[&str], depth: usize) -> Option<String> {
    match value {
        Value::Record(members) => {
            members.iter().find_map(|(key, member)| unnamed_below(key, member, paths, depth))
        }
        Value::Set(items) => items.iter().find_map(|item| match depth.checked_sub(1) {
            Some(depth) => unnamed_inside(item, paths, depth),
            None => Some(String::new()),
        }),
        _ => Some(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Number;

    fn n(of: i64) -> Value {
        Value::Number(Number::from(of))
    }

    fn record(members: &[(&str, Value)]) -> Value {
        Value::Record(members.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
    }

    fn order() -> BTreeMap<String, Value> {
        let items = Value::Set([record(&[("sku", n(1))]), record(&[("sku", n(2)), ("note", n(3))])].into());
        [("amount".to_owned(), n(9)), ("items".to_owned(), items)].into()
    }

    #[test]
    fn a_path_reads_every_item() {
        let order = order();
        assert_eq!(at(&order, "amount").values, [&n(9)]);
        let skus = at(&order, "items.sku");
        assert_eq!((skus.values, skus.missing), (vec![&n(1), &n(2)], false));
        let notes = at(&order, "items.note");
        assert_eq!((notes.values, notes.missing), (vec![&n(3)], true), "one item has none");
        for absent in ["to", "amount.x", "items.sku.x"] {
            assert!(at(&order, absent).missing && at(&order, absent).values.is_empty(), "{absent}");
        }
    }

    #[test]
    fn no_notation_hides_a_value() {
        let flat: BTreeMap<String, Value> =
            [("a.b".to_owned(), n(1)), ("a".to_owned(), record(&[("b", n(2))]))].into();
        assert_eq!(at(&flat, "a.b").values, [&n(1), &n(2)]);
        assert_eq!(unnamed(&flat, ["a.b"].into_iter()), Some("a.b".to_owned()), "readable in two ways");
    }

    #[test]
    fn what_lies_under_a_name_is_named() {
        let order = order();
        let unnamed = |paths: &[&'static str]| unnamed(&order, paths.iter().copied());
        assert_eq!(unnamed(&["amount", "items"]), None);
        assert_eq!(unnamed(&["amount", "items.sku", "items.note"]), None);
        assert_eq!(unnamed(&["amount", "items.sku"]), Some("items.note".to_owned()));
        assert_eq!(unnamed(&["items"]), Some("amount".to_owned()));
        assert_eq!(unnamed(&["amount.x", "items"]), Some("amount".to_owned()));
    }
}
