//! The server over real sockets: HTTP in, HTTP out. Every refusal has a neighbour that is permitted.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets something unforeseen has failed, and says so by ending"
)]

mod admin;
mod audit;
mod auth;
mod authzen;
mod callers;
mod client;
mod config;
mod fixture;
mod formats;
mod incidents;
mod issuance;
mod limits;
mod logs;
mod metadata;
mod numbers;
mod openapi;
mod push;
mod questions;
mod reload;
mod request_id;
mod reviews;
mod routes;
mod sources;
mod standing;
mod stop;
mod telemetry;
mod tls;
mod tokens;
mod transactions;
mod workloads;
