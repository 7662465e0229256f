//! Entities and questions, without the words of either engine.

use crate::random::Random;

use crate::policy::{ACTIONS, TEXTS};

/// A plain value.
#[derive(Debug, Clone)]
pub enum Plain {
    Number(i64),
    Flag(bool),
    Text(&'static str),
    Texts(Vec<&'static str>),
}

/// An entity; others are named by their place.
#[derive(Debug, Clone)]
pub struct Entity {
    pub kind: &'static str,
    pub id: String,
    pub properties: Vec<(&'static str, Plain)>,
    pub parents: Vec<usize>,
    pub owner: Option<usize>,
    pub readers: Vec<usize>,
}

/// A question.
#[derive(Debug, Clone)]
pub struct Ask {
    pub subject: usize,
    pub action: &'static str,
    pub resource: usize,
    pub context: Vec<(&'static str, Plain)>,
}

/// All entities.
#[derive(Debug, Clone)]
pub struct World {
    pub entities: Vec<Entity>,
}

const GROUPS: usize = 4;
const PEOPLE: std::ops::Range<usize> = 4..12;
const FOLDERS: std::ops::Range<usize> = 12..16;
const DOCS: std::ops::Range<usize> = 16..22;

fn texts(random: &mut Random) -> Plain {
    Plain::Texts(TEXTS.iter().copied().filter(|_| random.chance(40)).collect())
}

impl World {
    /// Another for every state of `random`. What is optional is missing in some of a hundred.
    pub fn generate(random: &mut Random, missing: usize) -> Self {
        let mut all = Vec::new();
        for (kind, many) in [("group", GROUPS), ("user", 5), ("robot", 3), ("folder", 4), ("doc", 6)] {
            for at in 0..many {
                all.push(Entity {
                    kind,
                    id: format!("{}{at}", &kind[..1]),
                    properties: Vec::new(),
                    parents: Vec::new(),
                    owner: None,
                    readers: Vec::new(),
                });
            }
        }
        for (at, entity) in all.iter_mut().enumerate().take(GROUPS) {
            // Upwards only: no cycles.
            entity.parents = (at + 1..GROUPS).filter(|_| random.chance(35)).collect();
        }
        let here = |random: &mut Random| !random.chance(missing);
        for at in PEOPLE {
            all[at].parents = (0..GROUPS).filter(|_| random.chance(30)).collect();
            let mut properties = Vec::new();
            if here(random) {
                properties.push(("age", Plain::Number(random.below(6) as i64)));
            }
            if here(random) {
                properties.push(("active", Plain::Flag(random.chance(60))));
            }
            if here(random) {
                properties.push(("name", Plain::Text(TEXTS[random.below(TEXTS.len())])));
            }
            if here(random) {
                properties.push(("roles", texts(random)));
            }
            all[at].properties = properties;
        }
        for (at, entity) in all.iter_mut().enumerate().skip(FOLDERS.start) {
            let above: Vec<usize> = FOLDERS.filter(|it| *it < at).collect();
            if !above.is_empty() && random.chance(70) {
                entity.parents = vec![*random.pick(&above)];
            }
            if here(random) {
                entity.owner = Some(PEOPLE.start + random.below(5));
            }
            let mut properties = Vec::new();
            if here(random) {
                properties.push(("size", Plain::Number(random.below(6) as i64)));
            }
            if here(random) {
                properties.push(("secret", Plain::Flag(random.chance(40))));
            }
            if here(random) {
                properties.push(("tags", texts(random)));
            }
            entity.properties = properties;
            if DOCS.contains(&at) {
                entity.readers = PEOPLE.filter(|_| random.chance(40)).collect();
            }
        }
        Self { entities: all }
    }

    /// A question in it.
    pub fn ask(random: &mut Random, missing: usize) -> Ask {
        let mut context = Vec::new();
        if !random.chance(missing) {
            context.push(("risk", Plain::Number(random.below(6) as i64)));
        }
        if !random.chance(missing) {
            context.push(("place", Plain::Text(TEXTS[random.below(TEXTS.len())])));
        }
        Ask {
            subject: PEOPLE.start + random.below(PEOPLE.len()),
            action: ACTIONS[random.below(ACTIONS.len())],
            resource: FOLDERS.start + random.below(DOCS.end - FOLDERS.start),
            context,
        }
    }
}
