//! `Vigil`: sees the wall clock jump, by time that cannot.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use remit_ledger::{Body, ClockStepped};
use remit_model::Timestamp;

use crate::pdp::Pdp;
use crate::record;

/// Jumps below this are what keeping time looks like.
const STEP: Duration = Duration::from_secs(1);

/// When both clocks were last looked at.
#[derive(Debug, Default)]
pub struct Vigil(Mutex<Option<(Timestamp, Instant)>>);

impl Vigil {
    /// How far the wall clock jumped since the last look, in milliseconds; none when it kept time.
    pub fn look(&self, wall: Timestamp, steady: Instant) -> Option<i64> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (wall_then, steady_then) = last.replace((wall, steady))?;
        let passed = i128::try_from(steady.saturating_duration_since(steady_then).as_nanos()).ok()?;
        let off = wall.since(wall_then).nanos() - passed;
        let step = i128::try_from(STEP.as_nanos()).ok()?;
        (off.abs() >= step).then(|| i64::try_from(off / 1_000_000).unwrap_or(i64::MAX))
    }
}

impl Pdp {
    /// Records it when the wall clock jumped; a server calls it now and then.
    pub async fn watch_clock(&self) {
        let Ok(now) = self.now() else { return };
        let Some(by_ms) = self.vigil.look(now, Instant::now()) else { return };
        tracing::warn!(by_ms, "the wall clock jumped");
        let stepped = Body::ClockStepped(ClockStepped { by_ms, time: record::time(now) });
        if let Err(error) = self.ledger.append(stepped).await {
            tracing::error!(%error, "a step of the clock could not be recorded");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_keeps_time_is_silent_and_a_jump_either_way_is_told_once() {
        let vigil = Vigil::default();
        let begun = Instant::now();
        let wall = |ms: i64| {
            Timestamp::from_unix_nanos(1_800_000_000_000_000_000 + i128::from(ms) * 1_000_000).unwrap()
        };
        let after = |ms: u64| begun + Duration::from_millis(ms);
        assert_eq!(vigil.look(wall(0), after(0)), None, "nothing to compare with");
        assert_eq!(vigil.look(wall(1_900), after(1_000)), None, "within what keeping time looks like");
        assert_eq!(vigil.look(wall(-60_000), after(2_000)), Some(-62_900));
        assert_eq!(vigil.look(wall(-59_000), after(3_000)), None);
        assert_eq!(vigil.look(wall(0), after(4_000)), Some(58_000));
    }
}
