//! Methods, paths, media types, codings, request ids and names of hosts (THREATS R10 to R13, R15, R21).

use super::Target;
use super::case::{BAD, Case, EVALUATION, EVALUATIONS, Expect};

const ENDPOINTS: [&str; 5] = [
    EVALUATION,
    EVALUATIONS,
    "/access/v1/search/subject",
    "/access/v1/search/resource",
    "/access/v1/search/action",
];

pub fn add(target: &Target, cases: &mut Vec<Case>) {
    methods(target, cases);
    paths(target, cases);
    media_types(target, cases);
    codings(target, cases);
    headers(target, cases);
    hosts(target, cases);
}

fn methods(target: &Target, cases: &mut Vec<Case>) {
    let refused = || Expect::Refused(&[400, 404, 405]);
    for path in ENDPOINTS {
        for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW"] {
            let bytes = request(target, method, path, "");
            cases.push(Case::new("methods", format!("{method} {path}"), bytes, refused()));
        }
    }
    for line in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"] {
        let bytes = request(target, "GET", EVALUATION, &format!("{line}: POST\r\n"));
        cases.push(Case::new("methods", format!("GET with {line}"), bytes, refused()));
    }
    for method in ["post", "POSt", "POST\u{200b}", "P\u{4f}ST\u{0}"] {
        let bytes = request(target, method, EVALUATION, "");
        cases.push(Case::new("methods", format!("{method:?}"), bytes, Expect::Refused(&[400, 405, 0])));
    }
    let bytes = request(target, "POST", EVALUATION, "X-HTTP-Method-Override: DELETE\r\n");
    cases.push(Case::new("methods", "POST that asks for another", bytes, Expect::Decisions(vec![true])));
}

/// The permitted question with another first line.
fn request(target: &Target, method: &str, path: &str, lines: &str) -> Vec<u8> {
    let body = target.good();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: pdp\r\n{}Content-Type: application/json\r\nConnection: close\r\n{lines}\
         Content-Length: {}\r\n\r\n{body}",
        target.credential(),
        body.len()
    )
    .into_bytes()
}

fn paths(target: &Target, cases: &mut Vec<Case>) {
    let spellings = [
        "/access/v1/evaluation/",
        "//access/v1/evaluation",
        "/access//v1/evaluation",
        "/access/v1//evaluation",
        "/./access/v1/evaluation",
        "/x/../access/v1/evaluation",
        "/access/v1/x/../evaluation",
        "/access/v1/./evaluation",
        "/%61ccess/v1/evaluation",
        "/access/v1/%65valuation",
        "/access/v1%2fevaluation",
        "/access%2Fv1%2Fevaluation",
        "/access/v1/evaluation%00",
        "/access/v1/evaluation%20",
        "/access/v1/evaluation%0a",
        "/access/v1/evaluation;x=1",
        "/access;x/v1/evaluation",
        "/ACCESS/v1/evaluation",
        "/access/V1/evaluation",
        "/access/v1/Evaluation",
        "/access/v1/evaluation.json",
        "/access/v1/evaluation.",
        "/access/v1/evaluation~",
        "/access/v2/evaluation",
        "/access/v1/%2e/evaluation",
        "/access/v1/%2e%2e/v1/evaluation",
        "/access/v1/..%2fv1/evaluation",
        "/access\\v1\\evaluation",
        "/access/v1/evaluatio\u{43d}",
        "/access/v1/evaluation/1",
        "/access/v1",
        "/access/v1/",
        "/access/v1/search",
        "/access/v1/search/",
        "/access/v1/search/x",
        "/admin",
        "/debug/pprof",
        "/debug",
        "/.env",
        "/.git/config",
        "/policies/starter/clinic.ibac",
        "/audit/v1/log/tile/../../../etc/passwd",
        "/audit/v1/log/tile/..%2f..%2fetc%2fpasswd",
        "/audit/v1/log/tile/0/x999999999999999999999/000",
        "/governance/v1/decisions/..",
        "/actuator/health",
        "/server-status",
    ];
    for path in spellings {
        let bytes = request(target, "POST", path, "");
        cases.push(Case::new("paths", path, bytes, Expect::Refused(&[400, 404, 405])));
    }
    let long = format!("/access/v1/evaluation?{}", "a".repeat(70_000));
    cases.push(Case::new(
        "paths",
        "70 kB of query",
        request(target, "POST", &long, ""),
        Expect::Refused(&[400, 414, 431, 0]),
    ));
    for path in ["/access/v1/evaluation?decision=true", "/access/v1/evaluation?subject=nobody"] {
        cases.push(Case::new(
            "paths",
            path,
            request(target, "POST", path, ""),
            Expect::Decisions(vec![true]),
        ));
    }
}

fn media_types(target: &Target, cases: &mut Vec<Case>) {
    let mut add = |name: &str, lines: &str, expect: Expect| {
        let lines = format!("{lines}Connection: close\r\n");
        let bytes = target.post_with(EVALUATION, &lines, target.good().as_bytes());
        cases.push(Case::new("media types", name, bytes, expect));
    };
    add("none", "", Expect::Refused(&[400, 415]));
    for media in [
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonp",
        "application/json5",
        "application/ld+json",
        "application/problem+json",
        "application/json-patch+json",
        "application/ json",
        "applicationjson",
        "application/jsonx",
        "xapplication/json",
        "*/*",
        "application/*",
        "application/json, text/plain",
        "text/plain, application/json",
        "\"application/json\"",
        "application/secevent+jwt",
        "application/cbor",
    ] {
        add(media, &format!("Content-Type: {media}\r\n"), Expect::Refused(&[400, 415]));
    }
    for media in [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/json ;charset=UTF-8",
    ] {
        add(media, &format!("Content-Type: {media}\r\n"), Expect::Decisions(vec![true]));
    }
    // What the bytes are counts, not what is said of them: as UTF-16 they are no JSON of ours.
    let wide: Vec<u8> = target.good().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let lines = "Content-Type: application/json; charset=utf-16\r\nConnection: close\r\n";
    let bytes = target.post_with(EVALUATION, lines, &wide);
    cases.push(Case::new("media types", "really UTF-16", bytes, Expect::Refused(&[400, 415])));
}

fn codings(target: &Target, cases: &mut Vec<Case>) {
    let json = "Content-Type: application/json\r\nConnection: close\r\n";
    let mut add = |name: String, lines: &str, body: &[u8], expect: Expect| {
        let bytes = target.post_with(EVALUATION, &format!("{json}{lines}"), body);
        cases.push(Case::new("codings", name, bytes, expect));
    };
    let good = target.good();
    for coding in [
        "gzip",
        "deflate",
        "br",
        "zstd",
        "compress",
        "x-gzip",
        "gzip, gzip",
        "identity, gzip",
        "chunked",
        "x",
        "GZIP",
        "",
    ] {
        let expect = Expect::Refused(&[400, 413, 415]);
        add(
            format!("{coding:?} said and not done"),
            &format!("Content-Encoding: {coding}\r\n"),
            good.as_bytes(),
            expect,
        );
    }
    // One mebibyte of nothing in a thousand bytes, a thousand times over: the stored form of a bomb's beginning.
    let mut bomb = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255, 0xed, 0xc1, 1, 1, 0, 0];
    bomb.extend(std::iter::repeat_n(0_u8, 60_000));
    add("a bomb".into(), "Content-Encoding: gzip\r\n", &bomb, Expect::Refused(&[400, 413, 415]));
    add("a bomb that says nothing".into(), "", &bomb, Expect::Refused(&[400, 413, 415]));
    add("identity".into(), "Content-Encoding: identity\r\n", good.as_bytes(), Expect::Decisions(vec![true]));
    add(
        "answers may be packed".into(),
        "Accept-Encoding: gzip, br\r\n",
        good.as_bytes(),
        Expect::Decisions(vec![true]),
    );
    for size in [2_000_000, 8_000_000] {
        let big = good.clone() + &" ".repeat(size);
        add(format!("{size} blanks"), "", big.as_bytes(), Expect::Refused(&[413, 0]));
    }
}

fn headers(target: &Target, cases: &mut Vec<Case>) {
    let json = "Content-Type: application/json\r\nConnection: close\r\n";
    let mut add = |name: &str, lines: &[u8], expect: Expect| {
        let mut bytes = target.post_with(EVALUATION, json, target.good().as_bytes());
        let at = bytes.windows(2).position(|two| two == b"\r\n").unwrap_or_default() + 2;
        bytes.splice(at..at, lines.iter().copied());
        cases.push(Case::new("headers", name, bytes, expect));
    };
    let allowed = || Expect::Decisions(vec![true]);
    add("a request id", b"X-Request-ID: abc-1\r\n", Expect::Answer(200, "x-request-id: abc-1"));
    // A lone line end ends the line (RFC 9112, section 2.2): what follows is another header and comes back nowhere.
    add(
        "a request id with a line end",
        b"X-Request-ID: a\nInjected: b\r\n",
        Expect::Answer(200, "x-request-id: a\r\n"),
    );
    add("a request id of 8 kB", &id_line(&"x".repeat(8000)), allowed());
    add("a request id of other letters", &id_line("\u{e9}\u{4e2d}"), allowed());
    add("two request ids", b"X-Request-ID: a\r\nX-Request-ID: b\r\n", allowed());
    add("an empty request id", b"X-Request-ID: \r\n", allowed());
    for (name, value) in [
        ("a request id with a carriage return", &b"X-Request-ID: a\rInjected: b\r\n"[..]),
        ("a request id with nul", b"X-Request-ID: a\0b\r\n"),
        ("a request id with an escape of a terminal", b"X-Request-ID: a\x1b[2Jb\r\n"),
        ("a header without a name", b": x\r\n"),
        ("a header without a colon", b"NoColon\r\n"),
        ("a blank in a name", b"X Name: x\r\n"),
        ("a blank after a name", b"X-Name : x\r\n"),
        ("nul in a name", b"X-\0: x\r\n"),
        ("eight bits in a name", b"X-\xff: x\r\n"),
        ("a folded line", b"X-Name: x\r\n folded\r\n"),
        ("a folded first line", b" X-Name: x\r\n"),
        ("a name of brackets", b"X[0]: x\r\n"),
    ] {
        add(name, value, Expect::Refused(BAD));
    }
    add("200 headers", "X-Many: y\r\n".repeat(200).as_bytes(), Expect::Refused(&[400, 431, 0]));
    add(
        "64 kB of one header",
        format!("X-Big: {}\r\n", "y".repeat(65_536)).as_bytes(),
        Expect::Refused(&[400, 431, 0]),
    );
    add(
        "a thousand accepts",
        format!("Accept: {}\r\n", "a/b,".repeat(2000)).as_bytes(),
        Expect::AllowOrRefused,
    );
    add(
        "forwarded for",
        b"X-Forwarded-For: 127.0.0.1\r\nForwarded: for=127.0.0.1\r\nX-Real-IP: 127.0.0.1\r\n",
        allowed(),
    );
    add("a subject in a header", b"X-Remote-User: nobody\r\nX-Forwarded-User: nobody\r\n", allowed());
    add("another url", b"X-Original-URL: /metrics\r\nX-Rewrite-URL: /metrics\r\n", allowed());
}

fn id_line(id: &str) -> Vec<u8> {
    format!("X-Request-ID: {id}\r\n").into_bytes()
}

fn hosts(target: &Target, cases: &mut Vec<Case>) {
    let get = |lines: &str| {
        let credential = target.credential();
        format!(
            "GET /.well-known/authzen-configuration HTTP/1.1\r\n{lines}{credential}Connection: close\r\n\r\n"
        )
        .into_bytes()
    };
    for (name, lines) in [
        ("a foreign host", "Host: evil.example\r\n"),
        ("a foreign host with a port", "Host: evil.example:443\r\n"),
        ("forwarded host", "Host: pdp\r\nX-Forwarded-Host: evil.example\r\n"),
        ("forwarded", "Host: pdp\r\nForwarded: host=evil.example;proto=https\r\n"),
        ("forwarded server", "Host: pdp\r\nX-Forwarded-Server: evil.example\r\nX-Host: evil.example\r\n"),
        ("forwarded prefix", "Host: pdp\r\nX-Forwarded-Prefix: /evil.example\r\n"),
        ("a host with credentials", "Host: a@evil.example\r\n"),
    ] {
        cases.push(Case::new("hosts", name, get(lines), Expect::Without("evil.example")));
    }
    let bytes = get("Host: pdp\r\n");
    cases.push(Case::new("hosts", "as it is", bytes, Expect::Answer(200, "policy_decision_point")));
    let absolute = "GET http://evil.example/.well-known/authzen-configuration HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    cases.push(Case::new("hosts", "absolute form", absolute.into(), Expect::Without("evil.example")));
}
