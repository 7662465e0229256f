//! Rules, packages and files as text, kept in pieces so that a failing case can be made smaller.

use std::fmt::Write as _;

use super::shape::{Kind, Shape, TYPES};
use super::writer::Writer;
use crate::random::Random;

/// A rule in pieces.
#[derive(Debug, Clone)]
pub struct RuleText {
    /// Index of its package.
    pub package: usize,
    /// `permit`, `forbid`, `require`.
    pub effect: &'static str,
    /// Unique over all packages.
    pub name: String,
    /// Clauses that select: `for`, `as`, `to`, `on`.
    pub selectors: Vec<String>,
    /// `when`, `unless`, `that`; the first `that` of a require must stay.
    pub conditions: Vec<String>,
    /// `because`, `oblige`, `advise`, `severity`.
    pub rest: Vec<String>,
}

/// A policy set in pieces.
#[derive(Debug, Clone)]
pub struct PolicyText {
    /// The declarations.
    pub shape: Shape,
    /// Packages: name and what follows it on its line.
    pub packages: Vec<(String, String)>,
    /// Rules.
    pub rules: Vec<RuleText>,
}

/// What to generate.
#[derive(Debug, Clone, Copy)]
pub struct Taste {
    /// Use `is present` and `is missing`.
    pub presence: bool,
}

impl RuleText {
    /// The rule as written.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = format!("{} {}\n", self.effect, self.name);
        for clause in self.selectors.iter().chain(&self.conditions).chain(&self.rest) {
            let _ = writeln!(text, "  {clause}");
        }
        text
    }
}

impl PolicyText {
    /// Another policy set for every state of `random`.
    #[must_use]
    pub fn generate(random: &mut Random, taste: Taste) -> Self {
        let shape = Shape::generate(random);
        let mut packages = vec![("core".to_owned(), String::new())];
        for at in 0..=random.below(2) {
            let until = match random.below(4) {
                0 => format!(" until 2026-01-{:02}", 8 + random.below(12)),
                _ => String::new(),
            };
            packages.push((format!("app.part{at}"), format!(" version \"{at}.1\"{until}")));
        }
        let mut policy = Self { shape, packages, rules: Vec::new() };
        let effects: Vec<&'static str> = std::iter::repeat_n("permit", 3 + random.below(4))
            .chain(std::iter::repeat_n("forbid", random.below(3)))
            .chain(std::iter::repeat_n("require", random.below(5) / 4))
            .collect();
        for (at, effect) in effects.into_iter().enumerate() {
            let rule = policy.rule(at, effect, random, taste);
            policy.rules.push(rule);
        }
        policy
    }

    /// One more rule, of this effect.
    #[must_use]
    pub fn rule(&self, at: usize, effect: &'static str, random: &mut Random, taste: Taste) -> RuleText {
        let narrow = effect != "permit";
        let mut writer = Writer {
            random,
            shape: &self.shape,
            subject: vec![],
            actor: vec![],
            resource: vec![],
            actions: vec![],
            presence: taste.presence,
            variables: vec![],
            edge: vec![],
        };
        let mut selectors = Vec::new();
        writer.subject = clause("for", &[0, 0, 0, 1, 2, 6], 90, &mut writer, &mut selectors);
        writer.actor = match writer.random.chance(12) {
            true => clause("as", &[0, 1, 1], 100, &mut writer, &mut selectors),
            false => (0..TYPES.len()).collect(),
        };
        actions(if narrow { 95 } else { 80 }, &mut writer, &mut selectors);
        let possible: Vec<usize> = {
            let on = |at: &usize| self.shape.actions.get(*at).map(|action| action.on.clone());
            writer.actions.iter().filter_map(on).flatten().collect()
        };
        writer.resource = clause("on", &possible, if narrow { 95 } else { 80 }, &mut writer, &mut selectors);
        if writer.resource.is_empty() {
            writer.resource = possible;
        }
        writer.resource.sort_unstable();
        writer.resource.dedup();
        let mut conditions = Vec::new();
        let depth = 1 + writer.random.below(3);
        if effect == "require" {
            conditions.push(format!("that {}", writer.boolean(depth)));
        }
        if narrow || writer.random.chance(85) {
            conditions.push(format!("when {}", writer.boolean(depth)));
        }
        if writer.random.chance(15) {
            conditions.push(format!("when {}", writer.boolean(1)));
        }
        if writer.random.chance(20) {
            conditions.push(format!("unless {}", writer.boolean(1)));
        }
        let rest = rest(effect, &mut writer);
        let package =
            if writer.random.chance(20) { 0 } else { 1 + writer.random.below(self.packages.len() - 1) };
        RuleText { package, effect, name: format!("r{at}"), selectors, conditions, rest }
    }

    /// The files: names and texts.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        for (at, (name, more)) in self.packages.iter().enumerate() {
            let mut text = format!("package {name}{more}\n\n");
            if at == 0 {
                text.push_str(&self.shape.write());
            } else {
                text.push_str("use core\n");
            }
            for rule in self.rules.iter().filter(|rule| rule.package == at) {
                let _ = write!(text, "\n{}", rule.write());
            }
            files.push((format!("{name}.ibac"), text));
        }
        files
    }
}

/// A `for`, `as` or `on` clause; gives the types it leaves open.
fn clause(
    word: &str,
    menu: &[usize],
    percent: usize,
    writer: &mut Writer<'_>,
    into: &mut Vec<String>,
) -> Vec<usize> {
    if !writer.random.chance(percent) {
        return if word == "on" { Vec::new() } else { (0..TYPES.len()).collect() };
    }
    let (mut terms, mut types) = (Vec::new(), Vec::new());
    for _ in 0..=writer.random.below(5) / 3 {
        let of = *writer.random.pick(menu).unwrap_or(&0);
        let name = TYPES.get(of).copied().unwrap_or("user");
        let term = match writer.random.below(10) {
            0 | 1 => writer.reference(of),
            2..=4 if of != 6 && of != 3 => {
                let group = if of >= 4 { 4 } else { 2 };
                format!("{name} in {}", writer.reference(group))
            }
            _ => name.to_owned(),
        };
        if !terms.contains(&term) {
            terms.push(term);
            types.push(of);
        }
    }
    into.push(format!("{word} {}", terms.join(", ")));
    types.sort_unstable();
    types.dedup();
    types
}

fn actions(percent: usize, writer: &mut Writer<'_>, into: &mut Vec<String>) {
    let all: Vec<usize> = (0..writer.shape.actions.len()).collect();
    if !writer.random.chance(percent) {
        if writer.random.chance(30) {
            into.push("to any".into());
        }
        writer.actions = all;
        return;
    }
    let mut picked: Vec<usize> =
        (0..=writer.random.below(2)).filter_map(|_| writer.random.pick(&all).copied()).collect();
    picked.sort_unstable();
    picked.dedup();
    let names: Vec<&str> =
        picked.iter().filter_map(|at| writer.shape.actions.get(*at)).map(|action| action.name).collect();
    into.push(format!("to {}", names.join(", ")));
    writer.actions = picked;
}

fn rest(effect: &str, writer: &mut Writer<'_>) -> Vec<String> {
    let mut rest = Vec::new();
    if writer.random.chance(30) {
        let kind =
            [Kind::Text, Kind::Int, Kind::Time].get(writer.random.below(3)).cloned().unwrap_or(Kind::Int);
        rest.push(format!("because \"because of {{{}}} it is\"", hole(&kind, writer)));
    }
    for word in ["oblige", "advise"] {
        if writer.random.chance(25) {
            let name = writer.random.word(&["step-up", "log", "notify"]);
            let text = writer.value(&Kind::Text, 1);
            let number = writer.value(&Kind::Int, 1);
            rest.push(match writer.random.below(4) {
                0 => format!("{word} {name} {{ text: {text} }}"),
                1 => format!("{word} {name} {{ text: {text}, number: {number} }}"),
                2 => format!("{word} {name} {{ roles: {} }}", writer.set(&Kind::Text, 1)),
                _ => format!("{word} {name} {{ fixed: [\"mfa\", \"hwk\"], level: 3 }}"),
            });
        }
    }
    if effect != "permit" && writer.random.chance(30) {
        rest.push(format!(
            "severity {}",
            writer.random.word(&["informational", "medium", "high", "critical"])
        ));
    }
    rest
}

/// A hole stands inside quotes, so what it holds must not.
fn hole(kind: &Kind, writer: &mut Writer<'_>) -> String {
    let text = writer.value(kind, 0);
    if text.contains('"') { "now".into() } else { text }
}
