//! The tests of the certification scenario, one row each; numbers are the scenario's.

use serde_json::{Value, json};

use crate::client::Endpoint::{Action, Evaluation, Evaluations, Resource, Subject};
use crate::client::{Call, Endpoint};
use crate::expect::Expect;
use crate::fixture::*;
use crate::probe::{Probe, Test};
use crate::report::Level;

pub(crate) fn tests() -> Vec<Test> {
    [
        basic(),
        basic_refusals(),
        basic_properties(),
        batch_core(),
        batch_properties(),
        search_core(),
        paging(),
        search_refusals(),
        search_properties(),
    ]
    .concat()
}

fn decides(id: &str, level: Level, title: &'static str, body: Value, decision: bool) -> Test {
    Test::new(id, level, title, Probe::ask(Evaluation, body, Expect::Decision(Some(decision))))
}

fn basic() -> Vec<Test> {
    let level = Level::BasicCore;
    let rich = question(
        with(alice(), json!({ "department": "Sales", "role": "manager" })),
        with(action("read"), json!({ "method": "GET" })),
        with(record_1(), json!({ "status": "active", "owner": "bob" })),
    );
    let unknown = plus(permitted(), json!({ "unknown": { "a": [1] }, "another": "x" }));
    let both = || {
        let denied = question(bob(), action("write"), record_1());
        let asks = [permitted(), denied].map(|body| (Call::post(Evaluation, body), Expect::Decision(None)));
        Probe::Asks(asks.into())
    };
    vec![
        decides("2-2-1", level, "alice reads record-1", permitted(), true),
        decides("2-2-2", level, "bob writes record-1", question(bob(), action("write"), record_1()), false),
        decides("2-2-3", level, "with context", plus(permitted(), json!({ "context": context() })), true),
        decides("2-2-8", level, "with properties that do not matter", rich, true),
        decides("2-2-9", level, "with unknown members", unknown, true),
        Test::new("2-3-1", level, "an answer is JSON with a boolean decision", both()),
        Test::new("2-3-2", level, "a context is an object", both()),
        Test::new(
            "2-5-1",
            level,
            "the request id comes back",
            Probe::echo(Evaluation, permitted(), Expect::Decision(Some(true))),
        ),
        decides("2-5-2", level, "no request id is needed", permitted(), true),
        Test::new(
            "2-6",
            level,
            "the same question has the same answer",
            Probe::Idempotent(Evaluation, permitted()),
        ),
        Test::new("5-1", level, "the connection is secured", Probe::Https),
    ]
}

fn basic_refusals() -> Vec<Test> {
    let level = Level::BasicCore;
    let instead = |name: &str, value: Value| {
        plus(permitted(), Value::Object([(name.to_owned(), value)].into_iter().collect()))
    };
    let missing = ["subject", "action", "resource"].map(|name| minus(permitted(), name));
    let parts = [
        instead("subject", minus(alice(), "type")),
        instead("subject", minus(alice(), "id")),
        instead("action", json!({})),
        instead("resource", minus(record_1(), "type")),
        instead("resource", minus(record_1(), "id")),
    ];
    let kinds = [instead("subject", json!("alice")), instead("action", json!({ "name": 123 }))];
    let media = Probe::content_type(Evaluation, "text/plain", permitted(), Expect::Status(&[400]));
    vec![
        Test::new("2-4-1", level, "a member is missing", Probe::bad(Evaluation, missing)),
        Test::new("2-4-2", level, "a part of a member is missing", Probe::bad(Evaluation, parts)),
        Test::new("2-4-3", level, "another content type", media),
        Test::new("2-4-4", level, "broken JSON", Probe::bad_text(Evaluation, r#"{"subject":"#)),
        Test::new("2-4-5", level, "empty body", Probe::bad_text(Evaluation, "")),
        Test::new("2-4-6", level, "another kind of value", Probe::bad(Evaluation, kinds)),
    ]
}

fn basic_properties() -> Vec<Test> {
    let level = Level::BasicProperties;
    let write = |subject| question(subject, action("write"), record_2_archived());
    let deletes = |soft| question(alice(), delete(soft), record_1());
    vec![
        decides("2-2-4", level, "alice writes an archived record", write(alice()), false),
        decides("2-2-5", level, "an admin writes an archived record", write(bob_as_admin()), true),
        decides("2-2-6", level, "alice deletes softly", deletes(true), true),
        decides("2-2-7", level, "alice deletes for good", deletes(false), false),
    ]
}

fn batch_row(id: &str, level: Level, title: &'static str, body: Value, expected: &[Option<bool>]) -> Test {
    Test::new(id, level, title, Probe::ask(Evaluations, body, Expect::Batch(expected.to_vec())))
}

const TRUE: Option<bool> = Some(true);
const FALSE: Option<bool> = Some(false);

fn batch_core() -> Vec<Test> {
    let level = Level::BatchCore;
    let reads = || json!({ "subject": alice(), "action": action("read") });
    let records = plus(reads(), json!({ "evaluations": items("resource", [record_1(), record_2()]) }));
    let own = json!({ "resource": record_2(), "context": { "time": "2024-10-26T02:22-07:00" } });
    let contexts =
        plus(reads(), json!({ "context": context(), "evaluations": [{ "resource": record_1() }, own] }));
    let complete = json!({ "evaluations": [permitted(), question(bob(), action("write"), record_1())] });
    let lacking = plus(
        reads(),
        json!({ "options": { "evaluations_semantic": "execute_all" }, "evaluations": [{ "resource": record_1() }, {}] }),
    );
    let empty = plus(permitted(), json!({ "evaluations": [] }));
    let single = |body| Probe::ask(Evaluations, body, Expect::Decision(TRUE));
    vec![
        batch_row("3-2-1", level, "alice reads two records", records, &[None, None]),
        batch_row("3-2-2", level, "bob reads and writes", batch(), &[TRUE, FALSE]),
        batch_row("3-2-5", level, "no defaults", complete, &[TRUE, FALSE]),
        batch_row("3-2-6", level, "contexts, inherited and own", contexts, &[None, None]),
        batch_row("3-3", level, "length, order and shape", batch(), &[TRUE, FALSE]),
        batch_row("3-4-1", level, "an item without resource", lacking, &[TRUE, FALSE]),
        Test::new("3-4-2", level, "no evaluations: one decision", single(permitted())),
        Test::new("3-4-3", level, "empty evaluations: one decision", single(empty)),
    ]
}

fn batch_properties() -> Vec<Test> {
    let level = Level::BatchProperties;
    let of_alice = json!({ "subject": alice(), "action": action("write"),
        "evaluations": items("resource", [record_1_active(), record_2_archived()]) });
    let of_archived = json!({ "action": action("write"), "resource": record_2_archived(),
        "evaluations": items("subject", [alice(), bob_as_admin()]) });
    let replaced = json!({ "subject": alice(), "action": action("write"), "resource": record_1_active(),
        "evaluations": [{}, { "resource": record_2_archived() }] });
    vec![
        batch_row("3-2-3", level, "by resource properties", of_alice, &[TRUE, FALSE]),
        batch_row("3-2-4", level, "by subject properties", of_archived, &[FALSE, TRUE]),
        batch_row("3-2-7", level, "an item replaces the default whole", replaced, &[TRUE, FALSE]),
    ]
}

fn finds(id: &str, title: &'static str, endpoint: Endpoint, body: Value, includes: Vec<Value>) -> Test {
    let kind = match endpoint {
        Subject => Some("user"),
        Resource => Some("record"),
        Action | Evaluation | Evaluations => None,
    };
    Test::new(id, Level::SearchCore, title, Probe::ask(endpoint, body, Expect::Found(kind, includes)))
}

fn same(id: &str, title: &'static str, endpoint: Endpoint, bodies: [Value; 2]) -> Test {
    Test::new(id, Level::SearchCore, title, Probe::SameResults(endpoint, bodies.into()))
}

fn search_core() -> Vec<Test> {
    let in_context = |body| plus(body, json!({ "context": context() }));
    let stray_subject = plus(subject_search(), json!({ "subject": alice() }));
    let stray_resource = plus(resource_search(), json!({ "resource": record_1() }));
    let both = || vec![action("read"), action("write")];
    vec![
        finds("4-2-1", "who may read record-1", Subject, subject_search(), vec![alice(), bob()]),
        same("4-2-2", "context changes nothing", Subject, [subject_search(), in_context(subject_search())]),
        same("4-2-3", "a stray id changes nothing", Subject, [subject_search(), stray_subject]),
        finds("4-3-1", "what alice may read", Resource, resource_search(), vec![record_1()]),
        same(
            "4-3-2",
            "context changes nothing",
            Resource,
            [resource_search(), in_context(resource_search())],
        ),
        same("4-3-3", "a stray id changes nothing", Resource, [resource_search(), stray_resource]),
        finds("4-4-1", "what alice may do", Action, action_search(), both()),
        finds("4-4-2", "what alice may do, with context", Action, in_context(action_search()), both()),
    ]
}

fn paging() -> Vec<Test> {
    let level = Level::SearchCore;
    let first = plus(subject_search(), json!({ "page": { "limit": 1 } }));
    let walk = Probe::Walk {
        endpoint: Subject,
        body: subject_search(),
        limit: 1,
        repeat: false,
        includes: vec![alice(), bob()],
    };
    vec![
        finds("4-5-1", "a limit is understood", Subject, first.clone(), vec![]),
        Test::new("4-5-2", level, "a token alone gives the next page", walk),
        finds("4-5-3", "a page has a string token", Subject, first, vec![]),
        finds("4-5-4", "without page everything may come", Subject, subject_search(), vec![]),
    ]
}

fn search_refusals() -> Vec<Test> {
    let level = Level::SearchCore;
    let nobody = || json!({ "subject": user("no-such-user") });
    let nothing = |endpoint, body| (Call::post(endpoint, body), Expect::Nothing);
    let unknown_id = vec![
        nothing(Action, plus(action_search(), nobody())),
        nothing(Resource, plus(resource_search(), nobody())),
        nothing(Subject, plus(subject_search(), json!({ "resource": record("no-such-record") }))),
    ];
    let unknown_type = vec![
        nothing(Subject, plus(subject_search(), json!({ "subject": { "type": "spaceship" } }))),
        nothing(Resource, plus(resource_search(), json!({ "resource": { "type": "spaceship" } }))),
        nothing(Action, plus(action_search(), json!({ "resource": { "type": "spaceship", "id": "1" } }))),
    ];
    let bad = |endpoint, body| (Call::post(endpoint, body), Expect::Status(&[400]));
    let missing = vec![
        bad(Subject, minus(subject_search(), "action")),
        bad(Resource, minus(resource_search(), "subject")),
        bad(Action, minus(action_search(), "resource")),
    ];
    let no_id = vec![
        bad(Subject, plus(subject_search(), json!({ "resource": { "type": "record" } }))),
        bad(Resource, plus(resource_search(), json!({ "subject": { "type": "user" } }))),
        bad(Action, plus(action_search(), json!({ "subject": { "type": "user" } }))),
    ];
    vec![
        Test::new("4-6-1", level, "an unknown id finds nothing", Probe::Asks(unknown_id)),
        Test::new("4-6-2", level, "an unknown type finds nothing", Probe::Asks(unknown_type)),
        Test::new("4-7-1", level, "a member is missing", Probe::Asks(missing)),
        Test::new("4-7-2", level, "an id is missing", Probe::Asks(no_id)),
    ]
}

fn search_properties() -> Vec<Test> {
    let writers =
        plus(subject_search(), json!({ "action": action("write"), "resource": record_2_archived() }));
    let writable = plus(resource_search(), json!({ "subject": bob_as_admin(), "action": action("write") }));
    let actions = json!({ "subject": bob_as_admin(), "resource": record_2_archived() });
    let rows = [
        finds("4-2-4", "who may write an archived record", Subject, writers, vec![bob()]),
        finds("4-3-4", "which records an admin may write", Resource, writable, vec![record_2()]),
        finds("4-4-3", "what an admin may do to an archived record", Action, actions, vec![action("write")]),
    ];
    rows.map(|row| Test { level: Level::SearchProperties, ..row }).into()
}
