//! Places on the earth, and how fast somebody would have had to be.

use serde::{Deserialize, Serialize};

use crate::{Number, Timestamp};

/// Mean radius of the earth.
const RADIUS_KM: f64 = 6371.0;
/// Below it nobody has travelled: the same town, the other mast.
const NEAR_KM: f64 = 50.0;
/// What stands for being in two places at once, in km/h.
const AT_ONCE: i64 = 1_000_000;
const MICRO: f64 = 1_000_000.0;

/// A place, in millionths of a degree: about a hand's breadth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    latitude: i32,
    longitude: i32,
}

impl Position {
    /// A place in degrees; nothing when there is no such place.
    #[must_use]
    pub fn new(latitude: Number, longitude: Number) -> Option<Self> {
        let micro = |degrees: Number, most: i64| {
            let scaled = degrees.to_string().parse::<f64>().ok()? * MICRO;
            #[expect(clippy::cast_possible_truncation, reason = "bounded in the line below")]
            let whole = scaled.round() as i64;
            (-most * 1_000_000..=most * 1_000_000).contains(&whole).then(|| i32::try_from(whole).ok())?
        };
        Some(Self { latitude: micro(latitude, 90)?, longitude: micro(longitude, 180)? })
    }

    /// The length of the great circle to another place (haversine).
    #[must_use]
    pub fn distance_km(self, other: Self) -> f64 {
        let radians = |micro: i32| (f64::from(micro) / MICRO).to_radians();
        let (here, there) = (radians(self.latitude), radians(other.latitude));
        let lift = ((there - here) / 2.0).sin().powi(2);
        let turn = ((radians(other.longitude) - radians(self.longitude)) / 2.0).sin().powi(2);
        let half = here.cos().mul_add(there.cos() * turn, lift).clamp(0.0, 1.0).sqrt();
        2.0 * RADIUS_KM * half.asin()
    }
}

/// The greatest speed between neighbours, in km/h with one digit after the point; zero when nobody travelled.
pub(super) fn fastest(places: impl Iterator<Item = (Timestamp, Position)>) -> Number {
    let mut last: Option<(Timestamp, Position)> = None;
    let mut best = 0_i64;
    for (at, place) in places {
        if let Some((before, from)) = last {
            best = best.max(tenths(from.distance_km(place), at.since(before).nanos()));
        }
        last = Some((at, place));
    }
    Number::from_parts(i128::from(best), 1).unwrap_or_default()
}

fn tenths(km: f64, nanos: i128) -> i64 {
    if km < NEAR_KM {
        return 0;
    }
    if nanos <= 0 {
        return AT_ONCE * 10;
    }
    #[expect(clippy::cast_precision_loss, reason = "a speed needs no nanoseconds")]
    let hours = nanos as f64 / 3.6e12;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded by the speed of being in two places at once"
    )]
    let speed = (km / hours * 10.0).round() as i64;
    speed.min(AT_ONCE * 10)
}
