//! A world like a code host: users in nested teams in organizations, repositories with five roles each.

use super::{Ask, At, Entity, Plain, World};
use crate::random::Random;

const ROLES: [&str; 5] = ["readers", "triagers", "writers", "maintainers", "admins"];
const ACTIONS: [&str; 6] = ["pull", "fork", "triage", "push", "merge", "administer"];

const REMIT: &str = r"package github

entity user { member_of: set<team | org> }
entity team { member_of: set<team | org> }
entity org  { owners: set<user | team> }
entity repository {
  owner: org, internal: bool, archived: bool
  readers: set<user | team>, triagers: set<user | team>, writers: set<user | team>
  maintainers: set<user | team>, admins: set<user | team>
}
action pull, fork, triage, push, merge, administer on repository

permit readers     for user to pull, fork on repository when any g in resource.readers: subject in g
permit triagers    for user to pull, fork, triage on repository when any g in resource.triagers: subject in g
permit writers     for user to pull, fork, triage, push on repository when any g in resource.writers: subject in g
permit maintainers for user to pull, fork, triage, push, merge on repository
  when any g in resource.maintainers: subject in g
permit admins      for user to pull, fork, triage, push, merge, administer on repository
  when any g in resource.admins: subject in g
permit members     for user to pull, fork on repository when resource.internal and subject in resource.owner
permit owners      for user to pull, fork, triage, push, merge, administer on repository
  when any g in resource.owner.owners: subject in g
forbid archived    for user to push, merge on repository when resource.archived
";

const CEDAR: &str = r#"
@id("readers") permit(principal is user, action in [Action::"pull", Action::"fork"], resource is repository)
  when { principal in resource.readers };
@id("triagers") permit(principal is user, action in [Action::"pull", Action::"fork", Action::"triage"],
  resource is repository) when { principal in resource.triagers };
@id("writers") permit(principal is user,
  action in [Action::"pull", Action::"fork", Action::"triage", Action::"push"], resource is repository)
  when { principal in resource.writers };
@id("maintainers") permit(principal is user,
  action in [Action::"pull", Action::"fork", Action::"triage", Action::"push", Action::"merge"],
  resource is repository) when { principal in resource.maintainers };
@id("admins") permit(principal is user, action, resource is repository) when { principal in resource.admins };
@id("members") permit(principal is user, action in [Action::"pull", Action::"fork"], resource is repository)
  when { resource.internal && principal in resource.owner };
@id("owners") permit(principal is user, action, resource is repository)
  when { principal in resource.owner.owners };
@id("archived") forbid(principal is user, action in [Action::"push", Action::"merge"], resource is repository)
  when { resource.archived };
"#;

const REGO: &str = r#"package bench
import rego.v1
default allow := false
member := data.member[input.subject]
resource := data.entity[input.resource]
allow if { permitted; not forbidden }
permitted if { input.action in {"pull", "fork"}; some g in resource.readers; g in member }
permitted if { input.action in {"pull", "fork", "triage"}; some g in resource.triagers; g in member }
permitted if { input.action in {"pull", "fork", "triage", "push"}; some g in resource.writers; g in member }
permitted if {
  input.action in {"pull", "fork", "triage", "push", "merge"}; some g in resource.maintainers; g in member
}
permitted if { some g in resource.admins; g in member }
permitted if { input.action in {"pull", "fork"}; resource.internal; resource.owner in member }
permitted if { some g in data.entity[resource.owner].owners; g in member }
forbidden if { input.action in {"push", "merge"}; resource.archived }
"#;

/// The users and repositories of one organization.
struct Org {
    users: Vec<At>,
    repositories: Vec<At>,
}

/// A world of about this many entities: organizations of at most 1,000.
#[must_use]
pub fn world(size: usize) -> World {
    let mut random = Random::new(2);
    let mut entities = Vec::with_capacity(size);
    let each = size.min(1_000);
    let orgs: Vec<Org> = (0..size / each).map(|org| fill(org, each, &mut entities, &mut random)).collect();
    let asks = (0..2_000).map(|_| ask(&orgs, &entities, &mut random)).collect();
    World {
        name: "github-like".to_owned(),
        rules: 8,
        asks,
        entities,
        remit: vec![REMIT.to_owned()],
        cedar: CEDAR.to_owned(),
        rego: REGO.to_owned(),
    }
}

/// One organization: itself, a tenth teams, six tenths users, the rest repositories.
fn fill(org: usize, each: usize, entities: &mut Vec<Entity>, random: &mut Random) -> Org {
    let at = World::add(entities, Entity::new("org", format!("org-{org}")));
    let mut teams: Vec<At> = Vec::new();
    for team in 0..each / 10 {
        let mut entity = Entity::new("team", format!("team-{org}-{team}"));
        // WHY: teams form a tree four or five deep at 100 teams, as in larger organizations.
        entity.parents.push(if team < 3 { at } else { teams[team / 3 - 1] });
        teams.push(World::add(entities, entity));
    }
    let mut users = Vec::new();
    for user in 0..each * 6 / 10 {
        let mut entity = Entity::new("user", format!("user-{org}-{user}"));
        for _ in 0..=random.below(3) {
            let team = *random.pick(&teams);
            if !entity.parents.contains(&team) {
                entity.parents.push(team);
            }
        }
        users.push(World::add(entities, entity));
    }
    let owners = vec![*random.pick(&users), *random.pick(&teams[teams.len() / 2..])];
    entities[at as usize].many.push(("owners", owners));
    let mut repositories = Vec::new();
    for repository in 0..each - 1 - teams.len() - users.len() {
        let mut entity = Entity::new("repository", format!("repository-{org}-{repository}"));
        entity.properties.push(("internal", Plain::Flag(random.chance(30))));
        entity.properties.push(("archived", Plain::Flag(random.chance(5))));
        entity.one.push(("owner", at));
        for role in ROLES {
            let mut holders: Vec<At> = Vec::new();
            for _ in 0..=random.below(2) {
                let holder = if random.chance(50) { *random.pick(&users) } else { *random.pick(&teams) };
                if !holders.contains(&holder) {
                    holders.push(holder);
                }
            }
            entity.many.push((role, holders));
        }
        repositories.push(World::add(entities, entity));
    }
    Org { users, repositories }
}

/// A question; three in ten come from another organization, one in ten from somebody with a direct role.
fn ask(orgs: &[Org], entities: &[Entity], random: &mut Random) -> Ask {
    let org = random.pick(orgs);
    let resource = *random.pick(&org.repositories);
    let holders = &random.pick(&entities[resource as usize].many).1;
    let holder = *random.pick(holders);
    let subject = match random.below(10) {
        0..3 => {
            let other = random.pick(orgs);
            *random.pick(&other.users)
        }
        3 if entities[holder as usize].kind == "user" => holder,
        _ => *random.pick(&org.users),
    };
    Ask { subject, action: random.pick::<&'static str>(&ACTIONS), resource, asserted: vec![] }
}
