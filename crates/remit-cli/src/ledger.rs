//! `remit ledger verify`: reads every record and says whether the log is whole.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use remit_pdp::ledger;
use serde_json::json;

use crate::output;

/// What can be done with a ledger.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check every record, its place and the chain; exit code 1 and the first fault when damaged
    Verify {
        /// The data directory of the decision point
        #[arg(default_value = "data")]
        data: PathBuf,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the subcommand.
pub fn run(command: &Command) -> anyhow::Result<ExitCode> {
    let Command::Verify { data, json } = command;
    let dir = if data.join("ledger").is_dir() { data.join("ledger") } else { data.clone() };
    anyhow::ensure!(dir.is_dir(), "there is no ledger in `{}`", data.display());
    match ledger::verify(&dir) {
        Ok(verified) => {
            if *json {
                let report = json!({
                    "valid": true,
                    "records": verified.records,
                    "segments": verified.segments,
                    "head_hash": verified.head_hash.to_string(),
                });
                output::line(&report.to_string());
            } else {
                output::line(&format!(
                    "valid: {} records in {} segments, head {}",
                    verified.records, verified.segments, verified.head_hash
                ));
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            if *json {
                let report = json!({
                    "valid": false,
                    "file": fault.file,
                    "offset": fault.offset,
                    "seq": fault.seq,
                    "fault": fault.kind.to_string(),
                });
                output::line(&report.to_string());
            } else {
                output::line(&format!("DAMAGED: {fault}"));
            }
            Ok(ExitCode::from(1))
        }
    }
}
