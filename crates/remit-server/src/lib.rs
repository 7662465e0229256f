//! HTTP in and out, and nothing else: the listener, its routes, who may ask, and how errors look on the wire.
//!
//! A request travels `serve → connection → envelope → router → routes → Pdp` and its answer the same way back. What is
//! decided, and why, is not known here.

pub mod app;
pub mod config;
mod connection;
mod envelope;
mod escalate;
mod extract;
pub mod files;
pub mod keyring;
pub mod limits;
pub mod logging;
mod metrics;
pub mod openapi;
pub mod outbound;
mod patience;
mod problem;
mod push;
pub mod reach;
mod request_id;
pub mod role;
mod route;
mod router;
mod routes;
pub mod serve;
mod svid;
mod telemetry;
pub mod tls;
mod traceparent;
mod watch;

pub use config::Config;
pub use serve::{ServeError, Server};

/// Method, path and roles of everything that people may do on the admin listener.
pub fn powers() -> impl Iterator<Item = (&'static str, &'static str, &'static [role::Role])> {
    role::TABLE.into_iter().map(|(verb, route, roles)| (verb.as_str(), route.path(), roles))
}

/// The paths of all routes, without the base path of a public URL.
pub fn routes() -> impl Iterator<Item = &'static str> {
    route::Route::ALL.into_iter().map(route::Route::path)
}
