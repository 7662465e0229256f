//! What is found out about a message itself: its size, which metadata it has, whether it follows its schema, what detectors
//! see in it. Computes only what the policies read, and takes no sender's word for it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use remit_json::Json;
use remit_model::{MessageFact, Number, Value, link};

use crate::inspection::Inspection;
use crate::intake::Values;
use crate::limits::LINKS;
use crate::schemas::Schemas;

/// What a value that is no text counts for in `message.size`.
const PLAIN_BYTES: usize = 8;

/// A message as it stands in a question, with what is said of the action.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    message: Option<&'a Value>,
    properties: &'a [(&'a str, Value)],
    /// The content as it came; `None` where only values are known.
    content: Option<&'a Json<'a>>,
}

impl<'a> Message<'a> {
    /// The message of this context, and what the action carries.
    #[must_use]
    pub fn of(context: &'a Values<'a>, properties: &'a Values<'a>, content: Option<&'a Json<'a>>) -> Self {
        let message = context.iter().find(|(name, _)| *name == "message").map(|(_, value)| value);
        Self { message, properties, content }
    }

    /// The facts that are wanted and known; what is absent is unknown.
    #[must_use]
    pub fn facts(&self, wanted: &[MessageFact], schemas: &Schemas) -> Values<'static> {
        let detected = wanted.iter().any(|fact| fact.is_detected());
        let inspection = if detected { Inspection::of(self.message, self.properties) } else { None };
        let known = |fact: MessageFact| {
            if fact.is_detected() { inspection.as_ref()?.fact(fact) } else { self.fact(fact, schemas) }
        };
        wanted.iter().filter_map(|fact| Some((fact.name(), known(*fact)?))).collect()
    }

    fn fact(&self, fact: MessageFact, schemas: &Schemas) -> Option<Value> {
        Some(match fact {
            MessageFact::Size => {
                let bytes = self.message.map_or(0, bytes);
                let said = self.properties.iter().map(|(name, value)| name.len() + self::bytes(value));
                Value::Number(Number::from(i64::try_from(bytes + said.sum::<usize>()).ok()?))
            }
            MessageFact::Keys => self.keys(),
            MessageFact::Links => self.links(|link| link)?,
            MessageFact::Hosts => self.links(|link| link::host(link))?,
            MessageFact::Valid => Value::Bool(self.valid(schemas)?),
            MessageFact::Findings | MessageFact::Injection | MessageFact::Kinds | MessageFact::Markers => {
                return None;
            }
        })
    }

    fn member(&self, name: &str) -> Option<&'a Value> {
        self.message?.member(name)
    }

    /// `None` where there are more than anybody writes by hand.
    fn links(&self, part: fn(&str) -> &str) -> Option<Value> {
        let mut found = BTreeSet::new();
        let mut take = |link: String| {
            found.insert(part(&link).to_owned());
            if found.len() > LINKS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let said = self.properties.iter().map(|(_, value)| value);
        let all = self.message.into_iter().chain(said).try_for_each(|value| texts(value, &mut take));
        all.is_continue().then(|| Value::Set(found.iter().map(|link| Value::string(link)).collect()))
    }

    fn keys(&self) -> Value {
        let members = match self.member("metadata") {
            Some(Value::Record(members)) => &**members,
            _ => &[],
        };
        let held = members.iter().filter(|(_, value)| holds(value));
        Value::Set(held.map(|(name, _)| Value::String(Arc::clone(name))).collect())
    }

    /// `None` where the bundle holds no schema for the message's type.
    fn valid(&self, schemas: &Schemas) -> Option<bool> {
        let Value::String(kind) = self.member("type")? else { return None };
        if !schemas.has(kind) {
            return None;
        }
        let content = match (self.content, self.member("content")) {
            (Some(json), _) => serde_json::from_str(&json.canonical()).ok()?,
            (None, Some(value)) => plain(value),
            (None, None) => serde_json::Value::Null,
        };
        schemas.follows(kind, &content)
    }
}

fn bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Set(items) => items.iter().map(bytes).sum(),
        Value::Record(members) => members.iter().map(|(name, value)| name.len() + bytes(value)).sum(),
        _ => PLAIN_BYTES,
    }
}

fn texts(value: &Value, take: &mut dyn FnMut(String) -> ControlFlow<()>) -> ControlFlow<()> {
    match value {
        Value::String(text) => link::each(text, take),
        Value::Set(items) => items.iter().try_for_each(|item| texts(item, take)),
        Value::Record(members) => members.iter().try_for_each(|(name, value)| {
            link::each(name, take)?;
            texts(value, take)
        }),
        _ => ControlFlow::Continue(()),
    }
}

fn holds(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Set(items) => !items.is_empty(),
        Value::Record(members) => !members.is_empty(),
        _ => true,
    }
}

/// A value as JSON; what JSON has no kind for is its text.
pub(crate) fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(it) => (*it).into(),
        Value::Number(it) => serde_json::from_str(&it.to_string()).unwrap_or_else(|_| it.to_string().into()),
        Value::Set(items) => items.iter().map(plain).collect(),
        Value::Record(members) => {
            members.iter().map(|(name, value)| (name.to_string(), plain(value))).collect()
        }
        Value::String(text) => (**text).into(),
        Value::Entity(entity) => (*entity.id).into(),
        Value::Time(it) => it.to_string().into(),
        Value::Duration(it) => it.to_string().into(),
        Value::Ip(it) => it.to_string().into(),
        Value::Level(_, rank) => (*rank).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake;

    fn check(context: &str, properties: &str, wanted: MessageFact, schemas: &Schemas) -> Option<Value> {
        let read = |text: &str| text.to_owned();
        let (context, properties) = (read(context), read(properties));
        let limits = remit_json::Limits::default();
        let (context, properties) = (
            intake::parse(context.as_bytes(), &limits).unwrap(),
            intake::parse(properties.as_bytes(), &limits).unwrap(),
        );
        let content = context
            .as_object()
            .and_then(|it| it.get("message"))
            .and_then(|it| it.as_object().and_then(|it| it.get("content")));
        let (context, properties) =
            (intake::values(context.as_object()), intake::values(properties.as_object()));
        let mut facts = Message::of(&context, &properties, content).facts(&[wanted], schemas);
        facts.pop().map(|(_, value)| value)
    }

    #[test]
    fn size_counts_every_text_and_name_wherever_it_stands() {
        let size = |context: &str, properties: &str| {
            check(context, properties, MessageFact::Size, &Schemas::default())
        };
        let number = |it: i64| Some(Value::Number(Number::from(it)));
        assert_eq!(size("{}", "{}"), number(0));
        assert_eq!(size(r#"{"message":{"content":"abc"}}"#, "{}"), number(7 + 3));
        assert_eq!(
            size(r#"{"message":{"metadata":{"k":"ä","n":1}}}"#, r#"{"body":"xy"}"#),
            number(8 + 1 + 2 + 1 + 8 + 4 + 2)
        );
        assert_eq!(size(r#"{"other":"long text that is no message"}"#, "{}"), number(0));
    }

    #[test]
    fn links_and_hosts_are_those_of_every_text_and_too_many_are_unknown() {
        let of =
            |fact, context: &str, properties: &str| check(context, properties, fact, &Schemas::default());
        let set = |names: &[&str]| Some(Value::Set(names.iter().map(|it| Value::string(it)).collect()));
        let context =
            r#"{"message":{"content":"see bit.ly/a","parts":[{"x":"HTTP://B.example"}]},"other":"c.com"}"#;
        let properties = r#"{"body":"https://bit.ly/a?b"}"#;
        let links = ["http://b.example/", "https://bit.ly/a", "https://bit.ly/a?b"];
        assert_eq!(of(MessageFact::Links, context, properties), set(&links));
        assert_eq!(of(MessageFact::Hosts, context, properties), set(&["b.example", "bit.ly"]));
        assert_eq!(of(MessageFact::Links, "{}", "{}"), set(&[]));
        let many: String = (0..=LINKS).map(|at| format!("bit.ly/{at} ")).collect();
        let context = serde_json::json!({ "message": { "content": many } }).to_string();
        assert_eq!(of(MessageFact::Links, &context, "{}"), None);
        assert_eq!(of(MessageFact::Hosts, &context, "{}"), set(&["bit.ly"]));
    }

    #[test]
    fn keys_are_those_that_hold_something() {
        let keys = |text: &str| check(text, "{}", MessageFact::Keys, &Schemas::default());
        let set = |names: &[&str]| Some(Value::Set(names.iter().map(|it| Value::string(it)).collect()));
        assert_eq!(
            keys(r#"{"message":{"metadata":{"a":"x","b":null,"c":" ","d":[],"e":0,"f":{},"g":false}}}"#),
            set(&["a", "e", "g"])
        );
        assert_eq!(keys(r#"{"message":{"metadata":"trace_id"}}"#), set(&[]));
        assert_eq!(keys("{}"), set(&[]));
    }

    #[test]
    fn content_follows_the_schema_of_its_type_and_without_one_nobody_knows() {
        let text = r#"{"type":"object","required":["why"],"properties":{"why":{"type":["string","null"]}}}"#;
        let schemas = Schemas::of(&[("advice.schema.json".to_owned(), text.to_owned())]).unwrap();
        let valid = |text: &str| check(text, "{}", MessageFact::Valid, &schemas);
        let message =
            |kind: &str, content: &str| format!(r#"{{"message":{{"type":"{kind}","content":{content}}}}}"#);
        assert_eq!(valid(&message("advice", r#"{"why":"rates fell"}"#)), Some(Value::Bool(true)));
        assert_eq!(valid(&message("advice", r#"{"why":null}"#)), Some(Value::Bool(true)));
        assert_eq!(valid(&message("advice", r#"{"reason":"rates fell"}"#)), Some(Value::Bool(false)));
        assert_eq!(valid(r#"{"message":{"type":"advice"}}"#), Some(Value::Bool(false)));
        assert_eq!(valid(&message("chat", "1")), None);
        assert_eq!(valid("{}"), None);
    }
}
