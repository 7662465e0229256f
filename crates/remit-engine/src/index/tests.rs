//! The index against a scan of all rules, over generated rules, graphs and questions.

use remit_lang::checked::{Expr, Rule};
use remit_model::Value;

use super::candidates;
use crate::combine::{decides, evaluate, verdict};
use crate::eval::Eval;
use crate::lower::Effect;
use crate::testing::{READ, ask, bind, ex::*, rule, select};

/// SplitMix64, so that a failure comes back.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) % bound
    }
}

fn clause(dice: &mut Dice, kind: &str, container: &str) -> String {
    let term = |dice: &mut Dice| match dice.below(5) {
        0 => kind.to_owned(),
        1 | 2 => format!("{kind}:{}", dice.below(8)),
        _ => format!("{kind} in {container}:{}", dice.below(8)),
    };
    let first = term(dice);
    if dice.below(4) == 0 { format!("{first}, {}", term(dice)) } else { first }
}

fn condition(dice: &mut Dice) -> Expr {
    let word = |dice: &mut Dice| text(&format!("w{}", dice.below(6)));
    match dice.below(6) {
        0 => equal(attr(subject(), "device"), word(dice)),
        1 => equal(word(dice), context("word")),
        2 => has(set(vec![word(dice), word(dice)]), attr(subject(), "device")),
        3 => equal(follow(resource(), "owner"), subject()),
        4 => has(follow(resource(), "viewer"), subject()),
        _ => present(context("word")),
    }
}

fn random_rule(dice: &mut Dice, at: usize) -> Rule {
    let effect = match dice.below(12) {
        0 => Effect::Forbid,
        1 => Effect::Require,
        _ => Effect::Permit,
    };
    let mut rule = rule(&format!("r{at:03}"), effect);
    if dice.below(3) > 0 {
        rule.subjects = select(&clause(dice, "user", "group"));
    }
    if dice.below(3) == 0 {
        rule.resources = select(&clause(dice, "doc", "group"));
    }
    if dice.below(6) == 0 {
        rule.actors = select(&clause(dice, "user", "group"));
    }
    if dice.below(2) == 0 {
        rule.actions = Some(vec![READ]);
    }
    // A forbid among many rules must be narrow, or nothing is ever allowed.
    if effect != Effect::Permit {
        rule.subjects = select(&format!("user:{}, user in group:{}", dice.below(8), dice.below(8)));
        rule.resources = select(&format!("doc:{}", dice.below(8)));
    }
    rule.condition = and((0..dice.below(3)).map(|_| condition(dice)).collect());
    rule
}

fn random_graph(dice: &mut Dice) -> Vec<String> {
    let mut lines: Vec<String> = (0..6).map(|n| format!("user:{n}")).collect();
    for _ in 0..12 {
        let (a, b) = (dice.below(6), dice.below(7));
        lines.push(match dice.below(5) {
            0 => format!("group:{a}.member_of group:{b}"),
            1 => format!("user:{a}.member_of group:{b}"),
            2 => format!("doc:{a}.owner user:{b}"),
            3 => format!("doc:{a}.viewer user:{b}"),
            _ => format!("user:{a}.device = w{b}"),
        });
    }
    if dice.below(2) == 0 {
        lines.extend((0..8).map(|n| format!("group:{n}")));
    }
    lines
}

#[test]
fn what_the_index_selects_decides_like_all_rules() {
    let (mut allowed, mut narrowed) = (0, 0);
    for seed in 0..80 {
        let dice = &mut Dice(seed);
        let rules: Vec<Rule> = (0..40).map(|at| random_rule(dice, at)).collect();
        let lines = random_graph(dice);
        let bound = bind(rules, &lines.iter().map(String::as_str).collect::<Vec<_>>());
        let everything: Vec<u32> = (0..40).collect();
        for _ in 0..12 {
            let (user, doc) = (format!("user:{}", dice.below(9)), format!("doc:{}", dice.below(9)));
            let asserted = [("device", Value::string("w1"))];
            let context = [("word", Value::string("w2"))];
            let mut query = ask(&bound, &user, &doc);
            if dice.below(3) == 0 {
                query.subject = query.subject.asserting(&asserted);
            }
            if dice.below(2) == 0 {
                query.context = &context;
            }
            let eval = Eval::new(&bound, &query);
            let scanned = verdict(&eval, &everything);
            assert_eq!(evaluate(&bound, &query), scanned, "seed {seed}, {user} on {doc}");
            assert_eq!(decides(&bound, &query), scanned.decision, "seed {seed}, {user} on {doc}");
            narrowed += usize::from(candidates(&eval).len() < 30);
            allowed += usize::from(scanned.decision);
        }
    }
    assert!(allowed > 50 && narrowed > 500, "worth asking: {allowed} allowed, {narrowed} narrowed");
}

#[test]
fn a_question_meets_only_the_rules_of_its_own_groups() {
    let rules = (0..500).map(|n| {
        let mut permit = rule(&format!("r{n}"), Effect::Permit);
        permit.subjects = select(&format!("user in group:{n}"));
        permit
    });
    let bound =
        bind(rules.collect(), &["user:a.member_of group:7", "group:7.member_of group:9", "group:9", "doc:d"]);
    let query = ask(&bound, "user:a", "doc:d");
    let found = candidates(&Eval::new(&bound, &query));
    assert_eq!(found.len(), 2);
    assert!(evaluate(&bound, &query).decision);
}
