//! Attributes and relations of entities that can be of several types; `is`.

use std::sync::Arc;

use remit_model::{AttrId, Attribute, Field, Relation, Ty, TypeId};

use crate::ast;
use crate::checked::{Expr, ExprKind, Party};
use crate::source::{Span, Spanned};

use super::super::findings::Checked;
use super::{ExprError, Typer, bool_expr, compat};

/// Names listed in one message.
const SHOWN: usize = 3;

/// What an attribute name means for entities of several types.
pub(super) enum Meaning {
    /// A property of this type in all of them.
    Property(AttrId, Ty),
    /// A relation in all of them.
    Relation(AttrId, Followed),
}

/// Where a relation leads from entities of several types.
pub(super) struct Followed {
    /// Types of the far ends.
    pub(super) targets: Arc<[TypeId]>,
    /// More than one edge may leave a node.
    pub(super) many: bool,
    /// Properties that every one of its edges may carry.
    pub(super) properties: Vec<Field>,
}

impl Typer<'_> {
    /// The meaning of an attribute: every possible type must have it, and alike.
    pub(super) fn attribute(
        &mut self,
        types: &Arc<[TypeId]>,
        name: &Spanned<String>,
        base: &Expr,
    ) -> Checked<Meaning> {
        let possible = self.world.possible(types);
        let id = self.world.schema.attr_id(&name.node);
        let holders = id.and_then(|id| self.world.holders.get(id.index()));
        let (Some(id), Some(holders)) = (id, holders) else {
            return Err(self.unknown_attribute(types, name));
        };
        let has = |of: &TypeId| holders.binary_search(of).is_ok();
        let mut found: Vec<(TypeId, &Attribute)> = Vec::new();
        for of in possible.iter().filter(|of| has(of)) {
            found.extend(self.world.schema.attribute(*of, id).map(|attribute| (*of, attribute)));
        }
        if found.is_empty() {
            return Err(self.unknown_attribute(types, name));
        }
        if found.len() < possible.len() {
            let lacking = possible.iter().filter(|of| !has(of)).map(|of| self.world.type_name(*of));
            let lacking = listing(lacking);
            let (root, narrow) = described(base);
            let error =
                ExprError::LackingAttribute { name: name.node.clone(), lacking, root, narrow, at: name.span };
            return Err(self.report(error));
        }
        self.joined(id, name, &found)
    }

    /// One meaning for what several types declare.
    fn joined(
        &mut self,
        id: AttrId,
        name: &Spanned<String>,
        found: &[(TypeId, &Attribute)],
    ) -> Checked<Meaning> {
        let Some(((first_type, first), rest)) = found.split_first() else {
            return Err(self.report(ExprError::TooDeep { at: name.span }));
        };
        if found.iter().any(|(_, attribute)| attribute.ty == Ty::Any) {
            // Its declaration was refused; what it would be is not known.
            return Ok(Meaning::Property(id, Ty::Any));
        }
        let mut ty = first.ty.clone();
        let mut properties = first.relation.as_ref().map(|relation| relation.properties.clone());
        for (other_type, other) in rest {
            match compat::unify(&ty, &other.ty) {
                Some(both) => ty = both,
                None => {
                    let error = ExprError::AttributeDiffers {
                        name: name.node.clone(),
                        one: self.world.show(&first.ty),
                        one_type: self.world.type_name(*first_type).to_owned(),
                        other: self.world.show(&other.ty),
                        other_type: self.world.type_name(*other_type).to_owned(),
                        at: name.span,
                    };
                    return Err(self.report(error));
                }
            }
            if let (Some(kept), Some(relation)) = (&mut properties, &other.relation) {
                kept.retain(|property| relation.properties.contains(property));
            }
        }
        self.usage.ty_used(&ty);
        Ok(match (first.relation.as_ref(), ty.entity_types()) {
            (Some(Relation { many, .. }), Some(targets)) => Meaning::Relation(
                id,
                Followed {
                    targets: targets.clone(),
                    many: *many,
                    properties: properties.unwrap_or_default(),
                },
            ),
            _ => Meaning::Property(id, ty),
        })
    }

    fn unknown_attribute(&mut self, types: &Arc<[TypeId]>, name: &Spanned<String>) -> super::Reported {
        let possible = self.world.possible(types);
        let of = match (types.is_empty(), possible) {
            (false, [one]) => format!("type `{}`", self.world.type_name(*one)),
            (false, several) => {
                format!("none of {}", listing(several.iter().map(|of| self.world.type_name(*of))))
            }
            (true, _) => "no declared type".to_owned(),
        };
        let declared = possible.iter().filter_map(|of| self.world.schema.entity_type(*of));
        let names = declared.flat_map(|of| &of.attributes).map(|attribute| attribute.name.as_str());
        let nearest = self.findings.nearest(&name.node, names);
        self.report(ExprError::UnknownAttribute { of, name: name.node.clone(), at: name.span, nearest })
    }

    /// `a is T`
    pub(super) fn is(&mut self, base: &ast::Expr, name: &Spanned<String>, span: Span) -> Checked<Expr> {
        let checked = self.expr(base, None);
        let id = self.world.type_named(name, self.package, self.findings);
        let (checked, id) = (checked?, id?);
        self.usage.type_used(id);
        match &checked.ty {
            Ty::Any => {}
            Ty::Entity(types) if compat::overlap(types, &[id]) => {}
            Ty::Entity(_) => {
                let found = self.world.show(&checked.ty);
                return Err(self.report(ExprError::NeverIs {
                    found,
                    name: name.node.clone(),
                    at: name.span,
                }));
            }
            other => {
                let found = self.world.show(other);
                return Err(self.report(ExprError::NotAnEntity { found, at: base.span }));
            }
        }
        Ok(bool_expr(span, ExprKind::Is(Box::new(checked), id)))
    }

    /// `a is T` where types of entities are open: `a.type == "T"`.
    pub(super) fn is_called(
        &mut self,
        base: &ast::Expr,
        name: &Spanned<String>,
        span: Span,
    ) -> Checked<Expr> {
        let member = Spanned { node: "type".to_owned(), span: base.span };
        let kind = ast::ExprKind::Step {
            base: Box::new(base.clone()),
            name: member,
            inverse: false,
            reach: crate::checked::Reach::One,
            filter: None,
        };
        let text = ast::Expr { span: name.span, kind: ast::ExprKind::String(name.node.clone()) };
        let left = ast::Expr { span: base.span, kind };
        self.compare(crate::checked::Comparison::Equal, &left, &text, span)
    }

    /// Narrows the parties by what a condition that holds says of them.
    pub(in crate::check) fn narrow(&mut self, condition: &Expr) {
        match &condition.kind {
            ExprKind::Is(base, id) => {
                if let ExprKind::Party(party) = base.kind {
                    self.parties.narrow(party, *id);
                }
            }
            ExprKind::And(operands) => operands.iter().for_each(|operand| self.narrow(operand)),
            _ => {}
        }
    }
}

/// An entity in words, and how a rule narrows its type.
fn described(base: &Expr) -> (String, &'static str) {
    match base.kind {
        ExprKind::Party(Party::Subject) => ("the subject".to_owned(), "narrow the rule with `for`"),
        ExprKind::Party(Party::Actor) => ("the actor".to_owned(), "narrow the rule with `as`"),
        ExprKind::Party(Party::Resource) => ("the resource".to_owned(), "narrow the rule with `on`"),
        _ => ("the entity".to_owned(), ""),
    }
}

/// Some names in backticks, and how many more there are.
pub(super) fn listing<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{} and {more} more", shown.join(", ")),
        _ => match shown.split_last() {
            Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
            _ => shown.concat(),
        },
    }
}
