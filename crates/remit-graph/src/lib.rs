//! The context graph: typed nodes and edges, published as immutable snapshots; knows no policy.
//!
//! The writer fills a [`GraphBuilder`] (or lets a loader fill it) and freezes it; readers hold a
//! [`Snapshot`]. Nothing here reads a clock: `now` is an argument wherever time matters.

mod builder;
mod canonical;
mod closure;
mod digest;
mod edge;
mod freeze;
pub mod limits;
mod membership;
mod node;
mod relation;
mod rows;
mod snapshot;
mod walk;

pub use builder::{GraphBuilder, NodeHandle};
pub use edge::{Edge, EdgeData, EdgeId};
pub use node::{NodeId, PropertyMetadata};
pub use snapshot::Snapshot;
