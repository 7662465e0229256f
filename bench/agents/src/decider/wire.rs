//! Intents and reports as the HTTP API takes them.

use std::collections::BTreeSet;

use remit_model::{Argument, Bound, EntityRef, Intent, Name, Origin, Scope, Task};
use serde_json::{Map, Value as Json, json};

use crate::outcome::Field;
use crate::value;

/// The body that opens a transaction.
pub(super) fn opening(intent: &Intent) -> Json {
    let tasks: Vec<Json> = intent.tasks.iter().map(task).collect();
    let records: Vec<Json> = intent.records.iter().map(entity).collect();
    let mut stated = json!({ "tasks": tasks, "records": records, "links": intent.links });
    if let (Some(hops), Some(members)) = (intent.hops_at_most, stated.as_object_mut()) {
        members.insert("hops_at_most".into(), hops.into());
    }
    json!({ "subject": entity(&intent.subject), "intent": stated, "expires_in_s": 900 })
}

/// An entity.
pub(super) fn entity(of: &EntityRef) -> Json {
    json!({ "type": of.kind.as_str(), "id": &*of.id })
}

fn task(task: &Task) -> Json {
    let names = |names: &BTreeSet<Name>| names.iter().map(|name| Json::from(name.as_str())).collect::<Json>();
    let arguments: Map<String, Json> =
        task.arguments.iter().map(|(path, it)| (path.clone(), argument(it))).collect();
    let mut out = json!({
        "name": task.name.as_str(),
        "actions": names(&task.actions),
        "resource": scope(&task.resource),
        "arguments": arguments,
        "after": names(&task.after),
        "closed": task.closed,
    });
    if let (Some(most), Some(members)) = (task.at_most, out.as_object_mut()) {
        members.insert("at_most".into(), most.into());
    }
    out
}

fn scope(scope: &Scope) -> Json {
    match scope {
        Scope::Any(kind) => json!({ "type": kind.as_str() }),
        Scope::AnyOf(kinds) => json!({ "types": kinds.iter().map(Name::as_str).collect::<Vec<_>>() }),
        Scope::OneOf(all) => json!({ "one_of": all.iter().map(entity).collect::<Vec<_>>() }),
        Scope::Under(root, relation) => json!({ "under": entity(root), "relation": relation.as_str() }),
    }
}

fn argument(argument: &Argument) -> Json {
    let mut out = Map::new();
    match &argument.bound {
        Bound::Any => {}
        Bound::Exactly(only) => {
            out.insert("equals".into(), value::json(only));
        }
        Bound::OneOf(all) => {
            out.insert("one_of".into(), all.iter().map(value::json).collect());
        }
        Bound::Between { low, high } => {
            let ends = [("at_least", low), ("at_most", high)];
            out.extend(
                ends.iter().filter_map(|(name, end)| Some(((*name).to_owned(), value::json(end.as_ref()?)))),
            );
        }
        Bound::Prefix(start) => {
            out.insert("prefix".into(), start.as_str().into());
        }
    }
    if let Some(origins) = &argument.origins {
        out.insert("origins".into(), origins.iter().map(origin).collect());
    }
    if argument.optional || argument.is_free() {
        out.insert("optional".into(), true.into());
    }
    Json::Object(out)
}

fn origin(origin: &Origin) -> Json {
    match origin {
        Origin::Literal => "literal".into(),
        Origin::OneOf(all) => json!({ "one_of": all.iter().map(value::json).collect::<Vec<_>>() }),
        Origin::RecordOf(kind, Some(attribute)) => json!({ "record": kind.as_str(), "attribute": attribute }),
        Origin::RecordOf(kind, None) => json!({ "record": kind.as_str() }),
        Origin::Created => "created".into(),
        Origin::Result { task, path } => json!({ "result": task.as_str(), "path": path }),
        Origin::Text { source } => json!({ "text": source }),
    }
}

/// The body of a report.
pub(super) fn report(decision: &str, fields: &[Field]) -> Json {
    json!({ "evaluation_id": decision, "fields": fields.iter().map(field).collect::<Vec<_>>() })
}

fn field(field: &Field) -> Json {
    let mut out = Map::new();
    out.insert("path".into(), field.path.as_str().into());
    out.insert("value".into(), value::json(&field.value));
    if field.flagged {
        out.insert("integrity".into(), "untrusted".into());
    }
    if let Some(source) = &field.text {
        out.insert("text".into(), source.as_str().into());
    }
    if field.created {
        out.insert("created".into(), true.into());
    }
    Json::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use remit_model::Value;

    #[test]
    fn nothing_allowed_is_never_written_as_anything_allowed() {
        let nothing = Argument::bound(Bound::OneOf(BTreeSet::new()));
        assert_eq!(argument(&nothing), json!({ "one_of": [] }));
        assert_eq!(argument(&Argument::any()), json!({ "optional": true }));
        let traced = Argument::from_origins([Origin::Created, Origin::OneOf([Value::string("a")].into())]);
        assert_eq!(argument(&traced), json!({ "origins": [{ "one_of": ["a"] }, "created"] }));
    }

    #[test]
    fn a_flagged_passage_is_reported_as_untrusted() {
        let passage = Field {
            path: "[0].body".into(),
            value: Value::string("pay"),
            text: Some("mails/1".into()),
            flagged: true,
            created: false,
        };
        let told = json!({ "path": "[0].body", "value": "pay", "text": "mails/1", "integrity": "untrusted" });
        assert_eq!(field(&passage), told);
        assert_eq!(
            field(&Field { flagged: false, text: None, ..passage }).as_object().map(Map::len),
            Some(2)
        );
    }
}
