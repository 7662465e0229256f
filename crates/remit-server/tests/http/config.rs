//! The configuration file: what it may hold, and how a slip is named.

use std::path::PathBuf;

use remit_server::config::{Config, ConfigError, Overrides};

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("remit.toml");
    std::fs::write(&path, text).expect("writes");
    (folder, path)
}

fn load(text: &str) -> Result<Config, ConfigError> {
    let (_folder, path) = file(text);
    Config::load(Some(&path), &Overrides::default())
}

const EVERYTHING: &str = r#"
listen = "127.0.0.1:9000"
bundle = "b"
data = "d"
public_url = "https://pdp.example"
allow_plain_http = true
insecure_loopback = false
durability = "relaxed"
watch = false

[shadow]
bundle = "candidate"

[tls]
cert_file = "c.pem"
key_file = "k.pem"

[endpoints]
search_action = false

[limits]
body_bytes = 1000

[log]
format = "json"
level = "debug"

[[peps]]
name = "gate"
key_sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
detail = "reason"
governance = true
"#;

#[test]
fn the_key_of_outcomes_is_read_and_what_is_no_key_is_refused_unseen() {
    let (folder, path) = file("");
    let key = folder.path().join("outcomes.key");
    let read = |content: &str| {
        std::fs::write(&key, content).expect("writes");
        let text = format!("insecure_loopback = true\n[transactions]\noutcome_key_file = {key:?}\n");
        std::fs::write(&path, text).expect("writes");
        Config::load(Some(&path), &Overrides::default()).expect("good").outcome_key()
    };
    assert!(read("a key of outcomes that is long enough\n").is_ok_and(|key| key.is_some()));
    let refused = read("too short a key").expect_err("no key").to_string();
    assert!(refused.contains("outcome_key_file") && !refused.contains("too short a key"), "{refused}");
    assert!(load("insecure_loopback = true").expect("good").outcome_key().is_ok_and(|key| key.is_none()));
}

#[test]
fn everything_can_be_set_and_what_is_not_keeps_its_default() {
    let config = load(EVERYTHING).expect("good");
    assert_eq!(config.listen.port(), 9000);
    assert_eq!(config.shadow.as_ref().map(|it| it.bundle.clone()), Some(PathBuf::from("candidate")));
    assert_eq!((config.limits.body_bytes, config.limits.max_in_flight), (1000, 1024));
    assert!(!config.endpoints.search_action && config.endpoints.search_subject);
    let pep = &config.peps[0];
    assert!(pep.evaluate && pep.search && pep.governance && !pep.admin);
}

#[test]
fn an_unknown_key_is_refused_with_its_nearest_neighbour() {
    for (wrong, key, nearest) in [
        ("lisen = \"127.0.0.1:1\"", "lisen", "listen"),
        ("[limits]\nbody_byte = 1", "limits.body_byte", "limits.body_bytes"),
        ("[log]\nlvl = \"info\"", "log.lvl", "log.level"),
        ("[[peps]]\nname = \"a\"\nkey_sha265 = \"\"", "key_sha265", "key_sha256"),
    ] {
        let error = load(&format!("{wrong}\n")).expect_err("refused").to_string();
        assert!(error.contains(key) && error.contains(&format!("{nearest}`?")), "{error}");
        assert!(error.contains("remit.toml"), "{error}");
    }
    let far = load("zzzzzzzzzzzzzzzz = 1").expect_err("refused").to_string();
    assert!(!far.contains("did you mean"), "{far}");
}

#[test]
fn a_wrong_type_and_a_missing_file_are_named() {
    for wrong in ["listen = 1", "watch = \"perhaps\"", "durability = \"eventually\"", "listen = "] {
        assert!(matches!(load(wrong), Err(ConfigError::Unreadable { .. })), "{wrong}");
    }
    let absent = Config::load(Some(&PathBuf::from("/absent.toml")), &Overrides::default());
    assert!(matches!(absent, Err(ConfigError::Missing { .. })));
}

#[test]
fn the_command_line_wins_over_the_file() {
    let (_folder, path) = file(EVERYTHING);
    let overrides =
        Overrides { listen: Some(([127, 0, 0, 1], 1).into()), watch: Some(true), ..Overrides::default() };
    let config = Config::load(Some(&path), &overrides).expect("good");
    assert!(config.watch && config.listen.port() == 1 && config.limits.body_bytes == 1000);
}

#[test]
fn without_any_source_nobody_may_ask() {
    let error = Config::load(None, &Overrides::default()).expect_err("refused").to_string();
    assert!(error.contains("peps") && error.contains("insecure-loopback"), "{error}");
    let open = Overrides { insecure_loopback: Some(true), ..Overrides::default() };
    assert!(Config::load(None, &open).is_ok());
}

/// What the children of the next test do with their environment; alone it shows that the ambient one is no obstacle.
#[test]
fn child() {
    match Config::load(None, &Overrides::default()) {
        Ok(config) => println!("<{} {:?}>", config.limits.body_bytes, config.log.format),
        Err(error) => println!("<{error}>"),
    }
}

fn with_variables(variables: &[(&str, &str)]) -> String {
    let this = std::env::current_exe().expect("a path");
    let output = std::process::Command::new(this)
        .args(["config::child", "--exact", "--nocapture"])
        .envs(variables.iter().copied())
        .env("REMIT_INSECURE_LOOPBACK", "true")
        .output()
        .expect("runs");
    let text = String::from_utf8(output.stdout).expect("text");
    text.split_once('<')
        .and_then(|(_, rest)| rest.rsplit_once('>'))
        .map(|(said, _)| said.to_owned())
        .expect("a line")
}

#[test]
fn variables_set_nested_keys_and_foreign_ones_are_left_alone() {
    let set = [("REMIT_LIMITS__BODY_BYTES", "77"), ("REMIT_LOG__FORMAT", "json")];
    assert_eq!(with_variables(&set), "77 Json");
    let foreign =
        [("REMIT_PORT", "tcp://10.0.0.1:8181"), ("REMIT_SERVICE_HOST", "10.0.0.1"), ("REMIT_CONFIG", "x")];
    assert_eq!(with_variables(&foreign), "1048576 Pretty");
    let slip = with_variables(&[("REMIT_LIMITS__BODY_BITES", "77")]);
    assert!(slip.contains("did you mean `limits.body_bytes`"), "{slip}");
}
