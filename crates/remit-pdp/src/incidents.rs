//! Incidents: found at the moment of a decision or reported, graded, followed to their end. A projection of the ledger.

mod held;

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use remit_json::Object;
use remit_ledger::{Body, Decision, DecisionRecord, Disclosure, Incident, IncidentEvent, Timestamp};
use remit_model::Timestamp as Instant;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::batch::bytes;
use crate::call::{Call, Reply};
use crate::fault::Fault;
use crate::goal::{bad, object, only, text};
use crate::incident::{self, FAILURE_MODES, Grade, Impact, RECURRENCE_DAYS};
use crate::pdp::{Pdp, new_id};
use crate::retention::Open;
use crate::{intake, record};
use held::Held;

/// Characters of a description.
const TEXT_CHARS: usize = 4_000;

/// What is known of all incidents.
#[derive(Debug, Default)]
pub struct Incidents(Mutex<Table>);

#[derive(Debug, Default, Serialize, Deserialize)]
struct Table {
    held: Held,
    /// When each kind occurred lately.
    lately: HashMap<String, VecDeque<Timestamp>>,
    /// What is still to be told to the outside, with its record's number.
    outbox: VecDeque<(u64, Incident)>,
    /// Nobody is to be told.
    #[serde(skip)]
    silent: bool,
}

/// An incident that is to be told to the outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Escalation {
    /// The record.
    pub seq: u64,
    /// What has to follow.
    pub actions: &'static [&'static str],
    /// The form.
    pub incident: Incident,
}

impl Incidents {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of it as JSON, for the next start.
    pub(crate) fn snapshot(&self) -> Result<Vec<u8>, String> {
        serde_json::to_vec(&*self.table()).map_err(|error| error.to_string())
    }

    /// Takes a snapshot; false when it is none.
    pub(crate) fn restore(&self, content: &[u8]) -> bool {
        let Ok(known) = serde_json::from_slice(content) else { return false };
        *self.table() = known;
        true
    }

    /// Which incidents are not over, and what they rest on.
    pub(crate) fn open(&self) -> Open {
        let table = self.table();
        let mut open = Open::default();
        for incident in table.held.values() {
            let id = &incident.id;
            if incident.event == IncidentEvent::Resolved && incident.disclosure != Disclosure::Due {
                open.over.insert(id.clone());
                continue;
            }
            open.incidents.insert(id.clone());
            open.decisions.extend(incident.decision_id.clone());
            open.transactions.extend(incident.transaction.clone());
        }
        open
    }

    /// Takes in what a record says.
    pub(crate) fn take_in(&self, seq: u64, incident: &Incident) {
        let mut table = self.table();
        if matches!(incident.event, IncidentEvent::Detected | IncidentEvent::Reported) {
            table.occurred(&kind(incident), incident.occurred);
        }
        if !table.silent {
            table.outbox.push_back((seq, incident.clone()));
        }
        table.held.insert(incident.clone());
    }

    /// The incident that a decision is, when it is one of this grade or above.
    pub(crate) fn detect(&self, decided: &DecisionRecord, from: Grade) -> Option<Incident> {
        if decided.decision != Some(Decision::Deny) {
            return None;
        }
        let failure = decided.failures.first().and_then(|it| it.split(' ').next());
        let by_reason = incident::of_reason(&decided.reason).or_else(|| incident::of_reason(failure?));
        let by_rule = decided.severity.as_deref().and_then(Grade::parse);
        let base = by_rule.max(by_reason.map(|(_, grade)| grade))?;
        let mode = by_reason.map_or("policy_denied", |(mode, _)| mode);
        let mut found = Incident {
            action: decided.action.clone(),
            affected: decided.subject.clone(),
            agent: decided.actor.clone(),
            decision_id: Some(decided.decision_id.clone()),
            description: format!("denied: {}", decided.reason),
            disclosure: Disclosure::None,
            event: IncidentEvent::Detected,
            failure_mode: mode.to_owned(),
            form: FORM.to_owned(),
            grade: String::new(),
            id: new_id(),
            impact: json!(Impact::default()).to_string(),
            model: None,
            note: None,
            occurred: decided.time,
            pep: decided.pep.to_string(),
            policy: decided.policy.clone(),
            reason: Some(decided.reason.to_string()),
            recurrence: 0,
            reporter: "remit".to_owned(),
            response: Some("the step was denied".to_owned()),
            root_cause: None,
            denied_by: decided.rules.iter().map(|rule| rule.rule.clone()).collect(),
            severity: String::new(),
            stakeholders: "internal".to_owned(),
            time: decided.time,
            transaction: decided.transaction.clone(),
            use_case: decided.resource.as_ref().map_or_else(String::new, |it| it.kind.clone()),
            vendor: None,
        };
        found.recurrence = self.table().count(&kind(&found), found.occurred) + 1;
        let grade = incident::grade(base, &Impact::default(), found.recurrence);
        graded(&mut found, grade);
        (grade >= from).then_some(found)
    }

    /// What is to be told to the outside, the oldest first; it stays until [`Incidents::told`].
    #[must_use]
    pub fn untold(&self, most: usize) -> Vec<Escalation> {
        let table = self.table();
        let all = table.outbox.iter().take(most).map(|(seq, incident)| {
            let grade = Grade::parse(&incident.grade).unwrap_or(Grade::Critical);
            Escalation { seq: *seq, actions: grade.actions(), incident: incident.clone() }
        });
        all.collect()
    }

    /// Nobody outside is to be told, now and from here on.
    pub fn tell_nobody(&self) {
        let mut table = self.table();
        table.silent = true;
        table.outbox.clear();
    }

    /// Everything up to this record has been told.
    pub fn told(&self, seq: u64) {
        self.table().outbox.retain(|(at, _)| *at > seq);
    }
}

/// The form that the fields follow.
const FORM: &str = "VI";

/// What counts as the same kind: who, against what, in which way.
fn kind(incident: &Incident) -> String {
    let agent = incident.agent.as_ref().and_then(|it| it.id.as_deref()).unwrap_or_default();
    let rule = incident.denied_by.first().map(String::as_str).unwrap_or_default();
    format!("{} {agent} {rule} {}", incident.failure_mode, incident.reason.as_deref().unwrap_or_default())
}

impl Table {
    fn count(&mut self, kind: &str, now: Timestamp) -> u32 {
        let Some(times) = self.lately.get_mut(kind) else { return 0 };
        let since = now.unix_ms() - RECURRENCE_DAYS * 86_400_000;
        times.retain(|at| at.unix_ms() >= since);
        u32::try_from(times.len()).unwrap_or(u32::MAX)
    }

    fn occurred(&mut self, kind: &str, at: Timestamp) {
        let times = self.lately.entry(kind.to_owned()).or_default();
        times.push_back(at);
        // Beyond the third nothing changes any more.
        while times.len() > incident::RECURRENCES as usize {
            times.pop_front();
        }
    }
}

fn graded(found: &mut Incident, grade: Grade) {
    grade.as_str().clone_into(&mut found.grade);
    grade.on_form().clone_into(&mut found.severity);
    if grade.needs_disclosure() && found.disclosure == Disclosure::None {
        found.disclosure = Disclosure::Due;
    }
}

impl Pdp {
    /// What is to be told to the outside.
    #[must_use]
    pub fn incidents(&self) -> &Incidents {
        &self.incidents
    }

    /// Incidents by status, disclosure and grade, the latest first.
    ///
    /// # Errors
    /// [`Fault`]: no right, or an unknown parameter.
    pub fn list_incidents(&self, call: &Call<'_>, parameters: &[(String, String)]) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.governance, "read incidents")?;
        let wanted = Wanted::read(parameters)?;
        let table = self.incidents.table();
        let found = table.held.values().rev().filter(|it| wanted.admits(it));
        let found: Vec<_> = found.map(shown).collect();
        drop(table);
        Ok(Reply { body: bytes(&json!({ "incidents": found }))?, evaluation_id: None })
    }

    /// One incident as it stands.
    ///
    /// # Errors
    /// [`Fault`]: no right, or no such incident.
    pub fn incident(&self, call: &Call<'_>, id: &str) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.governance, "read incidents")?;
        Ok(Reply { body: bytes(&shown(&self.known_incident(id)?))?, evaluation_id: None })
    }

    /// Takes what people report. Id, time of finding and reporter are never theirs to choose.
    ///
    /// # Errors
    /// [`Fault`]: no right, a wrong shape, or a record that could not be written.
    pub async fn report_incident(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.governance, "report incidents")?;
        let now = self.now()?;
        let json = intake::parse(body, &self.json_limits)?;
        let body = object(&json, "")?;
        let members = [
            "use_case",
            "description",
            "failure_mode",
            "occurred",
            "impact",
            "stakeholders",
            "model",
            "vendor",
            "root_cause",
            "response",
        ];
        only(body, &members, "")?;
        let live = self.published.load_full();
        let impact = impact(body)?.unwrap_or_default();
        let mut reported = Incident {
            action: None,
            affected: None,
            agent: None,
            decision_id: None,
            description: words(body, "description")?.ok_or_else(|| bad("", "`description` is missing"))?,
            disclosure: Disclosure::None,
            event: IncidentEvent::Reported,
            failure_mode: failure_mode(body)?,
            form: FORM.to_owned(),
            grade: String::new(),
            id: new_id(),
            impact: json!(impact).to_string(),
            model: words(body, "model")?,
            note: None,
            occurred: occurred(body, now)?,
            pep: call.pep.name.to_string(),
            policy: live.policy_revision(),
            reason: None,
            recurrence: 0,
            reporter: call.pep.name.to_string(),
            response: words(body, "response")?,
            root_cause: words(body, "root_cause")?,
            denied_by: Vec::new(),
            severity: String::new(),
            stakeholders: stakeholders(body)?,
            time: record::time(now),
            transaction: None,
            use_case: words(body, "use_case")?.ok_or_else(|| bad("", "`use_case` is missing"))?,
            vendor: words(body, "vendor")?,
        };
        reported.recurrence = self.incidents.table().count(&kind(&reported), reported.occurred) + 1;
        let grade = incident::grade(Grade::Informational, &impact, reported.recurrence);
        graded(&mut reported, grade);
        self.write_incident(reported).await
    }

    /// Goes on with an incident: `note`, `disclose` or `resolve`.
    ///
    /// # Errors
    /// As [`Pdp::report_incident`]; [`Fault::Conflict`] for one that is resolved, or disclosed already.
    pub async fn update_incident(&self, call: &Call<'_>, id: &str, body: &[u8]) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.governance, "go on with incidents")?;
        let now = self.now()?;
        let json = intake::parse(body, &self.json_limits)?;
        let body = object(&json, "")?;
        only(body, &["event", "note", "impact", "root_cause", "response", "channel"], "")?;
        let mut next = self.known_incident(id)?;
        if next.event == IncidentEvent::Resolved {
            return Err(Fault::Conflict { message: "the incident is resolved".to_owned() });
        }
        next.note = words(body, "note")?;
        next.root_cause = words(body, "root_cause")?.or(next.root_cause);
        next.response = words(body, "response")?.or(next.response);
        match text(body, "event", "")? {
            "note" => next.event = IncidentEvent::Noted,
            "resolve" => next.event = IncidentEvent::Resolved,
            "disclose" => {
                if next.disclosure == Disclosure::Made {
                    return Err(Fault::Conflict { message: "the incident is disclosed already".to_owned() });
                }
                let channel = words(body, "channel")?
                    .ok_or_else(|| bad("", "`channel` is missing: to whom, and how"))?;
                next.note =
                    Some(next.note.map_or_else(|| channel.clone(), |note| format!("{channel}: {note}")));
                (next.event, next.disclosure) = (IncidentEvent::Disclosed, Disclosure::Made);
            }
            _ => return Err(bad("/event", "must be `note`, `disclose` or `resolve`")),
        }
        if let Some(impact) = impact(body)? {
            let known: Impact = serde_json::from_str(&next.impact).unwrap_or_default();
            next.impact = json!(impact).to_string();
            // What cannot be undone makes it graver once, however often it is said.
            let impact = Impact { reversible: impact.reversible || !known.reversible, ..impact };
            let base = Grade::parse(&next.grade).unwrap_or(Grade::Critical);
            // What is known now can only make it graver; what turned out harmless is said in a note.
            let grade = incident::grade(base, &impact, 1);
            graded(&mut next, grade);
        }
        next.pep = call.pep.name.to_string();
        next.time = record::time(now);
        self.write_incident(next).await
    }

    async fn write_incident(&self, incident: Incident) -> Result<Reply, Fault> {
        let body = Body::Incident(Box::new(incident.clone()));
        let receipt = self.ledger.append(body).await.map_err(|error| self.unrecorded(&error))?;
        self.incidents.take_in(receipt.seq, &incident);
        Ok(Reply { body: bytes(&shown(&incident))?, evaluation_id: None })
    }

    fn known_incident(&self, id: &str) -> Result<Incident, Fault> {
        let found = self.incidents.table().held.get(id).cloned();
        found.ok_or_else(|| Fault::NotFound { message: format!("there is no incident `{id}`") })
    }
}

/// Which incidents are wanted.
#[derive(Default)]
struct Wanted {
    resolved: Option<bool>,
    disclosure: Option<Disclosure>,
    from: Option<Grade>,
}

impl Wanted {
    fn read(parameters: &[(String, String)]) -> Result<Self, Fault> {
        let mut wanted = Self::default();
        for (name, value) in parameters {
            let refused = |what: &str| {
                let message = format!("`{name}` must be {what}");
                Fault::BadRequest { message, pointer: None }
            };
            match (name.as_str(), value.as_str()) {
                ("status", "ongoing") => wanted.resolved = Some(false),
                ("status", "resolved") => wanted.resolved = Some(true),
                ("status", _) => return Err(refused("`ongoing` or `resolved`")),
                ("disclosure", text) => {
                    let of = Disclosure::parse(text).ok_or_else(|| refused("`none`, `due` or `made`"))?;
                    wanted.disclosure = Some(of);
                }
                ("grade", text) => {
                    wanted.from = Some(Grade::parse(text).ok_or_else(|| refused("a grade"))?);
                }
                _ => {
                    let message = format!("there is no parameter `{name}`");
                    return Err(Fault::BadRequest { message, pointer: None });
                }
            }
        }
        Ok(wanted)
    }

    fn admits(&self, incident: &Incident) -> bool {
        let resolved = incident.event == IncidentEvent::Resolved;
        self.resolved.is_none_or(|wanted| wanted == resolved)
            && self.disclosure.is_none_or(|wanted| wanted == incident.disclosure)
            && self.from.is_none_or(|from| Grade::parse(&incident.grade) >= Some(from))
    }
}

/// As people read it: with status, impact as an object and what has to follow.
pub(crate) fn shown(incident: &Incident) -> serde_json::Value {
    let mut told = json!(incident);
    if let Some(members) = told.as_object_mut() {
        let grade = Grade::parse(&incident.grade).unwrap_or(Grade::Critical);
        let status = if incident.event == IncidentEvent::Resolved { "resolved" } else { "ongoing" };
        members.insert("actions".to_owned(), json!(grade.actions()));
        members.insert("status".to_owned(), json!(status));
        members.insert("impact".to_owned(), serde_json::from_str(&incident.impact).unwrap_or_default());
    }
    told
}

fn words(body: &Object<'_>, member: &str) -> Result<Option<String>, Fault> {
    if body.get(member).is_none_or(remit_json::Json::is_null) {
        return Ok(None);
    }
    let found = text(body, member, "")?;
    if found.is_empty() || found.chars().count() > TEXT_CHARS {
        return Err(bad(&format!("/{member}"), &format!("must have 1 to {TEXT_CHARS} characters")));
    }
    Ok(Some(found.to_owned()))
}

fn failure_mode(body: &Object<'_>) -> Result<String, Fault> {
    let mode = words(body, "failure_mode")?.unwrap_or_else(|| "unknown".to_owned());
    if FAILURE_MODES.contains(&mode.as_str()) {
        return Ok(mode);
    }
    Err(bad("/failure_mode", &format!("must be one of {}", FAILURE_MODES.join(", "))))
}

fn stakeholders(body: &Object<'_>) -> Result<String, Fault> {
    let found = words(body, "stakeholders")?.unwrap_or_else(|| "internal".to_owned());
    if ["internal", "external", "both"].contains(&found.as_str()) {
        return Ok(found);
    }
    Err(bad("/stakeholders", "must be `internal`, `external` or `both`"))
}

fn occurred(body: &Object<'_>, now: Instant) -> Result<Timestamp, Fault> {
    let Some(stated) = words(body, "occurred")? else { return Ok(record::time(now)) };
    let at = Instant::parse(&stated).ok_or_else(|| bad("/occurred", "must be an RFC 3339 time"))?;
    if at > now {
        return Err(bad("/occurred", "lies in the future"));
    }
    Ok(record::time(at))
}

fn impact(body: &Object<'_>) -> Result<Option<Impact>, Fault> {
    let Some(json) = body.get("impact").filter(|json| !json.is_null()) else { return Ok(None) };
    serde_json::from_str(&json.canonical()).map(Some).map_err(|error| bad("/impact", &error.to_string()))
}
