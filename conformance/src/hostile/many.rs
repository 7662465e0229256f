//! Batches and searches: half-given items, orders, sizes, and page tokens of others (THREATS R16 to R19).

use serde_json::{Value, json};

use super::Target;
use super::case::{Case, EVALUATION, EVALUATIONS, Expect};
use super::wire;

const SUBJECTS: &str = "/access/v1/search/subject";

pub fn add(target: &Target, cases: &mut Vec<Case>) {
    batches(target, cases);
    searches(target, cases);
    page_tokens(target, cases);
}

fn batches(target: &Target, cases: &mut Vec<Case>) {
    let question = &target.question;
    let mut ask = |name: &str, body: &Value, expect: Expect| {
        let bytes = target.post(EVALUATIONS, body.to_string().as_bytes());
        cases.push(Case::new("batch", name, bytes, expect));
    };
    let with = |more: Value| {
        let mut body = question.clone();
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        body
    };
    let part = |name: &str| question.get(name).cloned().unwrap_or_default();
    let (subject, resource) = (part("subject"), part("resource"));
    let nobody = json!({ "type": target.text("subject", "type"), "id": "nobody-at-all" });
    let (id, kind) = (target.text("resource", "id"), target.text("resource", "type"));
    // An item replaces a default whole: no half of an entity is filled in from above.
    for (name, item) in [
        ("resource without type", json!({ "resource": { "id": id } })),
        ("resource without id", json!({ "resource": { "type": kind } })),
        ("empty resource", json!({ "resource": {} })),
        ("subject without type", json!({ "subject": { "id": target.text("subject", "id") } })),
        ("empty subject", json!({ "subject": {} })),
        ("action without name", json!({ "action": {} })),
        ("subject of the wrong shape", json!({ "subject": "x" })),
        ("resource of the wrong shape", json!({ "resource": [] })),
        ("context of the wrong shape", json!({ "context": "x" })),
        ("properties of the wrong shape", json!({ "subject": { "type": "a", "id": "b", "properties": [] } })),
    ] {
        ask(name, &with(json!({ "evaluations": [item] })), Expect::Denied(vec![false]));
    }
    let mixed = json!({ "evaluations": [{}, { "resource": {} }, {}] });
    ask("broken in the middle", &with(mixed), Expect::Decisions(vec![true, false, true]));
    let mixed = json!({ "evaluations": [{ "subject": nobody }, {}, { "subject": nobody }] });
    ask("denied around", &with(mixed), Expect::Decisions(vec![false, true, false]));
    let first = |semantic: &str, items: Value| {
        with(json!({ "options": { "evaluations_semantic": semantic }, "evaluations": items }))
    };
    let items = json!([{ "subject": nobody }, {}, {}]);
    ask("all", &first("execute_all", items.clone()), Expect::Decisions(vec![false, true, true]));
    ask("until a deny", &first("deny_on_first_deny", items.clone()), Expect::Denied(vec![false]));
    ask(
        "until a permit",
        &first("permit_on_first_permit", items.clone()),
        Expect::Decisions(vec![false, true]),
    );
    for semantic in ["", "Execute_all", "execute_all ", "permit_all", "first_applicable", "null"] {
        let refused = Expect::Refused(&[400]);
        ask(&format!("unknown semantic {semantic:?}"), &first(semantic, items.clone()), refused);
    }
    for semantic in [json!(1), json!([]), json!({}), json!(true)] {
        let body = with(json!({ "options": { "evaluations_semantic": semantic }, "evaluations": items }));
        ask(&format!("semantic is {semantic}"), &body, Expect::Refused(&[400]));
    }
    for value in
        [json!("x"), json!({}), json!(1), json!(true), json!([1]), json!(["x"]), json!([null]), json!([[]])]
    {
        ask(
            &format!("evaluations is {value}"),
            &with(json!({ "evaluations": value })),
            Expect::Refused(&[400]),
        );
    }
    let nested =
        json!([{ "subject": nobody, "evaluations": [{ "subject": subject, "resource": resource }] }]);
    ask("items in items", &with(json!({ "evaluations": nested })), Expect::Denied(vec![false]));
    ask("no items", &with(json!({ "evaluations": [] })), Expect::Decisions(vec![true]));
    let nobodys = with(json!({ "subject": nobody, "evaluations": [] }));
    ask("no items, denied", &nobodys, Expect::Denied(vec![false]));
    let none = json!({ "evaluations": [{}] });
    ask("nothing to stand in", &none, Expect::Denied(vec![false]));
    for many in [1_000, 20_000, 200_000] {
        let items = vec![json!({ "subject": nobody }); many];
        let body = with(json!({ "evaluations": items })).to_string();
        let bytes = target.post(EVALUATIONS, body.as_bytes());
        let mut case = Case::new("batch", format!("{many} items"), bytes, Expect::NoAllow);
        case.within = std::time::Duration::from_secs(10);
        case.patience = case.within;
        cases.push(case);
    }
    // A batch is no single question and a single question no batch.
    let body = with(json!({ "subject": nobody, "evaluations": [{ "subject": subject }] }));
    let bytes = target.post(EVALUATION, body.to_string().as_bytes());
    cases.push(Case::new("batch", "items for the single endpoint", bytes, Expect::NoAllow));
}

fn searches(target: &Target, cases: &mut Vec<Case>) {
    let kind = target.text("subject", "type");
    let question = target.with(&["subject"], json!({ "type": kind }));
    let mut ask = |name: String, path: &str, body: &Value, expect: Expect| {
        let bytes = target.post(path, body.to_string().as_bytes());
        cases.push(Case::new("search", name, bytes, expect));
    };
    let paged = |page: Value| {
        let mut body = question.clone();
        if let Some(body) = body.as_object_mut() {
            body.insert("page".into(), page);
        }
        body
    };
    for limit in
        [json!(-1), json!(1.5), json!("10"), json!(true), json!([]), json!({}), json!(-9007199254740991_i64)]
    {
        let refused = Expect::Refused(&[400]);
        ask(format!("limit {limit}"), SUBJECTS, &paged(json!({ "limit": limit })), refused);
    }
    let vast = question.to_string().replacen('{', r#"{"page":{"limit":1000000000000000000},"#, 1);
    let bytes = target.post(SUBJECTS, vast.as_bytes());
    cases.push(Case::new("search", "limit 10^18", bytes, Expect::Refused(&[400])));
    let mut ask = |name: String, path: &str, body: &Value, expect: Expect| {
        let bytes = target.post(path, body.to_string().as_bytes());
        cases.push(Case::new("search", name, bytes, expect));
    };
    for page in [json!("x"), json!(1), json!([]), json!(true)] {
        ask(format!("page is {page}"), SUBJECTS, &paged(page.clone()), Expect::Refused(&[400]));
    }
    for token in [
        json!(1),
        json!(true),
        json!([]),
        json!({}),
        json!("x"),
        json!("0"),
        json!("AAAA"),
        json!("../.."),
        json!("a.b.c"),
    ] {
        let refused = Expect::Refused(&[400]);
        ask(format!("token {token}"), SUBJECTS, &paged(json!({ "token": token })), refused);
    }
    for part in ["action", "resource"] {
        let mut body = question.clone();
        if let Some(body) = body.as_object_mut() {
            body.remove(part);
        }
        ask(format!("no {part}"), SUBJECTS, &body, Expect::Refused(&[400]));
    }
    for (name, subject) in [("star", "*"), ("empty", ""), ("another case", "USER"), ("unknown", "nobodies")] {
        let body = target.with(&["subject"], json!({ "type": subject }));
        ask(format!("type {name}"), SUBJECTS, &body, Expect::NoAllow);
    }
    let nobody = target.with(&["subject", "id"], "nobody-at-all".into());
    ask("resources of nobody".into(), "/access/v1/search/resource", &nobody, Expect::NoAllow);
    ask("actions of nobody".into(), "/access/v1/search/action", &nobody, Expect::NoAllow);
    ask("as it is".into(), SUBJECTS, &question, Expect::Answer(200, "\"results\":[{"));
}

/// A token is for one search of one caller: every other use is refused.
fn page_tokens(target: &Target, cases: &mut Vec<Case>) {
    let kind = target.text("subject", "type");
    let mut body = target.with(&["subject"], json!({ "type": kind }));
    let page = |body: &mut Value, page: Value| {
        if let Some(body) = body.as_object_mut() {
            body.insert("page".into(), page);
        }
    };
    page(&mut body, json!({ "limit": 0 }));
    let bytes = target.post(SUBJECTS, body.to_string().as_bytes());
    let pieces = [wire::Piece::Send(bytes)];
    let exchange = wire::exchange(target.address, &pieces, std::time::Duration::from_secs(5));
    let token = exchange.answers.first().and_then(|answer| {
        let body: Value = serde_json::from_slice(&answer.body).ok()?;
        Some(body.get("page")?.get("next_token")?.as_str()?.to_owned())
    });
    // A decision point without pages has no tokens to forge.
    let Some(token) = token.filter(|token| !token.is_empty()) else { return };
    let mut ask = |name: String, body: &Value, expect: Expect| {
        let bytes = target.post(SUBJECTS, body.to_string().as_bytes());
        cases.push(Case::new("page tokens", name, bytes, expect));
    };
    let refused = || Expect::Refused(&[400]);
    for at in (0..token.len()).step_by(token.len().div_ceil(24).max(1)) {
        let changed: String = token
            .char_indices()
            .map(|(place, it)| {
                if place != at {
                    it
                } else if it == 'A' {
                    'B'
                } else {
                    'A'
                }
            })
            .collect();
        if changed != token {
            page(&mut body, json!({ "token": changed }));
            ask(format!("changed at {at}"), &body, refused());
        }
    }
    for (name, changed) in [
        ("shorter", token.get(1..).unwrap_or_default().to_owned()),
        ("longer", format!("{token}A")),
        ("twice", format!("{token}{token}")),
        ("with padding", format!("{token}=")),
        ("with a blank", format!("{token} ")),
        ("half", token.get(..token.len() / 2).unwrap_or_default().to_owned()),
        ("other case", token.to_uppercase()),
        ("reversed", token.chars().rev().collect()),
    ] {
        if changed != token {
            page(&mut body, json!({ "token": changed }));
            ask(name.to_owned(), &body, refused());
        }
    }
    let mut other = target.with(&["subject"], json!({ "type": kind }));
    page(&mut other, json!({ "token": token }));
    if let Some(other) = other.as_object_mut() {
        other.insert("resource".into(), json!({ "type": target.text("resource", "type"), "id": "another" }));
    }
    ask("of another question".into(), &other, refused());
    let mut larger = target.with(&["subject"], json!({ "type": kind }));
    page(&mut larger, json!({ "limit": 7, "token": token }));
    ask("with another limit".into(), &larger, refused());
    let mut good = target.with(&["subject"], json!({ "type": kind }));
    for (name, token) in [("from the beginning", ""), ("as it is", token.as_str())] {
        page(&mut good, json!({ "token": token }));
        ask(name.to_owned(), &good, Expect::Answer(200, "\"results\":[{"));
    }
}
