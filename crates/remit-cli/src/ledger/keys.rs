//! `remit ledger key …`: the file of the key that signs the heads.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use remit_pdp::ledger::Keys;

use crate::output;

/// What can be done with a key file.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a file with a new key, readable by its owner alone; prints the public key for auditors
    New {
        /// The name of the log: best a URL without scheme that is yours
        #[arg(long)]
        origin: String,
        /// The file, which must not exist
        file: PathBuf,
    },
    /// Print the public keys
    Show {
        /// The file
        file: PathBuf,
    },
    /// Put a new key in front; the old one goes on signing until it is retired. Takes effect at the next start
    Rotate {
        /// The file
        file: PathBuf,
    },
    /// Take a key out. Takes effect at the next start
    Retire {
        /// The file
        file: PathBuf,
        /// The eight digits in the middle of its public key
        id: String,
    },
}

/// Runs it.
pub fn run(command: &Command) -> anyhow::Result<ExitCode> {
    let keys = match command {
        Command::New { origin, file } => Keys::create(file, origin)?,
        Command::Show { file } => Keys::read(file)?,
        Command::Rotate { file } => Keys::rotate(file)?,
        Command::Retire { file, id } => Keys::retire(file, id)?,
    };
    for key in keys.vkeys() {
        output::line(&key.to_string());
    }
    Ok(ExitCode::SUCCESS)
}
