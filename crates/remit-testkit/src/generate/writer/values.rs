//! Values of a plain kind, and sets of them: read from somewhere, computed, or constant.

use super::{FieldShape, Kind, LEVELS, TEXTS, Writer};

impl Writer<'_> {
    /// A value of a kind that is not a set.
    pub fn value(&mut self, kind: &Kind, depth: usize) -> String {
        if self.random.chance(30) { self.literal(kind) } else { self.read(kind, depth) }
    }

    /// A value that is read from somewhere, where there is one.
    pub(super) fn read(&mut self, kind: &Kind, depth: usize) -> String {
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
    pub(super) fn named(&mut self, kind: &Kind) -> Vec<String> {
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
    pub(super) fn action_fields(&self) -> Vec<FieldShape> {
        let of = |at: &usize| self.shape.actions.get(*at).map(|a| a.properties.clone()).unwrap_or_default();
        let mut lists = self.actions.iter().map(of);
        let first = lists.next().unwrap_or_default();
        lists.fold(first, |common, list| common.into_iter().filter(|field| list.contains(field)).collect())
    }

    pub(super) fn computed(&mut self, kind: &Kind, depth: usize) -> Vec<String> {
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

    pub(super) fn attribute(&mut self, kind: &Kind, depth: usize) -> Option<String> {
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
    pub(super) fn common(&self, types: &[usize]) -> Vec<(&'static str, FieldShape)> {
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
