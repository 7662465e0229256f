//! `remit ledger prune`: drops old records; every proof about them stays valid.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use remit_pdp::retention::{Plan, Request, prune};
use remit_pdp::{Clock, Timestamp};

use crate::output;

/// Arguments of `remit ledger prune`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The data directory of the decision point, which must not be running
    #[arg(default_value = "data")]
    data: PathBuf,
    /// Records from this instant on stay (RFC 3339), or of so long (`400d`)
    #[arg(long, value_name = "TIME")]
    before: String,
    /// Do it; otherwise only what would go is shown
    #[arg(long, requires = "why")]
    yes: bool,
    /// Why, for the record of it; name nobody
    #[arg(long)]
    why: Option<String>,
    /// Who has it done
    #[arg(long)]
    author: Option<String>,
    /// The file of the key that signs the heads, when it is not in the data directory
    #[arg(long)]
    key: Option<PathBuf>,
    /// Drop records younger than the 180 days that most keepers of such logs owe
    #[arg(long)]
    below_minimum: bool,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(args.data.join("ledger").is_dir(), "there is no ledger in `{}`", args.data.display());
    let now = Clock::System.now().context("the system clock shows no usable time")?;
    let request = Request {
        before: instant(&args.before, now)?,
        author: args.author.clone(),
        why: args.why.clone().unwrap_or_default(),
        key: args.key.clone(),
        below_minimum: args.below_minimum,
    };
    let plan = prune(&args.data, &request, now, args.yes).map_err(anyhow::Error::msg)?;
    let text = if args.json { serde_json::to_string(&plan)? } else { told(&plan, args.yes) };
    output::line(&text);
    Ok(ExitCode::SUCCESS)
}

fn instant(text: &str, now: Timestamp) -> anyhow::Result<Timestamp> {
    if let Some(at) = Timestamp::parse(text) {
        return Ok(at);
    }
    let ago = remit_model::Duration::parse(text)
        .with_context(|| format!("`{text}` is neither an RFC 3339 time nor a duration such as `400d`"))?;
    now.checked_sub(ago).with_context(|| format!("`{text}` ago lies before the calendar"))
}

fn told(plan: &Plan, done: bool) -> String {
    let held = match &plan.held {
        Some((seq, by)) => format!("; record {seq} and all after it stay: {by} rests on it"),
        None => String::new(),
    };
    if plan.records == 0 {
        return format!(
            "no whole segment is that old and needed by nobody; the log begins at record {}{held}",
            plan.first
        );
    }
    let Plan { first, left, records, segments, bytes, .. } = plan;
    let what = format!("{records} records from {first} on, in {segments} segments of {bytes} bytes");
    if done {
        format!("dropped {what}; the log begins at record {left} now, and every proof stands{held}")
    } else {
        format!(
            "would drop {what}; the log would begin at record {left}{held}\nnothing was done: add `--yes --why TEXT`"
        )
    }
}
