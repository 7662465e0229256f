//! What the detectors say of a message: every text in it and in the properties of the action, each part under its own
//! trust. What they could not look at in whole is unknown.

use std::sync::LazyLock;

use remit_inspect::{Findings, Inspector, Options, SourceTrust};
use remit_model::{MessageFact, Number, Value};

/// Compiled once; `None` would make every detected fact unknown, which denies.
static INSPECTOR: LazyLock<Option<Inspector>> = LazyLock::new(|| Inspector::new(&Options::default()).ok());

/// The parts of a message, and what was found in them.
#[derive(Debug)]
pub struct Inspection {
    paths: Vec<String>,
    findings: Findings,
}

impl Inspection {
    /// Looks at every text; `None` when not all of it could be looked at.
    #[must_use]
    pub fn of(message: Option<&Value>, properties: &[(&str, Value)]) -> Option<Self> {
        let mut parts = Vec::new();
        if let Some(Value::Record(members)) = message {
            let role = message.and_then(|message| message.member("role"));
            for (name, value) in members.iter() {
                texts(format!("/message/{name}"), value, trust(name, role), &mut parts);
            }
        }
        for (name, value) in properties {
            texts(format!("/action/{name}"), value, SourceTrust::Document, &mut parts);
        }
        let looked_at = parts.iter().map(|(path, text, trust)| (path.as_str(), *text, *trust));
        let findings = INSPECTOR.as_ref()?.inspect_parts(looked_at);
        if findings.truncated {
            return None;
        }
        Some(Self { paths: parts.into_iter().map(|(path, ..)| path).collect(), findings })
    }

    /// One of the facts that detectors know.
    #[must_use]
    pub fn fact(&self, fact: MessageFact) -> Option<Value> {
        let names = |names: Vec<&'static str>| Value::Set(names.into_iter().map(Value::string).collect());
        Some(match fact {
            MessageFact::Findings => self.records(),
            MessageFact::Kinds => {
                names(self.findings.counts().into_iter().map(|(kind, _)| kind.name()).collect())
            }
            MessageFact::Injection => Value::Number(share(self.findings.injection.score)?),
            MessageFact::Markers => {
                let fired = self.findings.injection.categories();
                names(fired.into_iter().map(remit_inspect::Category::name).collect())
            }
            MessageFact::Hosts
            | MessageFact::Keys
            | MessageFact::Links
            | MessageFact::Size
            | MessageFact::Valid => return None,
        })
    }

    fn records(&self) -> Value {
        let number = |it: usize| Value::Number(Number::from(i64::try_from(it).unwrap_or(i64::MAX)));
        let record = |found: &remit_inspect::Finding| {
            let part = self.paths.get(found.part).map_or("", String::as_str);
            Some(Value::Record(
                [
                    ("kind".into(), Value::string(found.kind.name())),
                    ("score".into(), Value::Number(share(found.score)?)),
                    ("part".into(), Value::string(part)),
                    ("start".into(), number(found.start)),
                    ("end".into(), number(found.end)),
                ]
                .into(),
            ))
        };
        Value::Set(self.findings.items.iter().filter_map(record).collect())
    }
}

/// A score per mille as a number from 0 to 1.
fn share(per_mille: u16) -> Option<Number> {
    Number::from_parts(per_mille.into(), 3)
}

/// How far instructions in a member may be what the user wants. A sender can only lower it: nobody becomes the operator
/// by saying so.
fn trust(member: &str, role: Option<&Value>) -> SourceTrust {
    match (member, role) {
        ("content", Some(Value::String(role))) if &**role == "user" => SourceTrust::User,
        ("content", Some(Value::String(role))) if &**role == "tool" => SourceTrust::ToolOutput,
        _ => SourceTrust::Document,
    }
}

/// Every text of a value, with where it stands.
fn texts<'a>(
    path: String,
    value: &'a Value,
    trust: SourceTrust,
    out: &mut Vec<(String, &'a str, SourceTrust)>,
) {
    match value {
        Value::String(text) => out.push((path, text, trust)),
        Value::Set(items) => {
            for (at, item) in items.iter().enumerate() {
                texts(format!("{path}/{at}"), item, trust, out);
            }
        }
        Value::Record(members) => {
            for (name, value) in members.iter() {
                texts(format!("{path}/{name}"), value, trust, out);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(members: &[(&str, Value)]) -> Value {
        Value::Record(members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
    }

    #[test]
    fn every_text_of_message_and_action_is_looked_at_and_placed() {
        let card = "pay with 4111 1111 1111 1111 please";
        let message = record(&[
            ("role", Value::string("user")),
            ("metadata", record(&[("notes", Value::Set([Value::string("x"), Value::string(card)].into()))])),
        ]);
        let body = [("body", Value::string("mail me at asha@bank-a.example"))];
        let inspection = Inspection::of(Some(&message), &body).unwrap();
        let kinds = inspection.fact(MessageFact::Kinds).unwrap();
        assert_eq!(kinds, Value::Set([Value::string("payment_card"), Value::string("email")].into()));
        let Some(Value::Set(found)) = inspection.fact(MessageFact::Findings) else { panic!("a set") };
        let part = |at: usize| found[at].member("part").unwrap().clone();
        assert_eq!(part(0), Value::string("/message/metadata/notes/1"));
        assert_eq!(part(1), Value::string("/action/body"));
        assert_eq!(found[0].member("start"), Some(&Value::Number(Number::from(9))));
        assert_eq!(found[0].member("end"), Some(&Value::Number(Number::from(28))));
    }

    #[test]
    fn nothing_to_look_at_is_known_to_hold_nothing() {
        let inspection = Inspection::of(None, &[]).unwrap();
        assert_eq!(inspection.fact(MessageFact::Kinds), Some(Value::Set([].into())));
        assert_eq!(inspection.fact(MessageFact::Injection), Some(Value::Number(Number::from(0))));
    }

    #[test]
    fn a_text_beyond_the_limits_is_unknown() {
        let text = "a ".repeat(remit_inspect::Limits::default().bytes / 2 + 1);
        assert!(Inspection::of(None, &[("body", Value::string(&text))]).is_none());
        assert!(Inspection::of(None, &[("body", Value::string(&text[..1_000]))]).is_some());
    }

    #[test]
    fn nobody_becomes_the_operator_by_saying_so() {
        let role = |it: &str| trust("content", Some(&Value::string(it)));
        assert_eq!(role("system"), SourceTrust::Document);
        assert_eq!(role("user"), SourceTrust::User);
        assert_eq!(trust("metadata", Some(&Value::string("user"))), SourceTrust::Document);
    }
}
