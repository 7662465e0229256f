//! Policies of the common subset as trees, and their two spellings.

use std::fmt::Write as _;

use crate::random::Random;

/// What a rule does when it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Permit,
    Forbid,
}

/// Something that is true, false or cannot be evaluated.
#[derive(Debug, Clone)]
pub enum Condition {
    /// In the words of Remit and of Cedar.
    Atom(String, String),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
}

/// Whom or what a rule is about.
#[derive(Debug, Clone)]
pub enum Scope {
    Any,
    Type(&'static str),
    In(&'static str, &'static str, String),
    One(&'static str, String),
}

/// A rule.
#[derive(Debug, Clone)]
pub struct Rule {
    pub name: String,
    pub effect: Effect,
    pub subject: Scope,
    pub actions: Vec<&'static str>,
    pub resource: Scope,
    pub when: Vec<Condition>,
    pub unless: Vec<Condition>,
}

/// What both engines are told of types.
pub const SCHEMA: &str = "package p

entity user  { age: int?, active: bool?, name: string?, roles: set<string>?, member_of: set<group> }
entity robot { age: int?, active: bool?, name: string?, roles: set<string>?, member_of: set<group> }
entity group { member_of: set<group> }
entity folder { size: int?, secret: bool?, tags: set<string>?, owner: user | robot?, membership parent: folder? }
entity doc    { size: int?, secret: bool?, tags: set<string>?, owner: user | robot?, membership parent: folder?, readers: set<user | robot> }

action read, write, share on folder, doc

context { risk: int?, place: string? }
";

pub const ACTIONS: [&str; 3] = ["read", "write", "share"];
pub const TEXTS: [&str; 4] = ["a", "b", "ab", ""];

impl Condition {
    fn remit(&self) -> String {
        match self {
            Self::Atom(remit, _) => remit.clone(),
            Self::And(a, b) => format!("({} and {})", a.remit(), b.remit()),
            Self::Or(a, b) => format!("({} or {})", a.remit(), b.remit()),
            Self::Not(a) => format!("not ({})", a.remit()),
        }
    }

    fn cedar(&self) -> String {
        match self {
            Self::Atom(_, cedar) => format!("({cedar})"),
            Self::And(a, b) => format!("({} && {})", a.cedar(), b.cedar()),
            Self::Or(a, b) => format!("({} || {})", a.cedar(), b.cedar()),
            Self::Not(a) => format!("!({})", a.cedar()),
        }
    }
}

impl Scope {
    /// As a clause of Remit, where whatever is meant must be a type that has what the conditions read.
    fn remit(&self, any: &str) -> String {
        match self {
            Self::Any => any.to_owned(),
            Self::Type(kind) => (*kind).to_owned(),
            Self::In(kind, of, id) => format!("{kind} in {of}:\"{id}\""),
            Self::One(kind, id) => format!("{kind}:\"{id}\""),
        }
    }

    /// As an expression about a variable of Cedar.
    pub fn cedar(&self, variable: &str) -> String {
        match self {
            Self::Any => "true".to_owned(),
            Self::Type(kind) => format!("{variable} is {kind}"),
            Self::In(kind, of, id) => format!("{variable} is {kind} in {of}::\"{id}\""),
            Self::One(kind, id) => format!("{variable} == {kind}::\"{id}\""),
        }
    }
}

impl Rule {
    /// As a rule of Remit.
    pub fn remit(&self) -> String {
        let mut text =
            format!("{} {}\n", if self.effect == Effect::Permit { "permit" } else { "forbid" }, self.name);
        let _ = writeln!(text, "  for {}", self.subject.remit("user, robot"));
        if !self.actions.is_empty() {
            let _ = writeln!(text, "  to {}", self.actions.join(", "));
        }
        let _ = writeln!(text, "  on {}", self.resource.remit("folder, doc"));
        for condition in &self.when {
            let _ = writeln!(text, "  when {}", condition.remit());
        }
        for condition in &self.unless {
            let _ = writeln!(text, "  unless {}", condition.remit());
        }
        text
    }

    /// As a policy of Cedar.
    pub fn cedar(&self) -> String {
        let effect = if self.effect == Effect::Permit { "permit" } else { "forbid" };
        let scope = |scope: &Scope, variable: &str| match scope {
            Scope::Any => variable.to_owned(),
            given => given.cedar(variable),
        };
        let actions = match self.actions.is_empty() {
            true => "action".to_owned(),
            false => self.cedar_actions(),
        };
        let mut text = format!(
            "@id(\"{}\")\n{effect}({}, {actions}, {})",
            self.name,
            scope(&self.subject, "principal"),
            scope(&self.resource, "resource")
        );
        for condition in &self.when {
            let _ = write!(text, "\nwhen {{ {} }}", condition.cedar());
        }
        for condition in &self.unless {
            let _ = write!(text, "\nunless {{ {} }}", condition.cedar());
        }
        text + ";\n"
    }

    /// The actions as an expression of Cedar.
    pub fn cedar_actions(&self) -> String {
        if self.actions.is_empty() {
            return "true".to_owned();
        }
        let names: Vec<String> = self.actions.iter().map(|name| format!("Action::\"{name}\"")).collect();
        format!("action in [{}]", names.join(", "))
    }
}

fn subject_scope(random: &mut Random) -> Scope {
    let kind = *random.pick(&["user", "user", "robot"]);
    match random.below(10) {
        0 | 1 => Scope::Any,
        2..=5 => Scope::Type(kind),
        6..=8 => Scope::In(kind, "group", format!("g{}", random.below(4))),
        _ => Scope::One(kind, format!("{}{}", &kind[..1], random.below(3))),
    }
}

fn resource_scope(random: &mut Random) -> Scope {
    let kind = *random.pick(&["doc", "doc", "folder"]);
    match random.below(10) {
        0 | 1 => Scope::Any,
        2..=5 => Scope::Type(kind),
        6..=8 => Scope::In(kind, "folder", format!("f{}", random.below(4))),
        _ => Scope::One(kind, format!("{}{}", &kind[..1], random.below(3))),
    }
}

/// `what op number`, where `what` is spelled twice.
fn compared(random: &mut Random, remit: &str, cedar: &str) -> Condition {
    let op = *random.pick(&["<", "<=", ">", ">=", "==", "!="]);
    let number = random.below(6);
    Condition::Atom(format!("{remit} {op} {number}"), format!("{cedar} {op} {number}"))
}

fn atom(random: &mut Random, docs: bool) -> Condition {
    let both = |remit: String, cedar: String| Condition::Atom(remit, cedar);
    let text = *random.pick(&TEXTS);
    match random.below(if docs { 19 } else { 18 }) {
        0 => compared(random, "subject.age", "principal.age"),
        1 => compared(random, "resource.size", "resource.size"),
        2 => compared(random, "context.risk", "context.risk"),
        3 => compared(random, "resource.owner.age", "resource.owner.age"),
        4 => both("subject.active".into(), "principal.active".into()),
        5 => both("resource.secret".into(), "resource.secret".into()),
        6 => both(format!("subject.name == {text:?}"), format!("principal.name == {text:?}")),
        7 => both(format!("context.place != {text:?}"), format!("context.place != {text:?}")),
        8 => both(format!("subject.roles has {text:?}"), format!("principal.roles.contains({text:?})")),
        9 => both(format!("resource.tags has {text:?}"), format!("resource.tags.contains({text:?})")),
        10 => both("resource.owner == subject".into(), "resource.owner == principal".into()),
        11 => {
            let group = random.below(4);
            both(format!("subject in group:\"g{group}\""), format!("principal in group::\"g{group}\""))
        }
        12 => {
            let folder = random.below(4);
            both(format!("resource in folder:\"f{folder}\""), format!("resource in folder::\"f{folder}\""))
        }
        13 => {
            let group = random.below(4);
            both(
                format!("resource.owner in group:\"g{group}\""),
                format!("resource.owner in group::\"g{group}\""),
            )
        }
        14 => both("subject.age is present".into(), "principal has age".into()),
        15 => both("resource.owner is present".into(), "resource has owner".into()),
        16 => both("context.risk is present".into(), "context has risk".into()),
        17 => both("subject.age <= resource.size".into(), "principal.age <= resource.size".into()),
        _ => both("resource.readers has subject".into(), "resource.readers.contains(principal)".into()),
    }
}

fn condition(random: &mut Random, docs: bool, depth: usize) -> Condition {
    if depth == 0 || random.chance(45) {
        return atom(random, docs);
    }
    let mut part = || Box::new(condition(random, docs, depth - 1));
    let (a, b) = (part(), part());
    match random.below(5) {
        0 | 1 => Condition::And(a, b),
        2 | 3 => Condition::Or(a, b),
        _ => Condition::Not(a),
    }
}

/// One rule more.
pub fn rule(random: &mut Random, name: String, effect: Effect) -> Rule {
    let resource = resource_scope(random);
    let docs = matches!(resource, Scope::Type("doc") | Scope::In("doc", ..) | Scope::One("doc", _));
    let mut actions: Vec<&'static str> = ACTIONS.iter().copied().filter(|_| random.chance(45)).collect();
    if random.chance(25) {
        actions.clear();
    }
    let conditions = |random: &mut Random, most: usize| -> Vec<Condition> {
        (0..random.below(most)).map(|_| condition(random, docs, 2)).collect()
    };
    let when = conditions(random, 3);
    let unless = conditions(random, 2);
    Rule { name, effect, subject: subject_scope(random), actions, resource, when, unless }
}

/// A set of rules.
pub fn rules(random: &mut Random) -> Vec<Rule> {
    let (permits, forbids) = (2 + random.below(5), random.below(4));
    let mut all: Vec<Rule> = (0..permits).map(|at| rule(random, format!("p{at}"), Effect::Permit)).collect();
    all.extend((0..forbids).map(|at| rule(random, format!("f{at}"), Effect::Forbid)));
    all
}
