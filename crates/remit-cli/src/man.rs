//! `remit man`: the manual pages, made from the command line itself.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap_mangen::Man;

use crate::output;

/// Arguments of `remit man`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A folder for one page of each command; without it the page of `remit` goes to standard output
    dir: Option<PathBuf>,
}

/// Writes them.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let whole = crate::command_line();
    let Some(dir) = &args.dir else {
        let mut page = Vec::new();
        Man::new(whole).render(&mut page)?;
        std::io::stdout().lock().write_all(&page)?;
        return Ok(ExitCode::SUCCESS);
    };
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make `{}`", dir.display()))?;
    clap_mangen::generate_to(whole, dir).with_context(|| format!("cannot write into `{}`", dir.display()))?;
    output::note(&format!("manual pages are in `{}`", dir.display()));
    Ok(ExitCode::SUCCESS)
}
