//! Constants: literals, texts that stand for something else, sets, and reading a constant back.

use std::sync::Arc;

use remit_model::{Duration, EntityRef, IpNet, LevelId, Name, Number, Timestamp, Ty, Value};

use crate::ast::{self, ExprKind as Written};
use crate::checked::{Expr, ExprKind};
use crate::source::Span;

use super::super::findings::Checked;
use super::super::names::NameError;
use super::super::schema::checked_name;
use super::{ExprError, Typer, compat, typed};

impl Typer<'_> {
    /// A literal of one word.
    pub(super) fn literal(&mut self, written: &ast::Expr, want: Option<&Ty>) -> Checked<Expr> {
        let span = written.span;
        let (value, ty) = match &written.kind {
            Written::Bool(value) => (Value::Bool(*value), Ty::Bool),
            Written::Number(text) => self.number(text, span)?,
            Written::String(text) => self.text_value(text, want, span)?,
            Written::Duration(text) => self.read(text, &Ty::Duration, span)?,
            Written::Time(text) => self.read(text, &Ty::Time, span)?,
            Written::Ip(text) => self.read(text, &Ty::Ip, span)?,
            Written::Entity(entity) => self.entity(entity)?,
            _ => return Err(self.report(ExprError::TooDeep { at: span })),
        };
        Ok(typed(span, ty, ExprKind::Literal(value)))
    }

    fn number(&mut self, text: &str, at: Span) -> Checked<(Value, Ty)> {
        let plain = text.replace('_', "");
        let Some(number) = Number::parse(&plain) else {
            return Err(self.report(ExprError::NumberNotExact { text: text.to_owned(), at }));
        };
        let ty = if plain.contains('.') { Ty::Decimal } else { Ty::Int };
        Ok((Value::Number(number), ty))
    }

    /// A text; where the other side is of a type that texts can stand for, a value of that type.
    pub(super) fn text_value(&mut self, text: &str, want: Option<&Ty>, at: Span) -> Checked<(Value, Ty)> {
        match want {
            Some(Ty::Level(level)) => self.member(text, *level, at),
            Some(ty @ (Ty::Time | Ty::Duration | Ty::Ip)) => self.read(text, ty, at),
            _ => Ok((Value::string(text), Ty::String)),
        }
    }

    /// A text as a time, duration or address.
    fn read(&mut self, text: &str, ty: &Ty, at: Span) -> Checked<(Value, Ty)> {
        let (value, what) = match ty {
            Ty::Time => (Timestamp::parse(text).map(Value::Time), "a time"),
            Ty::Duration => (Duration::parse(text).map(Value::Duration), "a duration"),
            _ => (IpNet::parse(text).map(Value::Ip), "an address or network"),
        };
        match value {
            Some(value) => Ok((value, ty.clone())),
            None => Err(self.report(ExprError::BadLiteral { text: text.to_owned(), what, at })),
        }
    }

    /// A member of a level, by its text.
    pub(super) fn member(&mut self, text: &str, level: LevelId, at: Span) -> Checked<(Value, Ty)> {
        let declared = self.world.schema.level(level);
        if let Some(rank) = declared.and_then(|level| level.rank(text)) {
            self.usage.level_used(level);
            return Ok((Value::Level(level, rank), Ty::Level(level)));
        }
        let members = declared.iter().flat_map(|level| &level.members).map(Name::as_str);
        let nearest = self.findings.nearest(text, members);
        let level = self.world.level_name(level).to_owned();
        Err(self.report(ExprError::NotAMember { text: text.to_owned(), level, at, nearest }))
    }

    /// `user:"alice"`
    pub(super) fn entity(&mut self, entity: &ast::Entity) -> Checked<(Value, Ty)> {
        if self.open {
            let kind = checked_name(&entity.kind, self.findings)?;
            return Ok((Value::Entity(EntityRef::new(kind, &entity.id.node)), Ty::Entity(Arc::from([]))));
        }
        let (id, reference) = self.entity_ref(entity)?;
        Ok((Value::Entity(reference), Ty::entity(id)))
    }

    /// An entity of a declared type.
    pub(in crate::check) fn entity_ref(
        &mut self,
        entity: &ast::Entity,
    ) -> Checked<(remit_model::TypeId, EntityRef)> {
        let id = self.world.type_named(&entity.kind, self.package, self.findings)?;
        self.usage.type_used(id);
        let kind = Name::new(&entity.kind.node)
            .map_err(|reason| self.findings.error(NameError::Malformed { reason, at: entity.kind.span }))?;
        Ok((id, EntityRef::new(kind, &entity.id.node)))
    }

    /// `[a, b]`: elements of one type; those that listen follow the others.
    pub(super) fn set(&mut self, items: &[ast::Expr], want: Option<&Ty>, span: Span) -> Checked<Expr> {
        let mut want = want.and_then(compat::part);
        let leader = items.iter().position(|item| !self.listens(item)).unwrap_or(0);
        let mut elements = Vec::with_capacity(items.len());
        let (before, rest) = items.split_at(leader.min(items.len()));
        let first = rest.first().map(|item| self.expr(item, want.as_ref()));
        if want.is_none()
            && let Some(Ok(first)) = &first
        {
            want = Some(first.ty.clone());
        }
        elements.extend(before.iter().map(|item| self.expr(item, want.as_ref())));
        elements.extend(first);
        elements.extend(rest.iter().skip(1).map(|item| self.expr(item, want.as_ref())));
        let elements: Vec<Expr> = elements.into_iter().collect::<Checked<_>>()?;
        let mut ty: Option<Ty> = None;
        for element in &elements {
            ty = match ty {
                None => Some(element.ty.clone()),
                Some(so_far) => match compat::unify(&so_far, &element.ty) {
                    Some(both) => Some(both),
                    None => {
                        let (one, other) = (self.world.show(&so_far), self.world.show(&element.ty));
                        return Err(self.report(ExprError::MixedSet { one, other, at: element.span }));
                    }
                },
            };
        }
        let ty = ty.or(want).unwrap_or(Ty::Any);
        Ok(typed(span, ty.set(), ExprKind::Set(elements)))
    }
}

/// The value of a literal or a set of literals.
pub(in crate::check) fn constant_value(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Literal(value) => Some(value.clone()),
        ExprKind::Set(elements) => {
            let values: Option<Vec<Value>> = elements.iter().map(constant_value).collect();
            values.map(|values| Value::Set(Arc::from(values)))
        }
        _ => None,
    }
}
