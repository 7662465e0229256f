//! Literal markers: chat templates, closing tags, tool calls and rules written as code. One automaton for all.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::words::*;
use super::{Category, Concept};
use crate::OptionsError;
use crate::scan::Scan;

/// A marker and what it means.
struct Marker {
    category: Category,
    weights: (u16, u16),
    /// One of these must follow within sixteen tokens; 0 if nothing must.
    then: Concept,
    /// It must begin a line.
    line: bool,
    texts: &'static [&'static str],
}

/// What an order to a model has in it.
const ORDER: Concept = OVERRIDE | INSTR | SYSTEM | FREE | REVEAL | SEND | CALL | YOU | PERMIT | AI;
const STRONG: Concept = OVERRIDE | INSTR | SYSTEM | FREE | AI;

const MARKERS: &[Marker] = &[
    Marker {
        category: Category::FakeTurn,
        weights: (750, 850),
        then: 0,
        line: false,
        texts: &[
            "<|im_start|>",
            "<|im_end|>",
            "<|system|>",
            "<|user|>",
            "<|assistant|>",
            "<|endoftext|>",
            "<|start_header_id|>",
            "<|eot_id|>",
            "[/inst]",
            "<<sys>>",
            "<</sys>>",
            "<start_of_turn>",
            "<end_of_turn>",
            "### system:",
            "### instruction:",
            "### instructions:",
            "### assistant:",
            "### human:",
            "[system message]",
            "[system prompt]",
            "\"role\":\"system\"",
            "\"role\": \"system\"",
            "'role': 'system'",
            "role=system",
            "<|begin_of_text|>",
            "<|end|>",
            "[system]",
            "<system>",
            "<system_prompt>",
            "<|channel|>",
            "[inst]",
        ],
    },
    Marker {
        category: Category::FakeTurn,
        weights: (600, 750),
        then: ORDER,
        line: true,
        texts: &[
            "system:",
            "assistant:",
            "system message:",
            "developer:",
            "human:",
            "system>",
            "ai:",
            "user:",
            "[assistant]",
            "**system**:",
            "# system",
        ],
    },
    Marker {
        category: Category::InstructionOverride,
        weights: (800, 900),
        then: 0,
        line: false,
        texts: &["begin override", "system override", "override mode", "admin override", "override protocol"],
    },
    Marker {
        category: Category::ToolSmuggling,
        weights: (450, 800),
        then: 0,
        line: false,
        texts: &[
            "<tool_call",
            "\"tool_call",
            "\"function_call\"",
            "\"tool\":",
            "\"tool_name\":",
            "\"tool_use\"",
            "<function=",
            "<function_call",
            "<invoke ",
            "tool_code",
            "action_input:",
            "action input:",
            "\"tool\" :",
            "'tool':",
            "<tool_use",
            "\"recipient_name\":",
            "tools.call",
            "tool_choice",
        ],
    },
    Marker {
        category: Category::PolicyInjection,
        weights: (400, 750),
        then: 0,
        line: false,
        texts: &[
            "permit(",
            "permit (",
            "default allow",
            "effect: allow",
            "\"effect\":\"allow\"",
            "\"effect\": \"allow\"",
            "allow = true",
            "allow := true",
            "\"decision\": true",
            "\"decision\":true",
            "allow if true",
            "decision: permit",
            "decision=permit",
            "permit all",
            "permit any",
            "grant all privileges",
            "default := true",
            "effect: permit",
            "\"allow\": true",
            "\"allow\":true",
            "allow: \"*\"",
            "allow: '*'",
            "allow: *",
            "forbid(",
            "decision: allow",
        ],
    },
    Marker {
        category: Category::DelimiterBreak,
        weights: (700, 800),
        then: 0,
        line: false,
        texts: &[
            "</user_input",
            "</untrusted",
            "</tool_result",
            "</user_message",
            "</user_query",
            "</retrieved",
            "</search_result",
            "end of user input",
            "end user input",
            "end of untrusted",
            "end of user message",
            "</system",
            "end of user data",
            "end of retrieved",
            "</instructions",
            "end untrusted",
        ],
    },
    Marker {
        category: Category::DelimiterBreak,
        weights: (600, 750),
        then: ORDER,
        line: false,
        texts: &[
            "</user>",
            "</document",
            "</context",
            "</input",
            "</data>",
            "</email",
            "</prompt",
            "</content",
            "</result",
            "</query",
            "</message",
            "</page",
            "</text>",
            "end of document",
            "end of context",
            "end of input",
            "end of email",
            "end of data",
            "end of file",
            "end of page",
            "end of text",
            "end of quote",
            "end of transcript",
            "begin system",
            "begin new instructions",
            "end document",
            "end context",
            "end of message",
            "end of report",
            "--- end",
            "=== end",
            "</article",
            "</body",
        ],
    },
    Marker {
        category: Category::DelimiterBreak,
        weights: (500, 700),
        then: STRONG,
        line: false,
        texts: &["]]>", "\"}]}", "\"}}", "-->", "*/", "\"}", "'''", "\"\"\"", "```", "~~~", "}}"],
    },
    Marker {
        category: Category::IndirectCarrier,
        weights: (400, 700),
        then: ORDER,
        line: false,
        texts: &[
            "display:none",
            "display: none",
            "font-size:0",
            "font-size: 0",
            "color:white",
            "color: white",
            "color:#fff",
            "visibility:hidden",
            "visibility: hidden",
            "aria-hidden",
            "opacity:0",
            "opacity: 0",
        ],
    },
    Marker {
        category: Category::IndirectCarrier,
        weights: (400, 700),
        then: STRONG,
        line: false,
        texts: &["<!--", "alt=\"", "[image text", "<meta name="],
    },
];

/// The compiled markers.
#[derive(Debug)]
pub struct Structure {
    automaton: AhoCorasick,
    /// For each text its place in the table.
    marker: Vec<u8>,
}

/// A marker that holds.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    pub category: Category,
    pub weights: (u16, u16),
    pub start: usize,
    pub end: usize,
}

impl Structure {
    pub fn new() -> Result<Self, OptionsError> {
        let texts: Vec<&str> = MARKERS.iter().flat_map(|it| it.texts.iter().copied()).collect();
        let marker =
            MARKERS.iter().enumerate().flat_map(|(at, it)| it.texts.iter().map(move |_| at as u8)).collect();
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::DFA))
            .build(texts)
            .map_err(|error| OptionsError::Compile(error.to_string()))?;
        Ok(Self { automaton, marker })
    }

    /// Every marker that holds.
    pub fn find(&self, scan: &Scan<'_>, known: Concept, marks: &mut Vec<Mark>) {
        for found in self.automaton.find_iter(scan.bytes) {
            let at = self.marker.get(found.pattern().as_usize()).copied().unwrap_or(0);
            let Some(marker) = MARKERS.get(usize::from(at)) else { continue };
            let (start, end) = (found.start(), found.end());
            let follows = marker.then == 0 || known & marker.then != 0 && said_after(scan, end, marker.then);
            if follows && (!marker.line || begins_line(scan, start)) && !inside_word(scan, start) {
                marks.push(Mark { category: marker.category, weights: marker.weights, start, end });
            }
        }
        images(scan, marks);
    }
}

fn said_after(scan: &Scan<'_>, end: usize, concept: Concept) -> bool {
    let from = scan.tokens.partition_point(|it| it.start() < end);
    let tokens = scan.tokens.get(from..(from + 16).min(scan.tokens.len())).unwrap_or_default();
    // Two of them: one alone is in every text.
    tokens.iter().filter(|it| scan.concept(it) & concept != 0).count() >= 2
}

fn begins_line(scan: &Scan<'_>, start: usize) -> bool {
    let before = scan.bytes.get(..start).unwrap_or_default();
    let line = before
        .iter()
        .rev()
        .take_while(|it| matches!(it, b' ' | b'\t' | b'"' | b'\'' | b'>' | b'*' | b'#' | b'[' | b'`'))
        .count();
    matches!(scan.before(start - line), 0 | b'\n' | b'\r')
}

fn inside_word(scan: &Scan<'_>, start: usize) -> bool {
    scan.byte(start).is_ascii_alphabetic() && scan.before(start).is_ascii_alphabetic()
}

/// An image or link whose address carries data away: `![](http://…?q={…})`.
fn images(scan: &Scan<'_>, marks: &mut Vec<Mark>) {
    const LINK: &[u8] = b"](http";
    let mut from = 0;
    while let Some(at) =
        scan.bytes.get(from..).and_then(|rest| memchr::memchr(b']', rest)).map(|it| it + from)
    {
        from = at + 1;
        if !scan.slice(at, at + LINK.len()).eq_ignore_ascii_case(LINK) {
            continue;
        }
        let rest = scan.bytes.get(at..(at + 300).min(scan.bytes.len())).unwrap_or_default();
        let close = rest.iter().position(|it| *it == b')').unwrap_or(rest.len());
        let url = rest.get(..close).unwrap_or_default();
        let Some(query) = url.iter().position(|it| *it == b'?') else { continue };
        let query = url.get(query..).unwrap_or_default().to_ascii_lowercase();
        let carries = query.contains(&b'{')
            || query.contains(&b'<')
            || query.contains(&b'$')
            || query.contains(&b'[')
            || [
                &b"secret"[..],
                b"history",
                b"conversation",
                b"token=",
                b"password",
                b"data=",
                b"prompt",
                b"chat",
                b"exfil",
                b"leak",
            ]
            .iter()
            .any(|word| query.windows(word.len()).any(|it| it == *word));
        let before = scan.bytes.get(at.saturating_sub(80)..at).unwrap_or_default();
        let image = before.windows(2).any(|it| it == b"![");
        if carries {
            let weights = if image { (650, 850) } else { (350, 600) };
            marks.push(Mark { category: Category::DataExfiltration, weights, start: at, end: at + close });
        }
    }
}
