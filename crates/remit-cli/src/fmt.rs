//! `remit fmt`: policy files in their canonical form, comments kept.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use remit_lang::diagnostic::{has_errors, render};

use crate::{check, output};

/// Arguments of `remit fmt`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Policy files, or folders that hold them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Change nothing; list the files that are not in canonical form and fail if there are any
    #[arg(long)]
    check: bool,
}

/// Runs the subcommand: exit code 0 done, 1 a file would change (with `--check`) or does not parse.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut files = Vec::new();
    for path in &args.paths {
        collect(path, &mut files)?;
    }
    files.sort();
    let sources = check::read(&files)?;
    let mut failed = false;
    for ((id, file), path) in sources.iter().zip(&files) {
        let (tree, diagnostics) = remit_lang::parse(id, &sources);
        if has_errors(&diagnostics) {
            output::line(render::terminal(&diagnostics, &sources, output::colour()).trim_end());
            failed = true;
            continue;
        }
        let formatted = remit_lang::format(&tree);
        if formatted == file.text {
            continue;
        }
        if args.check {
            output::line(&format!("{} is not in canonical form", path.display()));
            failed = true;
        } else {
            write(path, &formatted)?;
            output::line(&format!("{} formatted", path.display()));
        }
    }
    Ok(ExitCode::from(u8::from(failed)))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).with_context(|| format!("cannot read `{}`", path.display()))? {
        let path = entry?.path();
        if path.is_dir() || path.extension().is_some_and(|end| end == "ibac") {
            collect(&path, files)?;
        }
    }
    Ok(())
}

/// Replaces the file whole, so that a crash leaves the old or the new text.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let temporary = path.with_extension("ibac.tmp");
    std::fs::write(&temporary, text).with_context(|| format!("cannot write `{}`", temporary.display()))?;
    std::fs::rename(&temporary, path).with_context(|| format!("cannot replace `{}`", path.display()))
}
