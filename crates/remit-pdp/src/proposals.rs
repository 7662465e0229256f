//! Proposals: bundles that somebody wants to be live, kept in the data directory until somebody approves or withdraws them.
//! With them switched on, nothing else changes what is live: neither the folder of the bundle nor a restart.
//!
//! ```text
//! DATA/proposals/ID/proposal.json   who proposed it, when, upon which revision, and its digest
//! DATA/proposals/ID/bundle/…        its files
//! ```

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use remit_ledger::{Body, ConfigChanged};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::batch::bytes;
use crate::bundle::{self, Purpose};
use crate::call::Call;
use crate::fault::Fault;
use crate::goal::{bad, object, only, text};
use crate::intake;
use crate::limits;
use crate::live::Live;
use crate::outline::Outline;
use crate::pdp::{Pdp, new_id};
use crate::publish::{Load, Origin};
use crate::record;
use crate::revisions::Revisions;

const FOLDER: &str = "proposals";
const FILE: &str = "proposal.json";
const TEXTS: &str = "bundle";

/// How proposals become live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposals {
    /// Who proposes something may not approve it.
    pub four_eyes: bool,
}

/// An answer of the administration, and the tag by which its subject is known.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The JSON body.
    pub body: Vec<u8>,
    /// Goes into the header `ETag`.
    pub tag: Option<String>,
}

/// One open proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proposal {
    id: String,
    title: String,
    author: String,
    time: String,
    /// What was live when it was made.
    upon: String,
    /// SHA-256 over names and bytes of its files: what is approved.
    digest: String,
}

/// What a proposal would change.
#[derive(Debug, Serialize)]
struct Outlook {
    changes: Vec<String>,
    warnings: String,
}

/// What callers know a published state by: the numbers of policies and graph.
#[must_use]
pub fn tag(revisions: &Revisions) -> String {
    format!("{}.{}", revisions.policy.revision, revisions.graph.revision)
}

impl Pdp {
    /// The open proposals, the first one first.
    ///
    /// # Errors
    /// [`Fault`]: no right, or proposals are switched off.
    pub async fn list_proposals(&self, call: &Call<'_>) -> Result<Told, Fault> {
        self.noted(call, self.listed(call).await).await
    }

    async fn listed(&self, call: &Call<'_>) -> Result<Told, Fault> {
        self.managed(call)?;
        let data = self.data.clone();
        let open = blocking(move || all(&data)).await??;
        reply(&json!({ "upon": tag(&self.published.load().revisions), "proposals": open }), None)
    }

    /// One proposal with its files and what it would change; its tag is its digest.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when it is not open.
    pub async fn read_proposal(&self, call: &Call<'_>, id: &str) -> Result<Told, Fault> {
        self.noted(call, self.shown(call, id).await).await
    }

    async fn shown(&self, call: &Call<'_>, id: &str) -> Result<Told, Fault> {
        self.managed(call)?;
        let (live, data, id) = (self.published.load_full(), self.data.clone(), id.to_owned());
        let work = move || {
            let (proposal, folder) = find(&data, &id)?;
            let (texts, dir) = (texts(&folder.join(TEXTS))?, folder.join(TEXTS));
            let outlook = look(&dir, &live).map_err(|message| Fault::Conflict { message })?;
            Ok::<_, Fault>((proposal, texts, outlook))
        };
        let (proposal, texts, outlook) = blocking(work).await??;
        let digest = proposal.digest.clone();
        reply(&json!({ "proposal": proposal, "outlook": outlook, "files": texts }), Some(digest))
    }

    /// Takes a bundle as a proposal upon the revision that `if_match` names. Nothing of it is live.
    ///
    /// # Errors
    /// [`Fault::Unconditional`] without `if_match`, [`Fault::Stale`] when something else is live, and
    /// [`Fault::BadRequest`] with every error when the bundle could not go live.
    pub async fn propose(&self, call: &Call<'_>, if_match: Option<&str>, body: &[u8]) -> Result<Told, Fault> {
        self.noted(call, self.proposed(call, if_match, body).await).await
    }

    async fn proposed(&self, call: &Call<'_>, if_match: Option<&str>, body: &[u8]) -> Result<Told, Fault> {
        self.managed(call)?;
        let wanted = if_match.ok_or(Fault::Unconditional)?;
        let (title, files) = read(body)?;
        let _one_at_a_time = self.publishing.lock().await;
        let (now, live) = (self.now()?, self.published.load_full());
        let upon = tag(&live.revisions);
        if !matches(wanted, &upon) {
            let what = format!("a proposal upon {wanted} was refused, as {upon} is live");
            self.note(call, &live.revisions.policy.digest, what).await?;
            return Err(Fault::Stale { message: format!("the live revision is `{upon}`") });
        }
        let (id, author) = (new_id(), call.pep.name.to_string());
        let made =
            Proposal { id, title, author, time: record::time(now).to_string(), upon, digest: String::new() };
        let data = self.data.clone();
        let (made, outlook) = blocking(move || keep(&data, made, &files, &live)).await??;
        let Proposal { id, title, digest, .. } = &made;
        let noted = self.note(call, digest, format!("proposal {id}: {title}")).await;
        if let Err(fault) = noted {
            // INVARIANT: what is not on record is not there.
            remove(&self.data, id)?;
            return Err(fault);
        }
        let digest = digest.clone();
        reply(&json!({ "proposal": made, "outlook": outlook }), Some(digest))
    }

    /// Publishes a proposal: whole, upon the revision it was made for, and as it was read (`if_match` names its digest).
    ///
    /// # Errors
    /// [`Fault::Forbidden`] for its author, where four eyes are asked for; [`Fault::Stale`] when something else went live
    /// since, or its digest is another.
    pub async fn approve_proposal(
        &self,
        call: &Call<'_>,
        id: &str,
        if_match: Option<&str>,
    ) -> Result<Told, Fault> {
        self.noted(call, self.approved(call, id, if_match).await).await
    }

    async fn approved(&self, call: &Call<'_>, id: &str, if_match: Option<&str>) -> Result<Told, Fault> {
        let settings = self.managed(call)?;
        let wanted = if_match.ok_or(Fault::Unconditional)?;
        let (proposal, folder) = find(&self.data, id)?;
        if settings.four_eyes && *proposal.author == *call.pep.name {
            let message = "a proposal is approved by somebody else than its author".to_owned();
            return Err(Fault::Forbidden { message });
        }
        if !matches(wanted, &proposal.digest) {
            return Err(Fault::Stale {
                message: format!("the proposal has the digest `{}`", proposal.digest),
            });
        }
        let origin = Origin {
            load: Load::Proposal { dir: folder.join(TEXTS), digest: proposal.digest.clone() },
            source: format!("proposal {id}"),
            author: Some(proposal.author),
            approver: Some(call.pep.name.to_string()),
            upon: Some(proposal.upon.clone()),
        };
        let upon = proposal.upon;
        let done = self.put_live(origin).await.map_err(|refused| {
            let live = tag(&self.published.load().revisions);
            if live == upon {
                Fault::Conflict { message: refused.rendered }
            } else {
                let message = format!("it was proposed upon `{upon}` and `{live}` is live: propose it anew");
                Fault::Stale { message }
            }
        })?;
        remove(&self.data, id)?;
        let revision = tag(&done.revisions);
        reply(
            &json!({ "revision": revision, "changed": done.changed, "warnings": done.warnings }),
            Some(revision),
        )
    }

    /// Takes a proposal back, or turns it down.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when it is not open.
    pub async fn withdraw_proposal(&self, call: &Call<'_>, id: &str) -> Result<(), Fault> {
        self.noted(call, self.withdrawn(call, id).await).await
    }

    async fn withdrawn(&self, call: &Call<'_>, id: &str) -> Result<(), Fault> {
        self.managed(call)?;
        let _one_at_a_time = self.publishing.lock().await;
        let (proposal, _) = find(&self.data, id)?;
        self.note(call, &proposal.digest, format!("proposal {id} was withdrawn")).await?;
        remove(&self.data, id)
    }

    fn managed(&self, call: &Call<'_>) -> Result<Proposals, Fault> {
        self.permit(call.pep.rights.admin, "administer")?;
        self.proposals.ok_or_else(|| Fault::NotFound { message: "proposals are switched off".to_owned() })
    }

    /// Records what became of a proposal.
    async fn note(&self, call: &Call<'_>, digest: &str, what: String) -> Result<(), Fault> {
        let changed = ConfigChanged {
            author: Some(call.pep.name.to_string()),
            digest: digest.to_owned(),
            time: record::time(self.now()?),
            what,
        };
        let taken = self.ledger.append(Body::ConfigChanged(changed)).await;
        taken.map(drop).map_err(|error| self.unrecorded(&error))
    }
}

/// Whether a header `If-Match` names this tag. A `*` would match whatever is there, which is what must not happen.
fn matches(if_match: &str, tag: &str) -> bool {
    if_match
        .split(',')
        .map(str::trim)
        .any(|one| one.strip_prefix('"').and_then(|it| it.strip_suffix('"')) == Some(tag))
}

/// Title and files of a proposal.
fn read(body: &[u8]) -> Result<(String, BTreeMap<String, String>), Fault> {
    let bounds = remit_json::Limits { bytes: limits::PROPOSAL_BYTES, ..remit_json::Limits::default() };
    let json = intake::parse(body, &bounds)?;
    let body = object(&json, "")?;
    only(body, &["title", "files"], "")?;
    let title = text(body, "title", "")?;
    if title.is_empty()
        || title.chars().count() > limits::PROPOSAL_TITLE_CHARS
        || title.chars().any(char::is_control)
    {
        return Err(bad("/title", "must have 1 to 200 characters and no control characters"));
    }
    let files = body.get("files").ok_or_else(|| bad("", "`files` is missing"))?;
    let mut read = BTreeMap::new();
    for file in object(files, "/files")? {
        let name = file.key.as_ref();
        if !is_plain(name) {
            let message = format!("`{name}` is not the path of a file of a bundle");
            return Err(bad("/files", &message));
        }
        let content =
            file.value.as_str().ok_or_else(|| bad("/files", &format!("`{name}` must be a text")))?;
        read.insert(name.to_owned(), content.to_owned());
    }
    if read.is_empty() || read.len() > limits::PROPOSAL_FILES {
        return Err(bad("/files", "must hold 1 to 1000 files"));
    }
    Ok((title.to_owned(), read))
}

/// Whether a name is a path below the bundle, of a kind that bundles are made of.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(plain);
    let kind = [".ibac", ".json", ".ndjson"].iter().any(|end| name.ends_with(end)) || name == "bundle.toml";
    name.len() <= 255 && name.split('/').count() <= 8 && name.split('/').all(part) && kind
}

/// Writes a proposal down, unless the bundle could not go live: then nothing is left of it.
fn keep(
    data: &Path,
    mut proposal: Proposal,
    files: &BTreeMap<String, String>,
    live: &Live,
) -> Result<(Proposal, Outlook), Fault> {
    if all(data)?.len() >= limits::PROPOSALS {
        return Err(Fault::Conflict {
            message: "too many proposals are open: approve or withdraw some".to_owned(),
        });
    }
    let folder = data.join(FOLDER).join(&proposal.id);
    let aside = folder.with_extension("new");
    let dir = aside.join(TEXTS);
    let kept = write_all(&dir, files).map_err(|error| unwritable(&error)).and_then(|()| {
        let outlook = look(&dir, live).map_err(|message| Fault::BadRequest { message, pointer: None })?;
        proposal.digest = bundle::content_digest(&dir).map_err(|error| unreadable(&error))?;
        let text = bytes(&proposal)?;
        write(&aside.join(FILE), &text).map_err(|error| unwritable(&error))?;
        let done = std::fs::rename(&aside, &folder).and_then(|()| sync(&data.join(FOLDER)));
        done.map_err(|error| unwritable(&error))?;
        Ok(outlook)
    });
    if kept.is_err() {
        // What is left of it has no description and is not listed.
        let _gone = std::fs::remove_dir_all(&aside);
    }
    kept.map(|outlook| (proposal, outlook))
}

fn write_all(dir: &Path, files: &BTreeMap<String, String>) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    for (name, content) in files {
        let path = dir.join(name);
        if let Some(above) = path.parent() {
            std::fs::create_dir_all(above)?;
        }
        write(&path, content.as_bytes())?;
    }
    sync(dir)
}

fn write(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn sync(dir: &Path) -> std::io::Result<()> {
    std::fs::File::open(dir)?.sync_all()
}

/// What a bundle would change, or every reason why it cannot go live.
fn look(dir: &Path, live: &Live) -> Result<Outlook, String> {
    let inside = |message: String| message.replace(&format!("{}/", dir.display()), "");
    let loaded = bundle::load(dir, Purpose::Serve).map_err(|error| inside(error.to_string()))?;
    remit_engine::lower(&loaded.policies).map_err(|error| error.to_string())?;
    let mut changes = Outline::of(&loaded.policies, &loaded.sources).changes_since(&live.outline);
    if loaded.graph.freeze(0).digest() != &*live.revisions.graph.digest {
        changes.push("the graph".to_owned());
    }
    Ok(Outlook { changes, warnings: inside(loaded.rendered_warnings()) })
}

/// The files of a proposal.
fn texts(dir: &Path) -> Result<BTreeMap<String, String>, Fault> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| unreadable(&error))? {
            let path = entry.map_err(|error| unreadable(&error))?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&error))?;
                found.insert(bundle::shown(dir, &path), text);
            }
        }
    }
    Ok(found)
}

/// Every open proposal; a folder without a description is what a crash left and does not count.
fn all(data: &Path) -> Result<Vec<Proposal>, Fault> {
    let entries = match std::fs::read_dir(data.join(FOLDER)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(&error)),
    };
    let mut found: Vec<Proposal> = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| unreadable(&error))?.file_name();
        found.extend(
            name.to_str().filter(|name| is_id(name)).and_then(|id| find(data, id).ok()).map(|(it, _)| it),
        );
    }
    found.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(found)
}

/// An open proposal and its folder.
fn find(data: &Path, id: &str) -> Result<(Proposal, PathBuf), Fault> {
    let missing = || Fault::NotFound { message: format!("there is no open proposal `{id}`") };
    // WHY: the id comes from an address; only one that we could have made names a folder.
    if !is_id(id) {
        return Err(missing());
    }
    let folder = data.join(FOLDER).join(id);
    let text = std::fs::read(folder.join(FILE)).map_err(|_| missing())?;
    let proposal: Proposal = serde_json::from_slice(&text)
        .map_err(|error| Fault::Unavailable { message: format!("proposal {id} is damaged: {error}") })?;
    Ok((proposal, folder))
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Removes what was decided upon. The description goes first, so that half of it is not a proposal.
fn remove(data: &Path, id: &str) -> Result<(), Fault> {
    let folder = data.join(FOLDER).join(id);
    let gone = std::fs::remove_file(folder.join(FILE)).and_then(|()| std::fs::remove_dir_all(&folder));
    gone.map_err(|error| unwritable(&error))
}

fn unwritable(error: &std::io::Error) -> Fault {
    Fault::Unavailable { message: format!("proposals cannot be written: {error}") }
}

fn unreadable(error: &dyn std::fmt::Display) -> Fault {
    Fault::Unavailable { message: format!("proposals cannot be read: {error}") }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    let lost =
        |error: tokio::task::JoinError| Fault::Internal { message: format!("the work was lost: {error}") };
    tokio::task::spawn_blocking(work).await.map_err(lost)
}

pub(crate) fn reply(told: &serde_json::Value, tag: Option<String>) -> Result<Told, Fault> {
    Ok(Told { body: bytes(told)?, tag })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_below_the_bundle_are_files_of_it() {
        for good in ["a.ibac", "sub/b.test.ibac", "graph.ndjson", "bundle.toml", "profiles/strict/x.json"] {
            assert!(is_plain(good), "{good}");
        }
        for wrong in [
            "",
            "/a.ibac",
            "../a.ibac",
            "a/../b.ibac",
            "a//b.ibac",
            ".hidden.ibac",
            "a/.b/c.ibac",
            "a\\b.ibac",
            "a.txt",
            "sub/bundle.toml",
            "a.ibac/",
            "a b.ibac",
            "ä.ibac",
            "a\0.ibac",
            "1/2/3/4/5/6/7/8/9.ibac",
        ] {
            assert!(!is_plain(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_tag_matches_itself_and_nothing_matches_whatever_is_there() {
        for good in ["\"3.2\"", "\"1.1\", \"3.2\""] {
            assert!(matches(good, "3.2"), "{good}");
        }
        for wrong in ["3.2", "*", "W/\"3.2\"", "\"3.20\"", "", "\""] {
            assert!(!matches(wrong, "3.2"), "{wrong}");
        }
    }

    #[test]
    fn only_what_could_be_an_id_names_a_folder() {
        assert!(is_id(&new_id()));
        for wrong in ["", "..", "../../../../../../../../../../../etc", "x".repeat(36).as_str()] {
            assert!(!is_id(wrong), "{wrong}");
        }
    }
}
