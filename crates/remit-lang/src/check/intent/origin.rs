//! `when action.to from …`: where an argument may come from, and whether it ever can.

use std::sync::Arc;

use remit_model::{ActionId, Ty, Value};

use crate::ast;
use crate::checked::{ArgumentOrigins, Origin};
use crate::source::{Span, Spanned};

use super::super::expr::{Parties, Readable, comparable, constant_value, element};
use super::super::findings::Checked;
use super::super::names::What;
use super::super::schema::checked_name;
use super::super::world::unknown;
use super::{Checker, IntentError};

impl Checker<'_> {
    /// The origins of one argument, each once.
    pub(super) fn origins(
        &mut self,
        argument: &ast::Argument,
        written: &[Spanned<ast::Origin>],
        span: Span,
        actions: Option<Arc<[ActionId]>>,
        readable: &[Readable],
    ) -> Checked<ArgumentOrigins> {
        let (path, ty) = self.typer(Parties::default(), actions).argument(argument)?;
        // Of several values each must come from somewhere.
        let ty = element(&ty).cloned().unwrap_or(ty);
        let mut origins: Vec<Origin> = Vec::new();
        let mut failed = None;
        for one in written {
            match self.origin(one, &ty, readable) {
                Ok(origin) if origins.contains(&origin) => {}
                Ok(origin) => origins.push(origin),
                Err(reported) => failed = Some(reported),
            }
        }
        failed.map_or(Ok(ArgumentOrigins { argument: path, origins, span }), Err)
    }

    fn origin(&mut self, written: &Spanned<ast::Origin>, ty: &Ty, readable: &[Readable]) -> Checked<Origin> {
        match &written.node {
            ast::Origin::Literal => Ok(Origin::Literal),
            ast::Origin::Created => Ok(Origin::Created),
            ast::Origin::OneOf(set) => self.one_of(set, ty),
            ast::Origin::RecordOf(of, attribute) => self.record(of, attribute.as_ref(), ty, written.span),
            ast::Origin::Result(task, path) => self.result(task, path, readable, written.span),
            ast::Origin::Text(source) => Ok(Origin::Text { source: source.node.clone() }),
        }
    }

    fn one_of(&mut self, set: &ast::Expr, ty: &Ty) -> Checked<Origin> {
        let want = ty.clone().set();
        let checked = self.typer(Parties::default(), None).wanted(set, &want)?;
        if !comparable(&checked.ty, &want) {
            return Err(self.never(
                ty,
                &format!("values of type {}", self.world.show(&checked.ty)),
                set.span,
            ));
        }
        match constant_value(&checked) {
            Some(Value::Set(values)) => Ok(Origin::OneOf(values.to_vec())),
            _ => Err(self.findings.error(IntentError::NotLiteral { at: set.span })),
        }
    }

    fn never(&mut self, ty: &Ty, origin: &str, at: Span) -> super::super::findings::Reported {
        let (argument, origin) = (self.world.show(ty), origin.to_owned());
        self.findings.error(IntentError::NeverFrom { argument, origin, at })
    }

    /// `record of supplier`: the node itself, named by its id where the argument is a text; `record of supplier.iban`:
    /// what it holds there.
    fn record(
        &mut self,
        of: &Spanned<String>,
        attribute: Option<&Spanned<String>>,
        ty: &Ty,
        at: Span,
    ) -> Checked<Origin> {
        let id = self.world.type_named(of, self.package, self.findings)?;
        self.usage.type_used(id);
        let Some(name) = attribute else {
            if !comparable(ty, &Ty::entity(id)) && *ty != Ty::String {
                return Err(self.never(ty, &format!("a record of `{}`", of.node), at));
            }
            return Ok(Origin::RecordOf { of: id, attribute: None });
        };
        let found = self.world.schema.attr_id(&name.node);
        let found = found.and_then(|attribute| self.world.schema.attribute(id, attribute));
        let Some(found) = found else {
            let declared = self.world.schema.entity_type(id).into_iter().flat_map(|of| &of.attributes);
            let nearest = self.findings.nearest(&name.node, declared.map(|one| one.name.as_str()));
            let (of, name, at) = (of.node.clone(), name.node.clone(), name.span);
            return Err(self.findings.error(IntentError::UnknownAttribute { of, name, at, nearest }));
        };
        let held = element(&found.ty).unwrap_or(&found.ty).clone();
        // A record that is named by its id may stand in a text.
        let named = *ty == Ty::String && matches!(held, Ty::Entity(_));
        if !comparable(ty, &held) && !named {
            let origin = format!("`{}.{}`, which is {}", of.node, name.node, self.world.show(&found.ty));
            return Err(self.never(ty, &origin, at));
        }
        Ok(Origin::RecordOf { of: id, attribute: Some(found.id) })
    }

    /// `result(look_up).pays_to`
    fn result(
        &mut self,
        task: &Spanned<String>,
        path: &[Spanned<String>],
        readable: &[Readable],
        at: Span,
    ) -> Checked<Origin> {
        let Some(found) = readable.iter().find(|one| one.name == task.node) else {
            let nearest = self.findings.nearest(&task.node, readable.iter().map(|one| one.name.as_str()));
            return Err(self.findings.error(unknown(What::Task, task, nearest)));
        };
        if !found.before {
            return Err(self.findings.error(IntentError::NotBefore { task: task.node.clone(), at }));
        }
        let path: Vec<&str> = path.iter().map(|name| name.node.as_str()).collect();
        Ok(Origin::Result { task: checked_name(task, self.findings)?, path: path.join(".") })
    }
}
