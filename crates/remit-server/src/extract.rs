//! What handlers take out of a request: the caller, the request id, the JSON body, and what the client accepts.

mod accept;
mod body;
mod pep;

pub use accept::accepts_json;
pub use body::{EventTokenBody, JsonBody, ProposalBody};
pub use pep::{AuthenticatedPep, RequestId};
