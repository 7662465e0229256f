//! What a decision costs under the rules about messages of `policies/governance`: from the body of a question to the verdict, with
//! every fact found out that the rules read. `cargo run --release -p remit-pdp --example message_load [-- FOLDER]`.
//!
//! In turns in one run: the whole decision, and the same question with facts that are known already. Medians over rounds of the
//! time of one call on this thread's processor clock, with the spread.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement that cannot run shall stop"
)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use remit_authzen::EvaluationRequest;
use remit_engine::{Agency, evaluate};
use remit_model::{Timestamp, Value};
use remit_pdp::bundle::{self, Purpose};
use remit_pdp::call::Rights;
use remit_pdp::enrich::{self, Sight};
use remit_pdp::live::Live;
use remit_pdp::revisions::Revisions;
use remit_pdp::standing::View;
use remit_pdp::{intake, publish};
use remit_state::{Limits, State};
use serde_json::json;

const ROUNDS: usize = 15;
const TURN: Duration = Duration::from_millis(80);

const PROSE: &str = "Thank you for getting back to me about the delivery. The driver arrived in the afternoon, but nobody at the \
    gate knew which building we are in, so the boxes were left with the neighbours. I have asked our facility team to put up a \
    clearer sign. Two of the desks have scratches on the top and one drawer does not close properly. Could you please let us know \
    how we should handle the return, and whether a replacement can be sent before the end of the month? ";

fn main() {
    let folder = std::env::args().nth(1).map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../policies/governance"),
        PathBuf::from,
    );
    let loaded = bundle::load(&folder, Purpose::Serve).unwrap_or_else(|error| panic!("{error}"));
    let live = publish::compile(loaded, &Revisions::default()).expect("it compiles");
    let now = Timestamp::parse("2026-06-01T12:00:00Z").expect("a time");
    let long: String = PROSE.chars().cycle().take(4_096).collect();
    let state = State::new(Limits::default());
    println!(
        "| message | whole decision | spread | facts known already | goal | |\n|---|--:|--:|--:|--:|---|"
    );
    for (name, text, goal) in [
        ("short, 36 bytes", "Good morning, what are my holdings?", 5.0),
        ("prose, 4 KiB", long.as_str(), 40.0),
    ] {
        let body = question(text);
        let (mut whole, mut known) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            whole.push(time(|| decide(&live, &state, &body, now)));
            known.push(again(&live, &state, &body, now));
        }
        let (middle, least, most) = spread(&mut whole);
        let (rest, ..) = spread(&mut known);
        let said = if middle <= goal { "met" } else { "MISSED" };
        println!("| {name} | {middle:.2} µs | {least:.2}–{most:.2} | {rest:.2} µs | {goal:.0} µs | {said} |");
    }
}

fn question(text: &str) -> Vec<u8> {
    let message = json!({ "type": "chat", "role": "user", "classification": "internal", "content": text });
    let body = json!({ "subject": { "type": "user", "id": "asha" }, "action": { "name": "send" },
        "resource": { "type": "agent", "id": "chatter" }, "context": { "message": message } });
    body.to_string().into_bytes()
}

fn claims() -> [(&'static str, Value); 2] {
    [("roles", Value::Set([Value::string("advisor")].into())), ("tenant", Value::string("bank-a"))]
}

/// The way of the server, without sockets, tokens and ledger.
fn decide(live: &Live, state: &State, body: &[u8], now: Timestamp) -> bool {
    let json = intake::parse(body, &remit_json::Limits::default()).expect("it is JSON");
    let request = EvaluationRequest::parse(&json).expect("it is an evaluation");
    let draft = intake::accept(&request, &Rights::all()).expect("it is well formed");
    let view = View::of(state);
    let sight = Sight { now, pep: "bench", standing: Some(&view), outside: None };
    let claims = claims();
    let agency = Agency { claims: Some(&claims), ..Agency::default() };
    evaluate(&live.bound, &enrich::resolve(&draft, live, &sight).through(&agency)).decision
}

/// The mean of deciding a draft whose facts were found out once.
fn again(live: &Live, state: &State, body: &[u8], now: Timestamp) -> f64 {
    let json = intake::parse(body, &remit_json::Limits::default()).expect("it is JSON");
    let request = EvaluationRequest::parse(&json).expect("it is an evaluation");
    let draft = intake::accept(&request, &Rights::all()).expect("it is well formed");
    let view = View::of(state);
    let sight = Sight { now, pep: "bench", standing: Some(&view), outside: None };
    let claims = claims();
    let agency = Agency { claims: Some(&claims), ..Agency::default() };
    time(|| evaluate(&live.bound, &enrich::resolve(&draft, live, &sight).through(&agency)).decision)
}

/// Microseconds of one call, over a turn; every call must permit.
fn time(mut call: impl FnMut() -> bool) -> f64 {
    let (began, ran) = (Instant::now(), on_processor());
    let mut calls = 0_u32;
    while began.elapsed() < TURN {
        for _ in 0..16 {
            assert!(black_box(call()), "the message is permitted");
        }
        calls += 16;
    }
    let took = match (ran, on_processor()) {
        (Some(from), Some(to)) if to > from => to - from,
        _ => began.elapsed().as_secs_f64(),
    };
    took * 1e6 / f64::from(calls)
}

/// Seconds this thread has run, where the system tells: other programs on the machine then do not count.
fn on_processor() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(told.split_whitespace().next()?.parse::<f64>().ok()? / 1e9)
}

fn spread(times: &mut [f64]) -> (f64, f64, f64) {
    times.sort_unstable_by(f64::total_cmp);
    (times[times.len() / 2], times[0], times[times.len() - 1])
}
