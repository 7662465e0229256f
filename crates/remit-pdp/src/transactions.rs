//! The use cases of transactions: open, narrow, read, report, revoke, close. Steps are asked for in `decide`.

use std::collections::BTreeSet;
use std::sync::Arc;

use remit_engine::Query;
use remit_json::{Json, Object};
use remit_ledger::{Body, Entry, TransactionChanged};
use remit_model::transaction::{FieldKind, Integrity, Reported, Seen};
use remit_model::{
    DelegationChain, Duration, EntityRef, Name, Outcome, Reason, Scope, Status, Timestamp, Transaction,
};
use remit_state::{Change, Opening, Refused, Reservation};
use serde_json::{Value as Wire, json};

use crate::acting::{self, Contained};
use crate::answer::wire;
use crate::batch::bytes;
use crate::call::{Call, Reply};
use crate::fault::Fault;
use crate::goal::{self, array, bad, object, only, text};
use crate::intake;
use crate::kept;
use crate::keyed;
use crate::limits::{TRANSACTION_MOST_S, TRANSACTION_S};
use crate::live::Live;
use crate::pdp::{Pdp, new_id};
use crate::record;
use crate::said;
use crate::tenant;

impl Pdp {
    /// Opens a transaction for a subject and an intent.
    ///
    /// # Errors
    /// [`Fault`]; [`Fault::Refused`] with the reason when the intent or the chain does not allow it.
    pub async fn open_transaction(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.begin(call, None, body).await
    }

    /// Opens a child that must lie inside its parent.
    ///
    /// # Errors
    /// As [`Pdp::open_transaction`]; a wider child is refused with the field that widens.
    pub async fn narrow_transaction(
        &self,
        call: &Call<'_>,
        parent: &str,
        body: &[u8],
    ) -> Result<Reply, Fault> {
        self.begin(call, Some(parent), body).await
    }

    async fn begin(&self, call: &Call<'_>, parent: Option<&str>, body: &[u8]) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.assert_identity, "open transactions")?;
        let now = self.now()?;
        let live = self.published.load_full();
        let json = intake::parse(body, &self.json_limits)?;
        let body = object(&json, "")?;
        let above = parent.map(|id| self.known(call, id)).transpose()?;
        let allowed = ["subject", "intent", "authorization_details", "expires_in_s", "txn", "act"];
        only(body, &allowed, "")?;
        let subject = match (&above, body.get("subject")) {
            (Some(above), None) => above.subject.clone(),
            (_, Some(json)) => goal::entity(json, "/subject")?,
            (None, None) => return Err(bad("", "`subject` is missing")),
        };
        tenant::admit(call.pep, &live, [(subject.kind.as_str(), &*subject.id)])?;
        let intent = intent(body, &subject, &live, now)?;
        self.fulfillable(&intent, &live, now)?;
        let opening = Opening {
            id: body
                .get("txn")
                .map(|_| text(body, "txn", ""))
                .transpose()?
                .map_or_else(new_id, str::to_owned),
            expires: expires(body, intent.not_after, now)?,
            chain: chain(body, &live)?,
            intent,
        };
        let held = match parent {
            None => self.state.open(opening, now),
            Some(parent) => {
                let graph = Contained { bound: &live.bound, now };
                self.state.child(parent, opening, &graph, now)
            }
        };
        let held = held.map_err(refused)?;
        let event = if parent.is_some() { "narrow" } else { "open" };
        let opened = self.write_down(call, event, held, now).await?;
        let opened = opened.ok_or_else(|| Fault::Internal { message: "the transaction is gone".into() })?;
        let told = json!({
            "transaction": opened.id,
            "intent_hash": opened.hash.to_string(),
            "expires_at": opened.expires.to_string(),
        });
        Ok(Reply { body: bytes(&told)?, evaluation_id: None })
    }

    /// What a transaction is and what was done in it.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when there is none.
    pub fn transaction(&self, call: &Call<'_>, id: &str) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.assert_identity, "read transactions")?;
        let key = self.outcome_key.as_ref().map(|key| key.id());
        let told = told(&*self.known(call, id)?, &self.state.children(id), key);
        Ok(Reply { body: bytes(&told)?, evaluation_id: None })
    }

    /// Takes what a permitted step returned.
    ///
    /// # Errors
    /// [`Fault`]; also when the step is unknown or was reported otherwise before.
    pub async fn report_outcome(&self, call: &Call<'_>, id: &str, body: &[u8]) -> Result<(), Fault> {
        self.permit(call.pep.rights.assert_identity, "report outcomes")?;
        let now = self.now()?;
        let json = intake::parse(body, &self.json_limits)?;
        let body = object(&json, "")?;
        only(body, &["evaluation_id", "fields", "key_id"], "")?;
        let key_id = body.get("key_id").map(|_| text(body, "key_id", "")).transpose()?;
        if key_id.is_some_and(|id| self.outcome_key.as_ref().is_none_or(|key| key.id() != id)) {
            return Err(bad("/key_id", "names another key than the one values are compared with"));
        }
        let decision_id = text(body, "evaluation_id", "")?.to_owned();
        let fields = array(body, "fields", "")?.ok_or_else(|| bad("", "`fields` is missing"))?;
        let fields = fields
            .iter()
            .enumerate()
            .map(|(index, json)| reported(json, &format!("/fields/{index}"), self.outcome_key.is_some()));
        let fields = fields.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        let known = self.known(call, id)?;
        let step = known.steps.iter().find(|step| step.decision_id == decision_id && step.via.is_none());
        let step = step.ok_or_else(|| refused(Refused::UnknownStep(decision_id.clone())))?;
        let outcome = Outcome { task: step.task.clone(), decision_id, fields };
        let held = self.state.report(id, outcome).map_err(refused)?;
        self.write_down(call, "report", held, now).await.map(drop)
    }

    /// Stops a transaction and its children; holds from the next decision on.
    ///
    /// # Errors
    /// [`Fault`]; the transaction stays stopped even when that could not be recorded.
    pub async fn revoke_transaction(&self, call: &Call<'_>, id: &str) -> Result<(), Fault> {
        self.permit(call.pep.rights.assert_identity, "revoke transactions")?;
        let now = self.now()?;
        let _ours = self.known(call, id)?;
        let change = self.state.revoke(id).map_err(refused)?;
        self.record_change(call, "revoke", &change, now).await
    }

    /// Finishes a transaction and its children.
    ///
    /// # Errors
    /// As [`Pdp::revoke_transaction`].
    pub async fn close_transaction(&self, call: &Call<'_>, id: &str) -> Result<(), Fault> {
        self.permit(call.pep.rights.assert_identity, "close transactions")?;
        let now = self.now()?;
        let _ours = self.known(call, id)?;
        let change = self.state.close(id).map_err(refused)?;
        self.record_change(call, "close", &change, now).await
    }

    /// SPEC: CHECKLIST A4: an intent that no agent's skills can fulfil is refused by the task that none can do.
    fn fulfillable(&self, intent: &remit_model::Intent, live: &Live, now: Timestamp) -> Result<(), Fault> {
        let of = &intent.subject;
        let query = Query::new(&live.bound, (of.kind.as_str(), &of.id), "", ("", ""), now);
        // A task upon nothing admits no step and needs no skill.
        let empty = |task: &Name| {
            let task = intent.task(task.as_str());
            task.is_some_and(|task| matches!(&task.resource, Scope::OneOf(upon) if upon.is_empty()))
        };
        match remit_engine::unfulfilled(&live.bound, &query, intent).iter().find(|task| !empty(task)) {
            None => Ok(()),
            Some(task) => Err(Fault::Refused {
                reason: Reason::SkillMissing.code(),
                field: Some(format!("tasks.{task}")),
                message: format!("no skill fulfils task `{task}`"),
            }),
        }
    }

    /// A transaction that this caller may know of: for one of a tenant the others are not there.
    fn known(&self, call: &Call<'_>, id: &str) -> Result<Arc<Transaction>, Fault> {
        let live = self.published.load();
        let ours = |it: &Arc<Transaction>| {
            let of = &it.subject;
            tenant::admit(call.pep, &live, [(of.kind.as_str(), &*of.id)]).is_ok()
        };
        let found = self.state.get(id).filter(ours);
        found.ok_or_else(|| Fault::NotFound { message: format!("there is no transaction `{id}`") })
    }

    /// Records what is held and makes it real.
    async fn write_down(
        &self,
        call: &Call<'_>,
        event: &str,
        held: Reservation,
        now: Timestamp,
    ) -> Result<Option<Arc<Transaction>>, Fault> {
        // INVARIANT: nothing is real before the ledger has it; an error drops what is held.
        self.record_change(call, event, held.change(), now).await?;
        Ok(held.commit())
    }

    async fn record_change(
        &self,
        call: &Call<'_>,
        event: &str,
        change: &Change,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let record = Body::Transaction(TransactionChanged {
            aside: None,
            event: event.to_owned(),
            pep: call.pep.name.to_string(),
            request_id: call.request_id.map(str::to_owned),
            time: record::time(now),
            transaction: change.transaction().unwrap_or_default().to_owned(),
        });
        let entry = Entry::new(record, kept::aside(change)?);
        let _receipt = self.ledger.append(entry).await.map_err(|error| self.unrecorded(&error))?;
        Ok(())
    }
}

fn intent(
    body: &Object<'_>,
    subject: &EntityRef,
    live: &Live,
    now: Timestamp,
) -> Result<remit_model::Intent, Fault> {
    match (body.get("intent"), body.get("authorization_details")) {
        (Some(json), None) => acting::stated(json, subject, live, now)?.map_err(|denial| Fault::Refused {
            reason: denial.reason.code(),
            field: Some(denial.field),
            message: denial.detail,
        }),
        (None, Some(json)) => goal::quads(json, subject, "/authorization_details"),
        _ => Err(bad("", "exactly one of `intent` and `authorization_details` must be given")),
    }
}

fn expires(body: &Object<'_>, not_after: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Fault> {
    let wanted = goal::count(body, "expires_in_s", "")?;
    if wanted.is_some_and(|seconds| seconds == 0 || seconds > TRANSACTION_MOST_S) {
        return Err(bad("/expires_in_s", &format!("must be 1 to {TRANSACTION_MOST_S}")));
    }
    let lasts = |seconds: u32| now.checked_add(Duration::from_nanos(i128::from(seconds) * 1_000_000_000));
    let end = match (wanted.and_then(lasts), not_after) {
        (Some(end), Some(latest)) => Some(end.min(latest)),
        (Some(end), None) => Some(end),
        (None, Some(latest)) => Some(latest),
        (None, None) => lasts(TRANSACTION_S),
    };
    end.ok_or_else(|| bad("/expires_in_s", "lies beyond the calendar"))
}

fn chain(body: &Object<'_>, live: &Live) -> Result<Option<DelegationChain>, Fault> {
    let Some(json) = body.get("act").filter(|json| !json.is_null()) else { return Ok(None) };
    let agents = said::act(json)?;
    let agents = agents.into_iter().map(|(kind, id)| acting::agent(kind, id, &live.bound));
    let mut agents = agents.collect::<Result<Vec<_>, _>>()?.into_iter();
    Ok(agents.next().map(|current| DelegationChain::new(current, agents.collect())))
}

/// One reported field; a list or object is reported as the fields inside it.
fn reported(json: &Json<'_>, at: &str, has_key: bool) -> Result<Vec<Reported>, Fault> {
    let body = object(json, at)?;
    only(body, &["path", "value", "keyed", "integrity", "text", "created"], at)?;
    let integrity = match body.get("integrity").map(|it| it.as_str()) {
        None | Some(Some("trusted")) => Integrity::Trusted,
        Some(Some("untrusted")) => Integrity::Untrusted,
        Some(_) => return Err(bad(&format!("{at}/integrity"), "must be `trusted` or `untrusted`")),
    };
    let source = body.get("text").map(|_| text(body, "text", at)).transpose()?;
    let kind = source.map_or(FieldKind::Structured, |source| FieldKind::Text { source: source.to_owned() });
    let created = body.get("created").is_some_and(|it| it.as_bool() == Some(true));
    let path = text(body, "path", at)?;
    let one = |path: String, value: Seen| Reported { path, value, integrity, kind: kind.clone(), created };
    match (body.get("value"), body.get("keyed")) {
        (Some(json), None) => {
            let mut leaves = Vec::new();
            flatten(json, path.to_owned(), &mut leaves);
            Ok(leaves.into_iter().map(|(path, value)| one(path, value)).collect())
        }
        (None, Some(_)) => {
            let (hash, at) = (text(body, "keyed", at)?, format!("{at}/keyed"));
            // WHY: a hash that nothing can be compared with would look like an origin and never be one.
            if !has_key {
                return Err(bad(&at, "cannot be compared: no key of outcomes is configured"));
            }
            if !keyed::is_hash(hash) {
                return Err(bad(&at, "must be HMAC-SHA-256 as 64 lower-case hexadecimal digits"));
            }
            Ok(vec![one(path.to_owned(), Seen::Keyed(hash.to_owned()))])
        }
        _ => Err(bad(at, "exactly one of `value` and `keyed` must be given")),
    }
}

fn flatten(json: &Json<'_>, path: String, leaves: &mut Vec<(String, Seen)>) {
    if let Some(items) = json.as_array() {
        for (index, item) in items.iter().enumerate() {
            flatten(item, format!("{path}[{index}]"), leaves);
        }
    } else if let Some(members) = json.as_object() {
        for member in members.iter() {
            let below =
                if path.is_empty() { member.key.to_string() } else { format!("{path}.{}", member.key) };
            flatten(&member.value, below, leaves);
        }
    } else if let Some(value) = intake::value(json) {
        leaves.push((path, Seen::Canonical(remit_model::origin::canonical(&value))));
    }
}

fn told(it: &Transaction, children: &[String], key: Option<&str>) -> Wire {
    let entity = |it: &EntityRef| json!({ "type": it.kind.as_str(), "id": &*it.id });
    let names = |names: &BTreeSet<Name>| names.iter().map(|it| Wire::from(it.as_str())).collect::<Wire>();
    let steps = it.steps.iter().map(|step| {
        json!({
            "task": step.task.as_str(),
            "action": step.action.as_str(),
            "resource": entity(&step.resource),
            "arguments": step.arguments.iter().map(|(k, v)| (k.clone(), wire(v))).collect::<serde_json::Map<_, _>>(),
            "evaluation_id": step.decision_id,
            "at": step.at.to_string(),
            "pending": step.pending,
        })
    });
    json!({
        "transaction": it.id,
        "parent": it.parent,
        "children": children,
        "status": match it.status {
            Status::Open => "open",
            Status::Closed => "closed",
            Status::Revoked => "revoked",
        },
        "subject": entity(&it.subject),
        "chain": it.chain.iter().flat_map(DelegationChain::iter).map(entity).collect::<Wire>(),
        "template": it.intent.template.as_ref().map(Name::as_str),
        "tasks": it.intent.tasks.iter().map(|task| task.name.as_str()).collect::<Vec<_>>(),
        "intent_hash": it.hash.to_string(),
        "opened_at": it.opened.to_string(),
        "expires_at": it.expires.to_string(),
        "labels": names(&it.labels),
        "steps": steps.collect::<Wire>(),
        "outcomes": it.outcomes.len(),
        "outcome_key": key,
    })
}

fn refused(refused: Refused) -> Fault {
    let message = refused.to_string();
    let field = match &refused {
        Refused::Widened(widenings) => widenings.first().map(|it| it.field.clone()),
        Refused::Misfit(misfit) => Some(misfit.field.clone()),
        _ => None,
    };
    match (refused.reason(), refused) {
        (_, Refused::Unknown(_)) => Fault::NotFound { message },
        (Some(reason), _) => Fault::Refused { reason: reason.code(), field, message },
        (None, Refused::Malformed(_) | Refused::UnknownStep(_)) => {
            Fault::BadRequest { message, pointer: None }
        }
        (None, Refused::Taken(_) | Refused::Busy(_) | Refused::OtherOutcome(_)) => {
            Fault::Conflict { message }
        }
        (None, _) => Fault::Overloaded { retry_after_s: 1 },
    }
}
