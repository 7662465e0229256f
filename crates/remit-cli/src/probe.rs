//! `remit probe`: asks a bundle the questions of its probe files and holds the answers to what must come.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use remit_pdp::probe::{self, Kind, Report};

use crate::output;

/// Arguments of `remit probe`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The bundle
    dir: PathBuf,
    /// The folder with the probe files [default: probes in the bundle]
    #[arg(long)]
    probes: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand: exit code 0 all answers are right, 1 some are not or there are none.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let folder = args.probes.clone().unwrap_or_else(|| args.dir.join("probes"));
    let files = probe::read(&folder)?;
    let scratch = tempfile::tempdir().context("cannot make a folder for what the probes write")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(probe::run(&args.dir, &files, scratch.path()))?;
    let text = if args.json { serde_json::to_string_pretty(&report)? } else { table(&report) };
    output::line(text.trim_end());
    let (passed, failed) = report.counts();
    Ok(ExitCode::from(u8::from(failed > 0 || passed == 0)))
}

fn table(report: &Report) -> String {
    let mut text = String::new();
    let mut category = "";
    for outcome in &report.outcomes {
        if outcome.category != category {
            category = &outcome.category;
            let _ = writeln!(text, "{category}");
        }
        let mark = if outcome.failure.is_some() { "FAIL" } else { "ok" };
        let kind = match outcome.kind {
            Kind::Attack => "attack",
            Kind::Benign => "benign",
        };
        let _ = writeln!(text, "  {mark:<4}  {kind}  {:<32} {}", outcome.id, outcome.title);
        let _ = writeln!(text, "        {}", outcome.failure.as_ref().unwrap_or(&outcome.got));
    }
    let _ = writeln!(text, "\ncategory  attacks  benign  failed");
    for (category, count) in report.categories() {
        let _ =
            writeln!(text, "{category:<8}  {:>7}  {:>6}  {:>6}", count.attacks, count.benign, count.failed);
    }
    let (passed, failed) = report.counts();
    let _ = writeln!(text, "{passed} passed, {failed} failed");
    text
}
