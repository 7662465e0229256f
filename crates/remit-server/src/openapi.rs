//! The OpenAPI 3.1 document, generated from the handlers. The committed copy is `openapi/remit.openapi.json`.

pub mod questions;
pub mod schema;

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::routes::authzen::{evaluation, evaluations, search};
use crate::routes::{
    admin, audit, consents, docs, governance, incidents, issuance, metadata, probes, query, reviews, signals,
    transactions,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Remit",
        description = "A policy decision point: AuthZEN Authorization API 1.0, recorded decisions, and its own state.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        evaluation::post,
        evaluations::post,
        search::subject,
        search::resource,
        search::action,
        metadata::get,
        transactions::open,
        transactions::read,
        transactions::narrow,
        transactions::outcomes,
        transactions::revoke,
        transactions::close,
        issuance::details,
        issuance::exchange,
        governance::decisions,
        incidents::list,
        incidents::report,
        incidents::read,
        incidents::update,
        reviews::list,
        reviews::record,
        consents::list,
        consents::grant,
        consents::withdraw,
        signals::report,
        signals::push,
        audit::checkpoint,
        audit::tile,
        audit::proof,
        audit::consistency,
        audit::vkeys,
        query::list,
        query::named,
        query::named_by_address,
        query::free,
        query::free_by_address,
        query::tail,
        admin::status,
        admin::reload,
        admin::list,
        admin::propose,
        admin::read,
        admin::approve,
        admin::withdraw,
        probes::healthz,
        probes::readyz,
        probes::metrics,
        docs::openapi,
        docs::page,
        docs::landing,
    ),
    tags(
        (name = "AuthZEN", description = "Authorization API 1.0."),
        (name = "IBAC", description = "Intents and transactions: what agents set out to do and what they have done."),
        (name = "Governance", description = "What was decided."),
        (name = "Signals", description = "What was seen of people and agents, and what ends their sessions."),
        (name = "Audit", description = "The signed log: heads, tiles and proofs that anybody can check without us."),
        (name = "Administration", description = "What people change, each by role; on a listener of its own where one is configured."),
        (name = "Operations", description = "Probes, numbers, this description."),
    ),
    modifiers(&Credentials),
)]
struct Description;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let scheme = |scheme, text: &str| {
            SecurityScheme::Http(HttpBuilder::new().scheme(scheme).description(Some(text)).build())
        };
        components.add_security_scheme("api_key", scheme(HttpAuthScheme::Bearer, "The caller's API key."));
        components.add_security_scheme(
            "client_secret",
            scheme(HttpAuthScheme::Basic, "Name and API key of the caller, each form-urlencoded."),
        );
    }
}

/// The document as compact JSON, as the server serves it.
#[must_use]
pub fn json() -> String {
    Description::openapi().to_json().unwrap_or_default()
}

/// The document as it stands in the repository.
#[must_use]
pub fn pretty() -> String {
    let mut text = Description::openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}
