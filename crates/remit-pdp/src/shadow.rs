//! The candidate that decides in the shadow of the live policies. It is asked once the answer is settled, on what the
//! answer was settled on; it holds nothing, waits for nothing and changes nothing but what is told of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use remit_engine::{self as engine, Program, Verdict};
use remit_ledger as ledger;
use remit_model::{MessageFact, Timestamp};

use crate::bundle::{self, Bundle, Purpose};
use crate::decide::Settled;
use crate::enrich::Sight;
use crate::intake::Draft;
use crate::limits;
use crate::live::Live;
use crate::record::{self, Frame};
use crate::revisions::Revisions;
use crate::sources::Heard;
use crate::standing::View;
use crate::{archive, enrich, publish};

/// How the candidate came out beside the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Same,
    OtherReason,
    DenyToAllow,
    AllowToDeny,
    Fault,
}

/// The candidate of this folder beside `live`: on a graph of its own when it has one, else on the live one. What it is
/// made of is in the archive when this returns.
///
/// # Errors
/// Everything that is wrong with it, or with the live graph under its schema.
pub(crate) fn build(dir: &Path, data: &Path, live: &Live) -> Result<Live, String> {
    made(bundle::load(dir, Purpose::Serve).map_err(|error| error.to_string())?, data, live)
}

fn made(mut loaded: Bundle, data: &Path, live: &Live) -> Result<Live, String> {
    let follows = loaded.files.documents.is_empty();
    let shares = loaded.policies.schema.id() == live.bound.program().schema().id();
    if follows && !shares {
        let graph = archive::graph_folder(data, &live.revisions.graph.digest);
        let graph = graph.map_err(|lost| lost.to_string())?;
        loaded = bundle::load_from(&loaded.dir, &graph).map_err(|error| error.to_string())?;
    }
    let (files, dir) = (loaded.files.clone(), loaded.dir.clone());
    let mut candidate = publish::compile(loaded, &Revisions::default())?;
    if follows && shares {
        let ((program, _), (_, snapshot)) = (candidate.bound.parts(), live.bound.parts());
        candidate.bound = Program::bind(program, snapshot);
    }
    if follows {
        candidate.revisions.graph = live.revisions.graph.clone();
    }
    archive::keep(data, &candidate, &files, &dir).map_err(|error| format!("the archive: {error}"))?;
    Ok(candidate)
}

/// Gives what goes live its candidate, anew from this folder; when that is refused, for the reasons that are returned,
/// the policies of the old one.
pub(crate) fn renew(dir: &Path, data: &Path, live: &mut Live, earlier: &Live) -> Option<String> {
    let (candidate, refused) = match build(dir, data, live) {
        Ok(candidate) => (Some(Arc::new(candidate)), None),
        Err(refused) => (earlier.shadow.as_ref().map(|old| moved(old, data, live, earlier)), Some(refused)),
    };
    live.shadow = candidate;
    refused
}

/// The old candidate on the new graph, if it followed the live one and fits; else as it is.
fn moved(old: &Arc<Live>, data: &Path, live: &Live, earlier: &Live) -> Arc<Live> {
    let followed = old.revisions.graph.digest == earlier.revisions.graph.digest;
    if !followed || live.revisions.graph.digest == old.revisions.graph.digest {
        return Arc::clone(old);
    }
    let policies =
        archive::policy_folder(data, &old.revisions.policy.digest).map_err(|lost| lost.to_string());
    let moved = policies.and_then(|policies| build(&policies, data, live));
    moved.map_or_else(
        |refused| {
            tracing::warn!(refused, "the old shadow stays on the graph of its time");
            Arc::clone(old)
        },
        Arc::new,
    )
}

/// Whether one decides otherwise than the other could.
pub(crate) fn differ(before: Option<&Live>, after: Option<&Live>) -> bool {
    let built = |of: Option<&Live>| {
        of.map(|of| (of.revisions.policy.digest.clone(), of.revisions.graph.digest.clone()))
    };
    built(before) != built(after)
}

/// The record that says which policies decide in the shadow from here on, when they are others.
pub(crate) fn event(before: Option<&Live>, after: Option<&Live>, now: Timestamp) -> Option<ledger::Body> {
    let digest = |of: &Live| of.revisions.policy.digest.clone();
    let now_is = digest(after?);
    (before.map(digest).as_ref() != Some(&now_is)).then(|| {
        ledger::Body::ConfigChanged(ledger::ConfigChanged {
            author: None,
            digest: now_is.to_string(),
            time: record::time(now),
            what: "the policies with this digest decide in the shadow from here on".to_owned(),
        })
    })
}

/// Decides a settled question under the candidate and writes what is different into its record; none where there is
/// no candidate, or no policy was asked.
pub(crate) fn beside(
    frame: &Frame<'_>,
    draft: &Draft<'_>,
    settled: &Settled,
    record: &mut ledger::DecisionRecord,
) -> Option<Outcome> {
    let shadow = frame.live.shadow.as_deref()?;
    if settled.denied.is_some() {
        return None;
    }
    let view = View::of(frame.state);
    // WHY: the candidate asks nobody; of a source that it declares alike it knows what was said.
    let heard = Heard::of(shadow.bound.program(), &settled.told);
    let sight =
        Sight { now: frame.now, pep: &frame.call.pep.name, standing: Some(&view), outside: Some(&heard) };
    let anew = (!finds_alike(frame.live, shadow)).then(|| draft.anew());
    let draft = anew.as_ref().unwrap_or(draft);
    let Some(verdict) = guarded(|| match &settled.acting {
        Some(acting) => acting.ask(draft, &settled.lineage, (shadow, &sight), engine::evaluate),
        None => engine::evaluate(&shadow.bound, &enrich::resolve(draft, shadow, &sight)),
    }) else {
        tracing::warn!(policy = &*shadow.revisions.policy.digest, "the shadow ended in a defect");
        return Some(Outcome::Fault);
    };
    let outcome = compared(&settled.verdict, &verdict);
    if outcome != Outcome::Same {
        record.shadow = Some(ledger::Shadow {
            decision: record::decision(verdict.decision),
            policy: shadow.revisions.policy.digest.to_string(),
            reason: verdict.reason.code().to_owned(),
            rules: verdict.determining.iter().take(limits::SHADOW_RULES).map(record::rule).collect(),
        });
        // INVARIANT: what is told of the candidate never makes a record too large to be taken.
        let bytes = serde_json::to_vec(record).map_or(usize::MAX, |bytes| bytes.len());
        if bytes > limits::SHADOWED_BYTES {
            record.shadow = None;
        }
    }
    Some(outcome)
}

/// Whether what the one finds out about a message is what the other would.
fn finds_alike(live: &Live, shadow: &Live) -> bool {
    let facts = shadow.bound.program().message_facts();
    // Each bundle has schemas of its own.
    facts == live.bound.program().message_facts() && !facts.contains(&MessageFact::Valid)
}

// INVARIANT: whatever becomes of the candidate, the answer is settled and goes out as it is.
fn guarded(decide: impl FnOnce() -> Verdict) -> Option<Verdict> {
    catch_unwind(AssertUnwindSafe(decide)).ok()
}

fn compared(live: &Verdict, shadow: &Verdict) -> Outcome {
    // WHY: a candidate usually has another version, which alone is no difference.
    let rules =
        |of: &Verdict| of.determining.iter().map(|hit| (hit.effect, hit.id.clone())).collect::<Vec<_>>();
    match (live.decision, shadow.decision) {
        (false, true) => Outcome::DenyToAllow,
        (true, false) => Outcome::AllowToDeny,
        _ if live.reason == shadow.reason && rules(live) == rules(shadow) => Outcome::Same,
        _ => Outcome::OtherReason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::denial::Denial;
    use remit_model::Reason;

    #[test]
    fn a_candidate_that_panics_gives_nothing_and_one_that_does_not_its_verdict() {
        let denied = || Denial::new(Reason::Forbidden, "x", "y").verdict();
        assert_eq!(guarded(|| panic!("a defect")), None);
        assert_eq!(guarded(denied), Some(denied()));
    }

    #[test]
    fn decision_reason_and_rules_are_compared_in_this_order() {
        let verdict = |decision, reason| {
            let mut verdict = Denial::new(reason, "x", "y").verdict();
            verdict.decision = decision;
            verdict
        };
        let table = [
            ((true, Reason::Permitted), (true, Reason::Permitted), Outcome::Same),
            ((false, Reason::Forbidden), (false, Reason::NoPermitApplies), Outcome::OtherReason),
            ((false, Reason::Forbidden), (true, Reason::Permitted), Outcome::DenyToAllow),
            ((true, Reason::Permitted), (false, Reason::Forbidden), Outcome::AllowToDeny),
        ];
        for (live, shadow, expected) in table {
            let came = compared(&verdict(live.0, live.1), &verdict(shadow.0, shadow.1));
            assert_eq!(came, expected, "{live:?} {shadow:?}");
        }
    }
}
