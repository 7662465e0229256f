//! What rules may ask of chains, intents, transactions and tokens, and what labels a transaction.

use remit_lang::checked::{ChainPart, ExprKind, IntentPart, Link, TransactionPart, Within};
use remit_model::Reason;

use super::*;

fn word(kind: ExprKind, ty: Ty) -> Expr {
    ex::of(kind, ty)
}

fn forbid(condition: Expr) -> Rule {
    Rule { condition, ..crate::testing::rule("no", Effect::Forbid) }
}

fn look<'t>(agents: &'t [&'t str], lineage: &'t [Arc<Transaction>]) -> Ask<'t> {
    Ask { agents, action: "read", resource: "invoice:i1", lineage, ..Ask::default() }
}

/// Whether a forbid with this condition denies, and how: true, false, or unknown.
fn truth(condition: Expr, ask: &Ask<'_>) -> Option<bool> {
    let bound = world_with(forbid(condition));
    match ask.reason(&bound) {
        Reason::Forbidden | Reason::LabelForbids => Some(true),
        Reason::Permitted => Some(false),
        Reason::ForbidUnknown => None,
        other => panic!("{other}"),
    }
}

#[test]
fn a_pattern_covers_the_whole_chain_origin_first() {
    let agent = |id: &str| Link::Agent(Term::Entity(AGENT, EntityRef::new(name("agent"), id)));
    let (root, leaf) = (|| agent("root"), || agent("leaf"));
    let table: &[(Vec<Link>, &[&str], bool)] = &[
        (vec![root(), leaf()], &["leaf", "root"], true),
        (vec![leaf(), root()], &["leaf", "root"], false),
        (vec![leaf()], &["leaf", "root"], false),
        (vec![root(), leaf(), Link::Any], &["leaf", "root"], false),
        (vec![Link::Any, leaf()], &["leaf", "root"], true),
        (vec![Link::AnyNumber, leaf()], &["leaf"], true),
        (vec![root(), Link::AnyNumber], &["leaf", "root"], true),
        (vec![root(), Link::AnyNumber], &["leaf"], false),
        (vec![Link::AnyNumber], &[], true),
        (vec![], &[], true),
        (vec![Link::Any], &[], false),
        (vec![Link::AnyNumber, Link::AnyNumber, Link::Agent(Term::Type(AGENT))], &["leaf"], true),
        (vec![Link::Agent(Term::Type(USER))], &["leaf"], false),
    ];
    for (links, agents, expected) in table {
        let matches = word(ExprKind::ChainMatches(links.clone()), Ty::Bool);
        assert_eq!(truth(matches, &look(agents, &[])), Some(*expected), "{links:?} {agents:?}");
    }
}

#[test]
fn a_chain_is_a_set_and_has_two_ends() {
    let agents = || word(ExprKind::Chain(ChainPart::Agents), Ty::entity(AGENT).set());
    let end = |part| word(ExprKind::Chain(part), Ty::entity(AGENT));
    let two = look(&["leaf", "root"], &[]);
    let none = look(&[], &[]);
    let holds = |expr, ask: &Ask<'_>| truth(expr, ask);
    assert_eq!(holds(ex::has(agents(), ex::the("agent:root")), &two), Some(true));
    assert_eq!(holds(ex::has(agents(), ex::the("agent:root")), &none), Some(false), "empty, and known to be");
    assert_eq!(holds(ex::equal(ex::count(agents()), ex::number("2")), &two), Some(true));
    assert_eq!(holds(ex::equal(end(ChainPart::Current), ex::the("agent:leaf")), &two), Some(true));
    assert_eq!(holds(ex::equal(end(ChainPart::Origin), ex::the("agent:root")), &two), Some(true));
    assert_eq!(holds(ex::equal(end(ChainPart::Origin), ex::the("agent:root")), &none), None);
}

#[test]
fn a_transaction_tells_what_was_done_and_without_one_nothing_is_known() {
    let bound = world();
    let mut of = transaction(opened(&bound), &[("look", "read", "invoice:i1")]);
    of.labels.insert(name("untrusted"));
    let lineage = [Arc::new(of)];
    let asked = look(&[], &lineage);
    let part = |part, ty| word(ExprKind::Transaction(part), ty);
    let done = |task| part(TransactionPart::Done(name(task)), Ty::Bool);
    let carries = |label| part(TransactionPart::Carries(name(label)), Ty::Bool);
    let count = || part(TransactionPart::Count(name("look")), Ty::Int);
    assert_eq!(truth(done("look"), &asked), Some(true));
    assert_eq!(truth(done("send"), &asked), Some(false));
    assert_eq!(truth(done("look"), &look(&[], &[])), None);
    assert_eq!(truth(carries("untrusted"), &asked), Some(true));
    assert_eq!(truth(carries("secret"), &asked), Some(false));
    assert_eq!(truth(ex::equal(count(), ex::number("1")), &asked), Some(true));
    let present = |of| ex::present(part(of, Ty::Any));
    assert_eq!(truth(present(TransactionPart::Itself), &asked), Some(true));
    assert_eq!(truth(present(TransactionPart::Itself), &look(&[], &[])), Some(false));
    let forbidden = asked.reason(&world_with(forbid(carries("untrusted"))));
    assert_eq!(forbidden, Reason::LabelForbids);
}

#[test]
fn a_sum_without_the_argument_in_one_step_is_unknown() {
    let bound = world();
    let spent = |arguments: &[(&str, i64)]| {
        let arguments = arguments.iter().map(|(key, of)| ((*key).to_owned(), amount(*of))).collect();
        let mut of = transaction(opened(&bound), &[]);
        of.steps.push(Arc::new(Step { arguments, ..step("look", "read", "invoice:i1") }));
        let lineage = [Arc::new(of)];
        let sum = TransactionPart::Sum { task: name("look"), argument: "amount".to_owned() };
        let sum = word(ExprKind::Transaction(sum), Ty::Decimal);
        truth(ex::equal(sum, ex::number("7")), &look(&[], &lineage))
    };
    assert_eq!(
        (spent(&[("amount", 7)]), spent(&[("amount", 8)]), spent(&[])),
        (Some(true), Some(false), None)
    );
}

#[test]
fn a_token_and_an_intent_can_be_asked_for() {
    let acr = || ex::equal(word(ExprKind::Token(name("acr")), Ty::String), ex::text("high"));
    let claims = [("acr", Value::string("high"))];
    assert_eq!(truth(acr(), &Ask { claims: &claims, ..look(&[], &[]) }), Some(true));
    assert_eq!(truth(acr(), &look(&[], &[])), None);
    let token = || ex::present(word(ExprKind::AnyToken, Ty::Any));
    assert_eq!(truth(token(), &Ask { claims: &claims, ..look(&[], &[]) }), Some(true));
    assert_eq!(truth(token(), &look(&[], &[])), Some(false));
    let bound = world();
    let goal = |signed| Ask { goal: Some((Arc::new(opened(&bound)), signed)), ..look(&[], &[]) };
    let of = |part, ty| word(ExprKind::Intent(part), ty);
    assert_eq!(truth(of(IntentPart::Signed, Ty::Bool), &goal(true)), Some(true));
    assert_eq!(truth(of(IntentPart::Signed, Ty::Bool), &goal(false)), Some(false));
    assert_eq!(
        truth(ex::equal(of(IntentPart::Name, Ty::String), ex::text("test.pay")), &goal(true)),
        Some(true)
    );
    assert_eq!(truth(ex::present(of(IntentPart::Itself, Ty::Any)), &look(&[], &[])), Some(false));
}

#[test]
fn links_of_an_intent_are_those_that_every_parent_wrote_too() {
    let bound = world();
    let with = |links: &[&str]| remit_model::Intent {
        links: links.iter().map(|&link| link.to_owned()).collect(),
        ..opened(&bound)
    };
    let has = |link: &str| {
        let links = word(ExprKind::Intent(IntentPart::Links), Ty::String.set());
        ex::has(links, ex::text(link))
    };
    let goal = |links: &[&str]| Ask { goal: Some((Arc::new(with(links)), false)), ..look(&[], &[]) };
    assert_eq!(truth(has("https://a.example/"), &goal(&["https://a.example/"])), Some(true));
    assert_eq!(truth(has("https://b.example/"), &goal(&["https://a.example/"])), Some(false));
    assert_eq!(truth(has("https://a.example/"), &goal(&[])), Some(false));
    assert_eq!(truth(has("https://a.example/"), &look(&[], &[])), None, "nobody set a goal");
    let of = |links: &[&str]| Arc::new(transaction(with(links), &[]));
    let parent = of(&["https://a.example/"]);
    let family = [of(&["https://a.example/", "https://c.example/"]), parent];
    assert_eq!(truth(has("https://a.example/"), &look(&["leaf"], &family)), Some(true));
    assert_eq!(
        truth(has("https://c.example/"), &look(&["leaf"], &family)),
        Some(false),
        "the parent wrote none"
    );
    assert_eq!(truth(has("https://c.example/"), &look(&["leaf"], &family[..1])), Some(true));
}

#[test]
fn a_requirement_and_a_permit_can_ask_for_an_intent() {
    let bound = world();
    let signed = word(ExprKind::Intent(IntentPart::Signed), Ty::Bool);
    let require = Rule { condition: ex::not(signed), ..crate::testing::rule("signed", Effect::Require) };
    let goal = |signed| Ask { goal: Some((Arc::new(opened(&bound)), signed)), ..look(&["leaf"], &[]) };
    let required = world_with(require);
    assert_eq!(goal(true).reason(&required), Reason::Permitted);
    assert_eq!(goal(false).reason(&required), Reason::IntentRequired);
    let within = Within { intents: vec![RuleId { package: name("test"), name: name("pay") }], none: false };
    let only = bind(&policies(vec![Rule { within: Some(within), ..permit("only") }], vec![pay()], vec![]));
    assert_eq!(goal(false).reason(&only), Reason::Permitted);
    assert_eq!(look(&["leaf"], &[]).reason(&only), Reason::IntentRequired);
    let none = Within { intents: vec![], none: true };
    let without = bind(&policies(vec![Rule { within: Some(none), ..permit("none") }], vec![pay()], vec![]));
    assert_eq!(look(&["leaf"], &[]).reason(&without), Reason::Permitted);
    assert_eq!(goal(false).reason(&without), Reason::NoPermitApplies);
}

#[test]
fn an_allowed_step_labels_its_transaction_when_the_label_may_apply() {
    let label = |of: &str, removes, condition| LabelRule {
        package: name("test"),
        label: name(of),
        span: Span::default(),
        removes,
        actions: Some(vec![remit_model::ActionId(1)]),
        resources: None,
        subjects: None,
        actors: None,
        via: None,
        within: None,
        condition,
        doc: None,
    };
    let (yes, no) = (|| ex::and(vec![]), || ex::not(ex::and(vec![])));
    let unknown = || ex::equal(ex::context("none"), ex::text("x"));
    let labels = vec![
        label("sure", false, yes()),
        label("maybe", false, unknown()),
        label("not", false, no()),
        label("gone", true, yes()),
        label("kept", true, unknown()),
        label("sure", true, yes()),
    ];
    let bound = bind(&policies(vec![permit("all")], vec![pay()], labels));
    let lineage = [Arc::new(transaction(opened(&bound), &[]))];
    let changes = look(&["leaf"], &lineage).verdict(&bound).changes.unwrap();
    assert_eq!(changes.labels, [name("maybe"), name("sure")].into());
    assert_eq!(changes.unlabels, [name("gone")].into());
}

fn compared(how: Comparison, rank: u16) -> Expr {
    let assurance = word(ExprKind::Chain(ChainPart::Assurance), Ty::Level(LEVEL));
    ex::compare(how, assurance, ex::literal(Value::Level(LEVEL, rank), Ty::Level(LEVEL)))
}

fn at_least(rank: u16) -> Expr {
    compared(Comparison::GreaterOrEqual, rank)
}

#[test]
fn the_least_sure_of_subject_and_chain_counts() {
    type Case<'t> = (&'t [&'t str], &'t [Option<u8>], u16, Option<bool>);
    let table: &[Case<'_>] = &[
        (&[], &[Some(3)], 2, Some(true)),
        (&[], &[Some(2)], 2, Some(false)),
        (&[], &[], 0, None),
        (&["leaf", "root"], &[Some(3), Some(3), Some(3)], 2, Some(true)),
        (&["leaf", "root"], &[Some(3), Some(3), Some(2)], 2, Some(false)),
        (&["leaf", "root"], &[Some(1), Some(3), Some(3)], 1, Some(false)),
        // Nothing is known of the origin: it may be weaker than all others, unless one of them is as weak as can be.
        (&["leaf", "root"], &[Some(3), Some(3)], 0, None),
        (&["leaf", "root"], &[Some(1), Some(3)], 1, Some(false)),
        // The graph speaks too, and the lower counts.
        (&["sure"], &[Some(3)], 2, Some(true)),
        (&["sure"], &[Some(3), Some(2)], 2, Some(false)),
        (&["weak"], &[Some(3), Some(3)], 1, Some(false)),
    ];
    for (agents, assured, rank, expected) in table {
        let ask = Ask { assured, ..look(agents, &[]) };
        assert_eq!(truth(at_least(*rank), &ask), *expected, "{agents:?} {assured:?} {rank}");
    }
}

#[test]
fn what_only_lacks_assurance_says_so() {
    let (low, high, none): (&[_], &[_], &[_]) = (&[Some(3), Some(1)], &[Some(3), Some(3)], &[]);
    let reason = |rules: Vec<Rule>, assured| {
        let bound = bind(&policies(rules, vec![pay()], vec![]));
        Ask { assured, ..look(&["leaf"], &[]) }.reason(&bound)
    };
    let require = |id| Rule { condition: ex::not(at_least(1)), ..crate::testing::rule(id, Effect::Require) };
    let required = || vec![permit("all"), require("sure")];
    assert_eq!(reason(required(), high), Reason::Permitted);
    assert_eq!(reason(required(), low), Reason::AssuranceTooLow);
    assert_eq!(reason(required(), none), Reason::RequirementUnknown);
    let only = || vec![Rule { condition: at_least(1), ..permit("only") }];
    assert_eq!(reason(only(), high), Reason::Permitted);
    assert_eq!(reason(only(), low), Reason::AssuranceTooLow);
    // Something else denies too: then assurance is not what fails.
    let also = || vec![permit("all"), require("sure"), forbid(ex::and(vec![]))];
    assert_eq!((reason(also(), low), reason(also(), high)), (Reason::Forbidden, Reason::Forbidden));
    let nobody = || vec![require("sure")];
    assert_eq!(reason(nobody(), high), Reason::NoPermitApplies);
    assert_eq!(reason(nobody(), low), Reason::RequirementFailed);
}
