//! The filter beside a pattern: a tree over claims of the token and parameters of the request, which never sees the graph.

use std::collections::{BTreeMap, BTreeSet};

use remit_json::{At, Json, Kind};

use super::translate;
use crate::ibac::{name, quoted};

/// What a filter says in the words of the policy language.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) condition: String,
    /// Claims that no standard knows, with the types they are compared as.
    pub(super) claims: BTreeMap<String, BTreeSet<&'static str>>,
    /// Parameters that it reads.
    pub(super) parameters: BTreeSet<String>,
    /// It reads the token.
    pub(super) token: bool,
    /// Where something is carried over otherwise than it stands.
    pub(super) changes: Vec<(At, &'static str, &'static str)>,
}

/// Why a filter is not carried over, and where.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: At,
    pub(super) message: String,
}

/// Claims that are typed without a declaration: text, sets, times.
const TEXTS: [&str; 9] = ["iss", "sub", "azp", "client_id", "jti", "typ", "sid", "txn", "acr"];
const SETS: [&str; 3] = ["aud", "amr", "scope"];
const TIMES: [&str; 4] = ["auth_time", "iat", "nbf", "exp"];

/// Reads a filter.
pub(super) fn read(json: &Json<'_>) -> Result<Filter, Fault> {
    let mut filter = Filter::default();
    filter.condition = filter.node(json, false, 0)?;
    Ok(filter)
}

fn fault<T>(at: At, message: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { at, message: message.into() })
}

/// A side of a leaf.
enum Side {
    Claim(String),
    Parameter(String),
    Value { text: String, ty: &'static str },
}

impl Filter {
    /// A node; `negated` under an odd number of `NOT`s.
    fn node(&mut self, json: &Json<'_>, negated: bool, depth: usize) -> Result<String, Fault> {
        let Some(object) = json.as_object() else { return fault(json.at, "a filter is an object") };
        if depth > crate::limits::CONDITION_DEPTH {
            return fault(json.at, "the filter is nested too deep");
        }
        let known = ["operator", "operands", "attribute", "value", "advice"];
        if let Some(member) = object.iter().find(|member| !known.contains(&&*member.key)) {
            return fault(member.key_at, format!("`{}` is not a member of a filter", member.key));
        }
        let operator = object.get("operator");
        let Some(word) = operator.and_then(Json::as_str) else {
            return fault(json.at, "a filter has an `operator`");
        };
        let operands = object.get("operands").and_then(Json::as_array);
        match (word, operands) {
            ("AND" | "OR", Some(all)) if all.len() >= 2 => {
                let word = if word == "AND" { " and " } else { " or " };
                let parts: Result<Vec<String>, Fault> =
                    all.iter().map(|one| Ok(format!("({})", self.node(one, negated, depth + 1)?))).collect();
                Ok(parts?.join(word))
            }
            ("AND" | "OR", _) => fault(json.at, format!("`{word}` has two or more operands")),
            ("NOT", Some([inner])) => Ok(format!("not ({})", self.node(inner, !negated, depth + 1)?)),
            ("NOT", _) => fault(json.at, "`NOT` has one operand"),
            _ => {
                if let Some(advice) = object.get("advice") {
                    let message =
                        "advice of a failing leaf is not given: a denial names what the permit lacks instead";
                    self.changes.push((advice.at, "kbac/advice", message));
                }
                let Some(attribute) = object.get("attribute") else {
                    return fault(json.at, "a leaf has an `attribute`");
                };
                self.leaf(word, operator.map_or(json.at, |it| it.at), attribute, object.get("value"), negated)
            }
        }
    }

    fn leaf(
        &mut self,
        operator: &str,
        at: At,
        attribute: &Json<'_>,
        value: Option<&Json<'_>>,
        negated: bool,
    ) -> Result<String, Fault> {
        let left = self.side(attribute)?;
        if let "IS NULL" | "IS NOT NULL" = operator {
            let Side::Claim(claim) = &left else {
                return fault(at, "whether a parameter is null is not carried over: it must be given");
            };
            self.claim(claim, "string");
            let word = if operator == "IS NULL" { "missing" } else { "present" };
            return Ok(format!("token.{} is {word}", name(claim)));
        }
        let Some(value) = value else { return fault(at, format!("`{operator}` has a `value`")) };
        let right = self.side(value)?;
        let word = match operator {
            "=" => "==",
            "<>" => "!=",
            "<" | "<=" | ">" | ">=" => operator,
            "IN" => "in",
            "STARTS WITH" => "starts with",
            "ENDS WITH" => "ends with",
            "CONTAINS" => "contains",
            "=~" => {
                return fault(
                    at,
                    "regular expressions are not carried over: those of the source are of another kind",
                );
            }
            other => return fault(at, format!("`{other}` is no operator")),
        };
        for (side, other) in [(&left, &right), (&right, &left)] {
            if let Side::Claim(claim) = side {
                if SETS.contains(&claim.as_str()) {
                    return self.set(claim, word, other, at, negated);
                }
                let ty = match other {
                    Side::Value { ty, .. } => ty,
                    Side::Claim(_) | Side::Parameter(_) => "string",
                };
                if *claim == "age" || (TIMES.contains(&claim.as_str()) && ty != "time" && ty != "string") {
                    return fault(at, format!("`{claim}` is no number here, but a time"));
                }
                self.claim(claim, ty);
            }
        }
        Ok(format!("{} {word} {}", shown(&left), shown(&right)))
    }

    /// `scope`, `aud` and `amr` are sets, whatever form they travel in.
    fn set(&mut self, claim: &str, word: &str, other: &Side, at: At, negated: bool) -> Result<String, Fault> {
        match word {
            "contains" if !negated => {
                let message = "`CONTAINS` finds parts of names in the text of the claim; here a whole element is asked for";
                self.changes.push((at, "kbac/claim-set", message));
                Ok(format!("token.{claim} has {}", shown(other)))
            }
            _ => fault(at, format!("`{claim}` is a set, of which the language cannot say exactly this")),
        }
    }

    fn claim(&mut self, claim: &str, ty: &'static str) {
        let standard = TEXTS.iter().chain(&SETS).chain(&TIMES).any(|it| *it == claim);
        if !standard {
            self.claims.entry(claim.to_owned()).or_default().insert(ty);
        }
    }

    fn side(&mut self, json: &Json<'_>) -> Result<Side, Fault> {
        match &json.kind {
            Kind::String(text) if text.starts_with('$') => {
                self.reference(text.trim_start_matches('$'), json.at)
            }
            Kind::Object(object) => {
                let is_time =
                    object.get("type").and_then(Json::as_str) == Some("datetime") && object.len() == 2;
                match object.get("value") {
                    Some(value) if is_time => match self.side(value)? {
                        Side::Value { text, ty: "string" } => {
                            let plain = text.trim_matches('"');
                            if remit_model::Timestamp::parse(plain).is_none() {
                                return fault(
                                    value.at,
                                    format!("`{plain}` is not a time such as 2026-04-30T20:15:00Z"),
                                );
                            }
                            Ok(Side::Value { text: plain.to_owned(), ty: "time" })
                        }
                        Side::Value { .. } => fault(value.at, "a time is a text"),
                        other => Ok(other),
                    },
                    _ => fault(json.at, "an object here is a time, `{\"type\": \"datetime\", \"value\": …}`"),
                }
            }
            _ => literal(json),
        }
    }

    fn reference(&mut self, path: &str, at: At) -> Result<Side, Fault> {
        if path.starts_with("ik_token.") {
            return fault(at, "the delegation token is not carried over: rules read who acts as `chain`");
        }
        if let Some(claim) = path.strip_prefix("token.") {
            if claim.contains('.') || claim == "act" || claim.is_empty() {
                return fault(at, "claims inside claims are not carried over; who acts is read as `chain`");
            }
            self.token = true;
            return Ok(Side::Claim(claim.to_owned()));
        }
        if path.is_empty() {
            return fault(at, "`$` is followed by a name");
        }
        self.parameters.insert(path.to_owned());
        Ok(Side::Parameter(path.to_owned()))
    }
}

fn literal(json: &Json<'_>) -> Result<Side, Fault> {
    let (text, ty) = match &json.kind {
        Kind::String(text) => (quoted(text), "string"),
        Kind::Number(number) => (number.to_string(), "decimal"),
        Kind::Bool(truth) => (truth.to_string(), "bool"),
        Kind::Array(items) => {
            let mut texts = Vec::new();
            let mut of = "string";
            for item in items {
                let Side::Value { text, ty } = literal(item)? else {
                    return fault(item.at, "a list holds values");
                };
                of = ty;
                texts.push(text);
            }
            (format!("[{}]", texts.join(", ")), of)
        }
        Kind::Null | Kind::Object(_) => {
            return fault(json.at, format!("{} is no value to compare with", json.kind_name()));
        }
    };
    Ok(Side::Value { text, ty })
}

fn shown(side: &Side) -> String {
    match side {
        Side::Claim(claim) => format!("token.{}", name(claim)),
        Side::Parameter(path) => translate::parameter(path),
        Side::Value { text, .. } => text.clone(),
    }
}
