//! The architecture is held by tests: crate arrows are a golden list, pure crates stay pure, heavy dependencies stay
//! where they belong, and nothing of this repository speaks of the machine it was built on.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "support code of tests fails loudly"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the root").to_owned()
}

/// Package name to the names in `[dependencies]`.
fn manifests() -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    let crates = std::fs::read_dir(root().join("crates")).expect("crates/ exists");
    let folders = crates.map(|entry| entry.expect("readable").path());
    for folder in folders.chain([root().join("conformance")]) {
        let text = std::fs::read_to_string(folder.join("Cargo.toml")).expect("every crate has a manifest");
        let manifest: toml::Table = text.parse().expect("manifests are TOML");
        let name = manifest["package"]["name"].as_str().expect("a package has a name").to_owned();
        let dependencies = manifest.get("dependencies").and_then(|table| table.as_table());
        let names = dependencies.into_iter().flat_map(|table| table.keys().cloned()).collect();
        all.insert(name, names);
    }
    all
}

#[test]
fn arrows_between_crates_are_the_drawn_ones() {
    let mut arrows = BTreeSet::new();
    for (from, dependencies) in manifests() {
        for to in dependencies.iter().filter(|name| name.starts_with("remit-")) {
            arrows.insert(format!("{from} -> {to}"));
        }
    }
    let golden = std::fs::read_to_string(root().join("tests/golden/arrows.txt")).expect("golden file");
    let drawn: BTreeSet<String> = golden.lines().map(str::to_owned).collect();
    let undrawn: Vec<_> = arrows.difference(&drawn).collect();
    let stale: Vec<_> = drawn.difference(&arrows).collect();
    assert!(undrawn.is_empty(), "arrows that are not drawn: {undrawn:?}");
    assert!(stale.is_empty(), "drawn arrows that do not exist: {stale:?}");
}

#[test]
fn a_heavy_dependency_lives_in_one_crate() {
    let home = [
        ("pest", "remit-lang"),
        ("annotate-snippets", "remit-lang"),
        ("jsonwebtoken", "remit-identity"),
        ("saphyr-parser", "remit-import"),
        ("sled", "remit-ledger"),
        ("axum", "remit-server"),
        ("petgraph", "remit-graph"),
    ];
    let manifests = manifests();
    for (dependency, owner) in home {
        let users: Vec<_> =
            manifests.iter().filter(|(_, names)| names.contains(dependency)).map(|(n, _)| n).collect();
        assert_eq!(users, [owner], "{dependency}");
    }
}

#[test]
fn pure_crates_have_no_runtime_and_ban_clock_and_files() {
    let manifests = manifests();
    for pure in [
        "remit-json",
        "remit-model",
        "remit-authzen",
        "remit-lang",
        "remit-graph",
        "remit-engine",
        "remit-import",
    ] {
        for impure in ["tokio", "axum", "reqwest", "sled", "uuid", "tracing", "rand", "notify"] {
            assert!(!manifests[pure].contains(impure), "{pure} depends on {impure}");
        }
        let lints = std::fs::read_to_string(root().join("crates").join(pure).join("clippy.toml"))
            .expect("clippy.toml");
        for banned in ["std::time::SystemTime::now", "std::fs::read_to_string", "std::thread::spawn"] {
            assert!(lints.contains(banned), "{pure} does not ban {banned}");
        }
    }
}

#[test]
fn every_crate_takes_the_shared_lints_and_none_allows_unsafe() {
    for name in manifests().keys() {
        let folder = if name == "remit-conformance" {
            root().join("conformance")
        } else {
            root().join("crates").join(name)
        };
        let text = std::fs::read_to_string(folder.join("Cargo.toml")).expect("manifest");
        assert!(text.contains("[lints]\nworkspace = true"), "{name} does not take the shared lints");
    }
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).expect("manifest");
    assert!(workspace.contains("unsafe_code = \"forbid\""));
}

/// Every text file of the repository that is ours.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", ".git", "data", "node_modules"].contains(&name.as_str()) {
                sources(&path, found);
            }
        } else if [".rs", ".ibac", ".md", ".toml"].iter().any(|end| name.ends_with(end)) {
            found.push(path);
        }
    }
}

#[test]
fn no_file_is_a_god_file_and_every_module_says_what_it_owns() {
    let mut found = Vec::new();
    sources(&root().join("crates"), &mut found);
    assert!(found.len() > 50, "the walk found only {} files", found.len());
    for path in found.iter().filter(|path| path.extension().is_some_and(|end| end == "rs")) {
        let text = std::fs::read_to_string(path).expect("readable");
        let shown = path.strip_prefix(root()).unwrap_or(path).display().to_string();
        assert!(text.starts_with("//!"), "{shown} does not begin by saying what it owns");
        let code = text.split("#[cfg(test)]").next().unwrap_or("").lines().count();
        assert!(code <= 700, "{shown} has {code} lines without its tests");
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        assert!(!["utils", "common", "helpers", "manager", "types"].contains(&stem.as_str()), "{shown}");
    }
}

#[test]
fn the_map_names_every_crate() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    for name in manifests().keys() {
        assert!(map.contains(&format!("`{name}`")), "ARCHITECTURE.md does not name `{name}`");
    }
}
