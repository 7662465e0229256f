//! The policies of one folder on the graphs of the time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use remit_engine::Verdict;
use remit_ledger::raw::Decided;
use remit_state::State;

use crate::again::{self, Asked};
use crate::live::Live;
use crate::revisions::Revisions;
use crate::{archive, bundle, publish};

/// See the module.
pub(super) struct World {
    data: PathBuf,
    policies: PathBuf,
    built: HashMap<String, Result<Arc<Live>, String>>,
}

impl World {
    pub(super) fn of(data: &Path, policies: &Path) -> Self {
        Self { data: data.to_owned(), policies: policies.to_owned(), built: HashMap::new() }
    }

    /// Decides again; why not, when that cannot be.
    pub(super) fn decide(
        &mut self,
        was: &Decided<'_>,
        asked: &Asked<'_>,
        state: &State,
    ) -> Result<Verdict, String> {
        let Asked::Question(question) = asked else {
            return Err(asked.lost().unwrap_or("no policy was asked").to_owned());
        };
        let live = self.live(&was.graph.digest)?;
        let lineage = again::lineage(question, state, false)?;
        again::verdict(question, &lineage, (&live, Some(state)), was)
    }

    fn live(&mut self, graph: &str) -> Result<Arc<Live>, String> {
        if let Some(known) = self.built.get(graph) {
            return known.clone();
        }
        let built = archive::graph_folder(&self.data, graph).map_err(|lost| lost.to_string());
        let built = built
            .and_then(|folder| bundle::load_from(&self.policies, &folder).map_err(|error| error.to_string()));
        let built = built.and_then(|bundle| publish::compile(bundle, &Revisions::default())).map(Arc::new);
        self.built.insert(graph.to_owned(), built.clone());
        built
    }
}
