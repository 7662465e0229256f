//! Which denials may be turned into a request, and which intents nobody can fulfil.

use remit_lang::checked::Effect;
use remit_lang::source::Sources;
use remit_model::{EntityRef, Reason};

use super::{requestable, unfulfilled};
use crate::testing::{ask, bind, ex, graph, name, now, rule, select};
use crate::{Bound, Program, Query, evaluate, lower};

fn asked(bound: &Bound) -> (Reason, Vec<String>) {
    let query = ask(bound, "user:ann", "doc:d");
    let verdict = evaluate(bound, &query);
    let found = requestable(bound, &query, &verdict);
    (verdict.reason, found.into_iter().map(|one| format!("{} {}", one.rule, one.template)).collect())
}

#[test]
fn a_denial_is_requestable_when_every_rule_that_denies_says_so() {
    let permit = |id, on_request: Option<&str>, condition| {
        let mut permit = rule(id, Effect::Permit);
        permit.on_request = on_request.map(name);
        permit.condition = condition;
        permit
    };
    let forbid = |id, on_request: Option<&str>| {
        let mut forbid = rule(id, Effect::Forbid);
        forbid.on_request = on_request.map(name);
        forbid
    };
    let (yes, no) = (|| ex::and(vec![]), || ex::not(ex::and(vec![])));
    let lines = &["user:ann", "doc:d"];
    let open = asked(&bind(vec![permit("a", Some("manager"), no()), permit("b", None, no())], lines));
    assert_eq!(open, (Reason::NoPermitApplies, vec!["test.a manager".to_owned()]));
    let mut other = permit("a", Some("manager"), no());
    other.resources = select("doc:other");
    assert_eq!(
        asked(&bind(vec![other], lines)).1,
        Vec::<String>::new(),
        "it does not speak of this document"
    );
    assert_eq!(asked(&bind(vec![permit("a", Some("manager"), yes())], lines)).1, Vec::<String>::new());
    let all = || permit("all", Some("manager"), yes());
    let one = asked(&bind(vec![all(), forbid("f", Some("risk"))], lines));
    assert_eq!(one, (Reason::Forbidden, vec!["test.f risk".to_owned()]));
    let two = asked(&bind(vec![all(), forbid("f", Some("risk")), forbid("g", None)], lines));
    assert_eq!(two.1, Vec::<String>::new(), "one of them never gives way");
}

const POLICY: &str = "
package p
entity user {}
entity agent { enabled: bool, skills: set<skill> }
entity skill { tools: set<tool> }
entity tool {}
entity doc {}
action call on tool
action read on doc
intent both { task dig: call on tool:spade  task look: read on doc }
intent never { task dig: call on tool:drill  task look: read on doc }
intent skilled { task look: read on doc  using skill:reading }
intent useless { task look: read on doc  using skill:singing }
";

#[test]
fn a_task_that_nobody_can_do_is_named() {
    let mut sources = Sources::default();
    sources.add("p.ibac", POLICY);
    let (policies, _) = remit_lang::compile(&sources).unwrap();
    let program = std::sync::Arc::new(lower(&policies).unwrap());
    let lines = [
        "agent:a.enabled = true",
        "agent:a.skills skill:digging",
        "skill:digging.tools tool:spade",
        "agent:a.skills skill:reading",
        "agent:off.enabled = false",
        "agent:off.skills skill:drilling",
        "skill:drilling.tools tool:drill",
        "agent:off.skills skill:singing",
    ];
    let snapshot = graph(&std::sync::Arc::clone(program.schema()), &lines);
    let bound = Program::bind(program, std::sync::Arc::new(snapshot));
    let of = |intent: &str| {
        let subject = EntityRef::new(name("user"), "ann");
        let intent = bound.program().open(intent, &subject, now()).unwrap();
        let query = Query::new(&bound, ("user", "ann"), "read", ("doc", "d"), now());
        unfulfilled(&bound, &query, &intent).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(of("p.both"), Vec::<String>::new());
    assert_eq!(of("p.never"), ["dig"], "only a disabled agent could");
    assert_eq!(of("p.skilled"), Vec::<String>::new());
    assert_eq!(of("p.useless"), ["look"]);
}
