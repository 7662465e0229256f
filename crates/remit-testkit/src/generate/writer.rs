//! Expressions as policy text, well-typed by construction: what each place may name is known when it is written.

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

    /// A value of a kind that is not a set.
    pub fn value(&mut self, kind: &Kind, depth: usize) -> String {
        if self.random.chance(30) { self.literal(kind) } else { self.read(kind, depth) }
    }

    /// A value that is read from somewhere, where there is one.
    fn read(&mut self, kind: &Kind, depth: usize) -> String {
        if let Kind::Entity(types) = kind {
            return self.entity_like(types, depth);
        }
        let mut choices = self.named(kind);
        if depth > 0 {
            choices.extend(self.computed(kind, depth - 1));
        }
        if let Some(attribute) = self.attribute(kind, depth) {
            // Attributes are what policies are about: three times the weight.
            choices.extend([attribute.clone(), attribute.clone(), attribute]);
        }
        if choices.is_empty() {
            choices.push(self.literal(kind));
        }
        self.random.pick(&choices).cloned().unwrap_or_default()
    }

    /// Fields of action, context, edge; limits; variables; roots.
    fn named(&mut self, kind: &Kind) -> Vec<String> {
        let mut choices: Vec<String> = Vec::new();
        let fits = |field: &&FieldShape| field.kind == *kind;
        choices.extend(self.shape.context.iter().filter(fits).map(|f| format!("context.{}", f.name)));
        choices.extend(self.action_fields().iter().filter(fits).map(|f| format!("action.{}", f.name)));
        choices.extend(self.edge.iter().filter(fits).map(|f| f.name.to_owned()));
        let limits = self.shape.limits.iter().filter(|(_, of, _)| of == kind);
        choices.extend(limits.map(|(name, ..)| format!("limits.{name}")));
        choices.extend(self.variables.iter().filter(|(_, of)| of == kind).map(|(name, _)| name.clone()));
        if *kind == Kind::Time {
            choices.push("now".into());
        }
        choices
    }

    /// Properties that every action of the rule has.
    fn action_fields(&self) -> Vec<FieldShape> {
        let of = |at: &usize| self.shape.actions.get(*at).map(|a| a.properties.clone()).unwrap_or_default();
        let mut lists = self.actions.iter().map(of);
        let first = lists.next().unwrap_or_default();
        lists.fold(first, |common, list| common.into_iter().filter(|field| list.contains(field)).collect())
    }

    fn computed(&mut self, kind: &Kind, depth: usize) -> Vec<String> {
        let conditional =
            format!("(if {} then {} else {})", self.boolean(0), self.value(kind, 0), self.literal(kind));
        let mut choices = vec![conditional];
        match kind {
            Kind::Int | Kind::Decimal => {
                let operator = self.random.word(&["+", "-", "*"]);
                choices.push(format!("({} {operator} {})", self.value(kind, depth), self.value(kind, 0)));
                let huge = "100_000_000_000_000_000_000";
                if self.random.chance(10) {
                    choices.push(format!("({} * {huge})", self.value(kind, 0)));
                }
            }
            Kind::Time => {
                let operator = self.random.word(&["+", "-"]);
                choices.push(format!("({} {operator} {})", self.value(kind, 0), self.value(&Kind::Span, 0)));
            }
            Kind::Span => {
                choices.push(format!("({} - {})", self.value(&Kind::Time, 0), self.value(&Kind::Time, 0)));
                choices.push(format!("({} + {})", self.value(kind, 0), self.value(kind, 0)));
            }
            _ => {}
        }
        choices
    }

    fn attribute(&mut self, kind: &Kind, depth: usize) -> Option<String> {
        for _ in 0..3 {
            let (base, types) = self.entity(depth.min(1));
            let names: Vec<&'static str> = self
                .common(&types)
                .into_iter()
                .filter(|(_, field)| field.kind == *kind)
                .map(|(name, _)| name)
                .collect();
            if let Some(name) = self.random.pick(&names) {
                return Some(format!("{base}.{name}"));
            }
        }
        None
    }

    /// Attributes that all these types have with one type.
    fn common(&self, types: &[usize]) -> Vec<(&'static str, FieldShape)> {
        let Some(first) = types.first().and_then(|of| self.shape.types.get(*of)) else { return Vec::new() };
        first
            .iter()
            .filter(|a| {
                types.iter().all(|of| {
                    self.shape.attribute(*of, a.field.name).is_some_and(|b| b.field.kind == a.field.kind)
                })
            })
            .map(|a| (a.field.name, a.field.clone()))
            .collect()
    }

    /// A set of a plain kind.
    pub fn set(&mut self, kind: &Kind, depth: usize) -> String {
        let wanted = kind.clone().set();
        let mut choices = self.named(&wanted);
        if let Some(attribute) = self.attribute(&wanted, depth) {
            choices.extend([attribute.clone(), attribute]);
        }
        if depth > 0 {
            let (base, types) = self.entities(depth - 1);
            let common = self.common(&types);
            let maps = common.iter().filter(|(_, field)| field.kind == *kind || field.kind == wanted);
            choices.extend(maps.map(|(name, _)| format!("{base}.{name}")));
        }
        let items: Vec<String> = (0..=self.random.below(3)).map(|_| self.literal(kind)).collect();
        choices.push(format!("[{}]", items.join(", ")));
        self.random.pick(&choices).cloned().unwrap_or_default()
    }

    /// An entity.
    pub fn entity(&mut self, depth: usize) -> Typed {
        let mut choices: Vec<Typed> = vec![
            ("subject".into(), self.subject.clone()),
            ("subject".into(), self.subject.clone()),
            ("resource".into(), self.resource.clone()),
            ("resource".into(), self.resource.clone()),
            ("actor".into(), self.actor.clone()),
        ];
        for (name, kind) in &self.variables {
            if let Kind::Entity(types) = kind {
                choices.extend([(name.clone(), types.clone()), (name.clone(), types.clone())]);
            }
        }
        let fields = self.action_fields();
        for (root, fields) in [("action", &fields), ("context", &self.shape.context)] {
            for field in fields {
                if let Kind::Entity(types) = &field.kind {
                    choices.push((format!("{root}.{}", field.name), types.clone()));
                }
            }
        }
        let picked = self.random.pick(&choices).cloned().unwrap_or_default();
        if depth == 0 || self.random.chance(40) {
            return picked;
        }
        let (base, types) = picked;
        let ones: Vec<Typed> = self
            .common(&types)
            .into_iter()
            .filter_map(|(name, field)| match field.kind {
                Kind::Entity(targets) => Some((format!("{base}.{name}"), targets)),
                _ => None,
            })
            .collect();
        self.random.pick(&ones).cloned().unwrap_or((base, types))
    }

    /// An entity that could be of one of these types.
    fn entity_like(&mut self, types: &[usize], depth: usize) -> String {
        for _ in 0..4 {
            let (text, of) = self.entity(depth);
            if of.iter().any(|of| types.contains(of)) {
                return text;
            }
        }
        let of = *self.random.pick(types).unwrap_or(&0);
        self.reference(of)
    }

    /// A set of entities.
    pub fn entities(&mut self, depth: usize) -> Typed {
        let start = if depth > 0 && self.random.chance(40) {
            self.entities(depth - 1)
        } else {
            self.entity(depth.min(1))
        };
        let is_set = start.0.contains(['*', '+', '^']) || self.is_many(&start);
        for _ in 0..4 {
            if let Some(found) = self.hop(&start, is_set) {
                return found;
            }
        }
        let of = *self.random.pick(&start.1).unwrap_or(&0);
        let items: Vec<String> = (0..=self.random.below(2)).map(|_| self.reference(of)).collect();
        (format!("[{}]", items.join(", ")), vec![of])
    }

    /// Does the text end in a to-many step?
    fn is_many(&self, (text, _): &Typed) -> bool {
        let many = ["member_of", "friends", "invokes", "readers", "links", "used_by"];
        text.starts_with('[') || many.iter().any(|name| text.contains(&format!(".{name}")))
    }

    fn hop(&mut self, (base, types): &Typed, base_is_set: bool) -> Option<Typed> {
        let inverse = self.random.chance(30);
        let candidates = if inverse { self.arriving(types) } else { self.leaving(types) };
        let (name, many, targets, edge) = self.random.pick(&candidates).cloned()?;
        let reach = self.random.word(&["", "", "", "*", "*", "+"]);
        if reach.is_empty() && !many && !inverse && !base_is_set {
            return None;
        }
        let result = match reach {
            "" => targets,
            reach => self.closure_types(types, name, inverse, reach == "*"),
        };
        let caret = if inverse { "^" } else { "" };
        let filter =
            if !edge.is_empty() && self.random.chance(45) { self.filter(edge) } else { String::new() };
        Some((format!("{base}.{caret}{name}{reach}{filter}"), result))
    }

    fn filter(&mut self, edge: Vec<FieldShape>) -> String {
        let Some(field) = self.random.pick(&edge).cloned() else { return String::new() };
        let outer = std::mem::take(&mut self.edge);
        let value = self.value(&field.kind, 0);
        self.edge = outer;
        let operator = if field.kind == Kind::Text { "==" } else { self.random.word(&["==", "<", ">="]) };
        format!("[{} {operator} {value}]", field.name)
    }

    /// Relations that all types have: name, to-many, targets, edge properties.
    fn leaving(&self, types: &[usize]) -> Vec<(&'static str, bool, Vec<usize>, Vec<FieldShape>)> {
        let mut found = Vec::new();
        for (name, field) in self.common(types) {
            let (many, targets) = match &field.kind {
                Kind::Entity(targets) => (false, targets.clone()),
                Kind::Set(inner) => match &**inner {
                    Kind::Entity(targets) => (true, targets.clone()),
                    _ => continue,
                },
                _ => continue,
            };
            let edges: Vec<_> = types.iter().filter_map(|of| self.shape.attribute(*of, name)).collect();
            let edge = edges.first().map(|attribute| attribute.edge.clone()).unwrap_or_default();
            found.push((name, many, targets, edge));
        }
        found
    }

    /// Relations that end in one of these types, and where they come from.
    fn arriving(&self, types: &[usize]) -> Vec<(&'static str, bool, Vec<usize>, Vec<FieldShape>)> {
        let mut found: Vec<(&'static str, bool, Vec<usize>, Vec<FieldShape>)> = Vec::new();
        for (of, attributes) in self.shape.types.iter().enumerate() {
            for attribute in attributes {
                let targets = targets(&attribute.field.kind);
                let graph = !attribute.sources.ends_with("from request");
                if !graph || !targets.iter().any(|target| types.contains(target)) {
                    continue;
                }
                match found.iter_mut().find(|(name, ..)| *name == attribute.field.name) {
                    Some((_, _, sources, _)) => sources.push(of),
                    None => found.push((attribute.field.name, true, vec![of], attribute.edge.clone())),
                }
            }
        }
        found
    }

    fn closure_types(&self, start: &[usize], name: &str, inverse: bool, with_start: bool) -> Vec<usize> {
        let step = |from: &[usize]| -> Vec<usize> {
            let attributes = self.shape.types.iter().enumerate();
            attributes
                .flat_map(|(of, list)| list.iter().map(move |a| (of, a)))
                .filter(|(_, a)| a.field.name == name)
                .flat_map(|(of, a)| {
                    let ends = targets(&a.field.kind);
                    match inverse {
                        true if ends.iter().any(|end| from.contains(end)) => vec![of],
                        false if from.contains(&of) => ends,
                        _ => vec![],
                    }
                })
                .collect()
        };
        let mut all = if with_start { start.to_vec() } else { Vec::new() };
        let mut frontier = start.to_vec();
        for _ in 0..TYPES.len() {
            frontier = step(&frontier);
            all.extend(&frontier);
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    fn entities_like(&mut self, types: &[usize], depth: usize) -> String {
        for _ in 0..4 {
            let (text, of) = self.entities(depth);
            if of.iter().any(|of| types.contains(of)) {
                return text;
            }
        }
        let of = *self.random.pick(types).unwrap_or(&0);
        format!("[{}, {}]", self.reference(of), self.reference(of))
    }

    /// `group:"g1"`
    pub fn reference(&mut self, of: usize) -> String {
        format!("{}:\"{}{}\"", name(of), name(of).get(..1).unwrap_or("x"), 1 + self.random.below(5))
    }

    /// A constant as written.
    pub fn literal(&mut self, kind: &Kind) -> String {
        match kind {
            Kind::Bool => self.random.word(&["true", "false"]).into(),
            Kind::Int => self.random.below(60).to_string(),
            Kind::Decimal => format!("{}.{}", self.random.below(60), self.random.word(&["0", "5", "25"])),
            Kind::Text => format!("{:?}", self.random.word(&TEXTS)),
            Kind::Time => format!("2026-01-{:02}", 1 + self.random.below(20)),
            Kind::Span => self.random.word(&["1d", "12h", "90m", "7d", "1d12h"]).into(),
            Kind::Ip => self
                .random
                .word(&["ip\"10.1.2.3\"", "ip\"10.0.0.0/8\"", "ip\"10.1.0.0/16\"", "ip\"::1\""])
                .into(),
            Kind::Level(level) => {
                LEVELS.get(*level).map_or("", |(_, members)| self.random.word(members)).into()
            }
            Kind::Entity(types) => {
                let of = *self.random.pick(types).unwrap_or(&0);
                self.reference(of)
            }
            Kind::Set(inner) => format!("[{}]", self.literal(inner)),
        }
    }
}

fn name(of: usize) -> &'static str {
    TYPES.get(of).copied().unwrap_or("user")
}

fn targets(kind: &Kind) -> Vec<usize> {
    match kind {
        Kind::Entity(targets) => targets.clone(),
        Kind::Set(inner) => targets(inner),
        _ => Vec::new(),
    }
}
