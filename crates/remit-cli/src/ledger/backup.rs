//! `remit ledger backup` and `restore`: checked copies of a log.

use std::path::PathBuf;
use std::process::ExitCode;

use remit_pdp::ledger::{Trust, Verified, copy_log};

use super::{directory, vkeys, vkeys_in};
use crate::output;

/// Arguments of `remit ledger backup`.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// The folder to make
    to: PathBuf,
    /// The data directory of the decision point, which may be running
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// A public key that you know from elsewhere, or a file of them; otherwise the ledger's own word is taken
    #[arg(long)]
    vkey: Vec<String>,
}

/// Arguments of `remit ledger restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// The backup
    from: PathBuf,
    /// The data directory, without a ledger
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// A public key that you know from elsewhere, or a file of them; otherwise the backup's own word is taken
    #[arg(long)]
    vkey: Vec<String>,
}

/// Runs the backup.
pub fn backup(args: &BackupArgs) -> anyhow::Result<ExitCode> {
    copy(&directory(&args.data)?, &args.to, &args.vkey)
}

/// Runs the restoration.
pub fn restore(args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(&args.data)?;
    copy(&args.from, &args.data.join("ledger"), &args.vkey)
}

fn copy(from: &std::path::Path, to: &std::path::Path, vkey: &[String]) -> anyhow::Result<ExitCode> {
    let own = from.join("vkey");
    let keys = match vkey {
        [] if own.is_file() => vkeys_in(&own)?,
        given => vkeys(given)?,
    };
    let Verified { records, signed, .. } = copy_log(from, to, &Trust { keys, heads: Vec::new() })?;
    let signed = signed.unwrap_or(0);
    output::line(&format!("copied and checked: {records} records, {signed} of them under the signed head"));
    Ok(ExitCode::SUCCESS)
}
