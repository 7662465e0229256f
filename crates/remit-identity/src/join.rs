//! Several proved tokens to one `Evidence`: they must tell one story.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::config::Profile;
use crate::evidence::{Binding, ChainMember, Evidence, PartyKind, Pattern};
use crate::fault::TokenFault;
use crate::issuer::Issuer;
use crate::proved::Proved;
use crate::standard::dpop::Proof;

/// One token and how its binding turned out.
pub(crate) struct Bound {
    pub proved: Arc<Proved>,
    pub binding: Binding,
    pub stale: bool,
    /// The proof of possession, not yet used up.
    pub proof: Option<Proof>,
}

/// Joins them; the error names the token that does not fit the ones before it.
pub(crate) fn join(tokens: &[Bound], issuers: &[Issuer]) -> Result<Evidence, (usize, TokenFault)> {
    let names_subject = |bound: &&Bound| bound.proved.subject.is_some();
    let main = tokens.iter().find(names_subject).or_else(|| tokens.first());
    let main = main.ok_or((0, TokenFault::TooManyTokens))?;
    check_subjects(tokens)?;
    let chain = join_chains(tokens)?;
    let txn = one(tokens, |proved| proved.txn.as_ref(), TokenFault::TransactionConflict)?;
    let workload = one(tokens, |proved| proved.workload.as_ref(), TokenFault::TooManyTokens)?;
    let subject = main.proved.subject.clone().or_else(|| workload.clone());
    let kind = subject.as_ref().map_or(PartyKind::Workload, |subject| subject.kind);
    let pattern = pattern(kind, !chain.is_empty(), workload.is_some());
    check_ceilings(tokens, issuers, pattern)?;
    let mut details = by_closeness(tokens).filter_map(|proved| proved.details.clone());
    let intent_details = details.next();
    let intent_bounds = details.filter(|it| Some(it) != intent_details.as_ref()).collect();
    let scopes = tokens.iter().filter_map(|bound| bound.proved.scopes.clone());
    let scopes = scopes.reduce(|left, right| left.intersection(&right).cloned().collect());
    let mut notes: BTreeSet<_> = tokens.iter().flat_map(|bound| bound.proved.notes.clone()).collect();
    if tokens.iter().any(|bound| bound.stale) {
        notes.insert(crate::evidence::Note::StaleKeys);
    }
    let first = |of: fn(&Proved) -> Option<String>| tokens.iter().find_map(|bound| of(&bound.proved));
    Ok(Evidence {
        pattern,
        subject,
        chain: (!chain.is_empty()).then_some(chain),
        workload,
        client_id: first(|proved| proved.client_id.clone()),
        may_act: tokens.iter().find_map(|bound| bound.proved.may_act.clone()),
        intent_details,
        intent_bounds,
        txn,
        purpose: first(|proved| proved.purpose.clone()),
        scopes: scopes.unwrap_or_default(),
        claims: main.proved.claims.clone(),
        token_hashes: tokens.iter().map(|bound| bound.proved.summary.hash).collect(),
        issued: tokens.iter().filter_map(|bound| bound.proved.times.issued).min(),
        subject_issued: tokens
            .iter()
            .filter(names_subject)
            .map(|bound| bound.proved.times.issued)
            .min()
            .flatten(),
        expires: tokens
            .iter()
            .map(|bound| bound.proved.times.expires)
            .min()
            .unwrap_or(main.proved.times.expires),
        tokens: tokens.iter().map(|bound| bound.proved.summary.clone()).collect(),
        binding: main.binding,
        sender_bound: main.binding != Binding::Bearer,
        notes,
    })
}

fn pattern(subject: PartyKind, chain: bool, workload: bool) -> Pattern {
    match (subject, chain) {
        (PartyKind::User, true) => Pattern::UserAndAgent,
        (PartyKind::User, false) if workload => Pattern::WorkloadAndUser,
        (PartyKind::User, false) => Pattern::User,
        (PartyKind::Agent, _) => Pattern::Agent,
        (PartyKind::Workload, _) => Pattern::Workload,
    }
}

/// SPEC: both tokens of one request are about one subject (CHECKLIST D5).
fn check_subjects(tokens: &[Bound]) -> Result<(), (usize, TokenFault)> {
    let mut subjects =
        tokens.iter().enumerate().filter_map(|(index, it)| Some((index, it.proved.subject.as_ref()?)));
    let Some((_, first)) = subjects.next() else { return Ok(()) };
    match subjects.find(|(_, subject)| subject.entity != first.entity) {
        Some((index, _)) => Err((index, TokenFault::SubjectMismatch)),
        None => Ok(()),
    }
}

/// The longest chain, of which every other must be the earlier part.
fn join_chains(tokens: &[Bound]) -> Result<Vec<ChainMember>, (usize, TokenFault)> {
    let chains = || tokens.iter().enumerate().map(|(index, bound)| (index, &bound.proved.chain));
    let longest = chains().map(|(_, chain)| chain).max_by_key(|chain| chain.len());
    let longest = longest.cloned().unwrap_or_default();
    let same = |left: &ChainMember, right: &ChainMember| left.id == right.id && left.issuer == right.issuer;
    for (index, chain) in chains() {
        let earlier = longest.iter().rev().zip(chain.iter().rev());
        if !earlier.into_iter().all(|(left, right)| same(left, right)) {
            return Err((index, TokenFault::ChainConflict));
        }
    }
    // WHY: a token that lets one party act, beside one in which another acts, is a spliced pair.
    let origin = longest.last();
    for (index, bound) in tokens.iter().enumerate() {
        let direct = bound.proved.chain.is_empty();
        if let (true, Some(may_act), Some(origin)) = (direct, &bound.proved.may_act, origin)
            && !may_act.permits(origin)
        {
            return Err((index, TokenFault::MayActMismatch));
        }
    }
    Ok(longest)
}

fn one<'t, T: PartialEq + Clone + 't>(
    tokens: &'t [Bound],
    of: impl Fn(&'t Proved) -> Option<&'t T>,
    fault: TokenFault,
) -> Result<Option<T>, (usize, TokenFault)> {
    let mut found: Option<&T> = None;
    for (index, bound) in tokens.iter().enumerate() {
        match (found, of(&bound.proved)) {
            (Some(earlier), Some(other)) if earlier != other => return Err((index, fault)),
            (None, Some(other)) => found = Some(other),
            _ => {}
        }
    }
    Ok(found.cloned())
}

fn check_ceilings(tokens: &[Bound], issuers: &[Issuer], pattern: Pattern) -> Result<(), (usize, TokenFault)> {
    for (index, bound) in tokens.iter().enumerate() {
        let most = issuers.get(bound.proved.entry).and_then(|issuer| issuer.ceiling_patterns.as_ref());
        if most.is_some_and(|most| !most.contains(&pattern)) {
            return Err((index, TokenFault::AboveCeiling));
        }
    }
    Ok(())
}

/// The token closest to the call first: transaction, delegation, grant, access token.
fn by_closeness(tokens: &[Bound]) -> impl Iterator<Item = &Proved> {
    let order = [Profile::TxnToken, Profile::Delegation, Profile::IdJag, Profile::AccessToken];
    order.into_iter().flat_map(move |profile| {
        tokens.iter().map(|bound| &*bound.proved).filter(move |proved| proved.profile == profile)
    })
}
