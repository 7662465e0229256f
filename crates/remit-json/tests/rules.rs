//! Each rule of the parser with the text it refuses and a neighbour it permits.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::borrow::Cow;

use proptest::prelude::*;
use remit_json::{Json, JsonError, Kind, Limits, Number, NumberFault, parse, quote};

fn read(text: &str) -> Result<Json<'_>, JsonError> {
    parse(text.as_bytes(), &Limits::default())
}

fn number(text: &str) -> Result<Number, NumberFault> {
    match read(text) {
        Ok(json) => Ok(json.as_number().unwrap()),
        Err(JsonError::Number { fault, at }) => {
            assert_eq!(at.offset(), 0);
            Err(fault)
        }
        Err(other) => panic!("{text}: {other}"),
    }
}

#[test]
fn numbers_are_exact_or_refused() {
    let exact: &[(&str, i128, u8)] = &[
        ("0", 0, 0),
        ("-0", 0, 0),
        ("0e999999999999999999999", 0, 0),
        ("1.50", 15, 1),
        ("1e2", 100, 0),
        ("100e-2", 1, 0),
        ("1.0", 1, 0),
        ("12.5e1", 125, 0),
        ("1e-18", 1, 18),
        ("9007199254740991", 9_007_199_254_740_991, 0),
        ("-9007199254740991.0", -9_007_199_254_740_991, 0),
        ("0.30000000000000004", 30_000_000_000_000_004, 17),
        ("1.500000000000000000000000000000", 15, 1),
    ];
    for (text, coefficient, scale) in exact {
        let number = number(text).unwrap();
        assert_eq!((number.coefficient(), number.scale()), (*coefficient, *scale), "{text}");
    }
    let refused: &[(&str, NumberFault)] = &[
        ("9007199254740992", NumberFault::Range),
        ("-9007199254740992", NumberFault::Range),
        ("9007199254740991.5", NumberFault::Range),
        ("1e16", NumberFault::Range),
        ("1e400", NumberFault::Range),
        ("1e99999999999999999999", NumberFault::Range),
        ("123456789012345678901234567890", NumberFault::Range),
        ("0.123456789012345678", NumberFault::Precision),
        ("1e-19", NumberFault::Precision),
        ("1e-99999999999999999999", NumberFault::Precision),
    ];
    for (text, fault) in refused {
        assert_eq!(number(text), Err(*fault), "{text}");
    }
}

#[test]
fn duplicate_members_are_refused_at_any_depth_and_spelling() {
    for text in [r#"{"a":1,"a":1}"#, r#"{"x":[{"a":1,"\u0061":2}]}"#, r#"{"":1,"":2}"#] {
        assert!(matches!(read(text), Err(JsonError::Duplicate { .. })), "{text}");
    }
    read(r#"{"a":1,"A":2,"x":{"a":1}}"#).unwrap();
}

#[test]
fn large_objects_are_searched_for_duplicates_too() {
    let members: Vec<String> = (0..5000).map(|index| format!("\"k{index}\":{index}")).collect();
    let unique = format!("{{{}}}", members.join(","));
    assert_eq!(read(&unique).unwrap().as_object().unwrap().len(), 5000);
    let twice = format!("{{{},\"k17\":0}}", members.join(","));
    let fault = read(&twice).unwrap_err();
    assert_eq!(fault.to_string(), "duplicate member `k17`");
    assert_eq!(fault.at().offset(), twice.rfind("\"k17\"").unwrap());
}

#[test]
fn nesting_is_bounded_and_cannot_exhaust_the_stack() {
    let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(&nest(64)).is_ok());
    assert!(matches!(read(&nest(65)), Err(JsonError::TooDeep { limit: 64, .. })));
    let generous = Limits { depth: usize::MAX, ..Limits::default() };
    let bomb = "[".repeat(1_000_000);
    assert!(matches!(parse(bomb.as_bytes(), &generous), Err(JsonError::TooDeep { limit: 512, .. })));
    // A sibling does not count as a level.
    assert!(read(&format!("[{}]", vec![nest(63); 3].join(","))).is_ok());
}

#[test]
fn size_and_count_are_bounded() {
    let small = Limits { bytes: 8, members: 3, ..Limits::default() };
    assert!(parse(b"[1,2]", &small).is_ok());
    assert!(matches!(parse(b"[1,2,3]", &small), Err(JsonError::TooMany { limit: 3, .. })));
    assert!(matches!(parse(b"       []", &small), Err(JsonError::TooLarge { limit: 8 })));
}

#[test]
fn strings_borrow_unless_they_hold_an_escape() {
    let plain = read("\"héllo\"").unwrap();
    assert!(matches!(plain.kind, Kind::String(Cow::Borrowed("héllo"))));
    let escaped = read(r#""a\n\"\/\u00e9\ud83d\ude39""#).unwrap();
    assert_eq!(escaped.as_str(), Some("a\n\"/é😹"));
}

#[test]
fn half_surrogates_are_refused() {
    for text in [r#""\ud800""#, r#""\udc00""#, r#""\ud800\ud800""#, r#""\ud800\n""#, r#""\ud800x""#] {
        assert!(matches!(read(text), Err(JsonError::LoneSurrogate { .. })), "{text}");
    }
    assert_eq!(read(r#""\uD834\uDD1E""#).unwrap().as_str(), Some("𝄞"));
}

#[test]
fn the_text_must_be_plain_utf8_and_end_with_the_value() {
    assert_eq!(read("\u{FEFF}{}"), Err(JsonError::ByteOrderMark));
    assert!(matches!(parse(b"\"a\xff\"", &Limits::default()), Err(JsonError::NotUtf8 { at }) if at.0 == 2));
    assert!(matches!(read("{} {}"), Err(JsonError::Trailing { at }) if at.0 == 3));
    assert!(read(" {} \r\n\t").is_ok());
    assert!(matches!(read("01"), Err(JsonError::LeadingZero { .. })));
    assert!(matches!(read("\"\t\""), Err(JsonError::ControlCharacter { code: 9, .. })));
}

#[test]
fn messages_say_what_is_wrong_and_where() {
    let text = "{\n  \"subject\": nul\n}";
    let fault = read(text).unwrap_err();
    assert_eq!(fault.to_string(), "expected a value, found `n`");
    assert_eq!(fault.place(text.as_bytes()), (2, 14));
    assert_eq!(read("[1").unwrap_err().to_string(), "expected `,` or `]`, found the end of the text");
    assert_eq!(
        read("1e400").unwrap_err().to_string(),
        "number is beyond the exact range of ±9007199254740991"
    );
}

#[test]
fn every_value_and_name_knows_its_place() {
    let json = read(r#"{ "a": [1, "x"] }"#).unwrap();
    let member = json.as_object().unwrap().iter().next().unwrap();
    assert_eq!((member.key_at.0, member.value.at.0), (2, 7));
    assert_eq!(json.pointer("/a/1").unwrap().at.0, 11);
}

#[test]
fn pointers_follow_rfc_6901() {
    let json = read(r#"{"a/b":{"~":[10,11]},"":0}"#).unwrap();
    assert_eq!(json.pointer("/a~1b/~0/1"), Some(&Number::from(11).into()));
    assert_eq!(json.pointer("/"), Some(&Number::from(0).into()));
    assert_eq!(json.pointer(""), Some(&json));
    for missing in ["a", "/x", "/a~1b/~0/01", "/a~1b/~0/2", "/a~1b/~0/+1", "/a~1b/~0/1/0"] {
        assert_eq!(json.pointer(missing), None, "{missing}");
    }
}

#[test]
fn a_quoted_text_is_json_that_says_the_text() {
    let every: String = (0..=0x2ff).filter_map(char::from_u32).chain(['\u{2028}', '\u{1f600}']).collect();
    for text in ["", "plain", "\"", "a\\b\"c", "\u{0}", "é\n漢\t", &every] {
        let mut quoted = String::from("before");
        quote(text, &mut quoted);
        let json = quoted.strip_prefix("before").unwrap();
        assert_eq!(serde_json::from_str::<String>(json).unwrap(), text);
        assert_eq!(read(json).unwrap().as_str(), Some(text));
    }
}

#[test]
fn equality_and_canonical_text_ignore_order_space_and_spelling() {
    let left = read(r#"{"b":1.50,"a":[true,null,"\u0041"]}"#).unwrap();
    let right = read("{ \"a\" : [true, null, \"A\"], \"b\" : 15e-1 }").unwrap();
    assert_eq!(left, right);
    assert_eq!(left.canonical(), right.canonical());
    assert_eq!(left.canonical(), r#"{"a":[true,null,"A"],"b":1.5}"#);
    assert_eq!(left.to_string(), r#"{"b":1.5,"a":[true,null,"A"]}"#);
    let other = read(r#"{"b":1.50,"a":[null,true,"A"]}"#).unwrap();
    assert_ne!(left, other);
    assert_ne!(left.canonical(), other.canonical());
}

#[test]
fn built_objects_keep_names_unique() {
    let mut object = remit_json::Object::new();
    assert_eq!(object.insert("a", true.into()), None);
    assert_eq!(object.insert("a", "x".into()), Some(true.into()));
    assert_eq!(Json::from(object).to_string(), r#"{"a":"x"}"#);
}

fn any_value() -> impl Strategy<Value = Json<'static>> {
    let leaf = prop_oneof![
        Just(Json::new(Kind::Null)),
        any::<bool>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
        (-9_007_199_254_740_991_i128..9_007_199_254_740_991, 0_u8..=18)
            .prop_map(|(digits, scale)| Number::from_parts(digits, scale).unwrap().into()),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Json::from),
            prop::collection::vec((any::<String>(), inner), 0..20).prop_map(|members| {
                let mut object = remit_json::Object::new();
                for (key, value) in members {
                    object.insert(key, value);
                }
                object.into()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn text_of_a_tree_reads_as_the_same_tree(json in any_value()) {
        let text = json.to_string();
        prop_assert_eq!(&read(&text).unwrap(), &json);
        let canonical = json.canonical();
        prop_assert_eq!(&read(&canonical).unwrap(), &json);
        prop_assert_eq!(&read(&text).unwrap().into_owned(), &json);
        prop_assert_eq!(serde_json::to_value(&json).unwrap(), json.to_serde());
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _either = parse(&bytes, &Limits::default());
    }

    #[test]
    fn whatever_is_accepted_is_json_for_serde_too(text in r#"[\[\]{}:,"0-9eE.+\-tfn \\ua]{0,40}"#) {
        if read(&text).is_ok() {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
        }
    }
}
