//! Drafts to queries: names are looked up in one published state.

use remit_engine::{Asked, Bound, Party, Query};
use remit_model::Timestamp;

use crate::intake::{Draft, Side};
use crate::live::Live;
use crate::message::Message;

/// Resolves every name of a draft.
#[must_use]
pub fn resolve<'a>(draft: &'a Draft<'a>, live: &Live, now: Timestamp, pep: &'a str) -> Query<'a> {
    let bound = &live.bound;
    let found = || {
        let message = Message::of(&draft.context, &draft.action.1, draft.asked.content());
        message.facts(bound.program().message_facts(), &live.schemas)
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
        standing: None,
        agency: None,
    }
}

/// Resolves a subject or resource.
#[must_use]
pub fn party<'a>(side: &'a Side<'a>, bound: &Bound) -> Party<'a> {
    Party::resolve(bound, side.kind, side.id).asserting(&side.asserted)
}
