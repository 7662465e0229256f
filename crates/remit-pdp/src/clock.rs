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
}

impl Clock {
    /// The current instant; nothing when the system clock stands outside the years 1 to 9999.
    #[must_use]
    pub fn now(&self) -> Option<Timestamp> {
        match self {
            Self::Fixed(at) => Some(*at),
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
                Timestamp::from_unix_nanos(i128::try_from(since.as_nanos()).ok()?)
            }
        }
    }
}
