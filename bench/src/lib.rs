//! What Remit costs, measured beside its peers in the same run: worlds, engines and clocks.
//!
//! A [`world::World`] is told once, without any engine's words, and becomes a Remit bundle, a Cedar policy set and a
//! regorus program; [`measure`] asks all of them the same questions in turn. Not part of the product.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement that cannot run, or that measures different answers, shall stop"
)]

pub mod measure;
pub mod peer;
pub mod random;
pub mod table;
pub mod world;
