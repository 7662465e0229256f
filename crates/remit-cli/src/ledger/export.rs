//! `remit ledger export` and `remit verify`: records that leave the house, and their check without us.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use remit_pdp::ledger::{
    ExportFault, Exported, Keys, LeafHash, Trust, export, pruned, verify_export, verify_with,
};
use serde_json::json;

use super::{directory, vkeys, vkeys_in};
use crate::output;

/// Arguments of `remit ledger export`.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// The folder to make
    to: PathBuf,
    /// The first record; by default the first that is there
    #[arg(long)]
    from: Option<u64>,
    /// The last record; by default the last one under a signed head
    #[arg(long)]
    until: Option<u64>,
    /// The data directory of the decision point, which may be running
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// The file of the key that signs [default: ledger.key in the data directory]
    #[arg(long)]
    key: Option<PathBuf>,
}

/// Arguments of `remit verify`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// The export
    export: PathBuf,
    /// A public key that you know from elsewhere, or a file of them; otherwise the export's own word is taken
    #[arg(long)]
    vkey: Vec<String>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Runs the export.
pub fn run(args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let dir = directory(&args.data)?;
    let keys = Keys::read(&args.key.clone().unwrap_or_else(|| args.data.join("ledger.key")))?;
    let until = match args.until {
        Some(last) => last,
        None => signed(&dir, &keys)?,
    };
    let from = match args.from {
        Some(first) => first,
        None => pruned(&dir)?.map_or(0, |it| it.first),
    };
    let exported = export(&dir, from..=until, &keys, &args.to)?;
    output::line(&told(&exported));
    Ok(ExitCode::SUCCESS)
}

/// The last record under the signed head.
fn signed(dir: &Path, keys: &Keys) -> anyhow::Result<u64> {
    let verified = verify_with(dir, &Trust { keys: keys.vkeys(), heads: Vec::new() })?;
    let last = verified.signed.and_then(|size| size.checked_sub(1));
    last.ok_or_else(|| anyhow::anyhow!("the ledger has no signed head yet"))
}

fn told(exported: &Exported) -> String {
    format!(
        "records {} to {} of `{}`, under its head of {} records with root {}",
        exported.first,
        exported.last,
        exported.origin,
        exported.size,
        LeafHash(exported.root)
    )
}

/// Runs `remit verify`.
pub fn check(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(args.export.is_dir(), "there is no export in `{}`", args.export.display());
    let pinned = !args.vkey.is_empty();
    let keys = if pinned { vkeys(&args.vkey)? } else { vkeys_in(&args.export.join("vkey"))? };
    let outcome = verify_export(&args.export, &keys);
    let line = match (&outcome, args.json) {
        (Ok(exported), false) => {
            let whose = if pinned { "a key you know" } else { "the key in the export itself" };
            format!("valid: {}, signed by {whose}", told(exported))
        }
        (Ok(exported), true) => json!({
            "valid": true,
            "origin": exported.origin,
            "first": exported.first,
            "last": exported.last,
            "size": exported.size,
            "root": LeafHash(exported.root).to_string(),
            "key_pinned": pinned,
        })
        .to_string(),
        (Err(fault), false) => format!("DAMAGED: {fault}"),
        (Err(fault), true) => {
            json!({ "valid": false, "seq": ExportFault::index(fault), "fault": fault.to_string() })
                .to_string()
        }
    };
    output::line(&line);
    Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
