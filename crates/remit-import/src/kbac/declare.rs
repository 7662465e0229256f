//! Declarations for the types of a graph and the actions of policies.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::graph::{Graph, Property};
use crate::ibac::name;
use crate::report::{Findings, Place};

/// The text of all declarations. Properties that no one type holds are told.
pub(super) fn entities(graph: &Graph, findings: &mut Findings<'_>) -> String {
    let mut out = String::new();
    for (of, node) in &graph.types {
        let _ = write!(out, "entity {} {{", name(of));
        for (key, property) in &node.properties {
            match property.ty().filter(|ty| is_type(ty)) {
                Some(ty) => {
                    let optional = if property.count < node.nodes || property.external { "?" } else { "" };
                    let _ = write!(out, "\n {}: {ty}{optional}", name(key));
                }
                None => mixed(of, key, property, findings),
            }
        }
        for ((_, relation), it) in graph.relations.iter().filter(|((from, _), _)| from == of) {
            if node.properties.contains_key(relation) {
                let message = format!("`{of}` has `{relation}` both as a property and as a relation");
                findings.refuse("kbac/graph", Place::default(), message);
                continue;
            }
            let targets: Vec<String> = it.targets.iter().map(|to| name(to)).collect();
            let _ = write!(out, "\n {}: set<{}>", name(relation), targets.join(" | "));
            let fields: Vec<String> = it
                .properties
                .iter()
                .filter_map(|(key, property)| match property.ty().filter(|ty| is_type(ty)) {
                    Some(ty) => {
                        let optional = if property.count < it.count { "?" } else { "" };
                        Some(format!("{}: {ty}{optional}", name(key)))
                    }
                    None => {
                        mixed(relation, key, property, findings);
                        None
                    }
                })
                .collect();
            if !fields.is_empty() {
                let _ = write!(out, " {{ {} }}", fields.join(", "));
            }
        }
        out.push_str("\n}\n\n");
    }
    out
}

fn is_type(ty: &str) -> bool {
    !ty.contains(' ')
}

fn mixed(of: &str, key: &str, property: &Property, findings: &mut Findings<'_>) {
    let types: Vec<&str> = property.types.iter().copied().collect();
    let message = format!("`{of}` has `{key}` with values of no one type: {}", types.join(", "));
    findings.refuse("kbac/graph", Place::default(), message);
}

/// The text of the actions, each on all the types it is granted on.
pub(super) fn actions(actions: &BTreeMap<String, BTreeSet<String>>) -> String {
    let mut out = String::new();
    for (action, on) in actions {
        let on: Vec<String> = on.iter().map(|of| name(of)).collect();
        let _ = writeln!(out, "action {} on {}", name(action), on.join(", "));
    }
    out.push('\n');
    out
}
