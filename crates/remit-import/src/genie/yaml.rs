//! YAML to a small tree in which every key and value keeps its place. Anchors, tags, several documents and keys given
//! twice are refused: a policy that somebody approved has one reading.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use crate::limits;
use crate::report::Place;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) at: Place,
    pub(super) kind: Kind,
}

/// The kinds of value.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// A text; not `plain` when it stands in quotes or as a block, and then it is nothing but text.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Text, Node)>),
}

/// A text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) at: Place,
}

/// Why a text is not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: Place,
    pub(super) message: String,
}

impl Node {
    /// The kind with its article.
    pub(super) fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
            Kind::Scalar { text, plain: true } => match text.as_str() {
                "" | "~" | "null" => "nothing",
                "true" | "false" => "a boolean",
                text if text.parse::<f64>().is_ok() => "a number",
                _ => "a text",
            },
            Kind::Scalar { .. } => "a text",
        }
    }

    /// Nothing is said: an empty value or `null`.
    pub(super) fn is_empty(&self) -> bool {
        self.kind_name() == "nothing"
    }
}

/// A collection that is still open.
enum Open {
    List(Place, Vec<Node>),
    Map(Place, Vec<(Text, Node)>, Option<Text>),
}

/// Reads one document.
pub(super) fn read(text: &str) -> Result<Option<Node>, Fault> {
    let whole = |message: String| Fault { at: Place::default(), message };
    if text.len() > limits::BYTES {
        return Err(whole(format!("{} bytes are more than the {} that are read", text.len(), limits::BYTES)));
    }
    let mut stack: Vec<Open> = Vec::new();
    let (mut root, mut documents, mut values) = (None, 0, 0);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Fault {
            at: place(error.marker()),
            message: format!("this is not YAML: {}", error.info()),
        })?;
        let at = place(&span.start);
        let refuse = |message: &str| Err(Fault { at, message: message.to_owned() });
        values += 1;
        if values > limits::YAML_VALUES {
            return refuse("the text holds more values than are read");
        }
        let complete = match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => None,
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return refuse("a second document begins here; one file holds one");
                }
                None
            }
            Event::Alias(_) => return refuse("references to other values (`*name`) are not read"),
            Event::Scalar(_, _, anchor, tag) if anchor > 0 || tag.is_some() => {
                return refuse("anchors (`&name`) and tags (`!name`) are not read");
            }
            Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag)
                if anchor > 0 || tag.is_some() =>
            {
                return refuse("anchors (`&name`) and tags (`!name`) are not read");
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if stack.len() >= limits::YAML_DEPTH => {
                return refuse("collections are nested too deep");
            }
            Event::Scalar(text, style, ..) => {
                let plain = style == ScalarStyle::Plain;
                Some(Node { at, kind: Kind::Scalar { text: text.into_owned(), plain } })
            }
            Event::SequenceStart(..) => {
                stack.push(Open::List(at, Vec::new()));
                None
            }
            Event::MappingStart(..) => {
                stack.push(Open::Map(at, Vec::new(), None));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => match stack.pop() {
                Some(Open::List(at, items)) => Some(Node { at, kind: Kind::List(items) }),
                Some(Open::Map(at, members, _)) => Some(Node { at, kind: Kind::Map(members) }),
                None => None,
            },
        };
        if let Some(node) = complete {
            root = put(&mut stack, node)?.or(root);
        }
    }
    Ok(root)
}

/// Puts a value where it belongs; gives it back when it is the outermost.
fn put(stack: &mut [Open], node: Node) -> Result<Option<Node>, Fault> {
    match stack.last_mut() {
        None => return Ok(Some(node)),
        Some(Open::List(_, items)) => items.push(node),
        Some(Open::Map(_, members, waiting)) => match waiting.take() {
            Some(key) => members.push((key, node)),
            None => {
                let at = node.at;
                let Kind::Scalar { text, .. } = node.kind else {
                    return Err(Fault { at, message: "a key is a text".to_owned() });
                };
                if members.iter().any(|(key, _)| key.text == text) {
                    return Err(Fault { at, message: format!("`{text}` is given twice") });
                }
                *waiting = Some(Text { text, at });
            }
        },
    }
    Ok(None)
}

/// The place of a character of a scalar, as far as it can be told: not in blocks, and not where escapes stand before.
pub(super) fn inside(source: &str, at: Place, character: usize) -> Place {
    let line = source.lines().nth(at.line.saturating_sub(1)).unwrap_or("");
    let first = line.chars().nth(at.column.saturating_sub(1));
    match first {
        Some('|' | '>') | None => at,
        Some('"' | '\'') => Place { column: at.column + 1 + character, ..at },
        Some(_) => Place { column: at.column + character, ..at },
    }
}

fn place(marker: &Marker) -> Place {
    Place { line: marker.line(), column: marker.col() + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_places() {
        let root = read("a: 1\nb:\n  - \"x\"\n  - ö: true\n").unwrap().unwrap();
        let Kind::Map(members) = root.kind else { panic!("a mapping") };
        assert_eq!(members[1].0.at, Place { line: 2, column: 1 });
        let Kind::List(items) = &members[1].1.kind else { panic!("a list") };
        assert_eq!(items[0].at, Place { line: 3, column: 5 });
        let Kind::Map(inner) = &items[1].kind else { panic!("a mapping") };
        assert_eq!(inner[0].1.at, Place { line: 4, column: 8 });
        assert_eq!((inner[0].1.kind_name(), items[0].kind_name()), ("a boolean", "a text"));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for (text, part, line) in [
            ("a: 1\na: 2\n", "`a` is given twice", 2),
            ("a: &x 1\nb: *x\n", "anchors", 1),
            ("a: !!str 1\n", "anchors", 1),
            ("---\na: 1\n---\nb: 1\n", "second document", 3),
            ("a: [1\nb: 2", "not YAML", 2),
            ("[a]: 1\n", "a key is a text", 1),
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.message.contains(part) && fault.at.line == line, "{text}: {fault:?}");
        }
        assert!(read(&"[".repeat(40)).unwrap_err().message.contains("too deep"));
        assert!(read("").unwrap().is_none());
    }
}
