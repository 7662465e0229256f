//! `remit replay`: decides again what a ledger holds, under the revisions of its time or under a candidate.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use remit_pdp::archive;
use remit_pdp::ledger::Timestamp;
use remit_pdp::propose::Propose;
use remit_pdp::replay::{Change, Replay, Report};
use remit_pdp::{Clock, OutcomeKey};

use crate::output;

mod proposal;

/// Arguments of `remit replay`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The data directory of the decision point, which may be running
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// A candidate bundle to decide under; without it every decision must come out as it was
    #[arg(long)]
    policy: Option<PathBuf>,
    /// A folder with the graph of the candidate, when it is not the bundle's own
    #[arg(long, requires = "policy")]
    graph: Option<PathBuf>,
    /// Only decisions since this instant (RFC 3339), or of so long (`30d`, `12h`)
    #[arg(long)]
    since: Option<String>,
    /// Only from this record on
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Only up to this record
    #[arg(long)]
    to: Option<u64>,
    /// File of the key under which outcomes were reported, as the decision point has it
    #[arg(long)]
    outcome_key: Option<PathBuf>,
    /// Write the least privilege that these decisions ask for into this new folder: the policies in force (or of
    /// `--policy`) without unused permits, actions and resources, proven on the same decisions
    #[arg(long, value_name = "OUT_DIR", conflicts_with_all = ["graph", "show"])]
    propose: Option<PathBuf>,
    /// How many changes to show
    #[arg(long, default_value_t = 100)]
    show: usize,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand: exit code 0 when every decision came out as it was, 1 when not.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(args.data.join("ledger").is_dir(), "there is no ledger in `{}`", args.data.display());
    if let Some(out) = &args.propose {
        return propose(args, out);
    }
    let mut replay = Replay::of(&args.data).between(args.from, args.to).telling(args.show);
    if let Some(text) = &args.since {
        replay = replay.since(since(text)?);
    }
    if let Some(policy) = &args.policy {
        replay = replay.under(Arc::new(archive::candidate(policy, args.graph.as_deref())?));
    }
    if let Some(path) = &args.outcome_key {
        replay = replay.comparing(key(path)?);
    }
    let progress = output::Progress::begin("records");
    let report = replay.run(|seq| progress.at(seq + 1)).map_err(anyhow::Error::msg)?;
    progress.end();
    let text =
        if args.json { serde_json::to_string_pretty(&report)? } else { text(&report, args.policy.is_some()) };
    output::line(text.trim_end());
    let whole = report.replayed == report.same && report.not_replayable.is_empty();
    Ok(ExitCode::from(u8::from(!whole)))
}

fn propose(args: &Args, out: &Path) -> anyhow::Result<ExitCode> {
    let mut propose = Propose::of(&args.data).between(args.from, args.to);
    if let Some(text) = &args.since {
        propose = propose.since(since(text)?);
    }
    if let Some(policy) = &args.policy {
        propose = propose.narrowing(policy);
    }
    if let Some(path) = &args.outcome_key {
        propose = propose.comparing(key(path)?);
    }
    let progress = output::Progress::begin("records");
    let proposal = propose.run(out, |seq| progress.at(seq + 1)).map_err(anyhow::Error::msg)?;
    progress.end();
    let text =
        if args.json { serde_json::to_string_pretty(&proposal)? } else { proposal::text(&proposal, out) };
    output::line(text.trim_end());
    Ok(ExitCode::SUCCESS)
}

fn key(path: &Path) -> anyhow::Result<OutcomeKey> {
    let content = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(OutcomeKey::new(&content)?)
}

fn since(text: &str) -> anyhow::Result<Timestamp> {
    if let Some(at) = Timestamp::parse(text) {
        return Ok(at);
    }
    let ago = remit_model::Duration::parse(text)
        .with_context(|| format!("`{text}` is neither an RFC 3339 time nor a duration such as `30d`"))?;
    let now = Clock::System.now().context("the system clock shows no usable time")?;
    let at = now.checked_sub(ago).with_context(|| format!("`{text}` ago lies before the calendar"))?;
    let ms = i64::try_from(at.unix_nanos().div_euclid(1_000_000)).context("the time is out of range")?;
    Ok(Timestamp::from_unix_ms(ms))
}

fn text(report: &Report, candidate: bool) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    let range = report.range.map_or_else(|| "none".to_owned(), |(first, last)| format!("{first} to {last}"));
    let _ = writeln!(out, "records {range}");
    if let Some(first) = report.pruned_below {
        let _ = writeln!(
            out,
            "records before {first} were dropped; transactions that began there are not replayable"
        );
    }
    for change in &report.changes {
        out.push_str(&told(change));
    }
    let rows = [
        ("decided again", report.replayed),
        ("same answer, same reasons", report.same),
        ("same answer, other reasons", report.other_reason),
        ("deny to allow", report.deny_to_allow),
        ("allow to deny", report.allow_to_deny),
        ("denied before any policy", report.before_policy),
        ("searches and items that are no question", report.no_question),
    ];
    for (what, count) in rows {
        let _ = writeln!(out, "{count:>10}  {what}");
    }
    for (why, count) in &report.not_replayable {
        let _ = writeln!(out, "{count:>10}  NOT REPLAYABLE: {why}");
    }
    if !candidate && report.replayed != report.same {
        out.push_str("DIFFERENT: a decision did not come out as it was recorded\n");
    }
    out
}

fn told(change: &Change) -> String {
    format!(
        "{} -> {}  record {}  {}  {} {} {}\n    was {} by {}\n    now {} by {}\n",
        change.was.decision.to_uppercase(),
        change.now.decision.to_uppercase(),
        change.seq,
        change.time,
        change.subject,
        change.action,
        change.resource,
        change.was.reason,
        listed(&change.was),
        change.now.reason,
        listed(&change.now),
    )
}

fn listed(answer: &remit_pdp::replay::Answer) -> String {
    let all: Vec<&str> = answer.rules.iter().chain(&answer.failures).map(String::as_str).collect();
    if all.is_empty() { "no rule".to_owned() } else { all.join(", ") }
}
