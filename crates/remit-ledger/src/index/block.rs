//! The format of one index chunk: where its records stand, and which of them carry which value. Pure.
//!
//! A chunk is written once, when all its records are in the log. Each block carries a checksum over its key
//! and content, so a lost, stale or damaged block is seen and never makes an answer shorter.

use super::columns;
use crate::hash::LeafHash;
use crate::limits::CHUNK_RECORDS;
use crate::query::{Query, unversioned};
use crate::row::{Column, Keys, Line, Row};
use crate::time::Timestamp;
use crate::walk::Place;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The largest block; above, sled would write it to a file of its own and never remove that.
const BLOCK_BYTES: usize = 60_000;
/// Stands in every checksum, so that blocks of another format are seen as damaged and built anew.
const FORMAT: &[u8] = b"remit index 3";
/// The block that names the places.
pub(crate) const PLACES: u8 = 0;

/// What records are found by; the number is part of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Field {
    SubjectType = 1,
    SubjectId,
    Action,
    ResourceType,
    ResourceId,
    Decision,
    Rule,
    Reason,
    DecisionId,
    ActorType,
    ActorId,
    Pep,
}

const FIELDS: [Field; 12] = [
    Field::SubjectType,
    Field::SubjectId,
    Field::Action,
    Field::ResourceType,
    Field::ResourceId,
    Field::Decision,
    Field::Rule,
    Field::Reason,
    Field::DecisionId,
    Field::ActorType,
    Field::ActorId,
    Field::Pep,
];

/// Where the records of a chunk stand, and what it begins and ends with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Places {
    /// Time of the earliest and of the latest decision.
    pub times: Option<(Timestamp, Timestamp)>,
    /// Time of the earliest and of the latest record of any kind.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Which columns some record has, a bit for each.
    pub columns: u64,
    /// The leaf hash of the record before the first.
    pub prev: LeafHash,
    /// From which record on which segment holds them.
    pub segments: Vec<(u16, u64)>,
    /// The offset of each record.
    pub offsets: Vec<u32>,
    /// The leaf hash of the last record.
    pub last: LeafHash,
    /// Where the next chunk begins.
    pub next: (u64, u64),
}

impl Places {
    /// Where a record of the chunk stands.
    pub(crate) fn place(&self, chunk: u64, nth: usize) -> Option<Place> {
        let offset = u64::from(*self.offsets.get(nth)?);
        let (_, segment) = *self.segments.iter().rev().find(|(from, _)| usize::from(*from) <= nth)?;
        Some(Place { segment, offset, seq: chunk * CHUNK_RECORDS + nth as u64 })
    }
}

/// Records of a chunk, by their number within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Nths(Vec<u64>);

impl Nths {
    pub(crate) fn all() -> Self {
        Self(vec![u64::MAX; CHUNK_RECORDS as usize / 64])
    }

    fn none() -> Self {
        Self(vec![0; CHUNK_RECORDS as usize / 64])
    }

    fn add(&mut self, nth: u16) {
        if let Some(word) = self.0.get_mut(usize::from(nth) / 64) {
            *word |= 1 << (nth % 64);
        }
    }

    pub(crate) fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, with)| *word &= with);
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = usize> {
        (0..CHUNK_RECORDS as usize)
            .filter(|nth| self.0.get(nth / 64).is_some_and(|word| word >> (nth % 64) & 1 == 1))
    }
}

/// The values a question names, by field.
pub(crate) fn terms(query: &Query) -> Vec<(Field, u64)> {
    let entity = |kind, id, filter: &Option<crate::query::EntityFilter>| {
        let filter = filter.clone().unwrap_or_default();
        // Postings of one id only: with others that would do as well, the type must be enough.
        let alone = filter.id.filter(|_| filter.also.is_empty());
        [(kind, filter.kind), (id, alone)]
    };
    let plain = [
        (Field::Action, query.action.clone()),
        (Field::Decision, query.decision.map(|it| it.as_str().to_owned())),
        (Field::Rule, query.rule.as_deref().map(|it| unversioned(it).to_owned())),
        (Field::Reason, query.reason.clone()),
        (Field::DecisionId, query.decision_id.clone()),
        (Field::Pep, query.pep.clone()),
    ];
    let subject = entity(Field::SubjectType, Field::SubjectId, &query.subject);
    let resource = entity(Field::ResourceType, Field::ResourceId, &query.resource);
    let actor = entity(Field::ActorType, Field::ActorId, &query.actor);
    let all = plain.into_iter().chain(subject).chain(resource).chain(actor);
    all.filter_map(|(field, value)| Some((field, term(&value?)))).collect()
}

/// A value as it stands in a block: FNV-1a, part of the format. Two values with the same number, by chance or made
/// on purpose, only cost a look at the record.
pub(crate) fn term(value: &str) -> u64 {
    value.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Collects the records of one chunk.
pub(crate) struct Builder {
    chunk: u64,
    places: Places,
    postings: HashMap<Field, HashMap<u64, Vec<u16>>>,
    columns: columns::Builder,
    nth: u16,
}

impl Builder {
    pub(crate) fn new(chunk: u64, prev: LeafHash) -> Self {
        let places = Places {
            times: None,
            span: None,
            columns: 0,
            prev,
            segments: vec![],
            offsets: vec![],
            last: LeafHash::ZERO,
            next: (0, 0),
        };
        Self { chunk, places, postings: HashMap::new(), columns: columns::Builder::default(), nth: 0 }
    }

    /// Takes the next record; `end` is where the one after it begins.
    pub(crate) fn add(&mut self, place: Place, end: u64, leaf: LeafHash, line: &Line<'_>) {
        if self.places.segments.last().is_none_or(|(_, segment)| *segment != place.segment) {
            self.places.segments.push((self.nth, place.segment));
        }
        self.places.offsets.push(u32::try_from(place.offset).unwrap_or(u32::MAX));
        self.places.last = leaf;
        self.places.next = (place.segment, end);
        let widen = |span: Option<(Timestamp, Timestamp)>, time: Timestamp| {
            span.map_or((time, time), |(earliest, latest)| (earliest.min(time), latest.max(time)))
        };
        self.places.span = Some(widen(self.places.span, line.keys.time));
        if line.is_decision() {
            self.places.times = Some(widen(self.places.times, line.keys.time));
            self.post(&line.keys);
        }
        self.columns.add(&Row::whole(place.seq, line));
        self.nth += 1;
    }

    fn post(&mut self, keys: &Keys<'_>) {
        let nth = self.nth;
        let mut put = |field, value: &str| {
            let nths = self.postings.entry(field).or_default().entry(term(value)).or_default();
            if nths.last() != Some(&nth) {
                nths.push(nth);
            }
        };
        let plain = [
            (Field::Action, &keys.action),
            (Field::Reason, &keys.reason),
            (Field::DecisionId, &keys.decision_id),
            (Field::Pep, &keys.pep),
        ];
        for (field, value) in plain {
            value.iter().for_each(|value| put(field, &value.0));
        }
        keys.decision.iter().for_each(|it| put(Field::Decision, it.as_str()));
        keys.rules.iter().for_each(|it| put(Field::Rule, unversioned(&it.rule.0)));
        let subject = keys.subject.iter().map(|it| (Field::SubjectType, Field::SubjectId, it));
        let resource = keys.resource.iter().map(|it| (Field::ResourceType, Field::ResourceId, it));
        let actors = keys.actor.iter().chain(&keys.chain).map(|it| (Field::ActorType, Field::ActorId, it));
        for (kind, id, entity) in subject.chain(resource).chain(actors) {
            put(kind, &entity.kind.0);
            entity.id.iter().for_each(|value| put(id, &value.0));
        }
    }

    /// The finished blocks with their keys, in the order of the keys.
    pub(crate) fn finish(mut self) -> Vec<([u8; 9], Vec<u8>)> {
        let (present, columns) = self.columns.finish(BLOCK_BYTES);
        self.places.columns = present;
        let places = serde_json::to_vec(&self.places).unwrap_or_default();
        let mut blocks = vec![seal(self.chunk, PLACES, places)];
        for field in FIELDS {
            let block = postings(self.postings.remove(&field).unwrap_or_default());
            blocks.push(seal(self.chunk, field as u8, block));
        }
        blocks.extend(columns.into_iter().map(|(column, block)| seal(self.chunk, key_of(column), block)));
        blocks
    }
}

/// How often a term must occur for a bitmap to be shorter than a list.
const DENSE: usize = CHUNK_RECORDS as usize / 16;

/// The content of a block of postings: sorted terms, each with its records; empty when it would be too large,
/// which makes every record a candidate.
fn postings(terms: HashMap<u64, Vec<u16>>) -> Vec<u8> {
    let mut terms: Vec<_> = terms.into_iter().collect();
    terms.sort_unstable();
    let mut head = (terms.len() as u32).to_le_bytes().to_vec();
    let mut body = Vec::new();
    for (term, nths) in terms {
        head.extend_from_slice(&term.to_le_bytes());
        head.extend_from_slice(&(body.len() as u32).to_le_bytes());
        if nths.len() >= DENSE {
            let mut set = Nths::none();
            nths.into_iter().for_each(|nth| set.add(nth));
            body.extend_from_slice(&u16::MAX.to_le_bytes());
            set.0.iter().for_each(|word| body.extend_from_slice(&word.to_le_bytes()));
        } else {
            body.extend_from_slice(&(nths.len() as u16).to_le_bytes());
            nths.into_iter().for_each(|nth| body.extend_from_slice(&nth.to_le_bytes()));
        }
    }
    head.extend_from_slice(&body);
    if head.len() > BLOCK_BYTES { Vec::new() } else { head }
}

/// Which records of the chunk carry the term, by the content of its block; none when it is not a block.
pub(crate) fn find(block: &[u8], term: u64) -> Option<Nths> {
    let Some((count, rest)) = block.split_first_chunk() else { return Some(Nths::all()) };
    let count = u32::from_le_bytes(*count) as usize;
    let (heads, body) = rest.split_at_checked(count.checked_mul(12)?)?;
    let (heads, _) = heads.as_chunks::<12>();
    let key = |head: &[u8; 12]| head.first_chunk().map_or(0, |it| u64::from_le_bytes(*it));
    let mut found = Nths::none();
    let Ok(at) = heads.binary_search_by_key(&term, key) else { return Some(found) };
    let start = u32::from_le_bytes(*heads.get(at)?.last_chunk()?) as usize;
    let (length, rest) = body.get(start..)?.split_first_chunk()?;
    let length = u16::from_le_bytes(*length);
    if length == u16::MAX {
        for (word, bytes) in found.0.iter_mut().zip(rest.get(..CHUNK_RECORDS as usize / 8)?.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
    } else {
        let nths = rest.get(..usize::from(length) * 2)?.as_chunks().0;
        nths.iter().for_each(|nth| found.add(u16::from_le_bytes(*nth)));
    }
    Some(found)
}

/// The number of a column's block: above those of the postings.
pub(crate) fn key_of(column: Column) -> u8 {
    32 + column as u8
}

/// The key of a block.
pub(crate) fn key(chunk: u64, field: u8) -> [u8; 9] {
    let [a, b, c, d, e, f, g, h] = chunk.to_be_bytes();
    [a, b, c, d, e, f, g, h, field]
}

fn seal(chunk: u64, field: u8, mut content: Vec<u8>) -> ([u8; 9], Vec<u8>) {
    let key = key(chunk, field);
    content.extend_from_slice(&checksum(&key, &content));
    (key, content)
}

/// The content of a sealed block; none when it is not what was sealed under this key.
pub(crate) fn unseal<'a>(key: &[u8; 9], block: &'a [u8]) -> Option<&'a [u8]> {
    let (content, sum) = block.split_last_chunk()?;
    (checksum(key, content) == *sum).then_some(content)
}

fn checksum(key: &[u8; 9], content: &[u8]) -> [u8; 4] {
    let mut crc = crc32fast::Hasher::new();
    crc.update(FORMAT);
    crc.update(key);
    crc.update(content);
    crc.finalize().to_le_bytes()
}
