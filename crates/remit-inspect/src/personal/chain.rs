//! Numbers written in groups: `4111 1111-1111.1111` is one number of four groups.

use crate::context::Context;
use crate::scan::Scan;

/// Groups of one chain: a card written digit by digit has 19.
const GROUPS: usize = 20;
/// Digits of one chain.
const DIGITS: usize = 40;

/// Groups of digits with single separators between them.
#[derive(Debug)]
pub struct Chain {
    groups: [Group; GROUPS],
    count: usize,
    digits: [u8; DIGITS],
    /// Whether a number stands before it, separated like a group.
    pub continues: bool,
    /// Whether it is the tail of a code: a token of four letters and digits stands before it, as in a written IBAN.
    pub attached: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Group {
    start: u32,
    end: u32,
    /// Digits of this and all groups before.
    through: u8,
    separator: u8,
}

/// The first groups of a chain, read as one number.
pub struct Part<'a> {
    pub chain: &'a Chain,
    pub groups: usize,
    pub digits: &'a [u8],
    /// What the words near say.
    pub meaning: Context,
}

impl Chain {
    /// The chain that begins with the token `first`.
    pub fn build(scan: &Scan<'_>, first: usize) -> Self {
        let mut chain = Self {
            groups: [Group::default(); GROUPS],
            count: 0,
            digits: [0; DIGITS],
            continues: first > 0
                && separator(scan, first).is_some_and(|it| it != b'(')
                && scan.token(first - 1).is_some_and(|it| it.is_number()),
            attached: false,
        };
        chain.attached = first > 0
            && matches!(scan.token(first).map(|it| it.link), Some(b' ' | b'-' | b'.'))
            && scan.token(first - 1).is_some_and(|it| {
                let bank = it.is_word()
                    && first > 1
                    && scan.token(first - 2).is_some_and(|it| it.is_mixed() && it.len() == 4);
                it.len() == 4 && (it.is_mixed() || bank)
            });
        let mut total = 0;
        for (number, group) in chain.groups.iter_mut().enumerate() {
            let at = first + number;
            let Some(token) = scan.token(at).filter(|it| it.is_number()) else { break };
            let separator = match number {
                0 => 0,
                _ => match separator(scan, at) {
                    Some(separator) => separator,
                    None => break,
                },
            };
            let Some(room) = chain.digits.get_mut(total..total + token.len()) else { break };
            for (to, byte) in room.iter_mut().zip(scan.text(token)) {
                *to = byte - b'0';
            }
            total += token.len();
            *group = Group { start: token.start, end: token.end, through: total as u8, separator };
            chain.count += 1;
        }
        chain
    }

    /// How many groups; 0 only for a number too long to be anything.
    pub fn count(&self) -> usize {
        self.count.max(1)
    }

    /// Digits of all groups.
    pub fn total(&self) -> usize {
        self.through(self.count)
    }

    fn through(&self, groups: usize) -> usize {
        let last = groups.checked_sub(1).and_then(|it| self.groups.get(it));
        last.map_or(0, |it| usize::from(it.through))
    }

    /// The digits of the first groups, as values.
    pub fn digits(&self, groups: usize) -> &[u8] {
        self.digits.get(..self.through(groups)).unwrap_or_default()
    }

    /// First byte.
    pub fn start(&self) -> usize {
        self.groups.first().map_or(0, |it| it.start as usize)
    }

    /// Byte after so many groups.
    pub fn end(&self, groups: usize) -> usize {
        groups.checked_sub(1).and_then(|it| self.groups.get(it)).map_or(0, |it| it.end as usize)
    }

    /// The digits of one group.
    pub fn group(&self, number: usize) -> &[u8] {
        self.digits.get(self.through(number)..self.through(number + 1)).unwrap_or_default()
    }

    /// What stands before a group.
    pub fn separator(&self, group: usize) -> u8 {
        self.groups.get(group).map_or(0, |it| it.separator)
    }
}

impl Part<'_> {
    /// Whether the groups have these lengths.
    pub fn shaped(&self, lengths: &[usize]) -> bool {
        lengths.len() == self.groups
            && lengths.iter().enumerate().all(|(number, length)| self.chain.group(number).len() == *length)
    }

    /// The one separator between all groups, 0 if there is one group, none if they differ.
    pub fn uniform(&self) -> Option<u8> {
        let first = if self.groups > 1 { self.chain.separator(1) } else { 0 };
        (1..self.groups).all(|it| self.chain.separator(it) == first).then_some(first)
    }

    /// Whether no further group goes on before or behind.
    pub fn whole(&self) -> bool {
        !self.chain.continues && self.groups == self.chain.count
    }

    /// Whether words near say one of these.
    pub fn said(&self, meaning: Context) -> bool {
        self.meaning & meaning != 0
    }

    /// Whether all digits are the same.
    pub fn monotonous(&self) -> bool {
        self.digits.windows(2).all(|pair| pair.first() == pair.last())
    }

    /// Some of the digits as a number.
    pub fn number(&self, from: usize, to: usize) -> u64 {
        crate::checksum::number(self.digits.get(from..to).unwrap_or_default())
    }

    /// One digit.
    pub fn digit(&self, at: usize) -> u8 {
        self.digits.get(at).copied().unwrap_or(0)
    }
}

/// The separator that joins this token to the number before, none if they are two numbers.
pub fn separator(scan: &Scan<'_>, at: usize) -> Option<u8> {
    let token = scan.token(at)?;
    match token.link {
        link @ (b' ' | b'-' | b'.' | b'/' | b')' | b'(') => Some(link),
        0 => match scan.gap(at) {
            b") " | b")-" | b") - " => Some(b')'),
            b" (" | b"-(" => Some(b'('),
            b" - " | b"--" => Some(b'-'),
            b"  " => Some(b' '),
            b" / " => Some(b'/'),
            _ => None,
        },
        _ => None,
    }
}
