//! What a service outside is sent for a question. Who asks it, and whether, is not decided here.

use std::sync::Arc;

use remit_model::Value;

use crate::bind::Bound;
use crate::eval::Eval;
use crate::query::Query;
use crate::render;

/// What the source at this index is sent for the question: each path with its value, where it has one.
#[must_use]
pub fn sent(bound: &Bound, query: &Query<'_>, source: u16) -> Vec<(Arc<str>, Option<Value>)> {
    let eval = Eval::new(bound, query);
    let plan = bound.program().sources().get(usize::from(source));
    let sends = plan.into_iter().flat_map(|plan| &plan.sends);
    sends.map(|(path, ix)| (Arc::clone(path), render::owned(&eval, *ix))).collect()
}
