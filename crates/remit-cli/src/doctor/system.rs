//! The host: clock and open files.

use std::time::{SystemTime, UNIX_EPOCH};

use remit_server::Config;
use rustix::process::{Resource, getrlimit};

use super::finding::Finding;

/// No Remit ran before this second (2026-01-01): an earlier clock was never set.
const EARLIEST_S: u64 = 1_767_225_600;
/// Later than this (2100-01-01) no clock of today can be.
const LATEST_S: u64 = 4_102_444_800;
/// Files open beside the connections: segments, index, bundle, outgoing connections.
const BESIDE: u64 = 256;

/// Whether the clock shows a time that can be.
pub fn clock() -> Finding {
    judged_clock(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

fn judged_clock(now_s: u64) -> Finding {
    if (EARLIEST_S..LATEST_S).contains(&now_s) {
        return Finding::ok("clock", "shows a time that can be");
    }
    let what = format!("shows {now_s} seconds since 1970, which cannot be");
    Finding::fail("clock", what, "set the clock (NTP): validity of tokens, consents and intents goes by it")
}

/// Whether as many files may be open as connections are let in.
pub fn files(config: &Config) -> Finding {
    judged_files(getrlimit(Resource::Nofile).current, config.limits.max_connections as u64)
}

fn judged_files(limit: Option<u64>, connections: u64) -> Finding {
    let needed = connections.saturating_add(BESIDE);
    match limit {
        Some(limit) if limit < needed => {
            let what = format!("{limit} files may be open, {connections} connections may need {needed}");
            Finding::warn(
                "files",
                what,
                "`LimitNOFILE=` of the unit, `ulimit -n`, or a lower `limits.max_connections`",
            )
        }
        Some(limit) => Finding::ok("files", format!("{limit} may be open")),
        None => Finding::ok("files", "any number may be open"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn a_clock_that_was_never_set_and_one_that_runs() {
        for (now, level) in [(0, Level::Fail), (EARLIEST_S, Level::Ok), (LATEST_S, Level::Fail)] {
            assert_eq!(judged_clock(now).level, level, "{now}");
        }
        assert_eq!(clock().level, Level::Ok);
    }

    #[test]
    fn fewer_files_than_connections_is_worth_a_look() {
        let table = [
            (Some(1024), Level::Warn),
            (Some(4096 + BESIDE), Level::Ok),
            (Some(4351), Level::Warn),
            (None, Level::Ok),
        ];
        for (limit, level) in table {
            assert_eq!(judged_files(limit, 4096).level, level, "{limit:?}");
        }
    }
}
