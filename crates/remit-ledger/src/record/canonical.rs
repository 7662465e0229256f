//! The bytes of a record: rendered and hashed by the caller up to `prev`, finished by the writer.

use crate::aside::{Aside, Entry, PACKED};
use crate::errors::AppendError;
use crate::hash::LeafHash;
use crate::limits::{ASIDE_BYTES, ASIDE_PART_BYTES, EXACT_INTEGER, RECORD_BYTES};
use crate::packed;
use crate::segment::FrameHeader;
use sha2::{Digest, Sha256};

/// The schema of records this version writes and reads.
pub(crate) const SCHEMA: u64 = 1;

const AFTER_PREV: &[u8] = b"\",\"schema\":1,\"seq\":";
const BEFORE_PREV: &[u8] = b"\",\"prev\":\"";
/// The longest end a writer can add: hash, `schema`, the largest number, the brace.
const TRAILER_BYTES: usize = 64 + AFTER_PREV.len() + 16 + 1;

/// A record that lacks only `prev` and `seq`, with both checksums advanced as far as it goes.
pub(crate) struct Prepared {
    /// The short form of what stands beside it; empty for nothing.
    aside: Vec<u8>,
    /// The short form of the record so far.
    bytes: Vec<u8>,
    leaf: Sha256,
    crc: crc32fast::Hasher,
}

impl Prepared {
    /// Renders a body; refuses one that cannot be written whole.
    pub(crate) fn new(entry: Entry, instance: &str) -> Result<Self, AppendError> {
        let Entry { body, aside } = entry;
        let aside = aside.map(Aside::into_bytes).unwrap_or_default();
        if aside.len() > ASIDE_BYTES {
            return Err(AppendError::AsideTooLarge { bytes: aside.len() });
        }
        let mut bytes = Vec::with_capacity(1_024);
        bytes.extend_from_slice(b"{\"body\":");
        let rendered = body.render(&mut bytes).and_then(|()| {
            bytes.extend_from_slice(b",\"instance\":");
            serde_json::to_writer(&mut bytes, instance)
        });
        rendered.map_err(|fault| AppendError::Unwritable(fault.to_string()))?;
        bytes.extend_from_slice(b",\"kind\":\"");
        bytes.extend_from_slice(body.kind().as_bytes());
        bytes.extend_from_slice(BEFORE_PREV);
        let longest = bytes.len() + TRAILER_BYTES;
        if longest > RECORD_BYTES {
            return Err(AppendError::TooLarge { bytes: longest });
        }
        let mut leaf = LeafHash::begin();
        leaf.update(&bytes);
        let mut short = Vec::with_capacity(bytes.len() / 2);
        packed::pack(&bytes, false, &mut short);
        let mut crc = crc32fast::Hasher::new();
        crc.update(&short);
        let mut beside = Vec::with_capacity(aside.len() / 2);
        packed::pack(&aside, false, &mut beside);
        Ok(Self { aside: beside, bytes: short, leaf, crc })
    }

    /// The bytes this record takes in a segment, at most.
    pub(crate) fn weight(&self) -> usize {
        let parts = self.aside.len().div_ceil(ASIDE_PART_BYTES);
        let aside = self.aside.len() + parts * (FrameHeader::BYTES + 1);
        aside + FrameHeader::BYTES + self.bytes.len() + TRAILER_BYTES
    }

    /// Appends the finished frames to `out`, what stands beside the record first; gives the record's leaf hash.
    pub(crate) fn finish(mut self, out: &mut Vec<u8>, seq: u64, prev: &LeafHash, unsynced: u16) -> LeafHash {
        for part in self.aside.chunks(ASIDE_PART_BYTES) {
            beside(out, part, unsynced);
        }
        let mut end = Vec::with_capacity(TRAILER_BYTES);
        end.extend_from_slice(&prev.hex());
        end.extend_from_slice(AFTER_PREV);
        end.extend_from_slice(seq.min(EXACT_INTEGER).to_string().as_bytes());
        end.push(b'}');
        self.leaf.update(&end);
        let begun = self.bytes.len();
        packed::pack(&end, true, &mut self.bytes);
        let short = self.bytes.get(begun..).unwrap_or_default();
        self.crc.update(short);
        // INVARIANT: no record gets longer by its short form.
        let length = u16::try_from(self.bytes.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&FrameHeader::seal(length, unsynced, self.crc));
        out.extend_from_slice(&self.bytes);
        LeafHash(self.leaf.finalize().into())
    }
}

/// One frame of the short form of what stands beside a record.
pub(crate) fn beside(out: &mut Vec<u8>, part: &[u8], unsynced: u16) {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&[PACKED]);
    crc.update(part);
    let length = u16::try_from(part.len() + 1).unwrap_or(u16::MAX);
    out.extend_from_slice(&FrameHeader::seal(length, unsynced, crc));
    out.push(PACKED);
    out.extend_from_slice(part);
}

/// `prev` and `seq` of finished record bytes, without parsing the rest; none when the end is not as written.
pub(crate) fn trailer(record: &[u8]) -> Option<(LeafHash, u64)> {
    let (rest, hash, seq) = end(record)?;
    (rest.starts_with(b"{\"body\":{") && rest.ends_with(BEFORE_PREV)).then_some(())?;
    Some((LeafHash::parse(hash)?, seq))
}

/// The kind that finished record bytes name; none when the end is not as written.
pub(crate) fn kind(record: &[u8]) -> Option<&str> {
    let rest = end(record)?.0.strip_suffix(BEFORE_PREV)?;
    let name = rest.rsplit(|byte| *byte == b'"').next()?;
    let before = rest.get(..rest.len() - name.len())?;
    std::str::from_utf8(name).ok().filter(|_| before.ends_with(b",\"kind\":\""))
}

/// What stands before the digits of `prev`, those digits, and `seq`.
fn end(record: &[u8]) -> Option<(&[u8], &[u8], u64)> {
    let rest = record.strip_suffix(b"}")?;
    let number = rest.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (rest, digits) = rest.split_at_checked(rest.len() - number)?;
    let plain = digits == b"0" || digits.first().is_some_and(|first| *first != b'0');
    let seq = std::str::from_utf8(digits).ok()?.parse().ok().filter(|seq| plain && *seq <= EXACT_INTEGER)?;
    let rest = rest.strip_suffix(AFTER_PREV)?;
    let (rest, hash) = rest.split_at_checked(rest.len().checked_sub(64)?)?;
    Some((rest, hash, seq))
}
