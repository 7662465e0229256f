//! Which steps along relations an edge of a pattern stands for: alternatives, directions and repetitions, spelt out over
//! the types of the graph.

use std::collections::BTreeSet;

use crate::ibac::name;
use crate::kbac::cypher::{Direction, EdgePattern, Fault, fault};
use crate::kbac::graph::Graph;
use crate::limits;

use super::pattern::Pattern;

/// One way from one type to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Way {
    pub(super) steps: Vec<Step>,
    /// The type where it ends.
    to: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    relation: String,
    backwards: bool,
    /// `+`, `*` or nothing.
    reach: &'static str,
    from: String,
    pub(super) to: String,
    /// The relation ends in this type and no other.
    pub(super) sure: bool,
}

impl Step {
    /// The expression after the step.
    pub(super) fn after(&self, expr: &str) -> String {
        let inverse = if self.backwards { "^" } else { "" };
        format!("{expr}.{inverse}{}{}", name(&self.relation), self.reach)
    }

    /// The edge between types that the step follows, in its own direction.
    fn edge(&self) -> (String, String, String) {
        let (from, to) = if self.backwards { (&self.to, &self.from) } else { (&self.from, &self.to) };
        (from.clone(), self.relation.clone(), to.clone())
    }
}

/// All ways of an edge from a type to a label; at least one.
pub(super) fn ways(
    graph: &Graph,
    edge: &EdgePattern,
    from: &str,
    label: Option<&str>,
) -> Result<Vec<Way>, Fault> {
    let Some(label) = label else {
        return unlabelled(graph, edge, from);
    };
    let ways = to(graph, edge, from, Some(label))?;
    if ways.is_empty() {
        let relations = edge.relations.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(" or ");
        return Err(fault(edge.at, format!("no {relations} leads from `{from}` to `{label}` in the graph")));
    }
    Ok(ways)
}

fn unlabelled(graph: &Graph, edge: &EdgePattern, from: &str) -> Result<Vec<Way>, Fault> {
    if !graph.known {
        return Err(fault(
            edge.at,
            "the node at the end of this edge has no label: only the graph tells its type (`--graph`)",
        ));
    }
    let ways = to(graph, edge, from, None)?;
    if ways.is_empty() {
        return Err(fault(edge.at, format!("no such relation leads from `{from}` in the graph")));
    }
    Ok(ways)
}

fn to(graph: &Graph, edge: &EdgePattern, from: &str, label: Option<&str>) -> Result<Vec<Way>, Fault> {
    let Some((least, most)) = edge.repeat else {
        return Ok(singles(graph, edge, from)
            .into_iter()
            .map(one)
            .filter(|way| label.is_none_or(|it| it == way.to))
            .collect());
    };
    if !graph.known {
        return Err(fault(edge.at, "what a repeated edge passes is only known from the graph (`--graph`)"));
    }
    if let (None, Some(way)) = (most, closure(graph, edge, from, label, least)) {
        return Ok(vec![way]);
    }
    let bound = most.unwrap_or(limits::STEPS + 1);
    if bound > limits::STEPS && most.is_some() {
        return Err(fault(edge.at, format!("more than {} steps are not spelt out", limits::STEPS)));
    }
    let start = Way { steps: Vec::new(), to: from.to_owned() };
    let (mut found, mut open) = (Vec::new(), vec![start]);
    while let Some(way) = open.pop() {
        let long = way.steps.len();
        if long >= least && label.is_none_or(|it| it == way.to) {
            found.push(way.clone());
        }
        if long == bound {
            // WHY: without end, more steps than are tried means that the types form a circle.
            if most.is_none() {
                return Err(fault(
                    edge.at,
                    "a repetition without end over several relations, or from several steps on, is not carried over",
                ));
            }
            continue;
        }
        for step in singles(graph, edge, &way.to) {
            let mut next = way.clone();
            next.to.clone_from(&step.to);
            next.steps.push(step);
            open.push(next);
        }
        if open.len() + found.len() > limits::WAYS {
            return Err(fault(edge.at, format!("this edge stands for more than {} ways", limits::WAYS)));
        }
    }
    // WHY: when one step is enough, a way that uses an edge twice has a shorter one beside it that does not; only back
    // and forth over one edge it has none.
    let back_and_forth = edge.direction == Direction::Either && least > 0;
    if (least > 1 || back_and_forth) && found.iter().any(repeats) {
        return Err(fault(
            edge.at,
            "a pattern never uses an edge twice, which the language cannot say of this repetition",
        ));
    }
    found.sort();
    Ok(found)
}

/// One relation followed without end, when that is all the edge says.
fn closure(graph: &Graph, edge: &EdgePattern, from: &str, label: Option<&str>, least: usize) -> Option<Way> {
    let ([relation], 0 | 1) = (edge.relations.as_slice(), least) else { return None };
    let backwards = match edge.direction {
        Direction::Out => false,
        Direction::In => true,
        Direction::Either => return None,
    };
    let mut ends = BTreeSet::new();
    let mut open: Vec<String> = graph.ends(from, relation, backwards).into_iter().collect();
    while let Some(of) = open.pop() {
        if ends.insert(of.clone()) {
            open.extend(graph.ends(&of, relation, backwards));
        }
    }
    if least == 0 {
        ends.insert(from.to_owned());
    }
    let to = match (label, ends.iter().collect::<Vec<_>>().as_slice()) {
        (Some(label), _) => label.to_owned(),
        (None, [only]) => (*only).clone(),
        (None, _) => return None,
    };
    if !ends.contains(&to) {
        return None;
    }
    let reach = if least == 0 { "*" } else { "+" };
    let (relation, sure) = (relation.clone(), ends.len() == 1);
    Some(one(Step { relation, backwards, reach, from: from.to_owned(), to, sure }))
}

/// One way for each relation, direction and type at its end.
fn singles(graph: &Graph, edge: &EdgePattern, from: &str) -> Vec<Step> {
    let directions: &[bool] = match edge.direction {
        Direction::Out => &[false],
        Direction::In => &[true],
        Direction::Either => &[false, true],
    };
    let mut steps = Vec::new();
    for relation in &edge.relations {
        for backwards in directions {
            let ends = graph.ends(from, relation, *backwards);
            let sure = ends.len() == 1;
            steps.extend(ends.into_iter().map(|to| Step {
                relation: relation.clone(),
                backwards: *backwards,
                reach: "",
                from: from.to_owned(),
                to,
                sure,
            }));
        }
    }
    steps
}

fn one(step: Step) -> Way {
    Way { to: step.to.clone(), steps: vec![step] }
}

fn repeats(way: &Way) -> bool {
    let mut seen = BTreeSet::new();
    way.steps.iter().any(|step| !seen.insert(step.edge()))
}

/// Refuses patterns in which two edges could be the same one: a pattern never uses an edge twice, the language may.
pub(super) fn distinct(pattern: &Pattern<'_>, graph: &Graph) -> Result<(), Fault> {
    let mut seen: Vec<(usize, (String, String, String))> = Vec::new();
    for edge in &pattern.edges {
        let own = possible(pattern, edge, graph);
        if seen.iter().any(|(clause, known)| *clause == edge.clause && own.contains(known)) {
            return Err(fault(
                edge.pattern.at,
                "this edge and an earlier one could be the same, which a pattern excludes and the language cannot",
            ));
        }
        seen.extend(own.into_iter().map(|it| (edge.clause, it)));
    }
    Ok(())
}

/// The edges between types that an edge of a pattern can be.
fn possible(
    pattern: &Pattern<'_>,
    edge: &super::pattern::Edge<'_>,
    graph: &Graph,
) -> BTreeSet<(String, String, String)> {
    let repeated = edge.pattern.repeat.is_some();
    let ends = [pattern.label(edge.from), pattern.label(edge.to)];
    let named = |from: &str, to: &str| {
        let [left, right] = ends;
        let fits = |left: Option<&str>, right: Option<&str>| {
            left.is_none_or(|it| it == from) && right.is_none_or(|it| it == to)
        };
        match edge.pattern.direction {
            Direction::Out => fits(left, right),
            Direction::In => fits(right, left),
            Direction::Either => fits(left, right) || fits(right, left),
        }
    };
    let mut all = BTreeSet::new();
    for ((from, relation), it) in &graph.relations {
        if edge.pattern.relations.contains(relation) {
            let targets = it.targets.iter().filter(|to| repeated || named(from, to));
            all.extend(targets.map(|to| (from.clone(), relation.clone(), to.clone())));
        }
    }
    all
}
