//! The configuration: readable, whole, and the secrets that it names.

use std::path::Path;

use remit_pdp::{Clock, Timestamp};
use remit_server::Config;
use remit_server::logging;

use super::finding::Finding;

/// Days before the last key of a caller ends at which somebody should look.
const SOON_DAYS: i128 = 14;
const NANOS_OF_A_DAY: i128 = 24 * 60 * 60 * 1_000_000_000;

/// The configuration is refused.
pub fn refused(file: Option<&Path>, error: &anyhow::Error) -> Finding {
    let advice = "every key, its default and its variable: schemas/CONFIG.md; `remit serve` would end with the same error";
    Finding::fail("config", format!("{}: {error:#}", shown(file)), advice)
}

/// What a configuration that passes its own checks says.
pub fn look(file: Option<&Path>, config: &Config) -> Vec<Finding> {
    let mut found = vec![Finding::ok("config", format!("{}, {} callers", shown(file), config.peps.len()))];
    if let Err(error) = logging::check(&config.log) {
        found.push(Finding::fail("log", error.to_string(), "set `log.level` to a level such as `info`"));
    }
    if config.public_url.is_none() && !config.listen.ip().is_loopback() {
        let what =
            format!("`public_url` is not set: callers are told `{}`", config.identifier(config.listen));
        found.push(Finding::warn(
            "url",
            what,
            "set `public_url` to the https address by which callers reach it",
        ));
    }
    if config.allow_plain_http && !config.listen.ip().is_loopback() && config.tls.is_none() {
        let advice = "make sure that only the proxy that ends TLS reaches this address, or configure `tls`";
        found.push(Finding::warn("plain", format!("plain HTTP on {}", config.listen), advice));
    }
    found.extend(Clock::System.now().map(|now| keys(config, now)).unwrap_or_default());
    found.extend(secrets(config));
    found
}

/// Keys of callers that end soon, or have ended without another to replace them.
fn keys(config: &Config, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    for pep in &config.peps {
        let ends = pep.keys.iter().map(|key| key.expires_at.as_deref().and_then(Timestamp::parse));
        // A key without an end lasts; so do a digest without times, a token and a workload.
        let lasting = pep.key_sha256.is_some() || pep.token.is_some() || pep.spiffe_id.is_some();
        let Some(last) = ends.collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max()) else {
            continue;
        };
        let left_days = last.since(now).nanos() / NANOS_OF_A_DAY;
        let advice =
            "`remit key` makes another: add it to `keys` with `not_before`, and take the old one out later";
        if lasting {
            continue;
        } else if last <= now {
            let what = format!("every key of `{}` has ended: it is answered 401", pep.name);
            found.push(Finding::fail("keys", what, advice));
        } else if left_days < SOON_DAYS {
            let what = format!("the last key of `{}` ends in {left_days} days", pep.name);
            found.push(Finding::warn("keys", what, advice));
        }
    }
    found
}

/// The files of secrets that the configuration names.
fn secrets(config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    let advice =
        "32 bytes or more of randomness, readable by the service: `head -c 32 /dev/urandom | base64`";
    match (&config.transactions.outcome_key_file, config.outcome_key()) {
        (_, Err(error)) => found.push(Finding::fail("secrets", error.to_string(), advice)),
        (Some(file), Ok(_)) => {
            found.push(Finding::ok("secrets", format!("the key of outcomes `{}`", file.display())))
        }
        (None, Ok(_)) => {}
    }
    for (name, source) in &config.sources {
        if let Err(error) = source.access(name) {
            found.push(Finding::fail(
                "secrets",
                error.to_string(),
                "the header that the source asks for, on one line",
            ));
        }
    }
    if let Some(webhook) = &config.incidents.webhook {
        found.push(match webhook.secret() {
            Ok(_) => Finding::ok(
                "secrets",
                format!("the secret of the webhook `{}`", webhook.secret_file.display()),
            ),
            Err(error) => Finding::fail("secrets", error.to_string(), advice),
        });
    }
    found
}

fn shown(file: Option<&Path>) -> String {
    file.map_or_else(
        || String::from("no file, defaults and variables"),
        |file| format!("`{}`", file.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;
    use remit_server::config::{KeyEntry, Log, LogFormat, PepEntry};

    fn levels(config: &Config) -> Vec<(&'static str, Level)> {
        look(None, config).into_iter().map(|it| (it.check, it.level)).collect()
    }

    #[test]
    fn a_level_that_means_nothing_and_its_neighbour() {
        let with = |level: &str| Config {
            log: Log { level: level.to_owned(), format: LogFormat::Json },
            ..Config::default()
        };
        assert_eq!(levels(&with("info")), [("config", Level::Ok)]);
        assert_eq!(levels(&with("loud=very")), [("config", Level::Ok), ("log", Level::Fail)]);
    }

    #[test]
    fn a_listener_for_others_wants_a_name_and_tls() {
        let wide =
            Config { listen: ([0, 0, 0, 0], 8181).into(), allow_plain_http: true, ..Config::default() };
        assert_eq!(levels(&wide)[1..], [("url", Level::Warn), ("plain", Level::Warn)]);
        let named = Config { public_url: Some("https://pdp.example".to_owned()), ..wide };
        assert_eq!(levels(&named)[1..], [("plain", Level::Warn)]);
    }

    #[test]
    fn a_caller_whose_keys_have_ended_or_end_soon_is_named_and_one_with_another_key_is_not() {
        let now = Timestamp::parse("2026-06-01T00:00:00Z").unwrap();
        let key = |end: Option<&str>| KeyEntry {
            sha256: "0".repeat(64),
            not_before: None,
            expires_at: end.map(str::to_owned),
        };
        let (over, soon, later) =
            (Some("2026-05-31T00:00:00Z"), Some("2026-06-10T00:00:00Z"), Some("2026-09-01T00:00:00Z"));
        for (ends, level) in [
            (&[over][..], Some(Level::Fail)),
            (&[soon], Some(Level::Warn)),
            (&[over, soon], Some(Level::Warn)),
            (&[later], None),
            (&[over, later], None),
            (&[over, None], None),
            (&[], None),
        ] {
            let keys_of_it = ends.iter().map(|end| key(*end)).collect();
            let pep = PepEntry { keys: keys_of_it, ..PepEntry::new("gateway") };
            let config = Config { peps: vec![pep.clone()], ..Config::default() };
            assert_eq!(keys(&config, now).first().map(|it| it.level), level, "{ends:?}");
            let lasting = PepEntry { key_sha256: Some("0".repeat(64)), ..pep };
            assert!(keys(&Config { peps: vec![lasting], ..Config::default() }, now).is_empty());
        }
    }

    #[test]
    fn a_secret_too_short_is_named_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("outcomes.key");
        let mut config = Config::default();
        config.transactions.outcome_key_file = Some(file.clone());
        std::fs::write(&file, "0123456789abcdef0123456789abcdef").unwrap();
        assert_eq!(levels(&config)[1..], [("secrets", Level::Ok)]);
        std::fs::write(&file, "much-too-short").unwrap();
        let found = secrets(&config);
        assert_eq!(found[0].level, Level::Fail);
        assert!(!found[0].found.contains("much-too-short"), "{}", found[0].found);
    }
}
