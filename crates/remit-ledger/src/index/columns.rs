//! The columns of one chunk: every value once, and for each record which of them it has. Pure.
//!
//! A block begins with the values, each with its length, and goes on with a number for each record: 0 for none,
//! else one more than the place of the value. Lists have the number of their texts before each record's numbers.

use crate::limits::CHUNK_RECORDS;
use crate::row::{Column, Row, Shape};
use std::collections::HashMap;

/// Collects the columns of a chunk.
pub(crate) struct Builder(Vec<(Column, Growing)>);

impl Default for Builder {
    fn default() -> Self {
        let kept = Column::ALL.iter().filter(|column| column.is_kept() && **column != Column::Seq);
        Self(kept.map(|column| (*column, Growing::default())).collect())
    }
}

/// A column under construction.
#[derive(Default)]
struct Growing {
    numbers_of: HashMap<Box<str>, u16>,
    values: Vec<u8>,
    count: u16,
    /// Where each value begins in `values`, behind its length.
    starts: Vec<usize>,
    /// The number of the value taken last: most repeat.
    last: u16,
    cells: Vec<u16>,
    numbers: Vec<i64>,
    is_used: bool,
}

impl Growing {
    fn intern(&mut self, text: &str) -> u16 {
        self.is_used = true;
        if self.value(self.last).is_some_and(|value| value == text.as_bytes()) {
            return self.last;
        }
        let number = match self.numbers_of.get(text) {
            Some(number) => *number,
            None => {
                self.count += 1;
                self.starts.push(self.values.len() + 2);
                self.values.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes());
                self.values.extend_from_slice(text.as_bytes());
                self.numbers_of.insert(text.into(), self.count);
                self.count
            }
        };
        self.last = number;
        number
    }

    /// The value of a number; none of 0, which stands for none.
    fn value(&self, number: u16) -> Option<&[u8]> {
        let at = usize::from(number.checked_sub(1)?);
        // The next value is preceded by its length.
        let end = self.starts.get(at + 1).map_or(self.values.len(), |next| next - 2);
        self.values.get(*self.starts.get(at)?..end)
    }

    fn add(&mut self, column: Column, row: &Row<'_>) {
        match column.shape() {
            Shape::Text => {
                let cell = row.text(column).map_or(0, |text| self.intern(text));
                self.cells.push(cell);
            }
            Shape::Number => {
                let number = row.number(column);
                self.is_used |= number.is_some();
                self.numbers.push(number.unwrap_or(i64::MIN));
            }
            Shape::Texts => {
                let count = row.count(column);
                self.cells.push(u16::try_from(count).unwrap_or(u16::MAX));
                for at in 0..count {
                    let cell = self.intern(row.one_of(column, at).unwrap_or_default());
                    self.cells.push(cell);
                }
            }
        }
    }

    fn block(self) -> Vec<u8> {
        if !self.numbers.is_empty() {
            return self.numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        }
        let mut block = self.count.to_le_bytes().to_vec();
        block.extend_from_slice(&self.values);
        let narrow = self.cells.iter().all(|cell| *cell <= u16::from(u8::MAX));
        block.push(u8::from(narrow));
        for cell in self.cells {
            let [low, high] = cell.to_le_bytes();
            block.push(low);
            if !narrow {
                block.push(high);
            }
        }
        block
    }
}

impl Builder {
    /// Takes the next record.
    pub(crate) fn add(&mut self, row: &Row<'_>) {
        self.0.iter_mut().for_each(|(column, growing)| growing.add(*column, row));
    }

    /// Which columns are used, and their blocks; a block that would be too large is empty, which sends whoever wants
    /// the column to the log.
    pub(crate) fn finish(self, most: usize) -> (u64, Vec<(Column, Vec<u8>)>) {
        let (mut present, mut blocks) = (0, Vec::new());
        for (column, growing) in self.0 {
            if growing.is_used {
                present |= bit(column);
                let block = growing.block();
                blocks.push((column, if block.len() > most { Vec::new() } else { block }));
            }
        }
        (present, blocks)
    }
}

/// The bit of a column among those that are present.
pub(crate) fn bit(column: Column) -> u64 {
    1 << (column as u8)
}

/// Some columns of a chunk, ready to be looked at.
#[derive(Default)]
pub(crate) struct Columns(Vec<(Column, Cells)>);

enum Cells {
    Numbers(Vec<i64>),
    /// The bytes of a block, the range of each value in it, and the number of each record's value.
    Texts {
        block: Vec<u8>,
        values: Vec<(u32, u32)>,
        cells: Vec<u16>,
        starts: Vec<u32>,
    },
}

impl Columns {
    /// Adds a column from its block; false when it is not one.
    #[must_use]
    pub(crate) fn add(&mut self, column: Column, block: Vec<u8>) -> bool {
        let cells = if column.shape() == Shape::Number { numbers(&block) } else { texts(column, block) };
        cells.map(|cells| self.0.push((column, cells))).is_some()
    }

    fn cells(&self, column: Column) -> Option<&Cells> {
        self.0.iter().find(|(of, _)| *of == column).map(|(_, cells)| cells)
    }

    pub(crate) fn number(&self, column: Column, nth: usize) -> Option<i64> {
        let Cells::Numbers(numbers) = self.cells(column)? else { return None };
        numbers.get(nth).copied().filter(|number| *number != i64::MIN)
    }

    pub(crate) fn text(&self, column: Column, nth: usize) -> Option<&str> {
        let Cells::Texts { block, values, cells, .. } = self.cells(column)? else { return None };
        value(block, values, *cells.get(nth)?)
    }

    pub(crate) fn count(&self, column: Column, nth: usize) -> usize {
        let Some(Cells::Texts { starts, .. }) = self.cells(column) else { return 0 };
        match (starts.get(nth), starts.get(nth + 1)) {
            (Some(from), Some(to)) => (to - from) as usize,
            _ => 0,
        }
    }

    pub(crate) fn one_of(&self, column: Column, nth: usize, at: usize) -> Option<&str> {
        let Cells::Texts { block, values, cells, starts } = self.cells(column)? else { return None };
        let from = *starts.get(nth)? as usize;
        value(block, values, *cells.get(from + at)?)
    }
}

fn value<'b>(block: &'b [u8], values: &[(u32, u32)], cell: u16) -> Option<&'b str> {
    let (from, to) = *values.get(usize::from(cell).checked_sub(1)?)?;
    std::str::from_utf8(block.get(from as usize..to as usize)?).ok()
}

fn numbers(block: &[u8]) -> Option<Cells> {
    let (numbers, rest) = block.as_chunks();
    let whole = rest.is_empty() && numbers.len() as u64 == CHUNK_RECORDS;
    whole.then(|| Cells::Numbers(numbers.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()))
}

fn texts(column: Column, block: Vec<u8>) -> Option<Cells> {
    let (count, mut rest) = block.split_first_chunk()?;
    let count = u16::from_le_bytes(*count);
    let mut values = Vec::with_capacity(usize::from(count));
    let mut at = 2_u32;
    for _ in 0..count {
        let (length, after) = rest.split_first_chunk()?;
        let length = u16::from_le_bytes(*length);
        let text = after.get(..usize::from(length))?;
        std::str::from_utf8(text).ok()?;
        values.push((at + 2, at + 2 + u32::from(length)));
        at += 2 + u32::from(length);
        rest = after.get(usize::from(length)..)?;
    }
    let (narrow, rest) = rest.split_first()?;
    let numbers: Vec<u16> = match narrow {
        1 => rest.iter().map(|byte| u16::from(*byte)).collect(),
        _ => rest.as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect(),
    };
    let (mut cells, mut starts) = (Vec::with_capacity(numbers.len()), Vec::new());
    if column.shape() == Shape::Text {
        cells = numbers;
    } else {
        let mut rest = numbers.as_slice();
        while let Some((count, after)) = rest.split_first() {
            starts.push(u32::try_from(cells.len()).ok()?);
            let (own, after) = after.split_at_checked(usize::from(*count))?;
            cells.extend_from_slice(own);
            rest = after;
        }
        starts.push(u32::try_from(cells.len()).ok()?);
    }
    let records = if column.shape() == Shape::Text { cells.len() } else { starts.len() - 1 };
    let sound = records as u64 == CHUNK_RECORDS && cells.iter().all(|cell| *cell <= count);
    sound.then_some(Cells::Texts { block, values, cells, starts })
}
