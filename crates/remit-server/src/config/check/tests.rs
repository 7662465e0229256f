//! What a configuration as a whole is refused for, each beside an accepted neighbour.

use remit_identity::{IdentityConfig, IssuerConfig, KeySource, Profile};

use super::super::{ConfigError, KeyEntry, PepEntry, Tls, TlsClients, TokenEntry};
use super::*;
use crate::keyring::sha256_hex;

fn pep(name: &str, key: &str) -> PepEntry {
    PepEntry { key_sha256: Some(sha256_hex(key.as_bytes())), ..PepEntry::new(name) }
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
    let upper = PepEntry { key_sha256: Some(sha256_hex(b"k1").to_uppercase()), ..pep("b", "k1") };
    assert!(matches!(peps(vec![pep("a", "k1"), upper]), Err(ConfigError::Twice { .. })));
    assert!(matches!(peps(vec![pep("", "k1")]), Err(ConfigError::Value { .. })));
    let many = (0..=limits::PEPS).map(|index| pep(&index.to_string(), &index.to_string())).collect();
    assert!(matches!(peps(many), Err(ConfigError::Value { .. })));
}

#[test]
fn a_key_in_place_of_its_digest_is_refused_and_not_shown() {
    let careless = PepEntry { key_sha256: Some(String::from("remit_secret")), ..pep("gate", "k1") };
    let error = Config { peps: vec![careless], ..good() }.check().expect_err("no digest");
    assert!(!error.to_string().contains("remit_secret"), "{error}");
}

#[test]
fn every_caller_has_a_credential_and_keys_have_times_that_mean_something() {
    let key = |text: &str, from: Option<&str>, until: Option<&str>| KeyEntry {
        sha256: sha256_hex(text.as_bytes()),
        not_before: from.map(str::to_owned),
        expires_at: until.map(str::to_owned),
    };
    let with = |keys: Vec<KeyEntry>| {
        Config { peps: vec![PepEntry { keys, ..PepEntry::new("gate") }], ..good() }.check()
    };
    let (june, july) = (Some("2026-06-01T00:00:00Z"), Some("2026-07-01T00:00:00Z"));
    assert_eq!(with(vec![key("old", None, july), key("new", june, None)]), Ok(()));
    for refused in [
        vec![],
        vec![key("k", july, june)],
        vec![key("k", june, june)],
        vec![key("k", Some("soon"), None)],
        vec![key("k", None, None), key("k", june, None)],
        (0..9).map(|index| key(&index.to_string(), None, None)).collect(),
    ] {
        assert!(with(refused.clone()).is_err(), "{refused:?}");
    }
}

#[test]
fn a_token_is_of_an_issuer_that_is_believed_and_of_one_caller_only() {
    let keys = KeySource::Inline(String::from(r#"{"keys":[]}"#));
    let issuer = IssuerConfig::new("https://as.example", &[Profile::AccessToken], &["pdp"], keys);
    let identity = IdentityConfig { issuers: vec![issuer], ..IdentityConfig::default() };
    let token = |client: Option<&str>, subject: Option<&str>| TokenEntry {
        issuer: "https://as.example".to_owned(),
        audience: "pdp".to_owned(),
        client_id: client.map(str::to_owned),
        subject: subject.map(str::to_owned),
    };
    let with = |tokens: Vec<TokenEntry>| {
        let named =
            |(at, token): (usize, _)| PepEntry { token: Some(token), ..PepEntry::new(at.to_string()) };
        let peps = tokens.into_iter().enumerate().map(named).collect();
        Config { peps, identity: identity.clone(), ..good() }.check()
    };
    assert_eq!(with(vec![token(Some("a"), None), token(Some("b"), None), token(None, Some("c"))]), Ok(()));
    let foreign = TokenEntry { issuer: "https://x.example".to_owned(), ..token(Some("a"), None) };
    let nobody = TokenEntry { audience: String::new(), ..token(Some("a"), None) };
    for refused in [
        vec![foreign],
        vec![nobody],
        vec![token(None, None)],
        vec![token(Some(""), None)],
        vec![token(Some("a"), None), token(Some("a"), Some("a"))],
        vec![token(Some("a"), None), token(None, Some("a"))],
    ] {
        assert!(with(refused.clone()).is_err(), "{refused:?}");
    }
}

#[test]
fn a_workload_is_of_the_trust_domain_that_the_listener_verifies() {
    let with = |id: &str, clients: Option<TlsClients>| {
        let tls = Some(Tls { cert_file: "cert.pem".into(), key_file: "key.pem".into(), clients });
        let pep = PepEntry { spiffe_id: Some(id.to_owned()), ..PepEntry::new("gate") };
        Config { peps: vec![pep], tls, ..good() }.check()
    };
    let clients = || Some(TlsClients { ca_file: "ca.pem".into(), trust_domain: "example.org".to_owned() });
    assert_eq!(with("spiffe://example.org/gate", clients()), Ok(()));
    assert!(matches!(with("spiffe://example.org/gate", None), Err(ConfigError::Unsafe(_))));
    for refused in ["spiffe://example.com/gate", "spiffe://example.org", "SPIFFE://example.org/gate", "gate"]
    {
        assert!(matches!(with(refused, clients()), Err(ConfigError::Value { .. })), "{refused}");
    }
}

#[test]
fn a_rate_is_a_rate_and_a_tenant_reaches_only_what_is_told_apart() {
    let with = |change: fn(&mut PepEntry)| {
        let mut config = good();
        config.peps.iter_mut().for_each(change);
        config.check()
    };
    assert_eq!(with(|pep| (pep.rate, pep.burst) = (Some(0.5), Some(10))), Ok(()));
    assert_eq!(with(|pep| (pep.tenant, pep.assert_identity) = (Some("north".to_owned()), true)), Ok(()));
    for spoil in [
        (|pep: &mut PepEntry| pep.rate = Some(0.0)) as fn(&mut PepEntry),
        |pep| pep.rate = Some(-1.0),
        |pep| pep.rate = Some(f64::NAN),
        |pep| pep.burst = Some(5),
        |pep| (pep.rate, pep.burst) = (Some(1.0), Some(0)),
        |pep| pep.tenant = Some(String::new()),
        |pep| (pep.tenant, pep.governance) = (Some("north".to_owned()), true),
        |pep| (pep.tenant, pep.consents) = (Some("north".to_owned()), true),
        |pep| (pep.tenant, pep.signals) = (Some("north".to_owned()), true),
        |pep| (pep.tenant, pep.audit) = (Some("north".to_owned()), true),
    ] {
        assert!(with(spoil).is_err());
    }
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
