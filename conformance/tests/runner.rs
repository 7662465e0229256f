//! The runner against a good decision point, and against one flaw at a time.
#![expect(clippy::expect_used, reason = "helpers of tests may panic")]

mod mock;

use mock::{Flaw, TOKEN, serve};
use remit_conformance::{Level, Options, Outcome, Report, run};

fn options() -> Options {
    Options { token: Some(TOKEN.into()), ca: None, insecure_http: true }
}

async fn report(flaw: Flaw, levels: &[Level]) -> Report {
    run(&serve(flaw).await, &options(), levels).await.expect("the mock can be asked")
}

/// The warnings of one row.
fn warnings<'r>(report: &'r Report, id: &str) -> &'r [String] {
    let row = report.rows().find(|row| row.id == id).expect("a row of this name");
    if let Outcome::Passed { warnings } = &row.outcome { warnings } else { &[] }
}

#[tokio::test]
async fn a_decision_point_that_holds_everything_passes_everything() {
    let report = report(Flaw::None, &Level::ALL).await;
    assert_eq!(report.failures(), Vec::<&str>::new(), "{report}");
    assert_eq!((report.failed, report.skipped), (0, 1), "only transport security is skipped on loopback");
    assert_eq!(report.passed + report.skipped, 58 + 127);
    let text = report.to_string();
    assert!(text.ends_with("184 passed, 0 failed"), "{text}");
    assert!(text.contains("Batch Properties: 3 of 3"), "{text}");
}

#[tokio::test]
async fn every_kind_of_check_can_fail() {
    let table: &[(Flaw, &[&str])] = &[
        (Flaw::AlwaysTrue, &["2-2-2", "2-2-4", "2-2-7", "3-2-2", "3-2-3"]),
        (Flaw::AlwaysFalse, &["2-2-1", "2-2-5", "3-2-5", "3-4-2", "4-2-1", "4-3-1", "4-4-1", "4-5-2"]),
        (Flaw::NeedsContext, &["2-2-1"]),
        (Flaw::RefusesUnknown, &["2-2-9", "authzen-pdp-subject-search-unknown-top-level-fields-ignored"]),
        (Flaw::DecisionIsText, &["2-2-1", "2-3-1", "3-2-1", "3-3"]),
        (Flaw::ContextIsArray, &["2-3-2", "3-3"]),
        (Flaw::AcceptsMissing, &["2-4-1", "2-4-2", "2-4-6", "4-7-1", "4-7-2"]),
        (Flaw::AcceptsAnyContentType, &["2-4-3", "authzen-pdp-evaluations-reject-non-json-content-type"]),
        (Flaw::RefusesCharset, &["authzen-pdp-action-search-accept-content-type-with-charset"]),
        (Flaw::AcceptsAnyText, &["2-4-4", "2-4-5", "authzen-pdp-evaluations-reject-malformed-json"]),
        (
            Flaw::AcceptsAnyMethod,
            &["authzen-pdp-evaluation-reject-get-method", "authzen-pdp-evaluations-reject-put-method"],
        ),
        (Flaw::NoEcho, &["2-5-1", "authzen-pdp-resource-search-x-request-id-echoed"]),
        (Flaw::Fickle, &["2-6", "authzen-pdp-evaluation-idempotency"]),
        (Flaw::IgnoresProperties, &["2-2-4", "2-2-5", "2-2-7", "3-2-4", "4-3-4"]),
        (Flaw::AnswersAsText, &["2-2-1", "2-6", "4-2-1", "4-2-2"]),
        (Flaw::AnswersTwice, &["2-2-1", "3-3", "4-2-1"]),
        (Flaw::WrapsSingle, &["3-4-3", "authzen-pdp-evaluations-empty-evaluations-array-backward-compat"]),
        (
            Flaw::NeverTruncates,
            &["authzen-pdp-evaluations-deny-on-first-deny", "authzen-pdp-evaluations-permit-on-first-permit"],
        ),
        (
            Flaw::RefusesWholeBatch,
            &["3-4-1", "authzen-pdp-evaluations-missing-subject-returns-decision-false"],
        ),
        (Flaw::AcceptsAnySemantic, &["authzen-pdp-evaluations-unknown-semantic-value"]),
        (Flaw::Reversed, &["3-2-2", "3-3"]),
        (Flaw::UsesStrayId, &["4-2-3", "4-3-3", "authzen-pdp-subject-search-extra-subject-id-ignored"]),
        (Flaw::ResultsHaveProperties, &["4-2-1", "4-3-1"]),
        (Flaw::UnknownTypeIs400, &["4-6-2", "authzen-pdp-subject-search-unknown-entity-type"]),
        (Flaw::NoNextToken, &["4-5-1", "4-5-3", "authzen-pdp-subject-search-unknown-page-fields-ignored"]),
        (Flaw::NoLastPage, &["4-5-2", "authzen-pdp-subject-search-request-with-page-limit"]),
        (Flaw::EndlessPages, &["4-5-2"]),
        (Flaw::TellsTime, &["authzen-pdp-evaluations-idempotency", "authzen-pdp-subject-search-idempotency"]),
        (
            Flaw::Open,
            &[
                "authzen-pdp-evaluation-missing-credentials-returns-401",
                "authzen-pdp-evaluation-invalid-credentials-returns-401",
            ],
        ),
        (Flaw::NoMetadata, &["6-5-1", "6-5-2"]),
        (Flaw::OtherIdentifier, &["6-5-2"]),
        (Flaw::NoEvaluationEndpoint, &["6-5-3"]),
        (Flaw::EndpointIsNotHttps, &["6-5-4", "4-2-1"]),
        (Flaw::CapabilityIsNumber, &["6-5-5"]),
        (Flaw::NullMember, &["6-5-6"]),
        (Flaw::SignedIsNoToken, &["6-5-7"]),
    ];
    for (flaw, expected) in table {
        let report = report(*flaw, &Level::ALL).await;
        let failures = report.failures();
        let unseen: Vec<_> = expected.iter().filter(|id| !failures.contains(id)).collect();
        assert!(unseen.is_empty(), "{flaw:?} was not seen by {unseen:?}; it failed {failures:?}");
    }
}

#[tokio::test]
async fn each_level_can_be_asked_alone() {
    let batch = report(Flaw::None, &[Level::BatchCore, Level::BatchProperties]).await;
    assert!(batch.rows().all(|row| matches!(row.level, Some(Level::BatchCore | Level::BatchProperties))));
    assert_eq!(batch.rows().count(), 11 + 27);
    // A broken search is no fault of the batch level.
    assert_eq!(report(Flaw::UsesStrayId, &[Level::BatchCore]).await.failed, 0);
}

#[tokio::test]
async fn recommendations_that_are_not_followed_are_warnings() {
    let both_shapes = report(Flaw::DecisionBeside, &[Level::BatchCore]).await;
    assert_eq!((both_shapes.failed, warnings(&both_shapes, "3-3").len()), (0, 1));
    let page_last = report(Flaw::PageLast, &[Level::SearchCore]).await;
    assert_eq!((page_last.failed, warnings(&page_last, "4-5-1").len()), (0, 1));
    let id = "authzen-pdp-evaluation-missing-credentials-returns-401";
    let silent = report(Flaw::NoChallenge, &[Level::BasicCore]).await;
    assert_eq!((silent.failed, warnings(&silent, id).len()), (0, 1));
}

#[tokio::test]
async fn both_readings_of_a_missing_type_pass_and_the_textual_one_is_named() {
    let id = "authzen-pdp-evaluations-batch-with-default-value-merging";
    let textual = report(Flaw::None, &[Level::BatchProperties]).await;
    assert_eq!((textual.failed, warnings(&textual, id).len()), (0, 1));
    let filling = report(Flaw::FillsType, &[Level::BatchProperties]).await;
    assert_eq!((filling.failed, warnings(&filling, id).len()), (0, 0));
    assert!(report(Flaw::AlwaysTrue, &[Level::BatchProperties]).await.failures().contains(&id));
}

#[tokio::test]
async fn without_a_token_the_credential_modules_are_skipped() {
    let base = serve(Flaw::Open).await;
    let open = Options { insecure_http: true, ..Options::default() };
    let report = run(&base, &open, &[Level::BasicCore]).await.unwrap();
    assert_eq!((report.failed, report.skipped), (0, 3));
}

#[tokio::test]
async fn plain_http_needs_a_loopback_address_and_a_word() {
    let strict = Options { insecure_http: false, ..options() };
    assert!(run(&serve(Flaw::None).await, &strict, &[Level::Discovery]).await.is_err());
    for base in ["http://pdp.example", "pdp.example", "http://127.0.0.1.pdp.example"] {
        assert!(run(base, &options(), &[Level::Discovery]).await.is_err(), "{base}");
    }
}
