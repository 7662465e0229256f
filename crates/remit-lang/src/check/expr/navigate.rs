//! `a.b`, `a.b*`, `a.^b`, `a.b[filter]`: from entities to their values and neighbours.

use std::collections::BTreeSet;
use std::sync::Arc;

use remit_model::{AttrId, Field, Ty, TypeId};

use crate::ast;
use crate::checked::{Expr, ExprKind, Reach};
use crate::source::{Span, Spanned};

use super::super::findings::Checked;
use super::super::schema::{LATER_ROOTS, checked_name};
use super::entities::Meaning;
use super::{ExprError, Typer, compat, typed};

/// A step as written.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) name: &'a Spanned<String>,
    pub(super) inverse: bool,
    pub(super) reach: Reach,
    pub(super) filter: Option<&'a ast::Expr>,
}

impl Step<'_> {
    /// What makes this more than `a.b`, in words.
    fn form(&self) -> Option<&'static str> {
        match (self.inverse, self.reach, self.filter) {
            (true, ..) => Some("cannot be walked backwards"),
            (_, Reach::ZeroOrMore | Reach::OneOrMore, _) => Some("cannot be repeated"),
            (.., Some(_)) => Some("cannot be filtered"),
            (false, Reach::One, None) => None,
        }
    }
}

impl Typer<'_> {
    /// One step from a base.
    pub(super) fn step(&mut self, base: &ast::Expr, step: Step<'_>, span: Span) -> Checked<Expr> {
        if let Some(found) = self.task_step(base, step.name, span) {
            return self.plain(found?, step);
        }
        if let Some(found) = self.source_step(base, step.name, span) {
            return self.plain(found?, step);
        }
        if let Some(found) = self.signal_step(base, step.name, span) {
            return self.plain(found?, step);
        }
        if let ast::ExprKind::Name(root) = &base.kind
            && !self.is_local(root)
        {
            if LATER_ROOTS.contains(&root.as_str()) && !self.open {
                let what = format!("{root}.{}", step.name.node);
                return Err(self.report(ExprError::NotSupportedYet { what, at: span }));
            }
            if let Some(member) = self.root_member(root, step.name, span) {
                return self.plain(member?, step);
            }
        }
        let base = self.expr(base, None)?;
        match &base.ty {
            Ty::Any => {
                let name = checked_name(step.name, self.findings)?;
                self.plain(typed(span, Ty::Any, ExprKind::Member(Box::new(base), name)), step)
            }
            Ty::Entity(types) => {
                let types = types.clone();
                self.entity_step(base, &types, false, step, span)
            }
            Ty::Set(inner) => match &**inner {
                Ty::Entity(types) => {
                    let types = types.clone();
                    self.entity_step(base, &types, true, step, span)
                }
                _ => Err(self.no_members(&base.ty, step.name)),
            },
            other => Err(self.no_members(other, step.name)),
        }
    }

    fn no_members(&mut self, of: &Ty, name: &Spanned<String>) -> super::Reported {
        let of = self.world.show(of);
        self.report(ExprError::NoMembers { of, name: name.node.clone(), at: name.span })
    }

    /// A step to something that is no relation: only the plain form will do.
    fn plain(&mut self, found: Expr, step: Step<'_>) -> Checked<Expr> {
        match step.form() {
            None => Ok(found),
            Some(form) => {
                let (name, at) = (step.name.node.clone(), step.name.span);
                Err(self.report(ExprError::NotARelation { name, form, at }))
            }
        }
    }

    fn entity_step(
        &mut self,
        base: Expr,
        types: &Arc<[TypeId]>,
        many: bool,
        step: Step<'_>,
        span: Span,
    ) -> Checked<Expr> {
        if step.inverse {
            return self.backwards(base, types, step, span);
        }
        match self.attribute(types, step.name, &base)? {
            Meaning::Property(_, Ty::Any) => Ok(typed(span, Ty::Any, base.kind)),
            Meaning::Property(id, ty) => {
                let ty = if many && compat::element(&ty).is_none() { ty.set() } else { ty };
                self.plain(typed(span, ty, ExprKind::Attribute(Box::new(base), id)), step)
            }
            Meaning::Relation(id, followed) => {
                let single = !many && !followed.many && step.reach == Reach::One;
                let ends = self.ends(id, types, &followed.targets, step.reach);
                self.follow(base, id, followed.properties, ends, single, step, span)
            }
        }
    }

    /// Types of the far ends after as many steps as the reach allows.
    fn ends(&self, id: AttrId, start: &Arc<[TypeId]>, first: &Arc<[TypeId]>, reach: Reach) -> Arc<[TypeId]> {
        let targets = |of: TypeId| {
            let relation = self.world.schema.attribute(of, id).and_then(|of| of.relation.as_ref());
            relation.map_or(&[] as &[TypeId], |relation| &relation.targets)
        };
        self.repeated(start, first, reach, |of| targets(of).to_vec())
    }

    fn repeated(
        &self,
        start: &Arc<[TypeId]>,
        first: &Arc<[TypeId]>,
        reach: Reach,
        next: impl Fn(TypeId) -> Vec<TypeId>,
    ) -> Arc<[TypeId]> {
        if reach == Reach::One {
            return first.clone();
        }
        let mut seen: BTreeSet<TypeId> = BTreeSet::new();
        let mut open: Vec<TypeId> = first.to_vec();
        while let Some(of) = open.pop() {
            if seen.insert(of) {
                open.extend(next(of));
            }
        }
        let far = compat::types(seen);
        if reach == Reach::ZeroOrMore { compat::union(start, &far) } else { far }
    }

    /// `a.^b`: whatever has `a` at the far end of its `b`.
    fn backwards(&mut self, base: Expr, types: &Arc<[TypeId]>, step: Step<'_>, span: Span) -> Checked<Expr> {
        let id = self.world.schema.attr_id(&step.name.node);
        let holders = id.and_then(|id| self.world.holders.get(id.index()));
        let mut sources: Vec<(TypeId, &Arc<[TypeId]>)> = Vec::new();
        let mut properties: Option<Vec<Field>> = None;
        for of in holders.into_iter().flatten() {
            let attribute = id.and_then(|id| self.world.schema.attribute(*of, id));
            let Some(relation) = attribute.and_then(|of| of.relation.as_ref()) else { continue };
            sources.push((*of, &relation.targets));
            if compat::overlap(&relation.targets, types) {
                match &mut properties {
                    None => properties = Some(relation.properties.clone()),
                    Some(kept) => kept.retain(|property| relation.properties.contains(property)),
                }
            }
        }
        let into = |to: &[TypeId]| -> Vec<TypeId> {
            let ends_there = sources.iter().filter(|(_, targets)| compat::overlap(targets, to));
            ends_there.map(|(of, _)| *of).collect()
        };
        let first = compat::types(into(types));
        let (Some(id), Some(properties), false) = (id, properties, first.is_empty()) else {
            return Err(self.no_inverse(&base, types, step.name));
        };
        let ends = self.repeated(types, &first, step.reach, |of| into(&[of]));
        self.follow(base, id, properties, ends, false, step, span)
    }

    fn no_inverse(&mut self, base: &Expr, types: &Arc<[TypeId]>, name: &Spanned<String>) -> super::Reported {
        let declared = self.world.schema.types().iter().flat_map(|of| &of.attributes);
        let leading = declared.filter(|attribute| {
            let targets = attribute.relation.as_ref().map(|relation| &relation.targets);
            targets.is_some_and(|targets| compat::overlap(targets, types))
        });
        let nearest = self.findings.nearest(&name.node, leading.map(|attribute| attribute.name.as_str()));
        let to = self.world.show(&base.ty);
        self.report(ExprError::NoInverse { name: name.node.clone(), to, at: name.span, nearest })
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one node, each found by its caller")]
    fn follow(
        &mut self,
        base: Expr,
        relation: AttrId,
        properties: Vec<Field>,
        ends: Arc<[TypeId]>,
        single: bool,
        step: Step<'_>,
        span: Span,
    ) -> Checked<Expr> {
        let filter = match step.filter {
            None => None,
            Some(filter) => {
                let outer = self.edge.replace(properties);
                let checked = self.condition(filter);
                self.edge = outer;
                Some(Box::new(checked?))
            }
        };
        ends.iter().for_each(|of| self.usage.type_used(*of));
        let ty = if single { Ty::Entity(ends) } else { Ty::Entity(ends).set() };
        let (base, reach, inverse) = (Box::new(base), step.reach, step.inverse);
        Ok(typed(span, ty, ExprKind::Follow { base, relation, reach, inverse, filter }))
    }
}
