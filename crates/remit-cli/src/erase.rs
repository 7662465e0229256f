//! `remit erase`: erases what a ledger keeps of a person beside its records.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use remit_model::{EntityRef, Name};
use remit_pdp::Clock;
use remit_pdp::erasure::{Request, erase};

use crate::output;

/// Arguments of `remit erase`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The person, as `type:id`
    person: String,
    /// The data directory of the decision point, which must not be running
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Why, for the record of the erasure; name nobody
    #[arg(long)]
    why: String,
    /// The file of the key that signs the heads, when it is not in the data directory
    #[arg(long)]
    key: Option<PathBuf>,
    /// Who has it done
    #[arg(long)]
    author: Option<String>,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(args.data.join("ledger").is_dir(), "there is no ledger in `{}`", args.data.display());
    let (kind, id) =
        args.person.split_once(':').with_context(|| format!("`{}` is not `type:id`", args.person))?;
    let kind = Name::new(kind).with_context(|| format!("`{kind}` is no type"))?;
    let request = Request {
        person: EntityRef::new(kind, id),
        author: args.author.clone(),
        why: args.why.clone(),
        key: args.key.clone(),
    };
    let now = Clock::System.now().context("the system clock shows no usable time")?;
    let erased = erase(&args.data, &request, now).map_err(anyhow::Error::msg)?;
    output::line(&format!("erased beside {erased} records; every hash stands"));
    Ok(ExitCode::SUCCESS)
}
