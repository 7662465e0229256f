//! Reads the sources of a `Config` one over the other and names an unknown key together with its nearest neighbour.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::error::Kind;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::Serialize;

use super::{Config, ConfigError, Durability, FORMAT, LogFormat, Shadow};

/// Prefix of the environment variables that are read.
const PREFIX: &str = "REMIT_";
/// Separates the parts of a nested key in a variable's name.
const NESTING: &str = "__";
/// Variables with the prefix that belong to the command line, to clients or to the test run, not to the configuration.
const FOREIGN: &[&str] = &["API_KEY", "CONFIG", "FULL", "TOKEN"];

/// What the command line sets; nothing set means the other sources decide.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Overrides {
    /// `--listen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// `--bundle`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<PathBuf>,
    /// `--shadow`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Shadow>,
    /// `--data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// `--public-url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// `--insecure-loopback`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure_loopback: Option<bool>,
    /// `--durability`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub durability: Option<Durability>,
    /// `--watch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch: Option<bool>,
    /// `--log-format` and `--log-level`.
    #[serde(skip_serializing_if = "LogOverrides::is_empty")]
    pub log: LogOverrides,
}

/// What the command line sets about the log.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LogOverrides {
    /// `--log-format`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<LogFormat>,
    /// `--log-level`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
}

impl LogOverrides {
    fn is_empty(&self) -> bool {
        self.format.is_none() && self.level.is_none()
    }
}

impl Config {
    /// Reads file, environment and command line, and checks the result as a whole.
    ///
    /// # Errors
    /// The first thing that is wrong; nothing is guessed.
    pub fn load(file: Option<&Path>, overrides: &Overrides) -> Result<Self, ConfigError> {
        let config = Self::read(file, overrides)?;
        config.check()?;
        Ok(config)
    }

    /// Reads file, environment and command line; [`Config::check`] is left to the caller, who may add to it first.
    ///
    /// # Errors
    /// An unknown key, or a value of the wrong type.
    pub fn read(file: Option<&Path>, overrides: &Overrides) -> Result<Self, ConfigError> {
        let mut sources = Figment::new();
        if let Some(path) = file {
            if !path.is_file() {
                return Err(ConfigError::Missing { path: path.display().to_string() });
            }
            sources = sources.merge(Toml::file_exact(path));
        }
        let environment = Env::prefixed(PREFIX).filter(|name| belongs(name.as_str())).split(NESTING);
        let sources = sources.merge(environment).merge(Serialized::defaults(overrides));
        // WHY: before anything else, since what a later format means is not for this build to judge.
        let format = sources.find_value("format").ok().and_then(|value| value.to_i128());
        if let Some(found) = format.filter(|found| *found > i128::from(FORMAT)) {
            return Err(ConfigError::Newer { found, known: FORMAT });
        }
        sources.extract().map_err(|error| refusal(&error))
    }
}

/// WHY: an orchestrator injects `REMIT_PORT`, `REMIT_SERVICE_HOST`, `REMIT_X_SERVICE_PORT` … into every container
/// beside a service called `remit`; they must not stop the start.
fn belongs(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let injected = name.split('_').any(|part| part == "SERVICE" || part == "PORT");
    !injected && !FOREIGN.contains(&name.as_str())
}

fn refusal(error: &figment::Error) -> ConfigError {
    let place = error.metadata.as_ref().map_or_else(
        || String::from("the configuration"),
        |metadata| metadata.source.as_ref().map_or_else(|| metadata.name.to_string(), ToString::to_string),
    );
    match &error.kind {
        Kind::UnknownField(key, known) => {
            let path = error.path.iter().map(String::as_str);
            let parents: Vec<&str> = path.filter(|part| *part != key).collect();
            let full = |last: &str| parents.iter().copied().chain([last]).collect::<Vec<_>>().join(".");
            let nearest = nearest(key, known).map(full);
            ConfigError::UnknownKey { key: full(key), place, nearest }
        }
        _ => ConfigError::Unreadable { message: error.to_string() },
    }
}

/// The known word closest to `word`, unless it is so far away that naming it would only confuse.
fn nearest<'a>(word: &str, known: &'a [&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= candidate.len().max(word.len()) / 2)
        .map(|(_, candidate)| candidate)
}

/// Number of single-byte edits between two words.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.bytes().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        let mut next = Vec::with_capacity(row.len());
        next.push(before);
        for (to, above) in right.bytes().zip(row.iter().skip(1)) {
            let changed = diagonal + usize::from(from != to);
            before = changed.min(above + 1).min(before + 1);
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{belongs, distance, nearest};

    #[test]
    fn distance_counts_edits() {
        for (left, right, expected) in [
            ("", "abc", 3),
            ("abc", "abc", 0),
            ("limtis", "limits", 2),
            ("bundel", "bundle", 2),
            ("a", "b", 1),
        ] {
            assert_eq!(distance(left, right), expected, "{left} {right}");
        }
    }

    #[test]
    fn a_far_word_is_not_offered() {
        assert_eq!(nearest("lisen", &["listen", "bundle"]), Some("listen"));
        assert_eq!(nearest("zzzzzz", &["listen", "bundle"]), None);
    }

    #[test]
    fn injected_variables_are_left_alone() {
        for foreign in ["PORT", "port_8181_tcp", "SERVICE_HOST", "PDP_SERVICE_PORT", "CONFIG", "API_KEY"] {
            assert!(!belongs(foreign), "{foreign}");
        }
        for ours in ["LISTEN", "limits__body_bytes", "PUBLIC_URL"] {
            assert!(belongs(ours), "{ours}");
        }
    }
}
