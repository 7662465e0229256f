//! Makes a failing case small: drops whatever can go while it still fails.

use crate::case::Case;

/// The smallest case found that still fails.
pub fn shrink(case: &Case, fails: impl Fn(&Case) -> bool) -> Case {
    let mut best = case.clone();
    // Every round drops at least one thing, so this ends; the bound is for patience.
    for _ in 0..40 {
        let before = size(&best);
        for pass in [rules, clauses, conditions, question, edges, nodes, properties] {
            pass(&mut best, &fails);
        }
        if size(&best) == before {
            break;
        }
    }
    best
}

fn size(case: &Case) -> usize {
    case.to_string().len()
}

type Fails<'f> = &'f dyn Fn(&Case) -> bool;

/// Removes one element after the other from the list that `list` finds, as long as the case still fails.
fn drop_each<T>(case: &mut Case, fails: Fails<'_>, list: impl Fn(&mut Case) -> &mut Vec<T>) {
    let mut at = list(case).len();
    while at > 0 {
        at -= 1;
        let mut smaller = case.clone();
        if at >= list(&mut smaller).len() {
            continue;
        }
        list(&mut smaller).remove(at);
        if fails(&smaller) {
            *case = smaller;
        }
    }
}

fn rules(case: &mut Case, fails: &dyn Fn(&Case) -> bool) {
    drop_each(case, fails, |case| &mut case.policy.rules);
}

fn clauses(case: &mut Case, fails: &dyn Fn(&Case) -> bool) {
    for at in 0..case.policy.rules.len() {
        drop_each(case, fails, |case| &mut case.policy.rules[at].selectors);
        drop_each(case, fails, |case| &mut case.policy.rules[at].conditions);
        drop_each(case, fails, |case| &mut case.policy.rules[at].rest);
    }
}

/// Replaces a condition by any part of it that stands in parentheses.
fn conditions(case: &mut Case, fails: &dyn Fn(&Case) -> bool) {
    for rule in 0..case.policy.rules.len() {
        for at in 0..case.policy.rules[rule].conditions.len() {
            let text = case.policy.rules[rule].conditions[at].clone();
            let Some((word, body)) = text.split_once(' ') else { continue };
            let mut parts = parenthesised(body);
            parts.sort_by_key(String::len);
            for part in parts.into_iter().filter(|part| part.len() < body.len()) {
                let mut smaller = case.clone();
                smaller.policy.rules[rule].conditions[at] = format!("{word} {part}");
                if fails(&smaller) {
                    *case = smaller;
                    break;
                }
            }
        }
    }
}

fn parenthesised(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut open = Vec::new();
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => open.push(at),
            ')' => parts.extend(open.pop().map(|start| text[start..=at].to_owned())),
            _ => {}
        }
    }
    parts
}

fn question(case: &mut Case, fails: &dyn Fn(&Case) -> bool) {
    let mut smaller = case.clone();
    smaller.ask.actor = None;
    if fails(&smaller) {
        *case = smaller;
    }
    drop_each(case, fails, |case| &mut case.ask.subject.asserted);
    drop_each(case, fails, |case| &mut case.ask.resource.asserted);
    drop_each(case, fails, |case| &mut case.ask.action_properties);
    drop_each(case, fails, |case| &mut case.ask.context);
}

fn edges(case: &mut Case, fails: &dyn Fn(&Case) -> bool) {
    drop_each(case, fails, |case| &mut case.world.edges);
}

/// Only nodes without edges: a node whose edges stay would become a placeholder.
fn nodes(case: &mut Case, fails: &dyn Fn(&Case) -> bool) {
    for entity in case.world.nodes.keys().cloned().collect::<Vec<_>>() {
        if case.world.edges.iter().any(|edge| edge.from == entity || edge.to == entity) {
            continue;
        }
        let mut smaller = case.clone();
        smaller.world.nodes.remove(&entity);
        if fails(&smaller) {
            *case = smaller;
        }
    }
}

fn properties(case: &mut Case, fails: &dyn Fn(&Case) -> bool) {
    for (entity, properties) in case.world.nodes.clone() {
        for name in properties.keys() {
            let mut smaller = case.clone();
            if let Some(node) = smaller.world.nodes.get_mut(&entity) {
                node.remove(name);
            }
            if fails(&smaller) {
                *case = smaller;
            }
        }
    }
}
