//! KBAC policies: what comes out, and what is refused where.

use crate::{Grade, Imported, Source, kbac};

/// People of teams; a folder of documents; who knows whom.
const GRAPH: &str = r#"{ "nodes": [
  { "type": "Person", "external_id": "a", "is_identity": true, "properties": [{ "type": "age", "value": 31 }, { "type": "name", "value": "A" }] },
  { "type": "Team", "external_id": "t", "properties": [{ "type": "name", "value": "T" }] },
  { "type": "Folder", "external_id": "f" },
  { "type": "Doc", "external_id": "d", "properties": [{ "type": "price", "value": 1.5 }, { "type": "quote", "external_value": "r" }, { "type": "tags", "value": ["x"] }] } ],
  "relationships": [
  { "source": { "type": "Person", "external_id": "a" }, "type": "IN", "target": { "type": "Team", "external_id": "t" } },
  { "source": { "type": "Person", "external_id": "a" }, "type": "KNOWS", "target": { "type": "Person", "external_id": "a" } },
  { "source": { "type": "Team", "external_id": "t" }, "type": "OWNS", "target": { "type": "Folder", "external_id": "f" } },
  { "source": { "type": "Team", "external_id": "t" }, "type": "OWNS", "target": { "type": "Doc", "external_id": "d" } },
  { "source": { "type": "Person", "external_id": "a" }, "type": "OWNS", "target": { "type": "Doc", "external_id": "d" } },
  { "source": { "type": "Folder", "external_id": "f" }, "type": "HOLDS", "target": { "type": "Doc", "external_id": "d" } },
  { "source": { "type": "Folder", "external_id": "f" }, "type": "HOLDS", "target": { "type": "Folder", "external_id": "f" } } ] }"#;

fn policy(cypher: &str, filter: &str) -> String {
    let filter = if filter.is_empty() { String::new() } else { format!(", \"filter\": {filter}") };
    format!(
        r#"{{ "meta": {{ "policy_version": "2.0-kbac" }}, "subject": {{ "type": "Person" }}, "actions": ["READ"],
 "resource": {{ "type": "Doc" }}, "condition": {{ "cypher": "{cypher}"{filter} }} }}"#
    )
}

fn import(text: &str) -> Imported {
    kbac(&[Source { name: "p.json", text }], &[Source { name: "g.json", text: GRAPH }], "kbac")
}

/// The conditions of the one permit, in one row.
fn conditions(cypher: &str, filter: &str) -> String {
    let imported = import(&policy(cypher, filter));
    assert!(!imported.report.refuses(), "{cypher} {filter}: {}", imported.report.table());
    let text = imported.files.first().map_or("", |file| &file.text);
    let row = text.split_whitespace().collect::<Vec<_>>().join(" ");
    row.split_once("on Doc when ").map_or(String::new(), |(_, rest)| rest.to_owned())
}

#[test]
fn patterns_become_conditions() {
    for (cypher, expected) in [
        ("MATCH (subject:Person)-[:OWNS]->(resource:Doc)", "subject.OWNS has resource"),
        ("MATCH (resource)<-[:OWNS]-(subject)", "subject.OWNS has resource"),
        ("MATCH (subject)-[:IN]->(:Team)-[:OWNS]->(resource)", "subject.IN.OWNS has resource"),
        ("MATCH (subject)-[:IN]->(t), (t)-[:OWNS]->(resource)", "subject.IN.OWNS has resource"),
        (
            "MATCH (subject)-[:IN|OWNS*..3]->(resource)",
            "subject.IN.OWNS has resource or subject.OWNS has resource",
        ),
        (
            "MATCH (subject)-[:IN]->(t:Team)-[:OWNS]->(resource) WHERE t.property.name = 'T'",
            "any n1 in subject.IN: n1.name == \\\"T\\\" and n1.OWNS has resource",
        ),
        ("MATCH (subject)-[:KNOWS*]->(p:Person)-[:OWNS]->(resource)", "subject.KNOWS+.OWNS has resource"),
        ("MATCH (subject)-[:KNOWS*0..]->(p:Person)-[:OWNS]->(resource)", "subject.KNOWS*.OWNS has resource"),
        (
            "MATCH (subject), (resource) WHERE NOT (subject)-[:OWNS]->(resource)",
            "not subject.OWNS has resource",
        ),
        ("MATCH (subject), (resource) WHERE resource.property.price <= 10", "resource.price <= 10"),
        (
            "MATCH (subject), (resource) WHERE resource.property.price <= $max",
            "resource.price <= context.input_params.max when context.input_params.max is present",
        ),
        (
            "MATCH (subject), (resource) WHERE subject.external_id = 'a' OR subject.property.name STARTS WITH 'B'",
            "subject == Person:a or subject.name starts with \\\"B\\\"",
        ),
        ("MATCH (subject), (resource) WHERE 'x' IN resource.property.tags", "resource.tags has \\\"x\\\""),
        (
            "MATCH (subject)-[:KNOWS]-(p:Person)-[:OWNS]->(resource)",
            "subject.KNOWS.OWNS has resource or subject.^KNOWS.OWNS has resource",
        ),
        ("MATCH (subject)-[:IN]->(t:Team) MATCH (resource)", "count(subject.IN) > 0"),
    ] {
        assert_eq!(conditions(cypher, ""), expected.replace("\\\"", "\""), "{cypher}");
    }
}

#[test]
fn filters_become_conditions_that_fail_closed() {
    let owns = "MATCH (subject)-[:OWNS]->(resource)";
    let leaf = |operator: &str, attribute: &str, value: &str| {
        format!(r#"{{ "operator": "{operator}", "attribute": "{attribute}", "value": {value} }}"#)
    };
    for (filter, expected) in [
        (leaf("=", "$token.plan", "\"premium\""), "when token is present when token.plan == \"premium\""),
        (
            leaf("IN", "$channel", "[\"web\", \"mobile\"]"),
            "when context.input_params.channel is present when context.input_params.channel in [\"web\", \"mobile\"]",
        ),
        (
            format!(r#"{{ "operator": "NOT", "operands": [{}] }}"#, leaf("<", "$order.total", "5")),
            "when context.input_params.order.total is present when not context.input_params.order.total < 5",
        ),
        (
            r#"{ "operator": "IS NULL", "attribute": "$token.plan" }"#.to_owned(),
            "when token is present when token.plan is missing",
        ),
        (
            leaf("CONTAINS", "$token.scope", "\"docs.read\""),
            "when token is present when token.scope has \"docs.read\"",
        ),
    ] {
        assert_eq!(conditions(owns, &filter), format!("subject.OWNS has resource {expected}"), "{filter}");
    }
}

#[test]
fn what_cannot_be_said_exactly_is_left_out_with_its_place() {
    let owns = "MATCH (subject)-[:OWNS]->(resource)";
    for (cypher, filter, place, part) in [
        (
            "MATCH (subject)-[:KNOWS]->(p:Person)-[:KNOWS]->(q:Person)-[:OWNS]->(resource)",
            "",
            "-[:KNOWS]->(q",
            "could be the same",
        ),
        (
            "MATCH (subject)-[:KNOWS*2..3]->(p:Person)-[:OWNS]->(resource)",
            "",
            "-[:KNOWS*2",
            "never uses an edge twice",
        ),
        ("MATCH (subject)-[:IN|KNOWS*]->(p:Person)-[:OWNS]->(resource)", "", "-[:IN|", "without end"),
        ("MATCH (subject)-[:LIKES]->(resource)", "", "-[:LIKES", "no `LIKES` leads from `Person` to `Doc`"),
        (
            "MATCH (subject)-[:OWNS]->(resource)<-[:OWNS]-(t:Team)<-[:IN]-(subject)",
            "",
            "<-[:OWNS]",
            "closes a circle",
        ),
        ("MATCH (subject)-[:OWNS]->(resource), (x:Team)", "", "", "hangs together with neither"),
        ("MATCH (subject:Team)-[:OWNS]->(resource)", "", "(subject:Team", "`Team` here and `Person`"),
        (
            "MATCH (subject), (resource) WHERE resource.property.prize = 1",
            "",
            "resource.property",
            "did you mean `price`",
        ),
        (
            "MATCH (subject), (resource) WHERE resource.property.quote = 'x'",
            "",
            "resource.property",
            "resolved elsewhere",
        ),
        (
            "MATCH (subject), (resource) WHERE subject.property.age = $subject_id",
            "",
            "$subject_id",
            "filled in by the platform",
        ),
        ("OPTIONAL MATCH (subject)", "", "", "expected `MATCH`"),
        ("USE graph.byName('x') MATCH (subject)-[:OWNS]->(resource)", "", "", "expected `MATCH`"),
        (
            owns,
            r#"{ "operator": "=", "attribute": "$ik_token.act.sub", "value": "x" }"#,
            "",
            "delegation token",
        ),
        (owns, r#"{ "operator": "=~", "attribute": "$a", "value": "x" }"#, "", "regular expressions"),
        (owns, r#"{ "operator": "AND", "operands": [] }"#, "", "two or more operands"),
        (
            owns,
            r#"{ "operator": "NOT", "operands": [{ "operator": "CONTAINS", "attribute": "$token.scope", "value": "x" }] }"#,
            "",
            "is a set",
        ),
        (owns, r#"{ "operator": "IS NULL", "attribute": "$a" }"#, "", "must be given"),
    ] {
        let imported = import(&policy(cypher, filter));
        assert!(imported.files.is_empty(), "{cypher} {filter}: {:?}", imported.files);
        let entry = imported.report.entries.iter().find(|entry| entry.grade == Grade::Refused);
        let entry = entry.unwrap_or_else(|| panic!("{cypher}: {}", imported.report.table()));
        assert!(entry.message.contains(part), "{cypher} {filter}: {entry:?}");
        // The pattern begins behind the head of its line and a quote.
        let column = 59 + cypher.find(place).expect("the place");
        assert!(entry.line == 2 && (!filter.is_empty() || entry.column == column), "{cypher}: {entry:?}");
    }
}

#[test]
fn a_policy_that_cannot_be_said_does_not_take_others_with_it() {
    let good = policy("MATCH (subject)-[:OWNS]->(resource)", "");
    let bad = policy("MATCH (subject)-->(resource)", "");
    let text = format!(
        r#"[{{ "name": "good", "policy": {good} }}, {{ "name": "bad", "policy": {bad} }}, {{ "name": "off", "status": "DRAFT", "policy": {bad} }}]"#
    );
    let imported = import(&text);
    assert!(imported.files.first().is_some_and(|file| file.text.contains("permit good")));
    assert_eq!((imported.report.count(Grade::Refused), imported.report.count(Grade::Noted)), (1, 1));
}

#[test]
fn shapes_are_checked_before_anything_is_translated() {
    let good = policy("MATCH (subject)-[:OWNS]->(resource)", "");
    for (from, to, part) in [
        ("2.0-kbac", "1.0-kbac", "no version that is read"),
        ("[\"READ\"]", "[]", "1 to 5"),
        ("\"actions\"", "\"action\"", "did you mean `actions`"),
        ("{ \"type\": \"Doc\" }", "\"Doc\"", "resource is an object"),
        ("\"cypher\"", "\"cypher\": 1, \"x\"", "`cypher` must be a text"),
    ] {
        let imported = import(&good.replacen(from, to, 1));
        assert!(imported.files.is_empty(), "{to}");
        assert!(
            imported.report.entries.iter().any(|it| format!("{} {:?}", it.message, it.help).contains(part)),
            "{to}: {}",
            imported.report.table()
        );
    }
    let twice = good.replacen("\"meta\"", "\"meta\": 1, \"meta\"", 1);
    assert!(import(&twice).report.table().contains("duplicate member"));
}

#[test]
fn without_a_graph_only_what_the_pattern_names_is_known() {
    let alone = |cypher: &str| {
        let text = policy(cypher, "");
        kbac(&[Source { name: "p.json", text: &text }], &[], "kbac")
    };
    let named =
        alone("MATCH (subject:Person)-[:IN]->(t:Team)-[:OWNS]->(resource:Doc) WHERE t.property.size > 3");
    let text = named.files.first().map_or("", |file| file.text.as_str());
    assert!(
        text.contains("size: decimal") && text.contains("any n1 in subject.IN"),
        "{text}{}",
        named.report.table()
    );
    for cypher in ["MATCH (subject)-[:IN*..2]->(resource)", "MATCH (subject)-[:IN]->()-[:OWNS]->(resource)"] {
        assert!(alone(cypher).report.table().contains("--graph"), "{cypher}");
    }
}

#[test]
fn people_that_are_no_identities_keep_a_2_0_policy_out() {
    let text = policy("MATCH (subject)-[:OWNS]->(resource)", "");
    let graph = GRAPH.replace("\"is_identity\": true", "\"is_identity\": false");
    let run = |text: &str| {
        kbac(&[Source { name: "p.json", text }], &[Source { name: "g.json", text: &graph }], "kbac")
    };
    assert!(run(&text).report.table().contains("speaks of identities"));
    assert!(!run(&text.replace("2.0-kbac", "3.0-kbac")).report.refuses());
}
