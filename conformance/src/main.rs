//! Command line of the runner: which decision point, which levels, which form of report.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};
use remit_conformance::{
    Kind, Level, Options, Report, Target, run, run_hostile, run_signatures, run_tokens, run_vectors,
};

/// Asks an AuthZEN 1.0 decision point everything the certification asks.
#[derive(Parser)]
#[command(name = "remit-conformance", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    levels: LevelArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Compare answers with a file of vectors
    Vectors(VectorArgs),
    /// Verify the tokens of a file with our own verifier
    Tokens(FileArgs),
    /// Check the signatures of a file in the format of Wycheproof with our own verifier
    Jws(FileArgs),
    /// Send hostile requests over raw sockets to a decision point on a loopback address
    Hostile(HostileArgs),
}

#[derive(Args)]
struct LevelArgs {
    /// Base URL of the decision point, as its metadata names it
    base_url: Option<String>,
    /// What to test
    #[arg(long, value_enum, default_value = "all")]
    level: LevelArg,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
struct VectorArgs {
    /// JSON file with `request` and `expected` pairs
    file: PathBuf,
    /// Base URL of the decision point
    base_url: String,
    /// What the requests ask, if their shape does not tell
    #[arg(long, value_enum)]
    kind: Option<KindArg>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
struct HostileArgs {
    /// Address and port of the decision point, which must speak plain HTTP
    address: std::net::SocketAddr,
    /// JSON file with a question that it answers with yes
    question: PathBuf,
    /// API key to send
    #[arg(long, env = "REMIT_CONFORMANCE_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

#[derive(Args)]
struct FileArgs {
    /// JSON file of tokens (`cases`) or of signatures (`testGroups`); its shape tells which
    file: PathBuf,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Connection {
    /// Bearer token to send
    #[arg(long, env = "REMIT_CONFORMANCE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// PEM file of the authorities to trust instead of the system's
    #[arg(long)]
    ca: Option<PathBuf>,
    /// Permit plain http to a loopback address
    #[arg(long)]
    insecure_http: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum LevelArg {
    Basic,
    Batch,
    Search,
    Discovery,
    All,
}

#[derive(Clone, Copy, ValueEnum)]
enum KindArg {
    Evaluation,
    Evaluations,
    SubjectSearch,
    ResourceSearch,
    ActionSearch,
}

impl LevelArg {
    fn levels(self) -> &'static [Level] {
        match self {
            Self::Basic => &[Level::BasicCore, Level::BasicProperties],
            Self::Batch => &[Level::BatchCore, Level::BatchProperties],
            Self::Search => &[Level::SearchCore, Level::SearchProperties],
            Self::Discovery => &[Level::Discovery],
            Self::All => &Level::ALL,
        }
    }
}

impl From<KindArg> for Kind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Evaluation => Self::Evaluation,
            KindArg::Evaluations => Self::Evaluations,
            KindArg::SubjectSearch => Self::Subject,
            KindArg::ResourceSearch => Self::Resource,
            KindArg::ActionSearch => Self::Action,
        }
    }
}

impl Connection {
    fn options(&self) -> Options {
        Options { token: self.token.clone(), ca: self.ca.clone(), insecure_http: self.insecure_http }
    }
}

/// 0 when everything held, 1 when something did not, 2 when nothing could be asked.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let told = match cli.command {
        Some(Command::Vectors(args)) => with_vectors(&args).await,
        Some(Command::Tokens(args) | Command::Jws(args)) => with_file(&args).await,
        Some(Command::Hostile(args)) => return with_hostile(args).await,
        None => with_levels(&cli.levels).await,
    };
    match told {
        Ok(report) if report.failed == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("error: {fault:#}");
            ExitCode::from(2)
        }
    }
}

async fn with_levels(args: &LevelArgs) -> Result<Report> {
    let base = args.base_url.as_deref().ok_or_else(|| anyhow::anyhow!("the base URL is missing"))?;
    let report = run(base, &args.connection.options(), args.level.levels()).await?;
    print(&report, args.connection.json)?;
    Ok(report)
}

async fn with_vectors(args: &VectorArgs) -> Result<Report> {
    let options = args.connection.options();
    let report = run_vectors(&args.file, &args.base_url, &options, args.kind.map(Kind::from)).await?;
    print(&report, args.connection.json)?;
    Ok(report)
}

async fn with_file(args: &FileArgs) -> Result<Report> {
    let text = std::fs::read(&args.file)?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let report = match run_signatures(&name, &text)? {
        Some(report) => report,
        None => run_tokens(&name, &text).await?,
    };
    print(&report, args.json)?;
    Ok(report)
}

/// 0 when every case came out as it must.
async fn with_hostile(args: HostileArgs) -> ExitCode {
    let asked = tokio::task::spawn_blocking(move || {
        anyhow::ensure!(args.address.ip().is_loopback(), "hostile requests go to loopback addresses only");
        let question = serde_json::from_slice(&std::fs::read(&args.question)?)?;
        Ok(run_hostile(&Target { address: args.address, key: args.token, question }))
    });
    match asked.await.map_err(anyhow::Error::from).and_then(|asked| asked) {
        Ok(summary) => {
            println!("{summary}");
            if summary.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(fault) => {
            eprintln!("error: {fault:#}");
            ExitCode::from(2)
        }
    }
}

fn print(report: &Report, as_json: bool) -> Result<()> {
    if as_json {
        println!("{}", serde_json::to_string_pretty(report)?);
    } else {
        println!("{report}");
    }
    Ok(())
}
