//! The scenario modules of the OpenID conformance suite's five AuthZEN plans, one row each.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Endpoint::{Action, Evaluation, Evaluations, Resource, Subject};
use crate::client::{Credentials, Endpoint};
use crate::expect::Expect;
use crate::fixture::*;
use crate::probe::{Probe, Test};
use crate::report::Level;

pub(crate) fn tests() -> Vec<Test> {
    let plans = [
        Plan::new("evaluation", Evaluation, (Level::BasicCore, Level::BasicProperties), permitted(), yes()),
        Plan::new(
            "evaluations",
            Evaluations,
            (Level::BatchCore, Level::BatchProperties),
            batch(),
            Expect::Batch(vec![TRUE, FALSE]),
        ),
        Plan::new("subject-search", Subject, SEARCH, subject_search(), users()),
        Plan::new("resource-search", Resource, SEARCH, resource_search(), records()),
        Plan::new("action-search", Action, SEARCH, action_search(), actions()),
    ];
    let own = [evaluation, evaluations, subject, resource, action_modules];
    plans.iter().zip(own).flat_map(|(plan, own)| [plan.common(), own(plan)].concat()).collect()
}

const SEARCH: (Level, Level) = (Level::SearchCore, Level::SearchProperties);
const TRUE: Option<bool> = Some(true);
const FALSE: Option<bool> = Some(false);

fn yes() -> Expect {
    Expect::Decision(TRUE)
}

fn no() -> Expect {
    Expect::Decision(FALSE)
}

fn users() -> Expect {
    Expect::Found(Some("user"), vec![alice(), bob()])
}

fn records() -> Expect {
    Expect::Found(Some("record"), vec![record_1()])
}

fn actions() -> Expect {
    Expect::Found(None, vec![action("read"), action("write")])
}

/// One plan: its endpoint, a good body, and what that body gives.
struct Plan {
    name: &'static str,
    endpoint: Endpoint,
    core: Level,
    properties: Level,
    body: Value,
    expect: Expect,
}

impl Plan {
    fn new(
        name: &'static str,
        endpoint: Endpoint,
        levels: (Level, Level),
        body: Value,
        expect: Expect,
    ) -> Self {
        Self { name, endpoint, core: levels.0, properties: levels.1, body, expect }
    }

    fn module(&self, name: &str, probe: Probe) -> Test {
        Test::new(format!("authzen-pdp-{}-{name}", self.name), self.core, "", probe)
    }

    fn ask(&self, name: &str, body: Value, expect: Expect) -> Test {
        self.module(name, Probe::ask(self.endpoint, body, expect))
    }

    /// As [`Plan::ask`], counted for the level of properties.
    fn ask_properties(&self, name: &str, body: Value, expect: Expect) -> Test {
        Test { level: self.properties, ..self.ask(name, body, expect) }
    }

    /// The good body with `changes` gives 400.
    fn bad(&self, name: &str, body: Value) -> Test {
        self.module(name, Probe::bad(self.endpoint, [body]))
    }

    fn without(&self, name: &str, member: &str) -> Test {
        self.bad(name, minus(self.body.clone(), member))
    }

    fn changed(&self, changes: Value) -> Value {
        plus(self.body.clone(), changes)
    }

    /// The good body with `changes` gives what the good body gives.
    fn same(&self, name: &str, changes: Value) -> Test {
        self.ask(name, self.changed(changes), self.expect.clone())
    }

    /// The ten modules that every plan has.
    fn common(&self) -> Vec<Test> {
        let (endpoint, body) = (self.endpoint, || self.body.clone());
        let charset = "application/json; charset=utf-8";
        let charset = Probe::content_type(endpoint, charset, body(), self.expect.clone());
        let text = Probe::content_type(endpoint, "text/plain", body(), Expect::Status(&[400, 415]));
        vec![
            self.module("accept-content-type-with-charset", charset),
            self.module("idempotency", Probe::Idempotent(endpoint, body())),
            self.module("reject-empty-body", Probe::bad_text(endpoint, "")),
            self.module("reject-get-method", Probe::method(endpoint, Method::GET, body())),
            self.module("reject-malformed-json", Probe::bad_text(endpoint, r#"{"subject": {"#)),
            self.module("reject-non-json-content-type", text),
            self.module("reject-put-method", Probe::method(endpoint, Method::PUT, body())),
            self.module("reject-top-level-array", Probe::bad(endpoint, [json!([body()])])),
            self.same("unknown-top-level-fields-ignored", json!({ "unknownField": { "x": 1 }, "other": [] })),
            self.module("x-request-id-echoed", Probe::echo(endpoint, body(), self.expect.clone())),
        ]
    }
}

fn evaluation(plan: &Plan) -> Vec<Test> {
    let archived = |subject| question(subject, action("write"), record_2_archived());
    let deletes = |soft| question(alice(), delete(soft), record_1());
    let beside = |thing: Value| plus(thing, json!({ "unknown": { "x": 1 } }));
    let rich = json!({ "subject": with(alice(), json!({ "department": "Sales", "role": "manager" })),
        "resource": with(record_1(), json!({ "status": "active", "owner": "bob" })) });
    vec![
        plan.bad("action-missing-name", plan.changed(json!({ "action": {} }))),
        plan.bad("action-name-is-number", plan.changed(json!({ "action": { "name": 123 } }))),
        plan.bad("subject-is-string", plan.changed(json!({ "subject": "alice" }))),
        plan.bad("subject-missing-id", plan.changed(json!({ "subject": minus(alice(), "id") }))),
        plan.bad("subject-missing-type", plan.changed(json!({ "subject": minus(alice(), "type") }))),
        plan.bad("resource-missing-id", plan.changed(json!({ "resource": minus(record_1(), "id") }))),
        plan.bad("resource-missing-type", plan.changed(json!({ "resource": minus(record_1(), "type") }))),
        plan.without("missing-subject", "subject"),
        plan.without("missing-action", "action"),
        plan.without("missing-resource", "resource"),
        plan.ask("fixture-request-permit-decision", permitted(), yes()),
        plan.ask("fixture-request-deny-decision", question(bob(), action("write"), record_1()), no()),
        plan.ask_properties("fixture-request-deny-based-on-properties", archived(alice()), no()),
        plan.ask_properties(
            "fixture-request-permit-based-on-subject-properties",
            archived(bob_as_admin()),
            yes(),
        ),
        plan.ask_properties("fixture-request-permit-based-on-action-properties", deletes(true), yes()),
        plan.ask_properties("fixture-request-deny-based-on-action-properties", deletes(false), no()),
        plan.same("request-with-optional-context", json!({ "context": context() })),
        plan.same("request-with-additional-properties", rich),
        plan.same("unknown-subject-fields-ignored", json!({ "subject": beside(alice()) })),
        plan.same("unknown-action-fields-ignored", json!({ "action": beside(action("read")) })),
        plan.same("unknown-resource-fields-ignored", json!({ "resource": beside(record_1()) })),
        plan.module("missing-credentials-returns-401", Probe::refused(Evaluation, Credentials::None)),
        plan.module("invalid-credentials-returns-401", Probe::refused(Evaluation, Credentials::Wrong)),
    ]
}

fn evaluations(plan: &Plan) -> Vec<Test> {
    [batch_values(plan), batch_semantics(plan), batch_edges(plan)].concat()
}

fn decisions(values: &[bool]) -> Expect {
    Expect::Batch(values.iter().copied().map(Some).collect())
}

fn batch_values(plan: &Plan) -> Vec<Test> {
    let alice_on = |name: &str, values: [Value; 2]| json!({ "subject": alice(), "action": action(name), "evaluations": items("resource", values) });
    let own = json!({ "resource": record_2(), "context": { "time": "2024-10-26T02:22-07:00" } });
    let contexts = json!({ "subject": alice(), "action": action("read"), "context": context(),
        "evaluations": [{ "resource": record_1() }, own] });
    let by_subject = json!({ "action": action("write"), "resource": record_2_archived(),
        "evaluations": items("subject", [alice(), bob_as_admin()]) });
    let complete = json!({ "evaluations": [permitted(), question(bob(), action("write"), record_1())] });
    // The first item has no type; the text replaces entities whole, the suite wants it filled in.
    let merged = json!({ "subject": alice(), "action": action("write"), "resource": { "type": "record" },
        "evaluations": items("resource", [minus(record_1_active(), "type"), record_2_archived()]) });
    let overridden = json!({ "subject": bob(), "action": action("write"), "resource": record_1(),
        "evaluations": [{ "action": action("read") }, {}] });
    let mixed = || decisions(&[true, false]);
    vec![
        plan.ask(
            "batch-request-with-evaluations-array",
            alice_on("read", [record_1(), record_2()]),
            decisions(&[true, true]),
        ),
        plan.ask("batch-with-fixture-decisions-validated", batch(), mixed()),
        plan.ask_properties(
            "batch-with-properties-validated",
            alice_on("write", [record_1_active(), record_2_archived()]),
            mixed(),
        ),
        plan.ask_properties("batch-with-subject-properties-validated", by_subject, decisions(&[false, true])),
        plan.ask("batch-with-fully-specified-evaluations", complete, mixed()),
        plan.ask("batch-with-context-inheritance", contexts, decisions(&[true, true])),
        plan.ask_properties("batch-with-default-value-merging", merged, Expect::TypeFromDefault),
        plan.ask("per-eval-overrides-default", overridden, mixed()),
    ]
}

fn batch_semantics(plan: &Plan) -> Vec<Test> {
    let of = |names: [&str; 3], semantic: &str| {
        json!({ "subject": bob(), "resource": record_1(), "options": { "evaluations_semantic": semantic },
            "evaluations": items("action", names.map(action)) })
    };
    let all = plan.changed(json!({ "options": { "evaluations_semantic": "execute_all" } }));
    let unknown = plan.changed(json!({ "options": { "evaluations_semantic": "no_such_semantic" } }));
    vec![
        plan.ask("default-semantic-is-execute-all", batch(), decisions(&[true, false])),
        plan.ask("execute-all-explicit", all, decisions(&[true, false])),
        plan.ask(
            "deny-on-first-deny",
            of(["read", "write", "read"], "deny_on_first_deny"),
            decisions(&[true, false]),
        ),
        plan.ask(
            "permit-on-first-permit",
            of(["write", "read", "write"], "permit_on_first_permit"),
            decisions(&[false, true]),
        ),
        plan.bad("unknown-semantic-value", unknown),
    ]
}

fn batch_edges(plan: &Plan) -> Vec<Test> {
    let lacking = json!({ "subject": alice(), "action": action("read"), "evaluations": [{ "resource": record_1() }, {}] });
    let nobody = json!({ "action": action("read"), "resource": record_1(), "evaluations": [{}] });
    let empty = plus(permitted(), json!({ "evaluations": [] }));
    vec![
        plan.ask("evaluation-level-errors", lacking, decisions(&[true, false])),
        plan.ask("missing-subject-returns-decision-false", nobody, decisions(&[false])),
        plan.ask("missing-evaluations-array-backward-compat", permitted(), yes()),
        plan.ask("empty-evaluations-array-backward-compat", empty, yes()),
    ]
}

fn subject(plan: &Plan) -> Vec<Test> {
    let writers = json!({ "action": action("write"), "resource": record_2_archived() });
    let walk = Probe::Walk {
        endpoint: Subject,
        body: subject_search(),
        limit: 1,
        repeat: true,
        includes: vec![alice(), bob()],
    };
    vec![
        plan.bad("action-is-string", plan.changed(json!({ "action": "read" }))),
        plan.bad("action-missing-name", plan.changed(json!({ "action": {} }))),
        plan.without("missing-action", "action"),
        plan.without("missing-resource", "resource"),
        plan.bad("resource-missing-id", plan.changed(json!({ "resource": minus(record_1(), "id") }))),
        plan.bad("resource-missing-type", plan.changed(json!({ "resource": minus(record_1(), "type") }))),
        plan.bad("subject-missing-type", plan.changed(json!({ "subject": {} }))),
        plan.same("extra-subject-id-ignored", json!({ "subject": user("ignored-stray-id") })),
        plan.same("subject-search-with-context", json!({ "context": context() })),
        plan.ask_properties(
            "subject-search-with-resource-properties",
            plan.changed(writers),
            Expect::Found(Some("user"), vec![bob()]),
        ),
        plan.same("subject-search-with-subject-id-omitted", json!({})),
        plan.same("valid-subject-search-with-non-empty-results", json!({})),
        plan.ask(
            "unknown-entity-type",
            plan.changed(json!({ "subject": { "type": "spaceship" } })),
            Expect::Nothing,
        ),
        plan.same("unknown-page-fields-ignored", json!({ "page": { "limit": 10, "customAttr": "x" } })),
        plan.module("request-with-page-limit", walk),
    ]
}

fn resource(plan: &Plan) -> Vec<Test> {
    let admin = json!({ "subject": bob_as_admin(), "action": action("write") });
    vec![
        plan.bad("action-missing-name", plan.changed(json!({ "action": {} }))),
        plan.without("missing-subject", "subject"),
        plan.without("missing-action", "action"),
        plan.without("missing-resource", "resource"),
        plan.bad("resource-missing-type", plan.changed(json!({ "resource": {} }))),
        plan.bad("subject-missing-id", plan.changed(json!({ "subject": minus(alice(), "id") }))),
        plan.same("extra-resource-id-ignored", json!({ "resource": record("ignored-stray-id") })),
        plan.same("resource-search-with-resource-id-omitted", json!({})),
        plan.ask_properties(
            "resource-search-with-subject-properties",
            plan.changed(admin),
            Expect::Found(Some("record"), vec![record_2()]),
        ),
        plan.same("valid-resource-search-with-non-empty-results", json!({})),
    ]
}

fn action_modules(plan: &Plan) -> Vec<Test> {
    let admin = json!({ "subject": bob_as_admin(), "resource": record_2_archived() });
    vec![
        plan.without("missing-subject", "subject"),
        plan.without("missing-resource", "resource"),
        plan.bad("resource-missing-id", plan.changed(json!({ "resource": minus(record_1(), "id") }))),
        plan.bad("resource-missing-type", plan.changed(json!({ "resource": minus(record_1(), "type") }))),
        plan.bad("subject-is-string", plan.changed(json!({ "subject": "alice" }))),
        plan.bad("subject-missing-id", plan.changed(json!({ "subject": minus(alice(), "id") }))),
        plan.bad("subject-missing-type", plan.changed(json!({ "subject": minus(alice(), "type") }))),
        plan.same("extra-action-ignored", json!({ "action": action("ignored-stray-action") })),
        plan.same("action-search-with-context", json!({ "context": context() })),
        plan.ask_properties(
            "action-search-with-properties",
            plan.changed(admin),
            Expect::Found(None, vec![action("write")]),
        ),
        plan.ask(
            "unknown-entity-identifier",
            plan.changed(json!({ "subject": user("no-such-user") })),
            Expect::Nothing,
        ),
        plan.same("valid-action-search-with-non-empty-results", json!({})),
    ]
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_module_of_the_five_plans_is_here_once() {
        let ids: Vec<_> = super::tests().into_iter().map(|test| test.id).collect();
        let of = |plan: &str| ids.iter().filter(|id| id.starts_with(&format!("authzen-pdp-{plan}-"))).count();
        let plans = ["evaluation", "evaluations", "subject-search", "resource-search", "action-search"];
        assert_eq!(plans.map(of), [33, 27, 25, 20, 22]);
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), 127);
    }
}
