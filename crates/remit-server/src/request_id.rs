//! `X-Request-ID`: what came in goes out byte for byte; a call without one gets a fresh UUID of version 7.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// The header's name.
pub const NAME: HeaderName = HeaderName::from_static("x-request-id");

/// Makes request ids. They tell requests apart and are no secret.
#[derive(Debug, Default)]
pub struct RequestIds {
    seed: RandomState,
    next: AtomicU64,
}

impl RequestIds {
    /// The id of this request; a made-up one is added to `headers`, so that everything behind finds it there.
    pub fn settle(&self, headers: &mut HeaderMap) -> HeaderValue {
        if let Some(sent) = headers.get(&NAME) {
            return sent.clone();
        }
        let made = self.fresh();
        headers.insert(NAME, made.clone());
        made
    }

    /// WHY: a keyed hash of a counter instead of the system's randomness: unique, and no system call per request.
    fn fresh(&self) -> HeaderValue {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let mut tail = [0_u8; 10];
        let random = self.seed.hash_one(count).to_be_bytes();
        let counted = count.to_be_bytes();
        for (to, from) in tail.iter_mut().zip(random.iter().chain(counted.iter().skip(6))) {
            *to = *from;
        }
        let id =
            uuid::Builder::from_unix_timestamp_millis(u64::try_from(millis).unwrap_or(0), &tail).into_uuid();
        let mut buffer = uuid::Uuid::encode_buffer();
        let text = id.hyphenated().encode_lower(&mut buffer);
        HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sent_id_stays_as_it_is() {
        let odd = HeaderValue::from_bytes("ü id with spaces".as_bytes()).expect("valid");
        let mut headers = HeaderMap::from_iter([(NAME, odd.clone())]);
        assert_eq!(RequestIds::default().settle(&mut headers), odd);
        assert_eq!(headers.get(&NAME), Some(&odd));
    }

    #[test]
    fn made_up_ids_are_uuids_of_version_7_and_differ() {
        let ids = RequestIds::default();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..10_000 {
            let mut headers = HeaderMap::new();
            let id = ids.settle(&mut headers);
            assert_eq!(headers.get(&NAME), Some(&id));
            let uuid = uuid::Uuid::parse_str(id.to_str().expect("text")).expect("a uuid");
            assert_eq!(uuid.get_version_num(), 7);
            assert!(seen.insert(uuid));
        }
    }
}
