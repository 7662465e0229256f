//! Bundle to live program, all or nothing: the old state keeps serving until the new one is complete and recorded.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use remit_engine::Program;
use remit_lang::checked::{Policies, Term};
use remit_ledger::{Body, Published};
use remit_model::{Roles, Timestamp};

use crate::archive;
use crate::bundle::{self, Bundle, Purpose};
use crate::live::Live;
use crate::outline::Outline;
use crate::pdp::Pdp;
use crate::proposals;
use crate::record;
use crate::revisions::Revisions;
use crate::shadow;

/// What a reload did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reloaded {
    /// Numbers now in force.
    pub revisions: Revisions,
    /// False when policies and graph are what they were.
    pub changed: bool,
    /// What the checker warned of, rendered.
    pub warnings: String,
    /// Whether another candidate decides in the shadow now.
    pub shadow_changed: bool,
    /// Why the candidate in the shadow stays the old one, for people.
    pub shadow_refused: Option<String>,
}

/// Why a reload changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rendered}")]
pub struct ReloadRefused {
    /// Every reason, for people.
    pub rendered: String,
}

/// Where a bundle comes from, and whose doing it is that it goes live.
#[derive(Debug, Clone)]
pub struct Origin {
    /// What is read.
    pub load: Load,
    /// How the record names it.
    pub source: String,
    /// Who changed it, where that is known.
    pub author: Option<String>,
    /// Who approved it, where somebody had to.
    pub approver: Option<String>,
    /// Nothing goes live unless this revision is live until then.
    pub upon: Option<String>,
}

/// What is read.
#[derive(Debug, Clone)]
pub enum Load {
    /// The folder that the operator keeps.
    Folder(PathBuf),
    /// A proposal, as its approver read it.
    Proposal {
        /// Its files.
        dir: PathBuf,
        /// SHA-256 over their names and bytes.
        digest: String,
    },
    /// What went live last; whoever changed it since did so without approval.
    Archive,
}

impl Origin {
    /// The folder of the operator.
    #[must_use]
    pub fn folder(dir: &Path) -> Self {
        let (load, source) = (Load::Folder(dir.to_owned()), dir.display().to_string());
        Self { load, source, author: None, approver: None, upon: None }
    }

    /// What went live last.
    #[must_use]
    pub fn archive() -> Self {
        let source = "what was approved".to_owned();
        Self { load: Load::Archive, source, author: None, approver: None, upon: None }
    }
}

/// Reads and checks a bundle.
///
/// # Errors
/// Every reason why it is refused, for people.
pub(crate) fn read(load: &Load, data: &Path, before: &Revisions) -> Result<Bundle, String> {
    let loaded = |dir: &Path| bundle::load(dir, Purpose::Serve).map_err(|error| error.to_string());
    match load {
        Load::Folder(dir) => loaded(dir),
        Load::Proposal { dir, digest } => {
            let found = bundle::content_digest(dir).map_err(|error| error.to_string())?;
            if found != *digest {
                return Err("the files of the proposal are not those that were proposed".to_owned());
            }
            loaded(dir)
        }
        Load::Archive => {
            let (policy, graph) = (&before.policy.digest, &before.graph.digest);
            let policies = archive::policy_folder(data, policy).map_err(|lost| lost.to_string())?;
            let documents = archive::graph_folder(data, graph).map_err(|lost| lost.to_string())?;
            bundle::load_from(&policies, &documents).map_err(|error| error.to_string())
        }
    }
}

/// INVARIANT: what comes out of the archive is what was approved, or nothing.
pub(crate) fn unchanged(load: &Load, live: &Live, before: &Revisions) -> Result<(), String> {
    match load {
        Load::Folder(_) | Load::Proposal { .. } => Ok(()),
        Load::Archive if live.revisions.policy == before.policy && live.revisions.graph == before.graph => {
            Ok(())
        }
        Load::Archive => Err("the archive of revisions does not hold what was approved".to_owned()),
    }
}

/// Program and snapshot from a loaded bundle; the numbers continue `before`.
///
/// # Errors
/// The policies passed their checks and still make no program.
pub fn compile(bundle: Bundle, before: &Revisions) -> Result<Live, String> {
    let schema = &bundle.policies.schema;
    let agent = Roles::of(schema).agent.and_then(|of| schema.entity_type(of)).map(|of| of.name.to_string());
    let persons = persons(&bundle.policies, agent.as_deref());
    let outline = Outline::of(&bundle.policies, &bundle.sources);
    let program = remit_engine::lower(&bundle.policies).map_err(|error| error.to_string())?;
    let policy = before.policy.next(&bundle.policy_digest);
    let snapshot = bundle.graph.freeze(before.graph.revision + 1);
    let graph = before.graph.next(snapshot.digest());
    // WHY: the number is known only once the digest is; an unchanged graph keeps its old number.
    let snapshot =
        if graph.revision == snapshot.revision() { snapshot } else { bundle.graph.freeze(graph.revision) };
    Ok(Live {
        bound: Program::bind(Arc::new(program), Arc::new(snapshot)),
        sources: Arc::new(bundle.sources),
        agent,
        outline,
        persons,
        schemas: Arc::new(bundle.schemas),
        shadow: None,
        revisions: Revisions { policy, graph, config: before.config.clone() },
    })
}

/// The types that policies speak of as subjects, agents apart: their ids are personal data.
fn persons(policies: &Policies, agent: Option<&str>) -> BTreeSet<String> {
    let selectors = policies.rules.iter().filter_map(|rule| rule.subjects.as_ref());
    let intents = policies.intents.iter().filter_map(|intent| intent.subjects.as_ref());
    let named = selectors.chain(intents).flat_map(|selector| &selector.terms).map(|term| match term {
        Term::Type(of) | Term::Entity(of, _) | Term::MemberOf(of, _) => *of,
    });
    let named = named.filter_map(|of| policies.schema.entity_type(of)).map(|of| of.name.as_str());
    named.filter(|of| Some(*of) != agent).map(str::to_owned).collect()
}

/// The records that say what went live, and how it differs from what was live earlier, when that is known.
#[must_use]
pub fn events(
    before: &Revisions,
    earlier: Option<&Outline>,
    live: &Live,
    origin: &Origin,
    now: Timestamp,
) -> Vec<Body> {
    let published = |digest: &str, revision, items: usize| Published {
        approved: Vec::new(),
        approver: origin.approver.clone(),
        author: origin.author.clone(),
        changes: Vec::new(),
        digest: digest.to_owned(),
        items: items as u64,
        revision,
        source: Some(origin.source.clone()),
        time: record::time(now),
    };
    let mut events = Vec::new();
    let Revisions { policy, graph, .. } = &live.revisions;
    if *policy != before.policy {
        let rules = live.bound.program().rule_count();
        let changes = earlier.map(|earlier| live.outline.changes_since(earlier)).unwrap_or_default();
        let approved = live.outline.packages.clone();
        let plain = published(&policy.digest, policy.revision, rules);
        events.push(Body::PolicyPublished(Published { approved, changes, ..plain }));
    }
    if *graph != before.graph {
        let snapshot = live.bound.snapshot();
        let items = snapshot.node_count() + snapshot.edge_count();
        events.push(Body::GraphPublished(published(&graph.digest, graph.revision, items)));
    }
    events
}

impl Pdp {
    /// Reads the bundle again and publishes it whole, or changes nothing.
    ///
    /// # Errors
    /// [`ReloadRefused`] with every reason; the old state keeps serving.
    pub async fn reload(&self) -> Result<Reloaded, ReloadRefused> {
        self.reload_by(None).await
    }

    /// The same for somebody, who stands in the record. Where proposals are the way, the folder is not read.
    pub(crate) async fn reload_by(&self, author: Option<&str>) -> Result<Reloaded, ReloadRefused> {
        let origin = match self.proposals {
            Some(_) => Origin::archive(),
            None => Origin::folder(&self.bundle),
        };
        self.put_live(Origin { author: author.map(str::to_owned), ..origin }).await
    }

    /// Publishes what an origin holds, whole, or changes nothing.
    pub(crate) async fn put_live(&self, origin: Origin) -> Result<Reloaded, ReloadRefused> {
        let outcome = self.put_live_inner(origin).await;
        match &outcome {
            Ok(reloaded) => {
                if reloaded.changed {
                    self.counts.reloads.up();
                }
                if reloaded.shadow_refused.is_some() {
                    self.counts.shadows_refused.up();
                }
            }
            Err(_) => self.counts.reloads_refused.up(),
        }
        outcome
    }

    async fn put_live_inner(&self, origin: Origin) -> Result<Reloaded, ReloadRefused> {
        let refused = |rendered: String| ReloadRefused { rendered };
        let _one_at_a_time = self.publishing.lock().await;
        let earlier = self.published.load_full();
        let before = earlier.revisions.clone();
        if origin.upon.as_ref().is_some_and(|upon| *upon != proposals::tag(&before)) {
            return Err(refused("something else went live since".to_owned()));
        }
        let (numbers, data, load) = (before.clone(), self.data.clone(), origin.load.clone());
        let (candidate, old) = (self.shadow.clone(), Arc::clone(&earlier));
        let work = move || {
            let bundle = read(&load, &data, &numbers)?;
            let warnings = bundle.rendered_warnings();
            let (files, dir) = (bundle.files.clone(), bundle.dir.clone());
            let mut live = compile(bundle, &numbers)?;
            unchanged(&load, &live, &numbers)?;
            archive::keep(&data, &live, &files, &dir).map_err(|error| format!("the archive: {error}"))?;
            let refused = candidate.and_then(|dir| shadow::renew(&dir, &data, &mut live, &old));
            Ok((live, warnings, refused))
        };
        let built = tokio::task::spawn_blocking(work).await.map_err(|error| refused(error.to_string()))?;
        let (live, warnings, shadow_refused) = built.map_err(refused)?;
        let changed = live.revisions != before;
        let shadow_changed = shadow::differ(earlier.shadow.as_deref(), live.shadow.as_deref());
        if changed || shadow_changed {
            let now = self.now().map_err(|fault| refused(fault.to_string()))?;
            let mut events = events(&before, Some(&earlier.outline), &live, &origin, now);
            events.extend(shadow::event(earlier.shadow.as_deref(), live.shadow.as_deref(), now));
            // INVARIANT: a revision is on record before the first decision that names it.
            let _receipts =
                self.ledger.append_all(events).await.map_err(|error| refused(error.to_string()))?;
            // INVARIANT: nothing of an entity that goes counts any more before another can bear its id.
            self.end_departed(&earlier, &live, now).await.map_err(refused)?;
            live.revisions.write(&self.data).map_err(|error| refused(error.to_string()))?;
        }
        let revisions = live.revisions.clone();
        self.sources.warn(live.bound.program());
        if changed || shadow_changed {
            self.published.store(Arc::new(live));
        }
        Ok(Reloaded { revisions, changed, warnings, shadow_changed, shadow_refused })
    }
}
