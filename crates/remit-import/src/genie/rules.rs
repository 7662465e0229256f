//! Genie's rule list as it is written: `{id, when, decision, reason}`, each checked whole before anything is translated.

use std::collections::BTreeMap;

use remit_lang::diagnostic::nearest;

use super::dsl::{self, Expr};
use super::yaml::{self, Kind, Node, Text};
use crate::ibac;
use crate::report::{Findings, Place};

/// A rule that denies.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) id: Text,
    /// Its name in the language.
    pub(super) name: String,
    pub(super) when: Expr,
    pub(super) at: Place,
    pub(super) reason: Option<String>,
}

const KEYS: [&str; 4] = ["id", "when", "decision", "reason"];

/// Reads the list. Rules without an effect are noted and left out.
pub(super) fn read(source: &str, items: &[Node], findings: &mut Findings<'_>) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut seen: BTreeMap<String, Place> = BTreeMap::new();
    for item in items {
        let Kind::Map(members) = &item.kind else {
            let message = format!("a rule is a mapping, and this is {}", item.kind_name());
            findings.refuse("genie/wrong-type", item.at, message);
            continue;
        };
        if let Some(rule) = rule(source, item, members, findings) {
            if let Some(first) = seen.get(&rule.name) {
                let message =
                    format!("the id `{}` is given twice, first on line {}", rule.id.text, first.line);
                findings.refuse("genie/duplicate-id", rule.id.at, message);
                continue;
            }
            seen.insert(rule.name.clone(), rule.id.at);
            if rule.denies {
                rules.push(rule.rule);
            }
        }
    }
    rules
}

struct Read {
    rule: Rule,
    denies: bool,
}

impl std::ops::Deref for Read {
    type Target = Rule;

    fn deref(&self) -> &Rule {
        &self.rule
    }
}

fn rule(source: &str, item: &Node, members: &[(Text, Node)], findings: &mut Findings<'_>) -> Option<Read> {
    let mut values: BTreeMap<&str, Text> = BTreeMap::new();
    for (key, value) in members {
        if !KEYS.contains(&key.text.as_str()) {
            let nearest = nearest(&key.text, KEYS.into_iter());
            let help = nearest.map_or_else(
                || format!("known are {}", KEYS.join(", ")),
                |it| format!("did you mean `{it}`?"),
            );
            findings.refuse_with(
                "genie/unknown-key",
                key.at,
                format!("`{}` is no key of a rule", key.text),
                help,
            );
            continue;
        }
        match &value.kind {
            Kind::Scalar { text, .. } if !text.trim().is_empty() => {
                values.insert(key.text.as_str(), Text { text: text.clone(), at: value.at });
            }
            _ => {
                let message = format!("`{}` must be a text, and this is {}", key.text, value.kind_name());
                findings.refuse("genie/wrong-type", value.at, message);
            }
        }
    }
    let mut needed = |key: &str| {
        let value = values.remove(key);
        if value.is_none() && !members.iter().any(|(it, _)| it.text == key) {
            findings.refuse("genie/missing-key", item.at, format!("the rule has no `{key}`"));
        }
        value
    };
    let (id, when, decision) = (needed("id"), needed("when"), needed("decision"));
    let denies = decision.and_then(|decision| denies(&decision, findings));
    let when = when.and_then(|when| {
        let at = when.at;
        dsl::read(&when.text)
            .map_err(|fault| {
                let at = yaml::inside(source, at, fault.at);
                match fault.help {
                    Some(help) => findings.refuse_with("genie/condition", at, fault.message, help),
                    None => findings.refuse("genie/condition", at, fault.message),
                }
            })
            .ok()
            .map(|expr| (at, expr))
    });
    let reason = values.remove("reason").map(|reason| reason.text);
    let ((at, when), id, denies) = (when?, id?, denies?);
    if !denies {
        let message =
            format!("rule `{}` allows, which has no effect in Genie: nothing is lost without it", id.text);
        findings.note("genie/allow-without-effect", id.at, message);
    }
    let name = ibac::rule_name(&id.text);
    Some(Read { rule: Rule { name, id, when, at, reason }, denies })
}

/// What the decision word says; Genie takes every word but `allow` for `deny`.
fn denies(decision: &Text, findings: &mut Findings<'_>) -> Option<bool> {
    match decision.text.as_str() {
        "deny" => Some(true),
        "allow" => Some(false),
        other => {
            let nearest = nearest(other, ["deny", "allow"].into_iter());
            let help = nearest
                .map_or_else(|| "write `deny` or `allow`".to_owned(), |it| format!("did you mean `{it}`?"));
            let message = format!("`{other}` is no decision; Genie takes it for `deny`");
            findings.refuse_with("genie/decision", decision.at, message, help);
            None
        }
    }
}
