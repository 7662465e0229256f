//! What a condition reads: the cells of one record. The log has rows of two kinds; a constant has none.

use remit_ledger::{Column, Row};

/// One record, cell by cell.
pub(crate) trait Cells {
    /// The text of a column.
    fn text(&self, column: Column) -> Option<&str>;
    /// The number of a column.
    fn number(&self, column: Column) -> Option<i64>;
    /// How many texts a column has.
    fn count(&self, column: Column) -> usize;
    /// One of them.
    fn one_of(&self, column: Column, at: usize) -> Option<&str>;
}

impl Cells for Row<'_> {
    fn text(&self, column: Column) -> Option<&str> {
        Row::text(self, column)
    }

    fn number(&self, column: Column) -> Option<i64> {
        Row::number(self, column)
    }

    fn count(&self, column: Column) -> usize {
        Row::count(self, column)
    }

    fn one_of(&self, column: Column, at: usize) -> Option<&str> {
        Row::one_of(self, column, at)
    }
}

/// No record: what a constant is evaluated against.
pub(crate) struct Nothing;

impl Cells for Nothing {
    fn text(&self, _: Column) -> Option<&str> {
        None
    }

    fn number(&self, _: Column) -> Option<i64> {
        None
    }

    fn count(&self, _: Column) -> usize {
        0
    }

    fn one_of(&self, _: Column, _: usize) -> Option<&str> {
        None
    }
}
