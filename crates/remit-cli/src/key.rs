//! `remit key`: a fresh API key, and the digest of it that a configuration holds.

use std::process::ExitCode;

use remit_server::keyring::NewKey;

use crate::output;

/// Prints a key and its digest. The key is not kept anywhere.
pub fn run() -> anyhow::Result<ExitCode> {
    let made = NewKey::generate()?;
    output::line(&format!("key        {}", made.key));
    output::line(&format!("key_sha256 {}", made.sha256));
    Ok(ExitCode::SUCCESS)
}
