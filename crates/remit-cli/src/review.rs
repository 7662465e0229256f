//! `remit review`: records that a person certified who may do what, and shows which reviews are due.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use remit_pdp::Clock;
use remit_pdp::ledger::Reading;
use remit_pdp::reviews::latest;
use serde_json::Value;

use crate::ask::elsewhere::Elsewhere;
use crate::output;

/// What can be done with reviews.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Record one at a running decision point
    Add {
        /// The review as JSON: `scope`, `reviewer`, `head`, and rows in `kept`, `revoked`, `questioned`
        file: PathBuf,
        /// The address of the decision point
        #[arg(long)]
        url: String,
        /// Its API key, better given as `REMIT_API_KEY`
        #[arg(long)]
        token: Option<String>,
        /// Certificates to trust instead of those of the system, in PEM
        #[arg(long)]
        ca: Option<PathBuf>,
    },
    /// Show the last review of each scope, those that are overdue first; exit code 1 when one is
    List {
        /// Only those that are overdue
        #[arg(long)]
        overdue: bool,
        /// The data directory of the decision point, which may be running
        #[arg(long, default_value = "data")]
        data: PathBuf,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the subcommand.
pub fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Add { file, url, token, ca } => {
            let text = std::fs::read_to_string(file).with_context(|| format!("`{}`", file.display()))?;
            let review: Value =
                serde_json::from_str(&text).with_context(|| format!("`{}` is not JSON", file.display()))?;
            let key = token.clone().or_else(|| std::env::var("REMIT_API_KEY").ok());
            let recorded: Value = Elsewhere::new(url, key, ca.as_deref())?.tell(&["reviews"], &review)?;
            output::line(&serde_json::to_string_pretty(&recorded)?);
            Ok(ExitCode::SUCCESS)
        }
        Command::List { overdue, data, json } => {
            let log = data.join("ledger");
            let log = if log.is_dir() { log } else { data.clone() };
            let log = Reading::open(&log).with_context(|| format!("`{}` cannot be read", log.display()))?;
            let now = Clock::System.now().context("the system clock shows no usable time")?;
            let mut reviews = latest(&log, now)?;
            reviews.retain(|it| it.overdue || !overdue);
            if *json {
                output::line(&serde_json::to_string_pretty(&serde_json::json!({ "reviews": reviews }))?);
            } else {
                for it in &reviews {
                    output::line(&format!(
                        "{:<7}  {}  by {} at {}  kept {} revoked {} questioned {}  due {}",
                        if it.overdue { "overdue" } else { "current" },
                        it.scope,
                        it.reviewer,
                        it.time,
                        it.kept,
                        it.revoked,
                        it.questioned,
                        it.due.as_deref().unwrap_or("-"),
                    ));
                }
            }
            let late = reviews.iter().any(|it| it.overdue);
            Ok(if late { ExitCode::from(1) } else { ExitCode::SUCCESS })
        }
    }
}
