//! The use cases of the decision point: joins language, graph, engine and ledger. No axum, no sled, no sockets.
//!
//! A question enters at [`Pdp::evaluation`] and can be followed in `decide`; a policy enters at [`bundle::load`] and
//! becomes [`live::Live`] in `publish`.

pub mod allowance;
pub mod answer;
pub mod archive;
pub mod bundle;
pub mod call;
pub mod clock;
pub mod consents;
pub mod counts;
pub mod dossier;
pub mod enrich;
pub mod erasure;
pub mod expect;
pub mod fault;
pub mod incident;
pub mod incidents;
pub mod inspection;
pub mod intake;
pub mod keyed;
pub mod limits;
pub mod live;
pub mod message;
pub mod page;
pub mod pdp;
pub mod probe;
pub mod propose;
pub mod publish;
pub mod query;
pub mod record;
pub mod replay;
pub mod retention;
pub mod reviews;
pub mod revisions;
pub mod schemas;
pub mod signals;
pub mod sources;
pub mod standing;
pub mod why;

mod acting;
mod again;
mod asked;
mod batch;
mod decide;
mod denial;
mod details;
mod exchange;
mod goal;
mod governance;
mod history;
mod kept;
mod log;
pub mod outline;
mod said;
mod search;
mod shadow;
mod tenant;
mod transactions;
mod vigil;

pub use allowance::Allowance;
pub use call::{Call, Detail, Pep, Reply, Rights, Workload};
pub use clock::Clock;
pub use fault::Fault;
pub use keyed::OutcomeKey;
pub use limits::Limits;
pub use log::{LogAsk, LogMedia, LogReply};
pub use pdp::{Options, Pdp, StartError, Status};
pub use publish::{ReloadRefused, Reloaded};
pub use remit_audit as audit;
pub use remit_authzen as authzen;
pub use remit_identity::{Caller, Unverified};
pub use remit_ledger as ledger;
pub use remit_model::Timestamp;
pub use signals::PushRefusal;
