//! Consents and signals, each fact from the bare list of what was seen.

use std::collections::BTreeSet;

use remit_lang::checked::{Fact, Party};
use remit_model::signal::Trait;
use remit_model::{EntityRef, Grant, Signal, Value};

use super::eval::Reader;
use super::known::Known;

impl Reader<'_> {
    /// Whether the subject has agreed; nothing when that cannot be told.
    pub(super) fn agreed(&self, category: &Known, purpose: &Known) -> Option<bool> {
        let (Some(Value::String(category)), Some(Value::String(purpose))) =
            (category.as_one(), purpose.as_one())
        else {
            return None;
        };
        let (grants, _) = self.ask.standing.as_ref()?;
        let (subject, now) = (&self.ask.subject.entity, self.ask.now);
        let actor = self.ask.actor.as_ref().map_or(subject, |actor| &actor.entity);
        let counts = |grant: &&Grant| {
            let begun = grant.from <= now;
            let over = [grant.expires, grant.withdrawn].into_iter().flatten().any(|end| end <= now);
            let theirs =
                grant.subject == *subject && grant.category == **category && grant.purpose == **purpose;
            let by = grant.recipient.as_ref().is_none_or(|of| of == actor);
            let with = grant.resource.as_ref().is_none_or(|of| *of == self.ask.resource.entity);
            begun && !over && theirs && by && with
        };
        Some(grants.iter().find(counts).is_some())
    }

    /// A fact of what was seen of a party.
    pub(super) fn shown(&self, whose: Party, fact: &Fact, parts: &[Known]) -> Option<Value> {
        let of: &EntityRef = match whose {
            Party::Actor => &self.ask.actor.as_ref()?.entity,
            Party::Subject | Party::Resource => &self.ask.subject.entity,
        };
        let (_, all) = self.ask.standing.as_ref()?;
        let mut theirs: Vec<&Signal> =
            all.iter().filter(|signal| signal.party == *of && signal.at <= self.ask.now).collect();
        theirs.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        let window = || match parts.last()?.as_one()? {
            Value::Duration(window) => Some(*window),
            _ => None,
        };
        let recent = |signal: &&&Signal, window| self.ask.now.since(signal.at) < window;
        let number = |count: usize| Some(Value::Number(i64::try_from(count).ok()?.into()));
        match fact {
            Fact::Count { .. } => {
                let window = window()?;
                let Some(Value::String(kind)) = parts.first()?.as_one() else { return None };
                let of_kind = |signal: &&&Signal| signal.kind.as_str() == &**kind;
                number(theirs.iter().filter(|it| recent(it, window)).filter(of_kind).count())
            }
            Fact::Distinct(what, _) => {
                let window = window()?;
                let shown = theirs.iter().filter(|it| recent(it, window)).filter_map(|it| it.shows(*what));
                number(shown.collect::<BTreeSet<_>>().len())
            }
            Fact::Hops(_) => {
                let window = window()?;
                let hops = theirs.iter().filter(|it| recent(it, window)).filter_map(|it| it.hops).max();
                number(usize::try_from(hops.unwrap_or(0)).ok()?)
            }
            Fact::TokenAddresses { .. } => {
                let window = window()?;
                let Some(Value::String(token)) = parts.first()?.as_one() else { return None };
                let shown = |signal: &&&Signal| signal.token.as_deref() == Some(&**token);
                let all = theirs.iter().filter(|it| recent(it, window)).filter(shown);
                number(all.filter_map(|it| it.address.as_deref()).collect::<BTreeSet<_>>().len())
            }
            Fact::Travel(_) => {
                let window = window()?;
                let mut seen = remit_model::Seen::default();
                theirs.iter().filter(|it| recent(it, window)).for_each(|it| {
                    seen.take_in(std::sync::Arc::new((**it).clone()));
                });
                // The speed itself is shared; which signals it is of is not.
                Some(Value::Number(seen.travel(window, self.ask.now)))
            }
            Fact::IsNew(what) => Some(Value::Bool(newly(&theirs, *what))),
            Fact::Risk => theirs.iter().rev().find_map(|it| it.risk).map(|risk| Value::string(risk.as_str())),
        }
    }
}

fn newly(theirs: &[&Signal], what: Trait) -> bool {
    let mut shown: Vec<(&str, bool)> =
        theirs.iter().filter_map(|it| Some((it.shows(what)?, it.failed))).collect();
    let Some((last, _)) = shown.pop() else { return false };
    let familiar: Vec<&str> = shown.iter().filter(|(_, failed)| !failed).map(|(it, _)| *it).collect();
    !familiar.is_empty() && !familiar.contains(&last)
}
