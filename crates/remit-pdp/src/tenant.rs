//! Callers of one tenant: they may ask only about subjects and resources whose node in the graph says so. What a request
//! asserts is not looked at, and what has no tenant is of none.

use remit_model::Value;

use crate::call::Pep;
use crate::fault::Fault;
use crate::live::Live;

/// The property that says of which tenant a subject or resource is.
const TENANT: &str = "tenant";

/// Whether a caller may ask about these, by type and id.
///
/// # Errors
/// [`Fault::Forbidden`], which does not tell whether they are of another tenant or not there at all.
pub(crate) fn admit<'a>(
    pep: &Pep,
    live: &Live,
    parties: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<(), Fault> {
    let Some(tenant) = pep.tenant.as_deref() else { return Ok(()) };
    if parties.into_iter().all(|(kind, id)| is_of(tenant, live, kind, id)) {
        return Ok(());
    }
    Err(Fault::Forbidden {
        message: format!("this caller may ask only about subjects and resources of the tenant `{tenant}`"),
    })
}

/// Whether the graph says that this is of the tenant.
pub(crate) fn is_of(tenant: &str, live: &Live, kind: &str, id: &str) -> bool {
    let graph = live.bound.snapshot();
    let Some(property) = graph.schema().attr_id(TENANT) else { return false };
    let node = live.bound.program().type_id(kind).and_then(|of| graph.node(of, id));
    let said = node.and_then(|node| graph.property(node, property));
    matches!(said, Some(Value::String(of)) if **of == *tenant)
}
