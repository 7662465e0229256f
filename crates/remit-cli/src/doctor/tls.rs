//! The certificate of the listener: readable with its key, and valid for a while.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use remit_server::Config;
use remit_server::tls;

use super::finding::Finding;

/// Days before the end at which somebody should look: a renewal by hand takes about as long.
const SOON_DAYS: i64 = 14;
const DAY_S: i64 = 24 * 60 * 60;

/// Looks at certificate and key, where they are configured.
pub fn look(config: &Config) -> Vec<Finding> {
    let Some(files) = &config.tls else {
        return vec![Finding::ok("tls", "not configured; plain HTTP")];
    };
    let mut found = vec![match tls::validity(files) {
        Ok((from, until)) => judged(from, until, now()),
        Err(error) => {
            Finding::fail("tls", error.to_string(), "a chain in PEM, leaf first, and its private key in PEM")
        }
    }];
    found.extend(open(&files.key_file));
    found
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or_default()
}

fn judged(from: i64, until: i64, now: i64) -> Finding {
    let days = (until - now) / DAY_S;
    let advice = "renew it; `SIGHUP` makes a running service read the files again";
    if now > until {
        return Finding::fail("tls", format!("the certificate ended {} days ago", -days), advice);
    }
    if now < from {
        let what = format!("the certificate begins in {} days", (from - now) / DAY_S);
        return Finding::fail("tls", what, "look at the clock, or wait");
    }
    let what = format!("the certificate is good for {days} more days");
    if days < SOON_DAYS { Finding::warn("tls", what, advice) } else { Finding::ok("tls", what) }
}

/// Whether everybody may read the private key. A group may: that is how secrets are mounted.
fn open(key: &Path) -> Option<Finding> {
    let mode = fs::metadata(key).ok()?.permissions().mode() & 0o777;
    let what = format!("everybody may read the private key `{}` (mode {mode:o})", key.display());
    (mode & 0o007 != 0).then(|| Finding::warn("tls", what, format!("chmod o= {}", key.display())))
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;
    use remit_server::config::Tls;

    #[test]
    fn a_certificate_before_in_and_after_its_time() {
        let (from, until) = (100 * DAY_S, 200 * DAY_S);
        let table = [
            (99, Level::Fail),
            (100, Level::Ok),
            (200 - SOON_DAYS, Level::Ok),
            (201 - SOON_DAYS, Level::Warn),
            (200, Level::Warn),
            (201, Level::Fail),
        ];
        for (day, level) in table {
            assert_eq!(judged(from, until, day * DAY_S).level, level, "day {day}");
        }
    }

    #[test]
    fn files_that_are_there_and_files_that_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (cert_file, key_file) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        fs::write(&cert_file, made.cert.pem()).unwrap();
        fs::write(&key_file, made.signing_key.serialize_pem()).unwrap();
        let config = Config {
            tls: Some(Tls { cert_file, key_file: key_file.clone(), clients: None }),
            ..Config::default()
        };
        let levels = || look(&config).iter().map(|it| it.level).collect::<Vec<_>>();
        fs::set_permissions(&key_file, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(levels(), [Level::Ok]);
        fs::set_permissions(&key_file, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(levels(), [Level::Ok, Level::Warn]);
        fs::write(&key_file, "no key").unwrap();
        assert_eq!(levels()[0], Level::Fail);
        assert_eq!(look(&Config::default())[0].level, Level::Ok, "none configured");
    }
}
