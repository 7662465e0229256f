//! Documents by the million, of which each user may see exactly one hundred.

use super::gdrive::REMIT;
use super::{At, Entity, World};

/// Users, and as many groups of one member.
const USERS: usize = 10_000;

/// A world of 1,000,000 documents: each user owns 50 and sees 50 more through a group. No questions, no peers.
#[must_use]
pub fn world() -> World {
    let mut entities = Vec::with_capacity(USERS * 2 + 1_000_000);
    let group = |at: usize| At::try_from(at).unwrap_or(0);
    for at in 0..USERS {
        World::add(&mut entities, Entity::new("group", format!("group-{at}")));
    }
    for at in 0..USERS {
        let mut user = Entity::new("user", format!("user-{at}"));
        user.parents.push(group(at));
        World::add(&mut entities, user);
    }
    for at in 0..1_000_000 {
        let mut document = Entity::new("document", format!("document-{at}"));
        let half = USERS * 2;
        // WHY: only every second pass over the users owns or is shared with, so that 100 passes give 50 and 50.
        if at % half < USERS {
            document.one.push(("owner", group(USERS + at % USERS)));
        } else {
            document.many.push(("viewers", vec![group(at * 7 % USERS)]));
        }
        World::add(&mut entities, document);
    }
    World {
        name: "search".to_owned(),
        rules: 5,
        entities,
        remit: vec![REMIT.to_owned()],
        cedar: String::new(),
        rego: String::new(),
        asks: Vec::new(),
    }
}
