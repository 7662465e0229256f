//! Permits cut down to what is used of them: rules taken out, lists shortened, comments kept. Nothing is ever widened:
//! a list of which nothing would be left stays, because an empty one selects everything.

use std::collections::BTreeSet;

use crate::ast::{ClauseKind, File, ItemKind, Rule, Selector, SelectorKind, Trivia};
use crate::checked::Effect;
use crate::format::selector;

/// What is to be left of a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left<'a> {
    /// All of it.
    Whole,
    /// Nothing.
    Nothing,
    /// Of its lists, what is used.
    Used(&'a Used),
}

/// What is used of a permit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Used {
    /// Names of actions.
    pub actions: BTreeSet<String>,
    /// Types of resources.
    pub resources: BTreeSet<String>,
    /// Resources that the rule names, by type and id.
    pub named: BTreeSet<(String, String)>,
}

/// What a permit lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// `package.name`
    pub rule: String,
    /// It is gone.
    pub whole: bool,
    /// Actions that it no longer lists.
    pub actions: Vec<String>,
    /// Resources that it no longer lists, as they were written.
    pub resources: Vec<String>,
}

/// Cuts the permits of a file down; gives what they lost, in written order.
pub fn narrow<'a>(file: &mut File, left: impl Fn(&str) -> Left<'a>) -> Vec<Lost> {
    let package = package(file).unwrap_or_default();
    let (mut lost, mut carried) = (Vec::new(), Vec::new());
    for mut item in std::mem::take(&mut file.items) {
        if let ItemKind::Rule(rule) = &mut item.kind
            && rule.effect.node == Effect::Permit
        {
            let id = format!("{package}.{}", rule.name.node);
            match left(&id) {
                Left::Whole => {}
                Left::Used(used) => lost.extend(shorten(rule, id, used)),
                Left::Nothing => {
                    lost.push(Lost { rule: id, whole: true, actions: Vec::new(), resources: Vec::new() });
                    // WHY: a comment before a rule may be the heading of those after it.
                    if item.trivia.iter().any(|one| matches!(one, Trivia::Comment(_))) {
                        join(&mut carried, item.trivia);
                    }
                    continue;
                }
            }
        }
        if !carried.is_empty() {
            join(&mut carried, std::mem::take(&mut item.trivia));
            item.trivia = std::mem::take(&mut carried);
        }
        file.items.push(item);
    }
    if !carried.is_empty() {
        join(&mut carried, std::mem::take(&mut file.closing));
        file.closing = carried;
    }
    lost
}

/// The resources that the permits of a file name, each with the rule that names it.
#[must_use]
pub fn named(file: &File) -> Vec<(String, (String, String))> {
    let package = package(file).unwrap_or_default();
    let mut found = Vec::new();
    for item in &file.items {
        let ItemKind::Rule(rule) = &item.kind else { continue };
        for clause in &rule.clauses {
            let ClauseKind::On(selectors) = &clause.kind else { continue };
            found.extend(selectors.iter().filter_map(|one| match &one.kind {
                SelectorKind::Entity(entity) => {
                    let rule = format!("{package}.{}", rule.name.node);
                    Some((rule, (entity.kind.node.clone(), entity.id.node.clone())))
                }
                SelectorKind::Any | SelectorKind::Type(_) | SelectorKind::MemberOf(..) => None,
            }));
        }
    }
    found
}

fn package(file: &File) -> Option<String> {
    file.items.iter().find_map(|item| match &item.kind {
        ItemKind::Package(package) => Some(package.name.node.clone()),
        _ => None,
    })
}

fn shorten(rule: &mut Rule, id: String, used: &Used) -> Option<Lost> {
    let (mut actions, mut resources) = (Vec::new(), Vec::new());
    for clause in &mut rule.clauses {
        match &mut clause.kind {
            ClauseKind::To(names) => {
                let gone = keep(names, |name| used.actions.contains(&name.node));
                actions.extend(gone.into_iter().map(|name| name.node));
            }
            ClauseKind::On(selectors) => {
                let gone = keep(selectors, |one| is_used(one, used));
                resources.extend(gone.iter().map(selector));
            }
            _ => {}
        }
    }
    let is_less = !actions.is_empty() || !resources.is_empty();
    is_less.then_some(Lost { rule: id, whole: false, actions, resources })
}

/// Whether anything that was used can have come by this selector.
fn is_used(one: &Selector, used: &Used) -> bool {
    match &one.kind {
        SelectorKind::Any => true,
        SelectorKind::Type(of) | SelectorKind::MemberOf(of, _) => used.resources.contains(&of.node),
        SelectorKind::Entity(entity) => {
            used.named.contains(&(entity.kind.node.clone(), entity.id.node.clone()))
        }
    }
}

/// Takes out what is not wanted, unless that is all; gives what was taken out.
fn keep<T: Clone>(all: &mut Vec<T>, wanted: impl Fn(&T) -> bool) -> Vec<T> {
    let (left, gone): (Vec<T>, Vec<T>) = all.iter().cloned().partition(wanted);
    if left.is_empty() {
        return Vec::new();
    }
    *all = left;
    gone
}

fn join(into: &mut Vec<Trivia>, more: Vec<Trivia>) {
    for one in more {
        if one != Trivia::Blank || into.last() != Some(&Trivia::Blank) {
            into.push(one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    const POLICY: &str = r#"package p

entity user {}
entity doc  {}
entity note {}

action read, write on doc, note

// What people do.

/// Reads.
permit reads  // who else
  for user
  // both
  to  read, write
  on  doc, note, doc:d1, doc:d2
  when true

// Who writes.

/// Gone with its words.
permit writes
  for user
  to  write

forbid never
  to write

/// Anything at all.
permit everything
"#;

    fn cut(left: impl for<'t> Fn(&'t str) -> Left<'static>) -> (String, Vec<Lost>) {
        let mut sources = Sources::default();
        let file = sources.add("p.ibac", POLICY);
        let (mut tree, found) = crate::parse(file, &sources);
        assert!(found.is_empty(), "{found:?}");
        let lost = narrow(&mut tree, left);
        (crate::format(&tree), lost)
    }

    fn used(actions: &[&str], resources: &[&str], named: &[(&str, &str)]) -> &'static Used {
        let texts = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        let named = named.iter().map(|(of, id)| ((*of).to_owned(), (*id).to_owned())).collect();
        Box::leak(Box::new(Used { actions: texts(actions), resources: texts(resources), named }))
    }

    #[test]
    fn unused_permits_go_and_lists_lose_what_is_unused_and_comments_stay() {
        let reads = used(&["read"], &["doc"], &[("doc", "d2")]);
        let (text, lost) = cut(|rule| match rule {
            "p.reads" => Left::Used(reads),
            "p.writes" => Left::Nothing,
            _ => Left::Whole,
        });
        assert!(text.contains("  // both\n  to   read\n  on   doc, doc:d2\n  when true"), "{text}");
        assert!(text.contains("// What people do.") && text.contains("// who else"), "{text}");
        assert!(text.contains("// Who writes.\n\nforbid never"), "a heading stays: {text}");
        assert!(!text.contains("writes\n") && !text.contains("Gone with its words"), "{text}");
        let lists = (vec!["write".to_owned()], vec!["note".to_owned(), "doc:d1".to_owned()]);
        assert_eq!(
            (lost[0].actions.clone(), lost[0].resources.clone(), lost[0].whole),
            (lists.0, lists.1, false)
        );
        assert_eq!((lost[1].rule.as_str(), lost[1].whole, lost.len()), ("p.writes", true, 2));
    }

    #[test]
    fn what_has_no_list_keeps_none_and_no_list_becomes_empty() {
        let nothing = used(&["fly"], &["sky"], &[]);
        let (text, lost) = cut(|_| Left::Used(nothing));
        assert_eq!(lost, []);
        assert!(text.contains("to   read, write") && text.contains("permit everything"), "{text}");
        assert_eq!(cut(|_| Left::Whole).0, cut(|_| Left::Used(nothing)).0);
    }

    #[test]
    fn only_permits_are_cut() {
        let (text, lost) = cut(|_| Left::Nothing);
        assert_eq!(lost.len(), 3);
        assert!(text.contains("forbid never\n  to write") && text.ends_with("to write\n"), "{text}");
    }

    #[test]
    fn resources_that_permits_name_are_found() {
        let mut sources = Sources::default();
        let file = sources.add("p.ibac", POLICY);
        let found = named(&crate::parse(file, &sources).0);
        let of = |id: &str| ("p.reads".to_owned(), ("doc".to_owned(), id.to_owned()));
        assert_eq!(found, [of("d1"), of("d2")]);
    }
}
