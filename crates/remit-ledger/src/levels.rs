//! The hashes of the tree on disk: a column for each level of tiles, in which a tile is a stretch of 256 hashes.
//!
//! They repeat what the records say and are rebuilt from them; once records are pruned they are all that is left.

use crate::storage::{Column, Storage};
use crate::tile::WIDTH;
use crate::tree::{self, Hash};
use std::io;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

/// Levels that a log of 2^56 records has.
const LEVELS: usize = 8;
const HASH: u64 = 32;

/// The columns of one log.
pub(crate) struct Levels {
    storage: Arc<dyn Storage>,
    columns: [OnceLock<Arc<dyn Column>>; LEVELS],
    /// Whether columns may be made.
    make: bool,
    /// Levels written since the last sync, a bit each.
    written: AtomicU8,
}

impl Levels {
    /// For reading: makes nothing.
    pub(crate) fn at(storage: Arc<dyn Storage>) -> Self {
        Self { storage, columns: Default::default(), make: false, written: AtomicU8::new(0) }
    }

    /// For writing.
    pub(crate) fn keep(storage: Arc<dyn Storage>) -> Self {
        // What a killed process wrote may be in the kernel only.
        Self { make: true, written: AtomicU8::new(u8::MAX), ..Self::at(storage) }
    }

    /// How many leaf hashes there are.
    pub(crate) fn size(&self) -> io::Result<u64> {
        self.column(0)?.map_or(Ok(0), |column| Ok(column.length()? / HASH))
    }

    /// So many hashes of a level from this one on; fewer where the column ends.
    pub(crate) fn hashes(&self, level: u8, first: u64, count: u64) -> io::Result<Vec<Hash>> {
        let Some(column) = self.column(level)? else { return Ok(Vec::new()) };
        let length = usize::try_from(count * HASH).map_err(|_| io::ErrorKind::InvalidInput)?;
        let bytes = column.read_at(first.saturating_mul(HASH), length)?;
        Ok(bytes.chunks_exact(32).filter_map(|hash| hash.try_into().ok()).collect())
    }

    /// The root of the perfect subtree of this height at this place.
    pub(crate) fn node(&self, height: u32, index: u64) -> io::Result<Hash> {
        let level = u8::try_from(height / 8).map_err(|_| io::ErrorKind::InvalidInput)?;
        let below = height % 8;
        let count = 1 << below;
        let hashes = self.hashes(level, index << below, count)?;
        if hashes.len() as u64 != count {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(tree::fold(hashes))
    }

    /// Puts leaf hashes in from this place on; what stood there and behind it is gone.
    pub(crate) fn put(&self, first: u64, leaves: &[Hash]) -> io::Result<()> {
        self.cut(first)?;
        let (mut level, mut first, mut hashes) = (0, first, leaves.to_vec());
        loop {
            let Some(column) = self.column(level)? else { return Err(io::ErrorKind::NotFound.into()) };
            self.written.fetch_or(1 << level, Ordering::Relaxed);
            column.write_at(first * HASH, hashes.as_flattened())?;
            let end = first + hashes.len() as u64;
            let whole = first / WIDTH..end / WIDTH;
            if whole.is_empty() {
                return Ok(());
            }
            hashes = whole.clone().map(|tile| self.whole(level, tile)).collect::<io::Result<_>>()?;
            first = whole.start;
            level += 1;
        }
    }

    /// The root of a whole tile.
    fn whole(&self, level: u8, tile: u64) -> io::Result<Hash> {
        let hashes = self.hashes(level, tile * WIDTH, WIDTH)?;
        if hashes.len() as u64 == WIDTH {
            return Ok(tree::fold(hashes));
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    /// Forgets everything about the leaves from this one on.
    pub(crate) fn cut(&self, size: u64) -> io::Result<()> {
        for level in 0..LEVELS as u8 {
            let Some(column) = self.present(level)? else { continue };
            let length = size.checked_shr(8 * u32::from(level)).unwrap_or(0) * HASH;
            if column.length()? > length {
                self.written.fetch_or(1 << level, Ordering::Relaxed);
                column.truncate(length)?;
            }
        }
        Ok(())
    }

    /// The first leaf of whose hash, or of one of whose whole tiles, another one or none stands here.
    pub(crate) fn differs(&self, first: u64, leaves: &[Hash]) -> io::Result<Option<u64>> {
        let here = self.hashes(0, first, leaves.len() as u64)?;
        if let Some(at) = leaves.iter().enumerate().position(|(at, leaf)| here.get(at) != Some(leaf)) {
            return Ok(Some(first + at as u64));
        }
        // A level is checked where a tile of the one below it ends.
        let (mut level, mut end) = (0, first + leaves.len() as u64);
        let mut tile = leaves.to_vec();
        while end.is_multiple_of(WIDTH) && end > 0 && level + 1 < LEVELS as u8 {
            let begin = end - WIDTH;
            if tile.len() as u64 != WIDTH {
                tile = self.hashes(level, begin, WIDTH)?;
            }
            level += 1;
            end /= WIDTH;
            if self.hashes(level, end - 1, 1)?.first() != Some(&tree::fold(tile)) {
                return Ok(Some(begin << (8 * u32::from(level - 1))));
            }
            tile = Vec::new();
        }
        Ok(None)
    }

    /// Makes everything written durable: each second the leaves, and higher levels when a tile became whole.
    pub(crate) fn sync(&self) -> io::Result<()> {
        let written = self.written.swap(0, Ordering::Relaxed);
        let sync = |level: u8| self.present(level)?.map_or(Ok(()), |column| column.sync());
        let synced = (0..LEVELS as u8).filter(|level| written >> level & 1 == 1).try_for_each(sync);
        if synced.is_err() {
            self.written.fetch_or(written, Ordering::Relaxed);
        }
        synced
    }

    /// The column of a level, made where it is missing and may be made.
    fn column(&self, level: u8) -> io::Result<Option<Arc<dyn Column>>> {
        self.open(level, self.make)
    }

    /// The column of a level if there is one.
    fn present(&self, level: u8) -> io::Result<Option<Arc<dyn Column>>> {
        self.open(level, false)
    }

    fn open(&self, level: u8, make: bool) -> io::Result<Option<Arc<dyn Column>>> {
        let Some(cell) = self.columns.get(usize::from(level)) else { return Ok(None) };
        if let Some(column) = cell.get() {
            return Ok(Some(column.clone()));
        }
        // WHY: a column that was opened for reading alone would be kept, so what may be written is opened for that.
        let known = self.storage.column(&level.to_string(), false)?.is_some();
        if !known && !make {
            return Ok(None);
        }
        let Some(column) = self.storage.column(&level.to_string(), self.make)? else { return Ok(None) };
        Ok(Some(cell.get_or_init(|| column).clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::memory::Memory;
    use crate::tree::{Edge, naive};

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|n| crate::LeafHash::of(&n.to_be_bytes()).0).collect()
    }

    #[test]
    fn nodes_of_three_levels_are_those_of_the_tree() {
        let all = leaves(66_000);
        let levels = Levels::keep(Arc::new(Memory::default()));
        let mut at = 0;
        for step in [1, 254, 1, 1, 300, 65_000, 443] {
            levels.put(at as u64, &all[at..at + step]).unwrap();
            at += step;
        }
        assert_eq!((at, levels.size().unwrap()), (66_000, 66_000));
        let mut edge = Edge::default();
        all.iter().for_each(|leaf| edge.push(*leaf));
        assert_eq!(Edge::at(66_000, |h, i| levels.node(h, i)).unwrap(), edge);
        assert_eq!(levels.node(9, 3).unwrap(), naive::mth(&all[1_536..2_048]));
        assert!(levels.node(9, 200).is_err(), "beyond the end");
        for (first, last) in [(0, 256), (65_792, 66_000), (65_280, 65_536)] {
            assert_eq!(levels.differs(first as u64, &all[first..last]).unwrap(), None, "{first}");
        }
    }

    #[test]
    fn what_is_put_anew_replaces_what_stood_behind_it() {
        let (all, other) = (leaves(1_000), leaves(2_000).split_off(1_000));
        let levels = Levels::keep(Arc::new(Memory::default()));
        levels.put(0, &all).unwrap();
        levels.put(300, &other[..600]).unwrap();
        assert_eq!(levels.size().unwrap(), 900);
        let now = [&all[..300], &other[..600]].concat();
        let mut edge = Edge::default();
        now.iter().for_each(|leaf| edge.push(*leaf));
        assert_eq!(Edge::at(900, |h, i| levels.node(h, i)).unwrap(), edge);
        assert_eq!(levels.differs(256, &all[256..512]).unwrap(), Some(300));
        assert_eq!(levels.differs(768, &now[768..900]).unwrap(), None);
        assert_eq!(levels.differs(900, &all[900..]).unwrap(), Some(900), "what is missing differs");
    }

    #[test]
    fn a_changed_tile_of_a_higher_level_is_found() {
        let memory = Memory::default();
        let all = leaves(600);
        let levels = Levels::keep(Arc::new(memory.clone()));
        levels.put(0, &all).unwrap();
        memory.column("1", false).unwrap().unwrap().write_at(32, &[7; 4]).unwrap();
        assert_eq!(levels.differs(0, &all[..256]).unwrap(), None);
        assert_eq!(levels.differs(256, &all[256..512]).unwrap(), Some(256));
    }

    #[test]
    fn reading_makes_no_column() {
        let memory = Memory::default();
        let levels = Levels::at(Arc::new(memory.clone()));
        assert_eq!(levels.size().unwrap(), 0);
        assert!(levels.put(0, &leaves(1)).is_err());
        assert!(memory.column("0", false).unwrap().is_none());
    }
}
