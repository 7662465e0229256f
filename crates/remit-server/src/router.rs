//! Every route on one page.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodRouter, get, post};

use crate::app::{App, Side};
use crate::problem::Problem;
use crate::route::Route;
use crate::routes::authzen::{evaluation, evaluations, search};
use crate::routes::{
    admin, audit, consents, docs, governance, incidents, issuance, metadata, probes, query, reviews, signals,
    transactions,
};

/// All routes of a listener, at the root and below the path of its public URL.
pub fn router(app: Arc<App>) -> Router {
    let base = app.config.base_path().to_owned();
    let mut router = routes(Router::new(), "", &app);
    if !base.is_empty() && app.side != Side::People {
        // SPEC: AuthZEN 1.0 §9.2 inserts the well-known segment before the path; several clients append it.
        let inserted = format!("{}{base}", Route::Metadata.path());
        router = routes(router, &base, &app).route(&inserted, get(metadata::get));
    }
    router.fallback(nowhere).with_state(app)
}

fn routes(router: Router<Arc<App>>, base: &str, app: &App) -> Router<Arc<App>> {
    let at = |route: Route| format!("{base}{}", route.path());
    let router = open(router, &at);
    match app.side {
        Side::Whole => {
            for_people(for_callers(router, &at, app).route(&at(Route::Consents), get(consents::list)), &at)
                .route(&at(Route::Metrics), get(probes::metrics))
        }
        Side::Callers => for_callers(router, &at, app).route(&at(Route::Consents), get(nowhere)),
        Side::People => for_people(router.route(&at(Route::Consents), get(consents::list)), &at)
            .route(&at(Route::Metrics), get(probes::metrics)),
    }
}

/// What every listener answers to everybody.
fn open(router: Router<Arc<App>>, at: &impl Fn(Route) -> String) -> Router<Arc<App>> {
    router
        .route(&at(Route::Healthz), get(probes::healthz))
        .route(&at(Route::Readyz), get(probes::readyz))
        .route(&at(Route::OpenApi), get(docs::openapi))
        .route(&at(Route::Docs), get(docs::page))
        .route(&at(Route::DocsScript), get(docs::script))
        .route(&at(Route::DocsStyle), get(docs::style))
        .route(&at(Route::Landing), get(docs::landing))
}

/// What applications and gateways ask.
fn for_callers(router: Router<Arc<App>>, at: &impl Fn(Route) -> String, app: &App) -> Router<Arc<App>> {
    let offered = app.config.endpoints;
    router
        .route(&at(Route::Evaluation), post(evaluation::post))
        .route(&at(Route::Evaluations), offer(offered.evaluations, evaluations::post))
        .route(&at(Route::SearchSubject), offer(offered.search_subject, search::subject))
        .route(&at(Route::SearchResource), offer(offered.search_resource, search::resource))
        .route(&at(Route::SearchAction), offer(offered.search_action, search::action))
        .route(&at(Route::Metadata), get(metadata::get))
        .route(&at(Route::Transactions), post(transactions::open))
        .route(&at(Route::Transaction), get(transactions::read))
        .route(&at(Route::TransactionNarrow), post(transactions::narrow))
        .route(&at(Route::TransactionOutcomes), post(transactions::outcomes))
        .route(&at(Route::TransactionRevoke), post(transactions::revoke))
        .route(&at(Route::TransactionClose), post(transactions::close))
        .route(&at(Route::AuthorizationDetails), post(issuance::details))
        .route(&at(Route::TokenExchange), post(issuance::exchange))
        .route(&at(Route::Consents), post(consents::grant))
        .route(&at(Route::ConsentWithdraw), post(consents::withdraw))
        .route(&at(Route::Signals), post(signals::report))
        .route(&at(Route::SecurityEvents), post(signals::push))
}

/// What people look at and change; `role` says who may, where they have a listener of their own.
fn for_people(router: Router<Arc<App>>, at: &impl Fn(Route) -> String) -> Router<Arc<App>> {
    router
        .route(&at(Route::Decisions), get(governance::decisions))
        .route(&at(Route::Incidents), get(incidents::list).post(incidents::report))
        .route(&at(Route::Incident), get(incidents::read))
        .route(&at(Route::IncidentEvents), post(incidents::update))
        .route(&at(Route::Reviews), get(reviews::list).post(reviews::record))
        .route(&at(Route::LogCheckpoint), get(audit::checkpoint))
        .route(&at(Route::LogTile), get(audit::tile))
        .route(&at(Route::LogProof), get(audit::proof))
        .route(&at(Route::LogConsistency), get(audit::consistency))
        .route(&at(Route::LogVkeys), get(audit::vkeys))
        .route(&at(Route::Queries), get(query::list))
        .route(&at(Route::NamedQuery), get(query::named_by_address).post(query::named))
        .route(&at(Route::Query), get(query::free_by_address).post(query::free))
        .route(&at(Route::Tail), get(query::tail))
        .route(&at(Route::AdminStatus), get(admin::status))
        .route(&at(Route::AdminReload), post(admin::reload))
        .route(&at(Route::Proposals), get(admin::list).post(admin::propose))
        .route(&at(Route::Proposal), get(admin::read))
        .route(&at(Route::ProposalApprove), post(admin::approve))
        .route(&at(Route::ProposalWithdraw), post(admin::withdraw))
}

/// SPEC: AuthZEN 1.0 §9.1.1: an endpoint absent from the metadata is not supported, so it is not there at all.
fn offer<H, T>(offered: bool, handler: H) -> MethodRouter<Arc<App>>
where
    H: Handler<T, Arc<App>>,
    T: 'static,
{
    if offered { post(handler) } else { axum::routing::any(nowhere) }
}

async fn nowhere() -> Problem {
    Problem::NotFound(String::from("nothing is served at this address"))
}
