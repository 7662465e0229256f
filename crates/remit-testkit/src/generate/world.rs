//! Worlds and questions for a checked schema: values of the right kind, of the wrong kind, and none at all.

use std::collections::BTreeMap;

use remit_model::{
    Duration, EntityRef, EntityType, Field, IpNet, Name, Number, Provenance, Schema, Timestamp, Ty, TypeId,
    Value,
};

use super::shape::TEXTS;
use crate::oracle::{Ask, Asked, Edge, World};
use crate::random::Random;

/// Ids per type that may be nodes; one more is asked for, and referred to, but never is one.
const IDS: usize = 4;

/// Midnight of a day in January 2026.
fn day(number: usize) -> Timestamp {
    let text = format!("2026-01-{number:02}");
    Timestamp::parse(&text).unwrap_or_else(epoch)
}

fn epoch() -> Timestamp {
    Timestamp::from_unix_seconds(0).unwrap_or_else(|| unreachable!("the epoch is an instant"))
}

/// Makes worlds and questions for one schema.
pub struct Maker<'a> {
    /// The stream that decides.
    pub random: Random,
    /// The declarations.
    pub schema: &'a Schema,
}

impl Maker<'_> {
    /// An entity of the type; existing or not.
    fn entity(&mut self, of: &EntityType) -> EntityRef {
        let letter = of.name.as_str().get(..1).unwrap_or("x");
        EntityRef::new(of.name.clone(), &format!("{letter}{}", 1 + self.random.below(IDS + 1)))
    }

    fn entity_of(&mut self, types: &[TypeId]) -> Option<EntityRef> {
        let schema = self.schema;
        let of = if types.is_empty() {
            self.random.pick(schema.types())?
        } else {
            schema.entity_type(*self.random.pick(types)?)?
        };
        Some(self.entity(of))
    }

    /// A value of the type as the graph holds it.
    pub(super) fn typed(&mut self, ty: &Ty) -> Value {
        match ty {
            Ty::Bool => Value::Bool(self.random.chance(60)),
            Ty::Int => Value::Number(Number::from(i64::try_from(self.random.below(60)).unwrap_or(0))),
            Ty::Decimal => {
                let quarter = i128::try_from(self.random.below(240)).unwrap_or(0) * 25;
                Value::Number(Number::from_parts(quarter, 2).unwrap_or_default())
            }
            Ty::String | Ty::Any => Value::string(self.random.word(&TEXTS)),
            Ty::Time => Value::Time(day(1 + self.random.below(20))),
            Ty::Duration => {
                let text = self.random.word(&["1d", "12h", "90m", "7d", "1d12h"]);
                Value::Duration(Duration::parse(text).unwrap_or(Duration::from_nanos(0)))
            }
            Ty::Ip => {
                let text = self.random.word(&["10.1.2.3", "10.2.0.1", "10.1.0.0/16", "192.168.0.1", "::1"]);
                IpNet::parse(text).map_or(Value::Bool(false), Value::Ip)
            }
            Ty::Level(level) => {
                let members = self.schema.level(*level).map_or(1, |level| level.members.len());
                Value::Level(*level, u16::try_from(self.random.below(members)).unwrap_or(0))
            }
            Ty::Entity(types) => self.entity_of(types).map_or(Value::Bool(false), Value::Entity),
            Ty::Set(inner) => {
                let size = self.random.below(4);
                Value::Set((0..size).map(|_| self.typed(inner)).collect())
            }
        }
    }

    /// A world: some nodes are missing, some properties are missing, some edges come and go.
    pub fn world(&mut self) -> World {
        let schema = self.schema;
        let mut world = World::default();
        for ty in schema.types() {
            for number in 1..=IDS {
                if self.random.chance(85) {
                    let letter = ty.name.as_str().get(..1).unwrap_or("x");
                    let entity = EntityRef::new(ty.name.clone(), &format!("{letter}{number}"));
                    let properties = self.properties(ty);
                    world.nodes.insert(entity, properties);
                }
            }
        }
        let mut froms: Vec<EntityRef> = world.nodes.keys().cloned().collect();
        if self.random.chance(10) {
            // Somebody whose edges are told, and nothing else.
            froms.extend(self.random.pick(schema.types()).cloned().map(|ty| self.entity(&ty)));
            froms.sort();
            froms.dedup();
        }
        // Placeholders leave much unknown: half of the worlds have none, the others few.
        let dangling = if self.random.chance(50) { 0 } else { 15 };
        for from in froms {
            self.edges(&from, &mut world, dangling);
        }
        world
    }

    fn properties(&mut self, ty: &EntityType) -> BTreeMap<String, Value> {
        let mut properties = BTreeMap::new();
        for attribute in &ty.attributes {
            let graph = attribute.sources.contains(&Provenance::Graph);
            if attribute.relation.is_none() && graph && self.random.chance(80) {
                properties.insert(attribute.name.to_string(), self.typed(&attribute.ty));
            }
        }
        properties
    }

    /// Edges of one node; of those that lead to no node, `dangling` percent stay.
    pub(super) fn edges(&mut self, from: &EntityRef, world: &mut World, dangling: usize) {
        let schema = self.schema;
        let Some(ty) = schema.type_id(from.kind.as_str()).and_then(|id| schema.entity_type(id)) else {
            return;
        };
        for attribute in &ty.attributes {
            let Some(relation) = &attribute.relation else { continue };
            if !attribute.sources.contains(&Provenance::Graph) {
                continue;
            }
            let count =
                if relation.many { self.random.below(4) } else { usize::from(self.random.chance(70)) };
            let there = world.edges.iter().any(|e| e.from == *from && e.relation == attribute.name.as_str());
            if there && !relation.many {
                continue;
            }
            let mut ends: Vec<EntityRef> = Vec::new();
            for _ in 0..count {
                let Some(to) = self.entity_of(&relation.targets) else { continue };
                if ends.contains(&to) || (!world.nodes.contains_key(&to) && !self.random.chance(dangling)) {
                    continue;
                }
                ends.push(to.clone());
                let (valid_from, valid_until) = self.interval();
                let properties = self.fields(&relation.properties);
                world.edges.push(Edge {
                    from: from.clone(),
                    relation: attribute.name.to_string(),
                    to,
                    valid_from,
                    valid_until,
                    properties,
                });
            }
        }
    }

    fn interval(&mut self) -> (Option<Timestamp>, Option<Timestamp>) {
        let from = 1 + self.random.below(14);
        match self.random.below(12) {
            0 => (Some(day(from)), None),
            1 => (None, Some(day(from + 4))),
            2 => (Some(day(from)), Some(day(from + 1 + self.random.below(8)))),
            _ => (None, None),
        }
    }

    fn fields(&mut self, fields: &[Field]) -> BTreeMap<String, Value> {
        let mut values = BTreeMap::new();
        for field in fields {
            if self.random.chance(80) {
                values.insert(field.name.to_string(), self.typed(&field.ty));
            }
        }
        values
    }

    /// A value as JSON would carry it: text for times, levels and addresses, an id or an object for entities.
    pub fn natural(&mut self, value: Value) -> Value {
        match value {
            Value::Time(at) => Value::string(&at.to_string()),
            Value::Duration(by) => Value::string(&format!("{}s", by.nanos() / 1_000_000_000)),
            Value::Ip(ip) => Value::string(&ip.to_string()),
            Value::Level(level, rank) => {
                let members =
                    self.schema.level(level).map(|level| level.members.as_slice()).unwrap_or_default();
                Value::string(members.get(usize::from(rank)).map_or("", Name::as_str))
            }
            Value::Entity(entity) if self.random.chance(50) => Value::string(&entity.id),
            Value::Entity(entity) => {
                record(&[("type", Value::string(entity.kind.as_str())), ("id", Value::string(&entity.id))])
            }
            Value::Set(items) => Value::Set(items.iter().map(|item| self.natural(item.clone())).collect()),
            plain => plain,
        }
    }

    fn asserted(&mut self, ty: &Ty) -> Value {
        if self.random.chance(88) {
            let value = self.typed(ty);
            return self.natural(value);
        }
        match self.random.below(7) {
            0 => Value::Bool(true),
            1 => Value::Number(Number::from_parts(75, 1).unwrap_or_default()),
            2 => Value::string("nonsense"),
            3 => Value::Set([Value::string("a"), Value::Number(Number::from(1))].into()),
            4 => record(&[("type", Value::string("ghost")), ("id", Value::string("g1"))]),
            5 => Value::Set([].into()),
            _ => Value::Number(Number::from(7)),
        }
    }

    fn party(&mut self, of: Option<&EntityType>) -> Asked {
        let Some(ty) = of else {
            let entity = Name::new("ghost").map(|kind| EntityRef::new(kind, "x1"));
            let entity = entity.unwrap_or_else(|_| unreachable!("`ghost` is a name"));
            return Asked { entity, asserted: vec![("age".into(), Value::Number(Number::from(7)))] };
        };
        let entity = self.entity(ty);
        let mut asserted = Vec::new();
        for attribute in &ty.attributes {
            let seen = attribute.sources.contains(&Provenance::Request);
            if self.random.chance(if seen { 75 } else { 10 }) {
                let value = self.asserted(&attribute.ty);
                asserted.push((attribute.name.to_string(), value));
            }
        }
        if self.random.chance(10) {
            asserted.push(("extra".into(), Value::Bool(true)));
        }
        Asked { entity, asserted }
    }

    /// A question.
    pub fn ask(&mut self) -> Ask {
        let schema = self.schema;
        let action = match self.random.below(100) {
            0..=2 => None,
            // People read, write and share files; the fourth action is the odd one.
            3..=85 => schema.actions().get(self.random.below(3)),
            _ => self.random.pick(schema.actions()),
        };
        let subject = match self.random.below(50) {
            0 => None,
            1..=35 => schema.types().first(),
            36..=41 => schema.types().get(1),
            _ => self.random.pick(schema.types()),
        };
        let subject = self.party(subject);
        let actor = self.random.chance(10).then(|| self.party(schema.types().get(1)));
        let resource = match (action, self.random.below(50)) {
            (_, 0) => None,
            (Some(action), 1..=45) => {
                self.random.pick(&action.resources).and_then(|of| schema.entity_type(*of))
            }
            _ => self.random.pick(schema.types()),
        };
        let resource = self.party(resource);
        let mut action_properties = Vec::new();
        for field in action.map(|action| action.properties.as_slice()).unwrap_or_default() {
            if self.random.chance(80) {
                let value = self.asserted(&field.ty);
                action_properties.push((field.name.to_string(), value));
            }
        }
        Ask {
            subject,
            actor,
            action: action.map_or("vanish", |action| action.name.as_str()).to_owned(),
            action_properties,
            resource,
            context: self.context(),
            now: self.now(),
            pep: self.random.word(&["gateway", "app"]).to_owned(),
            unsupported: None,
            standing: None,
            acting: None,
        }
    }

    /// At and around the instants where intervals and packages begin and end.
    fn now(&mut self) -> Timestamp {
        let at = day(1 + self.random.below(20));
        let nudge = [0, 0, 1, -1].get(self.random.below(4)).copied().unwrap_or(0);
        at.checked_add(Duration::from_nanos(nudge)).unwrap_or(at)
    }

    fn context(&mut self) -> Vec<(String, Value)> {
        let schema = self.schema;
        let mut context = Vec::new();
        for field in schema.context() {
            if self.random.chance(80) {
                let value = self.asserted(&field.ty);
                context.push((field.name.to_string(), value));
            }
        }
        if self.random.chance(60) {
            let value = self.open();
            context.push(("free".into(), value));
        }
        if self.random.chance(50) {
            let inner = self.open();
            context.push(("deep".into(), record(&[("inner", inner)])));
        }
        if self.random.chance(60) {
            let kinds = ["card", "a", "eu"];
            let (one, two) = (self.random.word(&kinds), self.random.word(&kinds));
            let parts = match self.random.below(3) {
                0 => vec![],
                1 => vec![record(&[("kind", Value::string(one))]), record(&[("kind", Value::string(two))])],
                _ => vec![record(&[("kind", Value::string(one))]), record(&[("other", Value::Bool(true))])],
            };
            let (label, score) = (self.open(), self.open());
            let message = record(&[("label", label), ("score", score), ("parts", Value::Set(parts.into()))]);
            context.push(("message".into(), message));
        }
        context
    }

    /// A value of any kind that JSON has.
    fn open(&mut self) -> Value {
        match self.random.below(8) {
            0 => Value::Bool(self.random.chance(50)),
            1 | 2 => Value::Number(Number::from(i64::try_from(self.random.below(60)).unwrap_or(0))),
            3 => Value::string(self.random.word(&["public", "internal", "secret"])),
            4 => Value::string(self.random.word(&["2026-01-05", "2026-01-12T00:00:00Z"])),
            5 => Value::Set([Value::string("a"), Value::string("eu")].into()),
            6 => Value::Set([Value::string("a"), Value::Number(Number::from(3))].into()),
            _ => Value::string(self.random.word(&TEXTS)),
        }
    }
}

/// A record of these members.
#[must_use]
pub fn record(members: &[(&str, Value)]) -> Value {
    Value::Record(members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
}
