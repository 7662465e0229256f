//! Items that declare.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use remit_lang::ast::{
    Attribute, Expr, ExprKind, Field, ItemKind, Package, Source, SourcePart, SourcePartKind,
};
use remit_lang::checked::Reach;
use remit_lang::source::Span;

use super::exprs::at_zero;
use super::{
    any_name, comment, dotted, no_first_blank, plain_name, spanned, text, time, trailing, trivia, type_expr,
};

pub fn package() -> impl Strategy<Value = ItemKind> {
    let said = || option::of(text().prop_map(spanned));
    let when = || option::of(time().prop_map(spanned));
    (dotted(), said(), said(), when(), when()).prop_map(|(name, version, approved_by, approved_on, until)| {
        ItemKind::Package(Package { name, version, approved_by, approved_on, until })
    })
}

pub fn level() -> impl Strategy<Value = ItemKind> {
    (any_name(), vec(any_name(), 1..4)).prop_map(|(name, members)| ItemKind::Level { name, members })
}

fn field() -> impl Strategy<Value = Field> {
    (any_name(), type_expr(), trivia(), trailing()).prop_map(|(name, ty, trivia, trailing)| Field {
        name,
        ty,
        trivia,
        trailing,
    })
}

fn fields() -> impl Strategy<Value = Vec<Field>> {
    vec(field(), 0..4).prop_map(|mut all| {
        if let Some(first) = all.first_mut() {
            no_first_blank(&mut first.trivia);
        }
        all
    })
}

fn attribute() -> impl Strategy<Value = Attribute> {
    let edge = (any_name(), type_expr()).prop_map(|(name, ty)| Field {
        name,
        ty,
        trivia: Vec::new(),
        trailing: None,
    });
    let sources = prop_oneof![2 => Just(Vec::new()), 1 => vec(plain_name(), 1..3)];
    let edges = prop_oneof![2 => Just(Vec::new()), 1 => vec(edge, 1..3)];
    let comments = (prop_oneof![2 => Just(Vec::new()), 1 => vec(comment(), 1..3)], trivia(), trailing());
    (any::<bool>(), any_name(), type_expr(), sources, edges, comments).prop_map(
        |(membership, name, ty, sources, edge_properties, (doc, trivia, trailing))| Attribute {
            doc,
            membership,
            name,
            ty,
            sources,
            edge_properties,
            trivia,
            trailing,
        },
    )
}

pub fn entity() -> impl Strategy<Value = ItemKind> {
    (any_name(), vec(attribute(), 0..5)).prop_map(|(name, mut attributes)| {
        if let Some(first) = attributes.first_mut() {
            no_first_blank(&mut first.trivia);
        }
        ItemKind::Entity { name, attributes }
    })
}

pub fn action() -> impl Strategy<Value = ItemKind> {
    (vec(any_name(), 1..3), vec(any_name(), 0..3), fields())
        .prop_map(|(names, on, properties)| ItemKind::Action { names, on, properties })
}

pub fn token() -> impl Strategy<Value = ItemKind> {
    fields().prop_map(ItemKind::Token)
}

fn path() -> impl Strategy<Value = Expr> {
    (plain_name(), vec(any_name(), 0..3)).prop_map(|(root, steps)| {
        let root = at_zero(ExprKind::Name(root.node));
        steps.into_iter().fold(root, |base, name| {
            let base = Box::new(base);
            at_zero(ExprKind::Step { base, name, inverse: false, reach: Reach::One, filter: None })
        })
    })
}

fn source_part() -> impl Strategy<Value = SourcePart> {
    let time = || select(&["300ms", "1h30m"][..]).prop_map(|it| at_zero(ExprKind::Duration(it.to_owned())));
    let bare = (any_name(), type_expr()).prop_map(|(name, ty)| Field {
        name,
        ty,
        trivia: Vec::new(),
        trailing: None,
    });
    let kind = prop_oneof![
        vec(bare, 1..4).prop_map(SourcePartKind::Gives),
        vec(path(), 1..4).prop_map(SourcePartKind::Sends),
        time().prop_map(SourcePartKind::Timeout),
        time().prop_map(SourcePartKind::Cache),
    ];
    (kind, trivia(), trailing()).prop_map(|(kind, trivia, trailing)| SourcePart {
        span: Span::default(),
        trivia,
        kind,
        trailing,
    })
}

pub fn source() -> impl Strategy<Value = ItemKind> {
    (plain_name(), text().prop_map(spanned), vec(source_part(), 0..4)).prop_map(|(name, url, mut parts)| {
        if let Some(first) = parts.first_mut() {
            no_first_blank(&mut first.trivia);
        }
        ItemKind::Source(Source { name, url, parts })
    })
}

pub fn context() -> impl Strategy<Value = ItemKind> {
    fields().prop_map(ItemKind::Context)
}
