//! Probe files as they are written (`schemas/probe.schema.json`), read strictly: what nobody reads would test nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Bytes of one file of probes; a hundred of them are about fifty thousand.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// A file of probes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeFile {
    /// The schema, for editors.
    #[serde(rename = "$schema")]
    _schema: Option<String>,
    /// What all its probes are about, for example `ASI02`.
    pub category: String,
    /// The category in words.
    pub title: String,
    /// Where the idea comes from.
    pub source: String,
    /// The probes.
    pub probes: Vec<Probe>,
}

/// One question and the answer that must come.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// Unique over all files of a bundle.
    pub id: String,
    /// Attack or benign.
    pub kind: Kind,
    /// What it tries, in a sentence.
    pub title: String,
    /// How grave it would be if it got through.
    pub severity: Severity,
    /// Where the idea comes from, where that is not what the file says.
    pub source: Option<String>,
    /// A graph document beside those of the bundle.
    pub graph: Option<Value>,
    /// What happens before.
    #[serde(default)]
    pub setup: Vec<SetUp>,
    /// What the caller may do, where that is not everything.
    pub caller: Option<Caller>,
    /// An access evaluation request.
    pub request: Value,
    /// The answer that must come.
    pub expect: Expected,
}

/// Whether a probe must be stopped or must get through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It must be stopped.
    Attack,
    /// It must get through, or be stopped for an ordinary reason.
    Benign,
}

/// How grave an attack would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of incidents")]
pub enum Severity {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

/// What happens before the question.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum SetUp {
    /// A transaction is opened, with the body of `POST /ibac/v1/transactions`.
    Open(Value),
    /// A child of a transaction is opened.
    Narrow {
        /// The parent.
        txn: String,
        /// As for `open`.
        body: Value,
    },
    /// A question before, whose answer must be this one.
    Step {
        /// An access evaluation request.
        request: Value,
        /// What must be decided.
        decision: bool,
        /// What the step is reported to return, as `fields` of the outcomes route.
        #[serde(default)]
        returns: Vec<Value>,
    },
    /// A transaction is revoked.
    Revoke(String),
    /// A transaction is closed.
    Close(String),
    /// A consent is given, with the body of `POST /governance/v1/consents`.
    Consent(Value),
    /// A consent is taken back, by its id.
    Withdraw(String),
    /// What is reported of parties, as `events` of `POST /signals/v1/events`.
    Signals(Vec<Value>),
}

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// State chains, intents and transactions without a token.
    pub assert_identity: bool,
}

/// The answer that must come: a decision with its rules or its reason, or no decision at all.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The decision.
    pub decision: Option<bool>,
    /// Rules that must be among those that decided, as `package.rule`.
    #[serde(default)]
    pub by: Vec<String>,
    /// The reason code.
    pub reason: Option<String>,
    /// The kind of fault, where the question must not be decided at all.
    pub fault: Option<String>,
    /// The kinds of obligations, when they matter.
    pub obliging: Option<Vec<String>>,
}

/// Why probes cannot be read or asked.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// A file or folder cannot be read or written.
    #[error("cannot use `{path}`: {message}", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        message: String,
    },
    /// A file holds no probes.
    #[error("`{path}` is not a file of probes: {message}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// An id stands in two places.
    #[error("the id `{id}` is given twice, the second time in `{path}`", path = path.display())]
    Twice {
        /// Which.
        id: String,
        /// The second file.
        path: PathBuf,
    },
    /// The decision point does not start with the bundle.
    #[error("the bundle cannot be asked: {0}")]
    Start(String),
}

/// Reads every `*.json` of a folder, in order of their names.
///
/// # Errors
/// [`ProbeError`], for the first file that is wrong.
pub fn read(dir: &Path) -> Result<Vec<ProbeFile>, ProbeError> {
    let failed = |path: &Path, error: std::io::Error| ProbeError::Io {
        path: path.to_owned(),
        message: error.to_string(),
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(|error| failed(dir, error))? {
        let path = entry.map_err(|error| failed(dir, error))?.path();
        if path.extension().is_some_and(|end| end == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    let (mut files, mut ids) = (Vec::new(), BTreeSet::new());
    for path in paths {
        let size = std::fs::metadata(&path).map_err(|error| failed(&path, error))?.len();
        let wrong = |message: String| ProbeError::File { path: path.clone(), message };
        if size > MAX_FILE_BYTES {
            return Err(wrong(format!("{size} bytes are more than the {MAX_FILE_BYTES} that are read")));
        }
        let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
        let file = parse(&text).map_err(wrong)?;
        for probe in &file.probes {
            if !ids.insert(probe.id.clone()) {
                return Err(ProbeError::Twice { id: probe.id.clone(), path });
            }
        }
        files.push(file);
    }
    Ok(files)
}

/// One file; a member given twice is refused, which serde alone would not see.
fn parse(text: &str) -> Result<ProbeFile, String> {
    remit_json::parse(text.as_bytes(), &remit_json::Limits::trusted()).map_err(|error| {
        let (line, column) = error.place(text.as_bytes());
        format!("{error} (line {line}, column {column})")
    })?;
    let file: ProbeFile = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match file.probes.iter().find(|probe| !probe.expect.says_why()) {
        Some(probe) => Err(format!("`{}` expects a decision without a rule or a reason", probe.id)),
        None => Ok(file),
    }
}

impl Expected {
    /// Whether a decision comes with why, or there is none.
    fn says_why(&self) -> bool {
        match (self.decision, &self.fault) {
            (Some(_), None) => !self.by.is_empty() || self.reason.is_some(),
            (None, Some(_)) => self.by.is_empty() && self.reason.is_none(),
            (Some(_), Some(_)) | (None, None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(expect: &str) -> String {
        format!(
            r#"{{"category":"c","title":"t","source":"s","probes":[{{"id":"1","kind":"attack","title":"t",
            "severity":"low","request":{{}},"expect":{expect}}}]}}"#
        )
    }

    #[test]
    fn an_expectation_says_why() {
        for good in [
            r#"{"decision":false,"reason":"forbidden"}"#,
            r#"{"decision":true,"by":["p.r"]}"#,
            r#"{"fault":"forbidden"}"#,
        ] {
            assert!(parse(&file(good)).is_ok(), "{good}");
        }
        for (bad, part) in [
            (r#"{"decision":false}"#, "without a rule or a reason"),
            (r#"{"decision":false,"reason":"x","fault":"y"}"#, "without a rule or a reason"),
            (r#"{"decision":false,"because":"forbidden"}"#, "unknown field"),
            (r#"{"decision":false,"decision":true,"reason":"x"}"#, "duplicate member"),
        ] {
            assert!(parse(&file(bad)).is_err_and(|error| error.contains(part)), "{bad}");
        }
    }
}
