//! Comparisons of a pattern's `WHERE` in the words of the policy language.

use remit_lang::diagnostic::nearest;

use super::{Stand, Translator, steps};
use crate::ibac::{name, quoted};
use crate::kbac::cypher::{Condition, Fault, Operand, Path, fault};

/// Parameters that the platform fills in itself.
const RESERVED: [&str; 7] = [
    "subject_id",
    "subject_external_id",
    "subject_type",
    "resource_external_id",
    "resource_type",
    "token",
    "ik_token",
];

impl Translator<'_> {
    pub(super) fn condition(
        &mut self,
        condition: &Condition,
        scope: &[(String, Stand)],
    ) -> Result<String, Fault> {
        match condition {
            Condition::Or(all) => self.joined(all, " or ", scope),
            Condition::And(all) => self.joined(all, " and ", scope),
            Condition::Not(inner) => Ok(format!("not ({})", self.condition(inner, scope)?)),
            Condition::Null { at, of, present } => {
                if matches!(of, Operand::Parameter { .. }) {
                    return Err(fault(
                        *at,
                        "whether a parameter is null is not carried over: it must be given",
                    ));
                }
                let word = if *present { "present" } else { "missing" };
                Ok(format!("{} is {word}", self.operand(of, scope)?))
            }
            Condition::Compare { at, left, operator, right } => {
                self.compare(*at, left, operator, right, scope)
            }
            Condition::Path { at, path } => self.path(*at, path, scope),
        }
    }

    fn joined(&mut self, all: &[Condition], word: &str, scope: &[(String, Stand)]) -> Result<String, Fault> {
        let parts: Result<Vec<String>, Fault> =
            all.iter().map(|one| Ok(format!("({})", self.condition(one, scope)?))).collect();
        Ok(parts?.join(word))
    }

    fn compare(
        &mut self,
        at: usize,
        left: &Operand,
        operator: &str,
        right: &Operand,
        scope: &[(String, Stand)],
    ) -> Result<String, Fault> {
        match (left, right) {
            (Operand::Id { variable, at }, other) | (other, Operand::Id { variable, at }) => {
                let stand = stand(*at, variable, scope)?;
                let entity = |operand: &Operand| match operand {
                    Operand::Text(id) => Some(format!("{}:{}", name(&stand.of), quoted(id))),
                    _ => None,
                };
                match (operator, other) {
                    ("==" | "!=", Operand::Text(_)) => {
                        let entity = entity(other).unwrap_or_default();
                        Ok(format!("{} {operator} {entity}", stand.expr))
                    }
                    ("==" | "!=", Operand::Id { variable, at }) => {
                        let other = self::stand(*at, variable, scope)?;
                        Ok(format!("{} {operator} {}", stand.expr, other.expr))
                    }
                    ("in", Operand::List(items)) => {
                        let items: Option<Vec<String>> = items.iter().map(entity).collect();
                        let items =
                            items.ok_or_else(|| fault(*at, "an `external_id` is one of a list of texts"))?;
                        Ok(format!("{} in [{}]", stand.expr, items.join(", ")))
                    }
                    _ => Err(fault(
                        *at,
                        "an `external_id` is only compared with texts, and only for being the same",
                    )),
                }
            }
            // `'x' IN n.property.list` asks for an element.
            (_, Operand::Property { .. } | Operand::Parameter { .. }) if operator == "in" => {
                Ok(format!("{} has {}", self.operand(right, scope)?, self.operand(left, scope)?))
            }
            (Operand::Property { .. } | Operand::Parameter { .. }, _)
            | (_, Operand::Property { .. } | Operand::Parameter { .. }) => {
                Ok(format!("{} {operator} {}", self.operand(left, scope)?, self.operand(right, scope)?))
            }
            _ => Err(fault(at, "two values are compared: always the same outcome")),
        }
    }

    fn operand(&mut self, operand: &Operand, scope: &[(String, Stand)]) -> Result<String, Fault> {
        Ok(match operand {
            Operand::Text(text) => quoted(text),
            Operand::Number(text) => text.clone(),
            Operand::Bool(truth) => truth.to_string(),
            Operand::List(items) => {
                let items: Result<Vec<String>, Fault> =
                    items.iter().map(|it| self.operand(it, scope)).collect();
                format!("[{}]", items?.join(", "))
            }
            Operand::Parameter { at, name } => {
                if RESERVED.contains(&name.as_str()) || name.is_empty() {
                    return Err(fault(
                        *at,
                        format!("`${name}` is filled in by the platform and not carried over"),
                    ));
                }
                self.parameters.insert(name.clone());
                parameter(name)
            }
            Operand::Property { at, variable, key } => {
                let stand = stand(*at, variable, scope)?;
                let of = self.graph.types.get(&stand.of);
                match of.and_then(|of| of.properties.get(key)) {
                    Some(property) if property.external => {
                        return Err(fault(
                            *at,
                            format!("`{key}` is resolved elsewhere, which is not carried over"),
                        ));
                    }
                    Some(_) => format!("{}.{}", stand.expr, name(key)),
                    None => {
                        let known = of.into_iter().flat_map(|of| of.properties.keys()).map(String::as_str);
                        let near = nearest(key, known)
                            .map(|it| format!("; did you mean `{it}`?"))
                            .unwrap_or_default();
                        return Err(fault(
                            *at,
                            format!("no `{}` of the graph has a property `{key}`{near}", stand.of),
                        ));
                    }
                }
            }
            Operand::Id { at, .. } => return Err(fault(*at, "an `external_id` stands alone on its side")),
        })
    }

    /// `(a)-[:R]->(b)`: both ends are known; what lies between is not named.
    fn path(&mut self, at: usize, path: &Path, scope: &[(String, Stand)]) -> Result<String, Fault> {
        let [(edge, end)] = path.rest.as_slice() else {
            return Err(fault(at, "a path in a condition is carried over with one edge"));
        };
        let (Some(from), Some(to)) = (&path.first.name, &end.name) else {
            return Err(fault(at, "a path in a condition names both its ends"));
        };
        let (from, to) = (stand(at, from, scope)?.clone(), stand(at, to, scope)?.clone());
        for (node, stand) in [(&path.first, &from), (end, &to)] {
            if node.label.as_ref().is_some_and(|label| *label != stand.of) {
                return Err(fault(node.at, format!("this node is `{}`", stand.of)));
            }
        }
        if edge.repeat.is_some() {
            return Err(fault(edge.at, "a repeated edge in a condition is not carried over"));
        }
        let ways = steps::ways(self.graph, edge, &from.of, Some(&to.of))?;
        let all: Vec<String> = ways
            .iter()
            .filter_map(|way| way.steps.first())
            .map(|step| format!("{} has {}", step.after(&from.expr), to.expr))
            .collect();
        Ok(if all.len() == 1 { all.concat() } else { format!("({})", all.join(" or ")) })
    }
}

/// What a variable stands for.
fn stand<'s>(at: usize, variable: &str, scope: &'s [(String, Stand)]) -> Result<&'s Stand, Fault> {
    let found = scope.iter().rev().find(|(name, _)| name == variable);
    found.map(|(_, stand)| stand).ok_or_else(|| fault(at, format!("`{variable}` is not known here")))
}

/// The member of the request's context that a parameter is.
pub(in crate::kbac) fn parameter(name: &str) -> String {
    let path: Vec<String> = name.split('.').map(crate::ibac::name).collect();
    format!("context.input_params.{}", path.join("."))
}
