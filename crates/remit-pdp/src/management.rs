//! What people who run the service see of it and do with it: its state, and reading the bundle again.

use serde_json::json;

use crate::call::Call;
use crate::fault::Fault;
use crate::pdp::Pdp;
use crate::proposals::{Told, reply, tag};

impl Pdp {
    /// What is live, and how the ledger is. The tag is the revision that a proposal names.
    ///
    /// # Errors
    /// [`Fault::Forbidden`].
    pub fn show_status(&self, call: &Call<'_>) -> Result<Told, Fault> {
        self.counted(self.show_inner(call))
    }

    fn show_inner(&self, call: &Call<'_>) -> Result<Told, Fault> {
        self.permit(call.pep.rights.admin, "administer")?;
        let status = self.status();
        let (policy, graph, ledger) = (&status.revisions.policy, &status.revisions.graph, &status.ledger);
        let revision = tag(&status.revisions);
        let told = json!({
            "ready": status.ready,
            "version": crate::record::ENGINE,
            "revision": revision,
            "policy": { "revision": policy.revision, "digest": policy.digest, "rules": status.rules },
            "graph": {
                "revision": graph.revision,
                "digest": graph.digest,
                "nodes": status.nodes,
                "edges": status.edges,
                "placeholders": status.placeholders,
            },
            "proposals": self.proposals.map(|settings| json!({ "four_eyes": settings.four_eyes })),
            "ledger": {
                "size": ledger.size,
                "durable": ledger.durable,
                "queue_depth": ledger.queue_depth,
                "poisoned": ledger.poisoned,
            },
        });
        reply(&told, Some(revision))
    }

    /// Reads the bundle again for somebody, who stands in the record of what changed.
    ///
    /// # Errors
    /// [`Fault::Conflict`] with every reason when it is refused; the old one keeps serving.
    pub async fn reload_for(&self, call: &Call<'_>) -> Result<Told, Fault> {
        self.noted(call, self.reload_for_inner(call).await).await
    }

    async fn reload_for_inner(&self, call: &Call<'_>) -> Result<Told, Fault> {
        self.permit(call.pep.rights.admin, "administer")?;
        let done = self.reload_by(Some(&call.pep.name)).await;
        let done = done.map_err(|refused| Fault::Conflict { message: refused.rendered })?;
        let revision = tag(&done.revisions);
        let told = json!({
            "revision": revision,
            "changed": done.changed,
            "warnings": done.warnings,
            "shadow_changed": done.shadow_changed,
            "shadow_refused": done.shadow_refused,
        });
        reply(&told, Some(revision))
    }
}
