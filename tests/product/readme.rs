//! The README is true: its policy is shipped, its question gets its answer, its tables are the code's.

use remit_model::Reason;

use crate::running::{bundle, call, pdp, pep, root};
use remit_tests::binary::{run, text};

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("README.md")
}

/// The first block of that kind, without its fences.
fn block<'t>(text: &'t str, kind: &str) -> &'t str {
    let fence = format!("```{kind}\n");
    let rest = text.split_once(&fence).unwrap_or_else(|| panic!("no `{kind}` block")).1;
    rest.split_once("```").expect("a closed block").0
}

fn question(readme: &str) -> String {
    let command = readme.split_once("-d '").expect("a curl command").1;
    command.split_once("'\n").expect("a closed body").0.to_owned()
}

#[test]
fn the_policy_shown_is_the_policy_shipped() {
    let shown = readme();
    let shipped = std::fs::read_to_string(bundle("starter").join("clinic.ibac")).expect("the starter policy");
    assert!(shipped.contains(block(&shown, "ibac").trim()), "the first policy of the README is not shipped");
    let tests =
        std::fs::read_to_string(bundle("starter").join("clinic.test.ibac")).expect("the starter tests");
    let messages = block(shown.split_once("## Messages").expect("a section on messages").1, "ibac");
    let governance = ["labels.ibac", "content.ibac"]
        .map(|file| std::fs::read_to_string(bundle("governance").join(file)).expect("the governance policy"));
    for rule in messages.trim().split("\n\n") {
        assert!(governance.iter().any(|file| file.contains(rule)), "not shipped: {rule}");
    }
    let expectation = shown.lines().find(|line| line.starts_with("expect ")).expect("an expectation");
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeezed(&tests).contains(&squeezed(expectation)), "{expectation} is not shipped");
}

#[tokio::test]
async fn the_question_gets_the_answer_shown() {
    let shown = readme();
    let ((pdp, _data), pep) = (pdp(&bundle("starter")), pep());
    let reply = pdp.evaluation(&call(&pep), question(&shown).as_bytes()).await.expect("an answer");
    let id = reply.evaluation_id.clone().expect("an id");
    let answer = String::from_utf8(reply.body).expect("text").replace(&id, "019e8362-…");
    assert_eq!(answer, block(&shown, "json").trim());
}

#[test]
fn the_explanation_shown_is_the_one_given() {
    let shown = readme();
    let work = tempfile::tempdir().expect("folder");
    let file = work.path().join("question.json");
    std::fs::write(&file, question(&shown)).expect("written");
    let output = run(&["eval", file.to_str().expect("a path")]);
    assert_eq!(text(&output).trim(), block(&shown, "text").trim());
}

#[test]
fn the_reason_codes_are_all_of_them() {
    let shown = readme();
    let rows: Vec<String> =
        Reason::ALL.iter().map(|it| format!("| `{}` | {} |", it.code(), it.meaning())).collect();
    let table = shown.split_once("### Reason codes").expect("a section").1;
    let table = table.split_once("\n## ").expect("the next section").0;
    let found: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(found, rows);
}

#[test]
fn commands_and_routes_exist_and_none_is_left_out() {
    let shown = readme();
    let help = text(&run(&["--help"]));
    for command in [
        "serve",
        "check",
        "test",
        "eval",
        "fmt",
        "probe",
        "import",
        "ask",
        "ledger",
        "key",
        "doctor",
        "completions",
        "man",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "`remit {command}` does not exist");
        assert!(shown.contains(&format!("`remit {command}")), "the README does not name `remit {command}`");
    }
    let last = |route: &str| format!("/{}", route.rsplit('/').next().unwrap_or_default());
    // The page's own script and style are not for callers.
    for route in remit_server::routes().filter(|route| route.len() > 1 && !route.starts_with("/docs/")) {
        assert!(
            shown.contains(route) || shown.contains(&format!("`{}`", last(route))),
            "the README does not name {route}"
        );
    }
}

#[test]
fn linked_files_exist() {
    for target in
        readme().split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
    {
        let (file, heading) = target.split_once('#').map_or((target, None), |(file, of)| (file, Some(of)));
        assert!(target.starts_with("https://") || root().join(file).exists(), "{target} does not exist");
        if let Some(heading) = heading.filter(|_| !target.starts_with("https://")) {
            let page = std::fs::read_to_string(root().join(file)).expect("a page");
            let named =
                |line: &str| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-") == heading;
            assert!(
                page.lines().filter(|line| line.starts_with('#')).any(named),
                "{target} has no such heading"
            );
        }
    }
}

#[test]
fn the_table_of_roles_is_the_one_in_the_code() {
    let text = std::fs::read_to_string(root().join("SECURITY.md")).expect("readable");
    let mut written: Vec<&str> =
        text.lines().filter(|line| line.starts_with("| `GET ") || line.starts_with("| `POST ")).collect();
    for (method, path, roles) in remit_server::powers() {
        let roles: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
        let line = format!("| `{method} {path}` | {} |", roles.join(", "));
        let at = written.iter().position(|written| *written == line);
        written.remove(at.unwrap_or_else(|| panic!("SECURITY.md has no line\n{line}")));
    }
    assert!(written.is_empty(), "nobody may {written:?}");
}
