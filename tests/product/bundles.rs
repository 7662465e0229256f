//! Every shipped bundle passes its checks without a warning, keeps its expectations and stands in canonical form.

use remit_lang::diagnostic::{Diagnostic, render};
use remit_pdp::bundle::{self, Purpose};
use remit_pdp::{expect, publish, revisions::Revisions};

use crate::running::{bundle as dir, root};

const SHIPPED: [&str; 7] =
    ["starter", "governance", "certification", "todo", "gateway", "records", "canbank"];

/// What no expectation can say in a line: a message of a quarter of a megabyte (`governance_rules`), and what the profile
/// that is not chosen decides (below).
const COVERED_ELSEWHERE: [&str; 2] = ["governance.too_long", "governance.redacted"];

#[test]
fn the_list_of_bundles_is_complete() {
    let mut found: Vec<String> = std::fs::read_dir(root().join("policies"))
        .expect("policies/ exists")
        .map(|entry| entry.expect("readable"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    found.sort();
    let mut shipped = SHIPPED.map(String::from);
    shipped.sort();
    assert_eq!(found, shipped);
    let index = std::fs::read_to_string(root().join("policies/README.md")).expect("an index");
    for name in SHIPPED {
        assert!(index.contains(&format!("| `{name}` |")), "policies/README.md does not list {name}");
    }
}

#[test]
fn shipped_policies_pass_without_a_warning() {
    for name in SHIPPED {
        let loaded =
            bundle::load(&dir(name), Purpose::Test).unwrap_or_else(|error| panic!("{name}: {error}"));
        // CanBank's data has types that its two policies do not read.
        let unexpected = |warning: &&Diagnostic| !(name == "canbank" && warning.code == "check/unused");
        let warnings: Vec<_> = loaded.warnings.iter().filter(unexpected).cloned().collect();
        assert!(warnings.is_empty(), "{name}: {}", render::terminal(&warnings, &loaded.sources, false));
    }
}

#[test]
fn every_expectation_holds_and_every_rule_is_exercised() {
    for name in SHIPPED {
        let loaded =
            bundle::load(&dir(name), Purpose::Test).unwrap_or_else(|error| panic!("{name}: {error}"));
        let policies = loaded.policies.clone();
        let live = publish::compile(loaded, &Revisions::default()).expect("compiles");
        let report = expect::run(&policies, &live);
        let failures: Vec<_> = report.outcomes.iter().filter(|outcome| outcome.failure.is_some()).collect();
        assert!(failures.is_empty(), "{name}: {failures:#?}");
        assert!(!report.outcomes.is_empty(), "{name} expects nothing");
        let mut untested = report.untested_rules.clone();
        untested.retain(|rule| !COVERED_ELSEWHERE.contains(&rule.as_str()));
        assert_eq!(untested, Vec::<String>::new(), "{name}");
    }
}

/// A runner that cannot fail proves nothing: each wrong expectation is told apart.
#[test]
fn wrong_expectations_fail_for_the_right_reason() {
    let work = tempfile::tempdir().expect("a temporary folder");
    for file in ["clinic.ibac", "graph.json"] {
        std::fs::copy(dir("starter").join(file), work.path().join(file)).expect("copied");
    }
    for (line, part) in [
        (r#"expect deny user:"imani" read record:"ecg-7""#, "expected deny, got permit"),
        (
            r#"expect permit user:"imani" read record:"ecg-7" by doctors_write"#,
            "expected to be decided by `clinic.doctors_write`",
        ),
        (r#"expect deny user:"bea" read record:"plan-7" because "forbidden""#, "expected reason `forbidden`"),
        (
            r#"expect permit user:"bea" refund { amount: 120 } invoice:"inv-1" obliging step-up"#,
            "expected to oblige step-up, got nothing",
        ),
    ] {
        std::fs::write(work.path().join("wrong.test.ibac"), format!("package clinic\n\n{line}\n"))
            .expect("written");
        let loaded =
            bundle::load(work.path(), Purpose::Test).unwrap_or_else(|error| panic!("{line}: {error}"));
        let policies = loaded.policies.clone();
        let live = publish::compile(loaded, &Revisions::default()).expect("compiles");
        let report = expect::run(&policies, &live);
        let failure = report.outcomes[0].failure.clone().unwrap_or_else(|| panic!("passed: {line}"));
        assert!(failure.contains(part), "{line}: {failure}");
    }
}

#[test]
fn shipped_policies_are_in_canonical_form() {
    for name in SHIPPED {
        let sources = bundle::policy_texts(&dir(name), Purpose::Test).expect("readable");
        for (id, file) in sources.iter() {
            let (tree, diagnostics) = remit_lang::parse(id, &sources);
            assert!(diagnostics.is_empty(), "{}", file.name);
            assert_eq!(remit_lang::format(&tree), file.text, "{} is not in canonical form", file.name);
        }
    }
}
