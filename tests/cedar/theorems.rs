//! What is proved of Cedar's authorizer, in our words, as properties of ours: each on generated policies, worlds and questions.

use std::collections::BTreeSet;

use crate::random::Random;
use remit_engine::{Effect as Fired, Outcome, Verdict};
use remit_model::Reason;

use crate::engines::{Cedar, Parts, Remit};
use crate::policy::{Effect, Rule, rule, rules};
use crate::world::{Ask, World};

/// 12,000 questions a theorem; a million with `REMIT_FULL=1`.
fn rounds() -> u64 {
    if std::env::var_os("REMIT_FULL").is_some() { 20_000 } else { 240 }
}

struct Scene {
    random: Random,
    rules: Vec<Rule>,
    world: World,
    asks: Vec<Ask>,
}

/// Every theorem sees other worlds; half of them know everything.
fn scenes(theorem: u64) -> impl Iterator<Item = Scene> {
    (0..rounds()).map(move |seed| {
        let mut random = Random::new(seed ^ theorem << 32);
        let rules = rules(&mut random);
        let missing = if seed % 2 == 0 { 0 } else { 20 };
        let world = World::generate(&mut random, missing);
        let asks = (0..50).map(|_| World::ask(&mut random, missing)).collect();
        Scene { random, rules, world, asks }
    })
}

impl Scene {
    fn verdicts(&self, rules: &[Rule]) -> Vec<Verdict> {
        let remit = Remit::new(rules, &self.world);
        self.asks.iter().map(|ask| remit.verdict(&self.world, ask)).collect()
    }

    fn with(&mut self, effect: Effect) -> Vec<Rule> {
        let mut more = self.rules.clone();
        more.push(rule(&mut self.random, "more".to_owned(), effect));
        more
    }

    /// Without one rule of this effect, when there is one.
    fn without(&mut self, effect: Effect) -> Option<Vec<Rule>> {
        let places: Vec<usize> =
            (0..self.rules.len()).filter(|at| self.rules[*at].effect == effect).collect();
        let gone = *places.get(self.random.below(places.len().max(1)))?;
        let mut less = self.rules.clone();
        less.remove(gone);
        Some(less)
    }

    fn only(&self, keep: impl Fn(&Rule) -> bool) -> Vec<Rule> {
        self.rules.iter().filter(|rule| keep(rule)).cloned().collect()
    }
}

fn ids(verdict: &Verdict) -> BTreeSet<String> {
    verdict.determining.iter().map(|hit| hit.id.rsplit('.').next().unwrap_or_default().to_owned()).collect()
}

/// 1. A forbid that applies trumps every permit.
#[test]
fn a_forbid_trumps_every_permit() {
    let mut seen = 0;
    for scene in scenes(1) {
        for verdict in scene.verdicts(&scene.rules) {
            let forbids = verdict.determining.iter().any(|hit| hit.effect == Fired::Forbid);
            assert!(!(forbids && verdict.decision));
            seen += usize::from(forbids);
        }
    }
    assert!(seen > 500, "{seen}");
}

/// 2. Who is allowed is so by a permit that is true; 3. without any there is a deny by default.
#[test]
fn an_allow_has_a_permit_that_is_true() {
    let mut allowed = 0;
    for scene in scenes(2) {
        for verdict in scene.verdicts(&scene.rules) {
            let permit = verdict
                .determining
                .iter()
                .any(|hit| hit.effect == Fired::Permit && hit.outcome != Outcome::Unknown);
            assert!(!verdict.decision || permit);
            allowed += usize::from(verdict.decision);
        }
    }
    assert!(allowed > 1_000, "{allowed}");
}

/// 3. Without permits nothing is allowed, whatever else there is.
#[test]
fn without_permits_everything_is_denied() {
    for scene in scenes(3) {
        let forbids = scene.only(|rule| rule.effect == Effect::Forbid);
        assert!(scene.verdicts(&forbids).iter().all(|verdict| !verdict.decision));
    }
}

/// 4. The order of policies does not matter; nor does saying one twice, under another name.
#[test]
fn order_and_repetition_do_not_matter() {
    for mut scene in scenes(4) {
        let before = scene.verdicts(&scene.rules);
        let mut other = scene.rules.clone();
        other.reverse();
        let by = scene.random.below(other.len());
        other.rotate_left(by);
        let twice = Rule { name: "twice".to_owned(), ..other[0].clone() };
        let reordered = scene.verdicts(&other);
        other.push(twice);
        let repeated = scene.verdicts(&other);
        for ((was, is), more) in before.iter().zip(&reordered).zip(&repeated) {
            assert_eq!((was.decision, was.reason, ids(was)), (is.decision, is.reason, ids(is)));
            assert_eq!(was.decision, more.decision);
        }
    }
}

/// 5. One permit more takes no allow away; 8. one permit less gives none.
#[test]
fn permits_only_give() {
    for mut scene in scenes(5) {
        let before = scene.verdicts(&scene.rules);
        let more = scene.with(Effect::Permit);
        for (was, is) in before.iter().zip(scene.verdicts(&more)) {
            assert!(!was.decision || is.decision);
        }
        if let Some(less) = scene.without(Effect::Permit) {
            for (was, is) in before.iter().zip(scene.verdicts(&less)) {
                assert!(was.decision || !is.decision);
            }
        }
    }
}

/// 6. One forbid more gives no allow; 7. one forbid less takes none away.
#[test]
fn forbids_only_take() {
    for mut scene in scenes(6) {
        let before = scene.verdicts(&scene.rules);
        let more = scene.with(Effect::Forbid);
        for (was, is) in before.iter().zip(scene.verdicts(&more)) {
            assert!(was.decision || !is.decision);
        }
        if let Some(less) = scene.without(Effect::Forbid) {
            for (was, is) in before.iter().zip(scene.verdicts(&less)) {
                assert!(!was.decision || is.decision);
            }
        }
    }
}

/// 9. A slice that holds every policy in scope decides like the whole.
#[test]
fn a_sound_slice_decides_like_the_whole() {
    for scene in scenes(9) {
        let whole = scene.verdicts(&scene.rules);
        let cedar = Cedar::new(&scene.rules, &scene.world);
        let parts: Vec<Parts> = scene.rules.iter().map(Parts::new).collect();
        // A dozen questions suffice: each needs a compilation of its own.
        for (ask, was) in scene.asks.iter().zip(&whole).take(6) {
            let request = Cedar::request(&scene.world, ask);
            let slice: Vec<Rule> = scene
                .rules
                .iter()
                .zip(&parts)
                .filter(|(_, part)| part.applies(&cedar, &request) != Some(false))
                .map(|(rule, _)| rule.clone())
                .collect();
            let is = Remit::new(&slice, &scene.world).verdict(&scene.world, ask);
            assert_eq!((was.decision, was.reason, ids(was)), (is.decision, is.reason, ids(&is)));
        }
    }
}

/// 10. A permit that cannot be evaluated is as good as none (Cedar's law for every policy; ours for permits alone).
#[test]
fn a_permit_that_cannot_be_evaluated_is_as_good_as_none() {
    let mut erring = 0;
    for scene in scenes(10) {
        let cedar = Cedar::new(&scene.rules, &scene.world);
        let parts: Vec<Parts> = scene.rules.iter().map(Parts::new).collect();
        let remit = Remit::new(&scene.rules, &scene.world);
        for ask in scene.asks.iter().take(6) {
            let request = Cedar::request(&scene.world, ask);
            let unknown =
                |part: &Parts| part.effect == Effect::Permit && part.applies(&cedar, &request).is_none();
            let kept: Vec<Rule> = scene
                .rules
                .iter()
                .zip(&parts)
                .filter(|(_, part)| !unknown(part))
                .map(|(rule, _)| rule.clone())
                .collect();
            if kept.len() < scene.rules.len() {
                erring += 1;
                let is = Remit::new(&kept, &scene.world).verdict(&scene.world, ask);
                assert_eq!(remit.verdict(&scene.world, ask).decision, is.decision);
            }
        }
    }
    assert!(erring > 50, "{erring}");
}

/// 11, 12, 13. The determining policies of an allow are the permits that are true, of a deny the forbids that apply; there are
/// none exactly when the deny is one by default; and `forbidden` is said exactly when a forbid is true.
#[test]
fn determining_policies_are_those_that_decided() {
    let (mut by_default, mut by_forbid) = (0, 0);
    for scene in scenes(11) {
        let cedar = Cedar::new(&scene.rules, &scene.world);
        let parts: Vec<Parts> = scene.rules.iter().map(Parts::new).collect();
        for (ask, verdict) in scene.asks.iter().zip(scene.verdicts(&scene.rules)) {
            let request = Cedar::request(&scene.world, ask);
            let that = |effect: Effect, truth: &[Option<bool>]| -> BTreeSet<String> {
                let found = parts
                    .iter()
                    .filter(|part| part.effect == effect && truth.contains(&part.applies(&cedar, &request)));
                found.map(|part| part.name.clone()).collect()
            };
            if verdict.decision {
                assert_eq!(ids(&verdict), that(Effect::Permit, &[Some(true)]));
                continue;
            }
            let stopped = that(Effect::Forbid, &[Some(true), None]);
            let forbids = verdict.determining.iter().filter(|hit| hit.effect == Fired::Forbid).count();
            assert_eq!(forbids, stopped.len(), "{verdict:#?}");
            assert!(stopped.iter().all(|name| ids(&verdict).contains(name)));
            let explicit = !that(Effect::Forbid, &[Some(true)]).is_empty();
            assert_eq!(verdict.reason == Reason::Forbidden, explicit, "{verdict:#?}");
            by_forbid += usize::from(explicit);
            by_default += usize::from(stopped.is_empty());
        }
    }
    assert!(by_default > 500 && by_forbid > 500, "{by_default} {by_forbid}");
}

/// 14. What Cedar says determined an answer without errors is what Remit says.
#[test]
fn both_name_the_same_determining_policies() {
    let mut compared = 0;
    for scene in scenes(14) {
        let cedar = Cedar::new(&scene.rules, &scene.world);
        for (ask, verdict) in scene.asks.iter().zip(scene.verdicts(&scene.rules)) {
            let said = cedar.say(&Cedar::request(&scene.world, ask));
            if said.errors == 0 && (verdict.decision || !said.determining.is_empty()) {
                assert_eq!(ids(&verdict), said.determining);
                compared += 1;
            }
        }
    }
    assert!(compared > 1_000, "{compared}");
}

/// 15. A policy out of scope changes nothing at all.
#[test]
fn a_policy_out_of_scope_changes_nothing() {
    for mut scene in scenes(15) {
        let before = scene.verdicts(&scene.rules);
        let effect = if scene.random.chance(50) { Effect::Permit } else { Effect::Forbid };
        let mut stranger = rule(&mut scene.random, "stranger".to_owned(), effect);
        stranger.subject = crate::policy::Scope::One("user", "nobody".to_owned());
        let mut more = scene.rules.clone();
        more.push(stranger);
        for (was, is) in before.iter().zip(scene.verdicts(&more)) {
            assert_eq!((was.decision, was.reason, ids(was)), (is.decision, is.reason, ids(&is)));
        }
    }
}
