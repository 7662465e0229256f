//! A passage decoded from another, and the budget for it.

use crate::limits::Limits;

/// What was decoded.
#[derive(Debug)]
pub struct Layer {
    pub text: String,
    /// Where it stood in the folded text; none when byte for byte in the same place.
    pub origin: Option<(usize, usize)>,
    /// Where it begins in the folded text.
    pub base: usize,
    /// It is plain text in another spelling: read once, not decoded again.
    pub whole: bool,
}

/// What decoding may still cost.
#[derive(Debug)]
pub struct Budget {
    bytes: usize,
    layers: usize,
    /// Something was left undecoded.
    pub exhausted: bool,
}

impl Budget {
    pub const fn new(limits: &Limits) -> Self {
        Self { bytes: limits.decoded, layers: limits.layers, exhausted: false }
    }

    /// Whether so many bytes may still be decoded; they are spent then.
    pub const fn spend(&mut self, bytes: usize) -> bool {
        if bytes > self.bytes || self.layers == 0 {
            self.exhausted = true;
            return false;
        }
        self.bytes -= bytes;
        self.layers -= 1;
        true
    }
}
