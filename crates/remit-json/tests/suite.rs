//! The public JSON test suite: what every parser accepts we accept, but for the rules listed here.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "helpers of tests may panic")]

use remit_json::{JsonError, Limits, NumberFault, parse};

type Rule = fn(&JsonError) -> bool;

/// Valid JSON that is refused here on purpose, each with the rule that refuses it.
const STRICTER: &[(&str, Rule)] = &[
    ("y_object_duplicated_key", |fault| matches!(fault, JsonError::Duplicate { .. })),
    ("y_number_real_exponent", |fault| matches!(fault, JsonError::Number { fault: NumberFault::Range, .. })),
];

/// Texts on which RFC 8259 leaves the choice open and which are accepted here.
const OPEN_AND_ACCEPTED: &[&str] = &["number_1.0", "number_1000000000000000", "object_key_nfc_nfd"];

#[derive(PartialEq)]
enum Expect {
    Accept,
    Reject,
    Either,
}

fn cases() -> Vec<(String, Expect, Vec<u8>)> {
    let file: serde_json::Value = serde_json::from_str(include_str!("data/jsontestsuite.json")).unwrap();
    let case = |case: &serde_json::Value| {
        let expect = match case["expect"].as_str().unwrap() {
            "accept" => Expect::Accept,
            "reject" => Expect::Reject,
            _ => Expect::Either,
        };
        (case["name"].as_str().unwrap().to_owned(), expect, bytes(case))
    };
    file["cases"].as_array().unwrap().iter().map(case).collect()
}

fn bytes(case: &serde_json::Value) -> Vec<u8> {
    let part = |key: &str| case[key].as_str().map(base64).unwrap_or_default();
    let mut whole = part("base64");
    let times = case["count"].as_u64().unwrap_or(0) as usize;
    whole.extend(part("repeat_base64").repeat(times));
    whole.extend(part("tail_base64"));
    whole
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut out = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        bits = bits << 6 | u32::from(digit(byte));
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    out
}

#[test]
fn accepts_what_is_valid_and_refuses_what_is_not() {
    let cases = cases();
    assert_eq!(cases.len(), 171);
    for (name, expect, text) in cases {
        let read = parse(&text, &Limits::default());
        let exception = STRICTER.iter().find(|(stricter, _)| *stricter == name);
        match (expect, exception) {
            (Expect::Accept, Some((_, rule))) => {
                assert!(read.as_ref().is_err_and(rule), "{name}: {read:?}");
            }
            (Expect::Accept, None) => assert!(read.is_ok(), "{name}: {read:?}"),
            (Expect::Reject, _) => assert!(read.is_err(), "{name} was accepted"),
            (Expect::Either, _) => {
                assert_eq!(read.is_ok(), OPEN_AND_ACCEPTED.contains(&name.as_str()), "{name}: {read:?}");
            }
        }
    }
}

#[test]
fn accepted_texts_read_as_serde_json_reads_them() {
    for (name, _, text) in cases() {
        if let Ok(read) = parse(&text, &Limits::default()) {
            let other: serde_json::Value = serde_json::from_slice(&text).unwrap();
            let ours: serde_json::Value = serde_json::from_str(&read.to_string()).unwrap();
            if !name.starts_with("y_number") && !name.starts_with("number") {
                assert_eq!(ours, other, "{name}");
            }
        }
    }
}
