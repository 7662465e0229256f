//! Expressions as policy text, well-typed by construction: what each place may name is known when it is written.

mod entities;
mod values;

use super::shape::{FieldShape, Kind, LEVELS, Shape, TEXTS, TYPES};
use crate::random::Random;

/// Writes the expressions of one rule.
pub struct Writer<'a> {
    /// The stream that decides.
    pub random: &'a mut Random,
    /// What is declared.
    pub shape: &'a Shape,
    /// Types the subject can have in this rule.
    pub subject: Vec<usize>,
    /// Types the actor can have.
    pub actor: Vec<usize>,
    /// Types the resource can have.
    pub resource: Vec<usize>,
    /// Indexes of the actions this rule speaks of.
    pub actions: Vec<usize>,
    /// May `is present` and `is missing` be used?
    pub presence: bool,
    /// Variables in scope.
    pub variables: Vec<(String, Kind)>,
    /// Properties of the edge under test.
    pub edge: Vec<FieldShape>,
}

/// Text and the entity types it can have.
pub type Typed = (String, Vec<usize>);

impl Writer<'_> {
    /// A condition.
    pub fn boolean(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.test(0);
        }
        let below = depth - 1;
        match self.random.below(20) {
            0..=2 => format!("(not {})", self.boolean(below)),
            3..=5 => format!("({} and {})", self.boolean(below), self.boolean(below)),
            6..=8 => format!("({} or {})", self.boolean(below), self.boolean(below)),
            9 => format!(
                "(if {} then {} else {})",
                self.boolean(below),
                self.boolean(below),
                self.boolean(below)
            ),
            10..=12 => self.quantified(below),
            _ => self.test(below),
        }
    }

    fn quantified(&mut self, depth: usize) -> String {
        let word = if self.random.chance(50) { "any" } else { "all" };
        let (set, kind) = if self.random.chance(70) {
            let (set, types) = self.entities(depth);
            (set, Kind::Entity(types))
        } else {
            let kind = self.plain_kind();
            (self.set(&kind, depth), kind)
        };
        let name = format!("x{}", self.variables.len());
        self.variables.push((name.clone(), kind));
        let body = self.boolean(depth);
        self.variables.pop();
        format!("({word} {name} in {set}: {body})")
    }

    fn plain_kind(&mut self) -> Kind {
        let kinds = [Kind::Text, Kind::Int, Kind::Level(0)];
        self.random.pick(&kinds).cloned().unwrap_or(Kind::Text)
    }

    fn ordered_kind(&mut self) -> Kind {
        let kinds = [
            Kind::Int,
            Kind::Int,
            Kind::Decimal,
            Kind::Text,
            Kind::Time,
            Kind::Span,
            Kind::Level(0),
            Kind::Level(1),
        ];
        self.random.pick(&kinds).cloned().unwrap_or(Kind::Int)
    }

    /// A condition without connectives.
    fn test(&mut self, depth: usize) -> String {
        match self.random.below(32) {
            0..=4 => {
                let kind = self.ordered_kind();
                let operator = self.random.word(&["==", "!=", "<", "<=", ">", ">="]);
                format!("({} {operator} {})", self.read(&kind, depth), self.value(&kind, depth))
            }
            5..=7 => {
                let operator = self.random.word(&["==", "!="]);
                let (a, types) = self.entity(depth);
                let mut b = self.entity_like(&types, depth);
                if a == b {
                    b = self.literal(&Kind::Entity(types));
                }
                format!("({a} {operator} {b})")
            }
            8..=10 => {
                let (set, types) = self.entities(depth);
                let item = self.entity_like(&types, depth);
                if self.random.chance(50) {
                    format!("({set} has {item})")
                } else {
                    format!("({item} in {set})")
                }
            }
            11..=13 => {
                let kind = self.plain_kind();
                let (set, item) = (self.set(&kind, depth), self.value(&kind, depth));
                if self.random.chance(50) {
                    format!("({set} has {item})")
                } else {
                    format!("({item} in {set})")
                }
            }
            14..=16 => {
                let operator = self.random.word(&["has any", "has all"]);
                if self.random.chance(50) {
                    let kind = self.plain_kind();
                    format!("({} {operator} {})", self.set(&kind, depth), self.set(&kind, depth))
                } else {
                    let (a, types) = self.entities(depth);
                    let b = self.entities_like(&types, depth);
                    format!("({a} {operator} {b})")
                }
            }
            17 | 18 => self.member_test(depth),
            19 => format!("({} in {})", self.read(&Kind::Ip, depth), self.value(&Kind::Ip, 0)),
            20 => {
                let (entity, types) = self.entity(depth);
                let of = *self.random.pick(&types).unwrap_or(&0);
                format!("({entity} is {})", name(of))
            }
            21 | 22 if self.presence => {
                let what = self.something(depth);
                format!("({what} is {})", self.random.word(&["present", "missing"]))
            }
            23 => {
                let operator = self.random.word(&["starts with", "ends with", "contains"]);
                format!("({} {operator} {})", self.read(&Kind::Text, depth), self.value(&Kind::Text, 0))
            }
            24 => {
                let pattern = self.random.word(&["^a", "b$", "^eu(-west)?$", "[a-e]{2}", "."]);
                format!("({} matches r\"{pattern}\")", self.read(&Kind::Text, depth))
            }
            25 | 26 => {
                let (set, _) = self.entities(depth);
                let operator = self.random.word(&["==", "<", ">=", "!="]);
                format!("(count({set}) {operator} {})", self.random.below(4))
            }
            27 | 28 => self.open_test(),
            29 => {
                self.random.word(&["action == \"read\"", "action != \"write\"", "pep == \"gateway\""]).into()
            }
            _ => self.read(&Kind::Bool, depth),
        }
    }

    fn member_test(&mut self, depth: usize) -> String {
        // Teams and devices are members of nothing.
        let found =
            (0..4).map(|_| self.entity(depth)).find(|(_, types)| types.iter().all(|of| ![3, 6].contains(of)));
        let (entity, types) = found.unwrap_or_else(|| (self.reference(0), vec![0]));
        // The far end of a membership: groups and teams for people and agents, folders for what lies in them.
        let into = |of: &usize| if *of >= 4 { 4 } else { 2 };
        let of = types.first().map_or(2, into);
        format!("({entity} in {})", self.reference(of))
    }

    /// A test on a value whose type only the request knows.
    fn open_test(&mut self) -> String {
        let roots =
            ["context.free", "context.deep.inner", "message.label", "message.score", "message.parts.kind"];
        let root = self.random.word(&roots);
        match self.random.below(9) {
            0 => format!("({root} == {})", self.literal(&Kind::Text)),
            1 => format!("({root} > {})", self.literal(&Kind::Int)),
            2 => format!("({root} >= {})", self.literal(&Kind::Level(0))),
            3 => format!("({root} != {})", self.literal(&Kind::Bool)),
            4 => format!("({root} < {})", self.literal(&Kind::Time)),
            5 => format!("({root} has any [{}, {}])", self.literal(&Kind::Text), self.literal(&Kind::Text)),
            6 => format!("({root} has {})", self.literal(&Kind::Text)),
            7 => format!("({root} starts with {})", self.literal(&Kind::Text)),
            _ => format!("({root} == {})", self.value(&Kind::Text, 0)),
        }
    }

    fn something(&mut self, depth: usize) -> String {
        match self.random.below(6) {
            0 => self.entity(depth.max(1)).0,
            1 => self.random.word(&["context.free", "context.deep.inner", "message.label"]).into(),
            2 => self.entities(depth).0,
            _ => {
                let kind = self.ordered_kind();
                self.read(&kind, depth)
            }
        }
    }
}

fn name(of: usize) -> &'static str {
    TYPES.get(of).copied().unwrap_or("user")
}
