//! Does the next request of a transaction come from the same people: subject and delegation chain never lose anybody.

use super::{Misfit, Transaction};
use crate::{DelegationChain, EntityRef, Reason};

/// Does a request with this subject and chain continue the transaction. `service` says that the subject is a service
/// account, as far as the caller knows. Steps that are pending count as seen.
///
/// # Errors
/// The person is gone, somebody else asks, an agent has left the chain, agents stand in another order, or the chain
/// is longer than the intent allows: each has its own reason.
pub fn follows(
    transaction: &Transaction,
    subject: Option<&EntityRef>,
    service: bool,
    chain: Option<&DelegationChain>,
) -> Result<(), Misfit> {
    same_subject(&transaction.subject, subject, service)?;
    let length = chain.map_or(0, |chain| chain.iter().count());
    let too_deep = |most: u32| length > usize::try_from(most).unwrap_or(usize::MAX);
    if transaction.intent.hops_at_most.is_some_and(too_deep) {
        return Err(Misfit::new(Reason::ChainTooDeep, "hops_at_most", "is less than the hops of the chain"));
    }
    let own = transaction.steps.iter().filter(|step| step.pending && step.via.is_none());
    let pending = own.filter_map(|step| step.chain.as_ref());
    for seen in transaction.chain.iter().chain(pending) {
        continues(seen, chain)?;
    }
    Ok(())
}

fn same_subject(seen: &EntityRef, now: Option<&EntityRef>, service: bool) -> Result<(), Misfit> {
    let refuse = |reason, detail| Err(Misfit::new(reason, "subject", detail));
    match now {
        Some(now) if now == seen => Ok(()),
        None => refuse(Reason::AttributionLost, "is no longer named"),
        Some(now) if service || now.kind != seen.kind => {
            refuse(Reason::AttributionLost, "is no longer the person that it was")
        }
        Some(_) => refuse(Reason::TransactionForeign, "is somebody else"),
    }
}

/// The agents seen, origin first, must stand at the beginning of the new chain.
fn continues(seen: &DelegationChain, now: Option<&DelegationChain>) -> Result<(), Misfit> {
    let before: Vec<&EntityRef> = origin_first(seen);
    let after: Vec<&EntityRef> = now.map(origin_first).unwrap_or_default();
    if after.starts_with(&before) {
        return Ok(());
    }
    if before.iter().any(|agent| !after.contains(agent)) {
        return Err(Misfit::new(Reason::ChainShrunk, "chain", "has lost an agent"));
    }
    Err(Misfit::new(Reason::ChainReordered, "chain", "has its agents in another order"))
}

fn origin_first(chain: &DelegationChain) -> Vec<&EntityRef> {
    let mut agents: Vec<&EntityRef> = chain.iter().collect();
    agents.reverse();
    agents
}
