//! What the client tests share: a running `remit serve` that speaks TLS, and an HTTP client that trusts it and
//! nobody else.

mod authority;
mod server;

pub use authority::Authority;
pub use server::{KEY, Remit};
