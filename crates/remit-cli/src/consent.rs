//! `remit consent`: what a person had agreed to at an instant, from the log of a data directory.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use remit_model::Timestamp;
use remit_pdp::consents::{listed, person};
use remit_pdp::standing::state_at;
use remit_pdp::{Clock, record};

use crate::output;

/// What can be done with consents; giving and withdrawing is for the service.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List those of a person, in the order of granting
    List {
        /// The person, as TYPE:ID
        person: String,
        /// The instant, RFC 3339; now by default
        #[arg(long)]
        at: Option<String>,
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
    let Command::List { person: named, at, data, json } = command;
    let of = person(named).with_context(|| format!("`{named}` is not `TYPE:ID`"))?;
    let at = match at {
        Some(text) => Timestamp::parse(text).with_context(|| format!("`{text}` is not an RFC 3339 time"))?,
        None => Clock::System.now().context("the system clock shows no usable time")?,
    };
    let state = state_at(data, record::time(at)).map_err(anyhow::Error::msg)?;
    let told = listed(&state.consents(&of).unwrap_or_default(), at);
    if *json {
        output::line(&serde_json::to_string_pretty(&told)?);
        return Ok(ExitCode::SUCCESS);
    }
    for it in told.get("consents").and_then(|all| all.as_array()).into_iter().flatten() {
        let text = |member: &str| it.get(member).and_then(|it| it.as_str()).unwrap_or("-");
        let counts = it.get("active").is_some_and(|it| it.as_bool() == Some(true));
        output::line(&format!(
            "{:<8} {}  {} for {}  from {}  until {}  withdrawn {}",
            if counts { "counts" } else { "over" },
            text("id"),
            text("category"),
            text("purpose"),
            text("granted_at"),
            text("expires_at"),
            text("withdrawn_at"),
        ));
    }
    Ok(ExitCode::SUCCESS)
}
