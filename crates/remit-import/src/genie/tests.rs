//! Board policies and rules: what comes out, and what is refused where.

use crate::{Entry, Grade, Imported, Source, genie};

/// A board policy in which nothing is wrong.
const BOARD: &str = r#"version: "3.2"
board_approved_on: 2026-03-02
owner: "Committee on machine decisions"
governance:
  admin_bypass: false
  rbac:
    ask: ["customer", "advisor"]
risk:
  max_content_length_bytes: 1000
data:
  retention_days: 30
  block_pii: false
  block_prompt_injection: false
sovereignty:
  home_region: eu
  allow_cross_border_for_public: true
limits:
  required_metadata:
    ask: ["trace_id"]
"#;

fn board(text: &str) -> Imported {
    genie(&[Source { name: "board.yaml", text }], "genie")
}

fn rules(text: &str) -> Imported {
    genie(&[Source { name: "rules.yaml", text }], "genie")
}

fn rule(when: &str) -> Imported {
    rules(&format!("- id: one\n  when: {when}\n  decision: deny\n  reason: no\n"))
}

/// What is refused.
fn refused(imported: &Imported) -> Vec<&Entry> {
    imported.report.entries.iter().filter(|entry| entry.grade == Grade::Refused).collect()
}

#[test]
fn keys_and_types_are_checked_with_their_places() {
    let imported = board(BOARD);
    assert!(!imported.report.refuses() && imported.files.len() == 1, "{}", imported.report.table());
    for (from, to, line, column, part) in [
        ("block_pii", "block_pi", 12, 3, "did you mean `block_pii`"),
        ("block_pii: false", "block_pii: \"yes\"", 12, 14, "`block_pii` must be `true` or `false`"),
        ("block_pii: false", "block_pii: yes", 12, 14, "`true` or `false`"),
        ("data:", "dta:", 10, 1, "did you mean `data`"),
        (": 1000", ": -1", 9, 29, "no limit"),
        (": 1000", ": 256 KiB", 9, 29, "a whole number"),
        ("[\"trace_id\"]", "trace_id", 19, 10, "a list of texts"),
        ("home_region: eu", "home_region: EU", 15, 16, "did you mean `eu`"),
        ("2026-03-02", "March", 2, 20, "not a date"),
        ("version: \"3.2\"\n", "", 0, 0, "no `version`"),
        ("owner:", "owner: a\nowner:", 4, 1, "given twice"),
        ("  admin_bypass: false", "  admin_bypass:", 5, 15, "this is nothing"),
    ] {
        let text = BOARD.replacen(from, to, 1);
        let imported = board(&text);
        assert!(imported.files.is_empty(), "{to}");
        let found = refused(&imported);
        let hit = found.iter().find(|it| format!("{} {:?}", it.message, it.help).contains(part));
        let hit = hit.unwrap_or_else(|| panic!("{to}: {}", imported.report.table()));
        assert_eq!((hit.line, hit.column), (line, column), "{to}: {hit:?}");
    }
}

#[test]
fn rules_are_checked_whole_before_any_is_carried_over() {
    for (text, line, column, part) in [
        ("- id: a\n  when: type == \"x\"\n  decision: dney\n", 3, 13, "did you mean `deny`"),
        ("- id: a\n  when: type == \"x\"\n  decison: deny\n", 3, 3, "did you mean `decision`"),
        ("- id: a\n  when: type =~ \"x\"\n  decision: deny\n", 2, 14, "no operator"),
        ("- id: a\n  when: 'colour == \"x\"'\n  decision: deny\n", 2, 10, "no field"),
        (
            "- id: a\n  when: type == \"x\"\n  decision: deny\n- id: A\n  when: type == \"x\"\n  decision: deny\n",
            4,
            7,
            "given twice",
        ),
        ("- id: a\n  decision: deny\n", 1, 3, "has no `when`"),
        ("- 5\n", 1, 3, "a rule is a mapping"),
        ("- id: messages\n  when: type == \"x\"\n  decision: deny\n", 1, 7, "uses itself"),
    ] {
        let imported = rules(text);
        assert!(imported.files.is_empty(), "{text}");
        let found = refused(&imported);
        let hit = found.iter().find(|it| format!("{} {:?}", it.message, it.help).contains(part));
        let hit = hit.unwrap_or_else(|| panic!("{text}: {}", imported.report.table()));
        assert_eq!((hit.line, hit.column), (line, column), "{text}: {hit:?}");
    }
    let imported = rules(
        "- id: a\n  when: type == \"x\"\n  decision: allow\n- id: b\n  when: type == \"x\"\n  decision: deny\n",
    );
    assert!(!imported.report.refuses(), "{}", imported.report.table());
    assert_eq!(
        imported.report.entries.iter().filter(|it| it.code == "genie/allow-without-effect").count(),
        1
    );
}

#[test]
fn what_has_no_sound_meaning_is_refused() {
    for (when, part) in [
        ("metadata.amount > \"50000\"", "a number stands without quotes"),
        ("classification > \"pii\"", "orders numbers"),
        ("type == 5", "a text stands in quotes"),
        ("content contains 5", "number"),
        ("content contains \"\"", "always true"),
        ("classification == \"PII\"", "did you mean `pii`"),
        ("classification contains \"pii\"", "looks into a text"),
        ("'5 == 5'", "always the same"),
        ("from == to", "only equality"),
        ("metadata.user_roles startsWith \"a\"", "does not begin"),
        ("type is present", "every message has"),
    ] {
        let imported = rule(when);
        assert!(imported.files.is_empty(), "{when}");
        let found = refused(&imported);
        assert!(
            found.iter().any(|it| format!("{} {:?}", it.message, it.help).contains(part)),
            "{when}: {found:?}"
        );
    }
}

#[test]
fn a_word_that_stands_for_presence_is_refused_and_the_question_proposed() {
    for (when, proposal) in [
        (
            "from startsWith \"ext-\" AND NOT metadata.trace_id == \"present\"",
            "from startsWith \"ext-\" AND metadata.trace_id is missing",
        ),
        ("metadata.trace_id != \"present\"", "metadata.trace_id is missing"),
        (
            "metadata.trace_id == \"missing\" OR type == \"x\"",
            "metadata.trace_id is missing OR type == \"x\"",
        ),
    ] {
        let imported = rule(when);
        let help = refused(&imported).first().and_then(|it| it.help.clone()).expect("help");
        assert_eq!(help, format!("to ask whether there is a value write: {proposal}"), "{when}");
        let meant = rule(&format!("{proposal} AND type != \"y\""));
        assert!(!meant.report.refuses(), "{}", meant.report.table());
    }
}

#[test]
fn conditions_keep_genies_reading_of_what_is_missing() {
    for (when, expected) in [
        (
            "classification == \"pii\" AND metadata.region != \"in\"",
            "message.classification is present and message.classification == pii and (message.metadata.region is missing or message.metadata.region != \"in\")",
        ),
        (
            "classification == \"internal\"",
            "message.classification is missing or message.classification == internal",
        ),
        (
            "content contains \"DROP TABLE\"",
            "message.content is present and message.content contains \"DROP TABLE\"",
        ),
        ("type startsWith \"pay\"", "action starts with \"pay\""),
        ("from startsWith \"ext-\"", "chain is present and chain.current.name starts with \"ext-\""),
        ("from == \"user\"", "chain is missing"),
        ("to == \"kyc\"", "resource == agent:kyc"),
        ("metadata.amount > 50000", "message.metadata.amount > 50000"),
        ("metadata.user_roles contains \"admin\"", "subject.roles has \"admin\""),
        (
            "NOT (role == \"tool\" OR metadata.a is missing)",
            "not (message.role is present and message.role == \"tool\" or message.metadata.a is missing)",
        ),
    ] {
        let imported = rule(&format!("({when}) AND type != \"zzz\""));
        assert!(!imported.report.refuses(), "{when}: {}", imported.report.table());
        let text = imported.files.first().map_or("", |file| file.text.as_str());
        let row = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(row.contains(expected), "{when}: {row}");
    }
}

#[test]
fn each_part_of_a_board_policy_becomes_rules() {
    let text = BOARD
        .replace("block_pii: false", "block_pii: true")
        .replace("block_prompt_injection: false", "block_prompt_injection: true")
        .replace("limits:", "consumer:\n  ai_disclosure_banner: \"Written by a {machine}\"\nexplainability:\n  applies_to: [\"advice\"]\nlimits:");
    let imported = board(&text);
    let policy = imported.files.first().map_or("", |file| file.text.as_str());
    let row = policy.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "package genie version \"3.2\" approved by \"Committee on machine decisions\" on 2026-03-02",
        "limit max_length = 1000",
        "limit home_region = \"eu\"",
        "permit messages for user to advice, ask on agent oblige notification { topic: \"ai-disclosure\", body: \"Written by a {machine}\" }",
        "require role_for_ask for user to ask on agent that subject.roles has any [\"customer\", \"advisor\"]",
        "message.metadata.trace_id is present and message.metadata.trace_id matches r\"\\S\"",
        "forbid too_long on agent when message.size > limits.max_length",
        "forbid personal_data on agent when message.kinds has any limits.personal_kinds",
        "forbid instructions_inside on agent when message.injection >= limits.injection_from",
        "(message.classification is missing or message.classification != public) and resource.region != limits.home_region",
        "message.content.rationale matches r\"\\S\"",
    ] {
        assert!(row.contains(part), "{part}\n{row}{}", imported.report.table());
    }
    let closed = board(&BOARD.replace("for_public: true", "for_public: false"));
    let policy = closed.files.first().map_or("", |file| file.text.as_str());
    assert!(policy.contains("forbid leaves_home") && !policy.contains("!= public"), "{policy}");
    let consent =
        board(&BOARD.replace("limits:", "consent:\n  type_to_category:\n    ask: \"portfolio\"\nlimits:"));
    let policy = consent.files.first().map_or("", |file| file.text.as_str());
    assert!(policy.contains("consent.given(\"portfolio\", \"ask\")"), "{policy}{}", consent.report.table());
}
