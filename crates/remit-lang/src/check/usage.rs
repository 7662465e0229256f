//! Which declarations some rule or attribute speaks of; expectations do not count.

use std::collections::HashSet;

use remit_model::{ActionId, LevelId, Ty, TypeId};

use crate::checked::{LimitId, SourceId};

use super::findings::Findings;
use super::warning::Warning;
use super::world::{Origin, World};

/// What was spoken of so far.
#[derive(Debug, Default)]
pub(super) struct Usage {
    types: HashSet<TypeId>,
    levels: HashSet<LevelId>,
    actions: HashSet<ActionId>,
    limits: HashSet<LimitId>,
    sources: HashSet<SourceId>,
    every_action: bool,
}

impl Usage {
    /// Marks an entity type.
    pub(super) fn type_used(&mut self, id: TypeId) {
        self.types.insert(id);
    }

    /// Marks a level.
    pub(super) fn level_used(&mut self, id: LevelId) {
        self.levels.insert(id);
    }

    /// Marks an action.
    pub(super) fn action_used(&mut self, id: ActionId) {
        self.actions.insert(id);
    }

    /// Marks every action: a rule names none.
    pub(super) fn every_action_used(&mut self) {
        self.every_action = true;
    }

    /// Marks a limit.
    pub(super) fn limit_used(&mut self, id: LimitId) {
        self.limits.insert(id);
    }

    /// Marks a source.
    pub(super) fn source_used(&mut self, id: SourceId) {
        self.sources.insert(id);
    }

    /// Marks what a type is made of.
    pub(super) fn ty_used(&mut self, ty: &Ty) {
        match ty {
            Ty::Level(id) => self.level_used(*id),
            Ty::Entity(types) => self.types.extend(types.iter().copied()),
            Ty::Set(inner) => self.ty_used(inner),
            Ty::Bool | Ty::Int | Ty::Decimal | Ty::String | Ty::Time | Ty::Duration | Ty::Ip | Ty::Any => {}
        }
    }

    /// Warns of what nothing speaks of.
    pub(super) fn warn(mut self, world: &World, findings: &mut Findings) {
        self.declared(world);
        let mut unused = |kind: &'static str, name: &str, origin: Option<&Origin>| {
            if let Some(origin) = origin {
                findings.warn(Warning::Unused { kind, name: name.to_owned(), at: origin.at });
            }
        };
        for (at, of) in world.schema.types().iter().enumerate() {
            if !self.types.contains(&TypeId(id(at))) {
                unused("entity type", of.name.as_str(), world.types.get(at));
            }
        }
        for (at, of) in world.schema.levels().iter().enumerate() {
            if !self.levels.contains(&LevelId(id(at))) {
                unused("level", of.name.as_str(), world.levels.get(at));
            }
        }
        for (at, of) in world.schema.actions().iter().enumerate() {
            if !self.every_action && !self.actions.contains(&ActionId(id(at))) {
                unused("action", of.name.as_str(), world.actions.get(at).and_then(|origins| origins.first()));
            }
        }
        for (at, of) in world.limits.iter().enumerate() {
            if !self.limits.contains(&LimitId(id(at))) {
                unused("limit", of.name.as_str(), world.limit_origins.get(at));
            }
        }
        for (at, of) in world.services.iter().enumerate() {
            if !self.sources.contains(&SourceId(id(at))) {
                unused("source", of.name.as_str(), Some(&of.origin));
            }
        }
    }

    /// Marks what declarations speak of: attributes, properties, and the resource types of used actions.
    fn declared(&mut self, world: &World) {
        for (at, of) in world.schema.types().iter().enumerate() {
            for attribute in &of.attributes {
                let own = |id: &TypeId| id.index() == at;
                // WHY: a type that only points to itself is still one that nothing else speaks of.
                if !attribute.ty.entity_types().is_some_and(|types| types.iter().all(own)) {
                    self.ty_used(&attribute.ty);
                }
                let properties = attribute.relation.iter().flat_map(|relation| &relation.properties);
                properties.for_each(|property| self.ty_used(&property.ty));
            }
        }
        for (at, action) in world.schema.actions().iter().enumerate() {
            if self.every_action || self.actions.contains(&ActionId(id(at))) {
                self.types.extend(action.resources.iter().copied());
            }
            action.properties.iter().for_each(|property| self.ty_used(&property.ty));
        }
        let fields = world.context.values().chain(world.message.values()).chain(world.claims.values());
        fields.for_each(|field| self.ty_used(&field.ty));
        world.limits.iter().for_each(|limit| self.ty_used(&limit.ty));
    }
}

/// An index as the number of an id; [`super::limits`] keeps every table far below its end.
fn id(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}
