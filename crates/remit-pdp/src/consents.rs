//! The use cases of consents: give, withdraw, read. Whether one is given is asked by policies.

use remit_json::{Json, Object};
use remit_ledger::{Body, ConsentChanged, Entity, Entry};
use remit_model::{EntityRef, Grant, Name, Timestamp};
use remit_state::{Change, Refused};
use serde_json::{Value as Wire, json};

use crate::batch::bytes;
use crate::call::{Call, Reply};
use crate::fault::Fault;
use crate::goal::{self, bad, object, only, text};
use crate::limits::{CONSENT_PROOF_CHARS, CONSENT_WORD_CHARS};
use crate::pdp::{Pdp, new_id};
use crate::record::Frame;
use crate::standing::whole;
use crate::{intake, kept, record};

impl Pdp {
    /// Takes a consent of a person. It counts once it is recorded.
    ///
    /// # Errors
    /// [`Fault`]: no right, a wrong shape, an id that is taken, or a record that could not be written.
    pub async fn grant_consent(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.noted(call, self.grant_inner(call, body).await).await
    }

    async fn grant_inner(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.consents, "change consents")?;
        let now = whole(self.now()?);
        let json = intake::parse(body, &self.json_limits)?;
        let grant = read(object(&json, "")?, now)?;
        let held = self.state.grant(grant.clone()).map_err(refused)?;
        self.record_consent(call, "grant", &grant, held.change(), now).await?;
        let _none = held.commit();
        Ok(Reply { body: bytes(&shown(&grant, now))?, evaluation_id: None })
    }

    /// Takes a consent back; from this instant on it does not count.
    ///
    /// # Errors
    /// [`Fault::NotFound`], [`Fault::Conflict`] when it was taken back before, and as for granting.
    pub async fn withdraw_consent(&self, call: &Call<'_>, id: &str) -> Result<Reply, Fault> {
        self.noted(call, self.withdraw_inner(call, id).await).await
    }

    async fn withdraw_inner(&self, call: &Call<'_>, id: &str) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.consents, "change consents")?;
        let now = whole(self.now()?);
        let held = self.state.withdraw(id, now).map_err(refused)?;
        let grant = self.state.consent(id).ok_or_else(|| refused(Refused::NoConsent(id.to_owned())))?;
        self.record_consent(call, "withdraw", &grant, held.change(), now).await?;
        let _none = held.commit();
        let grant = Grant { withdrawn: Some(now), ..grant };
        Ok(Reply { body: bytes(&shown(&grant, now))?, evaluation_id: None })
    }

    /// What a person has agreed to, as it stood at an instant: `subject`, and `at` when it is not now.
    ///
    /// # Errors
    /// [`Fault`]: no right, or a missing or unknown parameter.
    pub fn list_consents(&self, call: &Call<'_>, parameters: &[(String, String)]) -> Result<Reply, Fault> {
        let rights = &call.pep.rights;
        self.permit(rights.consents || rights.governance, "read consents")?;
        let (mut subject, mut at) = (None, self.now()?);
        for (name, value) in parameters {
            let refused = |what: &str| Fault::BadRequest {
                message: format!("`{name}` must be {what}, not `{value}`"),
                pointer: None,
            };
            match name.as_str() {
                "subject" => subject = Some(person(value).ok_or_else(|| refused("`type:id`"))?),
                "at" => at = Timestamp::parse(value).ok_or_else(|| refused("an RFC 3339 time"))?,
                _ => {
                    let message = format!("there is no parameter `{name}`");
                    return Err(Fault::BadRequest { message, pointer: None });
                }
            }
        }
        let subject = subject.ok_or_else(|| Fault::BadRequest {
            message: "the parameter `subject` is missing".to_owned(),
            pointer: None,
        })?;
        let all = self.state.consents(&subject).unwrap_or_default();
        Ok(Reply { body: bytes(&listed(&all, at))?, evaluation_id: None })
    }

    async fn record_consent(
        &self,
        call: &Call<'_>,
        event: &str,
        grant: &Grant,
        change: &Change,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let live = self.published.load_full();
        let record = recorded(call, &self.frame(call, &live, now), (event, grant), now);
        let entry = Entry::new(record, kept::aside(change)?);
        let _receipt = self.ledger.append(entry).await.map_err(|error| self.unrecorded(&error))?;
        Ok(())
    }
}

/// The record of what became of a consent.
pub(crate) fn recorded(
    call: &Call<'_>,
    frame: &Frame<'_>,
    (event, grant): (&str, &Grant),
    now: Timestamp,
) -> Body {
    let subject = frame.subject(grant.subject.kind.as_str(), &grant.subject.id);
    let other = |of: &EntityRef| frame.entity(of.kind.as_str(), &of.id);
    changed((event, grant), (&call.pep.name, call.request_id), (subject, other), now)
}

/// The same, asked for by anybody, of a person and others under these names.
pub(crate) fn changed(
    (event, grant): (&str, &Grant),
    (asked_by, request_id): (&str, Option<&str>),
    (subject, other): (Entity, impl Fn(&EntityRef) -> Entity),
    now: Timestamp,
) -> Body {
    Body::Consent(Box::new(ConsentChanged {
        aside: None,
        category: grant.category.clone(),
        consent: grant.id.clone(),
        event: event.to_owned(),
        expires: grant.expires.map(record::time),
        pep: asked_by.to_owned(),
        purpose: grant.purpose.clone(),
        recipient: grant.recipient.as_ref().map(&other),
        request_id: request_id.map(str::to_owned),
        resource: grant.resource.as_ref().map(&other),
        subject,
        time: record::time(now),
    }))
}

/// A person as `type:id`; nothing when the text is no such thing.
#[must_use]
pub fn person(text: &str) -> Option<EntityRef> {
    let (kind, id) = text.split_once(':').filter(|(_, id)| !id.is_empty())?;
    Some(EntityRef::new(Name::new(kind).ok()?, id))
}

fn read(body: &Object<'_>, now: Timestamp) -> Result<Grant, Fault> {
    let members = ["id", "subject", "category", "purpose", "recipient", "resource", "expires_at", "proof"];
    only(body, &members, "")?;
    let entity = |member: &str| {
        let found = body.get(member).filter(|json| !json.is_null());
        found.map(|json| goal::entity(json, &format!("/{member}"))).transpose()
    };
    let must = |member: &str| Err(bad("", &format!("`{member}` is missing")));
    Ok(Grant {
        id: word(body, "id", CONSENT_WORD_CHARS)?.unwrap_or_else(new_id),
        subject: entity("subject")?.map_or_else(|| must("subject"), Ok)?,
        category: word(body, "category", CONSENT_WORD_CHARS)?
            .ok_or_else(|| bad("", "`category` is missing"))?,
        purpose: word(body, "purpose", CONSENT_WORD_CHARS)?.ok_or_else(|| bad("", "`purpose` is missing"))?,
        recipient: entity("recipient")?,
        resource: entity("resource")?,
        from: now,
        expires: expires(body, now)?,
        proof: word(body, "proof", CONSENT_PROOF_CHARS)?,
        withdrawn: None,
    })
}

fn expires(body: &Object<'_>, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
    if body.get("expires_at").is_none_or(Json::is_null) {
        return Ok(None);
    }
    let end = Timestamp::parse(text(body, "expires_at", "")?);
    let end = end.ok_or_else(|| bad("/expires_at", "must be an RFC 3339 time"))?;
    if end > now { Ok(Some(whole(end))) } else { Err(bad("/expires_at", "lies in the past")) }
}

/// A text that is not empty, too long or unprintable.
pub(crate) fn word(body: &Object<'_>, member: &str, most: usize) -> Result<Option<String>, Fault> {
    if body.get(member).is_none_or(Json::is_null) {
        return Ok(None);
    }
    let found = text(body, member, "")?;
    let fits = !found.is_empty() && found.chars().count() <= most && !found.chars().any(char::is_control);
    if fits {
        return Ok(Some(found.to_owned()));
    }
    let wants = format!("must have 1 to {most} characters, none of them a control character");
    Err(bad(&format!("/{member}"), &wants))
}

fn shown(grant: &Grant, at: Timestamp) -> Wire {
    let entity = |of: &EntityRef| json!({ "type": of.kind.as_str(), "id": &*of.id });
    json!({
        "id": grant.id,
        "subject": entity(&grant.subject),
        "category": grant.category,
        "purpose": grant.purpose,
        "recipient": grant.recipient.as_ref().map(entity),
        "resource": grant.resource.as_ref().map(entity),
        "granted_at": grant.from.to_string(),
        "expires_at": grant.expires.map(|end| end.to_string()),
        "withdrawn_at": grant.withdrawn.filter(|end| *end <= at).map(|end| end.to_string()),
        "proof": grant.proof,
        "active": grant.active(at),
    })
}

/// Everything that was granted by an instant, as people read it.
#[must_use]
pub fn listed(grants: &[Grant], at: Timestamp) -> Wire {
    let known = grants.iter().filter(|grant| grant.from <= at).map(|grant| shown(grant, at));
    json!({ "at": at.to_string(), "consents": known.collect::<Vec<_>>() })
}

/// Why the state refuses a consent or a signal.
pub(crate) fn refused(refused: Refused) -> Fault {
    let message = refused.to_string();
    match refused {
        Refused::NoConsent(_) => Fault::NotFound { message },
        Refused::Malformed(_) => Fault::BadRequest { message, pointer: None },
        Refused::Taken(_) | Refused::Busy(_) | Refused::Withdrawn(_) => Fault::Conflict { message },
        // A bound is reached: not the caller's fault, and waiting does not help.
        _ => Fault::Unavailable { message },
    }
}
