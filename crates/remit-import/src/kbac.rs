//! IndyKite's KBAC policies to one package: declarations for the graph's types, and a permit for each policy that the
//! language can say exactly. A policy that it cannot is left out with the reason, which permits less and never more.

mod cypher;
mod declare;
mod filter;
mod graph;
mod policy;
mod translate;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use remit_json::Json;

use crate::report::{Findings, Place, Report};
use crate::{Imported, Source, Written, ibac};
use graph::Graph;
use policy::{Policy, Reader};
use translate::Translator;

/// A policy in the words of the language.
struct Rule {
    name: String,
    text: String,
    claims: BTreeMap<String, BTreeSet<&'static str>>,
    actions: Vec<String>,
    resource: String,
}

/// Translates policies over the types of these graph documents into a package of this name. Without documents only those
/// are carried over whose patterns name the type of every node.
#[must_use]
pub fn kbac(policies: &[Source<'_>], documents: &[Source<'_>], package: &str) -> Imported {
    let mut report = Report::default();
    let texts: Vec<Option<Json<'_>>> = policies.iter().map(|source| parsed(*source, &mut report)).collect();
    let mut found: Vec<(Source<'_>, Vec<Policy<'_>>)> = Vec::new();
    for (source, json) in policies.iter().zip(&texts) {
        let Some(json) = json else { continue };
        let mut all = Vec::new();
        let mut findings = Findings::new(&mut report, source.name);
        let mut reader = Reader { text: source.text, stem: stem(source.name), findings: &mut findings };
        reader.policies(json, &mut all);
        found.push((*source, all));
    }
    let graph = if documents.is_empty() { said(&found) } else { documented(documents, &mut report) };
    let entities = {
        let file = documents.first().or(policies.first()).map_or("", |source| source.name);
        declare::entities(&graph, &mut Findings::new(&mut report, file))
    };
    let mut rules: Vec<Rule> = Vec::new();
    for (source, all) in &found {
        for policy in all {
            let mut findings = Findings::new(&mut report, source.name);
            if let Some(rule) = rule(policy, source, &graph, &rules, &mut findings)
                && checks(package, &entities, &rule, policy.at, &mut findings)
            {
                rules.push(rule);
            }
        }
    }
    let mut files = Vec::new();
    if !rules.is_empty() {
        let name = format!("{package}.ibac");
        let text = whole(package, &entities, &rules);
        match ibac::finish(&[(&name, text)]) {
            Ok((texts, _)) => {
                files.extend(texts.into_iter().map(|text| Written { name: name.clone(), text }))
            }
            Err(message) => {
                let file = policies.first().map_or("", |source| source.name);
                let message = format!("the policies do not pass the checker together:\n{message}");
                Findings::new(&mut report, file).refuse("kbac/check", Place::default(), message);
            }
        }
        if graph.dangling > 0 {
            dangling(&graph, documents, &mut report, &mut files);
        }
    }
    report.sort();
    Imported { files, report }
}

fn parsed<'s>(source: Source<'s>, report: &mut Report) -> Option<Json<'s>> {
    let limits = remit_json::Limits::trusted();
    remit_json::parse(source.text.as_bytes(), &limits)
        .map_err(|error| {
            let (line, column) = error.place(source.text.as_bytes());
            let message = format!("this is not JSON: {error}");
            Findings::new(report, source.name).refuse("kbac/json", Place { line, column }, message);
        })
        .ok()
}

fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.split_once('.').map_or(file, |(stem, _)| stem)
}

/// The graph as documents show it.
fn documented(documents: &[Source<'_>], report: &mut Report) -> Graph {
    let mut graph = Graph { known: true, ..Graph::default() };
    let texts: Vec<_> = documents.iter().map(|source| (source, parsed(*source, report))).collect();
    let mut nodes = BTreeSet::new();
    for edges in [false, true] {
        for (source, json) in &texts {
            let Some(json) = json else { continue };
            let mut findings = Findings::new(report, source.name);
            let mut reader = Reader { text: source.text, stem: "", findings: &mut findings };
            if edges {
                graph.read_edges(json, &nodes, &mut reader);
            } else {
                graph.read(json, &mut nodes, &mut reader);
            }
        }
    }
    graph
}

/// The graph as far as patterns name both ends of their edges.
fn said(found: &[(Source<'_>, Vec<Policy<'_>>)]) -> Graph {
    let mut graph = Graph::default();
    for policy in found.iter().flat_map(|(_, all)| all) {
        graph.of(&policy.subject);
        graph.of(&policy.resource);
        if let Ok(query) = cypher::read(&policy.cypher.text) {
            query.shows(&policy.subject, &policy.resource, &mut graph);
        }
    }
    graph
}

/// One policy as a permit.
fn rule(
    policy: &Policy<'_>,
    source: &Source<'_>,
    graph: &Graph,
    before: &[Rule],
    findings: &mut Findings<'_>,
) -> Option<Rule> {
    if !policy.raw && graph.known {
        let of = graph.types.get(&policy.subject);
        let others = of.map_or(0, |of| of.nodes - of.identities);
        if others > 0 {
            let message = format!(
                "a 2.0-kbac policy speaks of identities, and {others} nodes of type `{}` are none",
                policy.subject
            );
            findings.refuse("kbac/identity", policy.at, message);
            return None;
        }
    }
    let mut translator = Translator::new(graph, &policy.subject, &policy.resource);
    let condition = cypher::read(&policy.cypher.text).and_then(|query| translator.query(&query));
    let condition = match condition {
        Ok(condition) => condition,
        Err(fault) => {
            let at = policy::inside(source.text, policy.cypher.at, fault.at);
            findings.refuse("kbac/pattern", at, format!("{}; `{}` is left out", fault.message, policy.name));
            return None;
        }
    };
    let filter = match policy.filter.map(filter::read).transpose() {
        Ok(filter) => filter.unwrap_or_default(),
        Err(fault) => {
            let (line, column) = remit_json::line_column(source.text.as_bytes(), &fault.at);
            let message = format!("{}; `{}` is left out", fault.message, policy.name);
            findings.refuse("kbac/filter", Place { line, column }, message);
            return None;
        }
    };
    for (at, code, message) in &filter.changes {
        let (line, column) = remit_json::line_column(source.text.as_bytes(), at);
        findings.change(code, Place { line, column }, *message);
    }
    let mut text = String::new();
    let name = unique(&policy.name, before);
    let actions: Vec<String> = policy.actions.iter().map(|it| ibac::name(it)).collect();
    let _ = write!(text, "/// {} of {}\npermit {name}", one_line(&policy.name), one_line(source.name));
    let (subject, resource) = (ibac::name(&policy.subject), ibac::name(&policy.resource));
    let _ = write!(text, "\n for {subject}\n to {}\n on {resource}", actions.join(", "));
    if condition != "true" {
        let _ = write!(text, "\n when {condition}");
    }
    let parameters: BTreeSet<&String> = translator.parameters.iter().chain(&filter.parameters).collect();
    if !parameters.is_empty() {
        let all: Vec<String> =
            parameters.iter().map(|it| format!("{} is present", translate::parameter(it))).collect();
        let _ = write!(text, "\n when {}", all.join(" and "));
        let message = "a request without a parameter is denied, where the source answers with an error";
        findings.change("kbac/parameters", policy.at, message);
    }
    if filter.token {
        text.push_str("\n when token is present");
    }
    if !filter.condition.is_empty() {
        let _ = write!(text, "\n when {}", filter.condition);
    }
    text.push_str("\n\n");
    let (actions, resource) = (policy.actions.clone(), policy.resource.clone());
    Some(Rule { name, text, claims: filter.claims, actions, resource })
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A name that no policy before has.
fn unique(name: &str, before: &[Rule]) -> String {
    let name = ibac::rule_name(name);
    let taken = |name: &str| before.iter().any(|rule| rule.name == name);
    if !taken(&name) {
        return name;
    }
    let mut number = 2;
    loop {
        let next = format!("{name}_{number}");
        if !taken(&next) {
            return next;
        }
        number += 1;
    }
}

/// Whether a policy alone passes the checker; what it says names what the graph does not have.
fn checks(package: &str, entities: &str, rule: &Rule, at: Place, findings: &mut Findings<'_>) -> bool {
    match ibac::finish(&[("import.ibac", whole(package, entities, std::slice::from_ref(rule)))]) {
        Ok(_) => true,
        Err(message) => {
            findings.refuse(
                "kbac/check",
                at,
                format!("`{}` does not pass the checker and is left out:\n{message}", rule.name),
            );
            false
        }
    }
}

fn whole(package: &str, entities: &str, rules: &[Rule]) -> String {
    let mut actions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut claims: BTreeMap<&str, BTreeSet<&'static str>> = BTreeMap::new();
    for rule in rules {
        for action in &rule.actions {
            actions.entry(action.clone()).or_default().insert(rule.resource.clone());
        }
        for (claim, types) in &rule.claims {
            claims.entry(claim).or_default().extend(types);
        }
    }
    let mut text = format!("package {package}\n\n{entities}");
    // A claim that is compared as two types has none, and the checker leaves it open.
    let claims: Vec<String> = claims
        .iter()
        .filter_map(|(claim, types)| match types.iter().collect::<Vec<_>>().as_slice() {
            [one] => Some(format!("{}: {one}", ibac::name(claim))),
            _ => None,
        })
        .collect();
    if !claims.is_empty() {
        let _ = writeln!(text, "token {{ {} }}\n", claims.join(", "));
    }
    text.push_str(&declare::actions(&actions));
    rules.iter().for_each(|rule| text.push_str(&rule.text));
    text
}

/// Edges to nodes that no document holds are admitted as placeholders, and said to be.
fn dangling(graph: &Graph, documents: &[Source<'_>], report: &mut Report, files: &mut Vec<Written>) {
    let file = documents.last().map_or("", |source| source.name);
    let message = format!(
        "{} edges name a node that no document holds; `bundle.toml` admits them as placeholders",
        graph.dangling
    );
    Findings::new(report, file).change("kbac/dangling", Place::default(), message);
    files.push(Written {
        name: "bundle.toml".to_owned(),
        text: "# Edges that name a node which no document holds are admitted and counted.\n[graph]\ndangling = \"placeholder\"\n".to_owned(),
    });
}

#[cfg(test)]
mod tests;
