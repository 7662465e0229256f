//! The handlers, one file per concern; each only translates between HTTP and the decision point.

pub mod admin;
pub mod audit;
pub mod authzen;
pub mod consents;
pub mod docs;
pub mod governance;
pub mod incidents;
pub mod issuance;
pub mod metadata;
pub mod probes;
pub mod query;
pub mod reply;
pub mod reviews;
pub mod signals;
pub mod transactions;
