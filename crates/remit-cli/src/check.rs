//! `remit check`: every error and warning of a bundle or of single policy files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::ValueEnum;
use remit_lang::diagnostic::{Diagnostic, has_errors, render};
use remit_lang::source::Sources;
use remit_pdp::bundle::{self, BundleError, Purpose};

use crate::output;

/// Arguments of `remit check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A bundle folder, or policy files
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// How to write what was found
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    /// Warnings fail too
    #[arg(long)]
    strict: bool,
}

/// Renderings of diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Terminal,
    /// One JSON document
    Json,
    /// SARIF 2.1.0
    Sarif,
}

/// Runs the subcommand: exit code 0 clean, 1 refused.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (sources, diagnostics, graph) = match args.paths.as_slice() {
        [dir] if dir.is_dir() => whole(dir)?,
        files => {
            let sources = read(files)?;
            let diagnostics = match remit_lang::compile(&sources) {
                Ok((_, warnings)) => warnings,
                Err(diagnostics) => diagnostics,
            };
            (sources, diagnostics, None)
        }
    };
    let text = match args.format {
        Format::Terminal => render::terminal(&diagnostics, &sources, output::colour()),
        Format::Json => render::json(&diagnostics, &sources),
        Format::Sarif => render::sarif(&diagnostics, &sources),
    };
    if !text.is_empty() {
        output::line(text.trim_end());
    }
    if let Some(graph) = &graph {
        output::note(graph);
    }
    let refused = graph.is_some() || has_errors(&diagnostics) || (args.strict && !diagnostics.is_empty());
    if args.format == Format::Terminal && !refused {
        let warnings = diagnostics.len();
        output::line(&format!("ok: {} files, {warnings} warnings", sources.iter().count()));
    }
    Ok(ExitCode::from(u8::from(refused)))
}

/// A bundle: policies, tests and graph.
fn whole(dir: &Path) -> anyhow::Result<(Sources, Vec<Diagnostic>, Option<String>)> {
    match bundle::load(dir, Purpose::Test) {
        Ok(bundle) => Ok((bundle.sources, bundle.warnings, None)),
        Err(BundleError::Policies { diagnostics, sources }) => Ok((*sources, diagnostics, None)),
        Err(error @ BundleError::Graph { .. }) => {
            Ok((bundle::policy_texts(dir, Purpose::Test)?, Vec::new(), Some(error.to_string())))
        }
        Err(other) => Err(other.into()),
    }
}

/// Single files, in the order given.
pub fn read(files: &[PathBuf]) -> anyhow::Result<Sources> {
    let mut sources = Sources::default();
    for path in files {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        sources.add(path.display().to_string(), text);
    }
    Ok(sources)
}
