//! `remit completions`: what a shell needs to complete the command line, made from the command line itself.

use std::io::Write as _;
use std::process::ExitCode;

use clap_complete::Shell;

/// Arguments of `remit completions`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Writes them.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut crate::command_line(), "remit", &mut text);
    std::io::stdout().lock().write_all(&text)?;
    Ok(ExitCode::SUCCESS)
}
