//! What the three searches need, ignore and answer, by requirement.

use super::*;

const SUBJECT: &str =
    r#"{"subject":{"type":"user"},"action":{"name":"read"},"resource":{"type":"record","id":"1"}}"#;
const RESOURCE: &str =
    r#"{"subject":{"type":"user","id":"a"},"action":{"name":"read"},"resource":{"type":"record"}}"#;
const ACTION: &str = r#"{"subject":{"type":"user","id":"a"},"resource":{"type":"record","id":"1"}}"#;

fn json(text: &str) -> Json<'_> {
    remit_json::parse(text.as_bytes(), &remit_json::Limits::default()).expect("test bodies are JSON")
}

/// Outcome of one body on the subject, resource and action search.
fn outcomes(text: &str) -> [String; 3] {
    let tree = json(text);
    let told =
        |outcome: Result<(), RequestError>| outcome.map_or_else(|fault| fault.to_string(), |()| "ok".into());
    [
        told(SubjectSearch::parse(&tree).map(|_| ())),
        told(ResourceSearch::parse(&tree).map(|_| ())),
        told(ActionSearch::parse(&tree).map(|_| ())),
    ]
}

/// A subject search with this page.
fn paged(page: &str) -> String {
    SUBJECT.replacen('{', &format!("{{\"page\":{page},"), 1)
}

#[test]
fn s_06_to_s_09_each_search_needs_its_own_members() {
    assert_eq!(outcomes(SUBJECT), ["ok", "`/subject/id` is missing", "`/subject/id` is missing"]);
    assert_eq!(outcomes(RESOURCE), ["`/resource/id` is missing", "ok", "`/resource/id` is missing"]);
    assert_eq!(outcomes(ACTION), ["`/action` is missing", "`/action` is missing", "ok"]);
    let neither = r#"{"subject":{"type":"user"},"action":{"name":"read"},"resource":{"type":"record"}}"#;
    assert!(outcomes(neither).iter().all(|outcome| outcome.ends_with("is missing")));
}

#[test]
fn s_06_to_s_08_what_is_searched_is_ignored_when_sent() {
    let id = SUBJECT.replace(r#"{"type":"user"}"#, r#"{"type":"user","id":1,"properties":3}"#);
    assert_eq!(SubjectSearch::parse(&json(&id)), SubjectSearch::parse(&json(SUBJECT)));
    let id = RESOURCE.replace(r#"{"type":"record"}"#, r#"{"type":"record","id":"stray"}"#);
    assert_eq!(ResourceSearch::parse(&json(&id)), ResourceSearch::parse(&json(RESOURCE)));
    let action = ACTION.replacen('{', r#"{"action":"stray","#, 1);
    assert_eq!(ActionSearch::parse(&json(&action)), ActionSearch::parse(&json(ACTION)));
}

#[test]
fn s_06_and_s_07_the_searched_type_is_required() {
    let [subject, ..] = outcomes(&SUBJECT.replace(r#"{"type":"user"}"#, "{}"));
    assert_eq!(subject, "`/subject/type` is missing");
    let [_, resource, _] = outcomes(&RESOURCE.replace(r#"{"type":"record"}"#, r#"{"type":1}"#));
    assert_eq!(resource, "`/resource/type` must be a string, not a number");
}

#[test]
fn p_09_the_limit_counts() {
    for (limit, expected) in [("0", 0), ("1", 1), ("2.0", 2)] {
        let text = paged(&format!("{{\"limit\":{limit}}}"));
        let tree = json(&text);
        assert_eq!(SubjectSearch::parse(&tree).unwrap().page.limit, Some(expected));
    }
    for wrong in ["-1", "1.5", "\"2\"", "true", "[]"] {
        let [subject, ..] = outcomes(&paged(&format!("{{\"limit\":{wrong}}}")));
        assert_eq!(subject, "`/page/limit` must be a non-negative integer", "{wrong}");
    }
}

#[test]
fn p_03_and_p_10_the_token_is_a_string_and_unknown_members_are_ignored() {
    let text = paged(r#"{"token":"t","customAttr":1,"next_token":2,"properties":{"x":1}}"#);
    let tree = json(&text);
    let page = SubjectSearch::parse(&tree).unwrap().page;
    assert_eq!((page.token, page.limit), (Some("t"), None));
    let empty = paged(r#"{"token":"","limit":null}"#);
    assert_eq!(SubjectSearch::parse(&json(&empty)).unwrap().page, Page::default());
    assert_eq!(outcomes(&paged(r#"{"token":1}"#))[0], "`/page/token` must be a string, not a number");
    assert_eq!(outcomes(&paged("[]"))[0], "`/page` must be an object, not an array");
    assert_eq!(
        outcomes(&paged(r#"{"properties":[]}"#))[0],
        "`/page/properties` must be an object, not an array"
    );
}

#[test]
fn page_size_follows_the_wish_up_to_the_ceiling() {
    let sized = |limit| Page { limit, ..Page::default() }.size(100, 500);
    assert_eq!([sized(None), sized(Some(0)), sized(Some(7)), sized(Some(u64::MAX))], [100, 0, 7, 500]);
}

#[test]
fn p_05_the_query_text_differs_with_the_question_and_not_with_the_page() {
    let text = |body: &str| SubjectSearch::parse(&json(body)).unwrap().query_text();
    let same = paged(r#"{"limit":1}"#).replace(r#"{"type":"user"}"#, r#"{"id":"stray","type":"user"}"#);
    assert_eq!(text(&same), text(SUBJECT));
    let others = [
        SUBJECT.replace("read", "write"),
        SUBJECT.replace("\"1\"", "\"2\""),
        SUBJECT.replacen('{', r#"{"context":{},"#, 1),
        SUBJECT.replace("user", "group"),
    ];
    others.iter().for_each(|other| assert_ne!(text(other), text(SUBJECT), "{other}"));
    let full = r#"{"subject":{"type":"u","id":"1"},"action":{"name":"n"},"resource":{"type":"r","id":"2"}}"#;
    let tree = json(full);
    let resource = ResourceSearch::parse(&tree).unwrap().query_text();
    assert_ne!(resource, ActionSearch::parse(&tree).unwrap().query_text());
    assert_ne!(resource, SubjectSearch::parse(&tree).unwrap().query_text());
}

#[test]
fn s_04_s_12_p_04_answers_are_plain_and_the_page_comes_first() {
    fn text<R: serde::Serialize>(answer: SearchResponse<R>) -> String {
        serde_json::to_string(&answer).unwrap()
    }
    let found = EntityResult { kind: "user".into(), id: "alice".into() };
    assert_eq!(
        text(SearchResponse::new(vec![found]).with_page(PageAnswer::last())),
        r#"{"page":{"next_token":""},"results":[{"type":"user","id":"alice"}]}"#
    );
    assert_eq!(
        text(SearchResponse::new(vec![ActionResult { name: "read".into() }])),
        r#"{"results":[{"name":"read"}]}"#
    );
    let page = PageAnswer { count: Some(0), total: Some(2), ..PageAnswer::more("t") };
    assert_eq!(
        text(SearchResponse::<EntityResult>::new(Vec::new()).with_page(page)),
        r#"{"page":{"next_token":"t","count":0,"total":2},"results":[]}"#
    );
}
