//! `Clock`: the system's time or a fixed one for tests and replay.

use std::time::{SystemTime, UNIX_EPOCH};

use remit_model::Timestamp;

/// Where `now` comes from.
#[derive(Debug, Clone, Copy, Default)]
pub enum Clock {
    /// The system's wall clock.
    #[default]
    System,
    /// Always this instant.
    Fixed(Timestamp),
    /// Whatever this says, as if the system said it: for faults.
    Said(fn() -> SystemTime),
}

impl Clock {
    /// The current instant in whole milliseconds, as the ledger holds it, so that a replay sees the same `now`;
    /// nothing when the system clock stands before 1970 or after the year 9999.
    #[must_use]
    pub fn now(&self) -> Option<Timestamp> {
        match self {
            Self::Fixed(at) => Some(*at),
            Self::System => whole(SystemTime::now()),
            Self::Said(time) => whole(time()),
        }
    }
}

fn whole(time: SystemTime) -> Option<Timestamp> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Timestamp::from_unix_nanos(i128::try_from(since.as_millis()).ok()? * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_time_has_whole_milliseconds_and_a_fixed_clock_stands() {
        let now = Clock::System.now().unwrap();
        assert_eq!(now.unix_nanos() % 1_000_000, 0);
        let at = Timestamp::parse("2026-04-30").unwrap();
        assert_eq!(Clock::Fixed(at).now(), Some(at));
    }
}
