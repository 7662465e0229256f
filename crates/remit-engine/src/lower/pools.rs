//! The growing arrays of a program; each `push` hands out the index that nodes refer to.

use std::hash::Hash;
use std::sync::Arc;

use regex::Regex;
use remit_model::{ActionId, Value};
use rustc_hash::FxHashMap;

use super::{LowerError, Span};
use crate::program::{Constant, Field, Follow, Ix, Node, Run, Shape, Term};
use crate::purpose::{Beyond, Word};

/// Items without duplicates.
#[derive(Debug)]
pub(super) struct Interned<T> {
    pub items: Vec<T>,
    seen: FxHashMap<T, u32>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self { items: Vec::new(), seen: FxHashMap::default() }
    }
}

impl<T: Clone + Eq + Hash> Interned<T> {
    pub(super) fn intern(&mut self, item: T) -> Result<u32, LowerError> {
        if let Some(ix) = self.seen.get(&item) {
            return Ok(*ix);
        }
        let ix = index(self.items.len())?;
        self.items.push(item.clone());
        self.seen.insert(item, ix);
        Ok(ix)
    }
}

/// Everything a program is made of.
#[derive(Debug, Default)]
pub(super) struct Pools {
    pub nodes: Vec<Node>,
    pub shapes: Vec<Shape>,
    pub spans: Vec<Span>,
    pub paths: Vec<Option<Arc<str>>>,
    pub lists: Vec<Ix>,
    pub actions: Vec<ActionId>,
    pub terms: Vec<Term>,
    pub consts: Vec<Value>,
    pub entities: Interned<Constant>,
    pub fields: Interned<Field>,
    pub names: Interned<Arc<str>>,
    pub patterns: Vec<Regex>,
    pattern_ids: FxHashMap<String, u32>,
    pub follows: Vec<Follow>,
    pub words: Vec<Word>,
    pub beyond: Vec<Beyond>,
}

impl Pools {
    pub(super) fn node(
        &mut self,
        node: Node,
        shape: Shape,
        span: Span,
        path: Option<Arc<str>>,
    ) -> Result<Ix, LowerError> {
        let ix = index(self.nodes.len())?;
        self.nodes.push(node);
        self.shapes.push(shape);
        self.spans.push(span);
        self.paths.push(path);
        Ok(ix)
    }

    pub(super) fn list(&mut self, items: &[Ix]) -> Result<Run, LowerError> {
        run(&mut self.lists, items)
    }

    pub(super) fn action_run(&mut self, items: &[ActionId]) -> Result<Run, LowerError> {
        let mut sorted = items.to_vec();
        sorted.sort();
        run(&mut self.actions, &sorted)
    }

    pub(super) fn term_run(&mut self, items: &[Term]) -> Result<Run, LowerError> {
        run(&mut self.terms, items)
    }

    pub(super) fn constant(&mut self, value: Value) -> Result<u32, LowerError> {
        let ix = index(self.consts.len())?;
        self.consts.push(value);
        Ok(ix)
    }

    pub(super) fn follow(&mut self, follow: Follow) -> Result<u32, LowerError> {
        let ix = index(self.follows.len())?;
        self.follows.push(follow);
        Ok(ix)
    }

    pub(super) fn word(&mut self, word: Word) -> Result<u32, LowerError> {
        let ix = index(self.words.len())?;
        self.words.push(word);
        Ok(ix)
    }

    pub(super) fn beyond(&mut self, beyond: Beyond) -> Result<u32, LowerError> {
        let ix = index(self.beyond.len())?;
        self.beyond.push(beyond);
        Ok(ix)
    }

    /// The place of a pattern, compiled the first time it is met.
    pub(super) fn pattern(
        &mut self,
        text: &str,
        compile: impl FnOnce() -> Result<Regex, LowerError>,
    ) -> Result<u32, LowerError> {
        if let Some(ix) = self.pattern_ids.get(text) {
            return Ok(*ix);
        }
        let ix = index(self.patterns.len())?;
        self.patterns.push(compile()?);
        self.pattern_ids.insert(text.to_owned(), ix);
        Ok(ix)
    }
}

fn run<T: Clone>(pool: &mut Vec<T>, items: &[T]) -> Result<Run, LowerError> {
    let start = index(pool.len())?;
    let len = index(items.len())?;
    start.checked_add(len).ok_or(LowerError::Capacity)?;
    pool.extend_from_slice(items);
    Ok(Run { start, len })
}

pub(super) fn index(at: usize) -> Result<u32, LowerError> {
    u32::try_from(at).map_err(|_| LowerError::Capacity)
}
