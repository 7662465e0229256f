//! The context graph: typed nodes and edges, published as immutable snapshots; knows no policy.
//!
//! The writer fills a [`GraphBuilder`] (or lets a loader fill it) and freezes it; readers hold a
//! [`Snapshot`]. Nothing here reads a clock: `now` is an argument wherever time matters.

mod builder;
mod canonical;
mod closure;
mod digest;
mod edge;
mod fault;
mod freeze;
mod intern;
pub mod limits;
mod load;
mod membership;
mod node;
mod place;
mod relation;
mod rows;
mod snapshot;
mod walk;

pub use builder::{GraphBuilder, NodeHandle};
pub use edge::{Edge, EdgeData, EdgeId};
pub use fault::Fault;
pub use load::{Dangling, DanglingEdge, LoadError, LoadReport, load};
pub use node::{NodeId, PropertyMetadata};
pub use place::{Document, Place};
pub use snapshot::Snapshot;
