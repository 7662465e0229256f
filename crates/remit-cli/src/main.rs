//! The `remit` binary: one file a subcommand; arguments in, exit code out.

mod ask;
mod check;
mod completions;
mod consent;
mod doctor;
mod erase;
mod eval;
mod fmt;
mod hardening;
mod import;
mod incident;
mod key;
mod ledger;
mod man;
mod output;
mod probe;
mod replay;
mod review;
mod serve;
mod test;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

/// WHY: records are made by one thread and freed by another, for which the allocator of glibc takes locks and musl's is slow;
/// BENCHMARKS.md has the figures.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Decides what AI agents may do, and proves afterwards why.
#[derive(Debug, Parser)]
#[command(name = "remit", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the decision point
    Serve(serve::ServeArgs),
    /// Check policies and graph; report every error with its place
    Check(check::Args),
    /// Write policies in their canonical form
    Fmt(fmt::Args),
    /// Run the `expect` lines of a bundle
    Test(test::Args),
    /// Ask a bundle the questions of its probe files; a right answer for the wrong reason fails
    Probe(probe::Args),
    /// Translate policies of other systems, and report what cannot be carried over
    #[command(subcommand)]
    Import(import::Command),
    /// Decide one request from a file and explain the answer
    #[command(visible_alias = "explain")]
    Eval(eval::Args),
    /// Decide again what a ledger holds, under its own revisions or under a candidate
    Replay(replay::Args),
    /// List incidents, and write the file of one for people outside
    #[command(subcommand)]
    Incident(incident::Command),
    /// List what a person had agreed to at an instant
    #[command(subcommand)]
    Consent(consent::Command),
    /// Record access reviews, and show which are due
    #[command(subcommand)]
    Review(review::Command),
    /// Erase what a ledger keeps of a person beside its records
    Erase(erase::Args),
    /// Put a question to the log
    Ask(ask::Args),
    /// Look after a ledger
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// Check an export of a ledger, without any service; exit code 1 and the first fault when damaged
    Verify(ledger::CheckArgs),
    /// Make an API key and the entry that the configuration holds of it
    Key(key::Args),
    /// Say what is wrong with an installation and what to do; exit code 0 all is well, 1 warnings, 2 it would not run
    Doctor(doctor::Args),
    /// Write completions for a shell to standard output
    Completions(completions::Args),
    /// Write the manual page, or one for each command into a folder
    Man(man::Args),
}

/// The command line as a whole, for what is made from it.
fn command_line() -> clap::Command {
    Cli::command()
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(args) => serve::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Fmt(args) => fmt::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Probe(args) => probe::run(&args),
        Command::Import(command) => import::run(&command),
        Command::Eval(args) => eval::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Incident(command) => incident::run(&command),
        Command::Consent(command) => consent::run(&command),
        Command::Review(command) => review::run(&command),
        Command::Erase(args) => erase::run(&args),
        Command::Ask(args) => ask::run(&args),
        Command::Ledger(command) => ledger::run(&command),
        Command::Verify(args) => ledger::check(&args),
        Command::Key(args) => key::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    };
    outcome.unwrap_or_else(|error| {
        output::error(&error);
        ExitCode::from(2)
    })
}
