//! `Route`: the closed list of addresses, used to build the router, to label metrics and to describe the API.

use remit_pdp::authzen::metadata;

/// Where a request can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// One access evaluation.
    Evaluation,
    /// Many access evaluations.
    Evaluations,
    /// Who may.
    SearchSubject,
    /// What may be acted on.
    SearchResource,
    /// What may be done.
    SearchAction,
    /// The well-known document.
    Metadata,
    /// Open a transaction.
    Transactions,
    /// One transaction.
    Transaction,
    /// Open a child of it.
    TransactionNarrow,
    /// Report what a step returned.
    TransactionOutcomes,
    /// Stop it.
    TransactionRevoke,
    /// Finish it.
    TransactionClose,
    /// Filter an intent.
    AuthorizationDetails,
    /// May a token be issued.
    TokenExchange,
    /// Recorded decisions.
    Decisions,
    /// Incidents.
    Incidents,
    /// One incident.
    Incident,
    /// What is new about it.
    IncidentEvents,
    /// Access reviews.
    Reviews,
    /// Consents of a person.
    Consents,
    /// Take one back.
    ConsentWithdraw,
    /// What was seen of parties.
    Signals,
    /// Security event tokens.
    SecurityEvents,
    /// The last signed head of the log.
    LogCheckpoint,
    /// Its tiles and entry bundles.
    LogTile,
    /// The proof of one record.
    LogProof,
    /// The proof that it only grew.
    LogConsistency,
    /// Its public keys.
    LogVkeys,
    /// The named questions.
    Queries,
    /// One of them.
    NamedQuery,
    /// A free question.
    Query,
    /// Records as they come in.
    Tail,
    /// The state of the service.
    AdminStatus,
    /// Read the bundle again.
    AdminReload,
    /// Proposed bundles.
    Proposals,
    /// One of them.
    Proposal,
    /// Publish it.
    ProposalApprove,
    /// Take it back.
    ProposalWithdraw,
    /// The process is alive.
    Healthz,
    /// The process can decide.
    Readyz,
    /// Numbers for Prometheus.
    Metrics,
    /// The OpenAPI document.
    OpenApi,
    /// The page that shows it.
    Docs,
    /// Its script.
    DocsScript,
    /// Its style sheet.
    DocsStyle,
    /// The front door.
    Landing,
    /// Anything else.
    Unknown,
}

impl Route {
    /// All that exist.
    pub const ALL: [Self; 46] = [
        Self::Evaluation,
        Self::Evaluations,
        Self::SearchSubject,
        Self::SearchResource,
        Self::SearchAction,
        Self::Metadata,
        Self::Transactions,
        Self::Transaction,
        Self::TransactionNarrow,
        Self::TransactionOutcomes,
        Self::TransactionRevoke,
        Self::TransactionClose,
        Self::AuthorizationDetails,
        Self::TokenExchange,
        Self::Decisions,
        Self::Incidents,
        Self::Incident,
        Self::IncidentEvents,
        Self::Reviews,
        Self::Consents,
        Self::ConsentWithdraw,
        Self::Signals,
        Self::SecurityEvents,
        Self::LogCheckpoint,
        Self::LogTile,
        Self::LogProof,
        Self::LogConsistency,
        Self::LogVkeys,
        Self::Queries,
        Self::NamedQuery,
        Self::Query,
        Self::Tail,
        Self::AdminStatus,
        Self::AdminReload,
        Self::Proposals,
        Self::Proposal,
        Self::ProposalApprove,
        Self::ProposalWithdraw,
        Self::Healthz,
        Self::Readyz,
        Self::Metrics,
        Self::OpenApi,
        Self::Docs,
        Self::DocsScript,
        Self::DocsStyle,
        Self::Landing,
    ];

    /// Its path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Evaluation => metadata::EVALUATION,
            Self::Evaluations => metadata::EVALUATIONS,
            Self::SearchSubject => metadata::SEARCH_SUBJECT,
            Self::SearchResource => metadata::SEARCH_RESOURCE,
            Self::SearchAction => metadata::SEARCH_ACTION,
            Self::Metadata => metadata::WELL_KNOWN,
            Self::Transactions => "/ibac/v1/transactions",
            Self::Transaction => "/ibac/v1/transactions/{id}",
            Self::TransactionNarrow => "/ibac/v1/transactions/{id}/narrow",
            Self::TransactionOutcomes => "/ibac/v1/transactions/{id}/outcomes",
            Self::TransactionRevoke => "/ibac/v1/transactions/{id}/revoke",
            Self::TransactionClose => "/ibac/v1/transactions/{id}/close",
            Self::AuthorizationDetails => "/ibac/v1/authorization-details",
            Self::TokenExchange => "/ibac/v1/token-exchange",
            Self::Decisions => "/governance/v1/decisions",
            Self::Incidents => "/governance/v1/incidents",
            Self::Incident => "/governance/v1/incidents/{id}",
            Self::IncidentEvents => "/governance/v1/incidents/{id}/events",
            Self::Reviews => "/governance/v1/reviews",
            Self::Consents => "/governance/v1/consents",
            Self::ConsentWithdraw => "/governance/v1/consents/{id}/withdraw",
            Self::Signals => "/signals/v1/events",
            Self::SecurityEvents => "/signals/v1/security-events",
            Self::LogCheckpoint => "/audit/v1/log/checkpoint",
            Self::LogTile => "/audit/v1/log/tile/{*path}",
            Self::LogProof => "/audit/v1/log/proof/{id}",
            Self::LogConsistency => "/audit/v1/log/consistency",
            Self::LogVkeys => "/audit/v1/log/vkey",
            Self::Queries => "/governance/v1/queries",
            Self::NamedQuery => "/governance/v1/queries/{id}",
            Self::Query => "/governance/v1/query",
            Self::Tail => "/governance/v1/tail",
            Self::AdminStatus => "/admin/v1/status",
            Self::AdminReload => "/admin/v1/reload",
            Self::Proposals => "/admin/v1/proposals",
            Self::Proposal => "/admin/v1/proposals/{id}",
            Self::ProposalApprove => "/admin/v1/proposals/{id}/approve",
            Self::ProposalWithdraw => "/admin/v1/proposals/{id}/withdraw",
            Self::Healthz => "/healthz",
            Self::Readyz => "/readyz",
            Self::Metrics => "/metrics",
            Self::OpenApi => "/openapi.json",
            Self::Docs => "/docs",
            Self::DocsScript => "/docs/page.js",
            Self::DocsStyle => "/docs/page.css",
            Self::Landing => "/",
            Self::Unknown => "",
        }
    }

    /// Its label in metrics and access log.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Evaluation => "evaluation",
            Self::Evaluations => "evaluations",
            Self::SearchSubject => "search_subject",
            Self::SearchResource => "search_resource",
            Self::SearchAction => "search_action",
            Self::Metadata => "metadata",
            Self::Transactions => "transactions",
            Self::Transaction => "transaction",
            Self::TransactionNarrow => "transaction_narrow",
            Self::TransactionOutcomes => "transaction_outcomes",
            Self::TransactionRevoke => "transaction_revoke",
            Self::TransactionClose => "transaction_close",
            Self::AuthorizationDetails => "authorization_details",
            Self::TokenExchange => "token_exchange",
            Self::Decisions => "decisions",
            Self::Incidents => "incidents",
            Self::Incident => "incident",
            Self::IncidentEvents => "incident_events",
            Self::Reviews => "reviews",
            Self::Consents => "consents",
            Self::ConsentWithdraw => "consent_withdraw",
            Self::Signals => "signals",
            Self::SecurityEvents => "security_events",
            Self::LogCheckpoint => "log_checkpoint",
            Self::LogTile => "log_tile",
            Self::LogProof => "log_proof",
            Self::LogConsistency => "log_consistency",
            Self::LogVkeys => "log_vkey",
            Self::Queries => "queries",
            Self::NamedQuery => "named_query",
            Self::Query => "query",
            Self::Tail => "tail",
            Self::AdminStatus => "admin_status",
            Self::AdminReload => "admin_reload",
            Self::Proposals => "proposals",
            Self::Proposal => "proposal",
            Self::ProposalApprove => "proposal_approve",
            Self::ProposalWithdraw => "proposal_withdraw",
            Self::Healthz => "healthz",
            Self::Readyz => "readyz",
            Self::Metrics => "metrics",
            Self::OpenApi => "openapi",
            Self::Docs | Self::DocsScript | Self::DocsStyle => "docs",
            Self::Landing => "landing",
            Self::Unknown => "unknown",
        }
    }

    /// Needs a caller, counts against the bound of requests at once.
    pub const fn is_work(self) -> bool {
        matches!(
            self,
            Self::Evaluation
                | Self::Evaluations
                | Self::SearchSubject
                | Self::SearchResource
                | Self::SearchAction
                | Self::Transactions
                | Self::Transaction
                | Self::TransactionNarrow
                | Self::TransactionOutcomes
                | Self::TransactionRevoke
                | Self::TransactionClose
                | Self::AuthorizationDetails
                | Self::TokenExchange
                | Self::Decisions
                | Self::Incidents
                | Self::Incident
                | Self::IncidentEvents
                | Self::Reviews
                | Self::Consents
                | Self::ConsentWithdraw
                | Self::Signals
                | Self::SecurityEvents
                | Self::LogCheckpoint
                | Self::LogTile
                | Self::LogProof
                | Self::LogConsistency
                | Self::LogVkeys
                | Self::Queries
                | Self::NamedQuery
                | Self::Query
                | Self::Tail
                | Self::AdminStatus
                | Self::AdminReload
                | Self::Proposals
                | Self::Proposal
                | Self::ProposalApprove
                | Self::ProposalWithdraw
        )
    }

    /// Reads files of the log, and may read many of them.
    pub const fn reads_log(self) -> bool {
        matches!(
            self,
            Self::Decisions
                | Self::Reviews
                | Self::NamedQuery
                | Self::Query
                | Self::LogTile
                | Self::LogProof
                | Self::LogConsistency
        )
    }

    /// The route of a request path, with or without the base path of the public URL in front.
    pub fn of(path: &str, base: &str) -> Self {
        let known = |path: &str| Self::ALL.into_iter().find(|route| matches(route.path(), path));
        let below = || path.strip_prefix(base).and_then(known);
        let inserted = || {
            let rest = path.strip_prefix(Self::Metadata.path())?;
            (!base.is_empty() && rest == base).then_some(Self::Metadata)
        };
        known(path).or_else(below).or_else(inserted).unwrap_or(Self::Unknown)
    }
}

/// Whether a path is one of a pattern; `{id}` stands for one segment that is not empty, `{*path}` for all that is left.
fn matches(pattern: &str, path: &str) -> bool {
    if let Some(before) = pattern.strip_suffix("{*path}") {
        return path.strip_prefix(before).is_some_and(|rest| !rest.is_empty());
    }
    let Some((before, after)) = pattern.split_once("{id}") else { return pattern == path };
    let id = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    id.is_some_and(|id| !id.is_empty() && !id.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn an_id_in_a_path_is_one_segment() {
        let at = |rest: &str| Route::of(&format!("/ibac/v1/transactions{rest}"), "");
        assert_eq!(at(""), Route::Transactions);
        assert_eq!(at("/t-1"), Route::Transaction);
        assert_eq!(at("/t-1/close"), Route::TransactionClose);
        for nowhere in ["/", "/t-1/", "/t-1/burn", "/a/b/close"] {
            assert_eq!(at(nowhere), Route::Unknown, "{nowhere}");
        }
    }

    #[test]
    fn every_route_is_found_by_its_path_at_the_root_and_below_a_base() {
        for route in Route::ALL {
            assert_eq!(Route::of(route.path(), ""), route);
            assert_eq!(Route::of(&format!("/t1{}", route.path()), "/t1"), route);
        }
        assert_eq!(Route::of("/.well-known/authzen-configuration/t1", "/t1"), Route::Metadata);
        for nowhere in ["/nothing", "/t1", "/t2/healthz", "/access/v1/evaluation/"] {
            assert_eq!(Route::of(nowhere, "/t1"), Route::Unknown, "{nowhere}");
        }
    }
}
