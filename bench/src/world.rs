//! A world: entities, policies in three languages, and the questions asked in it. Knows no engine.

pub mod gdrive;
pub mod github;
pub mod scoped;
pub mod search;
pub mod todo;

/// An entity by its place in [`World::entities`].
pub type At = u32;

/// A property of an entity.
#[derive(Debug, Clone)]
pub enum Plain {
    /// Text.
    Text(String),
    /// True or false.
    Flag(bool),
    /// A set of texts.
    Texts(Vec<&'static str>),
}

/// An entity with everything known about it.
#[derive(Debug, Clone)]
pub struct Entity {
    /// Its type.
    pub kind: &'static str,
    /// Its id, unique within the type.
    pub id: String,
    /// Its properties.
    pub properties: Vec<(&'static str, Plain)>,
    /// What it is a member of; the relation is called `member_of`.
    pub parents: Vec<At>,
    /// Relations to one.
    pub one: Vec<(&'static str, At)>,
    /// Relations to many.
    pub many: Vec<(&'static str, Vec<At>)>,
    /// Sets that only the peers are given, because they cannot walk to them: worked out beforehand.
    pub flattened: Vec<(&'static str, Vec<At>)>,
}

impl Entity {
    /// An entity of which nothing is known yet.
    #[must_use]
    pub fn new(kind: &'static str, id: String) -> Self {
        Self {
            kind,
            id,
            properties: Vec::new(),
            parents: Vec::new(),
            one: Vec::new(),
            many: Vec::new(),
            flattened: Vec::new(),
        }
    }
}

/// One question: may the subject do this to the resource?
#[derive(Debug, Clone)]
pub struct Ask {
    /// Who.
    pub subject: At,
    /// What.
    pub action: &'static str,
    /// To what.
    pub resource: At,
    /// What the caller asserts about the resource.
    pub asserted: Vec<(&'static str, String)>,
}

/// Everything three engines need to answer the same questions.
#[derive(Debug)]
pub struct World {
    /// Its name in the tables.
    pub name: String,
    /// How many rules its policies have.
    pub rules: usize,
    /// Its entities.
    pub entities: Vec<Entity>,
    /// Its policies in the language of Remit, by file.
    pub remit: Vec<String>,
    /// Its policies in Cedar.
    pub cedar: String,
    /// Its policies in Rego: package `bench`, rule `allow`.
    pub rego: String,
    /// The questions, in random order.
    pub asks: Vec<Ask>,
}

impl World {
    /// Adds an entity.
    pub(crate) fn add(entities: &mut Vec<Entity>, entity: Entity) -> At {
        entities.push(entity);
        At::try_from(entities.len() - 1).unwrap_or(At::MAX)
    }

    /// Edges of the graph that Remit is given.
    #[must_use]
    pub fn edges(&self) -> usize {
        let of = |entity: &Entity| {
            entity.parents.len()
                + entity.one.len()
                + entity.many.iter().map(|(_, to)| to.len()).sum::<usize>()
        };
        self.entities.iter().map(of).sum()
    }

    /// The entity at a place.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn at(&self, at: At) -> &Entity {
        &self.entities[at as usize]
    }

    /// The question as the body of an AuthZEN evaluation.
    #[must_use]
    pub fn body(&self, ask: &Ask) -> String {
        let (subject, resource) = (self.at(ask.subject), self.at(ask.resource));
        let mut body = serde_json::json!({
            "subject": { "type": subject.kind, "id": subject.id },
            "action": { "name": ask.action },
            "resource": { "type": resource.kind, "id": resource.id },
        });
        if !ask.asserted.is_empty() {
            let members =
                ask.asserted.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into()));
            body["resource"]["properties"] = serde_json::Value::Object(members.collect());
        }
        body.to_string()
    }
}
