//! The least privilege that a log asks for: cut from the policies in force, proven on the log, tried in the shadow.

use std::path::Path;

use remit_pdp::propose::Propose;
use remit_pdp::{Options, Pdp, Pep};
use serde_json::json;

use crate::running::{call, json as parsed, pep};

const POLICY: &str = r#"package p version "1"

entity user {}
entity doc  {}
entity note {}

action read, write on doc, note
action close       on doc

/// Everybody works.
permit works
  for user
  // of both kinds
  to  read, write
  on  doc

// Closing is rare.

permit closes
  for user:"ann"
  to  close
  on  doc

permit looks
  for user
  to  read
  on  note:"n-1", note:"n-2"

permit stays
  for user
  to  write
  on  note:"n-3"
"#;

const EXPECTS: &str = "package p\n\nexpect permit user:\"ann\" close doc:\"d-1\" by closes\n\
    expect permit user:\"bob\" read doc:\"d-1\" by works\nexpect deny user:\"bob\" close doc:\"d-1\"\n";

fn bundle() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("p.ibac"), POLICY).expect("writes");
    std::fs::write(folder.path().join("p.test.ibac"), EXPECTS).expect("writes");
    folder
}

async fn decides(pdp: &Pdp, pep: &Pep, (user, action, kind, id): (&str, &str, &str, &str)) -> bool {
    let body = json!({ "subject": { "type": "user", "id": user }, "action": { "name": action },
        "resource": { "type": kind, "id": id } });
    let reply = pdp.evaluation(&call(pep), body.to_string().as_bytes()).await.expect("an answer");
    parsed(&reply)["decision"] == true
}

async fn traffic(bundle: &Path, data: &Path) {
    let pdp = Pdp::start(Options::new(bundle, data)).unwrap_or_else(|error| panic!("{error}"));
    let pep = pep();
    for (question, expected) in [
        (("bob", "read", "doc", "d-1"), true),
        (("ann", "read", "doc", "d-2"), true),
        (("bob", "read", "note", "n-1"), true),
        (("bob", "write", "note", "n-3"), true),
        (("bob", "close", "doc", "d-1"), false),
        (("bob", "write", "note", "n-1"), false),
    ] {
        assert_eq!(decides(&pdp, &pep, question).await, expected, "{question:?}");
    }
    pdp.stop("test").await;
}

#[tokio::test]
async fn unused_permits_go_lists_shrink_what_is_used_stays_and_it_is_proven() {
    let (bundle, data) = (bundle(), tempfile::tempdir().expect("a folder"));
    traffic(bundle.path(), data.path()).await;
    let out = tempfile::tempdir().expect("a folder");
    let report = Propose::of(data.path()).run(out.path(), |_| {}).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((report.allows, report.proven, report.denied_today), (4, 4, 0), "{report:#?}");
    assert!(report.not_replayable.is_empty() && report.restored.is_empty(), "{report:#?}");
    let removed: Vec<_> = report.removed.iter().map(|it| (it.rule.as_str(), it.file.as_str())).collect();
    assert_eq!(removed, [("p.closes", "p.ibac")]);
    let narrowed: Vec<_> =
        report.narrowed.iter().map(|it| (it.rule.as_str(), &it.actions, &it.resources)).collect();
    let (write, second) = (vec!["write".to_owned()], vec!["note:n-2".to_owned()]);
    assert_eq!(narrowed, [("p.works", &write, &vec![]), ("p.looks", &vec![], &second)]);
    let [lost] = &report.expects[..] else { panic!("{:?}", report.expects) };
    assert!(lost.starts_with("p.test.ibac:3") && lost.contains("expected permit"), "{lost}");

    let text = std::fs::read_to_string(out.path().join("p.ibac")).expect("the proposal");
    assert!(
        text.contains("/// Everybody works.") && text.contains("// of both kinds\n  to  read\n  on  doc\n"),
        "{text}"
    );
    assert!(text.contains("// Closing is rare.") && !text.contains("permit closes"), "{text}");
    assert!(text.contains("permit stays\n  for user\n  to  write\n  on  note:n-3"), "{text}");
    let expects = std::fs::read_to_string(out.path().join("p.test.ibac")).expect("copied");
    assert_eq!(expects, EXPECTS);

    // Tried in the shadow, it tells the first use of what it took away.
    let mut options = Options::new(bundle.path(), data.path());
    options.shadow = Some(out.path().to_owned());
    let (pdp, pep) = (Pdp::start(options).unwrap_or_else(|error| panic!("{error}")), pep());
    assert!(decides(&pdp, &pep, ("bob", "read", "doc", "d-9")).await);
    assert!(decides(&pdp, &pep, ("bob", "write", "doc", "d-9")).await);
    let counts = pdp.counts().read();
    let count = |of: &str| counts.iter().find(|(name, ..)| *name == of).map(|(.., count)| *count);
    assert_eq!((count("shadow_same"), count("shadow_allow_to_deny")), (Some(1), Some(1)));
    pdp.stop("test").await;
}

#[tokio::test]
async fn without_its_bundle_it_is_cut_from_the_archive_and_a_folder_in_use_is_refused() {
    let (bundle, data) = (bundle(), tempfile::tempdir().expect("a folder"));
    traffic(bundle.path(), data.path()).await;
    let path = bundle.path().to_owned();
    drop(bundle);
    assert!(!path.exists());
    let out = tempfile::tempdir().expect("a folder");
    let fresh = out.path().join("proposal");
    let report = Propose::of(data.path()).run(&fresh, |_| {}).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((report.proven, report.removed.len(), report.expects.len()), (4, 1, 0));
    let again = Propose::of(data.path()).run(&fresh, |_| {}).expect_err("it is not empty");
    assert!(again.contains("not a new or empty folder"), "{again}");
}

#[tokio::test]
async fn a_permit_under_a_new_name_is_known_by_what_it_allows_today() {
    let (bundle, data) = (bundle(), tempfile::tempdir().expect("a folder"));
    traffic(bundle.path(), data.path()).await;
    let renamed = tempfile::tempdir().expect("a folder");
    std::fs::write(renamed.path().join("p.ibac"), POLICY.replace("permit works", "permit labours"))
        .expect("writes");
    let out = tempfile::tempdir().expect("a folder");
    let propose = Propose::of(data.path()).narrowing(renamed.path());
    let report = propose.run(out.path(), |_| {}).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((report.proven, report.restored.len()), (4, 0), "{report:#?}");
    assert!(report.narrowed.iter().any(|it| it.rule == "p.labours"), "{report:#?}");
}
