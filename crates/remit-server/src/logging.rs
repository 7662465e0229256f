//! Log lines to standard error. Credentials, bodies and contexts are never handed to the log in the first place.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Log, LogFormat};

/// Why logging cannot start.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The level is neither a level nor a filter.
    #[error(
        "`log.level` is `{level}`: expected a level such as `info` or a filter such as `info,remit=debug`"
    )]
    Level {
        /// What it was set to.
        level: String,
    },
    /// Something else in this process logs already.
    #[error("logging has been set up before")]
    Twice,
}

/// Whether logging could start with these settings.
///
/// # Errors
/// When the level means nothing.
pub fn check(log: &Log) -> Result<(), LoggingError> {
    filter(log).map(drop)
}

fn filter(log: &Log) -> Result<EnvFilter, LoggingError> {
    EnvFilter::try_new(&log.level).map_err(|_| LoggingError::Level { level: log.level.clone() })
}

/// Starts logging for the whole process.
///
/// # Errors
/// When the level means nothing, or logging runs already.
pub fn init(log: &Log) -> Result<(), LoggingError> {
    // WHY: a line that nobody reads any more is lost, and no reason to fail; telling of it would end in a panic.
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter(log)?)
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
        LogFormat::Pretty => {
            lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).finish().try_init()
        }
    };
    started.map_err(|_| LoggingError::Twice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_means_nothing_is_refused() {
        let log = |level: &str| Log { level: level.to_owned(), format: LogFormat::Json };
        assert!(matches!(init(&log("loud=very")), Err(LoggingError::Level { .. })));
        assert!(!matches!(init(&log("info,remit_server=debug")), Err(LoggingError::Level { .. })));
    }
}
