//! `remit key`: a fresh API key, and the entry with its digest that a configuration holds.

use std::process::ExitCode;

use remit_pdp::Timestamp;
use remit_server::keyring::NewKey;

use crate::output;

/// Arguments of `remit key`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// From when on the key is good, RFC 3339; from now on when it is left out
    #[arg(long, value_name = "TIME", value_parser = time)]
    not_before: Option<String>,
    /// When the key ceases to be good, RFC 3339; never when it is left out
    #[arg(long, value_name = "TIME", value_parser = time)]
    expires_at: Option<String>,
}

/// Prints a key, and its entry for `peps.keys`. The key is not kept anywhere.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let made = NewKey::generate()?;
    let member = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!(", {name} = \"{value}\"")).unwrap_or_default()
    };
    let times = member("not_before", &args.not_before) + &member("expires_at", &args.expires_at);
    output::line(&format!("key        {}", made.key));
    output::line(&format!("key_sha256 {}", made.sha256));
    output::line(&format!("entry      {{ sha256 = \"{}\"{times} }}", made.sha256));
    Ok(ExitCode::SUCCESS)
}

fn time(text: &str) -> Result<String, &'static str> {
    match Timestamp::parse(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("expected an RFC 3339 time such as 2026-06-01T00:00:00Z"),
    }
}
