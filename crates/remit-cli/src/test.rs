//! `remit test`: runs the `expect` lines of a bundle and says which rules no line exercised.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use remit_pdp::bundle::{self, Purpose};
use remit_pdp::expect::{self, Report};
use remit_pdp::publish;
use remit_pdp::revisions::Revisions;

use crate::output;

/// Arguments of `remit test`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The bundle
    dir: PathBuf,
    /// How to write the outcome
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Renderings of a test report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// JUnit XML
    Junit,
    /// One JSON document
    Json,
}

/// Runs the subcommand: exit code 0 all pass, 1 some fail or there are none.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let bundle = bundle::load(&args.dir, Purpose::Test)?;
    let policies = bundle.policies.clone();
    let live = publish::compile(bundle, &Revisions::default()).map_err(anyhow::Error::msg)?;
    let report = expect::run(&policies, &live);
    let text = match args.format {
        Format::Table => table(&report),
        Format::Junit => junit(&report),
        Format::Json => serde_json::to_string_pretty(&report)?,
    };
    output::line(text.trim_end());
    let (passed, failed) = report.counts();
    Ok(ExitCode::from(u8::from(failed > 0 || passed == 0)))
}

fn table(report: &Report) -> String {
    let mut text = String::new();
    for outcome in &report.outcomes {
        let mark = if outcome.failure.is_some() { "FAIL" } else { "ok" };
        let _ = writeln!(text, "{mark:<4}  {}:{}  {}", outcome.file, outcome.line, outcome.what);
        if let Some(failure) = &outcome.failure {
            let _ = writeln!(text, "      {failure}");
        }
    }
    let (passed, failed) = report.counts();
    let tested = report.rules - report.untested_rules.len();
    let _ = writeln!(text, "\n{tested} of {} rules decided something", report.rules);
    for rule in &report.untested_rules {
        let _ = writeln!(text, "  never: {rule}");
    }
    let _ = writeln!(text, "{passed} passed, {failed} failed");
    text
}

fn junit(report: &Report) -> String {
    let (passed, failed) = report.counts();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuite name=\"remit\" tests=\"{}\" failures=\"{failed}\">", passed + failed);
    for outcome in &report.outcomes {
        let (class, name) = (escaped(&outcome.file), escaped(&outcome.what));
        let _ = write!(text, "  <testcase classname=\"{class}\" name=\"{}: {name}\"", outcome.line);
        match &outcome.failure {
            None => text.push_str("/>\n"),
            Some(failure) => {
                let _ = writeln!(text, "><failure message=\"{}\"/></testcase>", escaped(failure));
            }
        }
    }
    text.push_str("</testsuite>\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use remit_pdp::expect::Outcome;

    fn report() -> Report {
        let outcome = |line, failure: Option<&str>| Outcome {
            file: "a.ibac".into(),
            line,
            what: "expect permit user:\"a\" read x:\"1\"".into(),
            failure: failure.map(str::to_owned),
            determining: vec![],
        };
        Report {
            outcomes: vec![outcome(1, None), outcome(2, Some("a < b"))],
            untested_rules: vec!["p.r".into()],
            rules: 2,
        }
    }

    #[test]
    fn tables_and_junit_count_alike() {
        assert!(table(&report()).ends_with("1 passed, 1 failed\n"));
        assert!(table(&report()).contains("never: p.r"));
        let xml = junit(&report());
        assert!(xml.contains("tests=\"2\" failures=\"1\""));
        assert!(xml.contains("a &lt; b") && xml.contains("user:&quot;a&quot;"));
    }
}
