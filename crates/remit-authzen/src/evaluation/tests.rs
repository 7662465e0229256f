//! What one question must hold, by requirement.

use remit_json::Json;

use super::*;
use crate::{Detail, OwnedAction, OwnedEntity, OwnedRequest};

const GOOD: &str = r#"{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"1"}}"#;

fn json(text: &str) -> Json<'_> {
    remit_json::parse(text.as_bytes(), &remit_json::Limits::default()).expect("test bodies are JSON")
}

/// The good request with one member written differently.
fn with(member: &str, value: &str) -> String {
    let mut body: Map<String, Value> = serde_json::from_str(GOOD).expect("a good body");
    body.insert(member.into(), serde_json::from_str(value).expect("a value"));
    Value::Object(body).to_string()
}

fn without(member: &str) -> String {
    let mut body: Map<String, Value> = serde_json::from_str(GOOD).expect("a good body");
    body.remove(member);
    Value::Object(body).to_string()
}

/// The refusal of a body, or `ok`.
fn outcome(text: &str) -> String {
    match EvaluationRequest::parse(&json(text)) {
        Ok(_) => "ok".into(),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn m_01_and_m_03_type_and_id_are_strings() {
    for name in ["subject", "resource"] {
        let table = [
            (r#"{"type":"t","id":"1"}"#, "ok".to_owned()),
            (r#"{"type":"","id":""}"#, "ok".to_owned()),
            (r#"{"type":"t"}"#, format!("`/{name}/id` is missing")),
            (r#"{"type":"t","id":null}"#, format!("`/{name}/id` is missing")),
            (r#"{"id":"1"}"#, format!("`/{name}/type` is missing")),
            (r#"{"type":"t","id":1}"#, format!("`/{name}/id` must be a string, not a number")),
            (r#"{"type":["t"],"id":"1"}"#, format!("`/{name}/type` must be a string, not an array")),
            (r#""alice""#, format!("`/{name}` must be an object, not a string")),
        ];
        for (entity, expected) in table {
            assert_eq!(outcome(&with(name, entity)), expected, "{name} {entity}");
        }
    }
}

#[test]
fn m_02_properties_are_an_object_of_any_values() {
    let full = with("subject", r#"{"type":"t","id":"1","properties":{"a":{"b":[1,null]}}}"#);
    let tree = json(&full);
    let request = EvaluationRequest::parse(&tree).unwrap();
    let properties = request.subject.properties.unwrap();
    assert_eq!(properties.get("a").unwrap().to_string(), r#"{"b":[1,null]}"#);
    for wrong in ["[]", "\"x\"", "1", "true"] {
        let entity = format!(r#"{{"type":"t","id":"1","properties":{wrong}}}"#);
        assert!(outcome(&with("resource", &entity)).starts_with("`/resource/properties` must be an object"));
    }
}

#[test]
fn m_04_an_action_has_a_name() {
    let table = [
        (r#"{"name":"read","properties":{"soft":true}}"#, "ok"),
        ("{}", "`/action/name` is missing"),
        (r#"{"name":123}"#, "`/action/name` must be a string, not a number"),
        (r#""read""#, "`/action` must be an object, not a string"),
        (r#"{"name":"read","properties":[]}"#, "`/action/properties` must be an object, not an array"),
    ];
    for (action, expected) in table {
        assert_eq!(outcome(&with("action", action)), expected, "{action}");
    }
}

#[test]
fn m_05_context_is_optional_and_free() {
    assert_eq!(outcome(GOOD), "ok");
    assert_eq!(outcome(&with("context", r#"{"time":"2024-10-26T01:22-07:00"}"#)), "ok");
    assert_eq!(outcome(&with("context", "{}")), "ok");
    assert_eq!(outcome(&with("context", "[]")), "`/context` must be an object, not an array");
}

#[test]
fn m_10_attributes_beside_type_and_id_have_no_effect() {
    let beside = with("resource", r#"{"type":"todo","id":"1","ownerID":"x"}"#);
    let tree = json(&beside);
    assert_eq!(EvaluationRequest::parse(&tree).unwrap().resource.properties, None);
}

#[test]
fn e_01_subject_action_and_resource_are_required() {
    for name in ["subject", "action", "resource"] {
        assert_eq!(outcome(&without(name)), format!("`/{name}` is missing"));
        assert_eq!(outcome(&with(name, "null")), format!("`/{name}` is missing"));
    }
}

#[test]
fn t_05_the_body_is_an_object() {
    for (body, found) in [("[]", "an array"), ("\"x\"", "a string"), ("null", "null"), ("1", "a number")] {
        assert_eq!(outcome(body), format!("the body must be an object, not {found}"));
    }
}

#[test]
fn t_11_unknown_members_are_ignored_at_every_level() {
    let plain = json(GOOD);
    let noisy = r#"{"x":1,"evaluations":[{"a":1}],"options":{"x":[]},"subject":{"type":"user","id":"alice","x":{}},
        "action":{"name":"read","x":1},"resource":{"type":"record","id":"1","x":null}}"#;
    let noisy = json(noisy);
    assert_eq!(EvaluationRequest::parse(&noisy), EvaluationRequest::parse(&plain));
}

#[test]
fn a_9_12_null_on_an_optional_member_is_absence() {
    let entity = r#"{"type":"user","id":"alice","properties":null}"#;
    for text in [with("subject", entity), with("context", "null"), with("options", "null")] {
        assert_eq!(EvaluationRequest::parse(&json(&text)), EvaluationRequest::parse(&json(GOOD)), "{text}");
    }
}

#[test]
fn detail_is_one_of_three_words() {
    for (word, detail) in [("minimal", Detail::Minimal), ("reason", Detail::Reason), ("full", Detail::Full)] {
        let body = with("options", &format!(r#"{{"detail":"{word}"}}"#));
        let tree = json(&body);
        assert_eq!(EvaluationRequest::parse(&tree).unwrap().options.detail, Some(detail));
    }
    let listed = "`/options/detail` must be one of `minimal`, `reason`, `full`, not";
    assert_eq!(outcome(&with("options", r#"{"detail":"loud"}"#)), format!("{listed} `loud`"));
    assert_eq!(outcome(&with("options", r#"{"detail":1}"#)), format!("{listed} `a number`"));
    assert_eq!(outcome(&with("options", "[]")), "`/options` must be an object, not an array");
}

#[test]
fn m_06_and_t_14_an_answer_has_a_boolean_and_no_nulls() {
    let text = |answer: EvaluationResponse| serde_json::to_string(&answer).unwrap();
    let context = |value: Value| value.as_object().unwrap().clone();
    assert_eq!(text(EvaluationResponse::new(false)), r#"{"decision":false}"#);
    let holes = context(serde_json::json!({ "a": null, "b": { "c": null, "d": [null, { "e": null }] } }));
    let answer = EvaluationResponse::new(true).with_context(holes);
    assert_eq!(text(answer), r#"{"decision":true,"context":{"b":{"d":[null,{}]}}}"#);
    let empty = EvaluationResponse::new(true).with_context(context(serde_json::json!({ "a": null })));
    assert_eq!(text(empty), r#"{"decision":true}"#);
}

#[test]
fn built_requests_say_the_same_as_parsed_ones() {
    let built = OwnedRequest::new(
        OwnedEntity::new("user", "alice"),
        OwnedAction::new("read"),
        OwnedEntity::new("record", "1"),
    );
    let tree = json(GOOD);
    let parsed = EvaluationRequest::parse(&tree).unwrap();
    assert_eq!(built.borrow(), parsed);
    assert_eq!(OwnedRequest::from(parsed), built);
    assert_eq!(parsed.to_json().to_string(), GOOD);
}
