//! Genie's board policy (YAML) and rule list, to one package. Either may come alone; every file is read before anything is
//! written, and one refusal keeps everything back: a protection that is lost would be a permission gained.

mod dsl;
mod emit;
mod policy;
mod rules;
mod words;
mod yaml;

use crate::report::{Findings, Place, Report};
use crate::{Imported, Source, Written, ibac};
use policy::Policy;
use rules::Rule;
use yaml::{Kind, Node};

/// Genie's classes of data, weakest first.
const LABELS: [&str; 4] = ["public", "internal", "pii", "secret"];

/// The regions Genie knows.
const REGIONS: [&str; 4] = ["in", "us", "eu", "on-prem"];

/// What was read.
#[derive(Debug, Default)]
struct Parsed<'a> {
    policy: Option<(Source<'a>, Policy)>,
    rules: Vec<(Source<'a>, Vec<Rule>)>,
}

/// Translates a board policy, rule lists, or both, into a package of this name.
#[must_use]
pub fn genie(sources: &[Source<'_>], package: &str) -> Imported {
    let mut report = Report::default();
    let mut parsed = Parsed::default();
    for source in sources {
        read(*source, &mut parsed, &mut report);
    }
    one_id_once(&parsed, &mut report);
    let text = emit::package(&parsed, package, &mut report);
    let mut files = Vec::new();
    if !report.refuses() {
        let name = format!("{package}.ibac");
        match ibac::finish(&[(&name, text)]) {
            Ok((texts, _)) => {
                files.extend(texts.into_iter().map(|text| Written { name: name.clone(), text }))
            }
            Err(found) => {
                let file = sources.first().map_or("", |source| source.name);
                let message = format!("what was made of it does not pass the checker:\n{found}");
                Findings::new(&mut report, file).refuse("genie/check", Place::default(), message);
            }
        }
    }
    report.sort();
    Imported { files, report }
}

/// Reads one file: a mapping is a board policy or holds `rules`, a list is rules.
fn read<'a>(source: Source<'a>, parsed: &mut Parsed<'a>, report: &mut Report) {
    let mut findings = Findings::new(report, source.name);
    let root = match yaml::read(source.text) {
        Ok(Some(root)) => root,
        Ok(None) => return findings.refuse("genie/empty", Place::default(), "the file holds nothing"),
        Err(fault) => return findings.refuse("genie/yaml", fault.at, fault.message),
    };
    match &root.kind {
        Kind::List(items) => {
            let rules = rules::read(source.text, items, &mut findings);
            parsed.rules.push((source, rules));
        }
        Kind::Map(members) => match members.as_slice() {
            [(key, Node { kind: Kind::List(items), .. })] if key.text == "rules" => {
                let rules = rules::read(source.text, items, &mut findings);
                parsed.rules.push((source, rules));
            }
            _ if parsed.policy.is_some() => {
                findings.refuse(
                    "genie/second-policy",
                    root.at,
                    "this is a second board policy; one is imported at a time",
                );
            }
            _ => {
                let policy = policy::read(members, &mut findings);
                parsed.policy = Some((source, policy));
            }
        },
        Kind::Scalar { .. } => {
            findings.refuse("genie/wrong-type", root.at, "a policy is a mapping, and rules are a list");
        }
    }
}

/// Ids are unique over all files, and none is a name that the translation gives itself.
fn one_id_once(parsed: &Parsed<'_>, report: &mut Report) {
    let mut seen = std::collections::BTreeMap::new();
    for (source, rules) in &parsed.rules {
        for rule in rules {
            let own = matches!(
                rule.name.as_str(),
                "messages"
                    | "above_ceiling"
                    | "leaves_home"
                    | "too_long"
                    | "personal_data"
                    | "instructions_inside"
            ) || ["metadata_for_", "role_for_", "rationale_for_", "consent_for_"]
                .iter()
                .any(|start| rule.name.starts_with(start));
            let mut findings = Findings::new(report, source.name);
            if own {
                let message = format!("the id `{}` is a name that the translation uses itself", rule.id.text);
                findings.refuse("genie/duplicate-id", rule.id.at, message);
            }
            if let Some(first) = seen.insert(rule.name.clone(), source.name)
                && first != source.name
            {
                let message = format!("the id `{}` stands in `{first}` too", rule.id.text);
                findings.refuse("genie/duplicate-id", rule.id.at, message);
            }
        }
    }
}

#[cfg(test)]
mod tests;
