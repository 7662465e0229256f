//! The context graph: typed nodes and edges, published as immutable snapshots; knows no policy.
//!
//! [`load()`] reads documents into a [`GraphBuilder`]; a [`Store`] changes it in whole batches and freezes it;
//! readers hold a [`Snapshot`]. Nothing here reads a clock: `now` is an argument wherever time matters.

mod builder;
mod canonical;
mod change;
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
mod store;
mod walk;

pub use builder::{GraphBuilder, NodeHandle};
pub use change::{Change, ChangeError, NodeKey};
pub use edge::{Edge, EdgeData, EdgeId};
pub use fault::Fault;
pub use load::{Dangling, DanglingEdge, LoadError, LoadReport, load, read_changes};
pub use node::{NodeId, Property, PropertyMetadata};
pub use place::{Document, Place};
pub use snapshot::Snapshot;
pub use store::Store;
