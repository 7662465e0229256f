//! The world of the certification scenario: two users, two records, three actions.

use serde_json::{Value, json};

pub(crate) fn user(id: &str) -> Value {
    json!({ "type": "user", "id": id })
}

pub(crate) fn record(id: &str) -> Value {
    json!({ "type": "record", "id": id })
}

pub(crate) fn alice() -> Value {
    user("alice")
}

pub(crate) fn bob() -> Value {
    user("bob")
}

/// Bob with the role that the scenario sends along.
pub(crate) fn bob_as_admin() -> Value {
    with(bob(), json!({ "role": "admin" }))
}

pub(crate) fn record_1() -> Value {
    record("record-1")
}

pub(crate) fn record_2() -> Value {
    record("record-2")
}

pub(crate) fn record_1_active() -> Value {
    with(record_1(), json!({ "status": "active" }))
}

pub(crate) fn record_2_archived() -> Value {
    with(record_2(), json!({ "status": "archived" }))
}

pub(crate) fn action(name: &str) -> Value {
    json!({ "name": name })
}

/// Delete, softly or not.
pub(crate) fn delete(soft: bool) -> Value {
    with(action("delete"), json!({ "soft": soft }))
}

/// An entity or action with these properties.
pub(crate) fn with(mut thing: Value, properties: Value) -> Value {
    insert(&mut thing, "properties", properties);
    thing
}

/// One question.
pub(crate) fn question(subject: Value, action: Value, resource: Value) -> Value {
    json!({ "subject": subject, "action": action, "resource": resource })
}

/// The same body with more members, or other values under the same names.
pub(crate) fn plus(mut body: Value, members: Value) -> Value {
    if let Value::Object(members) = members {
        members.into_iter().for_each(|(name, value)| insert(&mut body, &name, value));
    }
    body
}

/// The same body without a member.
pub(crate) fn minus(mut body: Value, name: &str) -> Value {
    if let Value::Object(object) = &mut body {
        object.remove(name);
    }
    body
}

fn insert(into: &mut Value, name: &str, value: Value) {
    if let Value::Object(object) = into {
        object.insert(name.to_owned(), value);
    }
}

/// The context of the scenario: its time has no seconds on purpose.
pub(crate) fn context() -> Value {
    json!({ "time": "2024-10-26T01:22-07:00", "ip": "192.0.2.1" })
}

/// The question most tests begin with: alice reads record-1.
pub(crate) fn permitted() -> Value {
    question(alice(), action("read"), record_1())
}

/// Two items, of which the fixture permits the first: bob reads and writes record-1.
pub(crate) fn batch() -> Value {
    json!({ "subject": bob(), "resource": record_1(), "evaluations": items("action", [action("read"), action("write")]) })
}

/// Items that differ in one member.
pub(crate) fn items<const N: usize>(name: &str, values: [Value; N]) -> Value {
    values.into_iter().map(|value| Value::Object([(name.to_owned(), value)].into_iter().collect())).collect()
}

/// Who may read record-1?
pub(crate) fn subject_search() -> Value {
    question(json!({ "type": "user" }), action("read"), record_1())
}

/// Which records may alice read?
pub(crate) fn resource_search() -> Value {
    question(alice(), action("read"), json!({ "type": "record" }))
}

/// What may alice do to record-1?
pub(crate) fn action_search() -> Value {
    json!({ "subject": alice(), "resource": record_1() })
}
