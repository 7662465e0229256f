//! Values of parties, entities, the request and edges: which source may speak, and in which order.

use std::cell::Cell;
use std::sync::Arc;

use remit_model::{AttrId, Attribute, Provenance, Ty, TypeId, Value};

use super::Eval;
use crate::lower::Who;
use crate::program::{Field, Ix, Source};
use crate::query::{Party, member};
use crate::val::{Ent, Val, convert};
use crate::verdict::FactRead;

impl<'a> Eval<'a> {
    /// An attribute of a party: its sources in the order of the schema, the first that has a value counts.
    pub(super) fn party_attribute(&self, ix: Ix, who: Who, attr: AttrId) -> Val<'a> {
        let party = self.party(who);
        if self.program.is_graph_only(attr) {
            let value = party.node.and_then(|node| self.graph.property(node, attr));
            return self.noted(ix, value.map(|value| (Val::from(value), Provenance::Graph)));
        }
        self.noted(
            ix,
            self.declared(party.type_id, attr).and_then(|declared| self.first_source(party, who, declared)),
        )
    }

    fn first_source(
        &self,
        party: &'a Party<'a>,
        who: Who,
        declared: &'a Attribute,
    ) -> Option<(Val<'a>, Provenance)> {
        declared.sources.iter().find_map(|source| {
            let value = match source {
                Provenance::Graph => {
                    party.node.and_then(|node| self.graph.property(node, declared.id)).map(Val::from)
                }
                Provenance::Request => self.asserted(party, declared),
                Provenance::Token => self.claimed(who, declared),
            };
            value.map(|value| (value, *source))
        })
    }

    /// What the PEP asserts, when it is of the declared type.
    pub(super) fn asserted(&self, party: &'a Party<'a>, declared: &'a Attribute) -> Option<Val<'a>> {
        let value = member(party.asserted, declared.name.as_str())?;
        convert(value, &declared.ty, self.program.schema())
    }

    /// What a verified token says of the subject, when it is of the declared type.
    pub(super) fn claimed(&self, who: Who, declared: &'a Attribute) -> Option<Val<'a>> {
        let of_subject = match who {
            Who::Subject => true,
            Who::Actor => self.query.actor.is_none(),
            Who::Resource => false,
        };
        let claims = self.query.agency.filter(|_| of_subject)?.claims?;
        convert(member(claims, declared.name.as_str())?, &declared.ty, self.program.schema())
    }

    /// An attribute of an entity reached by navigation: the graph alone speaks.
    pub(super) fn attribute(&self, ix: Ix, entity: Ent<'a>, attr: AttrId) -> Val<'a> {
        let value = self.node_of(entity).and_then(|node| {
            let seen = self.program.is_graph_only(attr)
                || self
                    .declared(Some(self.graph.type_of(node)), attr)
                    .is_some_and(|declared| declared.sources.contains(&Provenance::Graph));
            if seen { self.graph.property(node, attr) } else { None }
        });
        self.noted(ix, value.map(|value| (Val::from(value), Provenance::Graph)))
    }

    pub(super) fn declared(&self, of: Option<TypeId>, attr: AttrId) -> Option<&'a Attribute> {
        self.program.schema().attribute(of?, attr)
    }

    /// A member of the request in the type the policy expects; looked up once.
    pub(super) fn field(&self, ix: Ix, field: u32) -> Val<'a> {
        let kept = self.fields.get(field as usize).filter(|_| self.reads.is_none());
        if let Some(known) = kept.and_then(Cell::get) {
            return known;
        }
        let value = self.canonical(self.look_up(ix, field));
        if let Some(kept) = kept {
            kept.set(Some(value));
        }
        value
    }

    fn look_up(&self, ix: Ix, field: u32) -> Val<'a> {
        let Field { source, name, ty } = self.program.field(field);
        let value = match source {
            Source::Action => {
                let action = self.query.action.id.and_then(|id| self.program.schema().action(id));
                let declared = action.into_iter().flat_map(|action| &action.properties);
                let declared = declared.into_iter().any(|property| property.name.as_str() == &**name);
                member(self.query.action_properties, name).filter(|_| declared)
            }
            Source::Context => member(self.query.context, name),
            Source::Message => member(self.query.context, "message").and_then(|message| message.member(name)),
            Source::Computed => member(self.query.message, name),
            Source::Token => return self.claim(ix, name, ty),
            Source::Outside(source) => self.query.outside.and_then(|outside| outside.said(*source, name)),
        };
        let value = value.and_then(|value| convert(value, ty, self.program.schema()));
        self.noted(ix, value.map(|value| (value, Provenance::Request)))
    }

    /// A claim of the verified token, or whose token it is.
    fn claim(&self, ix: Ix, name: &str, ty: &'a Ty) -> Val<'a> {
        let agency = self.query.agency;
        let value = if name == "identity_pattern" {
            agency.and_then(|agency| agency.pattern).map(Val::Str)
        } else {
            let claims = agency.and_then(|agency| agency.claims);
            let value = claims.and_then(|claims| member(claims, name));
            value.and_then(|value| convert(value, ty, self.program.schema()))
        };
        self.noted(ix, value.map(|value| (value, Provenance::Token)))
    }

    /// A property of the edge under test.
    pub(super) fn edge_property(&self, name: u32) -> Val<'a> {
        let edge = self.edge.get();
        let value = edge.and_then(|edge| self.graph.edge_property(edge, self.program.name(name)));
        value.map_or(Val::Unknown, Val::from)
    }

    #[inline]
    fn noted(&self, ix: Ix, found: Option<(Val<'a>, Provenance)>) -> Val<'a> {
        if let Some(reads) = &self.reads
            && let Some(path) = self.program.path(ix)
        {
            let provenance = found.map(|(_, provenance)| provenance);
            reads.borrow_mut().push(FactRead { path: Arc::clone(path), provenance });
        }
        found.map_or(Val::Unknown, |(value, _)| value)
    }
}

/// A member of a record as JSON brings it.
pub(super) fn record_member<'a>(members: &'a [(Arc<str>, Value)], name: &str) -> Val<'a> {
    members.iter().find(|(key, _)| &**key == name).map_or(Val::Unknown, |(_, value)| Val::from(value))
}
