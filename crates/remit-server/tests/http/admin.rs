//! The listener of people: what each role opens, row by row, and how policies change with four eyes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use remit_pdp::{Options, Pdp, Proposals};
use remit_server::config::{Admin, Config, PersonEntry};
use remit_server::keyring::sha256_hex;
use remit_server::role::Role;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{Answer, Ask};
use crate::fixture::{ENDPOINTS, KEY, QUESTION, Running, bundle};

fn person(name: &str, roles: &[Role]) -> PersonEntry {
    PersonEntry {
        name: name.to_owned(),
        roles: roles.to_vec(),
        key_sha256: Some(sha256_hex(name.as_bytes())),
        keys: Vec::new(),
        token: None,
    }
}

/// One person a role, named like it, and one who is author and approver.
fn people() -> Vec<PersonEntry> {
    let one = |role: Role| person(role.as_str(), &[role]);
    Role::ALL.into_iter().map(one).chain([person("both", &[Role::Author, Role::Approver])]).collect()
}

fn admin() -> Admin {
    Admin::new(([127, 0, 0, 1], 0).into(), people())
}

async fn start(change: impl FnOnce(&mut Admin)) -> (Running, SocketAddr) {
    begin(&bundle(), None, change).await
}

/// Over a bundle, with a data directory that may outlive the server.
async fn begin(bundle: &Path, data: Option<&Path>, change: impl FnOnce(&mut Admin)) -> (Running, SocketAddr) {
    let mut admin = admin();
    change(&mut admin);
    let proposals = Config { admin: Some(admin.clone()), ..Config::default() }.proposals();
    let options = |options: &mut Options| {
        options.proposals = proposals;
        if let Some(data) = data {
            options.data = data.to_owned();
        }
    };
    let server = Running::with(bundle, options, |config| {
        config.watch = true;
        config.admin = Some(admin);
    })
    .await;
    let address = server.admin.expect("a listener of people");
    (server, address)
}

fn key(name: &str) -> String {
    format!("Bearer {name}")
}

async fn by(who: &str, at: SocketAddr, ask: Ask) -> Answer {
    ask.header("authorization", key(who)).send(at).await
}

fn ask(method: &str, path: &str) -> Ask {
    let path = path.replace("{id}", "0190-none").replace("{*path}", "0/000");
    if method == "GET" { Ask::get(&path) } else { Ask::post(&path, "{}") }
}

/// The status alone, of an answer that may never end.
async fn status(who: &str, at: SocketAddr, ask: Ask) -> u16 {
    let mut stream = TcpStream::connect(at).await.expect("connects");
    let ask = ask.header("authorization", key(who)).body("{}");
    stream.write_all(&[ask.head(), b"{}".to_vec()].concat()).await.expect("writes");
    let mut line = [0; 12];
    stream.read_exact(&mut line).await.expect("a status line");
    String::from_utf8_lossy(&line[9..]).parse().expect("a status")
}

#[tokio::test]
async fn o_11_every_row_of_the_table_opens_to_its_roles_and_to_no_other() {
    let (_server, at) = start(|_| {}).await;
    let mut rows = 0;
    for (method, path, roles) in remit_server::powers() {
        for role in Role::ALL {
            let status = status(role.as_str(), at, ask(method, path)).await;
            if roles.contains(&role) {
                assert!(!matches!(status, 401 | 403 | 405), "{role:?} {method} {path}: {status}");
            } else {
                assert_eq!(status, 403, "{role:?} {method} {path}");
            }
        }
        let stranger = ask(method, path).send(at).await;
        assert_eq!(stranger.status, 401, "{method} {path}");
        rows += 1;
    }
    assert_eq!(rows, 26, "a row that is added here is added to the README as well");
}

#[tokio::test]
async fn o_11_each_listener_serves_its_own_and_knows_its_own() {
    let (server, at) = start(|_| {}).await;
    for (method, path, _) in remit_server::powers() {
        let there = server.ask(ask(method, path)).await;
        let taken = (method, path) == ("POST", "/governance/v1/consents");
        assert!(taken || there.status == 404, "{method} {path}: {}", there.status);
    }
    assert_eq!(server.ask(Ask::get("/metrics")).await.status, 404);
    for open in ["/healthz", "/readyz", "/openapi.json", "/"] {
        assert_eq!(Ask::get(open).send(server.address).await.status, 200, "{open}");
        assert_eq!(Ask::get(open).send(at).await.status, 200, "{open} for people");
    }
    assert_eq!(server.ask(Ask::post(ENDPOINTS[0], QUESTION)).await.status, 200);
    let numbers = Ask::get("/metrics").send(at).await;
    assert!(numbers.text().contains("remit_decisions_total{decision=\"allow\"} 1"), "of the whole process");
    for path in ENDPOINTS {
        assert_eq!(by("both", at, Ask::post(path, QUESTION)).await.status, 404, "{path}");
    }
    assert_eq!(by(KEY, at, Ask::get("/admin/v1/status")).await.status, 401, "a caller's key");
    assert_eq!(by("both", server.address, Ask::post(ENDPOINTS[0], QUESTION)).await.status, 401);
    assert_eq!(by("auditor", at, Ask::get("/governance/v1/decisions")).await.status, 200);
}

#[tokio::test]
async fn without_a_listener_of_people_the_first_one_serves_all_to_rights() {
    let server = Running::start(|_| {}).await;
    let state = server.ask(Ask::get("/admin/v1/status")).await;
    assert_eq!((state.status, state.header("etag")), (200, "\"1.1\""));
    assert_eq!(server.ask(Ask::post("/admin/v1/reload", "{}")).await.json()["changed"], false);
    assert_eq!(server.ask(Ask::get("/admin/v1/proposals")).await.status, 404, "switched off");
    let powerless = by(crate::fixture::POWERLESS, server.address, Ask::get("/admin/v1/status")).await;
    assert_eq!(powerless.status, 403);
}

/// The files of the bundle, with who may read put in another's place.
fn files(who: &str) -> BTreeMap<String, String> {
    let read = |name: &str| std::fs::read_to_string(bundle().join(name)).expect("readable");
    let policy = read("records.ibac").replace("user:\"alice\"", &format!("user:\"{who}\""));
    [("records.ibac".to_owned(), policy), ("graph.json".to_owned(), read("graph.json"))].into()
}

fn proposal(who: &str) -> String {
    json!({ "title": format!("{who} may read"), "files": files(who) }).to_string()
}

async fn propose(who: &str, at: SocketAddr, upon: &str, body: &str) -> Answer {
    by(who, at, Ask::post("/admin/v1/proposals", body).header("if-match", upon)).await
}

async fn decide(who: &str, at: SocketAddr, id: &str, digest: &str) -> Answer {
    let path = format!("/admin/v1/proposals/{id}/approve");
    by(who, at, Ask::new("POST", &path).header("if-match", digest)).await
}

fn id(answer: &Answer) -> String {
    answer.json()["proposal"]["id"].as_str().expect("an id").to_owned()
}

async fn may(server: &Running, who: &str) -> bool {
    let answer = server.ask(Ask::post(ENDPOINTS[0], &QUESTION.replace("alice", who))).await;
    answer.json()["decision"].as_bool().expect("a decision")
}

async fn told(at: SocketAddr, kind: &str, select: &[&str]) -> Vec<Value> {
    let question = json!({ "where": format!("kind == {kind}"), "select": select, "order": ["seq"] });
    let answer = by("auditor", at, Ask::post("/governance/v1/query", &question.to_string())).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["rows"].as_array().expect("rows").clone()
}

#[tokio::test]
async fn p_11_p_12_policies_change_by_two_people_upon_what_they_have_seen() {
    let (server, at) = start(|_| {}).await;
    let upon = by("author", at, Ask::get("/admin/v1/status")).await;
    assert_eq!(upon.header("etag"), "\"1.1\"");
    let blind = by("author", at, Ask::post("/admin/v1/proposals", &proposal("bob"))).await;
    assert_eq!(blind.status, 428);
    for wrong in ["\"0.1\"", "*", "1.1"] {
        assert_eq!(propose("author", at, wrong, &proposal("bob")).await.status, 412, "{wrong}");
    }
    let broken =
        json!({ "title": "t", "files": { "records.ibac": "permit everything to everybody" } }).to_string();
    let broken = propose("author", at, "\"1.1\"", &broken).await;
    assert_eq!(broken.status, 400);
    assert!(
        broken.text().contains("records.ibac") && !broken.text().contains("proposals/"),
        "{}",
        broken.text()
    );
    for name in ["../records.ibac", "/records.ibac", "records.sh"] {
        let body = json!({ "title": "t", "files": { name: "" } }).to_string();
        assert_eq!(propose("author", at, "\"1.1\"", &body).await.status, 400, "{name}");
    }
    let mut first = propose("both", at, "\"1.1\"", &proposal("bob")).await;
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!(first.json()["outlook"]["changes"], json!(["records.alice_reads changed"]));
    let second = propose("author", at, "\"1.1\"", &proposal("carol")).await;
    assert!(may(&server, "alice").await && !may(&server, "bob").await, "nothing is live yet");

    let (one, two) = (id(&first), id(&second));
    first = by("approver", at, Ask::get(&format!("/admin/v1/proposals/{one}"))).await;
    assert_eq!(first.json()["files"], json!(files("bob")));
    let digest = first.header("etag").to_owned();
    assert_eq!(decide("both", at, &one, &digest).await.status, 403, "one's own");
    assert_eq!(decide("approver", at, &one, "\"other\"").await.status, 412, "not what was read");
    let unseen = by("approver", at, Ask::new("POST", &format!("/admin/v1/proposals/{one}/approve"))).await;
    assert_eq!(unseen.status, 428);
    assert!(!may(&server, "bob").await);
    let done = decide("approver", at, &one, &digest).await;
    assert_eq!((done.status, done.header("etag")), (200, "\"2.1\""), "{}", done.text());
    assert!(may(&server, "bob").await && !may(&server, "alice").await);
    assert_eq!(decide("approver", at, &one, &digest).await.status, 404, "once");

    let late = decide("both", at, &two, second.header("etag")).await;
    assert_eq!(late.status, 412, "something else went live since: {}", late.text());
    let withdrawn = by("author", at, Ask::new("POST", &format!("/admin/v1/proposals/{two}/withdraw"))).await;
    assert_eq!(withdrawn.status, 204);
    let open = by("operator", at, Ask::get("/admin/v1/proposals")).await.json();
    assert_eq!(open, json!({ "upon": "2.1", "proposals": [] }));

    let published = told(at, "policy_published", &["author", "approver", "source"]).await;
    assert_eq!(published.last(), Some(&json!(["both", "approver", format!("proposal {one}")])));
    let notes = told(at, "config_changed", &["author", "what"]).await;
    assert_eq!(notes.len(), 6, "three that were stale, two proposals, one withdrawal: {notes:?}");
    assert!(notes.contains(&json!(["author", format!("proposal {two} was withdrawn")])), "{notes:?}");
}

fn copied() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files("alice") {
        std::fs::write(folder.path().join(name), text).expect("writes");
    }
    let policy = folder.path().join("records.ibac");
    (folder, policy)
}

#[tokio::test]
async fn where_proposals_are_the_way_neither_the_folder_nor_a_restart_changes_what_is_live() {
    let (folder, policy) = copied();
    let data = tempfile::tempdir().expect("a folder");
    let (mut server, at) = begin(folder.path(), Some(data.path()), |_| {}).await;
    let made = propose("author", at, "\"1.1\"", &proposal("bob")).await;
    assert_eq!(decide("approver", at, &id(&made), made.header("etag")).await.status, 200);
    std::fs::write(&policy, files("mallory").remove("records.ibac").expect("a policy")).expect("writes");
    let reloaded = by("operator", at, Ask::post("/admin/v1/reload", "{}")).await;
    assert_eq!((reloaded.status, &reloaded.json()["changed"]), (200, &json!(false)));
    assert!(may(&server, "bob").await && !may(&server, "mallory").await);
    server.begin_stop();
    server.ended().await;

    let (mut server, at) = begin(folder.path(), Some(data.path()), |_| {}).await;
    assert!(may(&server, "bob").await && !may(&server, "mallory").await, "after a restart");
    let state = by("auditor", at, Ask::get("/admin/v1/status")).await;
    assert_eq!(state.header("etag"), "\"2.1\"");
    // Whoever writes into the archive has approved nothing.
    let digest = state.json()["policy"]["digest"].as_str().expect("a digest").to_owned();
    let kept = data.path().join("revisions/policy").join(digest).join("records.ibac");
    std::fs::write(&kept, files("mallory").remove("records.ibac").expect("a policy")).expect("writes");
    assert_eq!(by("operator", at, Ask::post("/admin/v1/reload", "{}")).await.status, 409);
    assert!(may(&server, "bob").await && !may(&server, "mallory").await);
    server.begin_stop();
    server.ended().await;
    let mut options = Options::new(folder.path(), data.path());
    options.proposals = Some(Proposals { four_eyes: true });
    let refused = Pdp::start(options).expect_err("what was approved is gone").to_string();
    assert!(refused.contains("what was approved last"), "{refused}");
    // Switched off, the folder counts again, and that is on record.
    let pdp = Arc::new(Pdp::start(Options::new(folder.path(), data.path())).expect("starts"));
    assert_eq!(pdp.status().revisions.policy.revision, 3);
}

#[tokio::test]
async fn four_eyes_and_proposals_can_be_switched_off() {
    let (_server, at) = start(|admin| admin.four_eyes = false).await;
    let made = propose("both", at, "\"1.1\"", &proposal("bob")).await;
    assert_eq!(decide("both", at, &id(&made), made.header("etag")).await.status, 200);

    let (folder, policy) = copied();
    let (server, at) = begin(folder.path(), None, |admin| admin.proposals = false).await;
    assert_eq!(propose("author", at, "\"1.1\"", &proposal("bob")).await.status, 404);
    std::fs::write(&policy, files("bob").remove("records.ibac").expect("a policy")).expect("writes");
    let reloaded = by("operator", at, Ask::post("/admin/v1/reload", "{}")).await;
    assert_eq!(reloaded.status, 200, "{}", reloaded.text());
    assert!(may(&server, "bob").await && !may(&server, "alice").await);
    std::fs::write(&policy, "nonsense").expect("writes");
    assert_eq!(by("operator", at, Ask::post("/admin/v1/reload", "{}")).await.status, 409);
    assert!(may(&server, "bob").await, "the old one keeps answering");
}

#[test]
fn people_are_told_apart_and_somebody_can_publish() {
    let with = |change: fn(&mut Admin)| {
        let mut admin = admin();
        change(&mut admin);
        Config { admin: Some(admin), peps: vec![crate::fixture::pep("gate", KEY, true)], ..Config::default() }
            .check()
    };
    assert!(with(|_| {}).is_ok());
    assert!(
        with(|admin| admin.people = vec![person("one", &[Role::Auditor])]).is_err(),
        "nobody could publish"
    );
    assert!(
        with(|admin| (admin.proposals, admin.people) = (false, vec![person("one", &[Role::Auditor])]))
            .is_ok()
    );
    let alone = |admin: &mut Admin| admin.people = vec![person("one", &[Role::Author, Role::Approver])];
    assert!(with(alone).is_err(), "alone with four eyes");
    assert!(
        with(|admin| (admin.people, admin.four_eyes) =
            (vec![person("one", &[Role::Author, Role::Approver])], false))
        .is_ok()
    );
    for spoil in [
        (|admin: &mut Admin| admin.people.clear()) as fn(&mut Admin),
        |admin| admin.people[0].roles.clear(),
        |admin| admin.people[0].name = "gate".to_owned(),
        |admin| admin.people[0].name = admin.people[1].name.clone(),
        |admin| admin.people[0].key_sha256 = Some(sha256_hex(KEY.as_bytes())),
        |admin| admin.people[0].key_sha256 = None,
        |admin| admin.listen = ([10, 0, 0, 1], 1).into(),
        |admin| admin.listen = Config::default().listen,
    ] {
        assert!(with(spoil).is_err());
    }
    assert!(with(|admin| (admin.listen, admin.allow_plain_http) = (([10, 0, 0, 1], 1).into(), true)).is_ok());
}
