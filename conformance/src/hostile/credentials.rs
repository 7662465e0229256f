//! Credentials: none, bad, doubled, quoted, in the wrong place (THREATS R23).

use super::Target;
use super::case::{Case, EVALUATION, Expect};

pub fn add(target: &Target, cases: &mut Vec<Case>) {
    // Without a key there is nothing to be denied.
    let Some(key) = target.key.as_deref() else { return };
    let body = target.good();
    let mut ask = |name: &str, path: &str, lines: &str, expect: Expect| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: pdp\r\nContent-Type: application/json\r\nConnection: close\r\n{lines}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        cases.push(Case::new("credentials", name, head.into_bytes(), expect));
    };
    let refused = || Expect::Refused(&[401]);
    let shorter = key.get(1..).unwrap_or_default();
    let other_case: String = key
        .chars()
        .map(|it| if it.is_lowercase() { it.to_ascii_uppercase() } else { it.to_ascii_lowercase() })
        .collect();
    for (name, value) in [
        ("empty", String::new()),
        ("only the scheme", "Bearer".to_owned()),
        ("scheme and blank", "Bearer ".to_owned()),
        ("no scheme", key.to_owned()),
        ("another scheme", format!("Token {key}")),
        ("negotiate", format!("Negotiate {key}")),
        ("digest", format!("Digest username=\"{key}\"")),
        ("quoted", format!("Bearer \"{key}\"")),
        ("with a comma", format!("Bearer {key},")),
        ("two in one", format!("Bearer {key}, Bearer {key}")),
        ("with a colon", format!("Bearer: {key}")),
        ("too long by one", format!("Bearer {key}x")),
        ("too short by one", format!("Bearer {shorter}")),
        ("other case", format!("Bearer {other_case}")),
        ("with more", format!("Bearer {key} x")),
        ("percent form", format!("Bearer %{:02x}{shorter}", key.bytes().next().unwrap_or_default())),
        ("star", "Bearer *".to_owned()),
        ("null", "Bearer null".to_owned()),
        ("an unsigned token", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.".to_owned()),
        ("8 kB", format!("Bearer {}", "x".repeat(8192))),
        ("basic, no base64", "Basic !!!".to_owned()),
        ("basic, no colon", "Basic Z2F0ZQ==".to_owned()),
        ("basic, empty", "Basic Og==".to_owned()),
        ("basic, the key in clear", format!("Basic gate:{key}")),
        ("sql", "Bearer ' or '1'='1".to_owned()),
    ] {
        ask(name, EVALUATION, &format!("Authorization: {value}\r\n"), refused());
    }
    let twice = format!("Authorization: Bearer {key}\r\n").repeat(2);
    ask("none", EVALUATION, "", refused());
    ask("twice", EVALUATION, &twice, refused());
    ask(
        "good and bad",
        EVALUATION,
        &format!("Authorization: Bearer {key}\r\nAuthorization: Bearer x\r\n"),
        refused(),
    );
    ask(
        "bad and good",
        EVALUATION,
        &format!("Authorization: Bearer x\r\nAuthorization: Bearer {key}\r\n"),
        refused(),
    );
    ask("in the query", &format!("{EVALUATION}?access_token={key}"), "", refused());
    ask("as an api key in the query", &format!("{EVALUATION}?api_key={key}"), "", refused());
    ask(
        "in a cookie",
        EVALUATION,
        &format!("Cookie: access_token={key}; Authorization=Bearer {key}\r\n"),
        refused(),
    );
    ask(
        "in another header",
        EVALUATION,
        &format!("X-API-Key: {key}\r\nX-Authorization: Bearer {key}\r\n"),
        refused(),
    );
    ask("for the proxy", EVALUATION, &format!("Proxy-Authorization: Bearer {key}\r\n"), refused());
    ask("as it is", EVALUATION, &format!("Authorization: Bearer {key}\r\n"), Expect::Decisions(vec![true]));
    ask(
        "scheme in small letters",
        EVALUATION,
        &format!("authorization: bearer {key}\r\n"),
        Expect::Decisions(vec![true]),
    );
    for path in [
        "/governance/v1/decisions",
        "/audit/v1/log/checkpoint",
        "/governance/v1/incidents",
        "/governance/v1/tail",
    ] {
        let bytes = format!("GET {path} HTTP/1.1\r\nHost: pdp\r\nConnection: close\r\n\r\n").into_bytes();
        cases.push(Case::new(
            "credentials",
            format!("{path} with none"),
            bytes,
            Expect::Refused(&[401, 404]),
        ));
    }
}
