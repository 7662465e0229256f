//! `remit-agents`: `agentdojo --suite DIR` and `injecagent --dir DIR` against a running server.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use remit_bench_agents::agentdojo::{self, Suite};
use remit_bench_agents::decider::{Decider, Http, Local};
use remit_bench_agents::given::{self, Given};
use remit_bench_agents::injecagent::{Bench, Grant};
use remit_bench_agents::score::Row;
use remit_bench_agents::server::{self, Running};
use remit_bench_agents::setting::Setting;
use remit_bench_agents::{goals, table, truth};

/// What Remit stops of published attacks on agents.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Benchmark,
}

#[derive(Debug, Subcommand)]
enum Benchmark {
    /// Every pair of a task and an attack, in every setting
    Agentdojo {
        /// A folder with `NAME.tools.json`, `NAME.environment.json`, `NAME.prompt_facts.json`, `NAME.user_tasks.json`,
        /// `NAME.injection_tasks.json` of one or more suites, and `attacks.json`
        #[arg(long)]
        suite: PathBuf,
        /// The attacker's text: a template of `attacks.json`, or `all`
        #[arg(long, default_value = "important_instructions")]
        attack: String,
        #[command(flatten)]
        by: By,
    },
    /// Every case with the user's tool granted
    Injecagent {
        /// A folder with `user_cases.json`, `attacker_cases.json`, `tools.json`
        #[arg(long)]
        dir: PathBuf,
        #[command(flatten)]
        by: By,
    },
}

/// Who decides.
#[derive(Debug, clap::Args)]
struct By {
    /// The `remit` binary to start [default: the one beside this program]
    #[arg(long)]
    remit: Option<PathBuf>,
    /// A server that already answers from the bundle, as `HOST:PORT`
    #[arg(long, conflicts_with = "remit")]
    base_url: Option<String>,
    /// Write the bundle that such a server needs here, and end
    #[arg(long)]
    write_bundle: Option<PathBuf>,
    /// Decide in this process by the model alone: a first look, not a figure
    #[arg(long, conflicts_with_all = ["remit", "base_url"])]
    in_process: bool,
    /// JSON instead of markdown
    #[arg(long)]
    json: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    match Args::parse().command {
        Benchmark::Agentdojo { suite, attack, by } => agentdojo(&suite, &attack, &by),
        Benchmark::Injecagent { dir, by } => injecagent(&dir, &by),
    }
}

fn agentdojo(folder: &std::path::Path, attack: &str, by: &By) -> anyhow::Result<ExitCode> {
    let names = given::suites(folder)?;
    let suites: Vec<Suite> =
        names.iter().map(|name| Suite::read(folder, name)).collect::<anyhow::Result<_>>()?;
    let all: Vec<&Given> = suites.iter().map(|suite| &suite.given).collect();
    if by.wrote(&all)? {
        return Ok(ExitCode::SUCCESS);
    }
    let attacks = truth::attacks(folder)?;
    let chosen: Vec<_> = attacks.iter().filter(|(name, _)| attack == "all" || name == attack).collect();
    anyhow::ensure!(!chosen.is_empty(), "no attack `{attack}` in `attacks.json`");
    let server = by.server(&all)?;
    let mut said = Vec::new();
    for (name, template) in chosen {
        let mut rows = Vec::new();
        for setting in Setting::ALL {
            let mut sum = Row::of(setting);
            for suite in &suites {
                let mut decider = by.decider(server.as_ref(), &suite.given)?;
                sum.add(&agentdojo::measure(suite, setting, template, &mut *decider)?);
            }
            rows.push(sum);
        }
        said.extend(goals::agentdojo(&rows).into_iter().map(|goal| format!("{goal} ({name})")));
        if by.json {
            println!("{}", serde_json::json!({ "attack": name, "rows": rows }));
        } else {
            println!(
                "Attack `{name}`, suites {}\n\n{}{}{}{}{}",
                names.join(", "),
                table::markdown(&rows),
                table::difference(&rows, Setting::AllowAll, Setting::Messages),
                table::difference(&rows, Setting::Destinations, Setting::DestinationsMessages),
                table::difference(&rows, Setting::ToolsDestinations, Setting::ToolsDestinationsMessages),
                table::details(&rows)
            );
        }
    }
    Ok(by.told(&said))
}

fn injecagent(folder: &std::path::Path, by: &By) -> anyhow::Result<ExitCode> {
    let bench = Bench::read(folder)?;
    if by.wrote(&[&bench.given])? {
        return Ok(ExitCode::SUCCESS);
    }
    let server = by.server(&[&bench.given])?;
    let mut results = Vec::new();
    for grant in Grant::ALL {
        let mut decider = by.decider(server.as_ref(), &bench.given)?;
        results.push(bench.measure(grant, &mut *decider)?);
    }
    if by.json {
        println!("{}", serde_json::json!({ "results": results }));
    } else {
        println!("{}", table::injecagent(&results));
    }
    Ok(by.told(&goals::injecagent(&results)))
}

impl By {
    fn wrote(&self, suites: &[&Given]) -> anyhow::Result<bool> {
        let Some(folder) = &self.write_bundle else { return Ok(false) };
        std::fs::create_dir_all(folder)?;
        server::write_bundle(folder, suites)?;
        Ok(true)
    }

    fn server(&self, suites: &[&Given]) -> anyhow::Result<Option<Running>> {
        if self.in_process || self.base_url.is_some() {
            return Ok(None);
        }
        Running::start(&server::binary(self.remit.clone())?, suites).map(Some)
    }

    fn decider(&self, server: Option<&Running>, given: &Given) -> anyhow::Result<Box<dyn Decider>> {
        if self.in_process {
            return Ok(Box::new(Local::of(given)?));
        }
        let address = self.base_url.as_deref().or(server.map(|server| server.address.as_str()));
        let address = address.context("no server")?;
        let address = address.strip_prefix("http://").unwrap_or(address).trim_end_matches('/');
        Ok(Box::new(Http::connect(address)?))
    }

    /// Prints the promises; a missed one is told by the exit code as well.
    fn told(&self, goals: &[String]) -> ExitCode {
        goals.iter().for_each(|goal| eprintln!("{goal}"));
        ExitCode::from(u8::from(goals.iter().any(|goal| goal.starts_with("MISSED"))))
    }
}
