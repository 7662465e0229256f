//! Spot checks of checked intents, labels and what rules say of agents.

use remit_model::{Number, Value};

use crate::checked::{
    ChainPart, Comparison, Expr, ExprKind, IntentPart, IntentTemplate, LabelRule, Link, Origin, Policies,
    Rule, TaskPart, TransactionPart,
};
use crate::compile;

use super::{WORLD, sources};

fn policies(text: &str) -> Policies {
    let sources = sources(&[("base.ibac", WORLD), ("case.ibac", text)]);
    let (policies, _) = compile(&sources).unwrap_or_else(|errors| panic!("{errors:#?}"));
    policies
}

fn intent(text: &str) -> (Policies, IntentTemplate) {
    let policies = policies(text);
    let intent = policies.intents.first().expect("there is an intent").clone();
    (policies, intent)
}

fn rule(text: &str) -> Rule {
    policies(text).rules.first().expect("there is a rule").clone()
}

fn label(text: &str) -> LabelRule {
    policies(text).labels.last().expect("there is a label").clone()
}

/// The left sides of a condition's comparisons, in written order.
fn lefts(condition: &Expr) -> Vec<&Expr> {
    let parts = match &condition.kind {
        ExprKind::And(parts) => parts.as_slice(),
        _ => std::slice::from_ref(condition),
    };
    let sides = parts.iter().filter_map(|part| match &part.kind {
        ExprKind::Compare(Comparison::Equal, left, _) => Some(&**left),
        _ => None,
    });
    sides.collect()
}

#[test]
fn an_intent_keeps_its_parts() {
    let text = "/// Why.\nintent go \"Go there\" {\n  for user in team:x, agent\n  task one: read, write on doc\n  task two: run after one at most 2 times\n  using skill:b, skill:a, skill:b\n  hops at most limits.most\n  lasts 15m\n}";
    let (policies, intent) = intent(text);
    assert_eq!((intent.id.to_string(), intent.goal.as_deref()), ("main.go".to_owned(), Some("Go there")));
    assert_eq!(intent.doc.as_deref(), Some("Why."));
    assert_eq!(intent.subjects.map(|of| of.terms.len()), Some(2));
    assert_eq!(intent.hops_at_most, Some(10), "a limit counts with its value");
    assert_eq!(intent.lasts.map(|long| long.nanos()), Some(900_000_000_000));
    let skills: Vec<String> = intent.skills.expect("said").iter().map(ToString::to_string).collect();
    assert_eq!(skills, ["skill:\"a\"", "skill:\"b\""]);
    let [one, two] = &intent.tasks[..] else { panic!("two tasks") };
    assert_eq!((one.actions.len(), one.resources.terms.len(), one.at_most), (2, 1, None));
    // Without `on` a task is about whatever its actions apply to.
    let tool = policies.schema.type_id("tool").expect("declared");
    assert_eq!(two.resources.terms, [crate::checked::Term::Type(tool)]);
    assert_eq!((two.after.len(), two.at_most), (1, Some(2)));
}

#[test]
fn a_task_reads_earlier_tasks_through_others() {
    let text = "intent go {\n  task a: run\n  task b: read after a\n  task c: move after b\n    when b.resource.owner == a.action.by and a.resource == tool:x\n    unless action.to is missing\n}";
    let (policies, intent) = intent(text);
    let task = intent.task("c").expect("declared");
    let [owner, resource] = lefts(&task.condition)[..] else { panic!("{:?}", task.condition) };
    let ExprKind::Follow { base, .. } = &owner.kind else { panic!("{owner:?}") };
    let b = ExprKind::Task { task: remit_model::Name::new("b").expect("a name"), part: TaskPart::Resource };
    assert_eq!(format!("{:?}", base.kind), format!("{b:?}"));
    let tool = policies.schema.type_id("tool").expect("declared");
    assert_eq!(resource.ty, remit_model::Ty::entity(tool));
    assert_eq!(task.after.len(), 1, "`after` is kept as written");
}

#[test]
fn a_task_bounds_its_arguments() {
    let text = "entity payee { iban: string }\naction pay on doc { to: string, amount: decimal, memo: any }\nintent go {\n  task a: read\n  task b: pay on doc after a closed at most 500 of action.amount\n    when action.to from text(mail) or record of payee.iban or literal or literal\n    action.memo.lines from result(a).body.lines or created or record of payee\n    when action.amount from one of [1, 2.5]\n}";
    let (policies, intent) = intent(text);
    let task = intent.task("b").expect("declared");
    assert!(task.closed);
    assert_eq!(task.budgets[0].argument, "amount");
    assert_eq!(task.budgets[0].total, Number::from(500));
    let named: Vec<(&str, usize)> =
        task.origins.iter().map(|one| (one.argument.as_str(), one.origins.len())).collect();
    assert_eq!(named, [("amount", 1), ("memo.lines", 3), ("to", 3)]);
    assert!(matches!(&task.origins[0].origins[..], [Origin::OneOf(values)] if values.len() == 2));
    let Origin::Result { task: from, path } = &task.origins[1].origins[0] else { panic!("a result") };
    assert_eq!((from.as_str(), path.as_str()), ("a", "body.lines"));
    let payee = policies.schema.type_id("payee").expect("declared");
    let iban = policies.schema.attr_id("iban");
    assert_eq!(task.origins[2].origins[1], Origin::RecordOf { of: payee, attribute: iban });
}

#[test]
fn chains_are_sets_of_agents_with_two_ends() {
    let rule = rule(
        "permit a to read when chain.current == agent:x and chain.origin == actor and count(chain) == 2 and chain.name has \"x\" and chain matches [agent:a, any*, any]",
    );
    let ExprKind::And(parts) = &rule.condition.kind else { panic!("and") };
    let ends: Vec<&ExprKind> = lefts(&rule.condition).into_iter().map(|left| &left.kind).collect();
    assert!(matches!(
        ends[..],
        [ExprKind::Chain(ChainPart::Current), ExprKind::Chain(ChainPart::Origin), ExprKind::Count(_)]
    ));
    let Some(ExprKind::ChainMatches(links)) = parts.last().map(|part| &part.kind) else {
        panic!("a pattern")
    };
    assert!(matches!(links[..], [Link::Agent(_), Link::AnyNumber, Link::Any]));
}

#[test]
fn what_is_no_value_can_still_be_missing() {
    let rule = rule(
        "permit a to read when chain is present and transaction is missing and intent is present and token is present",
    );
    let ExprKind::And(parts) = rule.condition.kind else { panic!("and") };
    let asked: Vec<&ExprKind> = parts
        .iter()
        .map(|part| match &part.kind {
            ExprKind::Present(base, _) => &base.kind,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(matches!(
        asked[..],
        [
            ExprKind::Chain(ChainPart::Current),
            ExprKind::Transaction(TransactionPart::Itself),
            ExprKind::Intent(IntentPart::Itself),
            ExprKind::AnyToken
        ]
    ));
}

#[test]
fn a_rule_keeps_the_clauses_of_agents() {
    let text = "intent one { task p: run }\nintent two { task p: run }\npermit a to run via skill:x, tool within two, none, one on_request \"ask the boss\" when transaction.sum(p, action.times) < 5";
    let rule = rule(text);
    assert_eq!(rule.via.map(|via| via.terms.len()), Some(2));
    let within = rule.within.expect("said");
    assert_eq!(within.intents.iter().map(ToString::to_string).collect::<Vec<_>>(), ["main.one", "main.two"]);
    assert!(within.none);
    assert_eq!(rule.on_request.map(|name| name.to_string()).as_deref(), Some("ask the boss"));
    let ExprKind::Compare(_, left, _) = rule.condition.kind else { panic!("a comparison") };
    assert_eq!(left.ty, remit_model::Ty::Int);
    assert!(
        matches!(left.kind, ExprKind::Transaction(TransactionPart::Sum { argument, .. }) if argument == "times")
    );
}

#[test]
fn labels_say_what_sets_and_what_removes_them() {
    let sets = label("label seen after read, write on doc unless resource.size < 5");
    assert!(!sets.removes && sets.actions.is_some_and(|actions| actions.len() == 2));
    assert!(matches!(sets.condition.kind, ExprKind::Not(_)));
    let removes =
        label("label seen after any\nunlabel seen after read as agent:x via skill:y when resource.size == 1");
    assert!(removes.removes && removes.actors.is_some() && removes.via.is_some());
    assert!(matches!(&removes.condition.kind, ExprKind::Compare(_, _, right)
        if matches!(right.kind, ExprKind::Literal(Value::Number(_)))));
    assert!(label("label seen after any").actions.is_none());
}

#[test]
fn an_expectation_knows_chain_and_history() {
    let text = "intent go { task p: move }\npermit a to read\nexpect deny user:u read doc:d as agent:c via agent:a, agent:b bearing { acr: \"x\" } within go after [move { times: \"1\" } doc:e { size: 2 } returning { to: user:z }]";
    let policies = policies(text);
    let expect = &policies.expects[0];
    let chain = expect.chain().expect("agents act");
    let order: Vec<&str> = chain.iter().map(|agent| &*agent.id).collect();
    assert_eq!(order, ["c", "b", "a"], "current first");
    assert_eq!(expect.within.as_ref().map(ToString::to_string).as_deref(), Some("main.go"));
    assert_eq!(expect.claims.len(), 1);
    let step = &expect.after[0];
    assert_eq!((step.action.as_str(), step.action_properties.len()), ("move", 1));
    assert_eq!((step.resource.properties.len(), step.returning.len()), (1, 1));
}

#[test]
fn claims_have_types_and_may_be_declared() {
    let policies =
        policies("token { level: int }\npermit a to read when token.level > 1 and token.auth_time < now");
    let claim = |name: &str| policies.schema.claims().iter().find(|field| field.name.as_str() == name);
    assert_eq!(claim("level").map(|field| field.ty.clone()), Some(remit_model::Ty::Int));
    assert_eq!(claim("amr").map(|field| field.ty.clone()), Some(remit_model::Ty::String.set()));
}
