//! A clock that shows no usable time, at the start and later (fault 30).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use remit_pdp::pdp::StartError;
use remit_pdp::replay::Replay;
use remit_pdp::{Call, Clock, Fault, Options, Pdp, Pep, Rights};

use crate::served::root;

static BROKEN: AtomicBool = AtomicBool::new(true);

fn time() -> SystemTime {
    if BROKEN.load(Ordering::SeqCst) { UNIX_EPOCH - Duration::from_secs(1) } else { SystemTime::now() }
}

const QUESTION: &[u8] = br#"{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"},"context":{"ip":"192.0.2.10"}}"#;

#[tokio::test]
async fn without_a_usable_time_nothing_starts_and_nothing_is_decided() {
    let data = tempfile::tempdir().expect("a folder");
    let start = || {
        let options = Options::new(root().join("policies/certification"), data.path());
        Pdp::start(Options { clock: Clock::Said(time), ..options })
    };
    let Err(refused) = start() else { panic!("no start without a time") };
    assert!(matches!(refused, StartError::System("the system clock shows no usable time")), "{refused}");
    assert!(!data.path().join("ledger").exists(), "nothing is written before the time is known");

    BROKEN.store(false, Ordering::SeqCst);
    let pdp = start().unwrap_or_else(|error| panic!("{error}"));
    let pep = Pep::new("gateway", Rights::all());
    let call = Call { pep: &pep, request_id: None };
    let answer = pdp.evaluation(&call, QUESTION).await.expect("an answer");
    assert!(String::from_utf8_lossy(&answer.body).contains(r#""decision":true"#), "{answer:?}");
    let size = pdp.status().ledger.size;
    BROKEN.store(true, Ordering::SeqCst);
    let Err(fault) = pdp.evaluation(&call, QUESTION).await else { panic!("no decision at no time") };
    assert!(matches!(&fault, Fault::Unavailable { message } if message.contains("clock")), "{fault:?}");
    BROKEN.store(false, Ordering::SeqCst);
    let _answer = pdp.evaluation(&call, QUESTION).await.expect("it goes on by itself");
    assert_eq!(pdp.status().ledger.size, size + 1, "one decision, one record; none for what was not decided");
    pdp.stop("test").await;
    drop(pdp);
    let report = Replay::of(data.path()).run(|_| {}).expect("the log is whole");
    assert_eq!((report.replayed, report.same), (2, 2), "{report:?}");
}
