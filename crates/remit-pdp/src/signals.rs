//! The use cases of signals: what callers report of parties, and what security event tokens say. Whoever's session they
//! end is not believed on anything from before.

use remit_identity::{Evidence, SecurityEvent, TokenFault, Unverified};
use remit_json::{Json, Object};
use remit_ledger::{Body, Entry, Pseudonyms, SignalSeen};
use remit_model::signal::Position;
use remit_model::{Duration, EntityRef, Grant, Name, Number, Reason, Risk, Signal, Timestamp};
use remit_state::{Reservation, State};
use serde_json::json;

use crate::batch::bytes;
use crate::call::{Call, Reply};
use crate::consents::{recorded, refused, word};
use crate::denial::Denial;
use crate::departed::AT_ONCE;
use crate::fault::Fault;
use crate::goal::{self, array, bad, object, only, text};
use crate::limits::{SIGNAL_TRAIT_CHARS, SIGNAL_WORD_CHARS, SIGNALS_AHEAD_S, SIGNALS_AT_ONCE};
use crate::pdp::{Pdp, new_id};
use crate::record::Frame;
use crate::standing::whole;
use crate::{intake, kept, record};

/// Why a security event token is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushRefusal {
    /// The code of RFC 8935, section 2.4.
    pub code: &'static str,
    /// What is wrong.
    pub description: String,
}

impl PushRefusal {
    /// What RFC 8935 calls the fault of a token.
    fn of(fault: TokenFault) -> Self {
        let code = match fault {
            TokenFault::IssuerMissing | TokenFault::IssuerUnknown => "invalid_issuer",
            TokenFault::AudienceMismatch => "invalid_audience",
            TokenFault::AlgorithmNotAllowed
            | TokenFault::AlgorithmMismatch
            | TokenFault::KeyIdMissing
            | TokenFault::KeyIdInvalid
            | TokenFault::KeyUnknown
            | TokenFault::KeyUnusable
            | TokenFault::SignatureInvalid => "invalid_key",
            _ => "invalid_request",
        };
        Self { code, description: fault.to_string() }
    }
}

impl Pdp {
    /// Takes what a caller has seen of parties. All of it counts once all of it is recorded.
    ///
    /// # Errors
    /// [`Fault`]: no right, a wrong shape, or a record that could not be written.
    pub async fn report_signals(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.noted(call, self.report_inner(call, body).await).await
    }

    async fn report_inner(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.signals, "report signals")?;
        let now = self.now()?;
        let json = intake::parse(body, &self.json_limits)?;
        let body = object(&json, "")?;
        only(body, &["events"], "")?;
        let events = array(body, "events", "")?.ok_or_else(|| bad("", "`events` is missing"))?;
        if events.is_empty() || events.len() > SIGNALS_AT_ONCE {
            return Err(bad("/events", &format!("must hold 1 to {SIGNALS_AT_ONCE} events")));
        }
        let read = events.iter().enumerate().map(|(at, json)| read(json, &format!("/events/{at}"), now));
        let signals = read.collect::<Result<Vec<_>, Fault>>()?;
        let all = signals.len();
        let taken = self.take_signals(call, signals, None, now).await?;
        let told = json!({ "accepted": taken, "known": all - taken });
        Ok(Reply { body: bytes(&told)?, evaluation_id: None })
    }

    /// Takes a security event token that its issuer pushes (RFC 8935).
    ///
    /// # Errors
    /// The outer error is a fault: no right, or keys or ledger that are not available. The inner refuses the token.
    pub async fn push_event(&self, call: &Call<'_>, token: &[u8]) -> Result<Result<(), PushRefusal>, Fault> {
        self.noted(call, self.push_inner(call, token).await).await
    }

    async fn push_inner(&self, call: &Call<'_>, token: &[u8]) -> Result<Result<(), PushRefusal>, Fault> {
        self.permit(call.pep.rights.signals, "push security events")?;
        let now = self.now()?;
        let Ok(token) = std::str::from_utf8(token) else {
            return Ok(Err(PushRefusal::of(TokenFault::Malformed)));
        };
        match self.verifier.security_event(token.trim_ascii(), now).await {
            Err(Unverified::Token { fault, .. }) => Ok(Err(PushRefusal::of(fault))),
            Err(Unverified::Fault(fault)) => Err(Fault::Unavailable { message: fault.to_string() }),
            Ok(event) => {
                let signals = told(&event)?;
                self.take_signals(call, signals, Some(&event.issuer), now).await.map(drop).map(Ok)
            }
        }
    }

    /// Records the signals that are new and makes them count; says how many they are. Whoever is gone for good leaves no
    /// consent behind.
    async fn take_signals(
        &self,
        call: &Call<'_>,
        signals: Vec<Signal>,
        issuer: Option<&str>,
        now: Timestamp,
    ) -> Result<usize, Fault> {
        let live = self.published.load_full();
        let frame = self.frame(call, &live, now);
        let (mut held, mut entries): (Vec<Reservation>, Vec<Entry>) = (Vec::new(), Vec::new());
        let mut gone = Vec::new();
        for signal in signals {
            let Some(reserved) = self.state.observe(signal.clone()).map_err(refused)? else { continue };
            if signal.ends_the_party() {
                gone.push((signal.party.clone(), signal.at));
            }
            let ended = signal.ends_sessions().then(|| record::time(signal.at));
            let (kind, id) = (signal.party.kind.as_str(), &signal.party.id);
            let seen = Body::Signal(Box::new(SignalSeen {
                aside: None,
                ended,
                issuer: issuer.map(str::to_owned),
                pep: call.pep.name.to_string(),
                request_id: call.request_id.map(str::to_owned),
                signal: signal.kind.to_string(),
                subject: frame.subject(kind, id),
                time: record::time(now),
            }));
            entries.push(Entry::new(seen, kept::aside(reserved.change())?));
            held.push(reserved);
        }
        // INVARIANT: before the signals, which are known when they are told again: then the rest would never end.
        self.end_consents(call, &frame, &gone, whole(now)).await?;
        if !entries.is_empty() {
            // INVARIANT: nothing counts before the ledger has it; an error drops what is held.
            let _receipts = self.ledger.append_all(entries).await.map_err(|error| self.unrecorded(&error))?;
        }
        let taken = held.len();
        for reserved in held {
            let _none = reserved.commit();
        }
        Ok(taken)
    }

    /// Ends what these parties had agreed to, or others for them, before they were gone.
    async fn end_consents(
        &self,
        call: &Call<'_>,
        frame: &Frame<'_>,
        gone: &[(EntityRef, Timestamp)],
        now: Timestamp,
    ) -> Result<(), Fault> {
        let mut left = self.state.consents_naming(now, |of| gone.iter().any(|(party, _)| party == of));
        left.retain(|grant| gone.iter().any(|end| is_of(grant, end)));
        // Somebody may be named in more consents than are written at once.
        for some in left.chunks(AT_ONCE) {
            let (mut held, mut entries): (Vec<Reservation>, Vec<Entry>) = (Vec::new(), Vec::new());
            for grant in some {
                let reserved = self.state.withdraw(&grant.id, now).map_err(refused)?;
                let body = recorded(call, frame, ("withdraw", grant), now);
                entries.push(Entry::new(body, kept::aside(reserved.change())?));
                held.push(reserved);
            }
            let _receipts = self.ledger.append_all(entries).await.map_err(|error| self.unrecorded(&error))?;
            held.into_iter().for_each(|reserved| drop(reserved.commit()));
        }
        Ok(())
    }
}

/// Whether a consent names this party, and is from before its end.
fn is_of(grant: &Grant, (party, end): &(EntityRef, Timestamp)) -> bool {
    let named = [Some(&grant.subject), grant.recipient.as_ref(), grant.resource.as_ref()];
    grant.from <= *end && named.into_iter().flatten().any(|of| of == party)
}

/// `{"subject": {…}, "type": "login_failed", "at": "…", "device": "…"}`
fn read(json: &Json<'_>, at: &str, now: Timestamp) -> Result<Signal, Fault> {
    const MEMBERS: [&str; 13] = [
        "id",
        "subject",
        "type",
        "at",
        "failed",
        "device",
        "address",
        "region",
        "latitude",
        "longitude",
        "tool",
        "risk",
        "token",
    ];
    let body = object(json, at)?;
    only(body, &MEMBERS, at)?;
    let placed = |fault: Fault| match fault {
        Fault::BadRequest { message, pointer } => Fault::BadRequest {
            message: format!("{at}{message}"),
            pointer: pointer.map(|it| format!("{at}{it}")),
        },
        other => other,
    };
    let wording = |member: &str, most: usize| word(body, member, most).map_err(placed);
    let subject = body.get("subject").ok_or_else(|| bad(at, "`subject` is missing"))?;
    let party = goal::entity(subject, &format!("{at}/subject"))?;
    let kind = wording("type", SIGNAL_WORD_CHARS)?.ok_or_else(|| bad(at, "`type` is missing"))?;
    let kind = Name::new(&kind).map_err(|error| bad(&format!("{at}/type"), &error.to_string()))?;
    let id = wording("id", SIGNAL_WORD_CHARS)?.unwrap_or_else(new_id);
    let plain = Signal::new(&id, party, kind, happened(body, at, now)?);
    let failed = match body.get("failed").filter(|json| !json.is_null()) {
        Some(json) => json.as_bool().ok_or_else(|| bad(&format!("{at}/failed"), "must be true or false"))?,
        None => plain.failed,
    };
    let risk = wording("risk", SIGNAL_WORD_CHARS)?;
    let risk = risk.map(|text| {
        Risk::parse(&text).ok_or_else(|| bad(&format!("{at}/risk"), "must be `low`, `medium` or `high`"))
    });
    Ok(Signal {
        failed,
        device: wording("device", SIGNAL_TRAIT_CHARS)?,
        address: wording("address", SIGNAL_TRAIT_CHARS)?,
        region: wording("region", SIGNAL_TRAIT_CHARS)?,
        position: position(body, at)?,
        tool: wording("tool", SIGNAL_TRAIT_CHARS)?,
        token: wording("token", SIGNAL_TRAIT_CHARS)?,
        risk: risk.transpose()?,
        ..plain
    })
}

/// When it happened; a clock that is a little ahead is set right, one that is far ahead is refused.
fn happened(body: &Object<'_>, at: &str, now: Timestamp) -> Result<Timestamp, Fault> {
    if body.get("at").is_none_or(Json::is_null) {
        return Ok(whole(now));
    }
    let place = format!("{at}/at");
    let stated = Timestamp::parse(text(body, "at", at)?);
    let stated = stated.ok_or_else(|| bad(&place, "must be an RFC 3339 time"))?;
    if stated.since(now) > Duration::from_nanos(SIGNALS_AHEAD_S * 1_000_000_000) {
        return Err(bad(&place, "lies in the future"));
    }
    Ok(whole(stated.min(now)))
}

fn position(body: &Object<'_>, at: &str) -> Result<Option<Position>, Fault> {
    let degrees = |member: &str| {
        let found = body.get(member).filter(|json| !json.is_null());
        let number = |json: &Json<'_>| {
            let number = json.as_number()?;
            Number::from_parts(number.coefficient(), u32::from(number.scale()))
        };
        found
            .map(|json| number(json).ok_or_else(|| bad(&format!("{at}/{member}"), "must be a number")))
            .transpose()
    };
    match (degrees("latitude")?, degrees("longitude")?) {
        (None, None) => Ok(None),
        (Some(latitude), Some(longitude)) => Position::new(latitude, longitude)
            .map(Some)
            .ok_or_else(|| bad(&format!("{at}/latitude"), "is not of a place on the earth")),
        _ => Err(bad(at, "`latitude` and `longitude` stand together")),
    }
}

/// What a security event says, as signals. Its id is theirs, so that a second delivery is known.
fn told(event: &SecurityEvent) -> Result<Vec<Signal>, Fault> {
    let each = event.changes.iter().map(|change| {
        let kind = Name::new(change.kind)
            .map_err(|error| Fault::Internal { message: format!("a kind of signal is no name: {error}") })?;
        let id = format!("{} {} {}", event.issuer, event.jti, change.kind);
        let risk = (change.kind == remit_model::signal::RISK_LEVEL_CHANGE)
            .then(|| change.level.as_deref().and_then(Risk::parse))
            .flatten();
        Ok(Signal { risk, ..Signal::new(&id, change.party.clone(), kind, whole(change.at)) })
    });
    each.collect()
}

/// Up to when everything that a party had begun is over.
pub(crate) fn ended(state: &State, pseudonyms: &Pseudonyms, party: &EntityRef) -> Option<Timestamp> {
    let known = state.ended(party);
    if !state.has_ends_of_pseudonyms() {
        return known;
    }
    let names = pseudonyms.all_of(party.kind.as_str(), &party.id);
    let hidden = names.iter().filter_map(|name| state.ended(&EntityRef::new(party.kind.clone(), name)));
    hidden.max().max(known)
}

/// A denial when the tokens are from before the end of the sessions of whom they name.
pub(crate) fn over(state: &State, pseudonyms: &Pseudonyms, evidence: &Evidence) -> Option<Denial> {
    let ends = |party: &EntityRef| ended(state, pseudonyms, party);
    let before = |issued: Option<Timestamp>, end: Timestamp| issued.is_none_or(|issued| issued <= end);
    let subject = evidence.subject.as_ref().and_then(|subject| ends(&subject.entity));
    let of_subject = subject.is_some_and(|end| before(evidence.subject_issued, end));
    let mut agents = evidence.chain.iter().flatten().filter_map(|agent| ends(&agent.entity));
    let of_agents = agents.any(|end| before(evidence.issued, end));
    (of_subject || of_agents).then(|| {
        Denial::new(Reason::SessionRevoked, "context.tokens", "a token is from before the end of its session")
    })
}
