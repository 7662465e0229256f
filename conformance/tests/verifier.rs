//! Vectors of tokens and signatures: the kept files pass, and each kind of wrong expectation is found.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may panic")]

use std::path::Path;

use remit_conformance::{Report, run_signatures, run_tokens};

fn kept(name: &str) -> String {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/remit-identity/tests/data");
    std::fs::read_to_string(data.join(name)).expect("test data is there")
}

fn signatures(text: &str) -> Report {
    run_signatures("file", text.as_bytes()).unwrap().expect("it has groups")
}

#[tokio::test]
async fn every_token_is_judged_and_a_wrong_expectation_fails() {
    let text = kept("jwt_attacks.json");
    let report = run_tokens("file", text.as_bytes()).await.unwrap();
    assert_eq!((report.passed, report.failed), (110, 0), "{report}");
    assert!(report.to_string().ends_with("110 passed, 0 failed"));
    let accepted = text.replacen("\"expect\": \"accept\"", "\"expect\": \"reject\"", 1);
    assert_ne!(accepted, text);
    assert_eq!(run_tokens("file", accepted.as_bytes()).await.unwrap().failures(), ["jwt-001"]);
    let refused = text.replacen("\"expect\": \"reject\"", "\"expect\": \"accept\"", 1);
    assert_eq!(run_tokens("file", refused.as_bytes()).await.unwrap().failures(), ["jwt-016"]);
    let unheard = text.replacen("\"expect\": \"accept\"", "\"expect\": \"perhaps\"", 1);
    assert!(run_tokens("file", unheard.as_bytes()).await.is_err());
}

#[test]
fn every_signature_is_judged_and_a_wrong_expectation_fails() {
    for (file, count) in [
        ("wycheproof/wycheproof_jws.json", 345),
        ("wycheproof/wycheproof_jwk.json", 13),
        ("wycheproof/wycheproof_ed25519.json", 65),
    ] {
        let text = kept(file);
        let report = signatures(&text);
        assert_eq!((report.passed, report.failed), (count, 0), "{file}\n{report}");
        for (from, to) in [
            ("\"result\": \"valid\"", "\"result\": \"invalid\""),
            ("\"result\": \"invalid\"", "\"result\": \"valid\""),
        ] {
            let spoilt = text.replacen(from, to, 1);
            assert_ne!(spoilt, text, "{file}");
            assert_eq!(signatures(&spoilt).failed, 1, "{file}: {from}");
        }
    }
}

#[tokio::test]
async fn a_file_of_another_kind_is_an_error_and_not_a_pass() {
    assert!(run_signatures("file", b"{\"cases\":[]}").unwrap().is_none());
    assert!(run_signatures("file", b"{\"testGroups\":[]}").is_err());
    assert!(run_tokens("file", b"{\"cases\":[]}").await.is_err());
    assert!(run_tokens("file", b"{}").await.is_err());
    assert!(run_tokens("file", b"no JSON").await.is_err());
}
