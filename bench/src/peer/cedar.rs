//! Cedar in process: entities and policies preloaded, transitive closure computed, requests prebuilt.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression,
};
use serde::Deserialize;

use crate::world::{Ask, At, Plain, World};

/// Cedar with a world loaded.
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    types: HashMap<&'static str, EntityTypeName>,
}

impl std::fmt::Debug for Cedar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cedar").finish_non_exhaustive()
    }
}

/// Text to policy set.
///
/// # Panics
/// When the text is refused.
#[must_use]
pub fn policies(text: &str) -> PolicySet {
    PolicySet::from_str(text).expect("the world speaks Cedar")
}

impl Cedar {
    /// Loads a world.
    ///
    /// # Panics
    /// When Cedar refuses it.
    #[must_use]
    pub fn load(world: &World) -> Self {
        let mut types: HashMap<&'static str, EntityTypeName> = HashMap::new();
        for kind in world.entities.iter().map(|entity| entity.kind).chain(["Action"]) {
            types.entry(kind).or_insert_with(|| EntityTypeName::from_str(kind).expect("a Cedar name"));
        }
        let uid = |at: At| {
            let entity = world.at(at);
            EntityUid::from_type_name_and_id(types[entity.kind].clone(), EntityId::new(&entity.id))
        };
        let entity = |at: usize| {
            let at = At::try_from(at).unwrap_or(At::MAX);
            let entity = world.at(at);
            let parents: HashSet<EntityUid> = entity.parents.iter().map(|to| uid(*to)).collect();
            Entity::new(uid(at), attributes(world, at, &uid), parents).expect("constants")
        };
        let entities =
            Entities::from_entities((0..world.entities.len()).map(entity), None).expect("no cycles");
        Self { authorizer: Authorizer::new(), policies: policies(&world.cedar), entities, types }
    }

    fn uid(&self, kind: &str, id: &str) -> EntityUid {
        EntityUid::from_type_name_and_id(self.types[kind].clone(), EntityId::new(id))
    }

    fn request_of(&self, subject: (&str, &str), action: &str, resource: (&str, &str)) -> Request {
        let uid = |(kind, id)| self.uid(kind, id);
        Request::new(uid(subject), uid(("Action", action)), uid(resource), Context::empty(), None)
            .expect("no schema")
    }

    /// A question, prepared.
    ///
    /// # Panics
    /// Never without a schema.
    #[must_use]
    pub fn request(&self, world: &World, ask: &Ask) -> Request {
        let (subject, resource) = (world.at(ask.subject), world.at(ask.resource));
        self.request_of((subject.kind, &subject.id), ask.action, (resource.kind, &resource.id))
    }

    /// Request to answer with the ids of the policies that decided.
    #[must_use]
    pub fn decide(&self, request: &Request) -> bool {
        let response = self.authorizer.is_authorized(request, &self.policies, &self.entities);
        std::hint::black_box(response.diagnostics().reason().count());
        response.decision() == Decision::Allow
    }

    /// Body to answer: serde_json into a struct, request built, decided.
    ///
    /// # Panics
    /// When the body is no evaluation.
    #[must_use]
    pub fn decide_body(&self, body: &[u8]) -> bool {
        let body: Body<'_> = serde_json::from_slice(body).expect("it is an evaluation");
        let (subject, resource) =
            ((body.subject.kind, body.subject.id), (body.resource.kind, body.resource.id));
        self.decide(&self.request_of(subject, body.action.name, resource))
    }
}

/// An evaluation as serde_json reads it.
#[derive(Debug, Deserialize)]
pub struct Body<'a> {
    /// Who.
    #[serde(borrow)]
    pub subject: Party<'a>,
    /// What.
    #[serde(borrow)]
    pub action: Action<'a>,
    /// To what.
    #[serde(borrow)]
    pub resource: Party<'a>,
}

/// Subject or resource of a [`Body`].
#[derive(Debug, Deserialize)]
pub struct Party<'a> {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// Its id.
    pub id: &'a str,
    /// What the caller asserts.
    pub properties: Option<serde_json::Value>,
}

/// Action of a [`Body`].
#[derive(Debug, Deserialize)]
pub struct Action<'a> {
    /// Its name.
    pub name: &'a str,
}

fn attributes(
    world: &World,
    at: At,
    uid: &impl Fn(At) -> EntityUid,
) -> HashMap<String, RestrictedExpression> {
    let entity = world.at(at);
    let reference = |to: &At| RestrictedExpression::new_entity_uid(uid(*to));
    let plain = entity.properties.iter().map(|(name, value)| {
        let value = match value {
            Plain::Text(text) => RestrictedExpression::new_string(text.clone()),
            Plain::Flag(flag) => RestrictedExpression::new_bool(*flag),
            Plain::Texts(texts) => RestrictedExpression::new_set(
                texts.iter().map(|text| RestrictedExpression::new_string((*text).to_owned())),
            ),
        };
        ((*name).to_owned(), value)
    });
    let one = entity.one.iter().map(|(name, to)| ((*name).to_owned(), reference(to)));
    let many =
        entity.many.iter().chain(&entity.flattened).map(|(name, all)| {
            ((*name).to_owned(), RestrictedExpression::new_set(all.iter().map(reference)))
        });
    plain.chain(one).chain(many).collect()
}
