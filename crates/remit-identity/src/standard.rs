//! One file per standard: what a token of that kind must hold, and what it proves.

pub(crate) mod spiffe;
