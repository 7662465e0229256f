//! Where in the text something stands; owns the step from a byte offset to line and column.

/// Byte offset of the first byte of something in the text it was read from.
///
/// Values built by a program, not read from a text, stand at 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At(pub u32);

impl At {
    /// Texts are bounded below 4 GiB by [`Limits`](crate::Limits), so the offset always fits.
    pub(crate) fn new(offset: usize) -> Self {
        Self(u32::try_from(offset).unwrap_or(u32::MAX))
    }

    /// The offset as an index.
    pub fn offset(self) -> usize {
        self.0 as usize
    }
}

/// Line and column of a place, both counted from 1; the column counts characters, not bytes.
pub fn line_column(text: &[u8], at: &At) -> (usize, usize) {
    let before = text.get(..at.offset()).unwrap_or(text);
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    // Continuation bytes of UTF-8 look like 10xxxxxx and start no character.
    let characters = before.iter().skip(line_start).filter(|byte| **byte & 0xC0 != 0x80).count();
    (line, characters + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_start_at_one_and_count_characters() {
        let text = "{\n  \"é\": x\n}".as_bytes();
        assert_eq!(line_column(text, &At(0)), (1, 1));
        assert_eq!(line_column(text, &At(4)), (2, 3));
        assert_eq!(line_column(text, &At(10)), (2, 8), "é is one column although two bytes");
        assert_eq!(line_column(text, &At(99)), (3, 2), "past the end is the end");
    }
}
