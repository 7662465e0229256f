//! One recorded decision, decided again: the question as it was kept, asked in a world, at its time, on the transactions
//! as the log had told them so far.

use std::sync::Arc;

use remit_engine::Verdict;
use remit_ledger::raw::{self, Decided, Found};
use remit_ledger::{Decision, Mode};
use remit_model::Transaction;
use remit_state::{Change, State};
use serde::Deserialize;

use crate::call::Rights;
use crate::enrich::Sight;
use crate::kept::{Question, Seen};
use crate::keyed::OutcomeKey;
use crate::live::Live;
use crate::sources::Heard;
use crate::standing::{self, Standing, View};
use crate::{enrich, intake};

/// What is known of the question of a decision.
pub(crate) enum Asked<'a> {
    /// It can be asked again.
    Question(Box<Question<'a>>),
    /// It was denied before any policy was asked.
    BeforePolicy,
    /// It is a search, or an item that was no question.
    NoQuestion,
    /// It was erased.
    Erased,
    /// It was not kept.
    NotKept,
    /// It is of another release.
    Unreadable,
}

impl<'a> Asked<'a> {
    /// Of this decision, whose arguments are compared under this key; none when what stands beside the record is not what
    /// it commits to.
    pub(crate) fn of(was: &Decided<'_>, aside: Option<&'a [u8]>, key: Option<&OutcomeKey>) -> Option<Self> {
        let found = raw::beside::<Question<'a>>(was.aside.as_deref(), aside)?;
        Some(match found {
            Found::Erased => Self::Erased,
            Found::Nothing if matches!(was.mode, Mode::Search { .. }) => Self::NoQuestion,
            Found::Nothing if was.subject.is_none() => Self::NoQuestion,
            Found::Nothing => Self::NotKept,
            Found::Content(Err(_)) => Self::Unreadable,
            Found::Content(Ok(question)) if question.denied.is_some() => Self::BeforePolicy,
            Found::Content(Ok(mut question)) => {
                question.acting = question.acting.map(|acting| acting.comparing(key));
                Self::Question(Box::new(question))
            }
        })
    }

    /// Whether it looked at consents or signals.
    pub(crate) fn saw_standing(&self) -> bool {
        matches!(self, Self::Question(question) if !question.standing.is_empty())
    }

    /// Whether this state holds the consents and signals that it saw.
    ///
    /// # Errors
    /// It does not.
    pub(crate) fn agrees(&self, state: &State) -> Result<(), &'static str> {
        match self {
            Self::Question(question) if !question.standing.iter().all(|seen| seen.agrees(state)) => {
                Err("it was decided beside a consent or signal that was recorded later")
            }
            _ => Ok(()),
        }
    }

    /// Why it cannot be asked again, when it was one.
    pub(crate) fn lost(&self) -> Option<&'static str> {
        match self {
            Self::Erased => Some("the question was erased"),
            Self::NotKept => Some("the question was not kept"),
            Self::Unreadable => Some("the question is of another release"),
            Self::Question(_) | Self::BeforePolicy | Self::NoQuestion => None,
        }
    }

    /// Applies what the decision changed: its transaction, and what a denial says of the agent.
    ///
    /// # Errors
    /// The change cannot be read: then the state is not known.
    pub(crate) fn take_in(&self, state: &State, was: &Decided<'_>, seq: u64) -> Result<(), String> {
        observe(state, was);
        let Some(transaction) = was.transaction.as_deref() else { return Ok(()) };
        let change = match self {
            Self::Question(question) => question.change.map(|change| Change::from_json(change.get())),
            // INVARIANT: what was done in a transaction is known whole or nothing more is allowed in it.
            Self::Erased if was.decision == Some(Decision::Allow) => {
                Some(Ok(Change::Revoked { transaction: transaction.to_owned() }))
            }
            Self::Unreadable => return Err(format!("what stands beside record {seq} is of another release")),
            Self::Erased | Self::NotKept | Self::BeforePolicy | Self::NoQuestion => None,
        };
        let change = change.transpose();
        let change = change.map_err(|error| format!("what record {seq} changed cannot be read: {error}"))?;
        if let Some(change) = change {
            let _known = state.apply(&change);
        }
        Ok(())
    }
}

/// The resource of a question, by type and id.
pub(crate) fn resource(asked: &Asked<'_>) -> Option<(String, String)> {
    #[derive(Deserialize)]
    struct Of {
        resource: Named,
    }
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "type")]
        kind: String,
        id: String,
    }
    let Asked::Question(question) = asked else { return None };
    let of: Of = serde_json::from_str(question.question.get()).ok()?;
    Some((of.resource.kind, of.resource.id))
}

/// Takes in what a decision says of the agent that acted.
pub(crate) fn observe(state: &State, was: &Decided<'_>) {
    if let Some(told) = standing::told_of(was) {
        let _known = state.apply(&told);
    }
}

/// The transactions that a question was decided on, as far as they are again what they were.
///
/// # Errors
/// They are not.
pub(crate) fn lineage(
    question: &Question<'_>,
    state: &State,
    pruned: bool,
) -> Result<Vec<Arc<Transaction>>, &'static str> {
    if question.lineage.is_empty() {
        return Ok(Vec::new());
    }
    let lineage = question.acting.as_ref().map(|acting| acting.lineage(state)).unwrap_or_default();
    if pruned && lineage.len() < question.lineage.len() {
        return Err("its transaction began in records that were dropped");
    }
    if lineage.iter().map(Seen::of).ne(question.lineage.iter().cloned()) {
        return Err("it was decided beside a step that was recorded later");
    }
    Ok(lineage)
}

/// Asks again; without a state no consent and no signal is known.
///
/// # Errors
/// Why the question is none any more.
pub(crate) fn verdict(
    question: &Question<'_>,
    lineage: &[Arc<Transaction>],
    (live, state): (&Live, Option<&State>),
    was: &Decided<'_>,
) -> Result<Verdict, String> {
    let said = |fault: crate::Fault| format!("the question is refused: {fault}");
    let json = intake::parse(question.question.get().as_bytes(), &remit_json::Limits::default());
    let json = json.map_err(said)?;
    let request = remit_authzen::EvaluationRequest::parse(&json)
        .map_err(|error| format!("the question is refused: {error}"))?;
    let draft = intake::accept(&request, &Rights::all()).map_err(said)?;
    let now = standing::instant(was.time).ok_or("its time is beyond the calendar")?;
    let view = state.map(View::of);
    let known = view.as_ref().map(|view| view as &dyn Standing);
    // INVARIANT: nobody is asked again; what sources said stands beside the record.
    let heard = Heard::of(live.bound.program(), &question.outside);
    let sight = Sight { now, pep: &was.pep, standing: known, outside: Some(&heard) };
    Ok(match &question.acting {
        Some(acting) => acting.ask(&draft, lineage, (live, &sight), remit_engine::evaluate),
        None => {
            let query = enrich::resolve(&draft, live, &sight);
            remit_engine::evaluate(&live.bound, &query)
        }
    })
}
