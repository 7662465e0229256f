//! A changed bundle is published, a broken one is refused and changes nothing.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::client::{Ask, PATIENCE};
use crate::fixture::{ENDPOINTS, QUESTION, Running, bundle};

async fn may(server: &Running, who: &str) -> bool {
    let answer = server.ask(Ask::post(ENDPOINTS[0], &QUESTION.replace("alice", who))).await;
    answer.json()["decision"].as_bool().expect("a decision")
}

async fn becomes(server: &Running, who: &str, expected: bool) {
    let waiting = async {
        while may(server, who).await != expected {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("{who} never became {expected}"));
}

fn copy(to: &Path) {
    for file in ["records.ibac", "graph.json"] {
        fs::copy(bundle().join(file), to.join(file)).expect("copies");
    }
}

#[tokio::test]
async fn a_changed_file_is_published_a_broken_one_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(folder.path());
    let server = Running::over(folder.path(), |config| config.watch = true).await;
    // WHY: the watcher takes its first look while the server comes up.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(may(&server, "alice").await && !may(&server, "bob").await);
    let policy = folder.path().join("records.ibac");
    let good = fs::read_to_string(&policy).expect("readable");
    fs::write(&policy, good.replace("user:\"alice\"", "user:\"bob\"")).expect("writes");
    becomes(&server, "bob", true).await;
    assert!(!may(&server, "alice").await, "replaced as a whole");

    fs::write(&policy, "permit everything to everybody").expect("writes");
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(may(&server, "bob").await && !may(&server, "alice").await, "the old set keeps answering");
    assert_eq!(server.ask_openly(Ask::get("/readyz")).await.status, 200);

    fs::write(&policy, good).expect("writes");
    becomes(&server, "alice", true).await;
}

#[tokio::test]
async fn a_hangup_reads_the_bundle_again_without_a_watcher() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(folder.path());
    let server = Running::over(folder.path(), |_| {}).await;
    assert!(!may(&server, "bob").await);
    let policy = folder.path().join("records.ibac");
    let good = fs::read_to_string(&policy).expect("readable");
    fs::write(&policy, good.replace("user:\"alice\"", "user:\"bob\"")).expect("writes");
    hang_up();
    becomes(&server, "bob", true).await;
}

#[tokio::test]
async fn a_candidate_in_the_shadow_is_counted_answers_nothing_and_is_read_again() {
    let (folder, candidate) =
        (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    copy(folder.path());
    let policy = fs::read_to_string(folder.path().join("records.ibac")).expect("readable");
    let shadow = candidate.path().join("records.ibac");
    fs::write(&shadow, &policy).expect("writes");
    let beside = candidate.path().to_owned();
    let server =
        Running::with(folder.path(), |options| options.shadow = Some(beside), |config| config.watch = true);
    let server = server.await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let counted = async |outcome: &str, count: u32| {
        let metrics = server.ask(Ask::get("/metrics")).await;
        metrics.text().contains(&format!("remit_shadow_total{{outcome=\"{outcome}\"}} {count}"))
    };
    assert!(may(&server, "alice").await && !may(&server, "bob").await);
    assert!(counted("same", 2).await && counted("deny_to_allow", 0).await);
    fs::write(&shadow, policy.replace("user:\"alice\"", "user:\"bob\"")).expect("writes");
    let waiting = async {
        while counted("deny_to_allow", 0).await {
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert!(!may(&server, "bob").await, "the candidate answers nothing");
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the candidate is read again");
    assert!(may(&server, "alice").await && counted("allow_to_deny", 1).await);
}

/// Sends `SIGHUP` to this very process, whose servers listen for it.
pub fn hang_up() {
    let this = std::process::id().to_string();
    let sent = std::process::Command::new("kill").args(["-HUP", &this]).status().expect("kill runs");
    assert!(sent.success());
}
