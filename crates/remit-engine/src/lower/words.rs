//! Selectors and paths in policy notation, for explanations and missing facts.

use remit_lang::checked::{
    ChainPart, Expr, ExprKind, IntentPart, Party, Policies, Reach, Selector, TaskPart, Term, TransactionPart,
    Within,
};
use remit_model::{Schema, Value};

/// `user in group:"treasury", agent`
pub(super) fn selector(selector: &Selector, schema: &Schema) -> String {
    let terms: Vec<String> = selector
        .terms
        .iter()
        .map(|term| match term {
            Term::Type(of) => type_name(schema, *of).to_owned(),
            Term::Entity(_, entity) => entity.to_string(),
            Term::MemberOf(of, entity) => format!("{} in {entity}", type_name(schema, *of)),
        })
        .collect();
    terms.join(", ")
}

fn type_name(schema: &Schema, of: remit_model::TypeId) -> &str {
    schema.entity_type(of).map_or("?", |of| of.name.as_str())
}

/// The path an expression reads, or nothing when it reads none.
pub(super) fn path(expr: &Expr, policies: &Policies) -> Option<String> {
    let (schema, sources) = (&policies.schema, &policies.sources);
    let attr = |id: remit_model::AttrId| schema.attrs().get(id.index()).map_or("?", |name| name.as_str());
    let of = |base: &Expr| path(base, policies).unwrap_or_else(|| "…".to_owned());
    Some(match &expr.kind {
        ExprKind::Party(Party::Subject) => "subject".to_owned(),
        ExprKind::Party(Party::Actor) => "actor".to_owned(),
        ExprKind::Party(Party::Resource) => "resource".to_owned(),
        ExprKind::ActionProperty(name) => format!("action.{name}"),
        ExprKind::Context(name) => format!("context.{name}"),
        ExprKind::Message(name) => format!("message.{name}"),
        ExprKind::Member(base, name) => format!("{}.{name}", of(base)),
        ExprKind::EdgeProperty(name) => format!("[{name}]"),
        ExprKind::Attribute(base, id) => format!("{}.{}", of(base), attr(*id)),
        ExprKind::Follow { base, relation, reach, inverse, filter } => format!(
            "{}.{}{}{}{}",
            of(base),
            if *inverse { "^" } else { "" },
            attr(*relation),
            match reach {
                Reach::One => "",
                Reach::ZeroOrMore => "*",
                Reach::OneOrMore => "+",
            },
            if filter.is_some() { "[…]" } else { "" },
        ),
        ExprKind::Literal(Value::Entity(entity)) => entity.to_string(),
        ExprKind::Token(name) => format!("token.{name}"),
        ExprKind::Outside(source, name) => {
            let source = sources.get(usize::from(source.0)).map_or("?", |of| of.name.as_str());
            format!("sources.{source}.{name}")
        }
        ExprKind::Chain(ChainPart::Agents) | ExprKind::ChainMatches(_) => "chain".to_owned(),
        ExprKind::Chain(ChainPart::Current) => "chain.current".to_owned(),
        ExprKind::Chain(ChainPart::Origin) => "chain.origin".to_owned(),
        ExprKind::Chain(ChainPart::Assurance) => "chain.assurance".to_owned(),
        ExprKind::AnyToken => "token".to_owned(),
        ExprKind::Consent(category, purpose) => {
            format!("consent.given({}, {})", argument(category, policies), argument(purpose, policies))
        }
        ExprKind::Signal(whose, fact) => {
            let whose = if *whose == Party::Actor { "actor" } else { "subject" };
            let parts: Vec<String> = fact.parts().iter().map(|part| argument(part, policies)).collect();
            let call = if parts.is_empty() { String::new() } else { format!("({})", parts.join(", ")) };
            format!("signals.{whose}.{}{call}", fact.name())
        }
        ExprKind::Intent(part) => intent(*part).to_owned(),
        ExprKind::Transaction(part) => transaction(part),
        ExprKind::Task { task, part: TaskPart::Resource } => format!("{task}.resource"),
        ExprKind::Task { task, part: TaskPart::Argument(name) } => format!("{task}.action.{name}"),
        _ => return None,
    })
}

/// An argument of a function in words.
fn argument(of: &Expr, policies: &Policies) -> String {
    match &of.kind {
        ExprKind::Literal(Value::String(text)) => format!("\"{text}\""),
        ExprKind::Literal(Value::Duration(window)) => window.to_string(),
        _ => path(of, policies).unwrap_or_else(|| "…".to_owned()),
    }
}

fn intent(part: IntentPart) -> &'static str {
    match part {
        IntentPart::Itself => "intent",
        IntentPart::Name => "intent.name",
        IntentPart::Signed => "intent.signed",
        IntentPart::Links => "intent.links",
    }
}

fn transaction(part: &TransactionPart) -> String {
    match part {
        TransactionPart::Itself => "transaction".to_owned(),
        TransactionPart::Id => "transaction.id".to_owned(),
        TransactionPart::Age => "transaction.age".to_owned(),
        TransactionPart::Labels => "transaction.labels".to_owned(),
        TransactionPart::Done(task) => format!("transaction.done({task})"),
        TransactionPart::Count(task) => format!("transaction.count({task})"),
        TransactionPart::Sum { task, argument } => format!("transaction.sum({task}, action.{argument})"),
        TransactionPart::Carries(label) => format!("transaction.carries({label})"),
    }
}

/// `payments.pay_invoice, none`
pub(super) fn within(within: &Within) -> String {
    let mut all: Vec<String> = within.intents.iter().map(ToString::to_string).collect();
    all.extend(within.none.then(|| "none".to_owned()));
    all.join(", ")
}
