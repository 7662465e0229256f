//! Items that declare.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use remit_lang::ast::{Attribute, Field, ItemKind, Package};

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

pub fn context() -> impl Strategy<Value = ItemKind> {
    fields().prop_map(ItemKind::Context)
}
