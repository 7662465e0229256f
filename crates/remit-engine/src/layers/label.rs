//! What an allowed step marks its transaction with.

use std::collections::BTreeSet;

use remit_model::Name;

use crate::eval::Eval;
use crate::truth::Truth;

/// Labels to add and to take away. A label is added when its rule may apply, taken away only when it does, and one
/// that is both is added.
pub(super) fn changes(eval: &Eval<'_>) -> (BTreeSet<Name>, BTreeSet<Name>) {
    let (mut add, mut take) = (BTreeSet::new(), BTreeSet::new());
    for plan in &eval.program.labels {
        match (plan.removes, eval.rule(&plan.rule)) {
            (false, Truth::True | Truth::Unknown) => drop(add.insert(plan.label.clone())),
            (true, Truth::True) => drop(take.insert(plan.label.clone())),
            (_, Truth::False) | (true, Truth::Unknown) => {}
        }
    }
    take.retain(|label| !add.contains(label));
    (add, take)
}
