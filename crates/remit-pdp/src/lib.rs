//! The use cases of the decision point: joins the crates below; no axum, no sled, no sockets.
