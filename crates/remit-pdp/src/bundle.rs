//! A folder is a bundle: `*.ibac` policies, `*.test.ibac` expectations, `*.json` and `*.ndjson` graph documents, and an
//! optional `bundle.toml`. `TYPE.schema.json` is what messages of that type must follow; of the folders in `profiles` one is
//! read, and a folder `probes` is left to `probe`. Loading is all or nothing and reports every error.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use remit_graph::{Dangling, Document, GraphBuilder, LoadError, LoadReport};
use remit_lang::checked::Policies;
use remit_lang::diagnostic::{Diagnostic, render};
use remit_lang::source::Sources;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::schemas::{self, SchemaError, Schemas};

/// The largest file a bundle may hold.
// WHY: a graph of a million nodes and five million edges is about 700 MB of NDJSON; beyond that use the graph API.
pub const MAX_FILE_BYTES: u64 = 1 << 30;
/// Folders below the bundle's own that are looked into.
const MAX_DEPTH: usize = 8;
/// The folder whose folders are choices.
const PROFILES: &str = "profiles";
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
    /// SHA-256 over names and texts of the policy files and the schemas of messages, in hex.
    pub policy_digest: String,
    /// The graph, until publishing numbers and freezes it.
    pub graph: GraphBuilder,
    /// What the graph loader reports.
    pub report: LoadReport,
    /// What the contents of messages must follow.
    pub schemas: Schemas,
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
    /// A schema of messages is wrong.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// There are several profiles and none of them is chosen, or one that is not there.
    #[error("`bundle.toml` must choose one of the profiles {}: `profile = \"…\"`", names(known))]
    Profile {
        /// Those there are.
        known: Vec<String>,
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

fn names(known: &[String]) -> String {
    known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
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
    /// Which folder of `profiles` counts.
    profile: Option<String>,
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
    /// JSON Schemas of messages.
    pub schemas: Vec<PathBuf>,
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
    let files = Files { policies: texts.policies, schemas: texts.schemas, ..documents };
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
    let (sources, mut hash) = read_policies(dir, &files.policies)?;
    let mut schemas = Vec::new();
    for path in &files.schemas {
        let (name, text) = (shown(dir, path), read(path)?);
        absorb(&mut hash, &name, text.as_bytes());
        schemas.push((name, text));
    }
    let (schemas, policy_digest) = (Schemas::of(&schemas)?, hex(&hash.finalize()));
    let (policies, warnings) = remit_lang::compile(&sources)
        .map_err(|diagnostics| BundleError::Policies { diagnostics, sources: Box::new(sources.clone()) })?;
    let texts = files.documents.iter().map(|path| Ok((shown(graph_dir, path), read(path)?)));
    let texts = texts.collect::<Result<Vec<_>, BundleError>>()?;
    let documents: Vec<_> = texts.iter().map(|(name, text)| Document::new(name, text.as_bytes())).collect();
    let (graph, report) = build_graph(&policies, &documents, dangling)?;
    let dir = dir.to_owned();
    Ok(Bundle { sources, policies, warnings, policy_digest, graph, report, schemas, files, dir })
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
    for path in files.policies.iter().chain(&files.schemas).chain(&files.documents).chain(&files.description)
    {
        absorb(&mut hash, &shown(dir, path), read(path)?.as_bytes());
    }
    Ok(hex(&hash.finalize()))
}

fn list(dir: &Path, purpose: Purpose) -> Result<Files, BundleError> {
    let mut files = Files::default();
    let description = dir.join("bundle.toml");
    files.description = description.is_file().then_some(description);
    let profile = profile(dir, files.description.as_deref())?;
    walk(dir, profile.as_deref(), 0, purpose, &mut files)?;
    files.policies.sort();
    files.schemas.sort();
    files.documents.sort();
    Ok(files)
}

/// The folder of `profiles` that counts: the one that `bundle.toml` names, else the only one.
fn profile(dir: &Path, description: Option<&Path>) -> Result<Option<PathBuf>, BundleError> {
    let chosen = description.map(describe).transpose()?.and_then(|described| described.profile);
    let all = dir.join(PROFILES);
    let mut known: Vec<PathBuf> = Vec::new();
    if all.is_dir() {
        let failed =
            |error: std::io::Error| BundleError::Read { path: all.clone(), message: error.to_string() };
        for entry in std::fs::read_dir(&all).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            known.extend(path.is_dir().then_some(path));
        }
        known.sort();
    }
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let found = match (&chosen, known.as_slice()) {
        (None, []) => return Ok(None),
        (None, [only]) => Some(only.clone()),
        (None, _) => None,
        (Some(chosen), _) => known.iter().find(|path| name(path).as_ref() == Some(chosen)).cloned(),
    };
    let known = known.iter().filter_map(name).collect();
    found.map(Some).ok_or(BundleError::Profile { known })
}

fn walk(
    dir: &Path,
    profile: Option<&Path>,
    depth: usize,
    purpose: Purpose,
    files: &mut Files,
) -> Result<(), BundleError> {
    let failed =
        |error: std::io::Error| BundleError::Read { path: dir.to_owned(), message: error.to_string() };
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            // Of the profiles only the chosen one is part of the bundle.
            let path = if depth == 0 && name == PROFILES { profile.map(Path::to_owned) } else { Some(path) };
            if let Some(path) = path.filter(|_| depth < MAX_DEPTH && name != PROBES) {
                walk(&path, None, depth + 1, purpose, files)?;
            }
        } else if name.ends_with(".test.ibac") {
            if purpose == Purpose::Test {
                files.policies.push(path);
            }
        } else if name.ends_with(".ibac") {
            files.policies.push(path);
        } else if name.ends_with(schemas::SUFFIX) {
            files.schemas.push(path);
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

fn read_policies(dir: &Path, paths: &[PathBuf]) -> Result<(Sources, Sha256), BundleError> {
    let mut sources = Sources::default();
    let mut hash = Sha256::new();
    for path in paths {
        let text = read(path)?;
        absorb(&mut hash, &shown(dir, path), text.as_bytes());
        sources.add(path.display().to_string(), text);
    }
    Ok((sources, hash))
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
    let digit = |four: u8| if four < 10 { b'0' + four } else { b'a' - 10 + four };
    let mut text = Vec::with_capacity(bytes.len() * 2);
    bytes.iter().for_each(|byte| text.extend_from_slice(&[digit(byte >> 4), digit(byte & 0x0f)]));
    // Digits are text.
    String::from_utf8(text).unwrap_or_default()
}
