//! Instants and durations as exact nanoseconds; a strict RFC 3339 reader and writer.

use std::fmt;

const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;

/// An instant in UTC, nanoseconds since 1970-01-01T00:00:00Z, years 0001 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i128);

/// A length of time in nanoseconds, possibly negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Duration(i128);

impl Timestamp {
    /// From nanoseconds since the epoch; nothing outside the years 0001 to 9999.
    #[must_use]
    pub fn from_unix_nanos(nanos: i128) -> Option<Self> {
        let days = nanos.div_euclid(DAY);
        let (first, last) = (days_from_civil(1, 1, 1), days_from_civil(9999, 12, 31));
        (i128::from(first) <= days && days <= i128::from(last)).then_some(Self(nanos))
    }

    /// From whole seconds since the epoch.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        Self::from_unix_nanos(i128::from(seconds) * SECOND)
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub fn unix_nanos(self) -> i128 {
        self.0
    }

    /// Reads exactly RFC 3339 (`2026-04-30T20:15:00Z`, offsets, up to nine fraction digits) or a plain
    /// date (`2026-04-30`, its midnight in UTC). Anything else is nothing; leap seconds are nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let date = text.get(..10)?;
        let rest = text.get(10..)?;
        let (year, month, day) = parse_date(date)?;
        let midnight = i128::from(days_from_civil(year, month, day)) * DAY;
        if rest.is_empty() {
            return Self::from_unix_nanos(midnight);
        }
        let rest = rest.strip_prefix('T').or_else(|| rest.strip_prefix('t'))?;
        let clock = rest.get(..8)?;
        let (hour, minute, second) = parse_clock(clock)?;
        let rest = rest.get(8..)?;
        let (fraction, zone) = match rest.strip_prefix('.') {
            Some(after) => {
                let digits = after.bytes().take_while(u8::is_ascii_digit).count();
                (parse_fraction(after.get(..digits)?)?, after.get(digits..)?)
            }
            None => (0, rest),
        };
        let offset = parse_zone(zone)?;
        let seconds = i128::from(hour) * 3600 + i128::from(minute) * 60 + i128::from(second) - offset;
        Self::from_unix_nanos(midnight + seconds * SECOND + fraction)
    }

    /// The instant `by` later, or nothing when it leaves the range.
    #[must_use]
    pub fn checked_add(self, by: Duration) -> Option<Self> {
        Self::from_unix_nanos(self.0.checked_add(by.0)?)
    }

    /// The instant `by` earlier, or nothing when it leaves the range.
    #[must_use]
    pub fn checked_sub(self, by: Duration) -> Option<Self> {
        Self::from_unix_nanos(self.0.checked_sub(by.0)?)
    }

    /// The time from `earlier` to this instant.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration(self.0 - earlier.0)
    }
}

/// RFC 3339 in UTC, with as many fraction digits (0, 3, 6, 9) as the value needs.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0.div_euclid(DAY);
        let nanos = self.0.rem_euclid(DAY);
        let (year, month, day) = civil_from_days(i64::try_from(days).unwrap_or(0));
        let (seconds, fraction) = (nanos / SECOND, nanos % SECOND);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )?;
        match fraction {
            0 => {}
            ms if ms % 1_000_000 == 0 => write!(f, ".{:03}", ms / 1_000_000)?,
            us if us % 1_000 == 0 => write!(f, ".{:06}", us / 1_000)?,
            ns => write!(f, ".{ns:09}")?,
        }
        f.write_str("Z")
    }
}

impl Duration {
    /// From nanoseconds.
    #[must_use]
    pub fn from_nanos(nanos: i128) -> Self {
        Self(nanos)
    }

    /// Nanoseconds.
    #[must_use]
    pub fn nanos(self) -> i128 {
        self.0
    }

    /// Reads `15m`, `90d`, `1h30m`, `250ms`: parts of `w d h m s ms`, largest first, each at most once.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        const UNITS: [(&str, i128); 6] = [
            ("w", 7 * DAY),
            ("d", DAY),
            ("h", 3600 * SECOND),
            ("m", 60 * SECOND),
            ("s", SECOND),
            ("ms", SECOND / 1000),
        ];
        let (mut rest, mut total, mut next_unit) = (text, 0_i128, 0_usize);
        if text.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let amount: i128 = rest.get(..digits)?.parse::<u64>().ok()?.into();
            rest = rest.get(digits..)?;
            let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let unit = rest.get(..letters)?;
            let position = UNITS.iter().position(|(name, _)| *name == unit)?;
            if position < next_unit {
                return None;
            }
            next_unit = position + 1;
            total = total.checked_add(amount.checked_mul(UNITS.get(position)?.1)?)?;
            rest = rest.get(letters..)?;
        }
        Some(Self(total))
    }

    /// Sum, or nothing on overflow.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Difference, or nothing on overflow.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

/// The notation [`Duration::parse`] reads; sub-millisecond rests are written in nanoseconds (`12ns`).
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let mut rest = self.0.unsigned_abs();
        let second = SECOND.unsigned_abs();
        for (name, unit) in [
            ("d", 86_400 * second),
            ("h", 3600 * second),
            ("m", 60 * second),
            ("s", second),
            ("ms", second / 1000),
            ("ns", 1),
        ] {
            if rest >= unit {
                write!(f, "{}{name}", rest / unit)?;
                rest %= unit;
            }
        }
        Ok(())
    }
}

fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn parse_date(text: &str) -> Option<(i64, u32, u32)> {
    if text.get(4..5)? != "-" || text.get(7..8)? != "-" {
        return None;
    }
    let (year, month, day) = (number(text.get(..4)?)?, number(text.get(5..7)?)?, number(text.get(8..)?)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    (year >= 1 && (1..=last).contains(&day)).then_some((i64::from(year), month, day))
}

fn parse_clock(text: &str) -> Option<(u32, u32, u32)> {
    if text.get(2..3)? != ":" || text.get(5..6)? != ":" {
        return None;
    }
    let (hour, minute, second) = (number(text.get(..2)?)?, number(text.get(3..5)?)?, number(text.get(6..)?)?);
    (hour < 24 && minute < 60 && second < 60).then_some((hour, minute, second))
}

fn parse_fraction(digits: &str) -> Option<i128> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let scale = 10_i128.pow(9 - u32::try_from(digits.len()).ok()?);
    Some(i128::from(number(digits)?) * scale)
}

fn parse_zone(text: &str) -> Option<i128> {
    if text == "Z" || text == "z" {
        return Some(0);
    }
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    if text.len() != 6 || text.get(3..4)? != ":" {
        return None;
    }
    let (hour, minute) = (number(text.get(1..3)?)?, number(text.get(4..)?)?);
    (hour < 24 && minute < 60).then_some(sign * (i128::from(hour) * 3600 + i128::from(minute) * 60))
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date of a number of days since 1970-01-01; inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn reads_rfc_3339_and_writes_utc() {
        assert_eq!(at("1970-01-01").unix_nanos(), 0);
        assert_eq!(at("2026-04-30T20:15:00+05:30").to_string(), "2026-04-30T14:45:00Z");
        assert_eq!(at("2024-02-29T23:59:59.5-07:00").to_string(), "2024-03-01T06:59:59.500Z");
        assert_eq!(at("2026-04-30T20:15:00.123456789Z").to_string(), "2026-04-30T20:15:00.123456789Z");
        assert_eq!(at("0001-01-01").to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(at("9999-12-31").to_string(), "9999-12-31T00:00:00Z");
    }

    #[test]
    fn refuses_everything_else() {
        for bad in [
            "",
            "2026",
            "2026-13-01",
            "2025-02-29",
            "2026-04-31",
            "2026-04-30T20:15Z",
            "2026-04-30 20:15:00Z",
            "2026-04-30T24:00:00Z",
            "2026-04-30T20:15:60Z",
            "2026-04-30T20:15:00",
            "2026-04-30T20:15:00+0530",
            "2026-04-30T20:15:00.Z",
            "2026-04-30T20:15:00.1234567890Z",
            "0000-01-01",
            "2026-04-30T20:15:00Zx",
            "２026-04-30",
        ] {
            assert_eq!(Timestamp::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn calendar_round_trips_over_four_centuries() {
        for day in (-300_000..300_000).step_by(17) {
            let (y, m, d) = civil_from_days(day);
            assert_eq!(days_from_civil(y, m.try_into().unwrap(), d.try_into().unwrap()), day);
        }
    }

    #[test]
    fn durations() {
        assert_eq!(Duration::parse("15m").unwrap().nanos(), 15 * 60 * SECOND);
        assert_eq!(Duration::parse("1h30m").unwrap().to_string(), "1h30m");
        assert_eq!(Duration::parse("2w"), Duration::parse("14d"));
        assert_eq!(Duration::parse("250ms").unwrap().to_string(), "250ms");
        for bad in ["", "m", "15", "15x", "30m1h", "1h1h", "-1h", "1.5h"] {
            assert_eq!(Duration::parse(bad), None, "{bad}");
        }
        assert_eq!(at("2026-01-02").since(at("2026-01-01")), Duration::parse("1d").unwrap());
        assert_eq!(at("9999-12-31").checked_add(Duration::parse("2d").unwrap()), None);
    }
}
