//! The certification scenario, the suite's modules and every published vector, over HTTP.

use remit_conformance::{Level, Options, Outcome, run, run_vectors};

use crate::running::{Running, bundle, root};

/// The one module that contradicts the certification scenario (ARCHITECTURE.md, whole-object replacement).
const CONTRADICTION: &str = "batch-with-default-value-merging";

fn options() -> Options {
    Options { insecure_http: true, ..Options::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certification_scenario_and_the_suite_hold() {
    let running = Running::of(&bundle("certification")).await;
    let report = run(&running.base, &options(), &Level::ALL).await.expect("the server answers");
    assert_eq!(report.failures(), Vec::<&str>::new(), "{report}");
    assert!(report.passed >= 180, "only {} tests ran", report.passed);
    // The runner accepts both readings of the contradiction and warns of the one that follows the text.
    let warned: Vec<_> = report
        .rows()
        .filter(|row| matches!(&row.outcome, Outcome::Passed { warnings } if !warnings.is_empty()))
        .map(|row| row.id.as_str())
        .collect();
    assert!(warned.len() == 1 && warned[0].contains(CONTRADICTION), "{warned:?}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_published_vector_holds() {
    for (name, file, count) in [
        ("todo", "todo-draft01.json", 40),
        ("todo", "todo-draft02.json", 43),
        ("gateway", "gateway.json", 25),
        ("records", "search-subject.json", 60),
        ("records", "idp-resource-search.json", 6),
    ] {
        let running = Running::of(&bundle(name)).await;
        let path = root().join("conformance/data/vectors").join(file);
        let report = run_vectors(&path, &running.base, &options(), None).await.expect("the server answers");
        assert_eq!((report.passed, report.failed), (count, 0), "{file}: {report}");
        running.stop().await;
    }
}

/// The shape from before 1.0 carries attributes beside `type` and `id`: never an error, and never an attribute.
#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_vectors_are_answered_without_their_misplaced_attributes() {
    let running = Running::of(&bundle("todo")).await;
    let path = root().join("conformance/data/vectors/todo-draft00.json");
    let report = run_vectors(&path, &running.base, &options(), None).await.expect("the server answers");
    assert_eq!(report.passed + report.failed, 40);
    assert!(report.failed > 0, "attributes beside `type` and `id` were believed");
    running.stop().await;
}
