//! What the proof is for: a cut that goes too far is put back.

use super::*;
use crate::{Call, Options, Pdp, Pep, Rights};

const POLICY: &str = "package p\n\nentity user {}\nentity doc {}\n\naction read, write on doc\n\n\
    permit works\n  for user\n  to  read, write\n  on  doc\n\n\
    permit idle\n  for user:\"ann\"\n  to  write\n  on  doc\n";

fn asked(data: &Path, bundle: &Path) {
    std::fs::write(bundle.join("p.ibac"), POLICY).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let pep = Pep::new("tests", Rights::all());
    let call = Call { pep: &pep, request_id: None };
    let body = r#"{"subject":{"type":"user","id":"bob"},"action":{"name":"read"},"resource":{"type":"doc","id":"d"}}"#;
    runtime.block_on(async {
        let pdp = Pdp::start(Options::new(bundle, data)).unwrap_or_else(|error| panic!("{error}"));
        pdp.evaluation(&call, body.as_bytes()).await.map(drop).unwrap();
        pdp.stop("test").await;
    });
}

#[test]
fn what_the_proof_misses_is_put_back_whole_and_nothing_else() {
    let folder = || tempfile::tempdir().unwrap();
    let (data, bundle, out) = (folder(), folder(), folder());
    asked(data.path(), bundle.path());
    let propose = Propose::of(data.path());
    let base = Base::in_force(data.path()).unwrap();
    // Nothing was collected, so that everything is cut.
    let mut report = Proposal::default();
    propose.settle(&base, out.path(), &mut report, &mut |_| {}).unwrap();
    assert_eq!((report.proven, &report.restored[..]), (1, &["p.works".to_owned()][..]));
    let removed: Vec<_> = report.removed.iter().map(|it| it.rule.as_str()).collect();
    assert_eq!((removed, report.narrowed.len()), (vec!["p.idle"], 0));
    let text = std::fs::read_to_string(out.path().join("p.ibac")).unwrap();
    assert!(text.contains("to  read, write") && !text.contains("idle"), "{text}");
}
