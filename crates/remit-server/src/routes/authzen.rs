//! The endpoints of AuthZEN 1.0 that decide.

pub mod evaluation;
pub mod evaluations;
pub mod search;
