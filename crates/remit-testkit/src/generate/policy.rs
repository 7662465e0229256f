//! Rules, packages and files as text, kept in pieces so that a failing case can be made smaller.

use std::fmt::Write as _;

use super::shape::{Kind, Shape, TEXTS, TYPES};
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
        // Many rules that each name somebody or demand some text: what an index is for.
        let crowd = if random.chance(15) { 12 + random.below(20) } else { 0 };
        let effects: Vec<&'static str> = std::iter::repeat_n("permit", 3 + random.below(4) + crowd)
            .chain(std::iter::repeat_n("forbid", random.below(4) + crowd / 8))
            .chain(std::iter::repeat_n("require", random.below(4) / 3))
            .collect();
        for (at, effect) in effects.into_iter().enumerate() {
            let mut rule = policy.rule(at, effect, random, taste);
            if crowd > 0 && random.chance(70) {
                policy.narrow(&mut rule, random);
            }
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
        writer.subject =
            clause("for", &[0, 0, 0, 0, 1, 2], if narrow { 75 } else { 65 }, &mut writer, &mut selectors);
        writer.actor = match writer.random.chance(12) {
            true => clause("as", &[0, 0, 1], 100, &mut writer, &mut selectors),
            false => (0..TYPES.len()).collect(),
        };
        actions(if narrow { 75 } else { 60 }, &mut writer, &mut selectors);
        let on = |at: &usize| self.shape.actions.get(*at).map(|action| action.on.clone());
        let possible: Vec<usize> = writer.actions.iter().filter_map(on).flatten().collect();
        let all_actions = writer.actions.len() == self.shape.actions.len();
        writer.resource = clause("on", &possible, if narrow { 65 } else { 50 }, &mut writer, &mut selectors);
        if writer.resource.is_empty() {
            writer.resource = if all_actions { (0..TYPES.len()).collect() } else { possible };
        } else if let Some(to) =
            selectors.iter_mut().find(|clause| clause.starts_with("to ") && *clause != "to any")
        {
            // Every action must be one on something that the rule selects.
            let resource = writer.resource.clone();
            writer
                .actions
                .retain(|at| on(at).is_some_and(|types| types.iter().any(|of| resource.contains(of))));
            *to = self.to(&writer.actions);
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

    fn to(&self, actions: &[usize]) -> String {
        let names = actions.iter().filter_map(|at| self.shape.actions.get(*at)).map(|action| action.name);
        format!("to {}", names.collect::<Vec<_>>().join(", "))
    }

    /// Adds a condition that some value is one of a few texts; an index may look rules up by it.
    fn narrow(&self, rule: &mut RuleText, random: &mut Random) {
        let texts = [random.word(&TEXTS), random.word(&TEXTS)];
        let readers = ["context.trace", "message.label", "context.free", "pep"];
        let mut reader = random.word(&readers).to_owned();
        // Texts of a party of one type: `for user` and `on doc` are written as the only term.
        for (word, root) in [("for", "subject"), ("on", "resource")] {
            let of = TYPES.iter().position(|name| rule.selectors.contains(&format!("{word} {name}")));
            let text = of.and_then(|of| {
                let fields = self.shape.types.get(of)?.iter().filter(|a| a.field.kind == Kind::Text);
                random.pick(&fields.collect::<Vec<_>>()).map(|attribute| attribute.field.name)
            });
            if let Some(text) = text
                && random.chance(60)
            {
                reader = format!("{root}.{text}");
            }
        }
        let condition = match random.below(3) {
            0 => format!("when {reader} == {:?}", texts[0]),
            1 => format!("when {:?} == {reader}", texts[0]),
            _ => format!("when {reader} in [{:?}, {:?}]", texts[0], texts[1]),
        };
        if random.chance(60) {
            rule.conditions.retain(|condition| condition.starts_with("that"));
        }
        rule.conditions.push(condition);
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
            0 => writer.reference(of),
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
        (0..=writer.random.below(3)).filter_map(|_| writer.random.pick(&all).copied()).collect();
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
