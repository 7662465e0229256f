//! Defaults, whole replacement and the three semantics, by requirement.

use super::*;

const DEFAULTS: &str = r#""subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"1","properties":{"status":"active"}},"context":{"a":1}"#;

fn json(text: &str) -> Json<'_> {
    remit_json::parse(text.as_bytes(), &remit_json::Limits::default()).expect("test bodies are JSON")
}

fn body(items: &str) -> String {
    format!("{{\"evaluations\":[{items}],{DEFAULTS}}}")
}

fn parse<'j>(json: &'j Json<'j>) -> Result<EvaluationsRequest<'j>, RequestError> {
    EvaluationsRequest::parse(json, &Limits::default(), Compatibility::default())
}

fn batch<'j>(json: &'j Json<'j>) -> Batch<'j> {
    match parse(json).expect("a batch") {
        EvaluationsRequest::Batch(batch) => batch,
        EvaluationsRequest::Single(single) => panic!("single: {single:?}"),
    }
}

fn refusal(text: &str) -> String {
    parse(&json(text)).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn b_01_evaluations_is_an_array_of_objects() {
    assert_eq!(refusal(r#"{"evaluations":{}}"#), "`/evaluations` must be an array, not an object");
    assert_eq!(refusal(&body("{},1")), "`/evaluations/1` must be an object, not a number");
    assert_eq!(refusal(&body("null")), "`/evaluations/0` must be an object, not null");
    assert_eq!(refusal("[]"), "the body must be an object, not an array");
    assert_eq!(batch(&json(&body("{},{}"))).items.len(), 2);
}

#[test]
fn b_02_absent_or_empty_evaluations_are_one_question() {
    for text in [format!("{{{DEFAULTS}}}"), body(""), format!("{{\"evaluations\":null,{DEFAULTS}}}")] {
        let tree = json(&text);
        let Ok(EvaluationsRequest::Single(single)) = parse(&tree) else { panic!("{text}") };
        assert_eq!(single.subject.id, "alice");
    }
    assert_eq!(refusal("{}"), "`/subject` is missing");
}

#[test]
fn b_04_top_level_members_stand_in_for_each_missing_one() {
    let item = r#"{"subject":{"type":"user","id":"bob"}},{"action":{"name":"write"}},{"resource":{"type":"record","id":"2"}},{"context":{"b":2}}"#;
    let text = body(item);
    let tree = json(&text);
    let items: Vec<_> = batch(&tree).items.into_iter().map(Result::unwrap).collect();
    let told: Vec<_> = items
        .iter()
        .map(|item| (item.subject.id, item.action.name, item.resource.id, item.context.unwrap().len()))
        .collect();
    assert_eq!(
        told,
        [
            ("bob", "read", "1", 1),
            ("alice", "write", "1", 1),
            ("alice", "read", "2", 1),
            ("alice", "read", "1", 1)
        ]
    );
}

#[test]
fn b_05_an_item_replaces_the_default_whole() {
    let text = body(r#"{"resource":{"type":"record","id":"1"},"context":{"b":2}},{}"#);
    let tree = json(&text);
    let items = batch(&tree).items;
    let replaced = items[0].as_ref().unwrap();
    assert_eq!(replaced.resource.properties, None);
    assert!(replaced.context.unwrap().get("a").is_none());
    let inherited = items[1].as_ref().unwrap();
    assert!(inherited.resource.properties.is_some());
    assert!(inherited.context.unwrap().get("a").is_some());
}

#[test]
fn b_06_and_b_13_an_incomplete_item_fails_alone() {
    let text = r#"{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},
        "evaluations":[{"resource":{"type":"record","id":"1"}},{},{"resource":{"type":"record"}},{"resource":"x"},
        {"resource":{"type":"record","id":"1"},"context":[]}]}"#;
    let tree = json(text);
    let told: Vec<_> =
        batch(&tree).items.into_iter().map(|item| item.err().map(|fault| fault.to_string())).collect();
    let faults: Vec<_> = told.iter().map(|fault| fault.as_deref()).collect();
    assert_eq!(
        faults,
        [
            None,
            Some("`/evaluations/1/resource` is missing"),
            Some("`/evaluations/2/resource/id` is missing"),
            Some("`/evaluations/3/resource` must be an object, not a string"),
            Some("`/evaluations/4/context` must be an object, not an array"),
        ]
    );
}

#[test]
fn a_9_05_defaults_are_judged_only_where_they_are_used() {
    let text = r#"{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{},
        "evaluations":[{"resource":{"type":"record","id":"1"}},{}]}"#;
    let tree = json(text);
    let items = batch(&tree).items;
    assert!(items[0].is_ok());
    assert_eq!(items[1].as_ref().unwrap_err().to_string(), "`/resource/type` is missing");
}

#[test]
fn a_9_05_a_missing_type_is_filled_only_on_request_and_nothing_else_is() {
    let text = r#"{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},
        "resource":{"type":"record","id":"1","properties":{"a":1}},
        "evaluations":[{"resource":{"id":"2"}},{"resource":{"type":"page","id":"3"}},{"resource":{"properties":{}}}]}"#;
    let tree = json(text);
    let strict = batch(&tree).items;
    assert!(strict[0].is_err() && strict[1].is_ok());
    let fill = Compatibility { fill_missing_type: true };
    let Ok(EvaluationsRequest::Batch(filled)) = EvaluationsRequest::parse(&tree, &Limits::default(), fill)
    else {
        panic!("a batch")
    };
    let first = filled.items[0].as_ref().unwrap().resource;
    assert_eq!((first.kind, first.id, first.properties), ("record", "2", None));
    assert_eq!(filled.items[1].as_ref().unwrap().resource.kind, "page");
    assert_eq!(filled.items[2].as_ref().unwrap_err().pointer, "/evaluations/2/resource/id");
}

#[test]
fn b_07_defaults_are_not_needed_when_items_are_complete() {
    let item = format!("{{{DEFAULTS}}}");
    let text = format!("{{\"evaluations\":[{item},{item}]}}");
    assert!(batch(&json(&text)).items.iter().all(Result::is_ok));
}

#[test]
fn b_08_and_b_09_the_semantic_is_one_of_three_words() {
    let with = |options: &str| format!("{{\"options\":{options},\"evaluations\":[{{}}],{DEFAULTS}}}");
    let table = [
        ("{}", Semantic::ExecuteAll),
        (r#"{"evaluations_semantic":null}"#, Semantic::ExecuteAll),
        (r#"{"evaluations_semantic":"execute_all","another_option":1}"#, Semantic::ExecuteAll),
        (r#"{"evaluations_semantic":"deny_on_first_deny"}"#, Semantic::DenyOnFirstDeny),
        (r#"{"evaluations_semantic":"permit_on_first_permit"}"#, Semantic::PermitOnFirstPermit),
    ];
    for (options, expected) in table {
        assert_eq!(batch(&json(&with(options))).semantic, expected, "{options}");
    }
    for wrong in [r#"{"evaluations_semantic":"any"}"#, r#"{"evaluations_semantic":1}"#] {
        assert!(refusal(&with(wrong)).starts_with("`/options/evaluations_semantic` must be one of"));
    }
    assert_eq!(refusal(&with("\"x\"")), "`/options` must be an object, not a string");
}

#[test]
fn b_10_to_b_12_where_each_semantic_stops() {
    let table = [
        (Semantic::ExecuteAll, [true, false, true], 3),
        (Semantic::DenyOnFirstDeny, [true, false, true], 2),
        (Semantic::DenyOnFirstDeny, [true, true, true], 3),
        (Semantic::PermitOnFirstPermit, [false, true, false], 2),
        (Semantic::PermitOnFirstPermit, [false, false, false], 3),
    ];
    for (semantic, decisions, answered) in table {
        let stop = decisions.iter().position(|decision| semantic.stops_after(*decision));
        assert_eq!(stop.map_or(decisions.len(), |at| at + 1), answered, "{semantic:?} {decisions:?}");
    }
}

#[test]
fn b_15_and_b_16_nothing_stands_beside_evaluations() {
    let text = |answer: EvaluationsResponse| serde_json::to_string(&answer).unwrap();
    let yes = EvaluationResponse::new(true);
    let no = EvaluationResponse::item_fault(400, "`/resource` is missing");
    assert_eq!(text(EvaluationsResponse::Single(yes.clone())), r#"{"decision":true}"#);
    assert_eq!(
        text(EvaluationsResponse::Batch { evaluations: vec![yes, no] }),
        r#"{"evaluations":[{"decision":true},{"decision":false,"context":{"error":{"message":"`/resource` is missing","status":400}}}]}"#
    );
}

#[test]
fn c_05_a_batch_is_bounded() {
    let text = body("{},{},{}");
    let tree = json(&text);
    let of = |items| {
        EvaluationsRequest::parse(&tree, &Limits { items, ..Limits::default() }, Compatibility::default())
    };
    assert!(of(3).is_ok());
    assert_eq!(of(2).unwrap_err().to_string(), "`/evaluations` has more than 2 items");
}

#[test]
fn t_12_members_may_come_in_any_order() {
    let last = format!("{{{DEFAULTS},\"evaluations\":[{{}}]}}");
    let first = body("{}");
    assert_eq!(parse(&json(&last)), parse(&json(&first)));
}

#[test]
fn detail_holds_for_every_item() {
    let text = format!(
        r#"{{"options":{{"detail":"full"}},"evaluations":[{{"options":{{"detail":"minimal"}}}}],{DEFAULTS}}}"#
    );
    let tree = json(&text);
    let items = batch(&tree).items;
    assert_eq!(items[0].as_ref().unwrap().options.detail, Some(crate::Detail::Full));
}
