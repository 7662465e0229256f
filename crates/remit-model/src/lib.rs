//! The words that policy, graph and engine share: names, entities, values, types, the schema,
//! intents and what a transaction has done so far, consents and signals.
//!
//! Plain values only. Nothing here reads a clock, a file or a socket, and nothing here decides.

pub mod consent;
pub mod delegation;
pub mod entity;
pub mod intent;
pub mod ip;
pub mod limits;
pub mod link;
pub mod message;
pub mod name;
pub mod narrow;
pub mod number;
pub mod origin;
pub mod reason;
pub mod roles;
pub mod schema;
mod serial;
pub mod signal;
pub mod time;
pub mod transaction;
pub mod ty;
pub mod value;

pub use consent::Grant;
pub use delegation::DelegationChain;
pub use entity::EntityRef;
pub use intent::{Argument, Bound, Intent, IntentHash, Scope, Task};
pub use ip::IpNet;
pub use message::MessageFact;
pub use name::Name;
pub use narrow::{Containment, Widening};
pub use number::Number;
pub use origin::Origin;
pub use reason::Reason;
pub use roles::Roles;
pub use schema::{
    Action, ActionId, AttrId, Attribute, EntityType, Field, Level, LevelId, Provenance, Relation, Schema,
    SchemaBuilder, SchemaId, TypeId,
};
pub use signal::{Risk, Seen, Signal};
pub use time::{Duration, Timestamp};
pub use transaction::{Outcome, Status, Step, Transaction};
pub use ty::Ty;
pub use value::Value;
