//! AuthZEN 1.0 conformance runner: asks any decision point over HTTP and says which levels it holds.
//!
//! It needs a base URL and a server that holds the fixture of the certification scenario; it knows
//! nothing of how that server decides. Vectors of tokens and signatures are the exception: those ask the verifier itself.
#![deny(missing_docs)]

mod cert;
mod client;
mod discovery;
mod expect;
mod fixture;
mod hostile;
mod probe;
mod report;
mod signatures;
mod suite;
mod tokens;
mod vectors;

use anyhow::Result;

pub use client::Options;
pub use hostile::{Count, Summary, Target, run_hostile};
pub use report::{Level, Outcome, Report, Row, Table};
pub use signatures::run_signatures;
pub use tokens::run_tokens;
pub use vectors::{Kind, run_vectors};

use client::Client;

/// Asks the decision point at `base` everything that `levels` cover; the answer says what held.
///
/// An error means that nothing could be asked at all; whatever the server does wrong is in the report.
pub async fn run(base: &str, options: &Options, levels: &[Level]) -> Result<Report> {
    let client = Client::connect(base, options).await?;
    let mut certification = Table::new("Certification scenario");
    for test in cert::tests().into_iter().filter(|test| levels.contains(&test.level)) {
        certification.rows.push(test.row(&client).await);
    }
    if levels.contains(&Level::Discovery) {
        certification.rows.extend(discovery::rows(&client));
    }
    let mut suite = Table::new("Conformance suite modules");
    for test in suite::tests().into_iter().filter(|test| levels.contains(&test.level)) {
        suite.rows.push(test.row(&client).await);
    }
    Ok(Report::new(base, vec![certification, suite]))
}
