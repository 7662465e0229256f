//! The words that policy, graph and engine share: names, entities, values, types and the schema.
//!
//! Plain values only. Nothing here reads a clock, a file or a socket, and nothing here decides.

pub mod delegation;
pub mod entity;
pub mod ip;
pub mod name;
pub mod number;
pub mod reason;
pub mod schema;
pub mod time;
pub mod ty;
pub mod value;

pub use delegation::DelegationChain;
pub use entity::EntityRef;
pub use ip::IpNet;
pub use name::Name;
pub use number::Number;
pub use reason::Reason;
pub use schema::{
    Action, ActionId, AttrId, Attribute, EntityType, Field, Level, LevelId, Provenance, Relation, Schema,
    SchemaBuilder, SchemaId, TypeId,
};
pub use time::{Duration, Timestamp};
pub use ty::Ty;
pub use value::Value;
