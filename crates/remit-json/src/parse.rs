//! Text to tree in one pass, refusing whatever could be read in two ways.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::error::JsonError;
use crate::limits::Limits;
use crate::number::Number;
use crate::place::At;
use crate::value::{Json, Kind, Member, Object};

/// Objects up to this size compare names pairwise; larger ones pay for a hash set.
const PAIRWISE: usize = 16;

/// Reads one JSON text (RFC 8259 under the rules of RFC 7493).
///
/// Beyond the grammar, these are refused: a byte order mark, duplicate members after unescaping,
/// lone surrogates, integers beyond ±(2^53 - 1), numbers with more than 17 significant or 18
/// fraction digits, and whatever exceeds `limits`.
pub fn parse<'a>(text: &'a [u8], limits: &Limits) -> Result<Json<'a>, JsonError> {
    let bytes = limits.bytes.min(u32::MAX as usize);
    if text.len() > bytes {
        return Err(JsonError::TooLarge { limit: bytes });
    }
    let text =
        std::str::from_utf8(text).map_err(|fault| JsonError::NotUtf8 { at: At::new(fault.valid_up_to()) })?;
    if text.starts_with('\u{FEFF}') {
        return Err(JsonError::ByteOrderMark);
    }
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        depth_left: limits.depth.min(Limits::DEPTH_CEILING),
        values_left: limits.members,
        limits,
    };
    let value = reader.value()?;
    reader.space();
    if reader.peek().is_some() {
        return Err(JsonError::Trailing { at: reader.here() });
    }
    Ok(value)
}

struct Reader<'a, 'l> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth_left: usize,
    values_left: usize,
    limits: &'l Limits,
}

impl<'a> Reader<'a, '_> {
    fn here(&self) -> At {
        At::new(self.at)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// What stands here instead of `expected`.
    fn unexpected(&self, expected: &'static str) -> JsonError {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => JsonError::Unexpected { expected, found, at: self.here() },
            None => JsonError::UnexpectedEnd { expected, at: self.here() },
        }
    }

    fn value(&mut self) -> Result<Json<'a>, JsonError> {
        self.space();
        let at = self.here();
        self.values_left =
            self.values_left.checked_sub(1).ok_or(JsonError::TooMany { limit: self.limits.members, at })?;
        let kind = match self.peek() {
            Some(b'"') => Kind::String(self.string()?),
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'-' | b'0'..=b'9') => Kind::Number(self.number()?),
            Some(b't') => self.word("true", Kind::Bool(true))?,
            Some(b'f') => self.word("false", Kind::Bool(false))?,
            Some(b'n') => self.word("null", Kind::Null)?,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Json { at, kind })
    }

    fn word(&mut self, word: &'static str, kind: Kind<'a>) -> Result<Kind<'a>, JsonError> {
        if self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            self.at += word.len();
            return Ok(kind);
        }
        Err(self.unexpected("a value"))
    }

    /// Steps over the opening bracket and bounds the recursion.
    fn nested(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<Kind<'a>, JsonError>,
    ) -> Result<Kind<'a>, JsonError> {
        let limit = self.limits.depth.min(Limits::DEPTH_CEILING);
        self.depth_left =
            self.depth_left.checked_sub(1).ok_or(JsonError::TooDeep { limit, at: self.here() })?;
        self.at += 1;
        let kind = inner(self)?;
        self.depth_left += 1;
        Ok(kind)
    }

    /// True when the container goes on, false when it ends; both consume their sign.
    fn goes_on(&mut self, close: u8, expected: &'static str) -> Result<bool, JsonError> {
        self.space();
        let goes_on = match self.peek() {
            Some(b',') => true,
            Some(byte) if byte == close => false,
            _ => return Err(self.unexpected(expected)),
        };
        self.at += 1;
        Ok(goes_on)
    }

    /// Consumes the closing sign of an empty container.
    fn ends_at_once(&mut self, close: u8) -> bool {
        self.space();
        let ends = self.peek() == Some(close);
        self.at += usize::from(ends);
        ends
    }

    fn array(&mut self) -> Result<Kind<'a>, JsonError> {
        let mut items = Vec::new();
        if self.ends_at_once(b']') {
            return Ok(Kind::Array(items));
        }
        loop {
            items.push(self.value()?);
            if !self.goes_on(b']', "`,` or `]`")? {
                return Ok(Kind::Array(items));
            }
        }
    }

    fn object(&mut self) -> Result<Kind<'a>, JsonError> {
        let mut members = Vec::new();
        if self.ends_at_once(b'}') {
            return Ok(Kind::Object(Object::new()));
        }
        loop {
            members.push(self.member()?);
            if !self.goes_on(b'}', "`,` or `}`")? {
                break;
            }
        }
        match duplicate(&members) {
            Some(member) => Err(JsonError::duplicate(&member.key, member.key_at)),
            None => Ok(Kind::Object(Object::from_unique(members))),
        }
    }

    fn member(&mut self) -> Result<Member<'a>, JsonError> {
        self.space();
        let key_at = self.here();
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a member name in quotes"));
        }
        let key = self.string()?;
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.at += 1;
        Ok(Member { key, key_at, value: self.value()? })
    }

    /// Reads from the opening quote to behind the closing one.
    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.at += 1;
        let plain = self.plain_run()?;
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        let mut owned = String::from(plain);
        loop {
            if self.peek() == Some(b'"') {
                self.at += 1;
                return Ok(Cow::Owned(owned));
            }
            owned.push(self.escape()?);
            owned.push_str(self.plain_run()?);
        }
    }

    /// Characters up to a quote or a backslash.
    fn plain_run(&mut self) -> Result<&'a str, JsonError> {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F));
        self.at = start + length.unwrap_or(rest.len());
        match self.peek() {
            // Both ends are ASCII signs, so the run is whole characters.
            Some(b'"' | b'\\') => Ok(self.text.get(start..self.at).unwrap_or_default()),
            Some(code) => Err(JsonError::ControlCharacter { code, at: self.here() }),
            None => Err(self.unexpected("`\"`")),
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let at = self.here();
        let sign = self.bytes.get(self.at + 1).copied();
        self.at += 2;
        match sign {
            Some(b'"') => Ok('"'),
            Some(b'\\') => Ok('\\'),
            Some(b'/') => Ok('/'),
            Some(b'b') => Ok('\u{8}'),
            Some(b'f') => Ok('\u{c}'),
            Some(b'n') => Ok('\n'),
            Some(b'r') => Ok('\r'),
            Some(b't') => Ok('\t'),
            Some(b'u') => self.unicode_escape(at),
            _ => Err(JsonError::Escape { at }),
        }
    }

    fn unicode_escape(&mut self, at: At) -> Result<char, JsonError> {
        let first = self.four_digits(at)?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first).ok_or(JsonError::LoneSurrogate { at });
        }
        if !self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(b"\\u")) {
            return Err(JsonError::LoneSurrogate { at });
        }
        let second_at = self.here();
        self.at += 2;
        let second = self.four_digits(second_at)?;
        if !(0xDC00..0xE000).contains(&second) {
            return Err(JsonError::LoneSurrogate { at });
        }
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            .ok_or(JsonError::LoneSurrogate { at })
    }

    fn four_digits(&mut self, at: At) -> Result<u32, JsonError> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or(JsonError::Escape { at })?;
        self.at += 4;
        digits.iter().try_fold(0, |code, byte| {
            let digit = char::from(*byte).to_digit(16).ok_or(JsonError::Escape { at })?;
            Ok(code * 16 + digit)
        })
    }

    fn number(&mut self) -> Result<Number, JsonError> {
        let at = self.here();
        let negative = self.step_over(b"-").is_some();
        let whole = self.digits()?;
        if whole.len() > 1 && whole.first() == Some(&b'0') {
            return Err(JsonError::LeadingZero { at });
        }
        let fraction = if self.step_over(b".").is_some() { self.digits()? } else { &[] };
        let exponent = if self.step_over(b"eE").is_some() {
            let sign = self.step_over(b"+-");
            (sign == Some(b'-'), self.digits()?)
        } else {
            (false, [].as_slice())
        };
        Number::from_text(negative, whole, fraction, exponent)
            .map_err(|fault| JsonError::Number { fault, at })
    }

    fn step_over(&mut self, signs: &[u8]) -> Option<u8> {
        let sign = self.peek().filter(|byte| signs.contains(byte))?;
        self.at += 1;
        Some(sign)
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<&'a [u8], JsonError> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        match self.bytes.get(start..self.at) {
            Some(digits) if !digits.is_empty() => Ok(digits),
            _ => Err(self.unexpected("a digit")),
        }
    }
}

/// The first member whose name has been used before.
fn duplicate<'m, 'a>(members: &'m [Member<'a>]) -> Option<&'m Member<'a>> {
    if members.len() > PAIRWISE {
        let mut seen = HashSet::with_capacity(members.len());
        return members.iter().find(|member| !seen.insert(member.key.as_ref()));
    }
    members
        .iter()
        .enumerate()
        .find(|(index, member)| members.iter().take(*index).any(|earlier| earlier.key == member.key))
        .map(|(_, member)| member)
}
