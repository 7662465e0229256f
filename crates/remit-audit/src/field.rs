//! The fields that questions name, and what each reads of a record.

use remit_ledger::{Column, Shape};
use remit_model::{LevelId, Schema, Timestamp};

use crate::cells::Cells;
use crate::severity;
use crate::val::Val;

/// A single value of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    /// A text.
    Text(Column),
    /// A whole number.
    Number(Column),
    /// A member of a level, by its name.
    Level(LevelId, Column),
    /// When it happened.
    Time,
    /// Another time.
    At(Column),
    /// The day it happened on, in UTC.
    Day,
    /// How grave it is.
    Severity(LevelId),
    /// An entity: type and id.
    Party(Column, Column),
}

/// Several values of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Many {
    /// Texts.
    Texts(Column),
    /// The actors.
    Chain,
}

/// What a name of the vocabulary reads.
pub(crate) enum Named {
    One(Field),
    Many(Many),
    /// Policies, graph or shadow: only their parts are values.
    State,
}

/// What a declared name reads; nothing when it is no field of records.
pub(crate) fn named(name: &str, schema: &Schema) -> Option<Named> {
    let level = |name: &str| schema.level_id(name);
    Some(match name {
        "time" => Named::One(Field::Time),
        "day" => Named::One(Field::Day),
        "due" => Named::One(Field::At(Column::Due)),
        "severity" => Named::One(Field::Severity(level("severity")?)),
        "kind" => Named::One(Field::Level(level("kind")?, Column::Kind)),
        "decision" => Named::One(Field::Level(level("decision")?, Column::Decision)),
        "mode" => Named::One(Field::Level(level("mode")?, Column::Mode)),
        "subject" => Named::One(Field::Party(Column::SubjectType, Column::SubjectId)),
        "actor" => Named::One(Field::Party(Column::ActorType, Column::ActorId)),
        "resource" => Named::One(Field::Party(Column::ResourceType, Column::ResourceId)),
        "chain" => Named::Many(Many::Chain),
        "policy" | "graph" | "shadow" => Named::State,
        _ => {
            let column = column(name)?;
            match column.shape() {
                Shape::Text => Named::One(Field::Text(column)),
                Shape::Number => Named::One(Field::Number(column)),
                Shape::Texts => Named::Many(Many::Texts(column)),
            }
        }
    })
}

/// A member of a state whose column holds texts.
pub(crate) fn text(column: Column, schema: &Schema) -> Field {
    match schema.level_id("decision") {
        Some(level) if column == Column::ShadowDecision => Field::Level(level, column),
        _ => Field::Text(column),
    }
}

/// The column of this path.
pub(crate) fn column(path: &str) -> Option<Column> {
    Column::ALL.iter().copied().find(|column| column.path() == path)
}

impl Field {
    /// Its value in a record.
    pub(crate) fn read<'a>(&self, cells: &'a dyn Cells, schema: &Schema) -> Val<'a> {
        let text = |column| cells.text(column).map_or(Val::Unknown, Val::Text);
        match self {
            Self::Text(column) => text(*column),
            Self::Number(column) => cells.number(*column).map_or(Val::Unknown, |it| Val::Number(it.into())),
            Self::Level(level, column) => cells.text(*column).map_or(Val::Unknown, |text| {
                // The member has another name: `transaction` is a word of the language.
                let member = if text == "transaction" { "transaction_changed" } else { text };
                rank(schema, *level, member)
            }),
            Self::Time => time(cells, Column::Time),
            Self::At(column) => time(cells, *column),
            Self::Day => cells.number(Column::Time).map_or(Val::Unknown, Val::Day),
            Self::Severity(level) => {
                let kind = cells.text(Column::Kind).unwrap_or_default();
                // The severity of an incident is that of a form with three degrees; its grade has all five.
                let declared = if kind == "incident" { Column::Grade } else { Column::Severity };
                let declared = cells.text(declared);
                let (decision, reason) = (cells.text(Column::Decision), cells.text(Column::Reason));
                let grade = severity::of_record(kind, decision, reason, declared);
                grade.map_or(Val::Unknown, |grade| Val::Level(*level, grade as u16))
            }
            Self::Party(kind, id) => match cells.text(*kind) {
                Some(kind) => Val::Party { kind, id: cells.text(*id) },
                None => Val::Unknown,
            },
        }
    }

    /// The columns it reads.
    pub(crate) fn columns(&self, into: &mut Vec<Column>) {
        match self {
            Self::Text(column) | Self::Number(column) | Self::Level(_, column) | Self::At(column) => {
                into.push(*column);
            }
            Self::Time | Self::Day => into.push(Column::Time),
            Self::Severity(_) => {
                into.extend([
                    Column::Kind,
                    Column::Decision,
                    Column::Reason,
                    Column::Severity,
                    Column::Grade,
                ]);
            }
            Self::Party(kind, id) => into.extend([*kind, *id]),
        }
    }
}

impl Many {
    /// The columns it reads.
    pub(crate) fn columns(self, into: &mut Vec<Column>) {
        into.push(Column::Kind);
        match self {
            Self::Texts(column) => into.push(column),
            Self::Chain => into.extend([Column::ChainTypes, Column::ChainIds]),
        }
    }
}

/// A member of a level.
pub(crate) fn rank<'a>(schema: &Schema, level: LevelId, member: &str) -> Val<'a> {
    let rank = schema.level(level).and_then(|level| level.rank(member));
    rank.map_or(Val::Unknown, |rank| Val::Level(level, rank))
}

fn time(cells: &dyn Cells, column: Column) -> Val<'_> {
    let at = cells.number(column).map(|ms| Timestamp::from_unix_nanos(i128::from(ms) * 1_000_000));
    at.flatten().map_or(Val::Unknown, Val::Time)
}
