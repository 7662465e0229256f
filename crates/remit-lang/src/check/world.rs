//! Everything declared, for look-up: by name and package, by type and attribute. Knows no rules and files nothing
//! but the errors of the names it is asked for.

use std::collections::HashMap;
use std::sync::Arc;

use remit_model::{ActionId, Field, LevelId, Name, Roles, Schema, Ty, TypeId};

use crate::checked::{Limit, LimitId};
use crate::source::{Span, Spanned};

use super::findings::{Checked, Findings};
use super::membership::Membership;
use super::names::{NameError, What};
use super::outline::Outline;
use super::package::{PackageId, Packages};
use super::schema::Service;

/// The declared schema with its owners, and tables for look-up.
#[derive(Debug)]
pub(super) struct World {
    pub(super) schema: Arc<Schema>,
    pub(super) packages: Packages,
    /// Package and place of each type, level, action and limit; index = id.
    pub(super) types: Vec<Origin>,
    pub(super) levels: Vec<Origin>,
    pub(super) actions: Vec<Vec<Origin>>,
    pub(super) limit_origins: Vec<Origin>,
    pub(super) limits: Vec<Limit>,
    pub(super) limit_ids: HashMap<Name, LimitId>,
    /// The levels that have a member of this name.
    pub(super) members: HashMap<Name, Vec<LevelId>>,
    /// The types that have an attribute of this name; index = attribute id.
    pub(super) holders: Vec<Vec<TypeId>>,
    pub(super) context: HashMap<Name, Field>,
    /// True when some file declares what the context holds.
    pub(super) context_declared: bool,
    /// The members of messages that are computed or declared.
    pub(super) message: HashMap<Name, Field>,
    /// True when some file declares what messages hold.
    pub(super) message_declared: bool,
    /// Services outside, in order of name.
    pub(super) services: Vec<Service>,
    pub(super) every_type: Arc<[TypeId]>,
    pub(super) membership: Membership,
    /// The claims of tokens that are known to everybody or declared.
    pub(super) claims: HashMap<Name, Field>,
    pub(super) roles: Roles,
    /// Intents, tasks and labels by name.
    pub(super) outline: Outline,
}

/// Who declared something, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    pub(super) package: PackageId,
    pub(super) at: Span,
}

impl World {
    /// The entity type of this name, when the package may use it.
    pub(super) fn type_named(
        &self,
        name: &Spanned<String>,
        package: PackageId,
        findings: &mut Findings,
    ) -> Checked<TypeId> {
        let Some(id) = self.schema.type_id(&name.node) else {
            let names = self.schema.types().iter().map(|of| of.name.as_str());
            let nearest = findings.nearest(&name.node, names);
            return Err(findings.error(unknown(What::Type, name, nearest)));
        };
        let owner = self.types.get(id.index()).map(|origin| origin.package);
        self.seen("type", name, owner, package, findings)?;
        Ok(id)
    }

    /// The action of this name, when the package may use it.
    pub(super) fn action_named(
        &self,
        name: &Spanned<String>,
        package: PackageId,
        findings: &mut Findings,
    ) -> Checked<ActionId> {
        let Some(id) = self.schema.action_id(&name.node) else {
            let names = self.schema.actions().iter().map(|of| of.name.as_str());
            let nearest = findings.nearest(&name.node, names);
            return Err(findings.error(unknown(What::Action, name, nearest)));
        };
        let owners = self.actions.get(id.index()).map_or(&[] as &[Origin], Vec::as_slice);
        let visible = owners.iter().find(|origin| self.packages.sees(package, origin.package));
        let owner = visible.or(owners.first()).map(|origin| origin.package);
        self.seen("action", name, owner, package, findings)?;
        Ok(id)
    }

    /// The limit of this name, when the package may use it.
    pub(super) fn limit_named(
        &self,
        name: &Spanned<String>,
        package: PackageId,
        findings: &mut Findings,
    ) -> Checked<LimitId> {
        let Some(id) = self.limit_ids.get(name.node.as_str()).copied() else {
            let nearest = findings.nearest(&name.node, self.limit_ids.keys().map(Name::as_str));
            return Err(findings.error(unknown(What::Limit, name, nearest)));
        };
        let owner = self.limit_origins.get(usize::from(id.0)).map(|origin| origin.package);
        self.seen("limit", name, owner, package, findings)?;
        Ok(id)
    }

    /// The limit with this id.
    pub(super) fn limit(&self, id: LimitId) -> Option<&Limit> {
        self.limits.get(usize::from(id.0))
    }

    /// True when members of the level may stand in the package by their bare names.
    pub(super) fn level_visible(&self, level: LevelId, package: PackageId) -> bool {
        self.levels.get(level.index()).is_some_and(|origin| self.packages.sees(package, origin.package))
    }

    /// The types of an entity: itself, or every declared one where nothing narrows it.
    pub(super) fn possible<'a>(&'a self, types: &'a Arc<[TypeId]>) -> &'a [TypeId] {
        if types.is_empty() { &self.every_type } else { types }
    }

    /// The name of a type.
    pub(super) fn type_name(&self, id: TypeId) -> &str {
        self.schema.entity_type(id).map_or("", |of| of.name.as_str())
    }

    /// The name of a level.
    pub(super) fn level_name(&self, id: LevelId) -> &str {
        self.schema.level(id).map_or("", |level| level.name.as_str())
    }

    /// A type in the words of the language.
    pub(super) fn show(&self, ty: &Ty) -> String {
        match ty {
            Ty::Bool => "bool".to_owned(),
            Ty::Int => "int".to_owned(),
            Ty::Decimal => "decimal".to_owned(),
            Ty::String => "string".to_owned(),
            Ty::Time => "time".to_owned(),
            Ty::Duration => "duration".to_owned(),
            Ty::Ip => "ip".to_owned(),
            Ty::Level(id) => self.level_name(*id).to_owned(),
            Ty::Entity(types) if types.is_empty() => "an entity of any type".to_owned(),
            Ty::Entity(types) => types.iter().map(|id| self.type_name(*id)).collect::<Vec<_>>().join(" | "),
            Ty::Set(inner) => format!("set<{}>", self.show(inner)),
            Ty::Any => "a value of undeclared type".to_owned(),
        }
    }

    pub(super) fn seen(
        &self,
        kind: &'static str,
        name: &Spanned<String>,
        owner: Option<PackageId>,
        reader: PackageId,
        findings: &mut Findings,
    ) -> Checked<()> {
        match owner {
            Some(owner) if !self.packages.sees(reader, owner) => Err(findings.error(NameError::NotUsed {
                kind,
                name: name.node.clone(),
                owner: self.packages.text(owner).to_owned(),
                at: name.span,
            })),
            _ => Ok(()),
        }
    }
}

/// A name that is declared nowhere.
pub(super) fn unknown(what: What, name: &Spanned<String>, nearest: Option<String>) -> NameError {
    NameError::Unknown { what, name: name.node.clone(), at: name.span, nearest }
}
