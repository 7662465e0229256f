//! `remit ledger …`: what can be done with a ledger beside running it.

mod backup;
mod export;
mod keys;
mod prune;
mod verify;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use remit_pdp::ledger::Vkey;

pub use export::{CheckArgs, ExportArgs, check};

/// What can be done with a ledger.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check every record, its place, the chain and the signed head; exit code 1 and the first fault when damaged
    Verify(verify::Args),
    /// Write records with the proof that they are in the signed log and none is left out
    Export(ExportArgs),
    /// Copy a ledger, while its service runs, and check the copy
    Backup(backup::BackupArgs),
    /// Put a copy in the place of a ledger that is lost; one older than the last signed head will not start
    Restore(backup::RestoreArgs),
    /// Drop old records; shows what would go, and does it with `--yes --why TEXT`
    Prune(prune::Args),
    /// Make, show, rotate and retire the key that signs the heads
    #[command(subcommand)]
    Key(keys::Command),
}

/// Runs the subcommand.
pub fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Verify(args) => verify::run(args),
        Command::Export(args) => export::run(args),
        Command::Backup(args) => backup::backup(args),
        Command::Restore(args) => backup::restore(args),
        Command::Prune(args) => prune::run(args),
        Command::Key(command) => keys::run(command),
    }
}

/// The directory of the ledger in a data directory, or that directory itself.
fn directory(data: &Path) -> anyhow::Result<PathBuf> {
    let dir = if data.join("ledger").is_dir() { data.join("ledger") } else { data.to_owned() };
    anyhow::ensure!(dir.is_dir(), "there is no ledger in `{}`", data.display());
    Ok(dir)
}

/// Public keys given as text or as files of such texts.
fn vkeys(given: &[String]) -> anyhow::Result<Vec<Vkey>> {
    let mut keys = Vec::new();
    for text in given {
        if let Ok(key) = Vkey::parse(text) {
            keys.push(key);
            continue;
        }
        keys.extend(vkeys_in(Path::new(text))?);
    }
    Ok(keys)
}

fn vkeys_in(path: &Path) -> anyhow::Result<Vec<Vkey>> {
    let lines = std::fs::read_to_string(path)
        .with_context(|| format!("`{}` is neither a public key nor a file of them", path.display()))?;
    let bad = || format!("`{}` holds something else than public keys", path.display());
    lines.lines().map(|line| Vkey::parse(line).with_context(bad)).collect()
}
