//! `Cache`: what a source answered a short while before, by the hash of all it was sent.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use remit_model::Value;

use crate::limits::SOURCE_ANSWERS_KEPT;

type Values = Arc<[(String, Value)]>;

/// Answers that still count.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<HashMap<[u8; 32], (Instant, Values)>>);

impl Cache {
    /// The answer, while it counts.
    pub(super) fn get(&self, key: &[u8; 32], now: Instant) -> Option<Values> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, values) = all.get(key)?;
        (now < *until).then(|| Arc::clone(values))
    }

    /// Keeps an answer for so long. When there is no room left, the old ones go first, then all.
    pub(super) fn put(&self, key: [u8; 32], values: Values, now: Instant, age: Duration) {
        let Some(until) = now.checked_add(age) else { return };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= SOURCE_ANSWERS_KEPT {
            all.retain(|_, (until, _)| now < *until);
        }
        if all.len() >= SOURCE_ANSWERS_KEPT {
            all.clear();
        }
        all.insert(key, (until, values));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_until_its_time_is_over_and_room_is_bounded() {
        let (cache, now, age) = (Cache::default(), Instant::now(), Duration::from_secs(1));
        let key = |number: usize| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_be_bytes());
            key
        };
        cache.put(key(0), Arc::from([]), now, age);
        assert!(cache.get(&key(0), now).is_some());
        assert!(cache.get(&key(0), now + age).is_none());
        for number in 0..=SOURCE_ANSWERS_KEPT {
            cache.put(key(number), Arc::from([]), now, age);
        }
        assert!(cache.0.lock().unwrap().len() <= SOURCE_ANSWERS_KEPT);
        assert!(cache.get(&key(SOURCE_ANSWERS_KEPT), now).is_some());
    }
}
