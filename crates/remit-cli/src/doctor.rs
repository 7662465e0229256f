//! `remit doctor`: what is wrong with an installation, and what to do about it. Looks at everything `remit serve` would use
//! with the same arguments; changes nothing.

mod finding;
mod log;
mod network;
mod place;
mod policies;
mod settings;
mod system;
mod tls;

use std::process::ExitCode;

use serde::Serialize;

use crate::{output, serve};
use finding::{Finding, Level};

/// Arguments of `remit doctor`: those of `remit serve`, and how to report.
// WHY: both structures have the same name, and a group of arguments has the name of its structure.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Args {
    #[command(flatten)]
    serve: serve::Args,
    /// Ask nobody outside: issuers are not tried
    #[arg(long)]
    offline: bool,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// What was found, as JSON.
#[derive(Serialize)]
struct Report<'a> {
    version: &'static str,
    worst: Level,
    findings: &'a [Finding],
}

/// Runs the subcommand: exit code 0 all is well, 1 there are warnings, 2 `remit serve` would fail or decide wrongly.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let findings = look(args)?;
    let worst = findings.iter().map(|it| it.level).max().unwrap_or(Level::Ok);
    if args.json {
        let report = Report { version: env!("CARGO_PKG_VERSION"), worst, findings: &findings };
        output::line(&serde_json::to_string_pretty(&report)?);
    } else {
        for finding in &findings {
            output::line(&finding.to_string());
        }
        output::line(&summary(&findings));
    }
    Ok(ExitCode::from(worst as u8))
}

fn look(args: &Args) -> anyhow::Result<Vec<Finding>> {
    let mut findings = vec![system::clock()];
    let config = match args.serve.read() {
        Ok((config, _)) => config,
        Err(error) => {
            findings.push(settings::refused(args.serve.config_file(), &error));
            return Ok(findings);
        }
    };
    findings.extend(settings::look(args.serve.config_file(), &config));
    findings.push(system::files(&config));
    findings.extend(policies::look(&config));
    findings.extend(place::look(&config));
    findings.extend(log::look(&config));
    findings.extend(tls::look(&config));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    findings.push(network::listener(&config, log::is_held(&config)));
    if args.offline {
        findings.push(Finding::ok("issuers", "not tried (`--offline`)"));
    } else {
        findings.extend(runtime.block_on(network::issuers(&config)));
    }
    Ok(findings)
}

fn summary(findings: &[Finding]) -> String {
    let count = |level| findings.iter().filter(|it| it.level == level).count();
    format!("{} ok, {} to look at, {} to repair", count(Level::Ok), count(Level::Warn), count(Level::Fail))
}
