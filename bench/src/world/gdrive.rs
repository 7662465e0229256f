//! A world like a document drive: documents in folders in folders, shared with users and nested groups.

use std::ops::Range;

use super::{Ask, At, Entity, World};
use crate::random::Random;

const ACTIONS: [&str; 3] = ["view", "edit", "share"];

pub(super) const REMIT: &str = r"package gdrive

entity user     { member_of: set<group> }
entity group    { member_of: set<group> }
entity folder   { parent: folder?, viewers: set<user | group>, editors: set<user | group> }
entity document { parent: folder?, owner: user, viewers: set<user | group>, editors: set<user | group> }
action view, edit, share on document

permit owner          for user to view, edit, share on document when resource.owner == subject
permit viewers        for user to view on document when any g in resource.viewers: subject in g
permit editors        for user to view, edit on document when any g in resource.editors: subject in g
permit folder_viewers for user to view on document when any g in resource.parent+.viewers: subject in g
permit folder_editors for user to view, edit on document when any g in resource.parent+.editors: subject in g
";

const CEDAR: &str = r#"
@id("owner") permit(principal is user, action, resource is document) when { resource.owner == principal };
@id("viewers") permit(principal is user, action == Action::"view", resource is document)
  when { principal in resource.viewers };
@id("editors") permit(principal is user, action in [Action::"view", Action::"edit"], resource is document)
  when { principal in resource.editors };
@id("folder_viewers") permit(principal is user, action == Action::"view", resource is document)
  when { principal in resource.folder_viewers };
@id("folder_editors") permit(principal is user, action in [Action::"view", Action::"edit"],
  resource is document) when { principal in resource.folder_editors };
"#;

const REGO: &str = r#"package bench
import rego.v1
default allow := false
member := data.member[input.subject]
resource := data.entity[input.resource]
allow if resource.owner == input.subject
allow if { input.action == "view"; some g in resource.viewers; g in member }
allow if { input.action in {"view", "edit"}; some g in resource.editors; g in member }
allow if { input.action == "view"; some g in resource.folder_viewers; g in member }
allow if { input.action in {"view", "edit"}; some g in resource.folder_editors; g in member }
"#;

/// A world of about this many entities: drives of at most 1,000, with groups and shares inside each drive.
///
/// Cedar and Rego cannot walk up the folders and look at each on the way, so they are given, for every document, the
/// shares of all folders above it as one set.
#[must_use]
pub fn world(size: usize) -> World {
    let mut random = Random::new(3);
    let mut entities = Vec::with_capacity(size);
    let each = size.min(1_000);
    let mut drives = Vec::new();
    for drive in 0..size / each {
        drives.push(fill(drive, each, &mut entities, &mut random));
    }
    let asks = (0..2_000).map(|_| {
        let (users, documents) = random.pick(&drives).clone();
        let mut one_of =
            |range: &Range<At>| range.start + At::try_from(random.below(range.len())).unwrap_or(0);
        let (resource, user) = (one_of(&documents), one_of(&users));
        let subject = match random.below(10) {
            0 => {
                entities[resource as usize].one.iter().find(|(of, _)| *of == "owner").map_or(0, |(_, it)| *it)
            }
            1 => random.pick(&drives).0.start,
            _ => user,
        };
        Ask { subject, action: random.pick::<&'static str>(&ACTIONS), resource, asserted: vec![] }
    });
    World {
        name: "gdrive-like".to_owned(),
        rules: 5,
        asks: asks.collect(),
        entities,
        remit: vec![REMIT.to_owned()],
        cedar: CEDAR.to_owned(),
        rego: REGO.to_owned(),
    }
}

/// One drive: a twentieth groups, three tenths users, a tenth folders, the rest documents.
fn fill(
    drive: usize,
    each: usize,
    entities: &mut Vec<Entity>,
    random: &mut Random,
) -> (Range<At>, Range<At>) {
    let mut groups: Vec<At> = Vec::new();
    for group in 0..(each / 20).max(1) {
        let mut entity = Entity::new("group", format!("group-{drive}-{group}"));
        if group > 0 {
            entity.parents.push(groups[(group - 1) / 3]);
        }
        groups.push(World::add(entities, entity));
    }
    let mut users: Vec<At> = Vec::new();
    for user in 0..each * 3 / 10 {
        let mut entity = Entity::new("user", format!("user-{drive}-{user}"));
        for _ in 0..=random.below(2) {
            let group = *random.pick(&groups);
            if !entity.parents.contains(&group) {
                entity.parents.push(group);
            }
        }
        users.push(World::add(entities, entity));
    }
    let mut folders: Vec<At> = Vec::new();
    for folder in 0..each / 10 {
        let mut entity = Entity::new("folder", format!("folder-{drive}-{folder}"));
        if folder > 0 {
            entity.one.push(("parent", folders[(folder - 1) / 3]));
        }
        entity.many.push(("viewers", shares(20, &users, &groups, random)));
        entity.many.push(("editors", shares(10, &users, &groups, random)));
        folders.push(World::add(entities, entity));
    }
    let mut documents: Vec<At> = Vec::new();
    for document in 0..each - groups.len() - users.len() - folders.len() {
        let mut entity = Entity::new("document", format!("document-{drive}-{document}"));
        let parent = *random.pick(&folders);
        entity.one.push(("parent", parent));
        entity.one.push(("owner", *random.pick(&users)));
        entity.many.push(("viewers", shares(60, &users, &groups, random)));
        entity.many.push(("editors", shares(40, &users, &groups, random)));
        entity.flattened.push(("folder_viewers", above(entities, parent, "viewers")));
        entity.flattened.push(("folder_editors", above(entities, parent, "editors")));
        documents.push(World::add(entities, entity));
    }
    let range = |of: &[At]| of[0]..of[of.len() - 1] + 1;
    (range(&users), range(&documents))
}

/// Up to three shares; `percent` says how likely each is. A third go to groups.
fn shares(percent: usize, users: &[At], groups: &[At], random: &mut Random) -> Vec<At> {
    let mut shares = Vec::new();
    for _ in 0..3 {
        if random.chance(percent) {
            let with = if random.chance(33) { *random.pick(groups) } else { *random.pick(users) };
            if !shares.contains(&with) {
                shares.push(with);
            }
        }
    }
    shares
}

/// What a folder and all folders above it are shared with.
fn above(entities: &[Entity], folder: At, relation: &str) -> Vec<At> {
    let (mut all, mut next) = (Vec::new(), Some(folder));
    while let Some(at) = next {
        let entity = &entities[at as usize];
        all.extend(entity.many.iter().filter(|(of, _)| *of == relation).flat_map(|(_, to)| to));
        next = entity.one.iter().find(|(of, _)| *of == "parent").map(|(_, to)| *to);
    }
    all.sort_unstable();
    all.dedup();
    all
}
