//! Addresses of tiles and entry bundles. Pure. SPEC: c2sp.org/tlog-tiles.

use crate::checkpoint::number;

/// Hashes in a whole tile, records in a whole bundle.
pub(crate) const WIDTH: u64 = 256;

/// What a tile address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Hashes of this level: leaves at 0, roots of whole tiles of the level below above that.
    Hashes(u8),
    /// Records.
    Entries,
}

/// The address of a tile or an entry bundle, as it stands in a path after `tile/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// Of what.
    pub kind: Kind,
    /// Which of its level.
    pub index: u64,
    /// How many hashes or records: 256, or fewer at the right edge.
    pub width: u64,
}

impl Tile {
    /// Reads `L/N`, `L/N.p/W`, `entries/N` or `entries/N.p/W`.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (kind, rest) = path.split_once('/')?;
        let kind = match kind {
            "entries" => Kind::Entries,
            level => Kind::Hashes(number(level).and_then(|it| u8::try_from(it).ok()).filter(|it| *it < 64)?),
        };
        let (index, width) = match rest.split_once(".p/") {
            None => (rest, WIDTH),
            Some((index, width)) => (index, number(width).filter(|it| (1..WIDTH).contains(it))?),
        };
        Some(Self { kind, index: parse_index(index)?, width })
    }

    /// The address, as [`Tile::parse`] reads it.
    #[must_use]
    pub fn path(&self) -> String {
        let kind = match self.kind {
            Kind::Hashes(level) => level.to_string(),
            Kind::Entries => "entries".to_owned(),
        };
        let mut path = format!("{:03}", self.index % 1_000);
        let mut rest = self.index / 1_000;
        while rest > 0 {
            path = format!("x{:03}/{path}", rest % 1_000);
            rest /= 1_000;
        }
        let partial = if self.is_full() { String::new() } else { format!(".p/{}", self.width) };
        format!("{kind}/{path}{partial}")
    }

    /// Whether it can never grow.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.width == WIDTH
    }

    /// Whether a log of this size has all of it.
    pub(crate) fn is_in(&self, size: u64) -> bool {
        let level = match self.kind {
            Kind::Hashes(level) => u32::from(level),
            Kind::Entries => 0,
        };
        let hashes = size.checked_shr(8 * level).unwrap_or(0);
        self.index
            .checked_mul(WIDTH)
            .and_then(|it| it.checked_add(self.width))
            .is_some_and(|end| end <= hashes)
    }

    /// Where it begins among the hashes of its level.
    pub(crate) fn first(&self) -> u64 {
        self.index.saturating_mul(WIDTH)
    }
}

fn parse_index(text: &str) -> Option<u64> {
    let mut parts = text.split('/').peekable();
    let (mut index, mut beginning) = (0_u64, true);
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        let digits = if last { part } else { part.strip_prefix('x')? };
        let three = digits.len() == 3 && digits.bytes().all(|it| it.is_ascii_digit());
        // One spelling for each index: no leading group of zeros.
        if !three || (beginning && !last && digits == "000") {
            return None;
        }
        index = index.checked_mul(1_000)?.checked_add(digits.parse().ok()?)?;
        beginning = false;
    }
    Some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_the_specification_and_of_cloudflares_port() {
        let tile = Tile { kind: Kind::Hashes(0), index: 1_234_067, width: 256 };
        assert_eq!(tile.path(), "0/x001/x234/067");
        for index in [0, 1, 255, 999, 1_000, 1_234_067, 999_999_999] {
            for width in [1, 255, 256] {
                for kind in [Kind::Hashes(0), Kind::Hashes(5), Kind::Entries] {
                    let tile = Tile { kind, index, width };
                    assert_eq!(Tile::parse(&tile.path()), Some(tile));
                    let (level, entries) = match kind {
                        Kind::Hashes(level) => (level, false),
                        Kind::Entries => (0, true),
                    };
                    let theirs = tlog_tiles::Tile::new(8, level, index, width as u32, entries);
                    let path = theirs.path().replace("tile/8/", "").replace("data/", "entries/");
                    assert_eq!(path, tile.path());
                }
            }
        }
    }

    #[test]
    fn every_address_has_one_spelling() {
        for bad in [
            "",
            "0",
            "0/",
            "0/0",
            "0/00",
            "0/0000",
            "0/x000/001",
            "00/001",
            "64/001",
            "-1/001",
            "0/x001",
            "0/001.p/0",
            "0/001.p/256",
            "0/001.p/01",
            "0/001.p/",
            "0/001/002",
            "0/x1/002",
            "entries/../001",
            "data/001",
            "0/ 01",
            "0/001.p/1/2",
            "0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(Tile::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_log_of_70_000_has_the_tiles_of_the_example() {
        let has = |path: &str| Tile::parse(path).is_some_and(|tile| tile.is_in(70_000));
        for good in ["0/272", "0/273.p/112", "1/000", "1/001.p/17", "2/000.p/1", "entries/273.p/112"] {
            assert!(has(good), "{good}");
        }
        for none in [
            "0/273",
            "0/273.p/113",
            "0/274.p/1",
            "1/001",
            "1/001.p/18",
            "2/000.p/2",
            "3/000.p/1",
            "63/000.p/1",
        ] {
            assert!(!has(none), "{none}");
        }
    }
}
