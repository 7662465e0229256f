//! Intents and transactions.

use remit_model::transaction::Seen;
use remit_model::{Argument, Bound as Within, Origin, Reason, Scope, Task};

use super::*;
use crate::{Layer, LayerOutcome, decides};

const LOOK: (&str, &str, &str) = ("look", "read", "invoice:i1");

fn send<'t>(to: &'t str, properties: &'t [(&'t str, Value)], lineage: &'t [Arc<Transaction>]) -> Ask<'t> {
    Ask { agents: &["leaf"], action: "transfer", resource: to, properties, lineage, ..Ask::default() }
}

fn one(transaction: Transaction) -> [Arc<Transaction>; 1] {
    [Arc::new(transaction)]
}

#[test]
fn the_example_of_the_language_first_looks_then_pays_what_it_saw_where_it_saw() {
    let bound = world();
    let (fresh, looked) = (one(transaction(opened(&bound), &[])), one(transaction(opened(&bound), &[LOOK])));
    let table = [
        ("account:acme", 100, &looked, Reason::Permitted, ""),
        ("account:acme", 100, &fresh, Reason::TaskOutOfOrder, "tasks.send.after.look"),
        ("account:acme", 99, &looked, Reason::ArgumentNotAllowed, "tasks.send.when"),
        ("account:zoo", 100, &looked, Reason::IntentNotCovering, "tasks.send.when"),
        ("account:acme", 600, &looked, Reason::ArgumentNotAllowed, "tasks.send.arguments.amount"),
    ];
    for (to, of, lineage, reason, field) in table {
        let properties = [("amount", amount(of))];
        let ask = send(to, &properties, lineage);
        let verdict = ask.verdict(&bound);
        assert_eq!(verdict.reason, reason, "{to} {of}: {:?}", verdict.failures);
        assert_eq!(ask.with(&bound, decides), verdict.decision);
        assert_eq!(verdict.failures.first().map_or("", |failure| &*failure.field), field);
    }
    let foreign = Ask { action: "call", resource: "tool:wire", ..send("", &[], &looked) }.verdict(&bound);
    assert_eq!(foreign.reason, Reason::IntentNotCovering);
    assert_eq!(foreign.layers.intent_covers, LayerOutcome::Fails);
}

#[test]
fn a_condition_holds_for_one_and_the_same_step() {
    let bound = world();
    let both = one(transaction(opened(&bound), &[LOOK, ("look", "read", "invoice:i2")]));
    let asked = |to, of| send(to, &[("amount", amount(of))], &both).reason(&bound);
    assert_eq!(
        (asked("account:acme", 100), asked("account:zoo", 200)),
        (Reason::Permitted, Reason::Permitted)
    );
    assert_ne!(
        asked("account:zoo", 100),
        Reason::Permitted,
        "the amount of one and the account of the other"
    );
}

#[test]
fn an_allowed_step_says_what_it_changes() {
    let bound = world();
    let looked = one(transaction(opened(&bound), &[LOOK]));
    let properties = [("amount", amount(100))];
    let verdict = send("account:acme", &properties, &looked).verdict(&bound);
    let changes = verdict.changes.unwrap();
    assert_eq!((changes.task, changes.action), (of_name("send"), of_name("transfer")));
    assert_eq!(changes.arguments.get("amount"), Some(&amount(100)));
    assert_eq!(changes.chain, chain(&["leaf"]));
    let refused = send("account:zoo", &properties, &looked).verdict(&bound);
    assert_eq!(refused.changes, None);
}

#[test]
fn what_has_been_done_leaves_less() {
    let bound = world();
    let sent = ("send", "transfer", "account:acme");
    let done = one(transaction(opened(&bound), &[LOOK, sent]));
    let properties = [("amount", amount(100))];
    let verdict = send("account:acme", &properties, &done).verdict(&bound);
    assert_eq!((verdict.reason, verdict.layers.history_fits), (Reason::TaskRepeated, LayerOutcome::Fails));
    assert_eq!(verdict.layers.intent_covers, LayerOutcome::Holds);
    let again = Ask { action: "read", resource: "invoice:i1", ..send("", &[], &done) };
    assert_eq!(again.reason(&bound), Reason::Permitted, "looking has no bound");
}

#[test]
fn a_transaction_that_does_not_count_allows_nothing() {
    let bound = world();
    let fresh = || transaction(opened(&bound), &[]);
    let table = [
        (fresh(), Reason::Permitted),
        (Transaction { status: Status::Revoked, ..fresh() }, Reason::TransactionRevoked),
        (Transaction { status: Status::Closed, ..fresh() }, Reason::TransactionClosed),
        (Transaction { expires: now(), ..fresh() }, Reason::TransactionExpired),
        (Transaction { subject: entity("user:bob"), ..fresh() }, Reason::TransactionForeign),
        (Transaction { chain: chain(&["leaf"]), ..fresh() }, Reason::Permitted),
        (Transaction { chain: chain(&["idle"]), ..fresh() }, Reason::ChainShrunk),
        (Transaction { chain: chain(&["root", "leaf"]), ..fresh() }, Reason::ChainShrunk),
    ];
    for (transaction, reason) in table {
        let lineage = one(transaction);
        let look = Ask { action: "read", resource: "invoice:i1", ..send("", &[], &lineage) };
        let verdict = look.verdict(&bound);
        assert_eq!(verdict.reason, reason, "{:?}", verdict.failures);
    }
    let lineage = one(fresh());
    let robot = Ask {
        subject: Some("agent:idle"),
        action: "read",
        resource: "invoice:i1",
        ..send("", &[], &lineage)
    };
    assert_eq!(robot.reason(&bound), Reason::AttributionLost);
    let service = Ask { subject: Some("user:bob"), service: true, ..robot };
    let verdict = service.verdict(&bound);
    assert_eq!(verdict.reason, Reason::AttributionLost);
    assert!(verdict.severity().is_some(), "losing the person is an incident");
}

#[test]
fn an_unknown_transaction_is_a_deny_whatever_else_holds() {
    let bound = world();
    let agency = Agency { history: History::Unknown, ..Agency::default() };
    let query = Query::new(&bound, ("user", "ann"), "read", ("invoice", "i1"), now()).through(&agency);
    assert_eq!(evaluate(&bound, &query).reason, Reason::TransactionUnknown);
    let plain = Query::new(&bound, ("user", "ann"), "read", ("invoice", "i1"), now());
    assert!(evaluate(&bound, &plain).decision);
}

fn quad(action: &str, resource: Scope) -> Intent {
    let task = Task {
        name: of_name("look"),
        actions: [of_name(action)].into(),
        resource,
        arguments: BTreeMap::new(),
        after: BTreeSet::new(),
        at_most: None,
        budgets: BTreeMap::new(),
        closed: false,
    };
    Intent {
        template: None,
        subject: ann(),
        tasks: vec![task],
        skills: None,
        hops_at_most: None,
        not_before: None,
        not_after: None,
        records: BTreeSet::new(),
        links: BTreeSet::new(),
    }
}

fn only(id: &str) -> Scope {
    Scope::OneOf([entity(id)].into())
}

fn look(goal: Intent) -> Ask<'static> {
    Ask {
        agents: &["leaf"],
        action: "read",
        resource: "invoice:i1",
        goal: Some((Arc::new(goal), true)),
        ..Ask::default()
    }
}

#[test]
fn quads_that_come_with_the_request_bound_it() {
    let bound = world();
    let reason = |goal| look(goal).reason(&bound);
    let own = || quad("read", only("invoice:i1"));
    assert_eq!(reason(own()), Reason::Permitted);
    assert_eq!(reason(quad("read", only("invoice:i2"))), Reason::IntentNotCovering);
    assert_eq!(reason(quad("transfer", only("invoice:i1"))), Reason::IntentNotCovering);
    assert_eq!(reason(Intent { subject: entity("user:bob"), ..own() }), Reason::IntentNotCovering);
    assert_eq!(reason(Intent { not_after: Timestamp::parse("2026-01-01"), ..own() }), Reason::IntentExpired);
    assert_eq!(reason(Intent { not_after: Some(now()), ..own() }), Reason::Permitted, "to the last instant");
    assert_eq!(reason(Intent { not_before: Some(now()), ..own() }), Reason::Permitted, "from the first on");
    assert_eq!(reason(Intent { not_before: Timestamp::parse("2026-07-01"), ..own() }), Reason::IntentExpired);
    assert_eq!(reason(Intent { hops_at_most: Some(0), ..own() }), Reason::ChainTooDeep);
    assert_eq!(reason(Intent { template: Some(of_name("test.none")), ..own() }), Reason::IntentUnknown);
    let counted = |intent: Intent| {
        let tasks = intent.tasks.into_iter().map(|task| Task { at_most: Some(1), ..task }).collect();
        Intent { tasks, ..intent }
    };
    assert_eq!(reason(counted(own())), Reason::TransactionUnknown, "nothing counts");
}

#[test]
fn of_several_tasks_the_one_that_holds_the_step_is_found_whatever_its_scope() {
    let bound = world();
    let with = |second: Scope| {
        let mut intent = quad("read", only("invoice:i2"));
        let more = Task { name: of_name("more"), resource: second, ..intent.tasks[0].clone() };
        intent.tasks.push(more);
        look(intent).verdict(&bound)
    };
    let kinds = |of: &[&str]| Scope::AnyOf(of.iter().map(|it| of_name(it)).collect());
    for scope in [only("invoice:i1"), Scope::Any(of_name("invoice")), kinds(&["account", "invoice"])] {
        let verdict = with(scope.clone());
        assert_eq!((verdict.reason, verdict.task), (Reason::Permitted, Some(of_name("more"))), "{scope:?}");
    }
    for scope in [only("invoice:i2"), Scope::Any(of_name("account")), kinds(&["account", "tool"])] {
        assert_eq!(with(scope.clone()).reason, Reason::IntentNotCovering, "{scope:?}");
    }
}

#[test]
fn quads_stay_inside_the_template_that_they_name() {
    let bound = world();
    let named =
        |intent: Intent| Intent { template: Some(of_name("test.pay")), hops_at_most: Some(1), ..intent };
    assert_eq!(look(named(quad("read", only("invoice:i1")))).reason(&bound), Reason::Permitted);
    let verdict = look(named(quad("read", only("account:acme")))).verdict(&bound);
    assert_eq!(verdict.reason, Reason::IntentWidened);
    assert_eq!(verdict.failures[0].field, "tasks.look.resource");
}

#[test]
fn of_the_request_and_the_transaction_the_narrower_intent_wins() {
    let bound = world();
    let wide = || quad("read", Scope::Any(of_name("invoice")));
    let asked = |goal, of| {
        let lineage = one(transaction(of, &[]));
        Ask { lineage: &lineage, ..look(goal) }.reason(&bound)
    };
    let narrow = |id| quad("read", only(id));
    assert_eq!(asked(wide(), wide()), Reason::Permitted);
    assert_eq!(asked(wide(), narrow("invoice:i1")), Reason::Permitted);
    assert_eq!(asked(wide(), narrow("invoice:i2")), Reason::IntentNotCovering);
    assert_eq!(asked(narrow("invoice:i1"), wide()), Reason::Permitted);
    assert_eq!(asked(narrow("invoice:i2"), wide()), Reason::IntentNotCovering);
    assert_eq!(asked(narrow("invoice:i1"), narrow("invoice:i2")), Reason::IntentWidened, "neither is inside");
}

#[test]
fn a_child_is_bound_by_every_parent() {
    let bound = world();
    let parent = Arc::new(transaction(quad("read", only("invoice:i1")), &[]));
    let child = |id| Arc::new(transaction(quad("read", only(id)), &[]));
    let asked = |lineage: &[Arc<Transaction>]| {
        Ask { agents: &["leaf"], action: "read", resource: "invoice:i1", lineage, ..Ask::default() }
            .reason(&bound)
    };
    assert_eq!(asked(&[child("invoice:i1"), Arc::clone(&parent)]), Reason::Permitted);
    assert_eq!(asked(&[child("invoice:i2"), Arc::clone(&parent)]), Reason::IntentNotCovering);
    let stopped = Arc::new(Transaction { status: Status::Revoked, ..(*parent).clone() });
    assert_eq!(asked(&[child("invoice:i1"), stopped]), Reason::TransactionRevoked);
}

/// No intent that was opened inside another names another template; what could not be is held to both all the same.
#[test]
fn each_template_that_a_lineage_names_binds() {
    let again = IntentTemplate {
        id: remit_lang::checked::RuleId { package: name("test"), name: name("again") },
        tasks: vec![task(
            "look",
            vec![remit_model::ActionId(0)],
            Selector { terms: vec![Term::Type(TOOL)] },
            ex::and(vec![]),
        )],
        ..pay()
    };
    let bound = bind(&policies(vec![permit("all")], vec![pay(), again], vec![]));
    let of = |template: Option<&str>| {
        let intent = quad("read", only("invoice:i1"));
        Arc::new(transaction(
            Intent { template: template.map(of_name), hops_at_most: Some(1), ..intent },
            &[],
        ))
    };
    let asked = |lineage: &[Arc<Transaction>]| {
        Ask { agents: &["leaf"], action: "read", resource: "invoice:i1", lineage, ..Ask::default() }
            .reason(&bound)
    };
    assert_eq!(asked(&[of(Some("test.pay")), of(None)]), Reason::Permitted);
    assert_eq!(asked(&[of(Some("test.pay")), of(Some("test.pay"))]), Reason::Permitted);
    assert_eq!(asked(&[of(Some("test.again")), of(None)]), Reason::IntentNotCovering);
    assert_eq!(asked(&[of(Some("test.pay")), of(Some("test.again"))]), Reason::IntentNotCovering);
}

#[test]
fn a_task_needs_a_skill_that_the_intent_names() {
    let bound = world();
    let using =
        |skill: &str| Intent { skills: Some([entity(skill)].into()), ..quad("read", only("invoice:i1")) };
    let over = |skill: &str, agent: &'static [&'static str], tool| {
        let tool = Some((tool, None));
        Ask { agents: agent, tool, ..look(using(skill)) }.verdict(&bound)
    };
    assert_eq!(over("skill:reading", &["leaf"], "scan").reason, Reason::Permitted);
    assert_eq!(over("skill:paying", &["leaf"], "scan").reason, Reason::SkillNotNeeded);
    assert_eq!(look(using("skill:reading")).reason(&bound), Reason::Permitted, "without a tool");
    let idle = Ask { agents: &["idle", "root"], ..look(using("skill:reading")) }.verdict(&bound);
    assert_eq!(idle.reason, Reason::SkillMissing);
    assert_eq!(
        format!("{} {}", idle.failures[0].field, idle.failures[0].detail),
        "no skill of agent:\"idle\" fulfils task `look`"
    );
}

#[test]
fn an_argument_comes_from_where_the_task_says() {
    let bound = world();
    let goal = |origin| {
        let mut intent = quad("transfer", only("account:acme"));
        intent.records.insert(entity("invoice:i1"));
        let from = Argument::from_origins([origin]);
        intent.tasks[0].arguments.insert("to".to_owned(), from);
        let exactly = Argument::bound(Within::Exactly(amount(1)));
        intent.tasks[0].arguments.insert("amount".to_owned(), exactly);
        intent
    };
    let asked = |origin, to: &str| {
        let properties = [("to", Value::string(to)), ("amount", amount(1))];
        let goal = Some((Arc::new(goal(origin)), true));
        send("account:acme", &properties, &[]).into_goal(goal).verdict(&bound)
    };
    let one_of = || Origin::OneOf([Value::string("me@example.org")].into());
    assert_eq!(asked(one_of(), "Me@Example.org").reason, Reason::Permitted);
    let refused = asked(one_of(), "evil@example.org");
    assert_eq!(refused.reason, Reason::ArgumentOriginUnknown);
    assert_eq!(refused.failures[0].field, "tasks.look.arguments.to");
    assert_eq!(refused.failures[0].layer, Layer::IntentCovers);
    assert_eq!(asked(Origin::Literal, "acme").reason, Reason::Permitted, "the intent names the account");
    assert_eq!(asked(Origin::Created, "acme").reason, Reason::ArgumentOriginUnknown);
    let of_invoice =
        |attribute: Option<&str>| Origin::RecordOf(of_name("invoice"), attribute.map(str::to_owned));
    for (attribute, to) in [(Some("pays_to"), "acme"), (Some("total"), "100"), (None, "100"), (None, "i1")] {
        assert_eq!(asked(of_invoice(attribute), to).reason, Reason::Permitted, "{attribute:?} {to}");
    }
    for (attribute, to) in [
        (Some("pays_to"), "zoo"),
        (Some("total"), "acme"),
        (Some("none"), "100"),
        (None, "200"),
        (None, "i2"),
    ] {
        let reason = asked(of_invoice(attribute), to).reason;
        assert_eq!(reason, Reason::ArgumentOriginUnknown, "{attribute:?} {to}");
    }
}

#[test]
fn a_value_that_was_reported_under_a_key_is_known_by_that_key_alone() {
    let bound = world();
    let mut intent = quad("transfer", only("account:acme"));
    intent.tasks[0].arguments.insert("to".to_owned(), Argument::from_origins([Origin::Created]));
    let exactly = Argument::bound(Within::Exactly(amount(1)));
    intent.tasks[0].arguments.insert("amount".to_owned(), exactly);
    let made = Arc::new([Seen::Keyed("key of file-9".to_owned())].into());
    let lineage = one(Transaction { created: made, ..transaction(intent, &[]) });
    let asked = |to: &str, keyed: Option<Keyed<'_>>| {
        let properties = [("to", Value::string(to)), ("amount", amount(1))];
        Ask { keyed, ..send("account:acme", &properties, &lineage) }.reason(&bound)
    };
    let key = |form: &str| format!("key of {form}");
    let other = |form: &str| format!("another of {form}");
    assert_eq!(asked("file-9", Some(Keyed(&key))), Reason::Permitted);
    assert_eq!(asked("file-8", Some(Keyed(&key))), Reason::ArgumentOriginUnknown);
    assert_eq!(asked("file-9", Some(Keyed(&other))), Reason::ArgumentOriginUnknown);
    assert_eq!(asked("file-9", None), Reason::ArgumentOriginUnknown);
}

impl Ask<'_> {
    fn into_goal(mut self, goal: Option<(Arc<Intent>, bool)>) -> Self {
        self.goal = goal;
        self
    }
}
