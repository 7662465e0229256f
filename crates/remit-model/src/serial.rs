//! How the small values are written as JSON: exactly as people write them. What does not read back is an error.

use std::fmt::Display;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Duration, IpNet, LevelId, Name, Number, Timestamp};

macro_rules! as_text {
    ($($of:ty: $read:expr;)*) => {$(
        impl Serialize for $of {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $of {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                let read: fn(&str) -> Option<Self> = $read;
                read(&text).ok_or_else(|| refusal(stringify!($of), &text))
            }
        }
    )*};
}

as_text! {
    Name: |text| Name::new(text).ok();
    Number: Number::parse;
    Timestamp: Timestamp::parse;
    IpNet: IpNet::parse;
}

fn refusal<E: Error>(kind: &str, text: &dyn Display) -> E {
    E::custom(format_args!("`{text}` is no {}", kind.to_ascii_lowercase()))
}

/// Nanoseconds as text: a length of time has no notation that holds every value.
impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.nanos())
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map(Self::from_nanos).map_err(|_| refusal("duration", &text))
    }
}

/// The dense id: it means something in its own schema only, so a level never decides after a change of schema.
impl Serialize for LevelId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LevelId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u16::deserialize(deserializer).map(Self)
    }
}
