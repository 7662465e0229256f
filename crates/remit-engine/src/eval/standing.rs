//! Consents and signals: what the question's standing says of subject and actor. Without a standing all is unknown;
//! with one, a party of which nothing is recorded has agreed to nothing and shown nothing.

use remit_model::consent::{Usage, given};
use remit_model::signal::{TOOL_USED, Trait};
use remit_model::{Duration, Seen};

use super::Eval;
use crate::lower::Who;
use crate::program::Ix;
use crate::purpose::Fact;
use crate::query::Party;
use crate::truth::Truth;
use crate::val::Val;

impl<'a> Eval<'a> {
    /// Has the subject agreed that this category is used for this purpose, by who acts, with the resource?
    pub(super) fn consents(&self, category: Ix, purpose: Ix) -> Truth {
        let (Val::Str(category), Val::Str(purpose)) = (self.value(category), self.value(purpose)) else {
            return Truth::Unknown;
        };
        let Some(standing) = self.query.standing else { return Truth::Unknown };
        let named = |party: &Party<'a>| (party.type_name, party.id);
        let subject = named(&self.query.subject);
        let recipient = self.query.actor.as_ref().map_or(subject, named);
        let usage = Usage { category, purpose, recipient, resource: named(&self.query.resource) };
        let grants = standing.consents(subject.0, subject.1).unwrap_or_default();
        Truth::from(given(grants.iter(), &usage, self.query.now))
    }

    /// A fact of the signals of a party; unknown when it is the actor and no agent acts.
    pub(super) fn signal(&self, whose: Who, fact: Fact) -> Option<Val<'a>> {
        let party = match whose {
            Who::Actor => self.query.actor.as_ref()?,
            Who::Subject | Who::Resource => &self.query.subject,
        };
        let standing = self.query.standing?;
        let seen = standing.signals(party.type_name, party.id).unwrap_or_default();
        if !self.asks_for_steps(fact) {
            return self.fact(&seen, fact);
        }
        match standing.steps(party.type_name, party.id) {
            Some(steps) => self.fact(&seen.with(&steps), fact),
            None => self.fact(&seen, fact),
        }
    }

    /// Whether the allowed steps of an agent are part of the answer.
    fn asks_for_steps(&self, fact: Fact) -> bool {
        match fact {
            Fact::Count(kind, _) => self.value(kind) == Val::Str(TOOL_USED),
            Fact::Distinct(what, _) | Fact::IsNew(what) => what == Trait::Tool,
            Fact::Hops(_) => true,
            Fact::Travel(_) | Fact::TokenAddresses(..) | Fact::Risk => false,
        }
    }

    fn fact(&self, seen: &Seen, fact: Fact) -> Option<Val<'a>> {
        let now = self.query.now;
        let number = |count: usize| Some(Val::Number(i64::try_from(count).ok()?.into()));
        match fact {
            Fact::Count(kind, window) => match self.value(kind) {
                Val::Str(kind) => number(seen.count(kind, self.window(window)?, now)),
                _ => None,
            },
            Fact::Distinct(what, window) => number(seen.distinct(what, self.window(window)?, now)),
            Fact::Hops(window) => Some(Val::Number(i64::from(seen.hops(self.window(window)?, now)).into())),
            Fact::TokenAddresses(token, window) => match self.value(token) {
                Val::Str(token) => number(seen.token_addresses(token, self.window(window)?, now)),
                _ => None,
            },
            Fact::Travel(window) => Some(Val::Number(seen.travel(self.window(window)?, now))),
            Fact::IsNew(what) => Some(Val::Bool(seen.is_new(what, now))),
            Fact::Risk => seen.risk(now).map(|risk| Val::Str(risk.as_str())),
        }
    }

    fn window(&self, ix: Ix) -> Option<Duration> {
        match self.value(ix) {
            Val::Duration(window) => Some(window),
            _ => None,
        }
    }
}
