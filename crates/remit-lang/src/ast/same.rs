//! Are two trees the same text but for places and blanks?

use super::{
    Clause, ClauseKind, Duty, Entity, Expect, Expr, ExprKind, Field, File, Item, ItemKind, Link, Selector,
    SelectorKind, SourcePartKind, Template, TemplatePart, TypeExpr,
};
use crate::source::{Span, Spanned};

mod intent;

/// True when the trees differ at most in their spans and layout. Meant for tests of the formatter.
#[must_use]
pub fn same(a: &File, b: &File) -> bool {
    outline(a) == outline(b)
}

/// The tree as text, every span zero: what [`same`] compares, and what a failing test shows.
#[must_use]
pub fn outline(file: &File) -> String {
    let mut file = file.clone();
    file.items.iter_mut().for_each(item);
    format!("{file:#?}")
}

fn word<T>(one: &mut Spanned<T>) {
    one.span = Span::default();
}

fn words<T>(all: &mut [Spanned<T>]) {
    all.iter_mut().for_each(word);
}

fn item(item: &mut Item) {
    item.span = Span::default();
    item.spread = false;
    match &mut item.kind {
        ItemKind::Package(package) => {
            word(&mut package.name);
            let parts = [
                &mut package.version,
                &mut package.approved_by,
                &mut package.approved_on,
                &mut package.until,
            ];
            parts.into_iter().flatten().for_each(word);
        }
        ItemKind::Use(name) => word(name),
        ItemKind::Level { name, members } => {
            word(name);
            words(members);
        }
        ItemKind::Limit { name, value } => {
            word(name);
            expr(value);
        }
        ItemKind::Entity { name, attributes } => {
            word(name);
            for one in attributes {
                word(&mut one.name);
                ty(&mut one.ty);
                words(&mut one.sources);
                one.edge_properties.iter_mut().for_each(field);
            }
        }
        ItemKind::Action { names, on, properties } => {
            words(names);
            words(on);
            properties.iter_mut().for_each(field);
        }
        ItemKind::Context(fields) | ItemKind::Message(fields) | ItemKind::Token(fields) => {
            fields.iter_mut().for_each(field)
        }
        ItemKind::Source(source) => {
            word(&mut source.name);
            word(&mut source.url);
            for part in &mut source.parts {
                part.span = Span::default();
                match &mut part.kind {
                    SourcePartKind::Gives(fields) => fields.iter_mut().for_each(field),
                    SourcePartKind::Sends(all) => all.iter_mut().for_each(expr),
                    SourcePartKind::Timeout(one) | SourcePartKind::Cache(one) => expr(one),
                }
            }
        }
        ItemKind::Rule(rule) => {
            word(&mut rule.effect);
            word(&mut rule.name);
            rule.clauses.iter_mut().for_each(clause);
        }
        ItemKind::Expect(one) => expect(one),
        ItemKind::Intent(one) => intent::intent(one),
        ItemKind::Label(label) => {
            word(&mut label.name);
            words(&mut label.after);
            label.clauses.iter_mut().for_each(clause);
        }
    }
}

fn ty(ty: &mut TypeExpr) {
    ty.span = Span::default();
    words(&mut ty.names);
}

fn field(field: &mut Field) {
    word(&mut field.name);
    ty(&mut field.ty);
}

fn clause(clause: &mut Clause) {
    clause.span = Span::default();
    match &mut clause.kind {
        ClauseKind::For(all) | ClauseKind::As(all) | ClauseKind::On(all) | ClauseKind::Via(all) => {
            all.iter_mut().for_each(selector);
        }
        ClauseKind::To(names) | ClauseKind::Within(names) => words(names),
        ClauseKind::When(one) | ClauseKind::Unless(one) | ClauseKind::That(one) => expr(one),
        ClauseKind::Because(text) => template(text),
        ClauseKind::Oblige(all) | ClauseKind::Advise(all) => all.iter_mut().for_each(duty),
        ClauseKind::Severity(name) | ClauseKind::OnRequest(name) => word(name),
    }
}

fn selector(selector: &mut Selector) {
    selector.span = Span::default();
    match &mut selector.kind {
        SelectorKind::Any => {}
        SelectorKind::Type(name) => word(name),
        SelectorKind::Entity(one) => entity(one),
        SelectorKind::MemberOf(name, one) => {
            word(name);
            entity(one);
        }
    }
}

fn entity(entity: &mut Entity) {
    entity.span = Span::default();
    word(&mut entity.kind);
    word(&mut entity.id);
}

fn template(template: &mut Template) {
    template.span = Span::default();
    for part in &mut template.parts {
        if let TemplatePart::Hole(hole) = part {
            expr(hole);
        }
    }
}

fn duty(duty: &mut Duty) {
    duty.span = Span::default();
    word(&mut duty.kind);
    properties(&mut duty.properties);
}

fn properties(all: &mut [(Spanned<String>, Expr)]) {
    for (name, value) in all {
        word(name);
        expr(value);
    }
}

fn expect(expect: &mut Expect) {
    word(&mut expect.permit);
    entity(&mut expect.subject.0);
    properties(&mut expect.subject.1);
    word(&mut expect.action.0);
    properties(&mut expect.action.1);
    entity(&mut expect.resource.0);
    properties(&mut expect.resource.1);
    properties(&mut expect.given);
    properties(&mut expect.bearing);
    properties(&mut expect.answering);
    [&mut expect.at, &mut expect.because, &mut expect.within].into_iter().flatten().for_each(word);
    words(&mut expect.by);
    expect.obliging.iter_mut().for_each(|all| words(all));
    expect.actor.iter_mut().chain(&mut expect.through).for_each(entity);
    for step in &mut expect.after {
        step.span = Span::default();
        word(&mut step.action.0);
        properties(&mut step.action.1);
        entity(&mut step.resource.0);
        properties(&mut step.resource.1);
        properties(&mut step.returning);
    }
    expect.consenting.iter_mut().for_each(|grant| properties(grant));
    for sighting in &mut expect.observing {
        sighting.span = Span::default();
        entity(&mut sighting.party);
        word(&mut sighting.kind);
        properties(&mut sighting.properties);
    }
}

fn expr(one: &mut Expr) {
    one.span = Span::default();
    match &mut one.kind {
        ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::String(_)
        | ExprKind::Duration(_)
        | ExprKind::Time(_)
        | ExprKind::Ip(_)
        | ExprKind::Name(_) => {}
        ExprKind::Set(all) => all.iter_mut().for_each(expr),
        ExprKind::Record(all) => properties(all),
        ExprKind::Entity(one) => entity(one),
        ExprKind::Step { base, name, filter, .. } => {
            expr(base);
            word(name);
            filter.iter_mut().for_each(|filter| expr(filter));
        }
        ExprKind::Not(inner) | ExprKind::Presence(inner, _) | ExprKind::Count(inner) => expr(inner),
        ExprKind::Binary(_, left, right) => [left, right].into_iter().for_each(|one| expr(one)),
        ExprKind::If(test, then, other) => [test, then, other].into_iter().for_each(|one| expr(one)),
        ExprKind::MatchesLinks(inner, links) => {
            expr(inner);
            for link in links {
                match link {
                    Link::AnyNumber(span) => *span = Span::default(),
                    Link::One(one) => selector(one),
                }
            }
        }
        ExprKind::Call { base, name, arguments } => {
            expr(base);
            word(name);
            arguments.iter_mut().for_each(expr);
        }
        ExprKind::Is(inner, name) | ExprKind::Matches(inner, name) => {
            expr(inner);
            word(name);
        }
        ExprKind::Quantifier { variable, set, body, .. } => {
            word(variable);
            [set, body].into_iter().for_each(|one| expr(one));
        }
    }
}
