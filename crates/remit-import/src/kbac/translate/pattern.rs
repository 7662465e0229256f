//! The nodes and edges of a pattern as trees: one below `subject`, one below `resource`, joined or not. What is no tree,
//! or hangs on neither, is refused.

use std::collections::BTreeMap;

use crate::kbac::cypher::{Condition, Direction, EdgePattern, Fault, Operand, Query, fault};

/// A node of the pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(usize);

#[derive(Debug, Default)]
struct Node<'q> {
    name: Option<&'q str>,
    label: Option<&'q str>,
    conditions: Vec<&'q Condition>,
    /// Some condition reads it.
    read: bool,
    /// Edges away from the root, each turned so that it leads away.
    children: Vec<(EdgePattern, Place)>,
}

/// An edge with its ends and the `MATCH` it stands in.
#[derive(Debug)]
pub(super) struct Edge<'q> {
    pub(super) pattern: &'q EdgePattern,
    pub(super) from: Place,
    pub(super) to: Place,
    pub(super) clause: usize,
}

/// A pattern whose shape can be said.
#[derive(Debug)]
pub(super) struct Pattern<'q> {
    nodes: Vec<Node<'q>>,
    names: BTreeMap<&'q str, Place>,
    /// The node before each, seen from its root.
    parents: BTreeMap<Place, Place>,
    pub(super) edges: Vec<Edge<'q>>,
    types: [&'q str; 2],
}

impl<'q> Pattern<'q> {
    /// The shape of a query over these two types.
    pub(super) fn of(query: &'q Query, subject: &'q str, resource: &'q str) -> Result<Self, Fault> {
        let types = [subject, resource];
        let mut pattern = Self {
            nodes: Vec::new(),
            names: BTreeMap::new(),
            parents: BTreeMap::new(),
            edges: Vec::new(),
            types,
        };
        for (clause, paths) in query.clauses.iter().enumerate() {
            for path in paths {
                let mut from = pattern.add(&path.first)?;
                for (edge, node) in &path.rest {
                    let to = pattern.add(node)?;
                    pattern.edges.push(Edge { pattern: edge, from, to, clause });
                    from = to;
                }
            }
        }
        pattern.grow()?;
        Ok(pattern)
    }

    fn add(&mut self, node: &'q crate::kbac::cypher::NodePattern) -> Result<Place, Fault> {
        let place = node.name.as_deref().and_then(|name| self.names.get(name).copied());
        let place = place.unwrap_or(Place(self.nodes.len()));
        if place.0 == self.nodes.len() {
            self.nodes.push(Node { name: node.name.as_deref(), ..Node::default() });
            self.names.extend(node.name.as_deref().map(|name| (name, place)));
        }
        let expected = match node.name.as_deref() {
            Some("subject") => self.types.first().copied(),
            Some("resource") => self.types.last().copied(),
            _ => None,
        };
        let Some(found) = self.nodes.get_mut(place.0) else { return Ok(place) };
        found.label = found.label.or(expected);
        match (&node.label, found.label) {
            (Some(label), Some(known)) if label != known => {
                Err(fault(node.at, format!("this node is `{label}` here and `{known}` elsewhere")))
            }
            (Some(label), _) => {
                found.label = Some(label);
                Ok(place)
            }
            (None, _) => Ok(place),
        }
    }

    /// Turns the edges away from the roots.
    fn grow(&mut self) -> Result<(), Fault> {
        let mut taken = vec![false; self.edges.len()];
        let mut seen: Vec<Place> = Vec::new();
        for root in ["subject", "resource"] {
            let Some(root) = self.named(root) else { continue };
            if seen.contains(&root) {
                continue;
            }
            seen.push(root);
            let mut open = vec![root];
            while let Some(node) = open.pop() {
                for (at, edge) in self.edges.iter().enumerate() {
                    if taken.get(at).copied().unwrap_or(true) || (edge.from != node && edge.to != node) {
                        continue;
                    }
                    let other = if edge.from == node { edge.to } else { edge.from };
                    if seen.contains(&other) {
                        return Err(fault(
                            edge.pattern.at,
                            "this edge closes a circle, which the language cannot say",
                        ));
                    }
                    if let Some(taken) = taken.get_mut(at) {
                        *taken = true;
                    }
                    seen.push(other);
                    open.push(other);
                    self.parents.insert(other, node);
                    let turned = turn(edge.pattern, edge.from == node);
                    if let Some(node) = self.nodes.get_mut(node.0) {
                        node.children.push((turned, other));
                    }
                }
            }
        }
        match self.edges.iter().zip(&taken).find(|(_, taken)| !**taken) {
            Some((edge, _)) => {
                Err(fault(edge.pattern.at, "this edge hangs together with neither `subject` nor `resource`"))
            }
            None if seen.len() < self.nodes.len() => {
                Err(fault(0, "a node of the pattern hangs together with neither `subject` nor `resource`"))
            }
            None => Ok(()),
        }
    }

    /// Puts a part of the condition where the last of its variables is known.
    pub(super) fn attach(&mut self, condition: &'q Condition) -> Result<(), Fault> {
        let mut variables = Vec::new();
        names(condition, &mut variables);
        let (mut deepest, mut line) = (self.named("subject"), Vec::new());
        for (at, name) in variables {
            let Some(place) = self.named(name) else {
                return Err(fault(at, format!("no node of the pattern is named `{name}`")));
            };
            if let Some(node) = self.nodes.get_mut(place.0) {
                node.read = true;
            }
            // What is known everywhere: the two that the request names.
            if matches!(name, "subject" | "resource") {
                continue;
            }
            let to_root = self.line(place);
            if line.is_empty() || to_root.ends_with(&line) {
                (deepest, line) = (Some(place), to_root);
            } else if !line.ends_with(&to_root) {
                return Err(fault(
                    at,
                    "this compares nodes of two branches of the pattern, which the language cannot say",
                ));
            }
        }
        if let Some(node) = deepest.and_then(|place| self.nodes.get_mut(place.0)) {
            node.conditions.push(condition);
        }
        Ok(())
    }

    /// A node and those before it. A node below `resource` is reached from `resource`, wherever that hangs.
    fn line(&self, place: Place) -> Vec<Place> {
        let mut line = vec![place];
        let mut next = place;
        while let Some(parent) = self.parents.get(&next).copied() {
            if self.bound(parent).is_some() {
                break;
            }
            line.push(parent);
            next = parent;
        }
        line
    }

    pub(super) fn named(&self, name: &str) -> Option<Place> {
        self.names.get(name).copied()
    }

    pub(super) fn variable(&self, node: Place) -> Option<&'q str> {
        self.nodes.get(node.0)?.name
    }

    pub(super) fn label(&self, node: Place) -> Option<&'q str> {
        self.nodes.get(node.0)?.label
    }

    /// The root that a node is, when the request names it.
    pub(super) fn bound(&self, node: Place) -> Option<&'static str> {
        match self.variable(node) {
            Some("subject") => Some("subject"),
            Some("resource") => Some("resource"),
            _ => None,
        }
    }

    pub(super) fn conditions(&self, node: Place) -> Vec<&'q Condition> {
        self.nodes.get(node.0).map(|node| node.conditions.clone()).unwrap_or_default()
    }

    pub(super) fn children(&self, node: Place) -> Vec<(&EdgePattern, Place)> {
        let children = self.nodes.get(node.0).map_or(&[] as &[_], |node| &node.children);
        children.iter().map(|(edge, child)| (edge, *child)).collect()
    }

    /// A node that is only passed through: nothing is asked of it but one edge further.
    pub(super) fn is_plain(&self, node: Place) -> bool {
        let Some(node) = self.nodes.get(node.0) else { return false };
        !node.read && node.conditions.is_empty() && node.children.len() <= 1
    }
}

fn turn(edge: &EdgePattern, forwards: bool) -> EdgePattern {
    let direction = match edge.direction {
        Direction::Out if !forwards => Direction::In,
        Direction::In if !forwards => Direction::Out,
        other => other,
    };
    EdgePattern { direction, ..edge.clone() }
}

/// The variables that a condition reads.
fn names<'q>(condition: &'q Condition, out: &mut Vec<(usize, &'q str)>) {
    let mut side = |operand: &'q Operand| {
        if let Operand::Property { at, variable, .. } | Operand::Id { at, variable } = operand {
            out.push((*at, variable.as_str()));
        }
    };
    match condition {
        Condition::Compare { left, right, .. } => [left, right].into_iter().for_each(side),
        Condition::Null { of, .. } => side(of),
        Condition::Path { path, .. } => {
            let all = std::iter::once(&path.first).chain(path.rest.iter().map(|(_, node)| node));
            out.extend(all.filter_map(|node| Some((node.at, node.name.as_deref()?))));
        }
        Condition::Not(inner) => names(inner, out),
        Condition::Or(all) | Condition::And(all) => all.iter().for_each(|one| names(one, out)),
    }
}
