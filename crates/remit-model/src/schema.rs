//! Declared types, relations, actions and levels, with dense ids and a fingerprint of the whole.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::{Name, Ty};

macro_rules! dense_id {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u16);
        impl $name {
            /// The id as an index.
            #[must_use]
            pub fn index(self) -> usize { usize::from(self.0) }
        }
    )*};
}

dense_id! {
    /// An entity type of one schema.
    TypeId
    /// An attribute or relation *name* of one schema; types that share a name share the id.
    AttrId
    /// An action of one schema.
    ActionId
    /// A level of one schema.
    LevelId
}

/// Where a value may come from. A value from any other source is not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Provenance {
    /// The decision point's own record.
    Graph,
    /// A verified claim.
    Token,
    /// Asserted by the PEP.
    Request,
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Graph => "graph",
            Self::Token => "token",
            Self::Request => "request",
        })
    }
}

/// A named, typed member: an action property, a context member, a property of a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name as written.
    pub name: Name,
    /// Its type.
    pub ty: Ty,
    /// Declared with `?`: absence is normal.
    pub optional: bool,
}

/// What makes an attribute a relation: its values are edges to other nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// The types an edge may end in, sorted; empty means any type.
    pub targets: Arc<[crate::TypeId]>,
    /// `set<T>` rather than `T`.
    pub many: bool,
    /// `x in y` follows this relation: it is named `member_of` or declared `membership`.
    pub membership: bool,
    /// Properties an edge may carry.
    pub properties: Vec<Field>,
}

/// An attribute of an entity type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The id of its name.
    pub id: AttrId,
    /// Its name.
    pub name: Name,
    /// Its type; for a relation the entity type or the set of it.
    pub ty: Ty,
    /// Declared with `?`.
    pub optional: bool,
    /// Sources in order: the first that has a value counts. Never empty.
    pub sources: Vec<Provenance>,
    /// Present when values are edges.
    pub relation: Option<Relation>,
}

/// An entity type with its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityType {
    /// Its name.
    pub name: Name,
    /// In declaration order.
    pub attributes: Vec<Attribute>,
}

impl EntityType {
    /// The attribute of this type with that name id.
    #[must_use]
    pub fn attribute(&self, id: AttrId) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.id == id)
    }
}

/// A declared action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its name.
    pub name: Name,
    /// The resource types it applies to, sorted.
    pub resources: Vec<TypeId>,
    /// Its properties (`action.amount`).
    pub properties: Vec<Field>,
}

/// An ordered classification, weakest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Its name.
    pub name: Name,
    /// Members, rank 0 first.
    pub members: Vec<Name>,
}

impl Level {
    /// The rank of a member, compared byte for byte.
    #[must_use]
    pub fn rank(&self, member: &str) -> Option<u16> {
        self.members.iter().position(|name| name.as_str() == member).and_then(|at| u16::try_from(at).ok())
    }
}

/// SHA-256 over the canonical text of a schema, in hex.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SchemaId(pub String);

/// Everything declared, immutable. Ids of one schema mean nothing in another.
#[derive(Debug, Clone)]
pub struct Schema {
    types: Vec<EntityType>,
    attrs: Vec<Name>,
    actions: Vec<Action>,
    levels: Vec<Level>,
    context: Vec<Field>,
    message: Vec<Field>,
    claims: Vec<Field>,
    type_ids: HashMap<Name, TypeId>,
    attr_ids: HashMap<Name, AttrId>,
    action_ids: HashMap<Name, ActionId>,
    level_ids: HashMap<Name, LevelId>,
    id: SchemaId,
}

impl Schema {
    /// Starts an empty schema.
    #[must_use]
    pub fn builder() -> SchemaBuilder {
        SchemaBuilder::default()
    }

    /// The fingerprint.
    #[must_use]
    pub fn id(&self) -> &SchemaId {
        &self.id
    }

    /// Every entity type; index = [`TypeId`].
    #[must_use]
    pub fn types(&self) -> &[EntityType] {
        &self.types
    }

    /// Every attribute name; index = [`AttrId`].
    #[must_use]
    pub fn attrs(&self) -> &[Name] {
        &self.attrs
    }

    /// Every action; index = [`ActionId`].
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// Every level; index = [`LevelId`].
    #[must_use]
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// Declared members of the request context; others are of type [`Ty::Any`].
    #[must_use]
    pub fn context(&self) -> &[Field] {
        &self.context
    }

    /// Members of messages: those that are computed and those declared; others are of type [`Ty::Any`].
    #[must_use]
    pub fn message(&self) -> &[Field] {
        &self.message
    }

    /// Declared claims of verified tokens (`token.acr`); others are of type [`Ty::Any`].
    #[must_use]
    pub fn claims(&self) -> &[Field] {
        &self.claims
    }

    /// Looks a type up by name.
    #[must_use]
    pub fn type_id(&self, name: &str) -> Option<TypeId> {
        self.type_ids.get(name).copied()
    }

    /// Looks an attribute name up.
    #[must_use]
    pub fn attr_id(&self, name: &str) -> Option<AttrId> {
        self.attr_ids.get(name).copied()
    }

    /// Looks an action up by name.
    #[must_use]
    pub fn action_id(&self, name: &str) -> Option<ActionId> {
        self.action_ids.get(name).copied()
    }

    /// Looks a level up by name.
    #[must_use]
    pub fn level_id(&self, name: &str) -> Option<LevelId> {
        self.level_ids.get(name).copied()
    }

    /// The type with this id, when the id is of this schema.
    #[must_use]
    pub fn entity_type(&self, id: TypeId) -> Option<&EntityType> {
        self.types.get(id.index())
    }

    /// The action with this id, when the id is of this schema.
    #[must_use]
    pub fn action(&self, id: ActionId) -> Option<&Action> {
        self.actions.get(id.index())
    }

    /// The level with this id, when the id is of this schema.
    #[must_use]
    pub fn level(&self, id: LevelId) -> Option<&Level> {
        self.levels.get(id.index())
    }

    /// The attribute `id` of type `of`.
    #[must_use]
    pub fn attribute(&self, of: TypeId, id: AttrId) -> Option<&Attribute> {
        self.entity_type(of)?.attribute(id)
    }
}

/// Why declarations do not make a schema. The checker has reported its own, placed errors before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A name of this kind is declared twice.
    #[error("{kind} `{name}` is declared twice")]
    Twice {
        /// `type`, `action`, `level` or `attribute`.
        kind: &'static str,
        /// The name.
        name: Name,
    },
    /// More than 65,535 of one kind.
    #[error("too many declarations of one kind: at most 65535")]
    TooMany,
}

/// Collects declarations; ids are handed out in order of declaration.
#[derive(Debug, Default)]
pub struct SchemaBuilder {
    types: Vec<EntityType>,
    attrs: Vec<Name>,
    actions: Vec<Action>,
    levels: Vec<Level>,
    context: Vec<Field>,
    message: Vec<Field>,
    claims: Vec<Field>,
    type_ids: HashMap<Name, TypeId>,
    attr_ids: HashMap<Name, AttrId>,
    action_ids: HashMap<Name, ActionId>,
    level_ids: HashMap<Name, LevelId>,
}

impl SchemaBuilder {
    /// Declares a type without attributes yet, so that types can refer to each other.
    ///
    /// # Errors
    /// The name is taken, or there are too many types.
    pub fn declare_type(&mut self, name: Name) -> Result<TypeId, SchemaError> {
        let id = TypeId(next(self.types.len())?);
        if self.type_ids.contains_key(&name) {
            return Err(SchemaError::Twice { kind: "type", name });
        }
        self.type_ids.insert(name.clone(), id);
        self.types.push(EntityType { name, attributes: Vec::new() });
        Ok(id)
    }

    /// Adds an attribute to a declared type; `id` must come from [`Self::attr`].
    ///
    /// # Errors
    /// The type has an attribute of that name already.
    pub fn add_attribute(&mut self, to: TypeId, attribute: Attribute) -> Result<(), SchemaError> {
        let Some(entity_type) = self.types.get_mut(to.index()) else { return Ok(()) };
        if entity_type.attribute(attribute.id).is_some() {
            return Err(SchemaError::Twice { kind: "attribute", name: attribute.name });
        }
        entity_type.attributes.push(attribute);
        Ok(())
    }

    /// Interns an attribute name.
    ///
    /// # Errors
    /// There are too many names.
    pub fn attr(&mut self, name: &Name) -> Result<AttrId, SchemaError> {
        if let Some(id) = self.attr_ids.get(name) {
            return Ok(*id);
        }
        let id = AttrId(next(self.attrs.len())?);
        self.attrs.push(name.clone());
        self.attr_ids.insert(name.clone(), id);
        Ok(id)
    }

    /// Declares an action.
    ///
    /// # Errors
    /// The name is taken, or there are too many actions.
    pub fn declare_action(&mut self, action: Action) -> Result<ActionId, SchemaError> {
        let id = ActionId(next(self.actions.len())?);
        if self.action_ids.contains_key(&action.name) {
            return Err(SchemaError::Twice { kind: "action", name: action.name });
        }
        self.action_ids.insert(action.name.clone(), id);
        self.actions.push(action);
        Ok(id)
    }

    /// Declares a level.
    ///
    /// # Errors
    /// The name is taken, or there are too many levels.
    pub fn declare_level(&mut self, level: Level) -> Result<LevelId, SchemaError> {
        let id = LevelId(next(self.levels.len())?);
        if self.level_ids.contains_key(&level.name) {
            return Err(SchemaError::Twice { kind: "level", name: level.name });
        }
        self.level_ids.insert(level.name.clone(), id);
        self.levels.push(level);
        Ok(id)
    }

    /// Declares a member of the request context.
    pub fn declare_context(&mut self, field: Field) {
        self.context.push(field);
    }

    /// Declares a member of messages.
    pub fn declare_message(&mut self, field: Field) {
        self.message.push(field);
    }

    /// Declares a claim of verified tokens.
    pub fn declare_claim(&mut self, field: Field) {
        self.claims.push(field);
    }

    /// Looks a declared type up.
    #[must_use]
    pub fn type_id(&self, name: &str) -> Option<TypeId> {
        self.type_ids.get(name).copied()
    }

    /// Looks a declared level up.
    #[must_use]
    pub fn level_id(&self, name: &str) -> Option<LevelId> {
        self.level_ids.get(name).copied()
    }

    /// Freezes the schema and computes its fingerprint.
    #[must_use]
    pub fn finish(self) -> Schema {
        let mut hash = Sha256::new();
        // WHY: Debug of plain data is a stable, complete text within one release; the fingerprint only guards
        // program and graph of one process, and records name the digest of the policy text besides.
        hash.update(format!(
            "{:?}{:?}{:?}{:?}{:?}{:?}",
            self.types, self.actions, self.levels, self.context, self.message, self.claims
        ));
        let id = SchemaId(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        Schema {
            types: self.types,
            attrs: self.attrs,
            actions: self.actions,
            levels: self.levels,
            context: self.context,
            message: self.message,
            claims: self.claims,
            type_ids: self.type_ids,
            attr_ids: self.attr_ids,
            action_ids: self.action_ids,
            level_ids: self.level_ids,
            id,
        }
    }
}

fn next(len: usize) -> Result<u16, SchemaError> {
    u16::try_from(len).map_err(|_| SchemaError::TooMany)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    #[test]
    fn ids_follow_declaration_and_names_are_unique() {
        let mut builder = Schema::builder();
        let user = builder.declare_type(name("user")).unwrap();
        assert_eq!(
            builder.declare_type(name("user")).unwrap_err(),
            SchemaError::Twice { kind: "type", name: name("user") }
        );
        let email = builder.attr(&name("email")).unwrap();
        assert_eq!(builder.attr(&name("email")).unwrap(), email);
        let attribute = Attribute {
            id: email,
            name: name("email"),
            ty: Ty::String,
            optional: false,
            sources: vec![Provenance::Graph],
            relation: None,
        };
        builder.add_attribute(user, attribute.clone()).unwrap();
        assert!(builder.add_attribute(user, attribute).is_err());
        let schema = builder.finish();
        assert_eq!(schema.type_id("user"), Some(user));
        assert_eq!(schema.attribute(user, email).unwrap().ty, Ty::String);
    }

    #[test]
    fn the_fingerprint_sees_every_declaration() {
        let build = |members: &[&str]| {
            let mut builder = Schema::builder();
            let members = members.iter().map(|m| name(m)).collect();
            builder.declare_level(Level { name: name("l"), members }).unwrap();
            builder.finish().id().clone()
        };
        assert_eq!(build(&["a", "b"]), build(&["a", "b"]));
        assert_ne!(build(&["a", "b"]), build(&["b", "a"]));
    }
}
