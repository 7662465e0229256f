//! The published JSON Schema and the loader agree on the shape of documents.
#![expect(clippy::unwrap_used, reason = "a test that cannot compile its schema shall fail")]

mod support;

use boon::{Compiler, SchemaIndex, Schemas};
use remit_graph::{Dangling, Document, load, read_changes};
use serde_json::Value;

const SCHEMA: &str = include_str!("../../../schemas/graph.schema.json");

struct Validator {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Validator {
    fn new(part: &str) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("graph.schema.json", serde_json::from_str(SCHEMA).unwrap()).unwrap();
        let index = compiler.compile(&format!("graph.schema.json#{part}"), &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn accepts(&self, text: &str) -> bool {
        let value: Value = serde_json::from_str(text).unwrap();
        self.schemas.validate(&value, self.index).is_ok()
    }
}

#[test]
fn real_documents_are_valid() {
    let document = Validator::new("");
    for text in [
        include_str!("data/whole.json"),
        include_str!("data/canbank/nodes.json"),
        include_str!("data/canbank/relationships.json"),
    ] {
        assert!(document.accepts(text), "{text}");
    }
    let line = Validator::new("/$defs/line");
    for text in include_str!("data/rest.ndjson").lines().filter(|line| !line.is_empty()) {
        assert!(line.accepts(text), "{text}");
    }
}

#[test]
fn what_the_schema_refuses_the_loader_refuses() {
    let user = |rest: &str| format!(r#"{{"nodes": [{{"type": "user", "id": "a"{rest}}}]}}"#);
    let edge = |rest: &str| {
        format!(r#"{{"edges": [{{"from": "user:a", "relation": "manager", "to": "user:b"{rest}}}]}}"#)
    };
    let table = [
        (r#"{"nodes": []}"#.to_owned(), r#"{"node": []}"#.to_owned()),
        (user(""), r#"{"nodes": [{"type": "user"}]}"#.to_owned()),
        (user(""), user(r#", "external_id": "a""#)),
        (user(r#", "labels": ["x"]"#), user(r#", "labels": "x""#)),
        (user(r#", "is_identity": true"#), user(r#", "is_identity": 1"#)),
        (user(r#", "properties": {"email": "x"}"#), user(r#", "properties": {"email": null}"#)),
        (
            user(r#", "properties": {"email": {"value": "x", "metadata": {"assurance_level": 3}}}"#),
            user(r#", "properties": {"email": {"value": "x", "metadata": {"assurance_level": 0}}}"#),
        ),
        (
            user(r#", "properties": {"email": {"value": "x", "metadata": {"verified_time": "2026-01-01"}}}"#),
            user(r#", "properties": {"email": {"value": "x", "metadata": {"verified_time": "today"}}}"#),
        ),
        (
            user(r#", "properties": {"email": {"value": "x"}}"#),
            user(r#", "properties": {"email": {"value": "x", "by": "y"}}"#),
        ),
        (
            user(r#", "properties": [{"type": "email", "external_value": "x"}]"#),
            user(r#", "properties": [{"type": "email"}]"#),
        ),
        (user(r#", "relations": {"manager": "user:b"}"#), user(r#", "relations": {"manager": "b"}"#)),
        (
            user(r#", "relations": {"manager": {"type": "user", "id": "b"}}"#),
            user(r#", "relations": {"manager": {"type": "user", "id": "b", "x": 1}}"#),
        ),
        (edge(""), r#"{"edges": [{"from": "user:a", "to": "user:b"}]}"#.to_owned()),
        (edge(""), edge(r#", "source": "user:a""#)),
        (edge(r#", "properties": {"weight": 1}"#), edge(r#", "properties": [{"type": "weight"}]"#)),
        (edge(r#", "valid_from": "2026-01-01""#), edge(r#", "valid_from": "2026""#)),
        (edge(r#", "properties": []"#), edge(r#", "metadata": {}"#)),
    ];
    let (validator, schema) = (Validator::new(""), support::schema());
    for (accepted, refused) in table {
        for (text, expected) in [(&accepted, true), (&refused, false)] {
            assert_eq!(validator.accepts(text), expected, "schema: {text}");
            let document = Document::new("t.json", text.as_bytes());
            assert_eq!(load(&schema, &[document], Dangling::Placeholder).is_ok(), expected, "loader: {text}");
        }
    }
}

#[test]
fn what_the_schema_says_of_changes_the_reader_says_too() {
    let table = [
        (r#"{"delete_node": "user:a"}"#, r#"{"delete_nodes": "user:a"}"#),
        (r#"{"upsert_node": {"type": "user", "id": "a"}}"#, r#"{"upsert_node": {"type": "user"}}"#),
        (
            r#"{"delete_property": {"node": "user:a", "name": "email"}}"#,
            r#"{"delete_property": {"node": "user:a"}}"#,
        ),
        (
            r#"{"delete_node": "user:a"}"#,
            r#"{"delete_node": "user:a", "upsert_node": {"type": "user", "id": "a"}}"#,
        ),
        (r#"{"delete_edge": {"from": "user:a", "relation": "manager", "to": "user:b"}}"#, "{}"),
    ];
    let (validator, schema) = (Validator::new("/$defs/changes"), support::schema());
    for (accepted, refused) in table {
        for (change, expected) in [(accepted, true), (refused, false)] {
            let text = format!("{{\"changes\": [{change}]}}");
            assert_eq!(validator.accepts(&text), expected, "schema: {text}");
            let read = read_changes(&schema, &Document::new("t.json", text.as_bytes()));
            assert_eq!(read.is_ok(), expected, "reader: {text}");
        }
    }
}
