//! `remit ledger verify`: reads every record and says whether the log is whole.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use remit_pdp::ledger::{self, Trust};
use serde_json::json;

use super::{directory, vkeys, vkeys_in};
use crate::output;

/// Arguments of `remit ledger verify`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The data directory of the decision point
    #[arg(default_value = "data")]
    data: PathBuf,
    /// A public key that auditors know from elsewhere, or a file of them; otherwise the directory's own word is taken
    #[arg(long)]
    vkey: Vec<String>,
    /// A signed head that was kept elsewhere: the log must have it
    #[arg(long)]
    head: Vec<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let dir = directory(&args.data)?;
    let pinned = !args.vkey.is_empty();
    let own = dir.join("vkey");
    let keys = match pinned {
        true => vkeys(&args.vkey)?,
        false if own.is_file() => vkeys_in(&own)?,
        false => Vec::new(),
    };
    let read = |path: &PathBuf| {
        std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
    };
    let heads = args.head.iter().map(read).collect::<anyhow::Result<Vec<String>>>()?;
    match ledger::verify_with(&dir, &Trust { keys, heads }) {
        Ok(verified) => {
            let root = ledger::LeafHash(verified.root).to_string();
            if args.json {
                let report = json!({
                    "valid": true,
                    "records": verified.records,
                    "first": verified.first,
                    "segments": verified.segments,
                    "head_hash": verified.head_hash.to_string(),
                    "root": root,
                    "signed": verified.signed,
                    "key_pinned": pinned,
                    "erased": verified.erased,
                });
                output::line(&report.to_string());
            } else {
                let signed = match verified.signed {
                    Some(size) if pinned => format!("; {size} of them under a head signed by a key you know"),
                    Some(size) => {
                        format!("; {size} of them under a signed head (key from the directory itself)")
                    }
                    None => String::from("; no head is signed"),
                };
                let dropped = match verified.first {
                    0 => String::new(),
                    first => format!("; those before record {first} were dropped, their hashes are whole"),
                };
                output::line(&format!(
                    "valid: {} records in {} segments, head {}{signed}{dropped}",
                    verified.records, verified.segments, verified.head_hash
                ));
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            if args.json {
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
