//! The patterns of KBAC conditions as they are written: `MATCH` with paths, and one `WHERE`. Clauses beyond these are
//! refused by name, because what they would add is not known to be without effect.

mod condition;
mod token;

use std::collections::BTreeMap;

use token::{Token, tokens};

use super::graph::Graph;
use crate::limits;

/// Why a pattern is not read, and at which character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) message: String,
}

pub(super) fn fault(at: usize, message: impl Into<String>) -> Fault {
    Fault { at, message: message.into() }
}

/// A whole pattern.
#[derive(Debug)]
pub(super) struct Query {
    /// The paths of each `MATCH`.
    pub(super) clauses: Vec<Vec<Path>>,
    pub(super) condition: Option<Condition>,
}

/// `(a)-[:R]->(b)-…`
#[derive(Debug, Clone)]
pub(super) struct Path {
    pub(super) first: NodePattern,
    pub(super) rest: Vec<(EdgePattern, NodePattern)>,
}

/// `(name:Label)`
#[derive(Debug, Clone)]
pub(super) struct NodePattern {
    pub(super) at: usize,
    pub(super) name: Option<String>,
    pub(super) label: Option<String>,
}

/// `-[:A|B*1..3]->`
#[derive(Debug, Clone)]
pub(super) struct EdgePattern {
    pub(super) at: usize,
    pub(super) relations: Vec<String>,
    pub(super) direction: Direction,
    /// Least and most steps, when it is repeated; no most is without end.
    pub(super) repeat: Option<(usize, Option<usize>)>,
}

/// Which way an edge leads, read from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    Out,
    In,
    Either,
}

/// What follows `WHERE`.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    Or(Vec<Condition>),
    And(Vec<Condition>),
    Not(Box<Condition>),
    /// Exactly one of two.
    Compare {
        at: usize,
        left: Operand,
        operator: &'static str,
        right: Operand,
    },
    /// `IS NULL` (false), `IS NOT NULL` (true).
    Null {
        at: usize,
        of: Operand,
        present: bool,
    },
    /// `(a)-[:R]->(b)` as a condition: such a path is there.
    Path {
        at: usize,
        path: Path,
    },
}

/// A side of a comparison.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    /// `name.property.key`
    Property {
        at: usize,
        variable: String,
        key: String,
    },
    /// `name.external_id`
    Id {
        at: usize,
        variable: String,
    },
    Text(String),
    Number(String),
    Bool(bool),
    List(Vec<Operand>),
    /// `$name`
    Parameter {
        at: usize,
        name: String,
    },
}

impl Query {
    /// Adds to a graph the relations whose ends the pattern names, and the properties it compares with values.
    pub(super) fn shows(&self, subject: &str, resource: &str, graph: &mut Graph) {
        let paths = || self.clauses.iter().flatten();
        let mut labels: BTreeMap<&str, &str> = [("subject", subject), ("resource", resource)].into();
        let all = paths()
            .flat_map(|path| std::iter::once(&path.first).chain(path.rest.iter().map(|(_, node)| node)));
        labels.extend(all.filter_map(|node| Some((node.name.as_deref()?, node.label.as_deref()?))));
        let of = |node: &'_ NodePattern| {
            let named = node.name.as_deref().and_then(|name| labels.get(name).copied());
            node.label.clone().or_else(|| named.map(str::to_owned))
        };
        for path in paths() {
            let mut from = of(&path.first);
            for (edge, node) in &path.rest {
                let to = of(node);
                if let (Some(from), Some(to), None) = (&from, &to, edge.repeat) {
                    for relation in &edge.relations {
                        match edge.direction {
                            Direction::Out => drop(graph.link(from, relation, to)),
                            Direction::In => drop(graph.link(to, relation, from)),
                            // Which way it leads is not said.
                            Direction::Either => {}
                        }
                    }
                }
                from = to;
            }
        }
        if let Some(condition) = &self.condition {
            condition.shows(&labels, graph);
        }
    }
}

impl Condition {
    fn shows(&self, labels: &BTreeMap<&str, &str>, graph: &mut Graph) {
        match self {
            Self::Or(all) | Self::And(all) => all.iter().for_each(|one| one.shows(labels, graph)),
            Self::Not(inner) => inner.shows(labels, graph),
            Self::Compare { left, right, .. } => {
                for (side, other) in [(left, right), (right, left)] {
                    if let (Operand::Property { variable, key, .. }, Some(ty)) = (side, other.ty())
                        && let Some(of) = labels.get(variable.as_str())
                    {
                        graph.of(of).properties.entry(key.clone()).or_default().types.insert(ty);
                    }
                }
            }
            Self::Null { .. } | Self::Path { .. } => {}
        }
    }
}

impl Operand {
    /// The type that what is compared with this has; numbers may have a fraction.
    fn ty(&self) -> Option<&'static str> {
        match self {
            Self::Text(_) => Some("string"),
            Self::Number(_) => Some("decimal"),
            Self::Bool(_) => Some("bool"),
            Self::List(items) => items.first().and_then(Self::ty),
            Self::Property { .. } | Self::Id { .. } | Self::Parameter { .. } => None,
        }
    }
}

/// Reads a pattern.
pub(super) fn read(text: &str) -> Result<Query, Fault> {
    if text.len() > limits::CONDITION_BYTES {
        return Err(fault(0, format!("a pattern has at most {} bytes", limits::CONDITION_BYTES)));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, next: 0, end: text.chars().count(), depth: 0 };
    let query = parser.query()?;
    match parser.peek() {
        None => Ok(query),
        Some((at, token)) => {
            Err(fault(*at, format!("{token} is not carried over: only `MATCH` and `WHERE` are")))
        }
    }
}

pub(super) struct Parser<'t> {
    tokens: &'t [(usize, Token)],
    next: usize,
    end: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t (usize, Token)> {
        self.tokens.get(self.next)
    }

    fn ahead(&self, by: usize) -> Option<&'t Token> {
        self.tokens.get(self.next + by).map(|(_, token)| token)
    }

    fn at(&self) -> usize {
        self.peek().map_or(self.end, |(at, _)| *at)
    }

    fn take(&mut self, wanted: &Token) -> bool {
        let found = self.peek().is_some_and(|(_, token)| token == wanted);
        self.next += usize::from(found);
        found
    }

    fn sign(&mut self, sign: &'static str) -> bool {
        self.take(&Token::Sign(sign))
    }

    fn is_sign(&self, sign: &'static str) -> bool {
        self.ahead(0) == Some(&Token::Sign(sign))
    }

    fn need(&mut self, sign: &'static str) -> Result<(), Fault> {
        if self.sign(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    /// Words of the language are written in any case.
    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some((_, Token::Word(found))) if found.eq_ignore_ascii_case(word));
        self.next += usize::from(found);
        found
    }

    fn name(&mut self) -> Result<String, Fault> {
        match self.peek() {
            Some((_, Token::Word(name))) => {
                self.next += 1;
                Ok(name.clone())
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    fn unexpected(&self, wanted: &str) -> Fault {
        match self.peek() {
            Some((at, token)) => fault(*at, format!("expected {wanted}, found {token}")),
            None => fault(self.end, format!("expected {wanted}, found the end")),
        }
    }

    fn deeper(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > limits::CONDITION_DEPTH {
            Err(fault(self.at(), "the condition is nested too deep"))
        } else {
            Ok(())
        }
    }

    fn query(&mut self) -> Result<Query, Fault> {
        let mut clauses = Vec::new();
        while self.word("MATCH") {
            let mut paths = vec![self.path()?];
            while self.sign(",") {
                paths.push(self.path()?);
            }
            clauses.push(paths);
        }
        if clauses.is_empty() {
            return Err(self.unexpected("`MATCH`"));
        }
        let condition = if self.word("WHERE") { Some(self.or()?) } else { None };
        Ok(Query { clauses, condition })
    }

    fn path(&mut self) -> Result<Path, Fault> {
        let first = self.node()?;
        let mut rest = Vec::new();
        while self.is_sign("-") || self.is_sign("<") {
            let edge = self.edge()?;
            rest.push((edge, self.node()?));
        }
        Ok(Path { first, rest })
    }

    fn node(&mut self) -> Result<NodePattern, Fault> {
        let at = self.at();
        self.need("(")?;
        let name = match self.ahead(0) {
            Some(Token::Word(_)) => Some(self.name()?),
            _ => None,
        };
        let label = if self.sign(":") { Some(self.name()?) } else { None };
        if self.is_sign("{") {
            return Err(fault(
                self.at(),
                "properties in a node are not carried over; compare them after `WHERE`",
            ));
        }
        if self.is_sign(":") || self.is_sign("|") {
            return Err(fault(self.at(), "a node with several labels is not carried over"));
        }
        self.need(")")?;
        Ok(NodePattern { at, name, label })
    }

    fn edge(&mut self) -> Result<EdgePattern, Fault> {
        let at = self.at();
        let to_left = self.sign("<");
        self.need("-")?;
        if !self.sign("[") {
            return Err(fault(
                at,
                "an edge without a type is not carried over: it would follow what is added later too",
            ));
        }
        if matches!(self.ahead(0), Some(Token::Word(_))) {
            return Err(fault(self.at(), "a name for an edge is not carried over"));
        }
        self.need(":")?;
        let mut relations = vec![self.name()?];
        while self.sign("|") {
            // Both `A|B` and `A|:B` are written.
            self.sign(":");
            relations.push(self.name()?);
        }
        let repeat = if self.sign("*") { Some(self.range()?) } else { None };
        if self.is_sign("{") {
            return Err(fault(self.at(), "properties of an edge are not carried over"));
        }
        self.need("]")?;
        self.need("-")?;
        let to_right = self.sign(">");
        let direction = match (to_left, to_right) {
            (false, true) => Direction::Out,
            (true, false) => Direction::In,
            (false, false) | (true, true) => Direction::Either,
        };
        relations.sort();
        relations.dedup();
        Ok(EdgePattern { at, relations, direction, repeat })
    }

    /// What follows `*`: nothing, `n`, `n..`, `..m`, `n..m`.
    fn range(&mut self) -> Result<(usize, Option<usize>), Fault> {
        let at = self.at();
        let least = self.count()?;
        if !self.sign("..") {
            return Ok(least.map_or((1, None), |exactly| (exactly, Some(exactly))));
        }
        let most = self.count()?;
        let least = least.unwrap_or(1);
        if most.is_some_and(|most| most < least) {
            return Err(fault(at, "the least number of steps is above the most"));
        }
        Ok((least, most))
    }

    fn count(&mut self) -> Result<Option<usize>, Fault> {
        let Some((at, Token::Number(text))) = self.peek() else { return Ok(None) };
        self.next += 1;
        text.parse().map(Some).map_err(|_| fault(*at, format!("`{text}` is no number of steps")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_have_directions_alternatives_and_bounds() {
        let edge = |text: &str| {
            let query = read(&format!("MATCH (subject){text}(resource)")).unwrap();
            let edge = query.clauses[0][0].rest[0].0.clone();
            (edge.relations.join("|"), edge.direction, edge.repeat)
        };
        assert_eq!(edge("-[:B|A*1..3]->"), ("A|B".into(), Direction::Out, Some((1, Some(3)))));
        assert_eq!(edge("<-[:A*..3]-"), ("A".into(), Direction::In, Some((1, Some(3)))));
        assert_eq!(edge("-[:A*]-"), ("A".into(), Direction::Either, Some((1, None))));
        assert_eq!(edge("-[:A*2]->"), ("A".into(), Direction::Out, Some((2, Some(2)))));
        assert_eq!(edge("-[:A*0..]->").2, Some((0, None)));
        assert_eq!(edge("-[:A]->").2, None);
    }

    #[test]
    fn what_is_not_carried_over_is_named_with_its_place() {
        for (text, at, part) in [
            ("OPTIONAL MATCH (subject)", 0, "expected `MATCH`, found `OPTIONAL`"),
            ("MATCH (subject) RETURN subject", 16, "`RETURN` is not carried over"),
            ("MATCH (subject)-->(resource)", 15, "without a type"),
            ("MATCH (subject)-[r:A]->(resource)", 17, "a name for an edge"),
            ("MATCH (subject {name: 'x'})", 15, "properties in a node"),
            ("MATCH (subject)-[:A*3..1]->(resource)", 20, "above the most"),
            ("MATCH (subject) WHERE size(subject) > 1", 26, "functions are not carried over"),
            ("MATCH (subject) WHERE subject.property.a = 'x", 43, "never closed"),
            ("MATCH (subject) WHERE subject.name = 'x'", 22, "`.property.`"),
            ("MATCH (subject) WHERE subject.property.a =~ 'x'", 41, "regular expressions"),
            ("MATCH (subject) WHERE subject.property.a = 1 XOR 2 = 3", 45, "`XOR` is not carried over"),
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.at == at && fault.message.contains(part), "{text}: {fault:?}");
        }
    }
}
