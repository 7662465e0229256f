//! The Todo world of the AuthZEN interoperability scenario: five people, four todos, seven rules.

use super::{Ask, Entity, Plain, World};
use crate::random::Random;

const PEOPLE: [(&str, &str, &[&str]); 5] = [
    ("rick", "rick@the-citadel.com", &["admin", "evil_genius"]),
    ("beth", "beth@the-smiths.com", &["viewer"]),
    ("morty", "morty@the-citadel.com", &["editor"]),
    ("summer", "summer@the-smiths.com", &["editor"]),
    ("jerry", "jerry@the-smiths.com", &["viewer"]),
];

const ACTIONS: [&str; 5] =
    ["can_read_user", "can_read_todos", "can_create_todo", "can_update_todo", "can_delete_todo"];

const REMIT: &str = r#"package todo

entity user { email: string, roles: set<string> }
entity todo { ownerID: string from request }

action can_read_user on user
action can_read_todos, can_create_todo, can_update_todo, can_delete_todo on todo

permit everybody_reads_users for user to can_read_user on user
permit everybody_reads_todos for user to can_read_todos on todo
permit writers_create        for user to can_create_todo on todo when subject.roles has any ["admin", "editor"]
permit evil_genius_updates   for user to can_update_todo on todo when subject.roles has "evil_genius"
permit editors_update        for user to can_update_todo on todo
  when subject.roles has "editor" and resource.ownerID == subject.email
permit editors_delete        for user to can_delete_todo on todo
  when subject.roles has "editor" and resource.ownerID == subject.email
permit admins_delete         for user to can_delete_todo on todo when subject.roles has "admin"
"#;

const CEDAR: &str = r#"
@id("everybody_reads_users") permit(principal is user, action == Action::"can_read_user", resource is user);
@id("everybody_reads_todos") permit(principal is user, action == Action::"can_read_todos", resource is todo);
@id("writers_create") permit(principal is user, action == Action::"can_create_todo", resource is todo)
  when { principal.roles.containsAny(["admin", "editor"]) };
@id("evil_genius_updates") permit(principal is user, action == Action::"can_update_todo", resource is todo)
  when { principal.roles.contains("evil_genius") };
@id("editors_update") permit(principal is user, action == Action::"can_update_todo", resource is todo)
  when { principal.roles.contains("editor") && resource.ownerID == principal.email };
@id("editors_delete") permit(principal is user, action == Action::"can_delete_todo", resource is todo)
  when { principal.roles.contains("editor") && resource.ownerID == principal.email };
@id("admins_delete") permit(principal is user, action == Action::"can_delete_todo", resource is todo)
  when { principal.roles.contains("admin") };
"#;

const REGO: &str = r#"package bench
import rego.v1
default allow := false
subject := data.entity[input.subject]
resource := data.entity[input.resource]
allow if input.action == "can_read_user"
allow if input.action == "can_read_todos"
allow if { input.action == "can_create_todo"; some role in ["admin", "editor"]; role in subject.roles }
allow if { input.action == "can_update_todo"; "evil_genius" in subject.roles }
allow if { input.action == "can_update_todo"; "editor" in subject.roles; resource.ownerID == subject.email }
allow if { input.action == "can_delete_todo"; "editor" in subject.roles; resource.ownerID == subject.email }
allow if { input.action == "can_delete_todo"; "admin" in subject.roles }
"#;

/// The world. Remit is told the owner of a todo by the caller, as in the scenario; the peers have it preloaded.
#[must_use]
pub fn world() -> World {
    let mut random = Random::new(1);
    let mut entities = Vec::new();
    for (id, email, roles) in PEOPLE {
        let mut user = Entity::new("user", id.to_owned());
        user.properties.push(("email", Plain::Text(email.to_owned())));
        user.properties.push(("roles", Plain::Texts(roles.to_vec())));
        World::add(&mut entities, user);
    }
    let mut owners = Vec::new();
    for (at, owner) in [0, 2, 3, 4].into_iter().enumerate() {
        let (_, email, _) = PEOPLE[owner];
        let mut todo = Entity::new("todo", format!("todo-{at}"));
        todo.properties.push(("ownerID", Plain::Text(email.to_owned())));
        World::add(&mut entities, todo);
        owners.push(email);
    }
    let asks = (0..1_000).map(|_| {
        let action = *random.pick(&ACTIONS);
        let subject = u32::try_from(random.below(PEOPLE.len())).unwrap_or(0);
        let (resource, asserted) = if action == "can_read_user" {
            (u32::try_from(random.below(PEOPLE.len())).unwrap_or(0), vec![])
        } else {
            let todo = random.below(owners.len());
            let at = u32::try_from(PEOPLE.len() + todo).unwrap_or(0);
            (at, vec![("ownerID", owners[todo].to_owned())])
        };
        Ask { subject, action, resource, asserted }
    });
    World {
        name: "todo".to_owned(),
        rules: 7,
        asks: asks.collect(),
        entities,
        remit: vec![REMIT.to_owned()],
        cedar: CEDAR.to_owned(),
        rego: REGO.to_owned(),
    }
}
