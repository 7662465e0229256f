//! Entities and sets of entities: where a walk may go, and what types it can reach.

use super::{FieldShape, Kind, TYPES, Typed, Writer, name};

impl Writer<'_> {
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
    pub(super) fn entity_like(&mut self, types: &[usize], depth: usize) -> String {
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
    pub(super) fn is_many(&self, (text, _): &Typed) -> bool {
        let many = ["member_of", "friends", "invokes", "readers", "links", "used_by"];
        text.starts_with('[') || many.iter().any(|name| text.contains(&format!(".{name}")))
    }

    pub(super) fn hop(&mut self, (base, types): &Typed, base_is_set: bool) -> Option<Typed> {
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

    pub(super) fn filter(&mut self, edge: Vec<FieldShape>) -> String {
        let Some(field) = self.random.pick(&edge).cloned() else { return String::new() };
        let outer = std::mem::take(&mut self.edge);
        let value = self.value(&field.kind, 0);
        self.edge = outer;
        let operator = if field.kind == Kind::Text { "==" } else { self.random.word(&["==", "<", ">="]) };
        format!("[{} {operator} {value}]", field.name)
    }

    /// Relations that all types have: name, to-many, targets, edge properties.
    pub(super) fn leaving(&self, types: &[usize]) -> Vec<(&'static str, bool, Vec<usize>, Vec<FieldShape>)> {
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
    pub(super) fn arriving(&self, types: &[usize]) -> Vec<(&'static str, bool, Vec<usize>, Vec<FieldShape>)> {
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

    pub(super) fn closure_types(
        &self,
        start: &[usize],
        name: &str,
        inverse: bool,
        with_start: bool,
    ) -> Vec<usize> {
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

    pub(super) fn entities_like(&mut self, types: &[usize], depth: usize) -> String {
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
}

fn targets(kind: &Kind) -> Vec<usize> {
    match kind {
        Kind::Entity(targets) => targets.clone(),
        Kind::Set(inner) => targets(inner),
        _ => Vec::new(),
    }
}
