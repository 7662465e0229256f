//! The format of a segment: a header, then frames. Pure; knows no file and no chain.
//!
//! ```text
//! header  magic 8 | version u32 | first seq u64 | prev 32 | crc32 u32          little endian, 56 bytes
//! frame   length u16 | unsynced u16 | crc32 u32 | content                      crc over content, length, unsynced
//! ```
//!
//! A content that begins with a brace is a record. One that begins with `@` is a part of what stands beside the next
//! record.
//!
//! `unsynced` counts the records before this one that were not known to be on disk when it was written. It is
//! what tells a torn write from damage: a later frame that had seen its predecessors safe convicts the bad one.

use crate::errors::FaultKind;
use crate::hash::LeafHash;
use std::io::{self, Read};

const MAGIC: &[u8; 8] = b"REMITLOG";
const VERSION: u32 = 2;

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
}

impl SegmentHeader {
    pub(crate) const BYTES: usize = 56;

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
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
            (true, VERSION) => Ok(Self {
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

/// The first whole frame of these bytes, when it is good: its header and its record.
pub(crate) fn frame(bytes: &[u8]) -> Option<(FrameHeader, &[u8])> {
    let (header, rest) = bytes.split_first_chunk()?;
    let header = FrameHeader::read(*header);
    let record = rest.get(..usize::from(header.length))?;
    (header.length > 0 && header.fits(record)).then_some((header, record))
}

/// One step through the frames of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A good frame began here; its record is in [`Frames::record`].
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
    record: Vec<u8>,
}

impl<R: Read> Frames<R> {
    /// Over an input that stands at this offset of the segment, where a frame begins.
    pub(crate) fn new(input: R, offset: u64) -> Self {
        Self { input, offset, record: Vec::new() }
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

    /// The record of the last good frame.
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
        self.record.resize(usize::from(header.length), 0);
        if fill(&mut self.input, &mut self.record)? < self.record.len() {
            return Ok(Step::Bad(FaultKind::Torn));
        }
        if !header.fits(&self.record) {
            return Ok(Step::Bad(FaultKind::Checksum));
        }
        let offset = self.offset;
        self.offset += (FrameHeader::BYTES + self.record.len()) as u64;
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
        let header = SegmentHeader { first_seq: 7, prev: LeafHash::of(b"six") };
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
        let good = [SegmentHeader { first_seq: 0, prev: LeafHash::ZERO }.write(), sealed(b"record")].concat();
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
        let mut bytes = SegmentHeader { first_seq: 0, prev: LeafHash::ZERO }.write();
        bytes[8] = 3;
        let crc = crc32fast::hash(&bytes[..52]).to_le_bytes();
        bytes[52..].copy_from_slice(&crc);
        assert_eq!(SegmentHeader::read(&bytes), Err(FaultKind::Version(3)));
    }

    #[test]
    fn only_segment_names_are_segments() {
        assert_eq!(first_seq(&name(42)), Some(42));
        for other in ["head", "42.seg", "0000000000000000004x.seg", "00000000000000000042.seg.bad"] {
            assert_eq!(first_seq(other), None, "{other}");
        }
    }
}
