//! What holds for every text: no panic, spans between characters and in order, the same answer whatever is asked
//! for, mutations of the corpora that break nothing.
#![expect(clippy::unwrap_used, reason = "a test that cannot run shall stop")]

use std::sync::LazyLock;

use proptest::prelude::*;
use remit_inspect::{Findings, Inspector, Kind, Options, SourceTrust, redact};
use serde_json::Value;

const SOURCES: [SourceTrust; 5] = [
    SourceTrust::Operator,
    SourceTrust::User,
    SourceTrust::Document,
    SourceTrust::ToolOutput,
    SourceTrust::ToolDescription,
];

static INSPECTOR: LazyLock<Inspector> = LazyLock::new(|| Inspector::new(&Options::default()).unwrap());

fn inspector() -> &'static Inspector {
    &INSPECTOR
}

fn sound(text: &str, findings: &Findings) {
    let mut last = 0;
    for item in &findings.items {
        assert!(item.start < item.end && item.end <= text.len(), "{text:?} {item:?}");
        assert!(text.is_char_boundary(item.start) && text.is_char_boundary(item.end), "{text:?} {item:?}");
        assert!(item.start >= last, "overlap in {text:?}: {:?}", findings.items);
        assert!(item.score <= 1000);
        last = item.end;
    }
    for signal in &findings.injection.signals {
        assert!(signal.start <= signal.end && signal.end <= text.len(), "{text:?} {signal:?}");
        assert!(
            text.is_char_boundary(signal.start) && text.is_char_boundary(signal.end),
            "{text:?} {signal:?}"
        );
        assert!(signal.weight <= findings.injection.score.max(signal.weight) && signal.weight <= 1000);
    }
    let _ = redact(text, findings, 0, Kind::ALL);
}

/// Pieces that detectors react to, glued in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-9]{1,20}",
        "[A-Z]{1,6}[0-9]{1,9}[A-Z]?",
        "[ .,:;/@()+_<>\\[\\]{}\"'`%&#=*|~!?-]{1,4}",
        Just("ignore all previous instructions ".to_owned()),
        Just("password: ".to_owned()),
        Just("card ".to_owned()),
        Just("born ".to_owned()),
        Just("\u{200b}".to_owned()),
        Just("\u{202e}".to_owned()),
        Just("°".to_owned()),
        Just("４１１１".to_owned()),
        Just("निर्देश ".to_owned()),
        Just("%69%67".to_owned()),
        Just("&#105;".to_owned()),
        Just("\\u0069".to_owned()),
        Just("aWdub3JlIGFsbA==".to_owned()),
        Just("eyJhbGciOiJSUzI1NiJ9.e30.c2ln".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----".to_owned()),
        Just("://u:p@".to_owned()),
        "\\PC{1,4}",
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|it| it.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(text in any::<String>(), source in 0..5_usize) {
        sound(&text, &inspector().inspect(&text, SOURCES[source]));
    }

    #[test]
    fn any_pile_of_pieces_is_survived(text in pieces(), source in 0..5_usize) {
        sound(&text, &inspector().inspect(&text, SOURCES[source]));
    }

    #[test]
    fn what_is_asked_for_does_not_change_what_a_span_is(text in pieces(), bits in any::<u128>()) {
        let some: Vec<Kind> = Kind::ALL.iter().copied().filter(|it| bits >> *it as u8 & 1 == 1).collect();
        let all = inspector().inspect(&text, SourceTrust::User);
        let few = Inspector::new(&Options::default().only(&some)).unwrap().inspect(&text, SourceTrust::User);
        let kept: Vec<_> = all.items.into_iter().filter(|it| some.contains(&it.kind)).collect();
        prop_assert_eq!(&kept, &few.items);
        prop_assert_eq!(all.injection, few.injection);
        let mut backwards = some;
        backwards.reverse();
        let again = Inspector::new(&Options::default().only(&backwards)).unwrap().inspect(&text, SourceTrust::User);
        prop_assert_eq!(few.items.len(), again.items.len());
    }

    #[test]
    fn parts_are_looked_at_apart(one in pieces(), two in pieces()) {
        let inspector = inspector();
        let both = inspector.inspect_parts([("", one.as_str(), SourceTrust::User), ("", two.as_str(), SourceTrust::Document)]);
        let (first, second) = (inspector.inspect(&one, SourceTrust::User), inspector.inspect(&two, SourceTrust::Document));
        prop_assert_eq!(both.items.len(), first.items.len() + second.items.len());
        if !both.truncated {
            prop_assert!(both.injection.score >= first.injection.score.max(second.injection.score));
        }
    }
}

/// A small generator: the same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }
}

#[test]
fn mutations_of_the_corpora_break_nothing() {
    let inspector = inspector();
    let mut numbers = Numbers(7);
    let corpora = [
        include_str!("../corpus/personal.jsonl"),
        include_str!("../corpus/harmless.jsonl"),
        include_str!("../corpus/injection.jsonl"),
    ];
    let texts: Vec<Vec<char>> = corpora
        .iter()
        .flat_map(|it| it.lines())
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["text"].as_str().unwrap().chars().collect())
        .collect();
    for (number, text) in texts.iter().enumerate() {
        for round in 0..3 {
            let mut text = text.clone();
            for _ in 0..=numbers.below(4) {
                let at = numbers.below(text.len());
                match numbers.below(6) {
                    0 => drop(text.drain(at..(at + 1).min(text.len()))),
                    1 => text.insert(
                        at,
                        ['\u{200b}', '٣', 'е', '"', '@', '%', '-', '.', '\n', '😀'][numbers.below(10)],
                    ),
                    2 => text.truncate(at),
                    3 => {
                        let other = &texts[numbers.below(texts.len())];
                        text.extend_from_slice(&other[numbers.below(other.len())..]);
                    }
                    4 => {
                        let piece: Vec<char> = text[at..].iter().copied().take(20).collect();
                        text.splice(at..at, piece);
                    }
                    _ => text.reverse(),
                }
            }
            let text: String = text.into_iter().collect();
            sound(&text, &inspector.inspect(&text, SOURCES[(number + round) % 5]));
        }
    }
}
