//! Tests only: fixed clock, generators, the plain interpreter used as oracle.

pub mod generate;
pub mod oracle;
pub mod random;
