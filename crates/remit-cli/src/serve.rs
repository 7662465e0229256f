//! `remit serve`: configuration, decision point, listener, in this order; stops cleanly on SIGTERM and SIGINT.

mod ready;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::ValueEnum;
use remit_pdp::ledger::{self, AppendError, LedgerError};
use remit_pdp::{Options, Pdp, StartError};
use remit_server::config::{
    Config, Detail, Durability, LogFormat, LogOverrides, Overrides, PepEntry, Shadow,
};
use remit_server::outbound::Outbound;
use remit_server::serve::ServeError;
use remit_server::{files, keyring, logging, serve};

use crate::{hardening, output};

/// Exit code of what may pass by itself: a taken address, a held ledger, a full disk, a write that failed.
const MAY_PASS: u8 = 3;

/// What `remit serve` and `remit doctor` take. What is not given comes from the configuration file, `REMIT_…` variables, or the defaults.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A TOML configuration file
    #[arg(long, env = "REMIT_CONFIG")]
    config: Option<PathBuf>,
    /// Folder with policies and graph [default: policies/starter]
    #[arg(long)]
    bundle: Option<PathBuf>,
    /// Folder with a candidate that decides in the shadow: what it would answer otherwise is recorded, never answered
    #[arg(long)]
    shadow: Option<PathBuf>,
    /// Address and port [default: 127.0.0.1:8181]
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Folder of the ledger [default: data]
    #[arg(long)]
    data: Option<PathBuf>,
    /// The URL by which callers know this decision point
    #[arg(long)]
    public_url: Option<String>,
    /// Answer without credentials; loopback listeners only
    #[arg(long)]
    insecure_loopback: bool,
    /// When an answer may leave
    #[arg(long, value_enum)]
    durability: Option<DurabilityArg>,
    /// Form of the log lines
    #[arg(long, value_enum)]
    log_format: Option<LogFormatArg>,
    /// Level or filter of the log
    #[arg(long)]
    log_level: Option<String>,
}

impl Args {
    /// The configuration that these arguments lead to, checked as a whole, and the key that was lent when nobody may ask.
    pub fn read(&self) -> anyhow::Result<(Config, Option<String>)> {
        let mut config = Config::read(self.config.as_deref(), &overrides(self))?;
        let made_key = lend_a_key(&mut config)?;
        config.check()?;
        Ok((config, made_key))
    }

    /// The configuration file, where one is given.
    pub fn config_file(&self) -> Option<&Path> {
        self.config.as_deref()
    }
}

/// Arguments of `remit serve` alone.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    #[command(flatten)]
    common: Args,
    /// Read and check the configuration, say so, and stop
    #[arg(long)]
    check_config: bool,
}

/// `--durability`
#[derive(Debug, Clone, Copy, ValueEnum)]
enum DurabilityArg {
    /// Once its record is on disk
    Strict,
    /// Once the operating system has its record
    Relaxed,
}

/// `--log-format`
#[derive(Debug, Clone, Copy, ValueEnum)]
enum LogFormatArg {
    /// For people
    Pretty,
    /// One JSON object a line
    Json,
}

/// Runs until it is asked to stop.
pub fn run(args: &ServeArgs) -> anyhow::Result<ExitCode> {
    let (mut config, made_key) = args.common.read()?;
    if args.check_config {
        logging::check(&config.log)?;
        output::line("ok: the configuration is readable and whole");
        return Ok(ExitCode::SUCCESS);
    }
    logging::init(&config.log)?;
    hardening::without_cores();
    hardening::share_handles(&mut config)?;
    guard_files(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ran = runtime.block_on(async {
        let pdp = Arc::new(Pdp::start(options(&config)?)?);
        let stop = serve::stop_signal()?;
        let server = serve::Server::bind(config, pdp).await?;
        output::note(&format!("remit answers at {}", server.identifier()));
        if let Some(address) = server.admin_addr {
            output::note(&format!("people are answered at {address}"));
        }
        if let Some(key) = made_key {
            output::note(&format!(
                "API key of this run (no caller is configured; `remit key` makes lasting ones):\n  {key}"
            ));
        }
        ready::tell(ready::READY);
        let stop = async {
            stop.await;
            ready::tell(ready::STOPPING);
        };
        server.run(stop).await.context("the server failed")
    });
    match ran {
        Err(error) if may_pass(&error) => {
            output::error(&error);
            Ok(ExitCode::from(MAY_PASS))
        }
        ran => ran.map(|()| ExitCode::SUCCESS),
    }
}

/// Whether the same command may succeed later without anybody changing anything: supervisors try it again.
fn may_pass(error: &anyhow::Error) -> bool {
    use std::io::ErrorKind::{AddrInUse, AddrNotAvailable, StorageFull};
    match error.downcast_ref() {
        Some(ServeError::Listen { source, .. }) => {
            return matches!(source.kind(), AddrInUse | AddrNotAvailable);
        }
        // A write failed while it ran; the next start looks at what is there and recovers.
        Some(ServeError::Ledger(_)) => return true,
        _ => {}
    }
    match error.downcast_ref() {
        Some(StartError::Ledger(LedgerError::InUse(_)) | StartError::Record(AppendError::DiskFull)) => true,
        Some(StartError::Ledger(LedgerError::Disk { source, .. })) => source.kind() == StorageFull,
        _ => false,
    }
}

/// Refuses what everybody may read or change, and warns of what others may.
fn guard_files(config: &Config) -> anyhow::Result<()> {
    for exposure in files::exposures(config) {
        anyhow::ensure!(!exposure.refused, "{exposure}");
        tracing::warn!("{exposure}");
    }
    files::make_private(&config.data)
        .with_context(|| format!("the data directory `{}` cannot be made", config.data.display()))
}

fn overrides(args: &Args) -> Overrides {
    Overrides {
        listen: args.listen,
        bundle: args.bundle.clone(),
        shadow: args.shadow.clone().map(|bundle| Shadow { bundle }),
        data: args.data.clone(),
        public_url: args.public_url.clone(),
        insecure_loopback: args.insecure_loopback.then_some(true),
        durability: args.durability.map(|it| match it {
            DurabilityArg::Strict => Durability::Strict,
            DurabilityArg::Relaxed => Durability::Relaxed,
        }),
        watch: None,
        log: LogOverrides {
            format: args.log_format.map(|it| match it {
                LogFormatArg::Pretty => LogFormat::Pretty,
                LogFormatArg::Json => LogFormat::Json,
            }),
            level: args.log_level.clone(),
        },
    }
}

/// WHY: a bare `remit serve` must start and must not be open. Without any configured caller a key is made for this run
/// only, and only on a loopback listener; it is shown once and kept nowhere.
fn lend_a_key(config: &mut Config) -> anyhow::Result<Option<String>> {
    if config.insecure_loopback || !config.peps.is_empty() || !config.listen.ip().is_loopback() {
        return Ok(None);
    }
    let made = keyring::NewKey::generate()?;
    config.peps.push(PepEntry {
        key_sha256: Some(made.sha256),
        detail: Detail::Full,
        governance: true,
        audit: true,
        admin: true,
        consents: true,
        signals: true,
        assert_identity: true,
        ..PepEntry::new("console")
    });
    Ok(Some(made.key))
}

fn options(config: &Config) -> anyhow::Result<Options> {
    let mut options = Options::new(&config.bundle, &config.data);
    options.durability = match config.durability {
        Durability::Strict => ledger::Durability::Strict,
        Durability::Relaxed => ledger::Durability::Relaxed,
    };
    options.shadow = config.shadow.as_ref().map(|shadow| shadow.bundle.clone());
    options.ledger_key.clone_from(&config.ledger.key_file);
    options.json.bytes = config.limits.body_bytes;
    options.config_digest = Some(config.digest());
    options.outcome_key = config.outcome_key()?;
    options.proposals = config.proposals();
    if let Some(from) = config.incidents.from {
        options.incidents_from = from;
    }
    for (name, entry) in &config.sources {
        options.sources.insert(name.clone(), entry.access(name)?);
    }
    if !config.identity.issuers.is_empty() {
        options.identity = config.identity.clone();
    }
    if !config.identity.issuers.is_empty() || !config.sources.is_empty() {
        options.fetch = Arc::new(Outbound::new(config.issuer_ca_file.as_deref())?);
    }
    Ok(options)
}
