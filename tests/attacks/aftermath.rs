//! What every fault ends with: the four checks of things that must never happen, against a data directory that nobody serves.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use remit_pdp::ledger::{Body, Decision, read};

use crate::served::{Answer, root, run, text};

/// What clients were answered: the decision by its id.
#[derive(Debug, Default, Clone)]
pub struct Answered(pub HashMap<String, bool>);

impl Answered {
    /// Keeps an answer, when it is a decision.
    pub fn note(&mut self, answer: &Answer) {
        if let (200, Some(decision), Some(id)) = (answer.status, answer.decision(), answer.id()) {
            self.0.insert(id, decision);
        }
    }

    /// Those of others too.
    pub fn join(&mut self, others: Self) {
        self.0.extend(others.0);
    }
}

/// The four checks. `active` is the digest of the policy that was acknowledged last, when a test knows one.
///
/// F1, no allow came about by a failure: every recorded decision decides again to the same answer under its revisions.
/// F2, no decision was answered that the log does not hold: each answer of the clients is a record with the same decision.
/// F3, the log verifies, also by a program that shares no code with ours.
/// F4, no policy or graph is half there: the last published revision is the last that was acknowledged.
pub fn check(data: &Path, answered: &Answered, active: Option<&str>) {
    let shown = data.to_str().expect("a path");
    let verified = run(&["ledger", "verify", shown]);
    assert!(verified.status.success(), "F3: {}", text(&verified));
    second_verifier(data);

    let replayed = run(&["replay", "--data", shown]);
    assert!(replayed.status.success(), "F1: {}", text(&replayed));

    let (mut recorded, mut published) = (HashMap::new(), None);
    for record in read(&data.join("ledger"), 0, u64::MAX) {
        match record.expect("F3: whole").body {
            Body::Decision(it) => drop(recorded.insert(it.decision_id.clone(), it.decision)),
            Body::PolicyPublished(it) => published = Some(it.digest),
            _ => {}
        }
    }
    for (id, decision) in &answered.0 {
        let kept =
            recorded.get(id).unwrap_or_else(|| panic!("F2: `{id}` was answered and is not in the log"));
        assert_eq!(
            *kept == Some(Decision::Allow),
            *decision,
            "F2: `{id}` was answered otherwise than it was recorded"
        );
    }
    if let Some(active) = active {
        assert_eq!(
            published.as_deref(),
            Some(active),
            "F4: another policy is in force than was acknowledged"
        );
    }
}

/// An export of everything under the last signed head, judged by `tests/verifiers/verify.py`.
fn second_verifier(data: &Path) {
    let out = tempfile::tempdir().expect("a folder");
    let (folder, key) = (out.path().join("export"), data.join("ledger.key"));
    let (folder, key) = (folder.to_str().expect("a path"), key.to_str().expect("a path"));
    let exported = run(&["ledger", "export", folder, "--data", data.to_str().expect("a path")]);
    assert!(exported.status.success(), "F3: {}", text(&exported));
    let keys = run(&["ledger", "key", "show", key]);
    let keys = String::from_utf8_lossy(&keys.stdout).into_owned();
    let vkey = keys.lines().next().expect("a key");
    let script = root().join("tests/verifiers/verify.py");
    match Command::new("python3").arg(script).args(["export", folder, vkey]).output() {
        Ok(output) => assert_eq!(output.status.code(), Some(0), "F3: {}", text(&output)),
        Err(fault) => eprintln!("SKIPPED LOUDLY: the second verifier needs python3: {fault}"),
    }
}
