//! A signed log on disk, its frames, and the means of a tamperer.

use remit_ledger::{
    Body, FaultNoted, Keys, Ledger, LedgerError, LedgerOptions, Timestamp, Trust, Verified, verify_with,
};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub const ORIGIN: &str = "log.example/tamper";

/// A directory with a ledger, and a key apart from it.
pub struct World {
    pub dir: TempDir,
    pub keys: Keys,
    pub segment_bytes: u64,
}

pub fn note(what: impl Into<String>) -> Body {
    let time = Timestamp::from_unix_ms(1);
    Body::Fault(FaultNoted { pep: None, request_id: None, tenant: None, time, what: what.into() })
}

impl World {
    /// A closed log of so many records.
    pub fn of(records: u64) -> Self {
        Self::in_segments(records, remit_ledger::limits::SEGMENT_BYTES)
    }

    /// The same in segments of this size.
    pub fn in_segments(records: u64, segment_bytes: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::create(&dir.path().join("elsewhere/ledger.key"), ORIGIN).unwrap();
        let world = Self { dir, keys, segment_bytes };
        world.append(records);
        world
    }

    pub fn ledger(&self) -> PathBuf {
        self.dir.path().join("ledger")
    }

    pub fn open(&self) -> Result<Ledger, LedgerError> {
        let options = || LedgerOptions {
            keys: Some(self.keys.clone()),
            segment_bytes: self.segment_bytes,
            ..LedgerOptions::new("test", Timestamp::from_unix_ms(0))
        };
        // A process that another test starts holds every open file, and so the lock, until it runs its own program.
        for _ in 0..200 {
            match Ledger::open(&self.ledger(), options()) {
                Err(LedgerError::InUse(_)) => std::thread::sleep(std::time::Duration::from_millis(10)),
                opened => return opened.map(|(ledger, _)| ledger),
            }
        }
        Ledger::open(&self.ledger(), options()).map(|(ledger, _)| ledger)
    }

    /// Appends until the log has so many records, and closes it.
    pub fn append(&self, records: u64) {
        let ledger = self.open().unwrap();
        while ledger.extent().size < records {
            let _receipt = ledger.append_blocking(note(format!("record {}", ledger.extent().size))).unwrap();
        }
        ledger.close().unwrap();
    }

    pub fn trust(&self) -> Trust {
        Trust { keys: self.keys.vkeys(), heads: vec![] }
    }

    pub fn verify(&self) -> Result<Verified, remit_ledger::Fault> {
        verify_with(&self.ledger(), &self.trust())
    }

    pub fn segment(&self) -> PathBuf {
        fs::read_dir(self.ledger().join("segments")).unwrap().next().unwrap().unwrap().path()
    }

    pub fn checkpoint(&self) -> String {
        fs::read_to_string(self.ledger().join("checkpoint")).unwrap()
    }

    /// The keys in the hands of somebody who does not care what they signed before.
    pub fn stolen_keys(&self) -> Keys {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.keep().join("stolen.key");
        fs::copy(self.dir.path().join("elsewhere/ledger.key"), &path).unwrap();
        Keys::read(&path).unwrap()
    }

    /// The same log, anew in another place.
    pub fn copy(&self) -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy(self.dir.path(), dir.path());
        let keys = Keys::read(&dir.path().join("elsewhere/ledger.key")).unwrap();
        Self { dir, keys, segment_bytes: self.segment_bytes }
    }
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The header of a segment, and its frames.
pub fn frames(bytes: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (header, mut rest) = bytes.split_at(56);
    let mut frames = vec![];
    while !rest.is_empty() {
        let length = 8 + usize::from(u16::from_le_bytes([rest[0], rest[1]]));
        frames.push(rest[..length].to_vec());
        rest = &rest[length..];
    }
    (header.to_vec(), frames)
}

/// A frame around these record bytes, with a checksum that fits.
pub fn frame(record: &[u8]) -> Vec<u8> {
    let head = [&(record.len() as u16).to_le_bytes()[..], &[0, 0]].concat();
    let crc = crc32fast::hash(&[record, &head].concat());
    [&head[..], &crc.to_le_bytes(), record].concat()
}

pub fn full() -> bool {
    std::env::var_os("REMIT_FULL").is_some()
}

/// A generator that needs no crate: xorshift, seeded.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}
