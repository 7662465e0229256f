//! The format of a segment: a header, then frames. Pure; knows no file and no chain.
//!
//! ```text
//! header  magic 8 | version u32 | first seq u64 | prev 32 | crc32 u32          little endian, 56 bytes
//! frame   length u16 | unsynced u16 | crc32 u32 | content                      crc over content, length, unsynced
//! ```
//!
//! A content that begins with a brace is a record, one that begins with `@` a part of what stands beside the next
//! record. Since version 3 both stand in their short form ([`crate::packed`]), a record beginning with the word that
//! opens it and a part with `P`; the plain forms are read in every version.
//!
//! `unsynced` counts the records before this one that were not known to be on disk when it was written. It is
//! what tells a torn write from damage: a later frame that had seen its predecessors safe convicts the bad one.

use crate::errors::FaultKind;
use crate::hash::LeafHash;
use crate::limits::RECORD_BYTES;
use crate::packed;
use std::borrow::Cow;
use std::io::{self, Read};

const MAGIC: &[u8; 8] = b"REMITLOG";
/// The version of the segments that are written.
pub(crate) const VERSION: u32 = 3;
/// The oldest that is read. A segment of it is never written on: the next record begins a new one.
const OLDEST: u32 = 2;

/// The name of the segment that begins with this record.
pub(crate) fn name(first_seq: u64) -> String {
    format!("{first_seq:020}.seg")
}

/// The first record of the segment of this name; none for any other file.
pub(crate) fn first_seq(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".seg")?;
    (digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// What a segment begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    /// Its first record.
    pub first_seq: u64,
    /// The leaf hash of the record before that.
    pub prev: LeafHash,
    /// What of the format it may hold.
    pub version: u32,
}

impl SegmentHeader {
    pub(crate) const BYTES: usize = 56;

    /// Of a segment that is begun now, after the record of this leaf hash.
    pub(crate) fn begin(first_seq: u64, prev: LeafHash) -> Self {
        Self { first_seq, prev, version: VERSION }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.version.to_le_bytes());
        bytes.extend_from_slice(&self.first_seq.to_le_bytes());
        bytes.extend_from_slice(&self.prev.0);
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, FaultKind> {
        let (body, crc) = bytes.split_last_chunk().ok_or(FaultKind::Header)?;
        let body: &[u8; 52] = body.try_into().map_err(|_| FaultKind::Header)?;
        if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
            return Err(FaultKind::Header);
        }
        let (magic, rest) = body.split_first_chunk::<8>().ok_or(FaultKind::Header)?;
        let (version, rest) = rest.split_first_chunk().ok_or(FaultKind::Header)?;
        let (first, prev) = rest.split_first_chunk().ok_or(FaultKind::Header)?;
        match (magic == MAGIC, u32::from_le_bytes(*version)) {
            (false, _) => Err(FaultKind::Header),
            (true, version @ OLDEST..=VERSION) => Ok(Self {
                version,
                first_seq: u64::from_le_bytes(*first),
                prev: LeafHash(prev.try_into().map_err(|_| FaultKind::Header)?),
            }),
            (true, other) => Err(FaultKind::Version(other)),
        }
    }
}

/// What stands before each record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub length: u16,
    pub unsynced: u16,
    crc: [u8; 4],
}

impl FrameHeader {
    pub(crate) const BYTES: usize = 8;

    /// The header of a record whose bytes this checksum has seen.
    pub(crate) fn seal(length: u16, unsynced: u16, mut over_record: crc32fast::Hasher) -> [u8; Self::BYTES] {
        let [a, b] = length.to_le_bytes();
        let [c, d] = unsynced.to_le_bytes();
        over_record.update(&[a, b, c, d]);
        let [e, f, g, h] = over_record.finalize().to_le_bytes();
        [a, b, c, d, e, f, g, h]
    }

    pub(crate) fn read([a, b, c, d, e, f, g, h]: [u8; Self::BYTES]) -> Self {
        Self { length: u16::from_le_bytes([a, b]), unsynced: u16::from_le_bytes([c, d]), crc: [e, f, g, h] }
    }

    /// Whether these are the bytes it was sealed over.
    pub(crate) fn fits(&self, record: &[u8]) -> bool {
        let mut crc = crc32fast::Hasher::new();
        crc.update(record);
        u16::try_from(record.len()) == Ok(self.length)
            && Self::read(Self::seal(self.length, self.unsynced, crc)).crc == self.crc
    }
}

/// The record in a frame's content, as it was hashed; none when it is no short form of one.
pub(crate) fn record(content: &[u8]) -> Option<Cow<'_, [u8]>> {
    if content.first() != Some(&packed::RECORD) {
        return Some(Cow::Borrowed(content));
    }
    let mut record = Vec::with_capacity(content.len() * 2);
    packed::unpack(content, RECORD_BYTES, &mut record).map(|()| Cow::Owned(record))
}

/// The first whole frame of these bytes, when it is good: its header and its content.
pub(crate) fn frame(bytes: &[u8]) -> Option<(FrameHeader, &[u8])> {
    let (header, rest) = bytes.split_first_chunk()?;
    let header = FrameHeader::read(*header);
    let content = rest.get(..usize::from(header.length))?;
    (header.length > 0 && header.fits(content)).then_some((header, content))
}

/// One step through the frames of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A good frame began here; what it holds is in [`Frames::record`].
    Frame {
        /// Where it began.
        offset: u64,
    },
    /// The segment ended after a whole frame.
    End,
    /// What comes next is not a frame; [`Frames::offset`] still names its first byte.
    Bad(FaultKind),
}

/// Walks the frames of a segment in order.
pub(crate) struct Frames<R> {
    input: R,
    offset: u64,
    content: Vec<u8>,
    record: Vec<u8>,
}

impl<R: Read> Frames<R> {
    /// Over an input that stands at this offset of the segment, where a frame begins.
    pub(crate) fn new(input: R, offset: u64) -> Self {
        Self { input, offset, content: Vec::new(), record: Vec::new() }
    }

    /// Over an input that stands at the beginning of the segment.
    pub(crate) fn begin(mut input: R) -> io::Result<Result<(SegmentHeader, Self), FaultKind>> {
        let mut header = [0; SegmentHeader::BYTES];
        let got = fill(&mut input, &mut header)?;
        let header = if got == header.len() { SegmentHeader::read(&header) } else { Err(FaultKind::Header) };
        Ok(header.map(|header| (header, Self::new(input, SegmentHeader::BYTES as u64))))
    }

    /// Where the next frame begins, or the bad one.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The record of the last good frame, as it was hashed; what stands beside one, as it stands there.
    pub(crate) fn record(&self) -> &[u8] {
        &self.record
    }

    pub(crate) fn step(&mut self) -> io::Result<Step> {
        let mut header = [0; FrameHeader::BYTES];
        match fill(&mut self.input, &mut header)? {
            0 => return Ok(Step::End),
            FrameHeader::BYTES => {}
            _ => return Ok(Step::Bad(FaultKind::Torn)),
        }
        let header = FrameHeader::read(header);
        if header.length == 0 {
            return Ok(Step::Bad(FaultKind::Length));
        }
        self.content.resize(usize::from(header.length), 0);
        if fill(&mut self.input, &mut self.content)? < self.content.len() {
            return Ok(Step::Bad(FaultKind::Torn));
        }
        if !header.fits(&self.content) {
            return Ok(Step::Bad(FaultKind::Checksum));
        }
        if self.content.first() == Some(&packed::RECORD) {
            self.record.clear();
            if packed::unpack(&self.content, RECORD_BYTES, &mut self.record).is_none() {
                return Ok(Step::Bad(FaultKind::Format));
            }
        } else {
            std::mem::swap(&mut self.content, &mut self.record);
        }
        let offset = self.offset;
        self.offset += FrameHeader::BYTES as u64 + u64::from(header.length);
        Ok(Step::Frame { offset })
    }
}

/// Reads until the buffer is full or the input ends; gives how much it got.
fn fill(input: &mut impl Read, mut buffer: &mut [u8]) -> io::Result<usize> {
    let whole = buffer.len();
    while !buffer.is_empty() {
        match input.read(buffer) {
            Ok(0) => break,
            Ok(got) => buffer = buffer.get_mut(got..).unwrap_or_default(),
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(whole - buffer.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(record: &[u8]) -> Vec<u8> {
        let mut crc = crc32fast::Hasher::new();
        crc.update(record);
        let length = u16::try_from(record.len()).unwrap();
        [&FrameHeader::seal(length, 3, crc)[..], record].concat()
    }

    #[test]
    fn frames_come_back_in_order_with_their_places() {
        let header = SegmentHeader::begin(7, LeafHash::of(b"six"));
        let bytes = [header.write(), sealed(b"one"), sealed(&[b'x'; 65_535])].concat();
        let (read, mut frames) = Frames::begin(&bytes[..]).unwrap().unwrap();
        assert_eq!(read, header);
        assert_eq!(frames.step().unwrap(), Step::Frame { offset: 56 });
        assert_eq!(frames.record(), b"one");
        assert_eq!(frames.step().unwrap(), Step::Frame { offset: 67 });
        assert_eq!(frames.record().len(), 65_535);
        assert_eq!(frames.step().unwrap(), Step::End);
    }

    #[test]
    fn each_flipped_bit_of_header_and_frame_is_seen() {
        let good = [SegmentHeader::begin(0, LeafHash::ZERO).write(), sealed(b"record")].concat();
        for bit in 0..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let bad = match Frames::begin(&bytes[..]).unwrap() {
                Ok((_, mut frames)) => matches!(frames.step().unwrap(), Step::Bad(_)),
                Err(_) => true,
            };
            assert!(bad, "bit {bit}");
        }
    }

    #[test]
    fn a_newer_version_is_named() {
        let of = |version| SegmentHeader { version, ..SegmentHeader::begin(0, LeafHash::ZERO) };
        for version in [OLDEST, VERSION] {
            assert_eq!(SegmentHeader::read(&of(version).write()), Ok(of(version)));
        }
        for version in [OLDEST - 1, VERSION + 1] {
            assert_eq!(SegmentHeader::read(&of(version).write()), Err(FaultKind::Version(version)));
        }
    }

    #[test]
    fn a_packed_record_comes_out_as_it_was_and_a_forged_one_is_refused() {
        let record = br#"{"body":{"action":"read"},"instance":"i"}"#;
        let mut short = Vec::new();
        packed::pack(record, false, &mut short);
        assert!(short.len() < record.len());
        let bytes = [sealed(&short), sealed(record), sealed(&[packed::RECORD, 0x00])].concat();
        let mut frames = Frames::new(&bytes[..], 56);
        assert_eq!(frames.step().unwrap(), Step::Frame { offset: 56 });
        assert_eq!(frames.record(), record);
        let second = 56 + 8 + short.len() as u64;
        assert_eq!(frames.offset(), second);
        assert_eq!(frames.step().unwrap(), Step::Frame { offset: second });
        assert_eq!(frames.record(), record);
        assert_eq!(frames.step().unwrap(), Step::Bad(FaultKind::Format));
        assert_eq!(super::record(&short).as_deref(), Some(&record[..]));
        assert_eq!(super::record(&[packed::RECORD, 0x00]), None);
    }

    #[test]
    fn only_segment_names_are_segments() {
        assert_eq!(first_seq(&name(42)), Some(42));
        for other in ["head", "42.seg", "0000000000000000004x.seg", "00000000000000000042.seg.bad"] {
            assert_eq!(first_seq(other), None, "{other}");
        }
    }
}
