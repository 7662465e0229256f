//! A folder is a bundle: `*.ibac` policies, `*.test.ibac` expectations, `*.json` and `*.ndjson` graph documents, and an
//! optional `bundle.toml`; a folder `probes` is left to `probe`. Loading is all or nothing and reports every error.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use remit_graph::{Dangling, Document, GraphBuilder, LoadError, LoadReport};
use remit_lang::checked::Policies;
use remit_lang::diagnostic::{Diagnostic, render};
use remit_lang::source::Sources;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The largest file a bundle may hold.
// WHY: a graph of a million nodes and five million edges is about 700 MB of NDJSON; beyond that use the graph API.
pub const MAX_FILE_BYTES: u64 = 1 << 30;
/// Folders below the bundle's own that are looked into.
const MAX_DEPTH: usize = 8;
/// The folder with the probes of a bundle: questions, never a graph.
const PROBES: &str = "probes";

/// A loaded bundle.
#[derive(Debug)]
pub struct Bundle {
    /// The policy texts, for diagnostics and explanations.
    pub sources: Sources,
    /// The checked policies.
    pub policies: Policies,
    /// What the checker warned of.
    pub warnings: Vec<Diagnostic>,
    /// SHA-256 over names and texts of the policy files, in hex.
    pub policy_digest: String,
    /// The graph, until publishing numbers and freezes it.
    pub graph: GraphBuilder,
    /// What the graph loader reports.
    pub report: LoadReport,
    /// What it was read from.
    pub files: Files,
    /// The folder that holds them.
    pub dir: PathBuf,
}

impl Bundle {
    /// The checker's warnings as text for people; empty when there are none.
    #[must_use]
    pub fn rendered_warnings(&self) -> String {
        if self.warnings.is_empty() {
            String::new()
        } else {
            render::terminal(&self.warnings, &self.sources, false)
        }
    }
}

/// Which files count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Policies and graph: what a decision point serves.
    Serve,
    /// Also `*.test.ibac`.
    Test,
}

/// Why a bundle is refused. Nothing of it is used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file or folder cannot be read.
    #[error("cannot read `{path}`: {message}", path = path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        message: String,
    },
    /// `bundle.toml` is wrong.
    #[error("`{path}` is not a bundle description: {message}", path = path.display())]
    Description {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The folder holds no policy.
    #[error("`{path}` holds no `*.ibac` file; an empty policy set is refused", path = path.display())]
    Empty {
        /// Which.
        path: PathBuf,
    },
    /// The policies do not pass the checks.
    #[error("the policies are refused:\n{}", render::terminal(diagnostics, sources, false))]
    Policies {
        /// Every error.
        diagnostics: Vec<Diagnostic>,
        /// The texts they speak of.
        sources: Box<Sources>,
    },
    /// The graph documents do not fit the schema.
    #[error("the graph is refused:\n{}", lines(errors))]
    Graph {
        /// Every error.
        errors: Vec<LoadError>,
    },
}

fn lines(errors: &[LoadError]) -> String {
    errors.iter().fold(String::new(), |mut text, error| {
        let _ = writeln!(text, "  {error}");
        text
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    #[serde(default)]
    graph: GraphDescription,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct GraphDescription {
    #[serde(default)]
    dangling: DanglingRule,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DanglingRule {
    #[default]
    Refuse,
    Placeholder,
}

/// The files of a bundle, sorted by path so that nothing depends on the order of the file system.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// Policy texts.
    pub policies: Vec<PathBuf>,
    /// Graph documents.
    pub documents: Vec<PathBuf>,
    /// `bundle.toml`, where there is one.
    pub description: Option<PathBuf>,
}

/// Policies from one folder and a graph from another, read as one bundle: how an archived revision comes back.
///
/// # Errors
/// As [`load`].
pub fn load_from(policies: &Path, graph: &Path) -> Result<Bundle, BundleError> {
    let texts = list(policies, Purpose::Serve)?;
    let documents = list(graph, Purpose::Serve)?;
    let files = Files { policies: texts.policies, ..documents };
    build(policies, graph, files)
}

/// Loads and checks everything in `dir`.
///
/// # Errors
/// [`BundleError`] with every error found.
pub fn load(dir: &Path, purpose: Purpose) -> Result<Bundle, BundleError> {
    build(dir, dir, list(dir, purpose)?)
}

fn build(dir: &Path, graph_dir: &Path, files: Files) -> Result<Bundle, BundleError> {
    if files.policies.is_empty() {
        return Err(BundleError::Empty { path: dir.to_owned() });
    }
    let dangling = match &files.description {
        Some(path) => describe(path)?.graph.dangling,
        None => DanglingRule::Refuse,
    };
    let (sources, policy_digest) = read_policies(dir, &files.policies)?;
    let (policies, warnings) = remit_lang::compile(&sources)
        .map_err(|diagnostics| BundleError::Policies { diagnostics, sources: Box::new(sources.clone()) })?;
    let texts = files.documents.iter().map(|path| Ok((shown(graph_dir, path), read(path)?)));
    let texts = texts.collect::<Result<Vec<_>, BundleError>>()?;
    let documents: Vec<_> = texts.iter().map(|(name, text)| Document::new(name, text.as_bytes())).collect();
    let (graph, report) = build_graph(&policies, &documents, dangling)?;
    Ok(Bundle { sources, policies, warnings, policy_digest, graph, report, files, dir: dir.to_owned() })
}

/// The texts of the policy files of `dir`, unchecked: for the formatter and the checker alone.
///
/// # Errors
/// A file cannot be read.
pub fn policy_texts(dir: &Path, purpose: Purpose) -> Result<Sources, BundleError> {
    Ok(read_policies(dir, &list(dir, purpose)?.policies)?.0)
}

/// SHA-256 over names and bytes of every file that serving reads: changes when a reload could change anything.
///
/// # Errors
/// A file cannot be read.
pub fn content_digest(dir: &Path) -> Result<String, BundleError> {
    let files = list(dir, Purpose::Serve)?;
    let mut hash = Sha256::new();
    for path in files.policies.iter().chain(&files.documents).chain(&files.description) {
        absorb(&mut hash, &shown(dir, path), read(path)?.as_bytes());
    }
    Ok(hex(&hash.finalize()))
}

fn list(dir: &Path, purpose: Purpose) -> Result<Files, BundleError> {
    let mut files = Files::default();
    walk(dir, 0, purpose, &mut files)?;
    files.policies.sort();
    files.documents.sort();
    let description = dir.join("bundle.toml");
    files.description = description.is_file().then_some(description);
    Ok(files)
}

fn walk(dir: &Path, depth: usize, purpose: Purpose, files: &mut Files) -> Result<(), BundleError> {
    let failed =
        |error: std::io::Error| BundleError::Read { path: dir.to_owned(), message: error.to_string() };
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            if depth < MAX_DEPTH && name != PROBES {
                walk(&path, depth + 1, purpose, files)?;
            }
        } else if name.ends_with(".test.ibac") {
            if purpose == Purpose::Test {
                files.policies.push(path);
            }
        } else if name.ends_with(".ibac") {
            files.policies.push(path);
        } else if name.ends_with(".json") || name.ends_with(".ndjson") {
            files.documents.push(path);
        }
    }
    Ok(())
}

fn describe(path: &Path) -> Result<Description, BundleError> {
    toml::from_str(&read(path)?)
        .map_err(|error| BundleError::Description { path: path.to_owned(), message: error.to_string() })
}

fn read(path: &Path) -> Result<String, BundleError> {
    let failed = |message: String| BundleError::Read { path: path.to_owned(), message };
    let size = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if size > MAX_FILE_BYTES {
        return Err(failed(format!(
            "{size} bytes are more than the {MAX_FILE_BYTES} a bundle file may have"
        )));
    }
    std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))
}

fn read_policies(dir: &Path, paths: &[PathBuf]) -> Result<(Sources, String), BundleError> {
    let mut sources = Sources::default();
    let mut hash = Sha256::new();
    for path in paths {
        let text = read(path)?;
        absorb(&mut hash, &shown(dir, path), text.as_bytes());
        sources.add(path.display().to_string(), text);
    }
    Ok((sources, hex(&hash.finalize())))
}

fn build_graph(
    policies: &Policies,
    documents: &[Document<'_>],
    dangling: DanglingRule,
) -> Result<(GraphBuilder, LoadReport), BundleError> {
    let dangling = match dangling {
        DanglingRule::Refuse => Dangling::Refuse,
        DanglingRule::Placeholder => Dangling::Placeholder,
    };
    let schema = Arc::clone(&policies.schema);
    remit_graph::load(&schema, documents, dangling).map_err(|errors| BundleError::Graph { errors })
}

/// The path inside the bundle, as people see it.
pub(crate) fn shown(dir: &Path, path: &Path) -> String {
    path.strip_prefix(dir).unwrap_or(path).display().to_string()
}

fn absorb(hash: &mut Sha256, name: &str, bytes: &[u8]) {
    for part in [name.as_bytes(), bytes] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
