//! Conditions of Genie's rules in the words of the policy language, with Genie's reading of what is missing: a key that a
//! message does not have is an empty text, so that it equals nothing and differs from everything.

use super::dsl::{Expr, Field, Operator, Term, TermKind};
use super::{LABELS, yaml};
use crate::ibac::{name, quoted};
use crate::report::{Findings, Place};

/// Words that stand where somebody meant to ask whether there is a value at all.
const MEANT_AS_PRESENCE: [&str; 8] =
    ["present", "exists", "set", "missing", "absent", "null", "none", "empty"];

/// What a translation needs to know and tells.
pub(super) struct Translator<'a, 'r> {
    pub(super) source: &'a str,
    /// Where the condition stands.
    pub(super) at: Place,
    /// The whole condition, for proposals.
    pub(super) whole: &'a Expr,
    pub(super) findings: &'a mut Findings<'r>,
    /// Message types that are named.
    pub(super) types: Vec<String>,
    /// False once something was refused.
    pub(super) sound: bool,
}

impl Translator<'_, '_> {
    /// The condition as an expression.
    pub(super) fn expr(&mut self, expr: &Expr) -> String {
        match expr {
            Expr::Or(all) => self.joined(all, " or "),
            Expr::And(all) => self.joined(all, " and "),
            Expr::Not(inner) => format!("not ({})", self.expr(inner)),
            Expr::Presence { of, present } => self.presence(of, *present),
            Expr::Compare { left, operator, right } => self.compare(left, *operator, right),
        }
    }

    fn joined(&mut self, all: &[Expr], word: &str) -> String {
        all.iter().map(|one| format!("({})", self.expr(one))).collect::<Vec<_>>().join(word)
    }

    fn place(&self, term: &Term) -> Place {
        yaml::inside(self.source, self.at, term.at)
    }

    /// Refuses; what is handed on is never used.
    fn refuse(&mut self, term: &Term, code: &'static str, message: String, help: Option<String>) -> String {
        let at = self.place(term);
        self.findings.add(crate::Grade::Refused, code, at, message, help);
        self.sound = false;
        "true".to_owned()
    }

    fn changed(&mut self, term: &Term, code: &'static str, message: String) {
        let at = self.place(term);
        self.findings.change(code, at, message);
    }

    fn presence(&mut self, of: &Term, present: bool) -> String {
        let word = if present { "present" } else { "missing" };
        match &of.kind {
            TermKind::Field(Field::From) => format!("chain is {word}"),
            TermKind::Field(Field::Type | Field::To) => {
                self.refuse(of, "genie/constant", format!("every message has `{of}`"), None)
            }
            TermKind::Field(field) => format!("{} is {word}", member(field)),
            TermKind::Text(_) | TermKind::Number(_) => {
                self.refuse(of, "genie/constant", format!("{of} is a value, and always there"), None)
            }
        }
    }

    fn compare(&mut self, left: &Term, operator: Operator, right: &Term) -> String {
        match (&left.kind, &right.kind) {
            (TermKind::Field(field), TermKind::Text(text)) => {
                self.with_text(left, field, operator, right, text)
            }
            (TermKind::Text(text), TermKind::Field(field)) => match turned(operator) {
                Some(operator) => self.with_text(right, field, operator, left, text),
                None => self.refuse(
                    left,
                    "genie/operand",
                    format!("`{operator}` looks into a field, not into a text"),
                    None,
                ),
            },
            (TermKind::Field(field), TermKind::Number(number)) => {
                self.with_number(left, field, operator, number)
            }
            (TermKind::Number(number), TermKind::Field(field)) => match turned(operator) {
                Some(operator) => self.with_number(right, field, operator, number),
                None => self.refuse(
                    left,
                    "genie/operand",
                    format!("`{operator}` looks into a text, not into a number"),
                    None,
                ),
            },
            (TermKind::Field(one), TermKind::Field(other)) => self.fields(left, one, operator, other),
            (TermKind::Text(_) | TermKind::Number(_), TermKind::Text(_) | TermKind::Number(_)) => self
                .refuse(
                    left,
                    "genie/constant",
                    "two values are compared: always the same outcome".to_owned(),
                    None,
                ),
        }
    }

    fn with_text(&mut self, of: &Term, field: &Field, operator: Operator, at: &Term, text: &str) -> String {
        match operator {
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                let number = text.parse::<f64>().is_ok_and(f64::is_finite);
                let help = number.then(|| format!("a number stands without quotes: {of} {operator} {text}"));
                let message = format!(
                    "`{operator}` orders numbers, and `\"{text}\"` is a text: Genie fails on every message"
                );
                return self.refuse(at, "genie/number-and-text", message, help);
            }
            Operator::Contains | Operator::StartsWith if text.is_empty() => {
                let message = format!("`{operator}` of an empty text is always true");
                return self.refuse(at, "genie/constant", message, None);
            }
            Operator::Equal | Operator::NotEqual
                if MEANT_AS_PRESENCE.contains(&text) && matches!(field, Field::Metadata(_)) =>
            {
                let proposal = present(self.whole, &of.kind, text);
                let message = format!(
                    "`{of}` is compared with the word `{text}`, so that every real value counts as another one"
                );
                let help = format!("to ask whether there is a value write: {proposal}");
                return self.refuse(of, "genie/word-for-presence", message, Some(help));
            }
            Operator::Equal | Operator::NotEqual | Operator::Contains | Operator::StartsWith => {}
        }
        match field {
            Field::Classification => self.label(of, operator, at, text),
            Field::Type => {
                if matches!(operator, Operator::Equal | Operator::NotEqual) {
                    self.types.push(text.to_owned());
                }
                test("action", operator, &quoted(text))
            }
            Field::From => self.from(of, operator, text),
            Field::To => match operator {
                Operator::Contains | Operator::StartsWith => {
                    let message = "`to` is the `name` of the recipient in the graph".to_owned();
                    self.changed(of, "genie/recipient", message);
                    test("resource.name", operator, &quoted(text))
                }
                _ => test("resource", operator, &format!("agent:{}", quoted(text))),
            },
            Field::Metadata(key) if key == "user_roles" => self.role(of, operator, text),
            Field::Role | Field::Content | Field::Metadata(_) => {
                self.remark(of, field, text);
                guarded(&member(field), operator, &quoted(text))
            }
        }
    }

    /// What is worth knowing of a field that the sender fills in.
    fn remark(&mut self, of: &Term, field: &Field, text: &str) {
        if let Field::Metadata(key) = field
            && key == "region"
        {
            let at = self.place(of);
            let message =
                "`metadata.region` is what the sender says; where a message goes is `resource.region`";
            self.findings.note("genie/asserted-region", at, message);
        }
        if matches!(text, "true" | "false") {
            let message = format!(
                "`{of}` is compared with the text `{text}`: a boolean in the message is no text, is unknown, and denies"
            );
            self.changed(of, "genie/boolean-as-text", message);
        }
    }

    fn label(&mut self, of: &Term, operator: Operator, at: &Term, text: &str) -> String {
        if !matches!(operator, Operator::Equal | Operator::NotEqual) {
            let message = format!(
                "`{operator}` looks into a text, and a classification is one of {}",
                LABELS.join(", ")
            );
            return self.refuse(of, "genie/label", message, None);
        }
        if !LABELS.contains(&text) {
            let nearest = remit_lang::diagnostic::nearest(text, LABELS.into_iter());
            let help = nearest.map_or_else(
                || format!("there are {}", LABELS.join(", ")),
                |it| format!("did you mean `{it}`?"),
            );
            let message = format!("`{text}` is no classification; Genie ranks it lowest");
            return self.refuse(at, "genie/label", message, Some(help));
        }
        // A message without a label is internal.
        let without = (text == "internal") == (operator == Operator::Equal);
        let compared = test("message.classification", operator, text);
        if without {
            format!("(message.classification is missing or {compared})")
        } else {
            format!("(message.classification is present and {compared})")
        }
    }

    /// Who sends is the acting agent; a message of the user has none.
    fn from(&mut self, of: &Term, operator: Operator, text: &str) -> String {
        let message = "`from` is the acting agent as it was proved, not what the message says".to_owned();
        self.changed(of, "genie/sender", message);
        let agent = match operator {
            Operator::Equal if text == "user" => return "chain is missing".to_owned(),
            Operator::NotEqual if text == "user" => return "chain is present".to_owned(),
            Operator::Contains | Operator::StartsWith => test("chain.current.name", operator, &quoted(text)),
            _ => format!("chain.current == agent:{}", quoted(text)),
        };
        match operator {
            Operator::NotEqual => format!("not (chain is present and {agent})"),
            _ => format!("(chain is present and {agent})"),
        }
    }

    fn role(&mut self, of: &Term, operator: Operator, text: &str) -> String {
        let message = "roles are those of the verified token or the graph, never what the message says; a role is \
                       compared whole";
        self.changed(of, "genie/roles", message.to_owned());
        match operator {
            Operator::NotEqual => format!("not (subject.roles has {})", quoted(text)),
            Operator::StartsWith => self.refuse(
                of,
                "genie/roles",
                "roles are a list, which does not begin with a text".to_owned(),
                None,
            ),
            _ => format!("subject.roles has {}", quoted(text)),
        }
    }

    fn with_number(&mut self, of: &Term, field: &Field, operator: Operator, number: &str) -> String {
        let Field::Metadata(_) = field else {
            let message = format!("`{of}` is a text, and `{number}` a number");
            let help = format!("a text stands in quotes: {of} {operator} \"{number}\"");
            return self.refuse(of, "genie/number-and-text", message, Some(help));
        };
        if matches!(operator, Operator::Contains | Operator::StartsWith) {
            let message = format!("`{operator}` looks into a text, not into a number");
            return self.refuse(of, "genie/number-and-text", message, None);
        }
        let message = format!(
            "`{of}` is compared as a number: a text in the message is unknown, and denies, where Genie reads it as one"
        );
        self.changed(of, "genie/number", message);
        test(&member(field), operator, number)
    }

    fn fields(&mut self, left: &Term, one: &Field, operator: Operator, other: &Field) -> String {
        let plain = |field: &Field| matches!(field, Field::Role | Field::Content | Field::Metadata(_));
        if !(plain(one) && plain(other) && matches!(operator, Operator::Equal | Operator::NotEqual)) {
            let message = "only equality of two values of the message can be carried over".to_owned();
            return self.refuse(left, "genie/operand", message, None);
        }
        let message = "what is missing in both is equal in Genie; here it is unknown, and denies".to_owned();
        self.changed(left, "genie/missing", message);
        test(&member(one), operator, &member(other))
    }
}

/// The member of the message that a field is.
fn member(field: &Field) -> String {
    match field {
        Field::Metadata(key) => format!("message.metadata.{}", name(key)),
        other => format!("message.{other}"),
    }
}

/// A comparison in which what is missing equals nothing.
fn guarded(value: &str, operator: Operator, with: &str) -> String {
    let compared = test(value, operator, with);
    match operator {
        // An empty text is what Genie takes a missing value for.
        Operator::Equal if with == "\"\"" => format!("({value} is missing or {compared})"),
        Operator::NotEqual if with == "\"\"" => format!("({value} is present and {compared})"),
        Operator::NotEqual => format!("({value} is missing or {compared})"),
        _ => format!("({value} is present and {compared})"),
    }
}

fn test(value: &str, operator: Operator, with: &str) -> String {
    match operator {
        Operator::StartsWith => format!("{value} starts with {with}"),
        other => format!("{value} {other} {with}"),
    }
}

/// The operator with its sides exchanged.
fn turned(operator: Operator) -> Option<Operator> {
    Some(match operator {
        Operator::Equal | Operator::NotEqual => operator,
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
        Operator::Contains | Operator::StartsWith => return None,
    })
}

/// The condition with comparisons of a field with a word replaced by the question that was meant.
fn present(expr: &Expr, field: &TermKind, word: &str) -> Expr {
    let again = |one: &Expr| present(one, field, word);
    match expr {
        Expr::Or(all) => Expr::Or(all.iter().map(again).collect()),
        Expr::And(all) => Expr::And(all.iter().map(again).collect()),
        Expr::Not(inner) => match again(inner) {
            Expr::Presence { of, present } if !matches!(**inner, Expr::Presence { .. }) => {
                Expr::Presence { of, present: !present }
            }
            other => Expr::Not(Box::new(other)),
        },
        Expr::Compare { left, operator: operator @ (Operator::Equal | Operator::NotEqual), right }
            if left.kind == *field && right.kind == TermKind::Text(word.to_owned()) =>
        {
            let there = matches!(word, "present" | "exists" | "set");
            Expr::Presence { of: left.clone(), present: there == (*operator == Operator::Equal) }
        }
        other => other.clone(),
    }
}
