//! Who acts for the subject, with what, for which purpose, and what has happened so far: what was said, against what
//! tokens prove and what the state holds. Judges nothing itself.

use std::borrow::Cow;
use std::sync::Arc;

use remit_engine::{Agency, Bound, Goal, History, Keyed, Party, Query, Tool};
use remit_identity::{Evidence, PartyKind, PresentedToken, Unverified, Verifier};
use remit_model::narrow::widenings;
use remit_model::{Containment, EntityRef, Intent, Name, Reason, Timestamp, Transaction, Value};
use remit_state::State;
use serde::{Deserialize, Serialize};

use crate::denial::Denial;
use crate::enrich;
use crate::fault::Fault;
use crate::goal;
use crate::intake::{Draft, Values};
use crate::keyed::OutcomeKey;
use crate::live::Live;
use crate::record::Frame;
use crate::said::Said;
use crate::signals;

/// What a request says, once its tokens are verified and its names are entities.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Acting {
    /// Current first.
    pub chain: Vec<EntityRef>,
    /// The transaction it belongs to.
    pub txn: Option<String>,
    /// The intent that came with it, and whether a token vouches for it.
    pub goal: Option<(Arc<Intent>, bool)>,
    /// Whose identity the call carries.
    pub pattern: Option<Cow<'static, str>>,
    /// SHA-256 of each verified token, in hex.
    pub tokens: Vec<String>,
    /// What is odd about the identity, by code.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Whether the subject is a workload, by what was proved.
    service: bool,
    /// How surely the tokens say who is who: the subject, then the chain.
    assured: Vec<Option<u8>>,
    claims: Option<Vec<(String, Value)>>,
    #[serde(skip)]
    key: Option<OutcomeKey>,
}

impl Acting {
    /// Verifies and joins.
    ///
    /// # Errors
    /// The outer error is a fault: an issuer that does not answer, a malformed intent. The inner is a deny.
    pub async fn of(
        said: &Said<'_>,
        subject: (&str, &str),
        frame: &Frame<'_>,
        verifier: &Verifier,
    ) -> Result<Result<Self, Denial>, Fault> {
        let mut evidence = match frame.proofs.of(said, verifier, frame.now).await? {
            Ok(evidence) => evidence,
            Err(denial) => return Ok(Err(denial)),
        };
        // INVARIANT: what a session ended with is not believed on tokens from before.
        let over = |proved: &Evidence| signals::over(frame.state, frame.pseudonyms, proved);
        if let Some(denial) = evidence.as_deref().and_then(over) {
            return Ok(Err(denial));
        }
        if let Some(caller) = frame.call.pep.proved_workload() {
            match verifier.with_caller(evidence.as_deref(), caller, frame.now) {
                Ok(together) => evidence = Some(Arc::new(together)),
                Err(fault) => {
                    return Ok(Err(Denial::new(Reason::TokenInvalid, "context.tokens", fault.code())));
                }
            }
        }
        Self::joined(said, evidence, subject, frame.live, frame.now)
    }

    /// Joins what was said with what was proved, if anything was.
    ///
    /// # Errors
    /// As [`Acting::of`].
    pub fn joined(
        said: &Said<'_>,
        evidence: Option<Arc<Evidence>>,
        subject: (&str, &str),
        live: &Live,
        now: Timestamp,
    ) -> Result<Result<Self, Denial>, Fault> {
        let subject = goal::reference(subject.0, subject.1, "/subject/type")?;
        let proved = evidence.as_deref();
        if let Some(denial) = proved.and_then(|proved| contradicted(proved, &subject)) {
            return Ok(Err(denial));
        }
        let chain = match chain(said, proved, &live.bound)? {
            Ok(chain) => chain,
            Err(denial) => return Ok(Err(denial)),
        };
        let txn = match (proved.and_then(|it| it.txn.as_deref()), said.txn) {
            (Some(proved), Some(said)) if proved != said => {
                let detail = "the token belongs to another transaction";
                return Ok(Err(Denial::new(Reason::TokenInvalid, "context.txn", detail)));
            }
            (proved, said) => proved.or(said).map(str::to_owned),
        };
        let goal = match purpose(said, proved, &subject, live, now)? {
            Ok(goal) => goal,
            Err(denial) => return Ok(Err(denial)),
        };
        Ok(Ok(Self {
            chain,
            txn,
            goal,
            pattern: proved.map(|proved| Cow::Borrowed(proved.pattern.as_str())),
            tokens: proved.map(token_hashes).unwrap_or_default(),
            notes: proved.map(notes).unwrap_or_default(),
            assured: proved.map(assured).unwrap_or_default(),
            service: proved.is_some_and(|proved| service(proved, &subject)),
            claims: proved.map(|proved| claims(proved, now)),
            key: None,
        }))
    }

    /// Compares arguments also with what was reported under this key.
    pub fn comparing(self, key: Option<&OutcomeKey>) -> Self {
        Self { key: key.cloned(), ..self }
    }

    /// The transaction and its ancestors as they are now.
    pub fn lineage(&self, state: &State) -> Vec<Arc<Transaction>> {
        self.txn.as_deref().map(|id| state.lineage(id)).unwrap_or_default()
    }

    /// Puts the question together and hands it on.
    pub fn ask<T>(
        &self,
        draft: &Draft<'_>,
        lineage: &[Arc<Transaction>],
        (live, sight): (&Live, &enrich::Sight<'_>),
        then: impl FnOnce(&Bound, &Query<'_>) -> T,
    ) -> T {
        let bound = &live.bound;
        self.through(bound, &draft.context, lineage, |agency| {
            then(bound, &enrich::resolve(draft, live, sight).through(agency))
        })
    }

    /// What the engine is told of it, for a question with this context.
    pub fn through<T>(
        &self,
        bound: &Bound,
        context: &Values<'_>,
        lineage: &[Arc<Transaction>],
        then: impl FnOnce(&Agency<'_>) -> T,
    ) -> T {
        let chain: Vec<Party<'_>> =
            self.chain.iter().map(|agent| Party::resolve(bound, agent.kind.as_str(), &agent.id)).collect();
        let claims: Option<Vec<(&str, Value)>> = self
            .claims
            .as_ref()
            .map(|claims| claims.iter().map(|(name, value)| (name.as_str(), value.clone())).collect());
        let hash = self.key.as_ref().map(|key| |canonical: &str| key.hash(canonical));
        let agency = Agency {
            chain: &chain,
            tool: Tool::named(bound, context),
            goal: self.goal.as_ref().map(|(intent, signed)| Goal { intent, signed: *signed }),
            history: match (&self.txn, lineage) {
                (None, _) => History::None,
                (Some(_), []) => History::Unknown,
                (Some(_), lineage) => History::Known(lineage),
            },
            service: self.service,
            claims: claims.as_deref(),
            pattern: self.pattern.as_deref(),
            assured: &self.assured,
            keyed: hash.as_ref().map(|hash| Keyed(hash)),
        };
        then(&agency)
    }
}

type Proved = Result<Option<Arc<Evidence>>, Denial>;

/// What the tokens of one call proved.
// WHY: the items of a batch share their tokens, and a proof of possession counts once: it is the call's, not the item's.
#[derive(Debug, Default)]
pub(crate) struct Proofs(tokio::sync::Mutex<Vec<(Vec<PresentedToken>, Proved)>>);

impl Proofs {
    async fn of(&self, said: &Said<'_>, verifier: &Verifier, now: Timestamp) -> Result<Proved, Fault> {
        if said.tokens.is_empty() {
            return Ok(Ok(None));
        }
        let mut known = self.0.lock().await;
        if let Some((_, proved)) = known.iter().find(|(tokens, _)| *tokens == said.tokens) {
            return Ok(proved.clone());
        }
        let proved = evidence(said, verifier, now).await?;
        known.push((said.tokens.clone(), proved.clone()));
        Ok(proved)
    }
}

async fn evidence(said: &Said<'_>, verifier: &Verifier, now: Timestamp) -> Result<Proved, Fault> {
    match verifier.verify(&said.tokens, now).await {
        Ok(evidence) => Ok(Ok(Some(evidence))),
        Err(Unverified::Token { index, fault }) => {
            let field = format!("context.tokens[{index}]");
            Ok(Err(Denial::new(Reason::TokenInvalid, &field, fault.code())))
        }
        Err(Unverified::Fault(fault)) => Err(Fault::Unavailable { message: fault.to_string() }),
    }
}

/// SPEC: CHECKLIST B15: a token speaks for its own subject only.
fn contradicted(proved: &Evidence, subject: &EntityRef) -> Option<Denial> {
    let own = proved.subject.as_ref()?;
    (own.entity != *subject).then(|| Denial::new(Reason::TokenInvalid, "subject", "subject_mismatch"))
}

fn chain(
    said: &Said<'_>,
    proved: Option<&Evidence>,
    bound: &Bound,
) -> Result<Result<Vec<EntityRef>, Denial>, Fault> {
    let asserted = said.act.iter().map(|(kind, id)| agent(*kind, id, bound));
    let asserted = asserted.collect::<Result<Vec<_>, _>>()?;
    let Some(members) = proved.and_then(|it| it.chain.as_ref()) else { return Ok(Ok(asserted)) };
    let members: Vec<EntityRef> = members.iter().map(|member| member.entity.clone()).collect();
    if asserted.is_empty() || asserted == members {
        return Ok(Ok(members));
    }
    Ok(Err(Denial::new(Reason::TokenInvalid, "context.act", "chain_conflict")))
}

type Purpose = Option<(Arc<Intent>, bool)>;

/// SPEC: CHECKLIST A15: the token first, the request second; together, the narrower counts.
fn purpose(
    said: &Said<'_>,
    proved: Option<&Evidence>,
    subject: &EntityRef,
    live: &Live,
    now: Timestamp,
) -> Result<Result<Purpose, Denial>, Fault> {
    let signed = proved.and_then(|it| it.intent_details.as_deref()).map(|text| details(text, subject));
    let mut signed = signed.transpose()?.flatten();
    let graph = Contained { bound: &live.bound, now };
    let outside = |inner: &Intent, outer: &Intent| {
        let wider = widenings(inner, outer, &graph).into_iter().next()?;
        Some(Denial::new(Reason::IntentWidened, &wider.field, "lies outside what the token carries"))
    };
    // INVARIANT: what any token carries bounds the step, also when the token closest to the call carries nothing.
    for bounding in proved.map(|it| it.intent_bounds.as_slice()).unwrap_or_default() {
        let Some(outer) = details(bounding, subject)? else { continue };
        match &signed {
            None => signed = Some(outer),
            Some(own) => {
                if let Some(denial) = outside(own, &outer) {
                    return Ok(Err(denial));
                }
            }
        }
    }
    let stated = match (said.intent, said.details) {
        (Some(json), _) => match stated(json, subject, live, now)? {
            Ok(intent) => Some(intent),
            Err(denial) => return Ok(Err(denial)),
        },
        (None, Some(json)) => Some(goal::quads(json, subject, "/context/authorization_details")?),
        (None, None) => None,
    };
    Ok(Ok(match (signed, stated) {
        (Some(outer), Some(inner)) => {
            if let Some(denial) = outside(&inner, &outer) {
                return Ok(Err(denial));
            }
            Some((Arc::new(inner), true))
        }
        (Some(signed), None) => Some((Arc::new(signed), true)),
        (None, Some(stated)) => Some((Arc::new(stated), false)),
        (None, None) => None,
    }))
}

/// An intent by the name of its template, or as tasks.
///
/// # Errors
/// The outer error is a malformed intent, the inner a name that no policy declares.
pub(crate) fn stated(
    json: &remit_json::Json<'_>,
    subject: &EntityRef,
    live: &Live,
    now: Timestamp,
) -> Result<Result<Intent, Denial>, Fault> {
    const AT: &str = "/context/intent";
    let Some(name) = json.as_object().and_then(|it| it.get("template")).and_then(|it| it.as_str()) else {
        return goal::stated(json, subject, AT).map(Ok);
    };
    goal::only(goal::object(json, AT)?, &["template"], AT)?;
    let opened = live.bound.program().open(name, subject, now);
    Ok(opened.ok_or_else(|| Denial::new(Reason::IntentUnknown, "intent", "no policy declares it")))
}

/// The quads of a claim, when it has any of ours.
fn details(text: &str, subject: &EntityRef) -> Result<Option<Intent>, Fault> {
    let json = remit_json::parse(text.as_bytes(), &remit_json::Limits::default())
        .map_err(|error| Fault::Internal { message: format!("a verified claim is no JSON: {error}") })?;
    let intent = goal::quads(&json, subject, "/context/tokens")?;
    Ok((!intent.tasks.is_empty()).then_some(intent))
}

/// An agent by id, of the type that the policies declare for agents unless it is given.
///
/// # Errors
/// The type is no name.
pub(crate) fn agent(kind: Option<&str>, id: &str, bound: &Bound) -> Result<EntityRef, Fault> {
    let schema = bound.program().schema();
    let declared = remit_model::Roles::of(schema).agent.and_then(|of| schema.entity_type(of));
    let declared = declared.map_or("agent", |of| of.name.as_str());
    goal::reference(kind.unwrap_or(declared), id, "/context/act")
}

/// How surely the tokens say who is who: the subject, then the chain, when it is theirs.
fn assured(evidence: &Evidence) -> Vec<Option<u8>> {
    let subject = evidence.subject.as_ref().and_then(|subject| subject.assurance);
    let chain = evidence.chain.iter().flatten().map(|member| member.assurance);
    std::iter::once(subject).chain(chain).map(|level| level.map(remit_identity::Assurance::level)).collect()
}

fn token_hashes(evidence: &Evidence) -> Vec<String> {
    evidence.token_hashes.iter().map(ToString::to_string).collect()
}

fn notes(evidence: &Evidence) -> Vec<String> {
    evidence.notes.iter().map(|note| note.code().to_owned()).collect()
}

/// Whether the subject is a workload and no person: by its own token, or because it is the one that calls.
fn service(evidence: &Evidence, subject: &EntityRef) -> bool {
    match &evidence.subject {
        Some(own) => own.kind == PartyKind::Workload,
        None => evidence.workload.as_ref().is_some_and(|workload| workload.entity == *subject),
    }
}

/// The claims as `token.…` reads them; the age is counted to `now`.
fn claims(evidence: &Evidence, now: Timestamp) -> Vec<(String, Value)> {
    // INVARIANT: a token cannot speak under the names of what is known apart from its claims.
    let told =
        evidence.claims.iter().filter(|(name, _)| !matches!(name.as_str(), "age" | "workload" | "bound"));
    let age = evidence.issued.map(|issued| ("age".to_owned(), Value::Duration(now.since(issued))));
    let workload = evidence.workload.as_ref().map(|of| ("workload".to_owned(), Value::string(&of.id)));
    let bound = [("bound".to_owned(), Value::Bool(evidence.sender_bound))];
    let known = age.into_iter().chain(workload).chain(bound);
    told.map(|(name, value)| (name.clone(), value.clone())).chain(known).collect()
}

/// What lies under what, in the published graph.
pub(crate) struct Contained<'a> {
    pub bound: &'a Bound,
    pub now: Timestamp,
}

impl Contained<'_> {
    fn node(&self, entity: &EntityRef) -> Option<remit_graph::NodeId> {
        let of = self.bound.program().type_id(entity.kind.as_str())?;
        self.bound.snapshot().node(of, &entity.id)
    }
}

impl Containment for Contained<'_> {
    fn is_under(&self, inner: &EntityRef, outer: &EntityRef, relation: &Name) -> bool {
        if inner == outer {
            return true;
        }
        let relation = self.bound.program().schema().attr_id(relation.as_str());
        match (self.node(inner), self.node(outer), relation) {
            (Some(inner), Some(outer), Some(relation)) => {
                self.bound.snapshot().reaches(inner, relation, false, outer, self.now)
            }
            _ => false,
        }
    }

    fn is_of(&self, entity: &EntityRef, kind: &Name) -> bool {
        entity.kind == *kind
    }
}
