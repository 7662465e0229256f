//! How much work one inspection may be.

/// Bounds of one inspection. What lies beyond is not looked at and [`truncated`](crate::Findings::truncated) is set:
/// the caller treats the result as unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all parts together. A message body is refused above 1 MiB before it gets here.
    pub bytes: usize,
    /// Parts. A request with more members than this is no message.
    pub parts: usize,
    /// Findings kept. A policy asks for kinds and counts; a thousand spans are enough to redact a page of a table.
    pub findings: usize,
    /// Bytes that decoding (base64, hex, rot13, percent and so on) may produce, all layers together. An instruction
    /// for a model fits in far less; the bound keeps work linear.
    pub decoded: usize,
    /// Encodings inside encodings. Three are more than any model follows without being told.
    pub depth: usize,
    /// Decoded layers. Each is scanned like a text of its own.
    pub layers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 1 << 20, parts: 4096, findings: 1000, decoded: 64 << 10, depth: 3, layers: 64 }
    }
}
