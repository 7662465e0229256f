//! `expect` lines: rules and reason codes must exist and fit the decision; types and actions need not be declared,
//! for what nobody declared is worth a test too.

mod standing;

use std::collections::HashMap;
use std::sync::Arc;

use remit_model::{Duration, EntityRef, Grant, IpNet, Name, Number, Reason, Timestamp, Value};

use crate::ast::{self, ExprKind as Written, ItemKind};
use crate::checked::{Asked, Effect, Expect, RuleId, Sighting, StepTaken};
use crate::diagnostic::Diagnostic;
use crate::source::{Sources, Span, Spanned};

use super::findings::{Checked, Findings};
use super::limits::MAX_EXPECTS;
use super::names::{NameError, What};
use super::outline::IntentIx;
use super::package::{PackageId, Packages, Unit};
use super::schema::{checked_name, too_many, twice};
use super::world::{World, unknown};

/// Why an expectation is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum ExpectError {
    #[error("a `{effect}` cannot be why the answer is {decision}")]
    WrongEffect { effect: &'static str, decision: &'static str, at: Span },
    #[error("`{code}` cannot be the reason when the answer is {decision}")]
    WrongReason { code: String, decision: &'static str, at: Span },
    #[error("`{clause}` stands only beside `{needs}`")]
    Alone { clause: &'static str, needs: &'static str, at: Span },
    #[error("no task of the intent does `{action}`")]
    NoSuchStep { action: String, at: Span },
    #[error("`{member}` says nothing of {of}")]
    UnknownMember { member: String, of: &'static str, at: Span },
    #[error("{of} needs `{member}`")]
    MissingMember { member: &'static str, of: &'static str, at: Span },
    #[error("`{member}` is not {what}")]
    WrongMember { member: String, what: &'static str, at: Span },
    #[error("only literal values stand in an expectation")]
    NotLiteral { at: Span },
    #[error("`{text}` is not {what}")]
    BadLiteral { text: String, what: &'static str, at: Span },
}

impl From<ExpectError> for Diagnostic {
    fn from(error: ExpectError) -> Self {
        let message = error.to_string();
        let refuse = |code, at, label: &str| Diagnostic::error(code, message).with_label(at, label);
        match error {
            ExpectError::WrongEffect { at, .. } => refuse("check/expect-never-holds", at, "never decides so"),
            ExpectError::WrongReason { at, .. } => refuse("check/expect-never-holds", at, "never the reason"),
            ExpectError::Alone { needs, at, .. } => {
                refuse("check/expect-incomplete", at, "says nothing by itself")
                    .with_help(format!("add `{needs}`"))
            }
            ExpectError::NoSuchStep { at, .. } => refuse("check/expect-never-holds", at, "never done before"),
            ExpectError::UnknownMember { at, .. } => refuse("check/unknown-property", at, "not known here"),
            ExpectError::MissingMember { at, .. } => refuse("check/expect-incomplete", at, "says too little"),
            ExpectError::WrongMember { at, .. } => refuse("check/bad-literal", at, "another kind of value"),
            ExpectError::NotLiteral { at } => refuse("check/expect-not-literal", at, "not a literal"),
            ExpectError::BadLiteral { what, at, .. } => {
                refuse("check/bad-literal", at, &format!("should be {what}"))
            }
        }
    }
}

/// All rules by name, whether they passed their own checks or not.
#[derive(Debug, Default)]
struct RuleNames<'a> {
    by_name: HashMap<&'a str, Vec<(PackageId, Effect)>>,
}

/// The expectations of all files, in the order of file names and places.
pub(super) fn expects(
    world: &World,
    units: &[Unit<'_>],
    sources: &Sources,
    findings: &mut Findings,
) -> Vec<Expect> {
    let mut rules = RuleNames::default();
    let mut found = Vec::new();
    for unit in units {
        for item in unit.items {
            match &item.kind {
                ItemKind::Rule(rule) => {
                    let effects = rules.by_name.entry(&rule.name.node).or_default();
                    effects.push((unit.package, rule.effect.node));
                }
                ItemKind::Expect(expect) => found.push((unit.package, item.span, expect)),
                _ => {}
            }
        }
    }
    too_many(found.len(), MAX_EXPECTS, "expectations", found.first().map(|(_, span, _)| *span), findings);
    let found = found.into_iter().take(MAX_EXPECTS);
    let checked = found.map(|(package, span, expect)| one(world, &rules, package, span, expect, findings));
    let mut expects: Vec<Expect> = checked.filter_map(Result::ok).collect();
    let name = |span: Span| sources.file(span.file).map(|file| file.name.as_str());
    expects.sort_by(|a, b| (name(a.span), a.span).cmp(&(name(b.span), b.span)));
    expects
}

fn one(
    world: &World,
    rules: &RuleNames<'_>,
    package: PackageId,
    span: Span,
    written: &ast::Expect,
    findings: &mut Findings,
) -> Checked<Expect> {
    let permit = written.permit.node;
    let subject = asked(&written.subject, findings);
    let action = checked_name(&written.action.0, findings);
    let action_properties = values(&written.action.1, findings);
    let resource = asked(&written.resource, findings);
    let context = values(&written.given, findings);
    let claims = values(&written.bearing, findings);
    let answers = answers(world, &written.answering, findings);
    let at = written.at.as_ref().map(|at| {
        let time = Timestamp::parse(&at.node);
        time.ok_or_else(|| findings.error(bad(&at.node, "a time", at.span)))
    });
    let by: Vec<Checked<RuleId>> = written
        .by
        .iter()
        .map(|name| decided_by(&world.packages, rules, package, permit, name, findings))
        .collect();
    let because = written.because.as_ref().map(|code| reason(code, permit, findings));
    let obliging = written.obliging.as_ref().map(|kinds| {
        let kinds: Vec<Checked<Name>> = kinds.iter().map(|kind| checked_name(kind, findings)).collect();
        kinds.into_iter().collect::<Checked<Vec<Name>>>()
    });
    let actor = written.actor.as_ref().map(|actor| entity(actor, findings));
    let through: Vec<Checked<EntityRef>> =
        written.through.iter().map(|agent| entity(agent, findings)).collect();
    if let (None, Some(first)) = (&written.actor, written.through.first()) {
        findings.error(ExpectError::Alone { clause: "via", needs: "as", at: first.span });
    }
    let within =
        written.within.as_ref().map(|intent| world.intent_named(intent, package, findings)).transpose();
    if let (None, Some(first)) = (&written.within, written.after.first()) {
        findings.error(ExpectError::Alone { clause: "after", needs: "within", at: first.span });
    }
    let consents: Vec<Checked<Grant>> =
        written.consenting.iter().map(|grant| standing::grant(grant, &written.subject.0, findings)).collect();
    let sightings: Vec<Checked<Sighting>> =
        written.observing.iter().map(|seen| standing::sighting(seen, findings)).collect();
    let intent = within.as_ref().ok().and_then(|found| found.as_ref().map(|(ix, _)| *ix));
    let after: Vec<Checked<StepTaken>> =
        written.after.iter().map(|step| step_taken(world, intent, step, findings)).collect();
    Ok(Expect {
        span,
        permit,
        subject: subject?,
        action: action?,
        action_properties: action_properties?,
        resource: resource?,
        context: context?,
        claims: claims?,
        answers: answers?,
        at: at.transpose()?,
        by: by.into_iter().collect::<Checked<_>>()?,
        because: because.transpose()?,
        obliging: obliging.transpose()?,
        actor: actor.transpose()?,
        through: through.into_iter().collect::<Checked<_>>()?,
        within: within?.map(|(_, id)| id),
        after: after.into_iter().collect::<Checked<_>>()?,
        consents: consents.into_iter().collect::<Checked<_>>()?,
        sightings: sightings.into_iter().collect::<Checked<_>>()?,
    })
}

/// What sources say: of each that is named, a record of members that it gives.
fn answers(
    world: &World,
    written: &[(Spanned<String>, ast::Expr)],
    findings: &mut Findings,
) -> Checked<Vec<(Name, Value)>> {
    for (name, said) in written {
        let Some(service) = world.services.iter().find(|one| one.name.as_str() == name.node) else {
            let (member, at) = (name.node.clone(), name.span);
            return Err(findings.error(ExpectError::UnknownMember { member, of: "any source", at }));
        };
        let Written::Record(members) = &said.kind else {
            let (member, at) = (name.node.clone(), said.span);
            return Err(findings.error(ExpectError::WrongMember { member, what: "an answer in braces", at }));
        };
        for (member, _) in members {
            if !service.gives.iter().any(|field| field.name.as_str() == member.node) {
                let (member, at) = (member.node.clone(), member.span);
                return Err(findings.error(ExpectError::UnknownMember { member, of: "this source", at }));
            }
        }
    }
    values(written, findings)
}

/// A step that was done before; some task of the intent has its action.
fn step_taken(
    world: &World,
    intent: Option<IntentIx>,
    written: &ast::StepTaken,
    findings: &mut Findings,
) -> Checked<StepTaken> {
    let action = checked_name(&written.action.0, findings);
    let action_properties = values(&written.action.1, findings);
    let resource = asked(&written.resource, findings);
    let returning = values(&written.returning, findings);
    if intent.is_some_and(|intent| !world.intent_does(intent, &written.action.0.node)) {
        let (action, at) = (written.action.0.node.clone(), written.action.0.span);
        findings.error(ExpectError::NoSuchStep { action, at });
    }
    Ok(StepTaken {
        span: written.span,
        action: action?,
        action_properties: action_properties?,
        resource: resource?,
        returning: returning?,
    })
}

fn decision(permit: bool) -> &'static str {
    if permit { "permit" } else { "deny" }
}

/// The rule of a name: of the own package, else of the one package that has it; or `package.rule`.
fn decided_by(
    packages: &Packages,
    rules: &RuleNames<'_>,
    package: PackageId,
    permit: bool,
    name: &Spanned<String>,
    findings: &mut Findings,
) -> Checked<RuleId> {
    let (owner, effect, rule) = resolve(packages, rules, package, name, findings)?;
    if permit != (effect == Effect::Permit) {
        let effect = match effect {
            Effect::Permit => "permit",
            Effect::Forbid => "forbid",
            Effect::Require => "require",
        };
        let decision = decision(permit);
        return Err(findings.error(ExpectError::WrongEffect { effect, decision, at: name.span }));
    }
    let malformed = |reason| NameError::Malformed { reason, at: name.span };
    let rule = Name::new(rule).map_err(|reason| findings.error(malformed(reason)))?;
    let package = packages.name(owner).cloned();
    let package = package.ok_or_else(|| findings.error(unknown(What::Package, name, None)))?;
    Ok(RuleId { package, name: rule })
}

fn resolve<'n>(
    packages: &Packages,
    rules: &RuleNames<'_>,
    package: PackageId,
    name: &'n Spanned<String>,
    findings: &mut Findings,
) -> Checked<(PackageId, Effect, &'n str)> {
    let text = name.node.as_str();
    let candidates = rules.by_name.get(text).map_or(&[] as &[_], Vec::as_slice);
    let own = candidates.iter().find(|(owner, _)| *owner == package);
    match (own, candidates) {
        (Some((owner, effect)), _) => return Ok((*owner, *effect, text)),
        (None, [(owner, effect)]) => return Ok((*owner, *effect, text)),
        (None, [first, .., last]) if first.0 != last.0 => {
            let packages = format!("`{}` and `{}`", packages.text(first.0), packages.text(last.0));
            let (name, at) = (text.to_owned(), name.span);
            return Err(findings.error(NameError::Ambiguous { kind: "rule", name, packages, at }));
        }
        (None, [(owner, effect), ..]) => return Ok((*owner, *effect, text)),
        (None, []) => {}
    }
    if let Some((prefix, rule)) = text.rsplit_once('.')
        && let Some(found) = rules.by_name.get(rule)
        && let Some((owner, effect)) = found.iter().find(|(owner, _)| packages.text(*owner) == prefix)
    {
        return Ok((*owner, *effect, rule));
    }
    let nearest = findings.nearest(text, rules.by_name.keys().copied());
    Err(findings.error(unknown(What::Rule, name, nearest)))
}

/// A reason code that exists and fits the decision.
fn reason(code: &Spanned<String>, permit: bool, findings: &mut Findings) -> Checked<String> {
    let Some(reason) = Reason::from_code(&code.node) else {
        let nearest = findings.nearest(&code.node, Reason::ALL.iter().map(|reason| reason.code()));
        return Err(findings.error(unknown(What::Reason, code, nearest)));
    };
    if permit != (reason == Reason::Permitted) {
        let (decision, at) = (decision(permit), code.span);
        return Err(findings.error(ExpectError::WrongReason { code: code.node.clone(), decision, at }));
    }
    Ok(code.node.clone())
}

fn asked(
    written: &(ast::Entity, Vec<(Spanned<String>, ast::Expr)>),
    findings: &mut Findings,
) -> Checked<Asked> {
    let (entity, properties) = (entity(&written.0, findings), values(&written.1, findings));
    Ok(Asked { entity: entity?, properties: properties? })
}

fn entity(written: &ast::Entity, findings: &mut Findings) -> Checked<EntityRef> {
    Ok(EntityRef::new(checked_name(&written.kind, findings)?, &written.id.node))
}

/// Named values, each name once.
fn values(written: &[(Spanned<String>, ast::Expr)], findings: &mut Findings) -> Checked<Vec<(Name, Value)>> {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    let mut values: Vec<Checked<(Name, Value)>> = Vec::new();
    for (name, expr) in written {
        if let Some(first) = seen.insert(&name.node, name.span) {
            values.push(Err(findings.error(twice("property", name, first))));
            continue;
        }
        let value = value(expr, findings);
        let name = checked_name(name, findings);
        values.push(name.and_then(|name| Ok((name, value?))));
    }
    values.into_iter().collect()
}

/// A literal as the request would bring it. A bare name is a level's member, which travels as a text.
fn value(written: &ast::Expr, findings: &mut Findings) -> Checked<Value> {
    let at = written.span;
    match &written.kind {
        Written::Bool(value) => Ok(Value::Bool(*value)),
        Written::Number(text) => Number::parse(&text.replace('_', ""))
            .map(Value::Number)
            .ok_or_else(|| findings.error(bad(text, "a number that can be held exactly", at))),
        Written::String(text) | Written::Name(text) => Ok(Value::string(text)),
        Written::Duration(text) => Duration::parse(text)
            .map(Value::Duration)
            .ok_or_else(|| findings.error(bad(text, "a duration", at))),
        Written::Time(text) => {
            Timestamp::parse(text).map(Value::Time).ok_or_else(|| findings.error(bad(text, "a time", at)))
        }
        Written::Ip(text) => IpNet::parse(text)
            .map(Value::Ip)
            .ok_or_else(|| findings.error(bad(text, "an address or network", at))),
        Written::Entity(written) => entity(written, findings).map(Value::Entity),
        Written::Set(items) => {
            let items: Vec<Checked<Value>> = items.iter().map(|item| value(item, findings)).collect();
            items.into_iter().collect::<Checked<Vec<Value>>>().map(|items| Value::Set(items.into()))
        }
        Written::Record(members) => {
            let members = values(members, findings)?;
            let members = members.into_iter().map(|(name, value)| (Arc::from(name.as_str()), value));
            Ok(Value::Record(members.collect()))
        }
        _ => Err(findings.error(ExpectError::NotLiteral { at })),
    }
}

fn bad(text: &str, what: &'static str, at: Span) -> ExpectError {
    ExpectError::BadLiteral { text: text.to_owned(), what, at }
}
