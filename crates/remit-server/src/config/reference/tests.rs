//! The reference is complete, and true about variables and defaults.

use figment::Figment;
use figment::providers::{Format as _, Toml};

use super::*;

/// Every key of the page with its variable.
fn variables() -> Vec<String> {
    let page = page();
    let cells =
        page.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split(" | ").nth(3));
    cells
        .filter_map(|cell| cell.strip_prefix("`REMIT_"))
        .map(|name| name.trim_end_matches('`').to_owned())
        .collect()
}

#[test]
fn the_committed_reference_is_the_generated_one() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    for (name, generated) in [("config.schema.json", pretty()), ("CONFIG.md", page())] {
        let path = folder.join(name);
        if std::env::var_os("UPDATE_CONFIG").is_some() {
            std::fs::write(&path, &generated).expect("writable");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == generated, "schemas/{name} is stale: run with UPDATE_CONFIG=1");
    }
}

#[test]
fn every_key_has_a_meaning_and_its_place() {
    let page = page();
    for part in [
        "## At the top",
        "## `[limits]`",
        "## `[tls.clients]`",
        "## `[[peps]]`",
        "## `[[peps.keys]]`",
        "## `[sources.NAME]`",
        "## `[[identity.issuers]]`",
    ] {
        assert!(page.contains(part), "{part} is missing:\n{page}");
    }
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split(" | ").collect();
        assert_eq!(cells.len(), 5, "{line}");
        assert!(cells[4].trim_end_matches('|').trim().len() > 3, "no meaning: {line}");
        assert_ne!(cells[1], "any", "no type: {line}");
    }
    for (part, row) in [
        ("default", "| `body_bytes` | integer | `1048576` | `REMIT_LIMITS__BODY_BYTES` |"),
        ("choice", "| `format` | `json`, `pretty` | `\"pretty\"` | `REMIT_LOG__FORMAT` |"),
        ("required in a list", "| `name` | string | *required* | – |"),
        (
            "a grade",
            "| `from` | `informational`, `low`, `medium`, `high`, `critical` | – | `REMIT_INCIDENTS__FROM` |",
        ),
    ] {
        assert!(page.contains(row), "{part}: {row} is missing:\n{page}");
    }
}

#[test]
fn every_variable_leads_to_a_key_that_is_known() {
    let names = variables();
    assert!(names.len() > 30, "{names:?}");
    for name in names {
        let path = name.to_ascii_lowercase().replace("__", ".");
        // A value of no type that any key has: what is known complains of the type, what is not of the key.
        let settings = Figment::new().merge((path.as_str(), vec![vec![0]]));
        let refused = settings.extract::<Config>().expect_err("no key holds lists of lists").to_string();
        assert!(!refused.contains("unknown field"), "{name}: {refused}");
        let unknown = Figment::new().merge((format!("{path}x").as_str(), 1));
        assert!(unknown.extract::<Config>().is_err(), "{name}x is known");
    }
}

#[test]
fn the_schema_takes_the_defaults_and_refuses_what_the_reader_refuses() {
    let schema = schema();
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("config.json", schema).expect("a schema");
    let index = compiler.compile("config.json", &mut schemas).expect("compiles");
    let judge = |text: &str| {
        let value: Value = Figment::from(Toml::string(text)).extract().expect("TOML");
        schemas.validate(&value, index).is_ok()
    };
    assert!(judge(""));
    assert!(judge("[limits]\nbody_bytes = 5\n[[peps]]\nname = \"a\"\nkey_sha256 = \"b\"\n"));
    for wrong in [
        "lisen = \"x\"",
        "watch = 1",
        "[limits]\nbody_bytes = -1",
        "[[peps]]\nkey_sha256 = \"b\"",
        "[log]\nformat = \"xml\"",
    ] {
        assert!(!judge(wrong), "{wrong}");
    }
}
