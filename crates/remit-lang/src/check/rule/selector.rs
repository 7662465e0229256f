//! `for`, `as`, `on` and `to`: what a rule speaks of, and whether that can ever be.

use std::sync::Arc;

use remit_model::{ActionId, EntityRef, Name, TypeId};

use crate::ast::{self, SelectorKind};
use crate::checked::{Selector, Term, Within};
use crate::source::{Span, Spanned};

use super::super::findings::{Checked, Findings};
use super::super::names::NameError;
use super::super::outline::IntentIx;
use super::super::package::PackageId;
use super::super::usage::Usage;
use super::super::warning::Warning;
use super::super::world::World;
use super::RuleError;
use super::clauses::{Clauses, Placed};

/// What selectors are resolved against.
pub(in crate::check) struct Scope<'s> {
    pub(in crate::check) world: &'s World,
    pub(in crate::check) usage: &'s mut Usage,
    pub(in crate::check) findings: &'s mut Findings,
    pub(in crate::check) package: PackageId,
}

impl Scope<'_> {
    /// A selector; `any` among its terms selects everything.
    pub(in crate::check) fn selector(
        &mut self,
        clause: Placed<'_, ast::Selector>,
    ) -> Checked<Option<Selector>> {
        let Some((written, _)) = clause else { return Ok(None) };
        let mut terms: Vec<Term> = Vec::new();
        let mut any = written.is_empty();
        let mut failed = None;
        for term in written {
            match self.term(term) {
                Ok(None) => any = true,
                Ok(Some(term)) if terms.contains(&term) => {}
                Ok(Some(term)) => terms.push(term),
                Err(reported) => failed = Some(reported),
            }
        }
        match failed {
            Some(reported) => Err(reported),
            None if any => Ok(None),
            None => Ok(Some(Selector { terms })),
        }
    }

    /// One term; nothing for `any`.
    pub(in crate::check) fn term(&mut self, written: &ast::Selector) -> Checked<Option<Term>> {
        Ok(Some(match &written.kind {
            SelectorKind::Any => return Ok(None),
            SelectorKind::Type(name) => Term::Type(self.type_named(name)?),
            SelectorKind::Entity(entity) => {
                let (id, entity) = self.entity(entity)?;
                Term::Entity(id, entity)
            }
            SelectorKind::MemberOf(name, group) => {
                let (member, group_ref) = (self.type_named(name), self.entity(group));
                let (member, (group_id, group_ref)) = (member?, group_ref?);
                if !self.world.membership.possible(member, group_id) {
                    return Err(self.findings.error(RuleError::NeverMember {
                        member: format!("`{}`", name.node),
                        group: format!("`{}`", group.kind.node),
                        at: written.span,
                    }));
                }
                Term::MemberOf(member, group_ref)
            }
        }))
    }

    fn type_named(&mut self, name: &Spanned<String>) -> Checked<TypeId> {
        let id = self.world.type_named(name, self.package, self.findings)?;
        self.usage.type_used(id);
        Ok(id)
    }

    /// An entity of a declared type.
    pub(in crate::check) fn entity(&mut self, entity: &ast::Entity) -> Checked<(TypeId, EntityRef)> {
        let id = self.type_named(&entity.kind)?;
        let malformed = |reason| NameError::Malformed { reason, at: entity.kind.span };
        let kind = Name::new(&entity.kind.node).map_err(|reason| self.findings.error(malformed(reason)))?;
        Ok((id, EntityRef::new(kind, &entity.id.node)))
    }

    /// The named actions, sorted and each once; nothing for `any`.
    pub(in crate::check) fn actions(
        &mut self,
        clause: Placed<'_, Spanned<String>>,
    ) -> Checked<Option<Vec<ActionId>>> {
        let Some((names, _)) = clause.filter(|(names, _)| !names.is_empty()) else {
            self.usage.every_action_used();
            return Ok(None);
        };
        let ids: Vec<Checked<ActionId>> =
            names.iter().map(|name| self.world.action_named(name, self.package, self.findings)).collect();
        let mut ids: Vec<ActionId> = ids.into_iter().collect::<Checked<_>>()?;
        ids.sort_unstable();
        ids.dedup();
        ids.iter().for_each(|id| self.usage.action_used(*id));
        Ok(Some(ids))
    }

    /// `via`: skills and tools, nothing else.
    pub(in crate::check) fn via(&mut self, clause: Placed<'_, ast::Selector>) -> Checked<Option<Selector>> {
        let selector = self.selector(clause)?;
        let roles = &self.world.roles;
        for (term, written) in selector.iter().flat_map(|of| &of.terms).zip(clause.iter().flat_map(|of| of.0))
        {
            let of = type_of(term);
            if Some(of) != roles.skill && Some(of) != roles.tool {
                let (name, at) = (self.world.type_name(of).to_owned(), written.span);
                return Err(self.findings.error(RuleError::NotASkill { name, tools: true, at }));
            }
        }
        Ok(selector)
    }

    /// `within`: declared intents, and `none`.
    pub(in crate::check) fn within(
        &mut self,
        clause: Placed<'_, Spanned<String>>,
    ) -> Checked<(Option<Within>, Option<Vec<IntentIx>>)> {
        let Some((names, _)) = clause else { return Ok((None, None)) };
        let mut within = Within { intents: Vec::new(), none: false };
        let mut meant = Vec::new();
        let mut failed = None;
        for name in names {
            if name.node == "none" {
                within.none = true;
                continue;
            }
            let found = self.world.intent_named(name, self.package, self.findings).and_then(|(ix, id)| {
                self.world.intent_seen(ix, name, self.package, self.findings)?;
                Ok((ix, id))
            });
            match found {
                Ok((ix, id)) => {
                    meant.push(ix);
                    within.intents.push(id);
                }
                Err(reported) => failed = Some(reported),
            }
        }
        within.intents.sort_unstable();
        within.intents.dedup();
        failed.map_or(Ok((Some(within), Some(meant))), Err)
    }
}

/// The type a term selects.
pub(in crate::check) fn type_of(term: &Term) -> TypeId {
    match term {
        Term::Type(id) | Term::Entity(id, _) | Term::MemberOf(id, _) => *id,
    }
}

/// The types a selector selects, in order; empty means any.
pub(in crate::check) fn types(selector: Option<&Selector>) -> Arc<[TypeId]> {
    let mut types: Vec<TypeId> = selector.iter().flat_map(|of| &of.terms).map(type_of).collect();
    types.sort_unstable();
    types.dedup();
    types.into()
}

/// Refuses an action that applies to nothing the rule selects; warns of a selected type that no action applies to.
pub(in crate::check) fn applies(
    world: &World,
    findings: &mut Findings,
    clauses: &Clauses<'_>,
    actions: Option<&[ActionId]>,
    resources: Option<&Selector>,
) -> Checked<()> {
    let Some(resources) = resources else { return Ok(()) };
    let selected = types(Some(resources));
    let mut failed = None;
    let mut never = |why: String, at: Span, findings: &mut Findings| {
        let what = clauses.called.clone();
        failed = Some(findings.error(RuleError::NeverApplies { what, why, at }));
    };
    let on = clauses.resources.map(|(_, at)| at).unwrap_or_default();
    let mut reachable: Vec<TypeId> = Vec::new();
    match actions {
        Some(ids) => {
            for id in ids {
                let Some(action) = world.schema.action(*id) else { continue };
                if !action.resources.iter().any(|of| selected.contains(of)) {
                    let written = clauses.actions.into_iter().flat_map(|(names, _)| names);
                    let written = written.into_iter().find(|name| name.node == action.name.as_str());
                    let why = format!("`{}` is not an action on anything it selects", action.name);
                    never(why, written.map_or(on, |name| name.span), findings);
                }
                reachable.extend(&action.resources);
            }
        }
        None => {
            reachable.extend(world.schema.actions().iter().flat_map(|action| &action.resources));
            if !reachable.iter().any(|of| selected.contains(of)) {
                never("no action is declared on anything it selects".to_owned(), on, findings);
            }
        }
    }
    if let Some(reported) = failed {
        return Err(reported);
    }
    for of in selected.iter().filter(|of| !reachable.contains(of)) {
        let name = world.type_name(*of).to_owned();
        findings.warn(Warning::SelectsInVain { name, at: on });
    }
    Ok(())
}
