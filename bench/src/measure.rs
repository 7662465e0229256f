//! The clockwork: peers in turn, several rounds, medians with spread, single calls with the clock's own cost taken off.

use std::hint::black_box;
use std::time::{Duration, Instant};

use remit_bench_http::percentile;

use crate::peer::Peer;

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Rounds; in each, every peer has its turn.
    pub rounds: usize,
    /// How long one turn of one peer shall take, for each of its two halves.
    pub turn: Duration,
    /// Leave the peers out: for profiling.
    pub alone: bool,
}

/// What was measured of one peer, in nanoseconds.
#[derive(Debug, Clone)]
pub struct Timing {
    /// Median over rounds of the median single call.
    pub p50: f64,
    /// The smallest and the largest median of a round.
    pub spread: (f64, f64),
    /// Median over rounds of the 99th percentile of single calls.
    pub p99: f64,
    /// Median over rounds of the mean of calls in a row, no clock between them.
    pub mean: f64,
    /// Single calls in one round.
    pub calls: usize,
}

/// Calls of one turn.
const FEWEST: usize = 30;
const MOST: usize = 200_000;

/// What reading the clock twice costs, in nanoseconds.
#[must_use]
pub fn clock_cost() -> f64 {
    let mut times: Vec<f64> = (0..20_000)
        .map(|_| {
            let began = Instant::now();
            nanoseconds(began.elapsed())
        })
        .collect();
    percentile(&mut times, 50)
}

/// Times every peer on questions `0..questions`.
pub fn run(peers: &mut [Peer<'_>], questions: usize, plan: Plan) -> Vec<Timing> {
    let clock = clock_cost();
    let calls: Vec<usize> = peers.iter_mut().map(|peer| calibrate(peer, questions, plan.turn)).collect();
    let mut rounds: Vec<Vec<Turn>> = peers.iter().map(|_| Vec::new()).collect();
    for round in 0..plan.rounds {
        for ((peer, calls), turns) in peers.iter_mut().zip(&calls).zip(&mut rounds) {
            turns.push(turn(peer, questions, round * 7, *calls, clock));
        }
    }
    rounds.iter().zip(calls).map(|(turns, calls)| timing(turns, calls)).collect()
}

struct Turn {
    p50: f64,
    p99: f64,
    mean: f64,
}

fn timing(turns: &[Turn], calls: usize) -> Timing {
    let middle = |of: fn(&Turn) -> f64| percentile(&mut turns.iter().map(of).collect::<Vec<_>>(), 50);
    let medians = || turns.iter().map(|turn| turn.p50);
    let spread = (medians().fold(f64::MAX, f64::min), medians().fold(0.0, f64::max));
    Timing { p50: middle(|it| it.p50), spread, p99: middle(|it| it.p99), mean: middle(|it| it.mean), calls }
}

/// How many calls fill a turn.
fn calibrate(peer: &mut Peer<'_>, questions: usize, turn: Duration) -> usize {
    let began = Instant::now();
    let mut done = 0_usize;
    while began.elapsed() < turn / 2 && done < MOST {
        black_box((peer.ask)(done % questions));
        done += 1;
    }
    let each = began.elapsed().as_secs_f64() / done.max(1) as f64;
    ((turn.as_secs_f64() / each) as usize).clamp(FEWEST, MOST)
}

fn turn(peer: &mut Peer<'_>, questions: usize, offset: usize, calls: usize, clock: f64) -> Turn {
    let began = Instant::now();
    for call in 0..calls {
        black_box((peer.ask)((call + offset) % questions));
    }
    let mean = nanoseconds(began.elapsed()) / calls as f64;
    let mut times = Vec::with_capacity(calls);
    for call in 0..calls {
        let question = (call + offset) % questions;
        let began = Instant::now();
        black_box((peer.ask)(question));
        times.push((nanoseconds(began.elapsed()) - clock).max(0.0));
    }
    Turn { p50: percentile(&mut times, 50), p99: percentile(&mut times, 99), mean }
}

/// Median seconds of `rounds` runs of some work, with the smallest and the largest.
pub fn seconds(rounds: usize, mut work: impl FnMut()) -> (f64, f64, f64) {
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed().as_secs_f64()
        })
        .collect();
    let middle = percentile(&mut times, 50);
    (middle, times[0], times[times.len() - 1])
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}
