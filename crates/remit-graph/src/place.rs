//! Where something stands in the documents of a load: kept small while loading, spelt out when asked.

use std::fmt;

use remit_json::{At, Json, Kind, Limits};

use crate::limits;

/// One document of a load.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// How messages call it, usually its file name. `.ndjson` and `.jsonl` are read line by line.
    pub name: &'a str,
    /// Its text.
    pub text: &'a [u8],
}

impl<'a> Document<'a> {
    /// A document of that name.
    #[must_use]
    pub fn new(name: &'a str, text: &'a [u8]) -> Self {
        Self { name, text }
    }

    /// Whether each line is a JSON text of its own.
    pub(crate) fn is_lines(&self) -> bool {
        [".ndjson", ".jsonl"].iter().any(|suffix| self.name.ends_with(suffix))
    }
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The document's name.
    pub document: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// RFC 6901 pointer to the value; within its line when the document is read line by line.
    pub pointer: String,
}

/// `graph.json:12:7 at /nodes/0/type`
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.document, self.line, self.column)?;
        if self.pointer.is_empty() { Ok(()) } else { write!(f, " at {}", self.pointer) }
    }
}

/// A place before it is spelt out: eight bytes, because one is kept for each edge while loading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) document: u32,
    pub(crate) offset: u32,
}

/// How documents are parsed: written by an operator, so large, but never nested deeply.
pub(crate) fn json_limits() -> Limits {
    Limits { bytes: limits::DOCUMENT_BYTES, depth: limits::DOCUMENT_DEPTH, members: usize::MAX }
}

/// Spells out places, in the order given. Documents are parsed once more for it: places are asked for only
/// when something is reported.
pub(crate) fn locate(documents: &[Document<'_>], spots: &[Spot]) -> Vec<Place> {
    let mut order: Vec<(usize, Spot)> = spots.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, spot)| *spot);
    let mut placed: Vec<(usize, Place)> = Vec::with_capacity(spots.len());
    let mut cursor = None;
    for (index, spot) in order {
        let Some(document) = documents.get(spot.document as usize) else { continue };
        let known = cursor.take().filter(|(of, _): &(u32, Cursor<'_>)| *of == spot.document);
        let mut at = known.map_or_else(|| Cursor::new(*document), |(_, cursor)| cursor);
        placed.push((index, at.place(spot.offset as usize)));
        cursor = Some((spot.document, at));
    }
    placed.sort_by_key(|(index, _)| *index);
    placed.into_iter().map(|(_, place)| place).collect()
}

/// Moves forward through one document, counting lines and keeping the last parsed text.
struct Cursor<'a> {
    document: Document<'a>,
    line: usize,
    line_start: usize,
    counted_to: usize,
    parsed: Option<(usize, Option<Json<'a>>)>,
}

impl<'a> Cursor<'a> {
    fn new(document: Document<'a>) -> Self {
        Self { document, line: 1, line_start: 0, counted_to: 0, parsed: None }
    }

    fn place(&mut self, offset: usize) -> Place {
        let passed = self.document.text.get(self.counted_to..offset).unwrap_or_default();
        for (at, _) in passed.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
            self.line += 1;
            self.line_start = self.counted_to + at + 1;
        }
        self.counted_to = offset.max(self.counted_to);
        let before = self.document.text.get(self.line_start..offset).unwrap_or_default();
        // Continuation bytes of UTF-8 look like 10xxxxxx and start no character.
        let column = before.iter().filter(|byte| **byte & 0xC0 != 0x80).count() + 1;
        let pointer = self.pointer(offset);
        Place { document: self.document.name.to_owned(), line: self.line, column, pointer }
    }

    fn pointer(&mut self, offset: usize) -> String {
        let start = if self.document.is_lines() { self.line_start } else { 0 };
        if self.parsed.as_ref().is_none_or(|(of, _)| *of != start) {
            let text = self.document.text.get(start..).unwrap_or_default();
            let end =
                if self.document.is_lines() { text.iter().position(|byte| *byte == b'\n') } else { None };
            let text = end.and_then(|end| text.get(..end)).unwrap_or(text);
            self.parsed = Some((start, remit_json::parse(text, &json_limits()).ok()));
        }
        let tree = self.parsed.as_ref().and_then(|(_, tree)| tree.as_ref());
        tree.map(|tree| pointer_to(tree, offset - start)).unwrap_or_default()
    }
}

/// The pointer to the innermost value, or member name, that starts at or before `offset`.
fn pointer_to(tree: &Json<'_>, offset: usize) -> String {
    let mut pointer = String::new();
    let mut value = tree;
    while value.at.offset() < offset {
        let starts = |at: At| at.offset() <= offset;
        match &value.kind {
            Kind::Array(items) => {
                let Some(index) = items.partition_point(|item| starts(item.at)).checked_sub(1) else { break };
                let Some(item) = items.get(index) else { break };
                pointer.push_str(&format!("/{index}"));
                value = item;
            }
            Kind::Object(object) => {
                let Some(member) = object.iter().take_while(|member| starts(member.key_at)).last() else {
                    break;
                };
                pointer.push('/');
                pointer.push_str(&member.key.replace('~', "~0").replace('/', "~1"));
                value = &member.value;
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => break,
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_spelt_out_in_the_order_asked() {
        let json = Document::new("a.json", b"{\n  \"a/b\": [1,\n  {\"c\": true}]}");
        let lines = Document::new("b.ndjson", "{\"\u{e9}\":1}\n\n{\"x\":[2,3]}\n".as_bytes());
        let spot = |document, offset| Spot { document, offset };
        let offsets = [spot(1, 18), spot(0, 23), spot(0, 4), spot(0, 12), spot(1, 6), spot(0, 0)];
        let found: Vec<String> = locate(&[json, lines], &offsets).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "b.ndjson:3:9 at /x/1",
                "a.json:3:9 at /a~1b/1/c",
                "a.json:2:3 at /a~1b",
                "a.json:2:11 at /a~1b/0",
                "b.ndjson:1:6 at /\u{e9}",
                "a.json:1:1",
            ]
        );
    }
}
