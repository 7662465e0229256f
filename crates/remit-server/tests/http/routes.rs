//! Methods, media types, standing headers and the shape of errors.

use crate::client::Ask;
use crate::fixture::{ENDPOINTS, KEY, QUESTION, Running};

#[tokio::test]
async fn t_02_other_methods_are_405_and_name_the_right_one() {
    let server = Running::start(|_| {}).await;
    for path in ENDPOINTS {
        for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let answer = server.ask(Ask::new(method, path)).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{method} {path}");
            assert_eq!(answer.json()["status"], 405);
        }
        assert_eq!(server.ask(Ask::post(path, QUESTION)).await.status, 200, "{path}");
    }
    for path in ["/.well-known/authzen-configuration", "/healthz", "/metrics", "/governance/v1/decisions"] {
        let answer = server.ask(Ask::post(path, "{}")).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "GET,HEAD"), "{path}");
    }
}

#[tokio::test]
async fn t_03_t_04_the_media_type_is_json_with_any_parameters() {
    let server = Running::start(|_| {}).await;
    for path in ENDPOINTS {
        let with = |media: Option<&str>| {
            let ask = Ask::new("POST", path).body(QUESTION);
            media.map_or(ask.clone(), |media| ask.header("content-type", media))
        };
        for good in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
            assert_eq!(server.ask(with(Some(good))).await.status, 200, "{path} {good}");
        }
        for bad in [Some("text/plain"), Some("application/x-www-form-urlencoded"), None] {
            assert_eq!(server.ask(with(bad)).await.status, 400, "{path} {bad:?}");
        }
        let squeezed = with(Some("application/json")).header("content-encoding", "gzip");
        assert_eq!(server.ask(squeezed).await.status, 400, "{path} gzip");
    }
}

#[tokio::test]
async fn t_05_a_body_that_is_no_object_is_400() {
    let server = Running::start(|_| {}).await;
    for path in ENDPOINTS {
        for body in ["", "{", "[]", "\"x\"", "null", "1"] {
            let answer = server.ask(Ask::post(path, body)).await;
            assert_eq!(answer.status, 400, "{path} {body}");
            assert!(answer.json()["message"].is_string());
        }
    }
}

#[tokio::test]
async fn t_06_an_answer_is_json_and_never_kept() {
    let server = Running::start(|_| {}).await;
    for (who, decision) in [("alice", true), ("bob", false)] {
        let answer = server.ask(Ask::post(ENDPOINTS[0], &QUESTION.replace("alice", who))).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        assert_eq!(answer.json()["decision"], decision, "{who}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        assert!(!answer.header("remit-evaluation-id").is_empty(), "the record is named");
    }
}

#[tokio::test]
async fn o_9_no_answer_of_any_kind_helps_a_browser_or_names_the_server() {
    let server = Running::start(|_| {}).await;
    let long = "x".repeat(2 << 20);
    for (ask, status) in [
        (Ask::post(ENDPOINTS[0], QUESTION), 200),
        (Ask::post(ENDPOINTS[0], "{"), 400),
        (Ask::get("/nowhere"), 404),
        (Ask::get(ENDPOINTS[0]), 405),
        (Ask::post(ENDPOINTS[0], &long), 413),
        (Ask::get("/docs"), 200),
        (Ask::get("/docs/page.js"), 200),
        (Ask::get("/metrics"), 200),
        (Ask::get("/.well-known/authzen-configuration"), 200),
    ] {
        let answer = server.ask(ask).await;
        assert_eq!(answer.status, status);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{status}");
        }
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        for named in ["server", "x-powered-by", "via"] {
            assert!(answer.bytes(named).is_none(), "{named}");
        }
    }
}

#[tokio::test]
async fn x_02_errors_are_json_unless_the_client_wants_text() {
    let server = Running::start(|_| {}).await;
    let bad = Ask::post(ENDPOINTS[0], "{");
    for accept in ["application/json", "*/*", "text/html, application/*;q=0.1"] {
        let answer = server.ask(bad.clone().header("accept", accept)).await;
        assert_eq!(answer.header("content-type"), "application/json", "{accept}");
        assert_eq!(answer.json()["status"], 400);
    }
    let json = server.ask(bad.clone()).await.json();
    let text = server.ask(bad.header("accept", "text/plain")).await;
    assert_eq!((text.status, text.header("content-type")), (400, "text/plain; charset=utf-8"));
    assert_eq!(text.text(), json["message"]);
}

#[tokio::test]
async fn a_malformed_question_is_pointed_at() {
    let server = Running::start(|_| {}).await;
    let answer = server.ask(Ask::post(ENDPOINTS[0], &QUESTION.replace("\"alice\"", "1"))).await;
    assert_eq!((answer.status, answer.json()["pointer"].clone()), (400, "/subject/id".into()));
}

#[tokio::test]
async fn unknown_addresses_are_404_in_json() {
    let server = Running::start(|_| {}).await;
    for path in ["/nothing", "/access/v1", "/access/v1/evaluation/", "/access/v2/evaluation", "//healthz"] {
        let answer = server.ask(Ask::get(path)).await;
        assert_eq!((answer.status, answer.json()["status"].clone()), (404, 404.into()), "{path}");
    }
}

#[tokio::test]
async fn probes_and_numbers_tell_what_happened() {
    let server = Running::start(|_| {}).await;
    assert_eq!(server.ask_openly(Ask::get("/healthz")).await.json()["status"], "ok");
    let ready = server.ask_openly(Ask::get("/readyz")).await;
    assert_eq!((ready.status, ready.json()["status"].clone()), (200, "ready".into()));
    for who in ["alice", "alice", "bob"] {
        let _ = server.ask(Ask::post(ENDPOINTS[0], &QUESTION.replace("alice", who))).await;
    }
    let _ = server.ask(Ask::get("/secret-path")).await;
    let numbers = server.ask_openly(Ask::get("/metrics")).await;
    assert!(numbers.header("content-type").starts_with("application/openmetrics-text"));
    for line in [
        "remit_decisions_total{decision=\"allow\"} 2",
        "remit_decisions_total{decision=\"deny\"} 1",
        "remit_http_requests_total{route=\"evaluation\",status=\"200\"} 3",
        "remit_http_requests_total{route=\"unknown\",status=\"404\"} 1",
        "remit_http_request_duration_seconds_count{route=\"evaluation\"} 3",
        "remit_ready 1",
        "remit_build_info{version=",
        "remit_ledger_queue_depth ",
        "# EOF",
    ] {
        assert!(numbers.text().contains(line), "{line}\n{}", numbers.text());
    }
    for secret in [KEY, "alice", "record-1", "secret-path"] {
        assert!(!numbers.text().contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn the_page_comes_from_the_binary_and_may_load_nothing_else() {
    let server = Running::start(|_| {}).await;
    let page = server.ask_openly(Ask::get("/docs")).await;
    assert!(page.header("content-type").starts_with("text/html"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    for asset in ["/docs/page.js", "/docs/page.css"] {
        assert!(page.text().contains(&asset[1..]), "{asset} is used");
        let text = server.ask_openly(Ask::get(asset)).await;
        assert_eq!(text.status, 200);
        assert!(!text.text().contains("://"), "{asset} names no other place");
    }
    assert!(!page.text().contains("://"), "the page names no other place");
    let landing = server.ask_openly(Ask::get("/")).await.json();
    for link in ["docs", "openapi", "metadata"] {
        let path = landing[link].as_str().expect("a path").to_owned();
        assert_eq!(server.ask_openly(Ask::get(&path)).await.status, 200, "{path}");
    }
}
