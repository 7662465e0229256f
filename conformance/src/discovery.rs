//! The metadata document of the decision point, member by member (scenario 6-5).

use remit_json::{Json, Kind, Object};

use crate::client::Client;
use crate::expect::{self, Held};
use crate::report::{Level, Outcome, Row};

type Check = fn(&Client, &Object<'_>) -> Held;

const OPTIONAL: [&str; 4] = [
    "access_evaluations_endpoint",
    "search_subject_endpoint",
    "search_resource_endpoint",
    "search_action_endpoint",
];

const CHECKS: [(&str, &str, Check); 7] = [
    ("6-5-1", "the document is a JSON object", |_, _| Ok(Vec::new())),
    ("6-5-2", "it names this decision point exactly", identifier),
    ("6-5-3", "it names the evaluation endpoint", required_endpoint),
    ("6-5-4", "other endpoints are https", optional_endpoints),
    ("6-5-5", "capabilities are names", capabilities),
    ("6-5-6", "no member is null or empty", no_empty_members),
    ("6-5-7", "signed metadata is a signed token", signed_metadata),
];

pub(crate) fn rows(client: &Client) -> Vec<Row> {
    let row = |(id, title, check): (&str, &'static str, Check)| {
        let held = expect::with_body(&client.metadata, |document| check(client, document));
        let outcome = match held {
            Ok(warnings) => Outcome::Passed { warnings },
            Err(reason) => Outcome::Failed { reason },
        };
        Row { id: id.to_owned(), level: Some(Level::Discovery), title, outcome }
    };
    CHECKS.into_iter().map(row).collect()
}

fn identifier(client: &Client, document: &Object<'_>) -> Held {
    match document.get("policy_decision_point").and_then(Json::as_str) {
        Some(name) if name == client.base => Ok(Vec::new()),
        Some(name) => Err(format!("`policy_decision_point` is `{name}`, not `{}`", client.base)),
        None => Err("`policy_decision_point` is not a string".into()),
    }
}

fn required_endpoint(client: &Client, document: &Object<'_>) -> Held {
    match document.get("access_evaluation_endpoint") {
        Some(url) => endpoint(client, "access_evaluation_endpoint", url),
        None => Err("`access_evaluation_endpoint` is missing".into()),
    }
}

fn optional_endpoints(client: &Client, document: &Object<'_>) -> Held {
    let named = OPTIONAL.iter().filter_map(|name| document.get(name).map(|url| (*name, url)));
    let warnings: Result<Vec<_>, _> = named.map(|(name, url)| endpoint(client, name, url)).collect();
    Ok(warnings?.concat())
}

fn endpoint(client: &Client, name: &str, url: &Json<'_>) -> Held {
    let url = url.as_str().ok_or_else(|| format!("`{name}` is not a string"))?;
    let secure = url.starts_with("https://") || (client.plain_http && url.starts_with("http://"));
    if !secure {
        return Err(format!("`{name}` is not an https URL: `{url}`"));
    }
    let versioned = url.split('/').any(|segment| segment == "v1");
    Ok(if versioned { Vec::new() } else { vec![format!("`{name}` has no `v1` in its path")] })
}

fn capabilities(_: &Client, document: &Object<'_>) -> Held {
    let Some(list) = document.get("capabilities") else { return Ok(Vec::new()) };
    let names = list.as_array().ok_or("`capabilities` is not an array")?;
    if names.iter().all(|name| name.as_str().is_some()) {
        return Ok(Vec::new());
    }
    Err("`capabilities` holds something other than strings".into())
}

fn no_empty_members(_: &Client, document: &Object<'_>) -> Held {
    let is_empty = |value: &Json<'_>| match &value.kind {
        Kind::Null => true,
        Kind::String(text) => text.is_empty(),
        Kind::Array(items) => items.is_empty(),
        Kind::Object(members) => members.is_empty(),
        Kind::Bool(_) | Kind::Number(_) => false,
    };
    match document.iter().find(|member| is_empty(&member.value)) {
        Some(member) => Err(format!("`{}` is null or empty and should be absent", member.key)),
        None => Ok(Vec::new()),
    }
}

/// Shape only: core metadata names no key, so a signature can be verified only by hand.
fn signed_metadata(_: &Client, document: &Object<'_>) -> Held {
    let Some(token) = document.get("signed_metadata") else { return Ok(Vec::new()) };
    let token = token.as_str().ok_or("`signed_metadata` is not a string")?;
    let parts: Vec<_> = token.split('.').collect();
    if parts.len() != 3 || parts.iter().any(|part| part.is_empty()) {
        return Err("`signed_metadata` is not a token of three parts".into());
    }
    Ok(vec!["the signature of `signed_metadata` was not verified: it needs a key from elsewhere".into()])
}
