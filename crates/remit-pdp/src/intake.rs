//! Request bytes to a draft: strict JSON, AuthZEN shapes, values of the language. Knows no policy and no graph.

use std::sync::{Arc, OnceLock};

use remit_authzen::{Action, Entity, EvaluationRequest, RequestError};
use remit_json::{Json, Kind, Object};
use remit_model::{Number, Value};
use sha2::{Digest, Sha256};

use crate::asked::Asked;
use crate::bundle::hex;
use crate::call::{Detail, Rights};
use crate::fault::Fault;
use crate::said::{Said, said};

/// Members of the request context that carry a chain, an intent, a transaction or tokens.
pub const AGENT_MEMBERS: [&str; 5] = ["tokens", "act", "authorization_details", "intent", "txn"];

/// Named values as the engine reads them; names are borrowed from the request.
pub type Values<'j> = Vec<(&'j str, Value)>;

/// A question with its values converted and nothing resolved yet.
#[derive(Debug)]
pub struct Draft<'j> {
    /// Who everybody acts for.
    pub subject: Side<'j>,
    /// What is to be done, with its properties.
    pub action: (&'j str, Values<'j>),
    /// What it is done to.
    pub resource: Side<'j>,
    /// The request context.
    pub context: Values<'j>,
    /// What was found out about the message, once it was asked for.
    pub message: OnceLock<Values<'static>>,
    /// The member that makes this a question this release refuses.
    pub unsupported: Option<&'static str>,
    /// The question as it came, to be kept.
    pub asked: Asked<'j>,
    /// What it says about agents, purpose and history.
    pub said: Option<Said<'j>>,
    /// What the PEP wants to see.
    pub detail: Detail,
    /// Whether it wants a signed receipt.
    pub receipt: bool,
}

impl<'j> Draft<'j> {
    /// The same question without what was found out about it, for whoever finds out other things.
    #[must_use]
    pub(crate) fn anew(&self) -> Self {
        Self {
            subject: self.subject.clone(),
            action: self.action.clone(),
            resource: self.resource.clone(),
            context: self.context.clone(),
            message: OnceLock::new(),
            unsupported: self.unsupported,
            asked: self.asked,
            said: None,
            detail: self.detail,
            receipt: self.receipt,
        }
    }
}

/// A subject or resource of a draft.
#[derive(Debug, Clone)]
pub struct Side<'j> {
    /// Its type as sent.
    pub kind: &'j str,
    /// Its id as sent.
    pub id: &'j str,
    /// What the PEP asserts about it.
    pub asserted: Values<'j>,
}

impl<'j> Side<'j> {
    /// An entity of the wire.
    #[must_use]
    pub fn of(entity: &Entity<'j>) -> Self {
        Self { kind: entity.kind, id: entity.id, asserted: values(entity.properties) }
    }
}

/// Reads the bytes of a body.
///
/// # Errors
/// [`Fault::BadRequest`] with the place.
pub fn parse<'b>(body: &'b [u8], limits: &remit_json::Limits) -> Result<Json<'b>, Fault> {
    remit_json::parse(body, limits).map_err(|error| {
        let (line, column) = error.place(body);
        Fault::BadRequest { message: format!("{error} (line {line}, column {column})"), pointer: None }
    })
}

/// A refusal of the wire, as a fault.
#[must_use]
pub fn refused(error: &RequestError) -> Fault {
    Fault::BadRequest { message: error.to_string(), pointer: Some(error.pointer.clone()) }
}

/// Takes one question of a PEP with these rights.
///
/// # Errors
/// [`Fault::BadRequest`] and [`Fault::Forbidden`], when what it says of agents has a wrong shape or may not be said.
pub fn accept<'j>(request: &EvaluationRequest<'j>, rights: &Rights) -> Result<Draft<'j>, Fault> {
    Ok(Draft {
        subject: Side::of(&request.subject),
        action: action(&request.action),
        resource: Side::of(&request.resource),
        context: values(request.context),
        message: OnceLock::new(),
        unsupported: given(request.subject.properties, "act").then_some("subject.properties.act"),
        asked: Asked::of(request),
        said: said(request, rights)?,
        detail: detail(request.options.detail),
        receipt: request.options.receipt,
    })
}

/// Name and properties of an action.
#[must_use]
pub fn action<'j>(action: &Action<'j>) -> (&'j str, Values<'j>) {
    (action.name, values(action.properties))
}

fn detail(wanted: Option<remit_authzen::Detail>) -> Detail {
    wanted.and_then(|wanted| Detail::parse(wanted.as_str())).unwrap_or_default()
}

/// The JSON object as named values; members that are null are absent.
#[must_use]
pub fn values<'j>(object: Option<&'j Object<'j>>) -> Values<'j> {
    let Some(object) = object else { return Vec::new() };
    object.iter().filter_map(|member| Some((&*member.key, value(&member.value)?))).collect()
}

/// A JSON value as a value of the language: arrays are sets, null is nothing.
#[must_use]
pub fn value(json: &Json<'_>) -> Option<Value> {
    Some(match &json.kind {
        Kind::Null => return None,
        Kind::Bool(it) => Value::Bool(*it),
        Kind::Number(it) => Value::Number(Number::from_parts(it.coefficient(), u32::from(it.scale()))?),
        Kind::String(it) => Value::string(it),
        Kind::Array(items) => Value::Set(items.iter().filter_map(value).collect()),
        Kind::Object(object) => Value::Record(
            object
                .iter()
                .filter_map(|member| Some((Arc::from(&*member.key), value(&member.value)?)))
                .collect(),
        ),
    })
}

/// The member that makes a search with a known subject one that this release refuses and never ignores.
#[must_use]
pub fn unsupported(subject: Option<&Object<'_>>) -> Option<&'static str> {
    given(subject, "act").then_some("subject.properties.act")
}

/// The first member that makes a search for subjects one about agents: what acts for whoever is found cannot be told
/// beforehand, and is never ignored.
#[must_use]
pub fn about_agents(context: Option<&Object<'_>>) -> Option<&'static str> {
    AGENT_MEMBERS.into_iter().find(|member| given(context, member))
}

fn given(object: Option<&Object<'_>>, name: &str) -> bool {
    object.and_then(|object| object.get(name)).is_some_and(|json| !json.is_null())
}

/// SHA-256 of the context's canonical text: what the ledger holds instead of the context.
#[must_use]
pub fn context_hash(context: Option<&Object<'_>>) -> Option<String> {
    context.filter(|object| !object.is_empty()).map(|object| hex(&Sha256::digest(object.canonical())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft_of(text: &str, check: impl FnOnce(&Draft<'_>)) {
        let json = parse(text.as_bytes(), &remit_json::Limits::default()).unwrap();
        check(&accept(&EvaluationRequest::parse(&json).unwrap(), &Rights::all()).unwrap());
    }

    const PARTIES: &str =
        r#""subject":{"type":"user","id":"a"},"action":{"name":"read"},"resource":{"type":"r","id":"1"}"#;

    #[test]
    fn what_a_search_cannot_decide_is_seen_and_null_is_absent() {
        for member in AGENT_MEMBERS {
            let found = |text: &str| {
                let json = parse(text.as_bytes(), &remit_json::Limits::default()).unwrap();
                about_agents(json.as_object())
            };
            assert_eq!(found(&format!(r#"{{"{member}":[]}}"#)), Some(member));
            assert_eq!(found(&format!(r#"{{"{member}":null,"agent":"x"}}"#)), None);
        }
        let act = PARTIES.replacen(r#""id":"a""#, r#""id":"a","properties":{"act":{"sub":"x"}}"#, 1);
        draft_of(&format!("{{{act}}}"), |draft| {
            assert_eq!(draft.unsupported, Some("subject.properties.act"));
        });
    }

    #[test]
    fn the_context_hash_ignores_member_order_and_sees_values() {
        let hash = |context: &str| {
            let mut found = None;
            draft_of(&format!(r#"{{{PARTIES},"context":{context}}}"#), |draft| {
                found = draft.asked.context_hash()
            });
            found
        };
        assert_eq!(hash(r#"{"a":1,"b":[true]}"#), hash(r#"{"b":[true],"a":1.0}"#));
        assert_ne!(hash(r#"{"a":1}"#), hash(r#"{"a":2}"#));
        assert_eq!(hash("{}"), None);
    }

    #[test]
    fn values_keep_numbers_exact_and_drop_nulls() {
        draft_of(&format!(r#"{{{PARTIES},"context":{{"n":0.1,"x":null,"l":[1,null]}}}}"#), |draft| {
            assert_eq!(draft.context.len(), 2);
            assert_eq!(draft.context[0].1, Value::Number(Number::parse("0.1").unwrap()));
            assert_eq!(draft.context[1].1, Value::Set([Value::Number(Number::from(1))].into()));
        });
    }

    #[test]
    fn malformed_json_names_the_place() {
        let Err(Fault::BadRequest { message, .. }) =
            parse(b"{\n  \"a\": 1,\n  \"a\": 2}", &remit_json::Limits::default())
        else {
            panic!("duplicate members are refused")
        };
        assert!(message.contains("line 3, column 3"), "{message}");
    }
}
