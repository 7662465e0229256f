//! Bodies: the public JSON test suite, members twice, nesting, numbers, and questions of the wrong shape (THREATS R1 to R6).

use serde_json::{Value, json};

use super::Target;
use super::case::{Case, EVALUATION, Expect};

/// The selection of nst/JSONTestSuite that `remit-json` is tested with.
const SUITE: &str = include_str!("../../../crates/remit-json/tests/data/jsontestsuite.json");

pub fn add(target: &Target, cases: &mut Vec<Case>) {
    json_suite(target, cases);
    members_twice(target, cases);
    nesting(target, cases);
    numbers(target, cases);
    shapes(target, cases);
}

/// The question with these bytes as the value of `context.x`.
fn around(target: &Target, value: &[u8]) -> Vec<u8> {
    let question = target.without(&["context"]).to_string();
    let open = question.strip_suffix('}').unwrap_or_default();
    [open.as_bytes(), br#","context":{"x":"#, value, b"}}"].concat()
}

fn json_suite(target: &Target, cases: &mut Vec<Case>) {
    let suite: Value = serde_json::from_str(SUITE).unwrap_or_default();
    for document in suite.get("cases").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
        let times = document.get("count").and_then(Value::as_u64).and_then(|it| usize::try_from(it).ok());
        let mut bytes = base64(text("base64"));
        bytes.extend(base64(text("repeat_base64")).repeat(times.unwrap_or(0)));
        bytes.extend(base64(text("tail_base64")));
        let name = text("name");
        let whole = target.post(EVALUATION, &bytes);
        cases.push(Case::new("json", format!("{name} as a body"), whole, Expect::Refused(&[400, 413])));
        let expect = match text("expect") {
            "reject" => Expect::Refused(&[400, 413]),
            _ => Expect::AllowOrRefused,
        };
        let inside = target.post(EVALUATION, &around(target, &bytes));
        cases.push(Case::new("json", format!("{name} in a context"), inside, expect));
    }
}

fn base64(text: &str) -> Vec<u8> {
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        bits = (bits << 6 | u32::from(digit)) & 0xff_ffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
        }
    }
    out
}

fn members_twice(target: &Target, cases: &mut Vec<Case>) {
    let part = |name: &str| target.question.get(name).cloned().unwrap_or_default().to_string();
    let (subject, action, resource) = (part("subject"), part("action"), part("resource"));
    let kind = target.text("subject", "type");
    let id = target.text("subject", "id");
    let other = json!({ "type": kind, "id": "nobody-at-all" }).to_string();
    let rest = format!(r#""action":{action},"resource":{resource}"#);
    let bodies = [
        ("subject, good last", format!(r#"{{"subject":{other},"subject":{subject},{rest}}}"#)),
        ("subject, good first", format!(r#"{{"subject":{subject},"subject":{other},{rest}}}"#)),
        ("subject, the same", format!(r#"{{"subject":{subject},"subject":{subject},{rest}}}"#)),
        ("subject through an escape", format!(r#"{{"subject":{other},"\u0073ubject":{subject},{rest}}}"#)),
        ("id, good last", format!(r#"{{"subject":{{"type":"{kind}","id":"x","id":"{id}"}},{rest}}}"#)),
        ("id, good first", format!(r#"{{"subject":{{"type":"{kind}","id":"{id}","id":"x"}},{rest}}}"#)),
        (
            "id through an escape",
            format!(r#"{{"subject":{{"type":"{kind}","id":"x","\u0069d":"{id}"}},{rest}}}"#),
        ),
        ("type", format!(r#"{{"subject":{{"type":"x","type":"{kind}","id":"{id}"}},{rest}}}"#)),
        ("action", format!(r#"{{"subject":{subject},"action":{{"name":"x"}},{rest}}}"#)),
        ("resource", format!(r#"{{"subject":{subject},{rest},"resource":{{"type":"x","id":"y"}}}}"#)),
        ("in the context", format!(r#"{{"subject":{subject},{rest},"context":{{"a":1,"a":2}}}}"#)),
        (
            "deep in the context",
            format!(r#"{{"subject":{subject},{rest},"context":{{"b":[{{"a":1,"a":1}}]}}}}"#),
        ),
        ("context", format!(r#"{{"subject":{subject},{rest},"context":{{}},"context":{{}}}}"#)),
        (
            "in properties",
            format!(r#"{{"subject":{{"type":"{kind}","id":"{id}","properties":{{"p":1,"p":2}}}},{rest}}}"#),
        ),
    ];
    for (name, body) in bodies {
        let bytes = target.post(EVALUATION, body.as_bytes());
        cases.push(Case::new("twice", name, bytes, Expect::Refused(&[400])));
    }
    for context in [json!({ "a": 1, "A": 1 }), json!({ "a": { "a": { "a": 1 } } })] {
        let body = target.with(&["context"], context).to_string();
        let bytes = target.post(EVALUATION, body.as_bytes());
        cases.push(Case::new("twice", "names that only look alike", bytes, Expect::Decisions(vec![true])));
    }
}

fn nesting(target: &Target, cases: &mut Vec<Case>) {
    for depth in [200, 1_000, 20_000, 100_000] {
        for (form, open, close) in [("lists", "[", "]"), ("objects", r#"{"a":"#, "}")] {
            for closed in [true, false] {
                let middle = if form == "objects" && closed { "1" } else { "" };
                let end = if closed { close.repeat(depth) } else { String::new() };
                let value = open.repeat(depth) + middle + &end;
                let name = format!("{depth} {form}, closed: {closed}");
                let whole = target.post(EVALUATION, value.as_bytes());
                let refused = || Expect::Refused(&[400, 413]);
                cases.push(Case::new("nesting", format!("{name}, as a body"), whole, refused()));
                let inside = target.post(EVALUATION, &around(target, value.as_bytes()));
                cases.push(Case::new("nesting", format!("{name}, in a context"), inside, refused()));
                let list = format!(r#"{{"evaluations":{value}}}"#);
                let batch = target.post(super::case::EVALUATIONS, list.as_bytes());
                cases.push(Case::new("nesting", format!("{name}, as items"), batch, refused()));
            }
        }
    }
    for depth in [1, 8, 16] {
        let value = "[".repeat(depth) + &"]".repeat(depth);
        let inside = target.post(EVALUATION, &around(target, value.as_bytes()));
        cases.push(Case::new("nesting", format!("{depth} lists"), inside, Expect::Decisions(vec![true])));
    }
}

fn numbers(target: &Target, cases: &mut Vec<Case>) {
    let digits = "9".repeat(400);
    let refused = [
        "1e999999",
        "-1e999999",
        "1E400",
        "1e-999999",
        &digits,
        "9007199254740993",
        "-9007199254740993",
        "18446744073709551616",
        "+1",
        "01",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x10",
        "0b1",
        "1_000",
        "NaN",
        "Infinity",
        "-Infinity",
        "- 1",
        "--1",
        "1,000",
        "1e5.5",
        "\u{ff11}",
        "1f",
        "1n",
    ];
    for number in refused {
        let bytes = target.post(EVALUATION, &around(target, number.as_bytes()));
        let name: String = number.chars().take(24).collect();
        cases.push(Case::new("numbers", name, bytes, Expect::Refused(&[400])));
    }
    for number in ["0", "-0", "-5", "1.5", "9007199254740991", "-9007199254740991", "1e3", "0.000001"] {
        let bytes = target.post(EVALUATION, &around(target, number.as_bytes()));
        cases.push(Case::new("numbers", number, bytes, Expect::Decisions(vec![true])));
    }
}

/// THREATS R6: the 67 schema faults and some more.
fn shapes(target: &Target, cases: &mut Vec<Case>) {
    let mut refused = |name: String, body: &Value| {
        let bytes = target.post(EVALUATION, body.to_string().as_bytes());
        cases.push(Case::new("schema", name, bytes, Expect::Refused(&[400])));
    };
    let values = [json!(null), json!("x"), json!(1), json!(true), json!([]), json!({})];
    for part in ["subject", "action", "resource"] {
        refused(format!("no {part}"), &target.without(&[part]));
        for value in &values {
            refused(format!("{part} is {value}"), &target.with(&[part], value.clone()));
        }
    }
    for (part, member) in
        [("subject", "type"), ("subject", "id"), ("action", "name"), ("resource", "type"), ("resource", "id")]
    {
        refused(format!("no {part}.{member}"), &target.without(&[part, member]));
        for value in [json!(null), json!(1), json!(true), json!(["x"]), json!({ "x": 1 })] {
            refused(format!("{part}.{member} is {value}"), &target.with(&[part, member], value.clone()));
        }
    }
    for part in ["subject", "action", "resource"] {
        for value in [json!("x"), json!(1), json!(true), json!([]), json!(["x"])] {
            let body = target.with(&[part, "properties"], value.clone());
            refused(format!("{part}.properties is {value}"), &body);
        }
    }
    for value in [json!("x"), json!(1), json!(true), json!([]), json!([{}])] {
        refused(format!("context is {value}"), &target.with(&["context"], value.clone()));
    }
    for body in [json!([]), json!("x"), json!(1), json!(null), json!(true), json!([target.question])] {
        let name: String = body.to_string().chars().take(40).collect();
        refused(format!("the body is {name}"), &body);
    }
    for (name, body) in [
        ("no properties", target.with(&["subject", "properties"], json!(null))),
        ("no context", target.with(&["context"], json!(null))),
        ("empty context", target.with(&["context"], json!({}))),
        ("members nobody knows", target.with(&["zzz"], json!({ "decision": false, "deep": [{}] }))),
        ("members nobody knows in a subject", target.with(&["subject", "zzz"], json!([1, 2]))),
    ] {
        let bytes = target.post(EVALUATION, body.to_string().as_bytes());
        cases.push(Case::new("schema", name, bytes, Expect::Decisions(vec![true])));
    }
}
