//! `Allowance`: how much a caller may ask. A bucket that fills at a steady rate; what does not fit into it is refused before
//! anything is decided. Knows neither callers nor questions.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::fault::Fault;

/// What one caller may still ask; shared by all its calls.
#[derive(Debug, Clone)]
pub struct Allowance(Arc<Bucket>);

#[derive(Debug)]
struct Bucket {
    per_second: f64,
    most: f64,
    level: Mutex<Level>,
}

#[derive(Debug)]
struct Level {
    left: f64,
    at: Instant,
}

/// WHY: callers are compared by what is configured; two buckets are the same only when they are one.
impl PartialEq for Allowance {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Allowance {}

impl Allowance {
    /// A full bucket of `burst` questions that fills with `per_second`.
    #[must_use]
    pub fn new(per_second: f64, burst: u32) -> Self {
        let most = f64::from(burst);
        let level = Mutex::new(Level { left: most, at: Instant::now() });
        Self(Arc::new(Bucket { per_second, most, level }))
    }

    /// Takes out as many questions as a call asks.
    ///
    /// # Errors
    /// [`Fault::TooMany`] with the seconds until they would fit; [`Fault::BadRequest`] when they never would.
    pub fn take(&self, questions: usize) -> Result<(), Fault> {
        self.take_at(questions, Instant::now())
    }

    fn take_at(&self, questions: usize, now: Instant) -> Result<(), Fault> {
        let Bucket { per_second, most, level } = &*self.0;
        let wanted = f64::from(u32::try_from(questions).unwrap_or(u32::MAX));
        if wanted > *most {
            let message =
                format!("{questions} questions at once are more than the {most} that this caller may");
            return Err(Fault::BadRequest { message, pointer: None });
        }
        let mut level = level.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(level.at).as_secs_f64();
        level.left = (level.left + passed * per_second).min(*most);
        level.at = level.at.max(now);
        if level.left >= wanted {
            level.left -= wanted;
            return Ok(());
        }
        let seconds = ((wanted - level.left) / per_second).ceil().clamp(1.0, f64::from(u32::MAX));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to what fits just above"
        )]
        let retry_after_s = seconds as u32;
        Err(Fault::TooMany { retry_after_s })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn refused(retry_after_s: u32) -> Result<(), Fault> {
        Err(Fault::TooMany { retry_after_s })
    }

    #[test]
    fn a_burst_passes_then_the_rate_and_the_wait_that_is_named_is_enough() {
        let allowance = Allowance::new(2.0, 4);
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        for _ in 0..4 {
            assert_eq!(allowance.take_at(1, at(0)), Ok(()));
        }
        assert_eq!(allowance.take_at(1, at(0)), refused(1));
        assert_eq!(allowance.take_at(4, at(0)), refused(2));
        assert_eq!(allowance.take_at(4, at(1_900)), refused(1), "what was refused took nothing out");
        assert_eq!(allowance.take_at(4, at(2_000)), Ok(()));
        assert_eq!(allowance.take_at(4, at(60_000)), Ok(()), "an hour of silence");
        assert_eq!(allowance.take_at(1, at(60_000)), refused(1), "buys no more than a burst");
    }

    #[test]
    fn a_clock_that_is_behind_gives_nothing_and_takes_nothing() {
        let allowance = Allowance::new(1.0, 1);
        let start = Instant::now() + Duration::from_secs(5);
        assert_eq!(allowance.take_at(1, start), Ok(()));
        assert_eq!(allowance.take_at(1, start - Duration::from_secs(1)), refused(1));
        assert_eq!(allowance.take_at(1, start), refused(1));
    }

    #[test]
    fn more_than_ever_fits_is_told_as_such() {
        let allowance = Allowance::new(1.0, 3);
        assert!(matches!(allowance.take(4), Err(Fault::BadRequest { .. })));
        assert_eq!(allowance.take(3), Ok(()));
    }

    #[test]
    fn of_many_at_once_exactly_the_burst_comes_through() {
        let allowance = Allowance::new(0.000_001, 100);
        let passed: usize = std::thread::scope(|scope| {
            let one = || (0..100).filter(|_| allowance.take(1).is_ok()).count();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(passed, 100);
    }
}
