//! When bundle and shadow are read again: on `SIGHUP`, and when their files differ from those last tried. A refused bundle
//! changes nothing; the old one keeps answering.

use std::fs;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::Watcher as _;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::app::App;
use crate::limits;
use crate::tls::Certificate;

/// Deepest folder below the bundle that is looked at: guards against links that lead in circles.
const DEPTH: usize = 16;

/// Reads bundle and certificate again whenever the process is sent `SIGHUP`. Listens from the moment of the call.
pub fn on_hangup(
    app: Arc<App>,
    certificates: Vec<Arc<Certificate>>,
) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    #[cfg(unix)]
    let mut hangups = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
    Ok(async move {
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
        #[cfg(unix)]
        while hangups.recv().await.is_some() {
            for certificate in &certificates {
                if let Err(error) = certificate.reload() {
                    tracing::error!(%error, "the old certificate stays in use");
                }
            }
            reload(&app).await;
        }
    })
}

/// Reads bundle and shadow again whenever their contents differ from those last tried.
pub async fn on_change(app: Arc<App>) {
    let folders = [Some(app.pdp.bundle_dir()), app.pdp.shadow_dir()];
    let folders: Vec<PathBuf> = folders.into_iter().flatten().map(Path::to_owned).collect();
    let mut tried = fingerprints(&folders).await;
    let (sender, mut events) = mpsc::channel(1);
    let _watchers: Vec<_> = folders.iter().map(|folder| watcher(folder, sender.clone())).collect();
    loop {
        // WHY: the sender above lives as long as this loop, so the channel never closes, watcher or not.
        let poll = Duration::from_millis(limits::WATCH_POLL_MS);
        if tokio::time::timeout(poll, events.recv()).await.is_ok() {
            settle(&mut events).await;
        }
        let found = fingerprints(&folders).await;
        if found != tried {
            tried = found;
            reload(&app).await;
        }
    }
}

/// Waits until no event has come for a while: half a copy is no bundle.
async fn settle(events: &mut mpsc::Receiver<()>) {
    let quiet = Duration::from_millis(limits::WATCH_QUIET_MS);
    while tokio::time::timeout(quiet, events.recv()).await.is_ok() {}
}

/// Events are a hint; without them the poll still finds every change.
fn watcher(folder: &Path, sender: mpsc::Sender<()>) -> Option<notify::RecommendedWatcher> {
    let started = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let read_only = event.is_ok_and(|event| event.kind.is_access());
        if !read_only {
            // A full channel already holds the hint.
            let _ = sender.try_send(());
        }
    })
    .and_then(|mut watcher| watcher.watch(folder, notify::RecursiveMode::Recursive).map(|()| watcher));
    started.inspect_err(|error| tracing::warn!(%error, "no change events; the bundle is only polled")).ok()
}

async fn reload(app: &App) {
    let outcome = app.pdp.reload().await;
    if let Ok(done) = &outcome {
        if let Some(refused) = &done.shadow_refused {
            tracing::error!("the shadow is refused, the old one keeps deciding beside:\n{refused}");
        } else if done.shadow_changed {
            tracing::info!("another candidate decides in the shadow");
        }
    }
    match outcome {
        Ok(done) if done.changed => {
            let (policy_revision, graph_revision) =
                (done.revisions.policy.revision, done.revisions.graph.revision);
            tracing::info!(policy_revision, graph_revision, "the bundle is published");
            if !done.warnings.is_empty() {
                tracing::warn!("the bundle has warnings:\n{}", done.warnings);
            }
        }
        Ok(_) => tracing::info!("the bundle says what it said before"),
        Err(refused) => {
            tracing::error!("the bundle is refused, the old one keeps answering:\n{}", refused.rendered)
        }
    }
}

/// A digest over names and contents of all files of each folder; nothing when it cannot be read.
async fn fingerprints(folders: &[PathBuf]) -> Vec<Option<[u8; 32]>> {
    let folders = folders.to_owned();
    let digests = move || folders.iter().map(|folder| digest(folder).ok()).collect();
    tokio::task::spawn_blocking(digests).await.unwrap_or_default()
}

fn digest(folder: &Path) -> io::Result<[u8; 32]> {
    let mut files = Vec::new();
    collect(folder, DEPTH, &mut files)?;
    files.sort();
    let mut whole = Sha256::new();
    for file in files {
        let contents = fs::read(&file)?;
        whole.update(file.as_os_str().as_encoded_bytes());
        whole.update([0]);
        whole.update(Sha256::digest(&contents));
    }
    Ok(whole.finalize().into())
}

/// WHY: names with a leading dot are skipped, links are followed: that is how mounted folders are swapped.
fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        let kind = fs::metadata(&path)?;
        if kind.is_file() {
            files.push(path);
        } else if kind.is_dir() && depth > 0 {
            collect(&path, depth - 1, files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_follows_contents_names_and_swapped_links() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::create_dir(root.join("..one")).expect("folder");
        fs::create_dir(root.join("..two")).expect("folder");
        fs::write(root.join("..one/a.ibac"), "first").expect("file");
        fs::write(root.join("..two/a.ibac"), "second").expect("file");
        std::os::unix::fs::symlink("..one", root.join("..data")).expect("link");
        std::os::unix::fs::symlink("..data/a.ibac", root.join("a.ibac")).expect("link");
        let first = digest(root).expect("readable");
        assert_eq!(digest(root).expect("readable"), first, "nothing changed");
        std::os::unix::fs::symlink("..two", root.join("..next")).expect("link");
        fs::rename(root.join("..next"), root.join("..data")).expect("swap");
        let second = digest(root).expect("readable");
        assert_ne!(second, first, "swapped link");
        fs::write(root.join("b.json"), "{}").expect("file");
        assert_ne!(digest(root).expect("readable"), second, "new file");
        assert!(digest(&root.join("absent")).is_err());
    }
}
