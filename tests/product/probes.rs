//! The red team as data: every probe gets its answer, the files keep to their schema, the corpus only grows.

use std::collections::BTreeMap;
use std::path::PathBuf;

use remit_pdp::probe::{self, Kind};

use crate::running::{bundle, root};
use remit_tests::binary::{run, text};

/// Bundles that have probes.
fn probed() -> Vec<(String, PathBuf)> {
    let mut found: Vec<(String, PathBuf)> = std::fs::read_dir(root().join("policies"))
        .expect("policies/ exists")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.join("probes").is_dir())
        .map(|path| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), path))
        .collect();
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_probe_gets_its_answer_for_the_right_reason() {
    for (name, dir) in probed() {
        let files = probe::read(&dir.join("probes")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let scratch = tempfile::tempdir().expect("folder");
        let report =
            probe::run(&dir, &files, scratch.path()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let failures: Vec<String> = report
            .outcomes
            .iter()
            .filter_map(|it| Some(format!("{name}/{}: {}", it.id, it.failure.as_ref()?)))
            .collect();
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}

/// `category attacks benign` a line; a number may be raised with the corpus and never lowered.
#[test]
fn the_corpus_only_grows_and_has_a_neighbour_for_each_attack() {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (_, dir) in probed() {
        for file in probe::read(&dir.join("probes")).expect("probes") {
            let (attacks, benign) = counts.entry(file.category.clone()).or_default();
            for probe in &file.probes {
                match probe.kind {
                    Kind::Attack => *attacks += 1,
                    Kind::Benign => *benign += 1,
                }
            }
        }
    }
    let golden = std::fs::read_to_string(root().join("tests/golden/probes.txt")).expect("golden file");
    let found: Vec<String> =
        counts.iter().map(|(category, (attacks, benign))| format!("{category} {attacks} {benign}")).collect();
    let found = found.join("\n");
    for line in golden.lines() {
        let parts: Vec<&str> = line.split(' ').collect();
        let (attacks, benign) = counts.get(parts[0]).copied().unwrap_or_default();
        let least = (parts[1].parse().expect("a number"), parts[2].parse().expect("a number"));
        assert!(attacks >= least.0 && benign >= least.1, "`{line}` has shrunk to {attacks} {benign}");
    }
    assert_eq!(golden.trim_end(), found, "tests/golden/probes.txt is to be raised");
    for (category, (attacks, benign)) in &counts {
        assert!(benign >= attacks, "{category} has {attacks} attacks and only {benign} neighbours");
    }
    for risk in 1..=10 {
        let (attacks, benign) = counts.get(&format!("ASI{risk:02}")).copied().unwrap_or_default();
        assert!(attacks >= 3 && benign >= 3, "ASI{risk:02} has {attacks} attacks and {benign} neighbours");
    }
}

#[test]
fn probe_files_keep_to_their_schema() {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    for name in ["graph", "probe"] {
        let path = root().join(format!("schemas/{name}.schema.json"));
        let json = serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON");
        let url = format!("https://remit.example/schemas/{name}.schema.json");
        compiler.add_resource(&url, json).expect("a schema");
    }
    let index = compiler
        .compile("https://remit.example/schemas/probe.schema.json", &mut schemas)
        .unwrap_or_else(|error| panic!("{error}"));
    let mut checked = 0;
    for (_, dir) in probed() {
        for entry in std::fs::read_dir(dir.join("probes")).expect("readable") {
            let path = entry.expect("readable").path();
            let json =
                serde_json::from_str(&std::fs::read_to_string(&path).expect("readable")).expect("JSON");
            if let Err(error) = schemas.validate(&json, index) {
                panic!("{}: {error}", path.display());
            }
            checked += 1;
        }
    }
    assert!(checked >= 10, "only {checked} files");
    let bad = serde_json::json!({ "category": "x", "title": "t", "source": "s", "probes": [{ "id": "a" }] });
    assert!(schemas.validate(&bad, index).is_err(), "a schema that takes everything proves nothing");
}

/// A runner that cannot fail proves nothing: a wrong decision, rule, reason and duty are each told.
#[test]
fn wrong_answers_fail_and_say_why() {
    let work = tempfile::tempdir().expect("folder");
    let probe = |expect: &str| {
        format!(
            r#"{{"category":"c","title":"t","source":"s","probes":[{{"id":"p","kind":"attack","title":"t","severity":"low",
            "request":{{"subject":{{"type":"user","id":"imani"}},"action":{{"name":"read"}},
            "resource":{{"type":"record","id":"ecg-7"}}}},"expect":{expect}}}]}}"#
        )
    };
    let bundle = bundle("starter");
    let args = |folder: &str| {
        let dir = bundle.to_str().expect("a path").to_owned();
        ["probe".to_owned(), dir, "--probes".to_owned(), folder.to_owned()]
    };
    for (expect, code, part) in [
        (
            r#"{"decision":true,"by":["clinic.treating_team_reads"],"reason":"permitted","obliging":[]}"#,
            0,
            "1 passed, 0 failed",
        ),
        (r#"{"decision":false,"reason":"forbidden"}"#, 1, "got permit by clinic.treating_team_reads"),
        (r#"{"decision":true,"by":["clinic.doctors_write"]}"#, 1, "expected permit by clinic.doctors_write"),
        (r#"{"decision":true,"reason":"forbidden"}"#, 1, "reason `permitted`"),
        (r#"{"decision":true,"reason":"permitted","obliging":["step-up"]}"#, 1, "obliging [step-up]"),
        (r#"{"fault":"forbidden"}"#, 1, "expected no decision, forbidden"),
        (r#"{"decision":true}"#, 2, ""),
    ] {
        std::fs::write(work.path().join("p.json"), probe(expect)).expect("written");
        let folder = work.path().to_str().expect("a path");
        let args = args(folder);
        let output = run(&args.each_ref().map(String::as_str));
        assert_eq!(output.status.code(), Some(code), "{expect}: {}", text(&output));
        assert!(text(&output).contains(part), "{expect}: {}", text(&output));
    }
}
