//! Drafts to queries: names are looked up in one published state.

use remit_engine::{Asked, Bound, Outside, Party, Query, Standing};
use remit_model::Timestamp;

use crate::intake::{Draft, Side};
use crate::live::Live;
use crate::message::Message;
use crate::schemas::Schemas;

/// When a question is decided, who asks, and what is known beside the graph.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// The instant.
    pub now: Timestamp,
    /// The caller's name.
    pub pep: &'a str,
    /// Consents and signals; unknown without.
    pub standing: Option<&'a dyn Standing>,
    /// What services outside say; unknown without.
    pub outside: Option<&'a dyn Outside>,
}

/// Resolves every name of a draft.
#[must_use]
pub fn resolve<'a>(draft: &'a Draft<'a>, live: &Live, sight: &Sight<'a>) -> Query<'a> {
    resolve_in(draft, (&live.bound, &live.schemas), sight)
}

/// The same, in a world that is not published.
#[must_use]
pub fn resolve_in<'a>(
    draft: &'a Draft<'a>,
    (bound, schemas): (&Bound, &Schemas),
    sight: &Sight<'a>,
) -> Query<'a> {
    let Sight { now, pep, standing, outside } = *sight;
    let found = || {
        let message = Message::of(&draft.context, &draft.action.1, draft.asked.content());
        message.facts(bound.program().message_facts(), schemas)
    };
    Query {
        subject: party(&draft.subject, bound),
        actor: None,
        action: Asked::resolve(bound, draft.action.0),
        resource: party(&draft.resource, bound),
        action_properties: &draft.action.1,
        context: &draft.context,
        message: draft.message.get_or_init(found),
        now,
        pep,
        unsupported: draft.unsupported,
        standing,
        outside,
        agency: None,
    }
}

/// Resolves a subject or resource.
#[must_use]
pub fn party<'a>(side: &'a Side<'a>, bound: &Bound) -> Party<'a> {
    Party::resolve(bound, side.kind, side.id).asserting(&side.asserted)
}
