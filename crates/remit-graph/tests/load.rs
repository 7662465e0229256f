//! Documents in, graph or faults out: every refusal with its place, beside a neighbour that is accepted.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot load its documents shall fail")]

mod support;

use remit_graph::{Dangling, Document, LoadError, LoadReport, Snapshot, load};
use remit_model::{Duration, IpNet, Number, Value};
use support::{at, attr, find, now, schema};

type Loaded = Result<(Snapshot, LoadReport), Vec<LoadError>>;

fn read(dangling: Dangling, documents: &[(&str, &str)]) -> Loaded {
    let documents: Vec<_> =
        documents.iter().map(|(name, text)| Document::new(name, text.as_bytes())).collect();
    load(&schema(), &documents, dangling).map(|(graph, report)| (graph.freeze(1), report))
}

fn accepted(text: &str) -> Snapshot {
    match read(Dangling::Refuse, &[("g.json", text)]) {
        Ok((snapshot, _)) => snapshot,
        Err(errors) => panic!("{text}\n{errors:#?}"),
    }
}

fn refused(text: &str) -> Vec<String> {
    match read(Dangling::Refuse, &[("g.json", text)]) {
        Ok(_) => panic!("accepted: {text}"),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

const WHOLE: &str = include_str!("data/whole.json");

const REST: &str = include_str!("data/rest.ndjson");

#[test]
fn both_spellings_and_both_formats_make_one_graph() {
    let (snapshot, report) = read(Dangling::Refuse, &[("rest.ndjson", REST), ("whole.json", WHOLE)]).unwrap();
    assert_eq!((report.nodes, report.edges, report.duplicates, report.placeholders), (6, 6, 1, 0));
    assert_eq!((snapshot.node_count(), snapshot.edge_count()), (6, 6));
    let tara = find(&snapshot, "user:tara");
    let value = |name: &str| snapshot.property(tara, attr(&snapshot, name)).cloned().unwrap();
    assert_eq!(value("email"), Value::string("t@x"));
    assert_eq!(value("roles"), Value::Set([Value::string("a"), Value::string("b")].into()));
    assert!(matches!(value("clearance"), Value::Level(_, 1)));
    assert_eq!(value("joined"), Value::Time(at("2026-04-30")));
    assert_eq!(value("session"), Value::Duration(Duration::parse("90m").unwrap()));
    assert_eq!(value("network"), Value::Ip(IpNet::parse("10.0.0.0/8").unwrap()));
    assert_eq!(value("age"), Value::Number(Number::from(42)));
    assert_eq!(value("limit"), Value::Number(Number::parse("0.75").unwrap()));
    assert_eq!(value("enabled"), Value::Bool(true));
    assert_eq!(value("favourite"), Value::Entity(snapshot.entity(find(&snapshot, "folder:f"))));
    assert_eq!(value("labels"), Value::Set([Value::string("Employee")].into()));
    let origin = snapshot.metadata(tara, attr(&snapshot, "email")).unwrap();
    assert_eq!((origin.source.as_deref(), origin.assurance_level), (Some("HR"), Some(3)));
    assert_eq!(origin.verified_time, Some(at("2026-02-26T00:57:13Z")));
    assert_eq!(origin.custom[0].1.member("no"), Some(&Value::Number(Number::from(7))));
    let all = find(&snapshot, "group:all");
    assert!(snapshot.is_member(tara, all, now()));
    let links = attr(&snapshot, "links");
    let folder = find(&snapshot, "folder:f");
    assert_eq!(snapshot.out(folder, links, now()).count(), 2);
    assert_eq!(snapshot.out(folder, links, at("2027-01-01")).count(), 1);
    let carries = |edge: &remit_graph::Edge| snapshot.edge_data(edge.edge).is_some();
    let edge = snapshot.out(folder, links, now()).find(carries).unwrap();
    assert_eq!(snapshot.edge_property(edge.edge, "weight"), Some(&Value::Number(Number::from(3))));
}

#[test]
fn the_order_of_documents_and_lines_does_not_matter() {
    let digest = |documents: &[(&str, &str)]| {
        read(Dangling::Refuse, documents).map(|(snapshot, _)| snapshot.digest().to_owned()).unwrap()
    };
    let reversed: Vec<&str> = REST.lines().rev().collect();
    let first = digest(&[("rest.ndjson", REST), ("whole.json", WHOLE)]);
    assert_eq!(first, digest(&[("whole.json", WHOLE), ("rest.ndjson", &reversed.join("\n"))]));
}

/// A node document with these properties of user `a`.
fn user(properties: &str) -> String {
    format!("{{\"nodes\": [\n  {{\"type\": \"user\", \"id\": \"a\", \"properties\": {properties}}}\n]}}")
}

#[test]
fn a_property_must_be_of_its_declared_type() {
    let table = [
        ("email", "\"x\"", "1", "expected a string, found `1`"),
        ("email", "\"x\"", "null", "expected a string, found null"),
        ("age", "42", "42.5", "expected a number without fraction, found `42.5`"),
        ("age", "4.2e1", "\"42\"", "expected a number without fraction, found `42`"),
        ("limit", "42.5", "true", "expected a number, found a boolean"),
        (
            "joined",
            "\"2026-04-30\"",
            "\"30.4.2026\"",
            "expected a time such as `2026-04-30T20:15:00Z`, found `30.4.2026`",
        ),
        ("session", "\"15m\"", "\"15\"", "expected a duration such as `1h30m`, found `15`"),
        (
            "network",
            "\"10.0.0.1\"",
            "\"10.0.0.1/8\"",
            "expected an IP address or network, found `10.0.0.1/8`",
        ),
        (
            "clearance",
            "\"pii\"",
            "\"PII\"",
            "expected a `classification`: `public`, `internal`, `pii`, found `PII`",
        ),
        ("roles", "[\"a\"]", "\"a\"", "expected an array, each a string, found `a`"),
        ("enabled", "false", "\"false\"", "expected a boolean, found `false`"),
        (
            "favourite",
            "\"folder:x\"",
            "\"user:x\"",
            "expected a reference to `folder`, found a reference to `user`",
        ),
    ];
    for (name, good, bad, message) in table {
        accepted(&user(&format!("{{\"{name}\": {good}}}")));
        let column = 46 + name.len() + 4;
        let place = format!("g.json:2:{column} at /nodes/0/properties/{name}");
        assert_eq!(refused(&user(&format!("{{\"{name}\": {bad}}}"))), [format!("{place}: {message}")]);
    }
    let inner = refused(&user("{\"roles\": [\"a\", 7]}"));
    assert_eq!(inner, ["g.json:2:61 at /nodes/0/properties/roles/1: expected a string, found `7`"]);
    let annotated = refused(&user("{\"age\": {\"value\": \"x\"}}"));
    assert!(annotated[0].contains("at /nodes/0/properties/age/value: expected"), "{annotated:?}");
}

#[test]
fn names_must_be_declared_and_close_ones_are_suggested() {
    let table = [
        (
            "{\"nodes\": [{\"type\": \"usr\", \"id\": \"a\"}]}",
            "g.json:1:21 at /nodes/0/type: unknown entity type `usr`; did you mean `user`?",
        ),
        (
            &user("{\"emails\": \"x\"}"),
            "g.json:2:46 at /nodes/0/properties/emails: type `user` has no attribute `emails`; did you mean `email`?",
        ),
        (
            &user("[{\"type\": \"colour\", \"value\": 1}]"),
            "g.json:2:55 at /nodes/0/properties/0/type: type `user` has no attribute `colour`",
        ),
        (
            &user("{\"device\": \"x\"}"),
            "g.json:2:46 at /nodes/0/properties/device: `device` of `user` comes from request, never from the graph",
        ),
        (
            &user("{\"manager\": \"user:b\"}"),
            "g.json:2:46 at /nodes/0/properties/manager: `manager` is a relation: its values are edges, not properties",
        ),
        (
            "{\"nodes\": [{\"type\": \"user\", \"id\": \"a\", \"relations\": {\"email\": \"user:a\"}}]}",
            "g.json:1:54 at /nodes/0/relations/email: `email` is a property, not a relation",
        ),
        (
            "{\"nodes\": [{\"type\": \"user\", \"id\": \"a\", \"relations\": {\"memberof\": []}}]}",
            "g.json:1:54 at /nodes/0/relations/memberof: type `user` has no relation `memberof`; did you mean `member_of`?",
        ),
        (
            "{\"nodes\": [{\"type\": \"user\", \"id\": \"a\", \"relation\": {}}]}",
            "g.json:1:40 at /nodes/0/relation: unknown member `relation`; did you mean `relations`?",
        ),
        ("{\"vertices\": []}", "g.json:1:2 at /vertices: unknown member `vertices`"),
        (
            "{\"edges\": [{\"from\": \"x:a\", \"relation\": \"member_of\", \"to\": \"group:g\"}]}",
            "g.json:1:21 at /edges/0/from: `x:a` is no reference: write `type:id` with a declared type",
        ),
    ];
    for (text, message) in table {
        assert_eq!(refused(text), [message]);
    }
}

#[test]
fn shapes_are_checked() {
    let table = [
        ("[]", "g.json:1:1: expected an object, found an array"),
        ("{\"nodes\": {}}", "g.json:1:11 at /nodes: expected an array, found an object"),
        ("{\"nodes\": [7]}", "g.json:1:12 at /nodes/0: expected an object, found a number"),
        ("{\"nodes\": [{\"type\": \"user\"}]}", "g.json:1:12 at /nodes/0: member `id` is missing"),
        ("{\"nodes\": [{\"id\": \"a\"}]}", "g.json:1:12 at /nodes/0: member `type` is missing"),
        (
            "{\"nodes\": [{\"type\": \"user\", \"id\": \"a\", \"external_id\": \"a\"}]}",
            "g.json:1:55 at /nodes/0/external_id: `id` and `external_id` say the same thing: keep one",
        ),
        (
            "{\"nodes\": [{\"type\": \"user\", \"id\": \"\"}]}",
            "g.json:1:35 at /nodes/0/id: an id has 1 to 1024 bytes, this one has 0",
        ),
        ("{\"nodes\": [\n{\"type\": \"user\",, }]}", "g.json:2:17: expected a member name, found `,`"),
        (
            &user("{\"email\": {\"value\": \"x\", \"metadata\": {\"assurance_level\": 4}}}"),
            "g.json:2:102 at /nodes/0/properties/email/metadata/assurance_level: an assurance level is 1, 2 or 3",
        ),
        (
            &user("{\"email\": {\"value\": \"x\", \"origin\": {}}}"),
            "g.json:2:70 at /nodes/0/properties/email/origin: unknown member `origin`",
        ),
        (
            &user("[{\"type\": \"email\", \"value\": \"x\"}, {\"type\": \"email\", \"value\": \"y\"}]"),
            "g.json:2:88 at /nodes/0/properties/1/type: property `email` is given twice",
        ),
    ];
    for (text, message) in table {
        let errors = refused(text);
        assert_eq!(errors.len(), 1, "{text}: {errors:?}");
        if message.contains("expected a member name") {
            assert!(errors[0].starts_with("g.json:2:17: expected "), "{errors:?}");
        } else {
            assert_eq!(errors[0], message);
        }
    }
    accepted(&user("{\"email\": {\"value\": \"x\", \"metadata\": {\"assurance_level\": 1}}}"));
    accepted("{}");
}

/// Users a and b, groups g and h, folder f, and these edges, each on a line of its own from line 2.
fn edges(edges: &[&str]) -> String {
    format!(
        "{{\"edges\": [\n{}\n],\n\"nodes\": [{}]}}",
        edges.join(",\n"),
        ["user:a", "user:b", "group:g", "group:h", "folder:f"]
            .map(|key| key.split_once(':').unwrap())
            .map(|(of, id)| format!("{{\"type\": \"{of}\", \"id\": \"{id}\"}}"))
            .join(", ")
    )
}

#[test]
fn edges_must_fit_their_relation() {
    let good = r#"{"from": "user:a", "relation": "manager", "to": "user:b"}"#;
    accepted(&edges(&[good]));
    accepted(&edges(&[good, good]));
    let table: &[(&[&str], &str)] = &[
        (
            &[good, r#"{"from": "user:a", "relation": "manager", "to": "user:a"}"#],
            "g.json:3:1 at /edges/1: `manager` of user:\"a\" leads to one node only: this is a second edge",
        ),
        (
            &[r#"{"from": "user:a", "relation": "manager", "to": "group:g"}"#],
            "g.json:2:49 at /edges/0/to: `manager` leads to `user`, not to `group`",
        ),
        (
            &[r#"{"from": "group:g", "relation": "manager", "to": "user:a"}"#],
            "g.json:2:33 at /edges/0/relation: type `group` has no relation `manager`",
        ),
        (
            &[good, r#"{"from": "user:a", "relation": "member_of", "to": "group:x"}"#],
            "g.json:3:1 at /edges/1: group:\"x\" is declared nowhere",
        ),
        (
            &[r#"{"from": "user:x", "relation": "member_of", "to": "group:x"}"#],
            "g.json:2:1 at /edges/0: user:\"x\" and group:\"x\" is declared nowhere",
        ),
        (
            &[r#"{"from": "folder:f", "relation": "links", "to": "user:a", "properties": {"flow": "x"}}"#],
            "g.json:2:74 at /edges/0/properties/flow: edges of `links` have no property `flow`",
        ),
        (
            &[r#"{"from": "folder:f", "relation": "links", "to": "user:a", "properties": {"weight": "x"}}"#],
            "g.json:2:84 at /edges/0/properties/weight: expected a number without fraction, found `x`",
        ),
        (
            &[
                r#"{"from": "user:a", "relation": "manager", "to": "user:b", "valid_from": "2026-02-01", "valid_until": "2026-02-01"}"#,
            ],
            "g.json:2:1 at /edges/0: the edge never holds: `valid_from` must be earlier than `valid_until`",
        ),
        (&[r#"{"from": "user:a", "to": "user:b"}"#], "g.json:2:1 at /edges/0: member `relation` is missing"),
    ];
    for (list, message) in table {
        assert_eq!(refused(&edges(list)), [*message]);
    }
    accepted(&edges(&[
        r#"{"from": "folder:f", "relation": "links", "to": "user:a", "properties": {"workflow": "x"}}"#,
        r#"{"from": "user:a", "relation": "manager", "to": "user:b", "valid_from": "2026-02-01", "valid_until": "2026-02-02"}"#,
    ]));
}

#[test]
fn a_node_is_declared_once_and_every_fault_is_reported() {
    let errors = read(
        Dangling::Refuse,
        &[
            ("a.json", "{\"nodes\": [{\"type\": \"user\", \"id\": \"a\", \"properties\": {\"age\": true, \"x\": 1}}]}"),
            ("b.ndjson", "{\"type\": \"group\", \"id\": \"a\"}\n{\"type\": \"user\"\n\n{\"type\": \"user\", \"id\": \"a\"}\n"),
        ],
    )
    .unwrap_err();
    let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "a.json:1:62 at /nodes/0/properties/age: expected a number without fraction, found a boolean",
            "a.json:1:68 at /nodes/0/properties/x: type `user` has no attribute `x`",
            "b.ndjson:2:16: expected `,` or `}`, found the end of the text",
            "b.ndjson:4:1: node user:\"a\" is declared twice",
        ]
    );
}

#[test]
fn dangling_edges_are_admitted_only_when_asked_for() {
    let text = edges(&[
        r#"{"from": "user:a", "relation": "member_of", "to": "group:x"}"#,
        r#"{"from": "user:a", "relation": "member_of", "to": "group:g"}"#,
        r#"{"from": "user:a", "relation": "member_of", "to": "group:y"}"#,
    ]);
    assert_eq!(refused(&text).len(), 2);
    let (snapshot, report) = read(Dangling::Placeholder, &[("g.json", &text)]).unwrap();
    assert_eq!((report.nodes, report.placeholders, report.dangling_edges), (5, 2, 2));
    let pointers: Vec<_> = report.dangling.iter().map(|edge| edge.place.pointer.as_str()).collect();
    assert_eq!(pointers, ["/edges/0", "/edges/2"]);
    assert_eq!(report.dangling[1].missing, [snapshot.entity(find(&snapshot, "group:y"))]);
    assert!(snapshot.is_placeholder(find(&snapshot, "group:x")));
    assert!(!snapshot.is_placeholder(find(&snapshot, "group:g")));
}

#[test]
fn references_split_at_a_declared_type() {
    let item = |id: &str| {
        format!(
            r#"{{"nodes": [{{"type": "https://data.example/item#1", "id": "{id}"}},
                {{"type": "data", "id": "x:y"}},
                {{"type": "folder", "id": "f", "relations": {{"links": ["https://data.example/item#1:{id}", "data:x:y"]}}}}]}}"#
        )
    };
    for id in ["9", "a:b", ":"] {
        let snapshot = accepted(&item(id));
        assert_eq!(snapshot.edge_count(), 2, "{id}");
    }
}
