//! Every revision that decided anything, kept by its digest, so that any decision can be decided again.
//!
//! ```text
//! DATA/revisions/policy/DIGEST/…   the policy texts, as they stood in the bundle
//! DATA/revisions/graph/DIGEST/…    the graph documents and `bundle.toml`
//! ```

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use remit_ledger::{Body, Revision};

use crate::bundle::{self, Bundle, BundleError, Files, shown};
use crate::live::Live;
use crate::publish;
use crate::revisions::{Numbered, Revisions};

const FOLDER: &str = "revisions";

/// Keeps what a published state was built from. Durable when this returns; what is kept already stays as it is.
///
/// # Errors
/// The disk refuses; then the state must not go live.
pub fn keep(data: &Path, live: &Live, files: &Files, dir: &Path) -> std::io::Result<()> {
    let Revisions { policy, graph, .. } = &live.revisions;
    keep_one(&place(data, "policy", &policy.digest), dir, files.policies.iter().chain(&files.schemas))?;
    keep_one(&place(data, "graph", &graph.digest), dir, files.documents.iter().chain(&files.description))
}

fn keep_one<'a>(to: &Path, dir: &Path, files: impl Iterator<Item = &'a PathBuf>) -> std::io::Result<()> {
    if to.is_dir() {
        return Ok(());
    }
    let parent = to.parent().unwrap_or(to);
    let aside = to.with_extension("new");
    if aside.exists() {
        std::fs::remove_dir_all(&aside)?;
    }
    std::fs::create_dir_all(&aside)?;
    for file in files {
        let copy = aside.join(shown(dir, file));
        if let Some(above) = copy.parent() {
            std::fs::create_dir_all(above)?;
        }
        std::fs::copy(file, &copy)?;
        std::fs::File::open(&copy)?.sync_all()?;
    }
    std::fs::File::open(&aside)?.sync_all()?;
    std::fs::rename(&aside, to)?;
    std::fs::File::open(parent)?.sync_all()
}

fn place(data: &Path, what: &str, digest: &str) -> PathBuf {
    data.join(FOLDER).join(what).join(digest)
}

/// Copies the texts of archived policies into a new folder; false when they are not there any more.
///
/// # Errors
/// The disk refuses.
pub fn copy_policy(data: &Path, digest: &str, to: &Path) -> std::io::Result<bool> {
    let Ok(from) = policy_folder(data, digest) else { return Ok(false) };
    copy_all(&from, to)?;
    Ok(true)
}

/// The folder with the documents of an archived graph.
///
/// # Errors
/// [`Lost`]: it is not there any more.
pub(crate) fn graph_folder(data: &Path, digest: &str) -> Result<PathBuf, Lost> {
    Archive::of(data).folder("graph", digest)
}

/// The folder with the texts of archived policies.
///
/// # Errors
/// As [`graph_folder`].
pub(crate) fn policy_folder(data: &Path, digest: &str) -> Result<PathBuf, Lost> {
    Archive::of(data).folder("policy", digest)
}

fn copy_all(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (found, copy) = (entry.path(), to.join(entry.file_name()));
        if found.is_dir() {
            copy_all(&found, &copy)?;
        } else {
            std::fs::copy(&found, &copy)?;
        }
    }
    Ok(())
}

/// Why a revision cannot be had back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// It was not kept, or was deleted.
    #[error("{what} `{digest}` is not in the archive")]
    Absent {
        /// `policy` or `graph`.
        what: &'static str,
        /// SHA-256 in hex.
        digest: String,
    },
    /// What was kept is not what was published.
    #[error("the archived {what} `{digest}` is damaged: {cause}")]
    Damaged {
        /// `policy` or `graph`.
        what: &'static str,
        /// SHA-256 in hex.
        digest: String,
        /// What is wrong with it.
        cause: String,
    },
}

/// The archive of a data directory, with what was already read from it.
#[derive(Debug)]
pub struct Archive {
    data: PathBuf,
    read: HashMap<[Arc<str>; 2], Result<Arc<Live>, Lost>>,
}

impl Archive {
    /// Of this data directory.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self { data: data.to_owned(), read: HashMap::new() }
    }

    /// The state in which these two revisions were live.
    ///
    /// # Errors
    /// [`Lost`].
    pub fn live(&mut self, policy: &Revision, graph: &Revision) -> Result<Arc<Live>, Lost> {
        let key = [policy.digest.clone(), graph.digest.clone()];
        if let Some(known) = self.read.get(&key) {
            return known.clone();
        }
        let found = self.load(policy, graph).map(Arc::new);
        self.read.insert(key, found.clone());
        found
    }

    fn load(&self, policy: &Revision, graph: &Revision) -> Result<Live, Lost> {
        let policies = self.folder("policy", &policy.digest)?;
        let documents = self.folder("graph", &graph.digest)?;
        let bundle = bundle::load_from(&policies, &documents).map_err(|error| damaged(policy, &error))?;
        if *bundle.policy_digest != *policy.digest {
            return Err(damaged(policy, &"it has another digest"));
        }
        let live = numbered(bundle, policy, graph).map_err(|error| damaged(policy, &error))?;
        if live.revisions.graph.digest != graph.digest {
            let (what, digest, cause) =
                ("graph", graph.digest.to_string(), "it has another digest".to_owned());
            return Err(Lost::Damaged { what, digest, cause });
        }
        Ok(live)
    }

    fn folder(&self, what: &'static str, digest: &str) -> Result<PathBuf, Lost> {
        let found = place(&self.data, what, digest);
        // WHY: the digest comes from a record; only one that is a digest names a folder.
        let named = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if named && found.is_dir() {
            Ok(found)
        } else {
            Err(Lost::Absent { what, digest: digest.to_owned() })
        }
    }
}

fn damaged(policy: &Revision, cause: &dyn std::fmt::Display) -> Lost {
    Lost::Damaged { what: "policy", digest: policy.digest.to_string(), cause: cause.to_string() }
}

/// The bundle as a live state under the numbers that its records carry.
fn numbered(bundle: Bundle, policy: &Revision, graph: &Revision) -> Result<Live, String> {
    let mut live = publish::compile(bundle, &Revisions::default())?;
    let number = |revision: u64, digest: &str| Numbered { revision, digest: digest.into() };
    live.revisions = Revisions {
        policy: number(policy.revision, &live.revisions.policy.digest),
        graph: number(graph.revision, &live.revisions.graph.digest),
        config: None,
    };
    Ok(live)
}

/// What was live at an instant, by the records of what was published.
///
/// # Errors
/// The log is damaged, nothing was live yet, or what was is not in the archive.
pub fn as_of(data: &Path, at: remit_ledger::Timestamp) -> Result<Arc<Live>, String> {
    let gone = remit_ledger::pruned(&data.join("ledger")).map_err(|fault| fault.to_string())?;
    if let Some(gone) = gone.as_ref().filter(|gone| at < gone.until) {
        return Err(format!(
            "the records up to {} were dropped, and with them what was live at {at}",
            gone.until
        ));
    }
    let (mut policy, mut graph) = gone.map(|gone| (gone.policy, gone.graph)).unwrap_or_default();
    for record in remit_ledger::read(&data.join("ledger"), 0, u64::MAX) {
        let record = record.map_err(|fault| fault.to_string())?;
        let (place, published) = match record.body {
            Body::PolicyPublished(it) => (&mut policy, it),
            Body::GraphPublished(it) => (&mut graph, it),
            _ => continue,
        };
        if published.time <= at {
            *place = Some(Revision { digest: published.digest.into(), revision: published.revision });
        }
    }
    let (Some(policy), Some(graph)) = (policy, graph) else {
        return Err(format!("nothing was live at {at}"));
    };
    Archive::of(data).live(&policy, &graph).map_err(|lost| lost.to_string())
}

/// A bundle that is not published: what would be, if it were.
///
/// # Errors
/// Its policies or its graph are refused.
pub fn candidate(policies: &Path, graph: Option<&Path>) -> Result<Live, BundleError> {
    let bundle = match graph {
        Some(graph) => bundle::load_from(policies, graph)?,
        None => bundle::load(policies, bundle::Purpose::Serve)?,
    };
    publish::compile(bundle, &Revisions::default())
        .map_err(|message| BundleError::Read { path: policies.to_owned(), message })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const POLICY: &str = "package p\n\nentity user {}\nentity doc {}\naction read on doc\n\npermit everyone for user to read on doc\n";

    fn publish(bundle: &Path, data: &Path) -> Live {
        let loaded = bundle::load(bundle, bundle::Purpose::Serve).unwrap();
        let (files, dir) = (loaded.files.clone(), loaded.dir.clone());
        let live = publish::compile(loaded, &Revisions::default()).unwrap();
        keep(data, &live, &files, &dir).unwrap();
        live
    }

    #[test]
    fn a_revision_comes_back_after_the_bundle_changed_and_damage_is_told_from_absence() {
        let (bundle, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(bundle.path().join("sub")).unwrap();
        fs::write(bundle.path().join("sub/p.ibac"), POLICY).unwrap();
        let first = publish(bundle.path(), data.path());
        fs::write(bundle.path().join("sub/p.ibac"), POLICY.replace("permit everyone", "permit some"))
            .unwrap();
        let second = publish(bundle.path(), data.path());
        assert_ne!(first.policy_revision().digest, second.policy_revision().digest);

        let mut archive = Archive::of(data.path());
        for live in [&first, &second] {
            let back = archive.live(&live.policy_revision(), &live.graph_revision()).unwrap();
            assert_eq!(back.revisions, live.revisions);
        }
        let absent = Revision { digest: "0".repeat(64).into(), revision: 1 };
        let lost = archive.live(&absent, &first.graph_revision()).unwrap_err();
        assert_eq!(lost, Lost::Absent { what: "policy", digest: absent.digest.to_string() });
        let up = Revision { digest: "../../..".into(), revision: 1 };
        assert!(matches!(archive.live(&up, &first.graph_revision()), Err(Lost::Absent { .. })));

        let kept = place(data.path(), "policy", &first.policy_revision().digest).join("sub/p.ibac");
        fs::write(kept, POLICY.replace("permit everyone", "permit more")).unwrap();
        let lost = Archive::of(data.path()).live(&first.policy_revision(), &first.graph_revision());
        assert!(matches!(lost, Err(Lost::Damaged { what: "policy", .. })), "{lost:?}");
    }
}
