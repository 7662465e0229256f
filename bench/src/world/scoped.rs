//! Many rules: one for each pair of a group and a folder, none of which differs from the next but in the names.

use std::fmt::Write as _;

use super::{Ask, At, Entity, World};
use crate::random::Random;

/// Users, and as many documents.
const PARTIES: usize = 3_500;

/// Remit takes at most 10,000 items in one file.
const RULES_A_FILE: usize = 5_000;

const SCHEMA: &str = r"package scoped

entity user     { member_of: set<group> }
entity group    { member_of: set<group> }
entity folder   { member_of: set<folder> }
entity document { member_of: set<folder> }
action view, edit on document

";

/// A world with this many rules, as many groups, as many folders, 3,500 users in three groups each, and 3,500
/// documents in a folder each.
#[must_use]
pub fn world(rules: usize) -> World {
    let mut random = Random::new(4);
    let mut entities = Vec::with_capacity(rules * 2 + PARTIES * 2);
    let add = |entities: &mut Vec<Entity>, kind, at| {
        World::add(entities, Entity::new(kind, format!("{kind}-{at}")))
    };
    let groups: Vec<At> = (0..rules).map(|at| add(&mut entities, "group", at)).collect();
    let folders: Vec<At> = (0..rules).map(|at| add(&mut entities, "folder", at)).collect();
    let mut users: Vec<At> = Vec::new();
    for at in 0..PARTIES {
        let user = add(&mut entities, "user", at);
        for _ in 0..3 {
            let group = *random.pick(&groups);
            let parents = &mut entities[user as usize].parents;
            if !parents.contains(&group) {
                parents.push(group);
            }
        }
        users.push(user);
    }
    let mut documents: Vec<At> = Vec::new();
    let mut inside: Vec<Vec<At>> = vec![Vec::new(); rules];
    for at in 0..PARTIES {
        let document = add(&mut entities, "document", at);
        // WHY: every second document lies in the folder that some user may see, so that half of the questions can
        // be answered with allow at any number of rules.
        let wanted = *random.pick(&entities[users[at] as usize].parents.clone()) as usize;
        let folder = if at % 2 == 0 { wanted } else { random.below(rules) };
        entities[document as usize].parents.push(folders[folder]);
        inside[folder].push(document);
        documents.push(document);
    }
    let asks = (0..1_000).map(|_| {
        let user = *random.pick(&users);
        let seen = *random.pick(&entities[user as usize].parents) as usize;
        let resource = match inside[seen].first() {
            Some(document) if random.chance(60) => *document,
            _ => *random.pick(&documents),
        };
        Ask {
            subject: user,
            action: if random.chance(90) { "view" } else { "edit" },
            resource,
            asserted: vec![],
        }
    });
    let asks = asks.collect();
    World {
        name: "scoped".to_owned(),
        rules,
        asks,
        entities,
        remit: remit(rules),
        cedar: cedar(rules),
        rego: rego(rules),
    }
}

/// The schema, then files of at most [`RULES_A_FILE`] rules.
fn remit(rules: usize) -> Vec<String> {
    let mut files = vec![SCHEMA.to_owned()];
    for first in (0..rules).step_by(RULES_A_FILE) {
        let mut text = "package rules\nuse scoped\n".to_owned();
        for at in first..rules.min(first + RULES_A_FILE) {
            let _ = writeln!(
                text,
                "permit r{at} for user in group:group-{at} to view on document in folder:folder-{at}"
            );
        }
        files.push(text);
    }
    files
}

fn cedar(rules: usize) -> String {
    (0..rules).fold(String::new(), |mut text, at| {
        let _ = writeln!(
            text,
            r#"@id("r{at}") permit(principal in group::"group-{at}", action == Action::"view", resource in folder::"folder-{at}");"#
        );
        text
    })
}

fn rego(rules: usize) -> String {
    let start = "package bench\nimport rego.v1\ndefault allow := false\nmember := data.member[input.subject]\nlies := data.member[input.resource]\n";
    (0..rules).fold(start.to_owned(), |mut text, at| {
        let _ = writeln!(
            text,
            r#"allow if {{ input.action == "view"; "group/group-{at}" in member; "folder/folder-{at}" in lies }}"#
        );
        text
    })
}
