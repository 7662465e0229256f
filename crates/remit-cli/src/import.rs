//! `remit import`: policies of other systems, translated; what cannot be carried over is reported with its place.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};
use remit_import::{Imported, Source};

use crate::output;

/// Where policies come from.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A board policy (YAML) and rule lists of Genie
    Genie(Args),
    /// KBAC policies (JSON) of IndyKite
    Kbac {
        #[command(flatten)]
        args: Args,
        /// Graph documents, which tell the types that patterns pass
        #[arg(long)]
        graph: Vec<PathBuf>,
    },
}

/// Arguments of both.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The folder to write the policies into; standard output by default
    #[arg(long)]
    out: Option<PathBuf>,
    /// The package the policies become [default: genie or kbac]
    #[arg(long)]
    package: Option<String>,
    /// How to write the report, on standard error
    #[arg(long, value_enum, default_value_t = Format::Table)]
    report: Format,
}

/// Renderings of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// One JSON document
    Json,
}

/// Runs the subcommand: exit code 0 when everything was carried over, 1 when something was refused.
pub fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Genie(args) => {
            let texts = read(&args.files)?;
            written(args, &remit_import::genie(&sources(&texts), package(args, "genie")?))
        }
        Command::Kbac { args, graph } => {
            let (texts, documents) = (read(&args.files)?, read(graph)?);
            written(args, &remit_import::kbac(&sources(&texts), &sources(&documents), package(args, "kbac")?))
        }
    }
}

fn package<'a>(args: &'a Args, usual: &'a str) -> anyhow::Result<&'a str> {
    let name = args.package.as_deref().unwrap_or(usual);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    anyhow::ensure!(
        begins && name.chars().all(plain),
        "`{name}` is no name of a package: letters a to z, digits, `_`"
    );
    Ok(name)
}

fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<(String, String)>> {
    let one = |path: &PathBuf| {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        Ok((path.display().to_string(), text))
    };
    paths.iter().map(one).collect()
}

fn sources(texts: &[(String, String)]) -> Vec<Source<'_>> {
    texts.iter().map(|(name, text)| Source { name, text }).collect()
}

fn written(args: &Args, imported: &Imported) -> anyhow::Result<ExitCode> {
    for file in &imported.files {
        match &args.out {
            Some(folder) => write(folder, &file.name, &file.text)?,
            None => output::line(&format!("// {}\n{}", file.name, file.text.trim_end())),
        }
    }
    output::note(&match args.report {
        Format::Table => imported.report.table(),
        Format::Json => serde_json::to_string_pretty(&imported.report)?,
    });
    Ok(ExitCode::from(u8::from(imported.report.refuses())))
}

/// Writes a file that is not there yet: what was edited after an import is never lost to the next.
fn write(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    let path = folder.join(name);
    anyhow::ensure!(!path.exists(), "`{}` is there already and is not replaced", path.display());
    std::fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    output::note(&format!("{} written", path.display()));
    Ok(())
}
