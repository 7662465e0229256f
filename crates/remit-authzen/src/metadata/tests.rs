//! Names of decision points and what their document holds, by requirement.

use super::*;

type Fault = fn(String) -> IdentifierError;

fn identifier(url: &str) -> Identifier {
    Identifier::parse(url, true).expect("a good identifier")
}

#[test]
fn d_02_the_well_known_segment_stands_between_host_and_path() {
    let table = [
        ("https://h", "/.well-known/authzen-configuration", "/.well-known/authzen-configuration"),
        (
            "https://h:8443/t1",
            "/.well-known/authzen-configuration/t1",
            "/t1/.well-known/authzen-configuration",
        ),
    ];
    for (url, inserted, appended) in table {
        assert_eq!(identifier(url).well_known_path(), inserted);
        assert_eq!(identifier(url).appended_path(), appended);
    }
}

#[test]
fn d_05_an_identifier_is_an_https_url_of_host_and_path() {
    for good in ["https://pdp.example", "https://pdp.example:8443/tenant/a", "https://[2001:db8::1]:1"] {
        assert!(Identifier::parse(good, false).is_ok(), "{good}");
    }
    let refused: &[(&str, Fault)] = &[
        ("http://pdp.example", IdentifierError::Scheme),
        ("pdp.example", IdentifierError::Scheme),
        ("HTTPS://pdp.example", IdentifierError::Scheme),
        ("http://127.0.0.1.evil.example", IdentifierError::Scheme),
        ("http://localhost.evil.example", IdentifierError::Scheme),
        ("https://pdp.example?x", IdentifierError::Suffix),
        ("https://pdp.example/a#b", IdentifierError::Suffix),
        ("https://pdp.example/", IdentifierError::TrailingSlash),
        ("https://pdp.example/a/", IdentifierError::TrailingSlash),
        ("https://me@pdp.example", IdentifierError::Authority),
        ("https://:8443", IdentifierError::Authority),
        ("https://pdp.example/a b", IdentifierError::Authority),
    ];
    for (url, fault) in refused {
        assert_eq!(Identifier::parse(url, true), Err(fault((*url).to_owned())), "{url}");
    }
}

#[test]
fn d_05_plain_http_is_for_loopback_where_it_is_allowed() {
    for url in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:8080"] {
        assert!(Identifier::parse(url, true).is_ok(), "{url}");
        assert!(Identifier::parse(url, false).is_err(), "{url}");
    }
}

#[test]
fn d_06_d_07_d_10_what_is_off_is_absent() {
    let identifier = identifier("https://h/t1");
    let none =
        Endpoints { evaluations: false, search_subject: false, search_resource: false, search_action: false };
    let small = serde_json::to_string(&Metadata::new(&identifier, none)).unwrap();
    assert_eq!(
        small,
        r#"{"policy_decision_point":"https://h/t1","access_evaluation_endpoint":"https://h/t1/access/v1/evaluation"}"#
    );
    let full = serde_json::to_value(Metadata::new(&identifier, Endpoints::ALL)).unwrap();
    assert_eq!(full["access_evaluations_endpoint"], "https://h/t1/access/v1/evaluations");
    assert_eq!(full["search_subject_endpoint"], "https://h/t1/access/v1/search/subject");
    assert_eq!(full["search_resource_endpoint"], "https://h/t1/access/v1/search/resource");
    assert_eq!(full["search_action_endpoint"], "https://h/t1/access/v1/search/action");
}

#[test]
fn d_08_d_10_d_11_capabilities_and_extensions_are_never_empty() {
    let document = Metadata::new(&identifier("https://h"), Endpoints::ALL)
        .with_capability("urn:x")
        .with_capability("urn:x")
        .with_capability("")
        .with_extension("supported_obligations", serde_json::json!(["step-up"]))
        .with_extension("nothing", Value::Null)
        .with_extension("blank", "".into())
        .with_extension("policy_decision_point", "https://evil".into());
    let value = serde_json::to_value(document).unwrap();
    assert_eq!(value["capabilities"], serde_json::json!(["urn:x"]));
    assert_eq!(value["supported_obligations"], serde_json::json!(["step-up"]));
    assert_eq!(value["policy_decision_point"], "https://h");
    assert_eq!(value.as_object().unwrap().len(), 8);
}
