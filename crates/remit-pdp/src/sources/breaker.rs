//! `Breaker`: a source that fails again and again is left alone for a while, then tried with one question.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Outcome;
use crate::limits::{SOURCE_AT_ONCE, SOURCE_FAILURES, SOURCE_PAUSE_MS};

/// The state of one source.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Failures in a row.
    failures: u32,
    /// Since then it is not asked; one question tries it when the pause is over.
    open_since: Option<Instant>,
    trying: bool,
    waiting: usize,
}

/// A call that is being made. Dropped without an outcome, it says nothing of the source.
#[derive(Debug)]
pub(super) struct Trial {
    breaker: Arc<Breaker>,
    /// It is the one that tries an open source.
    tries: bool,
}

impl Breaker {
    /// Begins a call.
    ///
    /// # Errors
    /// It is not to be made: [`Outcome::Open`] or [`Outcome::Busy`].
    pub(super) fn begin(self: &Arc<Self>, now: Instant) -> Result<Trial, Outcome> {
        let mut state = self.state();
        let tries = match state.open_since {
            None => false,
            Some(since) => {
                let rested = now.saturating_duration_since(since) >= Duration::from_millis(SOURCE_PAUSE_MS);
                if !rested || state.trying {
                    return Err(Outcome::Open);
                }
                true
            }
        };
        if state.waiting >= SOURCE_AT_ONCE {
            return Err(Outcome::Busy);
        }
        state.waiting += 1;
        state.trying |= tries;
        drop(state);
        Ok(Trial { breaker: Arc::clone(self), tries })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Trial {
    /// The source answered.
    pub(super) fn succeeded(self) {
        let mut state = self.breaker.state();
        state.failures = 0;
        state.open_since = None;
    }

    /// The source failed; true when it is not asked from now on.
    pub(super) fn failed(self, now: Instant) -> bool {
        let mut state = self.breaker.state();
        state.failures = state.failures.saturating_add(1);
        let opens = self.tries || state.failures >= SOURCE_FAILURES;
        let was_open = state.open_since.is_some();
        if opens {
            state.open_since = Some(now);
        }
        opens && !was_open
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        let mut state = self.breaker.state();
        state.waiting = state.waiting.saturating_sub(1);
        if self.tries {
            state.trying = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_one_question_tries_it_after_the_pause() {
        let (breaker, start) = (Arc::new(Breaker::default()), Instant::now());
        let begin = |at| breaker.begin(at).map(|_| ()).err();
        for _ in 1..SOURCE_FAILURES {
            assert!(!breaker.begin(start).unwrap().failed(start));
        }
        breaker.begin(start).unwrap().succeeded();
        for at in 1..=SOURCE_FAILURES {
            assert_eq!(breaker.begin(start).unwrap().failed(start), at == SOURCE_FAILURES);
        }
        assert_eq!(begin(start), Some(Outcome::Open));
        let rested = start + Duration::from_millis(SOURCE_PAUSE_MS);
        let trial = breaker.begin(rested).unwrap();
        assert_eq!(begin(rested), Some(Outcome::Open), "one tries, the others do not wait for it");
        assert!(!trial.failed(rested), "it was open before");
        assert_eq!(begin(rested), Some(Outcome::Open));
        let later = rested + Duration::from_millis(SOURCE_PAUSE_MS);
        drop(breaker.begin(later).unwrap());
        breaker.begin(later).unwrap().succeeded();
        assert_eq!(begin(later), None);
    }

    #[test]
    fn no_more_than_so_many_wait_for_one_source() {
        let (breaker, now) = (Arc::new(Breaker::default()), Instant::now());
        let all: Vec<Trial> = (0..SOURCE_AT_ONCE).map(|_| breaker.begin(now).unwrap()).collect();
        assert_eq!(breaker.begin(now).map(|_| ()).err(), Some(Outcome::Busy));
        drop(all);
        assert!(breaker.begin(now).is_ok());
    }
}
