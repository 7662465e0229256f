//! What is remembered between requests: verified tokens, used proofs, revoked tokens. All bounded.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use remit_model::Timestamp;

/// What was verified before, by the hash of the token; the oldest give way.
pub(crate) struct Verified<K, V> {
    most: usize,
    inner: RwLock<VerifiedInner<K, V>>,
}

struct VerifiedInner<K, V> {
    tokens: HashMap<K, Arc<V>>,
    order: VecDeque<K>,
}

impl<K: Hash + Eq + Copy, V> Verified<K, V> {
    pub(crate) fn new(most: usize) -> Self {
        let inner = VerifiedInner { tokens: HashMap::new(), order: VecDeque::new() };
        Self { most, inner: RwLock::new(inner) }
    }

    pub(crate) fn get(&self, key: K) -> Option<Arc<V>> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.tokens.get(&key).map(Arc::clone)
    }

    pub(crate) fn insert(&self, key: K, proved: &Arc<V>) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if inner.tokens.insert(key, Arc::clone(proved)).is_none() {
            inner.order.push_back(key);
        }
        while inner.order.len() > self.most {
            if let Some(oldest) = inner.order.pop_front() {
                inner.tokens.remove(&oldest);
            }
        }
    }

    pub(crate) fn forget(&self, is: impl Fn(&K) -> bool) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.order.retain(|key| !is(key));
        inner.tokens.retain(|key, _| !is(key));
    }
}

/// Things that must not be forgotten before their time: nothing gives way, a full memory says so.
pub(crate) struct Until<K> {
    most: usize,
    inner: Mutex<UntilInner<K>>,
}

struct UntilInner<K> {
    ends: HashMap<K, Timestamp>,
    /// Before this instant a purge cannot help.
    purge_at: Option<Timestamp>,
}

/// What came of remembering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remembered {
    New,
    Known,
    Full,
}

impl<K: Hash + Eq> Until<K> {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, inner: Mutex::new(UntilInner { ends: HashMap::new(), purge_at: None }) }
    }

    /// Remembers until an instant, that instant included.
    pub(crate) fn remember(&self, key: K, until: Timestamp, now: Timestamp) -> Remembered {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(end) = inner.ends.get_mut(&key)
            && *end >= now
        {
            *end = until.max(*end);
            return Remembered::Known;
        }
        if inner.ends.len() >= self.most && inner.purge_at.is_none_or(|at| at <= now) {
            inner.ends.retain(|_, end| *end >= now);
            // WHY: a full memory is walked once per earliest end, not once per attempt.
            inner.purge_at = inner.ends.values().min().copied();
        }
        if inner.ends.len() >= self.most {
            return Remembered::Full;
        }
        inner.ends.insert(key, until);
        Remembered::New
    }

    pub(crate) fn holds(&self, key: &K, now: Timestamp) -> bool {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.ends.get(key).is_some_and(|end| *end >= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_was_verified_the_oldest_give_way_and_what_is_forgotten_is_gone() {
        let memory = Verified::new(2);
        let put = |key: char, value: i32| memory.insert(key, &Arc::new(value));
        put('a', 1);
        put('b', 2);
        put('a', 3);
        assert_eq!((memory.get('a').as_deref(), memory.get('b').as_deref()), (Some(&3), Some(&2)));
        put('c', 4);
        assert_eq!(
            (memory.get('a'), memory.get('b').as_deref()),
            (None, Some(&2)),
            "the oldest, though seen again"
        );
        memory.forget(|key| *key == 'b');
        assert_eq!((memory.get('b'), memory.get('c').as_deref()), (None, Some(&4)));
        put('d', 5);
        assert!(memory.get('c').is_some() && memory.get('d').is_some(), "what was forgotten takes no room");
    }

    #[test]
    fn nothing_is_forgotten_early_and_a_full_memory_says_so() {
        let at = |seconds| Timestamp::from_unix_seconds(seconds).unwrap();
        let memory = Until::new(2);
        assert_eq!(memory.remember("a", at(10), at(1)), Remembered::New);
        assert_eq!(memory.remember("a", at(10), at(10)), Remembered::Known);
        assert_eq!(memory.remember("b", at(20), at(1)), Remembered::New);
        assert_eq!(memory.remember("c", at(30), at(10)), Remembered::Full);
        assert!(memory.holds(&"a", at(10)) && !memory.holds(&"a", at(11)));
        assert_eq!(memory.remember("c", at(30), at(11)), Remembered::New);
        assert_eq!(memory.remember("b", at(20), at(11)), Remembered::Known);
        assert_eq!(memory.remember("d", at(40), at(11)), Remembered::Full);
    }
}
