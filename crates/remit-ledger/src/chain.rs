//! The chain of records: each names its place and the hash of the one before it. Pure.

use crate::errors::FaultKind;
use crate::hash::LeafHash;
use crate::record::trailer;

/// How far a log reaches: its size, and the leaf hash of its last record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// How many records it holds, which is the number of the next one.
    pub size: u64,
    /// The leaf hash of the last one; zeros for an empty log.
    pub head: LeafHash,
}

impl Extent {
    /// The log without records.
    pub const EMPTY: Self = Self { size: 0, head: LeafHash::ZERO };

    /// Takes the next record if it continues the chain.
    pub(crate) fn accept(&mut self, record: &[u8]) -> Result<(), FaultKind> {
        let (prev, seq) = trailer(record).ok_or(FaultKind::Format)?;
        if seq != self.size {
            return Err(FaultKind::Sequence(seq));
        }
        if prev != self.head {
            return Err(FaultKind::Chain);
        }
        *self = Self { size: seq + 1, head: LeafHash::of(record) };
        Ok(())
    }
}
