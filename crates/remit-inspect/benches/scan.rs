//! What a scan costs: all detectors beside a plain scan with one regex for each shape, in turns in the same run.
//!
//! `cargo bench -p remit-inspect [-- --quick]`. Rounds alternate between the two; medians over rounds, with the spread.
//! The plain scan knows the shapes of numbers and fixed phrases only: no check digits, no context, no decoding, no
//! folding. It answers less and is the floor of what people write first.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a measurement that cannot run shall stop")]
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use regex::{Regex, RegexSet};
use remit_inspect::{Inspector, Options, SourceTrust};
use serde_json::Value;

const SHAPES: [&str; 26] = [
    r"\b(?:\d[ -]?){13,19}\b",
    r"\b\d{4}[ -]?\d{4}[ -]?\d{4}\b",
    r"\b[A-Z]{5}\d{4}[A-Z]\b",
    r"\b[A-Z]{4}0[A-Z0-9]{6}\b",
    r"\b\d{2}[A-Z]{5}\d{4}[A-Z][A-Z\d]Z[A-Z\d]\b",
    r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b",
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}",
    r"\+?\d[\d ()-]{8,14}\d",
    r"\b\d{3}-\d{2}-\d{4}\b",
    r"\b[A-Z]{3}\d{7}\b",
    r"\b(?:\d{1,3}\.){3}\d{1,3}\b",
    r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b",
    r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b",
    r"\b\d{8}[A-Z]\b",
    r"\b[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]\b",
    r"\b[A-Z]{2}\d{6}[A-D]\b",
    r"-?\d{1,3}\.\d{4,},\s*-?\d{1,3}\.\d{4,}",
    r"AKIA[0-9A-Z]{16}",
    r"gh[pousr]_[A-Za-z0-9]{36}",
    r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    r"(?i)password\s*[:=]\s*\S+",
    r"(?i)\b(?:dob|born|birth)\b.{0,20}\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}",
    r"(?i)\b(?:ignore|disregard|forget)\b.{0,40}\b(?:instructions?|rules?|prompts?|guidelines?)\b",
    r"(?i)\b(?:reveal|print|show)\b.{0,30}\b(?:system prompt|instructions)\b",
    r"(?i)\b(?:act as|pretend to be|you are now)\b",
];

/// The scan that is written first.
struct Plain {
    set: RegexSet,
    each: Vec<Regex>,
}

impl Plain {
    fn count(&self, text: &str) -> usize {
        self.set.matches(text).iter().map(|it| self.each[it].find_iter(text).count()).sum()
    }
}

/// Texts of one size and kind.
struct Load {
    name: &'static str,
    texts: Vec<String>,
}

/// Ordinary prose of a support desk: no personal data.
const PROSE: &str = "Thank you for getting back to me about the delivery. The driver arrived in the afternoon, but nobody at the \
    gate knew which building we are in, so the boxes were left with the neighbours. I have asked our facility team to put up a \
    clearer sign. Two of the desks have scratches on the top and one drawer does not close properly. Could you please let us know \
    how we should handle the return, and whether a replacement can be sent before the end of the month? We would prefer to keep the \
    remaining furniture since it fits the rooms very well. The invoice mentions a discount that we had discussed at the fair, but the \
    total on the second page does not seem to reflect it. Perhaps somebody from your accounts department can have a look at it. Our \
    colleagues are very happy with the new chairs and several teams have asked where we bought them. ";

/// Lines with personal data as they stand in a case file.
const RECORDS: [&str; 8] = [
    "Customer Asha Rao, phone +91 98765 43210, e-mail asha.rao@example.com, card 4111 1111 1111 1111. ",
    "IBAN GB82 WEST 1234 5698 7654 32, SSN 123-45-6789, born 14/03/1987. ",
    "Login from 203.0.113.42 with MAC 00:1b:44:11:3a:b7, session token=4f9a8c7b6d5e4f3a2b1c0d9e8f7a6b5c. ",
    "Aadhaar 2341 2341 2346, PAN ABCPK1234F, GSTIN 27AAPFU0939F1ZV, branch HDFC0001234. ",
    "Order 4839201756 of 2024-05-17, amount 12,500.00, reference 7f3c1e9a-2b4d-4c6e-8f10-123456789abc. ",
    "Position 48.13743, 11.57549; version 10.4.2; password: hunter2!x; passport K1234567. ",
    "The patient was diagnosed with diabetes and treated by Dr. Weber; NHS number 943 476 5919. ",
    "CPF 111.444.777-35, DNI 12345678Z, codice fiscale RSSMRA85T10A562S, phone (415) 555-0132. ",
];

fn loads() -> Vec<Load> {
    let fill = |size: usize, piece: &mut dyn FnMut(usize) -> String| {
        let mut text = String::new();
        let mut number = 0;
        while text.len() < size {
            text.push_str(&piece(number));
            number += 1;
        }
        let end = (0..=size).rev().find(|it| text.is_char_boundary(*it)).unwrap();
        text.truncate(end);
        text
    };
    let sentences: Vec<&str> = PROSE.split_inclusive(". ").collect();
    let prose = |from: usize, size| {
        fill(size, &mut |n| sentences[(from * 3 + n * 5 + n / 7) % sentences.len()].to_owned())
    };
    // One record in every twelve sentences: about one item of personal data in 500 bytes.
    let mixed = |from: usize, size| {
        fill(size, &mut |n| match (from + n) % 12 {
            5 => RECORDS[(from + n / 12) % RECORDS.len()].to_owned(),
            _ => sentences[(from + n * 5) % sentences.len()].to_owned(),
        })
    };
    let dense = |from: usize, size| fill(size, &mut |n| RECORDS[(from + n) % RECORDS.len()].to_owned());
    let accents = |from: usize, size: usize| {
        mixed(from, size).replace(" the ", " thé ").replace(" - ", " – ").replace("'", "’")
    };
    let corpus: Vec<String> = include_str!("../corpus/injection.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["text"].as_str().unwrap().to_owned())
        .collect();
    let attacks =
        |from: usize, size| fill(size, &mut |n| corpus[(from * 31 + n * 7) % corpus.len()].clone() + "\n");
    let many = |name, size, make: &dyn Fn(usize, usize) -> String| Load {
        name,
        texts: (0..32).map(|it| make(it, size)).collect(),
    };
    vec![
        many("prose, 200 B", 200, &prose),
        many("prose with data, 200 B", 200, &mixed),
        many("prose, 4 KiB", 4096, &prose),
        many("prose with data, 4 KiB", 4096, &mixed),
        many("the same with accents, 4 KiB", 4096, &accents),
        many("dense records, 4 KiB", 4096, &dense),
        many("injection corpus, 4 KiB", 4096, &attacks),
        many("prose with data, 64 KiB", 65_536, &mixed),
    ]
}

/// Seconds this thread has run, where the system tells: other programs on the machine then do not count.
fn on_processor() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(told.split_whitespace().next()?.parse::<f64>().ok()? / 1e9)
}

fn time(texts: &[String], turn: Duration, scan: &dyn Fn(&str) -> usize) -> f64 {
    let (began, ran) = (Instant::now(), on_processor());
    let mut calls = 0_usize;
    while began.elapsed() < turn {
        for text in texts {
            black_box(scan(black_box(text)));
            calls += 1;
        }
    }
    let took = match (ran, on_processor()) {
        (Some(from), Some(to)) if to > from => to - from,
        _ => began.elapsed().as_secs_f64(),
    };
    took / calls as f64
}

fn median(times: &mut [f64]) -> (f64, f64, f64) {
    times.sort_unstable_by(f64::total_cmp);
    (times[times.len() / 2], times[0], times[times.len() - 1])
}

fn main() {
    let quick = std::env::args().any(|it| it == "--quick");
    // For profiling: without the peer.
    let alone = std::env::args().any(|it| it == "--alone");
    let only = std::env::args().skip(1).find(|it| !it.starts_with("--"));
    let (rounds, turn) =
        if quick { (3, Duration::from_millis(60)) } else { (11, Duration::from_millis(150)) };
    let inspector = Inspector::new(&Options::default()).unwrap();
    let mut options = Options::default();
    options.injection = false;
    let personal = Inspector::new(&options).unwrap();
    let plain = Plain {
        set: RegexSet::new(SHAPES).unwrap(),
        each: SHAPES.iter().map(|it| Regex::new(it).unwrap()).collect(),
    };
    let all = |text: &str| inspector.inspect(text, SourceTrust::Document).items.len();
    let data = |text: &str| personal.inspect(text, SourceTrust::Document).items.len();
    let shapes = |text: &str| plain.count(text);
    println!(
        "{:<30} {:>10} {:>9} {:>17} {:>10} {:>10} {:>9} {:>7}",
        "load", "all µs", "MB/s", "spread MB/s", "data MB/s", "plain µs", "MB/s", "ratio"
    );
    for load in loads() {
        if only.as_ref().is_some_and(|only| !load.name.contains(only.as_str())) {
            continue;
        }
        let bytes = load.texts.iter().map(String::len).sum::<usize>() as f64 / load.texts.len() as f64;
        let (mut ours, mut part, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            ours.push(time(&load.texts, turn, &all));
            if alone {
                continue;
            }
            part.push(time(&load.texts, turn, &data));
            theirs.push(time(&load.texts, turn, &shapes));
        }
        if alone {
            println!("{:<30} {:>10.2}", load.name, median(&mut ours).0 * 1e6);
            continue;
        }
        let (ours, best, worst) = median(&mut ours);
        let (part, _, _) = median(&mut part);
        let (theirs, _, _) = median(&mut theirs);
        let rate = |seconds: f64| bytes / seconds / 1e6;
        println!(
            "{:<30} {:>10.2} {:>9.0} {:>8.0}–{:<8.0} {:>10.0} {:>10.1} {:>9.0} {:>6.1}x",
            load.name,
            ours * 1e6,
            rate(ours),
            rate(worst),
            rate(best),
            rate(part),
            theirs * 1e6,
            rate(theirs),
            theirs / ours
        );
    }
}
