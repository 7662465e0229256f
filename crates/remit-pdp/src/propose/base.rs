//! What a proposal is cut from: the policies in force, with their expectations where the bundle is still there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use remit_lang::source::Sources;
use remit_ledger::Body;

use crate::bundle::{self, BundleError, Purpose, shown};
use crate::revisions::Revisions;
use crate::{archive, expect, publish};

/// See the module.
pub(super) struct Base {
    /// The folder.
    pub dir: PathBuf,
    /// SHA-256 of the policies, in hex.
    pub digest: String,
    /// Their schemas of messages.
    schemas: Vec<PathBuf>,
    /// Their texts.
    pub sources: Sources,
    /// The resources that permits name, by rule.
    pub named: BTreeMap<String, BTreeSet<(String, String)>>,
}

impl Base {
    /// Of this folder.
    pub(super) fn of(dir: &Path) -> Result<Self, String> {
        let refused = |error: BundleError| error.to_string();
        let bundle::Bundle { policy_digest: digest, files, .. } =
            bundle::load(dir, Purpose::Serve).map_err(refused)?;
        let sources = bundle::policy_texts(dir, Purpose::Serve).map_err(refused)?;
        let mut named: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
        for (id, _) in sources.iter() {
            let (tree, _) = remit_lang::parse(id, &sources);
            for (rule, resource) in remit_lang::narrow::named(&tree) {
                named.entry(rule).or_default().insert(resource);
            }
        }
        Ok(Self { dir: dir.to_owned(), digest, schemas: files.schemas, sources, named })
    }

    /// Of what went live last: the bundle it came from when that still holds it, else the archive.
    pub(super) fn in_force(data: &Path) -> Result<Self, String> {
        let mut last = None;
        for record in remit_ledger::read(&data.join("ledger"), 0, u64::MAX) {
            if let Body::PolicyPublished(published) = record.map_err(|fault| fault.to_string())?.body {
                last = Some(published);
            }
        }
        let published = last.ok_or("no policies were ever published")?;
        let source = published.source.as_deref().map(Path::new);
        if let Some(dir) = source
            && let Ok(base) = Self::of(dir)
            && base.digest == published.digest
        {
            return Ok(base);
        }
        Self::of(&archive::policy_folder(data, &published.digest).map_err(|lost| lost.to_string())?)
    }

    /// The place of a file inside the bundle.
    pub(super) fn inside(&self, name: &str) -> String {
        shown(&self.dir, Path::new(name))
    }

    /// Copies what is not cut: expectations, schemas of messages, and what says how the bundle is read.
    pub(super) fn copy_rest(&self, out: &Path) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("cannot write `{}`: {error}", out.display());
        let all = bundle::policy_texts(&self.dir, Purpose::Test).map_err(|error| error.to_string())?;
        for (_, file) in all.iter().filter(|(_, file)| file.name.ends_with(".test.ibac")) {
            super::cut::put(&out.join(self.inside(&file.name)), &file.text)?;
        }
        for schema in &self.schemas {
            let text = std::fs::read_to_string(schema).map_err(|error| error.to_string())?;
            super::cut::put(&out.join(shown(&self.dir, schema)), &text)?;
        }
        let description = self.dir.join("bundle.toml");
        if description.is_file() {
            std::fs::create_dir_all(out).map_err(failed)?;
            std::fs::copy(description, out.join("bundle.toml")).map_err(failed)?;
        }
        Ok(())
    }

    /// The expectations that hold for the base and not for the proposal, on the graph of the bundle.
    pub(super) fn expects(&self, out: &Path) -> Vec<String> {
        let Ok(whole) = bundle::load(&self.dir, Purpose::Test) else { return Vec::new() };
        let policies = whole.policies.clone();
        let today = publish::compile(whole, &Revisions::default());
        let proposed = bundle::load_from(out, &self.dir).map_err(|error| error.to_string());
        let proposed = proposed.and_then(|bundle| publish::compile(bundle, &Revisions::default()));
        let (Ok(today), Ok(mut proposed)) = (today, proposed) else { return Vec::new() };
        // The expectations are those of the base, and so are their places.
        proposed.sources = std::sync::Arc::clone(&today.sources);
        let before = expect::run(&policies, &today);
        let after = expect::run(&policies, &proposed);
        let pairs = before.outcomes.iter().zip(&after.outcomes);
        let lost = pairs.filter(|(before, _)| before.failure.is_none()).filter_map(|(_, after)| {
            let (file, why) = (self.inside(&after.file), after.failure.as_ref()?);
            Some(format!("{file}:{}  {}: {why}", after.line, after.what))
        });
        lost.collect()
    }
}
