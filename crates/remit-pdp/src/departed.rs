//! What an entity leaves behind when a graph no longer has it: nothing that counts. Ids carry no generation, so whoever
//! bears one later must find no consent, no open transaction and no valid token of whoever bore it before.

use remit_ledger::{Body, Entity, Entry, Pseudonyms, SignalSeen};
use remit_model::signal::ENTITY_REMOVED;
use remit_model::{EntityRef, Grant, Name, Signal, Timestamp};
use remit_state::{Change, State};

use crate::consents::changed;
use crate::kept;
use crate::live::Live;
use crate::pdp::{Pdp, new_id};
use crate::record;
use crate::standing::whole;

/// How many records are written with one wait.
pub(crate) const AT_ONCE: usize = 1_024;
/// Who asks for these changes, as records name it.
const ASKED_BY: &str = "graph";

/// One change of the state, and the record of it. It counts once that is written.
#[derive(Debug)]
pub(crate) struct Departure {
    pub entry: Entry,
    pub change: Change,
}

impl Pdp {
    /// Records what ends when this graph follows that one, and ends it.
    ///
    /// # Errors
    /// It cannot be recorded, for people: then nothing of what was not recorded has ended.
    pub(crate) async fn end_departed(
        &self,
        before: &Live,
        after: &Live,
        now: Timestamp,
    ) -> Result<(), String> {
        let mut left = departures((&self.state, &self.pseudonyms), before, after, now)?;
        while !left.is_empty() {
            let rest = left.split_off(left.len().min(AT_ONCE));
            let (entries, changes): (Vec<Entry>, Vec<Change>) =
                left.into_iter().map(|it| (it.entry, it.change)).unzip();
            let _receipts = self.ledger.append_all(entries).await.map_err(|error| error.to_string())?;
            for change in &changes {
                let _ = self.state.apply(change);
            }
            left = rest;
        }
        Ok(())
    }
}

/// What ends when this graph follows that one. Entities that neither declares were never there and cannot go.
///
/// # Errors
/// A change cannot be written down, for people.
pub(crate) fn departures(
    (state, pseudonyms): (&State, &Pseudonyms),
    before: &Live,
    after: &Live,
    now: Timestamp,
) -> Result<Vec<Departure>, String> {
    if before.revisions.graph.digest == after.revisions.graph.digest {
        return Ok(Vec::new());
    }
    let now = whole(now);
    let gone = |it: &EntityRef| declared(before, it) && !declared(after, it);
    let subject = |it: &EntityRef| before.subject(pseudonyms, it.kind.as_str(), &it.id);
    let other = |it: &EntityRef| before.entity(pseudonyms, it.kind.as_str(), &it.id);
    let mut all = Vec::new();
    for grant in state.consents_naming(now, gone) {
        all.push(withdrawn(&grant, subject(&grant.subject), other, now)?);
    }
    for party in parties(state, before).iter().filter(|party| gone(party)) {
        all.push(removed(party, subject(party), now)?);
    }
    Ok(all)
}

/// Whoever may hold tokens: the declared subjects and agents of a graph, and all of whom the state knows anything.
fn parties(state: &State, live: &Live) -> std::collections::BTreeSet<EntityRef> {
    let snapshot = live.bound.snapshot();
    let mut all = state.parties();
    for kind in live.persons.iter().chain(&live.agent) {
        let Some(of) = snapshot.schema().type_id(kind) else { continue };
        let theirs = snapshot.nodes_of(of).map(remit_graph::NodeId);
        all.extend(theirs.filter(|node| !snapshot.is_placeholder(*node)).map(|node| snapshot.entity(node)));
    }
    all
}

fn declared(live: &Live, of: &EntityRef) -> bool {
    let snapshot = live.bound.snapshot();
    let found = snapshot.schema().type_id(of.kind.as_str()).and_then(|kind| snapshot.node(kind, &of.id));
    found.is_some_and(|node| !snapshot.is_placeholder(node))
}

fn withdrawn(
    grant: &Grant,
    subject: Entity,
    other: impl Fn(&EntityRef) -> Entity,
    now: Timestamp,
) -> Result<Departure, String> {
    let change = Change::Withdrawn { consent: grant.id.clone(), at: now };
    let body = changed(("withdraw", grant), (ASKED_BY, None), (subject, other), now);
    departure(body, change)
}

fn removed(party: &EntityRef, subject: Entity, now: Timestamp) -> Result<Departure, String> {
    let kind = Name::new(ENTITY_REMOVED).map_err(|error| error.to_string())?;
    let change = Change::Observed(Box::new(Signal::new(&new_id(), party.clone(), kind, now)));
    let body = Body::Signal(Box::new(SignalSeen {
        aside: None,
        ended: Some(record::time(now)),
        issuer: None,
        pep: ASKED_BY.to_owned(),
        request_id: None,
        signal: ENTITY_REMOVED.to_owned(),
        subject,
        time: record::time(now),
    }));
    departure(body, change)
}

fn departure(body: Body, change: Change) -> Result<Departure, String> {
    let aside = kept::aside(&change).map_err(|fault| fault.to_string())?;
    Ok(Departure { entry: Entry::new(body, aside), change })
}
