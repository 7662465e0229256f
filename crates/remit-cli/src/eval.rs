//! `remit eval`: decides one request from a file, without a server and without a ledger, and says why.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use remit_model::Timestamp;
use remit_pdp::bundle::{self, Purpose};
use remit_pdp::enrich::Sight;
use remit_pdp::revisions::Revisions;
use remit_pdp::standing::{Standing, View, state_at};
use remit_pdp::why::{Why, why};
use remit_pdp::{Clock, archive, publish, record};

use crate::output;

/// Arguments of `remit eval`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file with one access evaluation request; `-` is standard input
    request: PathBuf,
    /// The bundle
    #[arg(long, default_value = "policies/starter")]
    bundle: PathBuf,
    /// A data directory: decides under what was live there at the instant of `--at`, instead of a bundle
    #[arg(long, conflicts_with = "bundle")]
    data: Option<PathBuf>,
    /// The instant to decide at, RFC 3339; the current time by default
    #[arg(long)]
    at: Option<String>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand: exit code 0 allowed, 1 denied.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let body = read(&args.request)?;
    let now = match &args.at {
        Some(text) => Timestamp::parse(text).with_context(|| format!("`{text}` is not an RFC 3339 time"))?,
        None => Clock::System.now().context("the system clock shows no usable time")?,
    };
    let live = match &args.data {
        Some(data) => archive::as_of(data, record::time(now)).map_err(anyhow::Error::msg)?,
        None => {
            let bundle = bundle::load(&args.bundle, Purpose::Serve)?;
            Arc::new(publish::compile(bundle, &Revisions::default()).map_err(anyhow::Error::msg)?)
        }
    };
    let state = args.data.as_ref().map(|data| state_at(data, record::time(now)));
    let state = state.transpose().map_err(anyhow::Error::msg)?;
    let view = state.as_ref().map(View::of);
    let standing = view.as_ref().map(|view| -> &dyn Standing { view });
    let explained = why(&live, &body, &Sight { now, pep: "remit eval", standing, outside: None })?;
    let text = if args.json { serde_json::to_string_pretty(&explained)? } else { text(&explained) };
    output::line(text.trim_end());
    Ok(ExitCode::from(u8::from(!explained.decision)))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut body = Vec::new();
        std::io::stdin().read_to_end(&mut body).context("cannot read standard input")?;
        return Ok(body);
    }
    std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}

fn text(why: &Why) -> String {
    let mut text = String::new();
    let word = if why.decision { "ALLOW" } else { "DENY" };
    let _ = writeln!(text, "{word}  {} ({})", why.reason, why.meaning);
    for (layer, outcome) in &why.layers {
        let _ = writeln!(text, "  {layer:<16}{outcome}");
    }
    if let Some(task) = &why.task {
        let _ = writeln!(text, "  task {task}");
    }
    for failure in &why.failures {
        let _ = writeln!(text, "  {}: {} {}", failure.reason, failure.field, failure.detail);
    }
    for rule in &why.rules {
        let _ = writeln!(text, "  {} {}: {}  ({})", rule.effect, rule.rule, rule.outcome, rule.place);
        if let Some(failing) = &rule.failing {
            let _ = writeln!(text, "      {failing}");
        }
    }
    for path in &why.paths {
        let _ = writeln!(text, "  because {}", path.join(" -> "));
    }
    for duty in &why.obligations {
        let _ = writeln!(text, "  obliges {duty}");
    }
    if let Some(nearest) = &why.nearest {
        if let Some(permit) = &nearest.permit {
            let _ = writeln!(text, "  nearest permit {permit} lacks");
        }
        for need in &nearest.needs {
            let _ = writeln!(text, "      {need}");
        }
        if !nearest.blocked_by.is_empty() {
            let _ = writeln!(text, "  blocked by {}", nearest.blocked_by.join(", "));
        }
    }
    for read in &why.reads {
        let _ = writeln!(
            text,
            "  read {} from {}",
            read.name,
            read.from.as_deref().unwrap_or("nowhere: missing")
        );
    }
    text
}
