//! `remit incident`: lists incidents, and writes the file of one for people outside.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use remit_pdp::dossier;
use remit_pdp::ledger::Keys;

use crate::output;

/// What can be done with incidents.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List them, the oldest first
    List {
        /// The data directory of the decision point, which may be running
        #[arg(long, default_value = "data")]
        data: PathBuf,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Write the form, the records with their proofs and the policies of the time into a new folder
    Bundle {
        /// The incident
        id: String,
        /// The folder to make
        to: PathBuf,
        /// The data directory of the decision point, which may be running
        #[arg(long, default_value = "data")]
        data: PathBuf,
        /// The file of the key that signs [default: ledger.key in the data directory]
        #[arg(long)]
        key: Option<PathBuf>,
    },
}

/// Runs the subcommand.
pub fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List { data, json } => {
            let all = dossier::incidents(data).map_err(anyhow::Error::msg)?;
            if *json {
                output::line(&serde_json::to_string_pretty(&all)?);
                return Ok(ExitCode::SUCCESS);
            }
            for it in &all {
                let text = |member: &str| it.get(member).and_then(|it| it.as_str()).unwrap_or("-");
                output::line(&format!(
                    "{}  {:<13} {:<8} disclosure {:<5} {}  {}: {}",
                    text("time"),
                    text("grade"),
                    text("status"),
                    text("disclosure"),
                    text("id"),
                    text("failure_mode"),
                    text("description"),
                ));
            }
        }
        Command::Bundle { id, to, data, key } => {
            let keys = Keys::read(&key.clone().unwrap_or_else(|| data.join("ledger.key")))?;
            let written = dossier::write(data, id, &keys, to).map_err(anyhow::Error::msg)?;
            for (first, last) in &written.runs {
                output::line(&format!("remit verify {}/records-{first}-{last}", to.display()));
            }
            if !written.policies {
                output::note("the policies of the time are not in the archive any more");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
