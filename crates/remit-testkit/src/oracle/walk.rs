//! Navigation over the plain world: one step at a time, breadth first, every edge looked at.

use std::collections::BTreeMap;

use remit_lang::checked::{Expr, Party, Reach};
use remit_model::{AttrId, Attribute, EntityRef, Provenance, TypeId, Value};

use super::convert::convert;
use super::eval::{Reader, Scope};
use super::known::Known;
use super::truth::Truth;
use super::world::Edge;

/// Entities certainly reached, and whether there can be no others.
#[derive(Debug, Clone)]
pub(super) struct Reached {
    /// Distinct, in order of discovery.
    pub(super) items: Vec<EntityRef>,
    /// False when something missing could lead further.
    pub(super) complete: bool,
}

/// A step over one relation.
#[derive(Clone, Copy)]
pub(super) struct Step<'e> {
    pub(super) relation: AttrId,
    pub(super) inverse: bool,
    pub(super) filter: Option<&'e Expr>,
}

impl Reached {
    pub(super) fn of(items: Vec<EntityRef>, complete: bool) -> Self {
        let mut reached = Self { items: Vec::new(), complete };
        items.into_iter().for_each(|item| {
            reached.add(item);
        });
        reached
    }

    /// True when it was not there before.
    fn add(&mut self, item: EntityRef) -> bool {
        let new = !self.items.contains(&item);
        if new {
            self.items.push(item);
        }
        new
    }

    pub(super) fn unite(&mut self, other: Self) {
        other.items.into_iter().for_each(|item| {
            self.add(item);
        });
        self.complete &= other.complete;
    }
}

impl Reader<'_> {
    /// The declared type of an entity.
    pub(super) fn type_of(&self, entity: &EntityRef) -> Option<TypeId> {
        self.schema().type_id(entity.kind.as_str())
    }

    fn declared(&self, entity: &EntityRef, attr: AttrId) -> Option<&Attribute> {
        self.schema().attribute(self.type_of(entity)?, attr)
    }

    /// Is the graph's record of it complete: a node, not a placeholder, of a declared type?
    pub(super) fn recorded(&self, entity: &EntityRef) -> bool {
        self.type_of(entity).is_some() && self.world.nodes.contains_key(entity)
    }

    /// `entity.attr` where `attr` is a property; `party` when the entity stands there by that name.
    pub(super) fn property(&self, entity: &EntityRef, attr: AttrId, party: Option<Party>) -> Known {
        let Some(attribute) = self.declared(entity, attr) else { return Known::Unknown };
        let name = attribute.name.as_str();
        for source in &attribute.sources {
            let found = match source {
                Provenance::Graph => self.world.nodes.get(entity).and_then(|node| node.get(name)).cloned(),
                Provenance::Request => party.and_then(|party| self.asserted(party, attribute)),
                Provenance::Token => party.and_then(|party| self.claimed(party, attribute)),
            };
            if let Some(value) = found {
                return Known::of(value);
            }
        }
        Known::Unknown
    }

    /// What the PEP asserts of a party, when it has the declared type.
    fn asserted(&self, party: Party, attribute: &Attribute) -> Option<Value> {
        let asserted = &self.party(party).asserted;
        let (_, value) = asserted.iter().find(|(name, _)| name == attribute.name.as_str())?;
        convert(self.schema(), value, &attribute.ty)
    }

    /// All that is reached from `start` over the step, as far as `reach` says.
    pub(super) fn follow(
        &self,
        start: &Reached,
        party: Option<Party>,
        step: Step<'_>,
        reach: Reach,
        scope: &Scope<'_>,
    ) -> Reached {
        let mut result = Reached::of(Vec::new(), start.complete);
        if reach == Reach::ZeroOrMore {
            result = start.clone();
        }
        let mut walked: Vec<EntityRef> = Vec::new();
        let mut frontier: Vec<(EntityRef, Option<Party>)> =
            start.items.iter().map(|item| (item.clone(), party)).collect();
        while let Some((entity, party)) = frontier.pop() {
            if walked.contains(&entity) {
                continue;
            }
            let next = self.step(&entity, party, step, scope);
            walked.push(entity);
            if reach != Reach::One {
                frontier.extend(next.items.iter().map(|item| (item.clone(), None)));
            }
            result.unite(next);
        }
        result
    }

    /// One step from one entity.
    fn step(&self, from: &EntityRef, party: Option<Party>, step: Step<'_>, scope: &Scope<'_>) -> Reached {
        if step.inverse {
            return self.step_back(from, step, scope);
        }
        let Some(attribute) = self.declared(from, step.relation) else {
            // A declared type without the relation has certainly none; of an undeclared type, or of what the
            // graph has no record of, nothing is known.
            return Reached::of(Vec::new(), self.recorded(from));
        };
        for source in &attribute.sources {
            match source {
                Provenance::Token => {
                    if let Some(value) = party.and_then(|party| self.claimed(party, attribute)) {
                        return self.asserted_ends(&value, step, scope);
                    }
                }
                Provenance::Request => {
                    if let Some(value) = party.and_then(|party| self.asserted(party, attribute)) {
                        return self.asserted_ends(&value, step, scope);
                    }
                }
                Provenance::Graph if self.recorded(from) => {
                    return self.edges_ends(|edge| edge.from == *from, |edge| &edge.to, step, true, scope);
                }
                Provenance::Graph => {}
            }
        }
        if attribute.sources.contains(&Provenance::Graph) {
            return self.edges_ends(|edge| edge.from == *from, |edge| &edge.to, step, false, scope);
        }
        Reached::of(Vec::new(), false)
    }

    fn step_back(&self, from: &EntityRef, step: Step<'_>, scope: &Scope<'_>) -> Reached {
        let certain = self.recorded(from) && !self.could_have_more_sources(step.relation);
        self.edges_ends(|edge| edge.to == *from, |edge| &edge.from, step, certain, scope)
    }

    /// Could somebody of whom the graph has no record have an edge of this relation?
    fn could_have_more_sources(&self, relation: AttrId) -> bool {
        let unrecorded_party = [Party::Subject, Party::Actor, Party::Resource]
            .into_iter()
            .map(|party| &self.party(party).entity)
            .filter(|entity| !self.recorded(entity));
        self.placeholders
            .iter()
            .chain(unrecorded_party)
            .any(|entity| self.declared(entity, relation).is_some())
    }

    fn edges_ends(
        &self,
        here: impl Fn(&Edge) -> bool,
        end: impl Fn(&Edge) -> &EntityRef,
        step: Step<'_>,
        certain: bool,
        scope: &Scope<'_>,
    ) -> Reached {
        let mut reached = Reached::of(Vec::new(), certain);
        let Some(name) = self.schema().attrs().get(step.relation.index()) else { return reached };
        for edge in &self.world.edges {
            if here(edge) && edge.relation == name.as_str() && edge.holds_at(self.ask.now) {
                match self.passes(step.filter, Some(&edge.properties), scope) {
                    Truth::True => {
                        reached.add(end(edge).clone());
                    }
                    Truth::False => {}
                    Truth::Unknown => reached.complete = false,
                }
            }
        }
        reached
    }

    /// Asserted ends carry no edge properties.
    fn asserted_ends(&self, value: &Value, step: Step<'_>, scope: &Scope<'_>) -> Reached {
        let ends = match value {
            Value::Entity(end) => vec![end.clone()],
            Value::Set(items) => items
                .iter()
                .filter_map(|item| if let Value::Entity(end) = item { Some(end.clone()) } else { None })
                .collect(),
            _ => Vec::new(),
        };
        match self.passes(step.filter, None, scope) {
            Truth::True => Reached::of(ends, true),
            Truth::False => Reached::of(Vec::new(), true),
            Truth::Unknown => Reached::of(Vec::new(), ends.is_empty()),
        }
    }

    fn passes(
        &self,
        filter: Option<&Expr>,
        edge: Option<&BTreeMap<String, Value>>,
        scope: &Scope<'_>,
    ) -> Truth {
        filter.map_or(Truth::True, |filter| self.truth(filter, &scope.on_edge(edge)))
    }

    /// `entity in group`: itself, or reached over any membership relations.
    pub(super) fn member_of(&self, entity: &EntityRef, party: Option<Party>, group: &EntityRef) -> Truth {
        if entity == group {
            return Truth::True;
        }
        let mut memberships: Vec<AttrId> = self
            .schema()
            .types()
            .iter()
            .flat_map(|ty| &ty.attributes)
            .filter(|attribute| attribute.relation.as_ref().is_some_and(|relation| relation.membership))
            .map(|attribute| attribute.id)
            .collect();
        memberships.sort();
        memberships.dedup();
        let mut walked: Vec<EntityRef> = Vec::new();
        let mut frontier = vec![(entity.clone(), party)];
        let mut complete = true;
        while let Some((at, party)) = frontier.pop() {
            if at == *group {
                return Truth::True;
            }
            if walked.contains(&at) {
                continue;
            }
            complete &= self.recorded(&at);
            for relation in &memberships {
                // A relation counts as membership where the type at hand declares it so.
                let declared =
                    self.declared(&at, *relation).and_then(|attribute| attribute.relation.as_ref());
                if declared.is_some_and(|relation| relation.membership) {
                    let step = Step { relation: *relation, inverse: false, filter: None };
                    let next = self.step(&at, party, step, &Scope::empty());
                    complete &= next.complete;
                    frontier.extend(next.items.into_iter().map(|item| (item, None)));
                }
            }
            walked.push(at);
        }
        if complete { Truth::False } else { Truth::Unknown }
    }
}
