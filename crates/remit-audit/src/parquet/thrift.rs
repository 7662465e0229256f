//! As much of Thrift's compact protocol as the metadata of a Parquet file is written in. Pure.

/// What a field holds.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Of {
    Int = 5,
    Long = 6,
    Bytes = 8,
    List = 9,
    Struct = 12,
}

/// A struct under construction, and those around it.
pub(super) struct Compact {
    out: Vec<u8>,
    /// The last field of each open struct.
    open: Vec<u8>,
}

impl Compact {
    pub(super) fn new() -> Self {
        Self { out: Vec::new(), open: vec![0] }
    }

    /// The bytes, the outermost struct ended.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.out.push(0);
        self.out
    }

    fn field(&mut self, id: u8, of: u8) {
        // Fields come in the order of their numbers, and none is sixteen or more after the one before.
        let step = self.open.last_mut().map_or(id, |last| id - std::mem::replace(last, id));
        self.out.push(step << 4 | of);
    }

    pub(super) fn int(&mut self, id: u8, value: i32) {
        self.field(id, Of::Int as u8);
        self.signed(i64::from(value));
    }

    pub(super) fn long(&mut self, id: u8, value: usize) {
        self.field(id, Of::Long as u8);
        self.signed(i64::try_from(value).unwrap_or(i64::MAX));
    }

    pub(super) fn truth(&mut self, id: u8) {
        self.field(id, 1);
    }

    pub(super) fn text(&mut self, id: u8, text: &str) {
        self.field(id, Of::Bytes as u8);
        self.text_in_list(text);
    }

    /// A list of so many; its elements follow.
    pub(super) fn list(&mut self, id: u8, of: Of, count: usize) {
        self.field(id, Of::List as u8);
        match u8::try_from(count) {
            Ok(few @ ..15) => self.out.push(few << 4 | of as u8),
            _ => {
                self.out.push(0xf0 | of as u8);
                self.unsigned(count as u64);
            }
        }
    }

    pub(super) fn int_in_list(&mut self, value: i32) {
        self.signed(i64::from(value));
    }

    pub(super) fn text_in_list(&mut self, text: &str) {
        self.unsigned(text.len() as u64);
        self.out.extend_from_slice(text.as_bytes());
    }

    /// A struct in this field.
    pub(super) fn inside(&mut self, id: u8, fill: impl FnOnce(&mut Self)) {
        self.field(id, Of::Struct as u8);
        self.in_list(fill);
    }

    /// A struct as an element of a list.
    pub(super) fn in_list(&mut self, fill: impl FnOnce(&mut Self)) {
        self.open.push(0);
        fill(self);
        self.open.pop();
        self.out.push(0);
    }

    fn signed(&mut self, value: i64) {
        self.unsigned((value.wrapping_shl(1) ^ (value >> 63)).cast_unsigned());
    }

    fn unsigned(&mut self, value: u64) {
        varint(value, &mut self.out);
    }
}

/// A number in as many bytes of seven bits as it needs.
pub(super) fn varint(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}
