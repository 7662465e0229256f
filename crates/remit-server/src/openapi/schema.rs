//! Shapes on the wire, for the description only: the messages themselves are read and written further in.
#![allow(dead_code, reason = "these types describe; nothing ever holds one")]

mod agents;
mod authzen;
mod governance;
mod service;

use std::collections::BTreeMap;

pub use agents::{
    DetailsAnswer, DetailsQuestion, EntityRef, ExchangeQuestion, OutcomeField, OutcomeReport,
    TransactionOpened, TransactionOpening,
};
pub use authzen::{
    Action, ActionResults, ActionSearchRequest, BatchOptions, Decision, Decisions, DetailLevel, Entity,
    EntityResults, EntityType, EvaluationItem, EvaluationRequest, EvaluationsRequest, EvaluationsResponse,
    FoundAction, FoundEntity, Metadata, Options, PageRequest, PageResponse, ResourceSearchRequest, Semantic,
    SubjectSearchRequest,
};
pub use governance::{
    AnyObject, ConsentGrant, DecisionRecords, DecisionsPage, DecisionsQuery, IncidentImpact, IncidentReport,
    IncidentUpdate, LedgerHead, ProposalUpload, ReviewReport, SignalBatch, SignalEvent,
};
pub use service::{Error, Failures, Health, Readiness, RequestIdHeader};

/// Any JSON object.
type Object = BTreeMap<String, serde_json::Value>;
