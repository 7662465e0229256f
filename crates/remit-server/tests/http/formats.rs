//! The upgrade rule of configurations: a file of every earlier format is read and means what it meant; a later one is refused.
//! `UPDATE_CONFIG_FORMAT=1` writes down what a file of a new format leads to.

use std::path::{Path, PathBuf};

use remit_server::config::{Config, ConfigError, FORMAT, Overrides};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config")
}

/// Everything that `expected` says is so; what was added since may stand beside it.
fn holds(found: &Value, expected: &Value, at: &str) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            for (key, value) in expected {
                let inner = found.get(key).unwrap_or_else(|| panic!("`{at}.{key}` is gone"));
                holds(inner, value, &format!("{at}.{key}"));
            }
        }
        (Value::Array(found), Value::Array(expected)) if at == ".identity" => {
            let mut lines = found.iter();
            for line in expected {
                assert!(
                    lines.any(|found| found == line),
                    "{line} of the issuers is gone, or means something else"
                );
            }
        }
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{at}");
            found.iter().zip(expected).for_each(|(found, expected)| holds(found, expected, at));
        }
        _ => assert_eq!(found, expected, "`{at}` means something else"),
    }
}

#[test]
fn a_file_of_each_format_is_read_and_means_what_it_meant() {
    for format in 1..=FORMAT {
        let file = folder().join(format!("format-{format}.toml"));
        let config = Config::load(Some(&file), &Overrides::default())
            .unwrap_or_else(|error| panic!("{format}: {error}"));
        let mut found = serde_json::to_value(&config).expect("JSON");
        // Issuers are never serialised; their own form shows no credential.
        found["identity"] = format!("{:#?}", config.identity).lines().collect();
        let meant = folder().join(format!("format-{format}.json"));
        if std::env::var_os("UPDATE_CONFIG_FORMAT").is_some() && !meant.exists() {
            std::fs::write(&meant, format!("{found:#}\n")).expect("writable");
        }
        let meant = std::fs::read_to_string(&meant).expect("what it means is written down");
        holds(&found, &serde_json::from_str(&meant).expect("JSON"), "");
    }
}

#[test]
fn the_fixture_sets_every_key_of_its_format() {
    let text = std::fs::read_to_string(folder().join("format-1.toml")).expect("a file");
    // Keys that came later, without a change of format, are not in a fixture that is never changed.
    for key in [
        "trust_domain",
        "retain_below_minimum",
        "max_in_flight",
        "assert_identity",
        "cooldown_s",
        "typed_ids",
        "opaque",
    ] {
        assert!(text.contains(key), "{key}");
    }
}

#[test]
fn a_later_format_is_refused_before_anything_else_is_judged() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("remit.toml");
    let load = |text: &str| {
        std::fs::write(&file, text).expect("written");
        Config::load(Some(&file), &Overrides::default())
    };
    let later = load("format = 2\nsomething_new = true\nwatch = \"sometimes\"\n").expect_err("refused");
    assert_eq!(later, ConfigError::Newer { found: 2, known: FORMAT });
    assert!(later.to_string().contains("newer Remit"), "{later}");
    assert!(load("format = 1\ninsecure_loopback = true\n").is_ok());
    assert!(load("insecure_loopback = true\n").is_ok(), "without a number it is the first");
    assert!(matches!(load("format = 0\ninsecure_loopback = true\n"), Err(ConfigError::Value { .. })));
    assert!(matches!(load("format = 1\nsomething_new = true\n"), Err(ConfigError::UnknownKey { .. })));
}
