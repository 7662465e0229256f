//! The ledger: who holds it, whether it is whole, whether the key fits, and whether the clock is ahead of it.

use std::fs::{File, TryLockError};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use remit_pdp::ledger::{self, FaultKind, Keys, Trust, Verified, Vkey};
use remit_server::Config;

use super::finding::{Finding, Level};

/// How far the newest record may be ahead of the clock: what the clocks of two hosts differ at most.
const AHEAD_MS: i64 = 60_000;
/// How long a running service may take to take a connection.
const CONNECT: Duration = Duration::from_secs(1);

/// Looks at the ledger in the data directory.
pub fn look(config: &Config) -> Vec<Finding> {
    let dir = config.data.join("ledger");
    let (key, keys) = key(config);
    let mut found = vec![held(&dir.join("LOCK"), config.listen), key];
    if dir.join("segments").is_dir() {
        // WHY: a service signs its first head within a second or two of its start; until then there is none to hold it against.
        let awaits_head = is_held(config) && !dir.join("checkpoint").exists();
        found.extend(if awaits_head { first_seconds(&dir) } else { whole(&dir, keys) });
    } else {
        found.push(Finding::ok("ledger", "none yet; it begins at the first start"));
    }
    found
}

/// Whether a process has the ledger now.
pub fn is_held(config: &Config) -> bool {
    let lock = File::open(config.data.join("ledger/LOCK")).ok();
    lock.is_some_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Whether another process has the directory.
fn held(lock: &Path, listen: SocketAddr) -> Finding {
    let Ok(file) = File::open(lock) else { return Finding::ok("lock", "nobody has the ledger") };
    match file.try_lock() {
        Ok(()) => Finding::ok("lock", "nobody has the ledger"),
        Err(TryLockError::WouldBlock) if TcpStream::connect_timeout(&listen, CONNECT).is_ok() => {
            Finding::ok("lock", format!("the service that answers at {listen} has the ledger"))
        }
        Err(TryLockError::WouldBlock) => {
            let advice = "one data directory for each process: stop the other one (`fuser -v` on the file `LOCK` names it)";
            Finding::fail(
                "lock",
                format!("another process has the ledger, and nobody answers at {listen}"),
                advice,
            )
        }
        Err(TryLockError::Error(error)) => Finding::fail(
            "lock",
            format!("`{}` cannot be locked: {error}", lock.display()),
            "use a local file system",
        ),
    }
}

/// The key that signs the heads.
fn key(config: &Config) -> (Finding, Vec<Vkey>) {
    let own = config.data.join("ledger.key");
    let (path, apart) = config.ledger.key_file.as_ref().map_or((&own, false), |path| (path, true));
    if !apart && !path.exists() {
        return (
            Finding::ok("key", "none yet; one is made in the data directory at the first start"),
            Vec::new(),
        );
    }
    match Keys::read(path) {
        Err(error) => {
            let advice =
                "`remit ledger key new` makes one; a lost key is replaced by a new log, never by a guess";
            (Finding::fail("key", error.to_string(), advice), Vec::new())
        }
        Ok(keys) if apart => (Finding::ok("key", format!("`{}`", path.display())), keys.vkeys()),
        Ok(keys) => {
            let what = "the key lies beside the ledger: whoever can write there can rewrite both";
            let advice = "`remit ledger key new` on another volume, `ledger.key_file`, and `[ledger.push]` for the heads";
            (Finding::warn("key", what, advice), keys.vkeys())
        }
    }
}

/// Every record, the chain, the tree and its head under this key; then the clock against the newest record.
fn whole(dir: &Path, keys: Vec<Vkey>) -> Vec<Finding> {
    let trust = Trust { keys, heads: Vec::new() };
    match ledger::verify_with(dir, &trust) {
        Ok(verified) => {
            let signed = verified
                .signed
                .map_or_else(|| "no head is signed".to_owned(), |size| format!("signed up to {size}"));
            vec![
                Finding::ok("ledger", format!("{} records verify, {signed}", verified.records)),
                clock(dir, &verified),
            ]
        }
        Err(fault) => vec![Finding::fail("ledger", fault.to_string(), advice(&fault.kind))],
    }
}

/// Of a ledger whose service has not signed a head yet.
fn first_seconds(dir: &Path) -> Vec<Finding> {
    let mut found = whole(dir, Vec::new());
    if let Some(ledger) = found.first_mut().filter(|it| it.level == Level::Ok) {
        let advice = "look again in a few seconds; a service that goes on without a head cannot sign";
        *ledger = Finding::warn("ledger", "its service runs and has signed no head yet", advice);
    }
    found
}

fn advice(kind: &FaultKind) -> &'static str {
    match kind {
        FaultKind::Version(_) => {
            "this ledger was written by a newer Remit: run that one; formats only go forward"
        }
        FaultKind::Signature(_) => {
            "the head was signed by another key: set `ledger.key_file` to the one this log was begun with"
        }
        _ => "stop, keep a copy for whoever investigates, then `remit ledger restore` a checked copy",
    }
}

/// A clock that went back would give new records times before the old ones.
fn clock(dir: &Path, verified: &Verified) -> Finding {
    let Some(last) = verified.records.checked_sub(1) else {
        return Finding::ok("time", "no record to compare with");
    };
    let newest =
        ledger::read(dir, last, last).next().and_then(Result::ok).map(|record| record.body.time().unix_ms());
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = since.ok().and_then(|since| i64::try_from(since.as_millis()).ok());
    match (newest, now) {
        (Some(newest), Some(now)) => judged(newest, now),
        _ => Finding::ok("time", "the newest record went while it was looked at"),
    }
}

fn judged(newest_ms: i64, now_ms: i64) -> Finding {
    let ahead = newest_ms.saturating_sub(now_ms);
    if ahead > AHEAD_MS {
        let what = format!("the newest record is {} s ahead of the clock", ahead / 1000);
        return Finding::fail(
            "time",
            what,
            "set the clock (NTP) before the start: validity, consents and budgets go by it",
        );
    }
    Finding::ok("time", "the clock is not behind the newest record")
}

#[cfg(test)]
mod tests {
    use super::*;
    use remit_pdp::ledger::{Body, Ledger, LedgerOptions, Started, Timestamp};

    /// A ledger of one record, closed.
    fn begun(data: &Path, ms: i64) -> Config {
        let keys = Keys::create(&data.join("ledger.key"), "log.example/doctor").unwrap();
        let time = Timestamp::from_unix_ms(ms);
        let options = LedgerOptions { keys: Some(keys), ..LedgerOptions::new("test", time) };
        let (ledger, _) = Ledger::open(&data.join("ledger"), options).unwrap();
        let started = Started { config_digest: None, time, version: "0.1.0".to_owned() };
        let _receipt = ledger.append_blocking(Body::Started(started)).unwrap();
        ledger.close().unwrap();
        Config { data: data.to_owned(), listen: ([127, 0, 0, 1], 1).into(), ..Config::default() }
    }

    fn levels(config: &Config) -> Vec<(&'static str, Level)> {
        look(config).into_iter().map(|it| (it.check, it.level)).collect()
    }

    #[test]
    fn before_the_first_start_nothing_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data: folder.path().to_owned(), ..Config::default() };
        assert_eq!(levels(&config), [("lock", Level::Ok), ("key", Level::Ok), ("ledger", Level::Ok)]);
    }

    #[test]
    fn a_whole_ledger_a_damaged_one_and_one_of_a_newer_format() {
        let folder = tempfile::tempdir().unwrap();
        let config = begun(folder.path(), 1_700_000_000_000);
        let well = [("lock", Level::Ok), ("key", Level::Warn), ("ledger", Level::Ok), ("time", Level::Ok)];
        assert_eq!(levels(&config), well);
        let segments = std::fs::read_dir(folder.path().join("ledger/segments")).unwrap();
        let segment =
            segments.map(|it| it.unwrap().path()).find(|it| it.extension().is_some_and(|end| end == "seg"));
        let segment = segment.unwrap();
        let bytes = std::fs::read(&segment).unwrap();
        let with = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut changed = bytes.clone();
            change(&mut changed);
            std::fs::write(&segment, changed).unwrap();
            whole(&folder.path().join("ledger"), Vec::new()).remove(0)
        };
        let damaged = with(&|bytes| bytes[80] ^= 1);
        assert!(
            damaged.level == Level::Fail && damaged.advice.as_deref().unwrap().contains("copy"),
            "{damaged}"
        );
        let newer = with(&|bytes| {
            bytes[8] = 9;
            let sum = crc32fast::hash(&bytes[..52]).to_le_bytes();
            bytes[52..56].copy_from_slice(&sum);
        });
        assert!(
            newer.level == Level::Fail && newer.advice.as_deref().unwrap().contains("newer Remit"),
            "{newer}"
        );
        assert_eq!(with(&|_| {}).level, Level::Ok, "as it was");
    }

    #[test]
    fn the_key_must_be_the_one_of_the_log_and_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = begun(folder.path(), 1_700_000_000_000);
        let other = folder.path().join("other.key");
        std::fs::rename(folder.path().join("ledger.key"), &other).unwrap();
        config.ledger.key_file = Some(other.clone());
        assert_eq!(levels(&config)[1..3], [("key", Level::Ok), ("ledger", Level::Ok)]);
        std::fs::remove_file(&other).unwrap();
        assert_eq!(levels(&config)[1], ("key", Level::Fail), "a configured key must be there");
        Keys::create(&other, "log.example/doctor").unwrap();
        let found = look(&config);
        assert_eq!((found[1].level, found[2].level), (Level::Ok, Level::Fail), "{}", found[2]);
        assert!(found[2].advice.as_deref().unwrap().contains("another key"), "{}", found[2]);
    }

    #[test]
    fn a_missing_head_is_a_fault_unless_its_service_has_just_begun() {
        let folder = tempfile::tempdir().unwrap();
        let config = begun(folder.path(), 1_700_000_000_000);
        let of_ledger = || levels(&config).into_iter().find(|(check, _)| *check == "ledger").unwrap().1;
        assert_eq!(of_ledger(), Level::Ok);
        let lock = File::open(folder.path().join("ledger/LOCK")).unwrap();
        lock.try_lock().unwrap();
        assert_eq!(of_ledger(), Level::Ok, "running, with its head");
        std::fs::remove_file(folder.path().join("ledger/checkpoint")).unwrap();
        assert_eq!(of_ledger(), Level::Warn, "running, before its first head");
        drop(lock);
        assert_eq!(of_ledger(), Level::Fail, "not running, and its head is gone");
    }

    #[test]
    fn a_held_ledger_is_a_fault_unless_its_service_answers() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("LOCK");
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = free.local_addr().unwrap();
        let file = File::create(&lock).unwrap();
        assert_eq!(held(&lock, address).level, Level::Ok, "there and not held");
        file.try_lock().unwrap();
        assert_eq!(held(&lock, address).level, Level::Ok, "its service answers");
        drop(free);
        assert_eq!(held(&lock, address).level, Level::Fail);
        drop(file);
        assert_eq!(held(&lock, address).level, Level::Ok);
    }

    #[test]
    fn a_clock_behind_the_log_is_a_fault() {
        assert_eq!(judged(1_000_000, 1_000_000).level, Level::Ok);
        assert_eq!(judged(1_000_000 + AHEAD_MS, 1_000_000).level, Level::Ok);
        assert_eq!(judged(1_000_001 + AHEAD_MS, 1_000_000).level, Level::Fail);
        let folder = tempfile::tempdir().unwrap();
        let config = begun(folder.path(), 4_000_000_000_000);
        assert_eq!(levels(&config)[3], ("time", Level::Fail), "a record of the year 2096");
    }
}
