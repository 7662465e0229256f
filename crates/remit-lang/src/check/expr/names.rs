//! Bare names and the members of roots: `subject`, `context.x`, `action.amount`, `limits.wire_max`, `pii`.

use remit_model::{ActionId, Field, LevelId, Name, Ty};

use crate::checked::{Expr, ExprKind, Party};
use crate::source::{Span, Spanned};

use super::super::findings::Checked;
use super::super::schema::{LATER_ROOTS, ROOTS, checked_name, is_root};
use super::super::warning::Warning;
use super::entities::listing;
use super::{ExprError, Typer, compat, typed};

impl Typer<'_> {
    /// True when the name stands for a value of its own, whatever it is compared with.
    pub(super) fn is_bound(&self, name: &str) -> bool {
        self.is_local(name) || is_root(name) || self.is_task(name)
    }

    /// True for variables and the properties of the edge under test.
    pub(super) fn is_local(&self, name: &str) -> bool {
        let edge = self.edge.iter().flatten().any(|property| property.name.as_str() == name);
        edge || self.variables.iter().any(|(variable, _)| variable == name) || self.is_field(name)
    }

    /// True for a declared field, where bare names are such.
    fn is_field(&self, name: &str) -> bool {
        self.open && self.world.context.contains_key(name)
    }

    /// A declared field; a member of the level beside it, which may have the name of one, comes first.
    fn field(&mut self, name: &str, want: Option<&Ty>, at: Span) -> Checked<Expr> {
        if let Some(Ty::Level(level)) = want
            && self.world.schema.level(*level).is_some_and(|level| level.rank(name).is_some())
        {
            return self.level_member(name, want, at);
        }
        match self.world.context.get(name) {
            Some(field) => Ok(typed(at, field.ty.clone(), ExprKind::Context(field.name.clone()))),
            None => Err(self.unknown_name(name, want, at)),
        }
    }

    /// A bare name.
    pub(super) fn name(&mut self, name: &str, want: Option<&Ty>, at: Span) -> Checked<Expr> {
        let property = self.edge.iter().flatten().find(|property| property.name.as_str() == name).cloned();
        let variable = self.variables.iter().position(|(variable, _)| variable == name);
        match (property, variable) {
            (Some(_), Some(_)) => Err(self.report(ExprError::Shadowed { name: name.to_owned(), at })),
            (Some(property), None) => Ok(typed(at, property.ty, ExprKind::EdgeProperty(property.name))),
            (None, Some(depth)) => {
                let ty = self.variables.get(depth).map_or(Ty::Any, |(_, ty)| ty.clone());
                Ok(typed(at, ty, ExprKind::Variable(u16::try_from(depth).unwrap_or(u16::MAX))))
            }
            (None, None) if self.is_field(name) => self.field(name, want, at),
            (None, None) if self.open && is_root(name) && name != "now" => {
                Err(self.unknown_name(name, want, at))
            }
            (None, None) if is_root(name) => self.root(name, at),
            (None, None) if self.is_task(name) => {
                Err(self.report(ExprError::BareRoot { root: name.to_owned(), member: "resource", at }))
            }
            (None, None) => self.level_member(name, want, at),
        }
    }

    fn root(&mut self, root: &str, at: Span) -> Checked<Expr> {
        if !self.asked {
            return Err(self.report(ExprError::NoQuestion { root: root.to_owned(), at }));
        }
        let party = |party, typer: &Self| {
            typed(at, Ty::Entity(typer.parties.of(party).clone()), ExprKind::Party(party))
        };
        match root {
            "subject" => Ok(party(Party::Subject, self)),
            "actor" => Ok(party(Party::Actor, self)),
            "resource" => Ok(party(Party::Resource, self)),
            "action" => Ok(typed(at, Ty::String, ExprKind::ActionName)),
            "now" => Ok(typed(at, Ty::Time, ExprKind::Now)),
            "pep" => Ok(typed(at, Ty::String, ExprKind::Pep)),
            "chain" => Ok(self.chain_root(at)),
            "message" => {
                let message = Spanned { node: "message".to_owned(), span: at };
                Ok(typed(at, Ty::Any, ExprKind::Context(checked_name(&message, self.findings)?)))
            }
            later if LATER_ROOTS.contains(&later) => {
                Err(self.report(ExprError::NotSupportedYet { what: later.to_owned(), at }))
            }
            _ => {
                let member = match root {
                    "transaction" => "age",
                    "token" => "acr",
                    "consent" => "given(…)",
                    "signals" => "subject.risk",
                    "sources" => "NAME.MEMBER",
                    _ => "name",
                };
                Err(self.report(ExprError::BareRoot { root: root.to_owned(), member, at }))
            }
        }
    }

    /// A bare level member: of the level the other side has, else of the one visible level that has it.
    fn level_member(&mut self, name: &str, want: Option<&Ty>, at: Span) -> Checked<Expr> {
        if let Some(Ty::Level(level)) = want {
            let (value, ty) = self.member(name, *level, at)?;
            return Ok(typed(at, ty, ExprKind::Literal(value)));
        }
        let all: Vec<LevelId> = self.world.members.get(name).cloned().unwrap_or_default();
        let seen: Vec<LevelId> =
            all.iter().copied().filter(|level| self.world.level_visible(*level, self.package)).collect();
        match (seen.as_slice(), all.first()) {
            ([level], _) => {
                let (value, ty) = self.member(name, *level, at)?;
                Ok(typed(at, ty, ExprKind::Literal(value)))
            }
            ([], Some(level)) => {
                let owner = self.world.levels.get(level.index()).map(|origin| origin.package);
                Err(self.report(ExprError::MemberNotUsed {
                    member: name.to_owned(),
                    level: self.world.level_name(*level).to_owned(),
                    owner: owner.map_or("", |owner| self.world.packages.text(owner)).to_owned(),
                    at,
                }))
            }
            ([], None) => Err(self.unknown_name(name, want, at)),
            (several, _) => {
                let levels = listing(several.iter().map(|level| self.world.level_name(*level)));
                Err(self.report(ExprError::AmbiguousMember { member: name.to_owned(), levels, at }))
            }
        }
    }

    fn unknown_name(&mut self, name: &str, want: Option<&Ty>, at: Span) -> super::Reported {
        let edge = self.edge.iter().flatten().map(|property| property.name.as_str());
        let variables = self.variables.iter().map(|(variable, _)| variable.as_str());
        let members = self.world.members.keys().map(Name::as_str);
        let fields = self.world.context.keys().filter(|_| self.open).map(Name::as_str);
        let roots = ROOTS.into_iter().chain(["limits"]).filter(|root| !self.open || *root == "now");
        let known = edge.chain(variables).chain(members).chain(roots).chain(fields);
        let tasks = self.tasks.iter().flatten().map(|task| task.name.as_str());
        let known = known.chain(tasks);
        let nearest = self.findings.nearest(name, known);
        let as_text = matches!(want, Some(Ty::String | Ty::Any));
        self.report(ExprError::UnknownName { name: name.to_owned(), at, nearest, as_text })
    }

    /// `context.x`, `message.x`, `action.x`, `limits.x`: members of what is no entity.
    pub(super) fn root_member(
        &mut self,
        root: &str,
        name: &Spanned<String>,
        at: Span,
    ) -> Option<Checked<Expr>> {
        if !self.asked || self.open || self.is_local(root) {
            return None;
        }
        match root {
            "context" => Some(self.context_member(name, at)),
            "message" => Some(self.message_member(name, at)),
            "action" => Some(self.action_member(name, at)),
            "limits" => Some(self.limit_member(name, at)),
            "transaction" => Some(self.transaction_member(name, at)),
            "intent" => Some(self.intent_member(name, at)),
            "token" => Some(self.token_member(name, at)),
            "chain" => self.chain_member(name, at),
            "consent" => Some(self.standing_member("consent", name, at)),
            "signals" => Some(self.standing_member("signals", name, at)),
            "sources" => Some(self.source_alone(name, at)),
            _ => None,
        }
    }

    fn context_member(&mut self, name: &Spanned<String>, at: Span) -> Checked<Expr> {
        let checked = checked_name(name, self.findings)?;
        let ty = match self.world.context.get(&checked) {
            Some(field) => field.ty.clone(),
            None => {
                if self.world.context_declared && name.node != "message" {
                    let known = self.world.context.keys().map(Name::as_str);
                    let nearest = self.findings.nearest(&name.node, known);
                    let (name, at) = (name.node.clone(), name.span);
                    self.findings.warn(Warning::UnknownContext { name, at, nearest });
                }
                Ty::Any
            }
        };
        self.usage.ty_used(&ty);
        Ok(typed(at, ty, ExprKind::Context(checked)))
    }

    fn message_member(&mut self, name: &Spanned<String>, at: Span) -> Checked<Expr> {
        let checked = checked_name(name, self.findings)?;
        let ty = match self.world.message.get(&checked) {
            Some(field) => field.ty.clone(),
            None => {
                if self.world.message_declared {
                    let known = self.world.message.keys().map(Name::as_str);
                    let nearest = self.findings.nearest(&name.node, known);
                    let (name, at) = (name.node.clone(), name.span);
                    self.findings.warn(Warning::UnknownMessage { name, at, nearest });
                }
                Ty::Any
            }
        };
        self.usage.ty_used(&ty);
        Ok(typed(at, ty, ExprKind::Message(checked)))
    }

    fn limit_member(&mut self, name: &Spanned<String>, at: Span) -> Checked<Expr> {
        let id = self.world.limit_named(name, self.package, self.findings)?;
        self.usage.limit_used(id);
        let ty = self.world.limit(id).map_or(Ty::Any, |limit| limit.ty.clone());
        Ok(typed(at, ty, ExprKind::Limit(id)))
    }

    /// A property that every action the rule speaks of declares, with one type.
    pub(super) fn action_member(&mut self, name: &Spanned<String>, at: Span) -> Checked<Expr> {
        if name.node == "name" {
            return Ok(typed(at, Ty::String, ExprKind::ActionName));
        }
        let actions = self.rule_actions();
        let (mut found, mut lacking): (Option<Field>, Vec<&str>) = (None, Vec::new());
        for action in actions.iter().filter_map(|id| self.world.schema.action(*id)) {
            match action.properties.iter().find(|property| property.name.as_str() == name.node) {
                None => lacking.push(action.name.as_str()),
                Some(property) => match &found {
                    None => found = Some(property.clone()),
                    Some(known) => match compat::unify(&known.ty, &property.ty) {
                        Some(ty) if same_kind(&known.ty, &property.ty) => {
                            found = Some(Field { ty, ..property.clone() });
                        }
                        _ => {
                            let name = name.node.clone();
                            return Err(self.findings.error(ExprError::PropertyDiffers { name, at }));
                        }
                    },
                },
            }
        }
        let Some(found) = found else {
            let schema = &self.world.schema;
            let properties = actions.iter().filter_map(|id| schema.action(*id)).flat_map(|of| &of.properties);
            let nearest =
                self.findings.nearest(&name.node, properties.map(|property| property.name.as_str()));
            let error = ExprError::UnknownProperty { name: name.node.clone(), at: name.span, nearest };
            return Err(self.report(error));
        };
        if !lacking.is_empty() {
            let lacking = listing(lacking.into_iter());
            let error = ExprError::LackingProperty { name: name.node.clone(), lacking, at: name.span };
            return Err(self.findings.error(error));
        }
        Ok(typed(at, found.ty, ExprKind::ActionProperty(found.name)))
    }

    /// The actions the rule speaks of: those it names, else all that apply to what it selects.
    fn rule_actions(&self) -> Vec<ActionId> {
        if let Some(actions) = &self.actions {
            return actions.to_vec();
        }
        let resource = &self.parties.resource;
        let applies = |at: &usize| {
            let resources = self.world.schema.actions().get(*at).map(|action| &action.resources);
            resources.is_some_and(|types| resource.is_empty() || compat::overlap(resource, types))
        };
        let ids = (0..self.world.schema.actions().len()).filter(applies);
        ids.filter_map(|at| u16::try_from(at).ok().map(ActionId)).collect()
    }
}

/// True when both hold the same kind of value; only then is a common type more than a guess.
fn same_kind(a: &Ty, b: &Ty) -> bool {
    (*a == Ty::Any) == (*b == Ty::Any)
}
