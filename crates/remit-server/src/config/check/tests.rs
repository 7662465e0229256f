//! What a configuration as a whole is refused for, each beside an accepted neighbour.

use super::super::{ConfigError, Detail, PepEntry, Tls};
use super::*;
use crate::keyring::sha256_hex;

fn pep(name: &str, key: &str) -> PepEntry {
    PepEntry {
        name: name.to_owned(),
        key_sha256: sha256_hex(key.as_bytes()),
        evaluate: true,
        search: true,
        detail: Detail::Minimal,
        governance: false,
        admin: false,
        audit: false,
        consents: false,
        signals: false,
        assert_identity: false,
        workload: false,
    }
}

/// A configuration that passes; each test spoils one thing.
fn good() -> Config {
    Config { peps: vec![pep("gate", "k1")], ..Config::default() }
}

fn anywhere() -> Config {
    let tls = Some(Tls { cert_file: "cert.pem".into(), key_file: "key.pem".into(), clients: None });
    Config { listen: ([0, 0, 0, 0], 8181).into(), tls, ..good() }
}

#[test]
fn keys_or_an_open_loopback_but_never_nothing_and_never_both() {
    assert_eq!(good().check(), Ok(()));
    assert_eq!(Config { insecure_loopback: true, peps: vec![], ..good() }.check(), Ok(()));
    let nobody = Config { peps: vec![], ..good() };
    let both = Config { insecure_loopback: true, ..good() };
    let exposed = Config { insecure_loopback: true, peps: vec![], ..anywhere() };
    for refused in [nobody, both, exposed] {
        assert!(matches!(refused.check(), Err(ConfigError::Unsafe(_))), "{refused:?}");
    }
}

#[test]
fn plain_http_leaves_the_machine_only_when_told_to() {
    assert_eq!(anywhere().check(), Ok(()));
    let plain = Config { tls: None, ..anywhere() };
    assert!(matches!(plain.check(), Err(ConfigError::Unsafe(_))));
    assert_eq!(Config { allow_plain_http: true, ..plain }.check(), Ok(()));
}

#[test]
fn public_urls() {
    let with = |config: Config, url: &str| Config { public_url: Some(url.to_owned()), ..config }.check();
    for url in ["https://h", "https://h/", "https://h.example:8443/t1", "https://h/a/b", "http://127.0.0.1:9"]
    {
        assert_eq!(with(good(), url), Ok(()), "{url}");
    }
    for url in [
        "",
        "h.example",
        "ftp://h",
        "https://",
        "https:///t1",
        "https://u@h",
        "https://h?x=1",
        "https://h/#f",
        "https://h/%74",
        "https://h/a b",
        "https://h//t1",
        "https://h/../t1",
        "https://h/{x}",
    ] {
        assert!(with(good(), url).is_err(), "{url}");
    }
    assert!(with(anywhere(), "http://h").is_err(), "plain http off loopback");
}

#[test]
fn identifier_and_base_path_lose_the_trailing_slash() {
    for (url, identifier, base) in [
        (None, "http://127.0.0.1:8181", ""),
        (Some("https://h/"), "https://h", ""),
        (Some("https://h/t1/"), "https://h/t1", "/t1"),
        (Some("https://h:8443/a/b"), "https://h:8443/a/b", "/a/b"),
    ] {
        let config = Config { public_url: url.map(str::to_owned), ..good() };
        assert_eq!(config.identifier(config.listen), identifier);
        assert_eq!(config.base_path(), base);
    }
    let plain = Config { tls: None, ..anywhere() };
    assert_eq!(plain.identifier(([10, 0, 0, 1], 80).into()), "https://10.0.0.1:80");
    assert_eq!(anywhere().identifier(([10, 0, 0, 1], 443).into()), "https://10.0.0.1:443");
}

#[test]
fn callers_are_told_apart() {
    let peps = |peps: Vec<PepEntry>| Config { peps, ..good() }.check();
    assert_eq!(peps(vec![pep("a", "k1"), pep("b", "k2")]), Ok(()));
    assert!(matches!(
        peps(vec![pep("a", "k1"), pep("a", "k2")]),
        Err(ConfigError::Twice { what: "name", .. })
    ));
    assert!(matches!(peps(vec![pep("a", "k1"), pep("b", "k1")]), Err(ConfigError::Twice { .. })));
    let upper = PepEntry { key_sha256: sha256_hex(b"k1").to_uppercase(), ..pep("b", "k1") };
    assert!(matches!(peps(vec![pep("a", "k1"), upper]), Err(ConfigError::Twice { .. })));
    assert!(matches!(peps(vec![pep("", "k1")]), Err(ConfigError::Value { .. })));
    let many = (0..=limits::PEPS).map(|index| pep(&index.to_string(), &index.to_string())).collect();
    assert!(matches!(peps(many), Err(ConfigError::Value { .. })));
}

#[test]
fn a_key_in_place_of_its_digest_is_refused_and_not_shown() {
    let careless = PepEntry { key_sha256: String::from("remit_secret"), ..pep("gate", "k1") };
    let error = Config { peps: vec![careless], ..good() }.check().expect_err("no digest");
    assert!(!error.to_string().contains("remit_secret"), "{error}");
}

#[test]
fn limits_stay_within_reason() {
    let with = |change: fn(&mut crate::config::Limits)| {
        let mut config = good();
        change(&mut config.limits);
        config.check()
    };
    assert_eq!(with(|limits| limits.max_in_flight = 1), Ok(()));
    for spoil in [
        (|limits| limits.max_in_flight = 0) as fn(&mut crate::config::Limits),
        |limits| limits.body_bytes = 0,
        |limits| limits.header_bytes = 100,
        |limits| limits.request_timeout_ms = 0,
        |limits| limits.body_timeout_ms = u64::MAX,
    ] {
        assert!(matches!(with(spoil), Err(ConfigError::Value { .. })));
    }
}
