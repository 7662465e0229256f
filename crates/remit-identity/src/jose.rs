//! JOSE, strictly: compact tokens, keys, key sets, signatures. Knows no claim.

pub(crate) mod algorithm;
pub(crate) mod compact;
pub(crate) mod key;
pub(crate) mod key_set;
mod roca;
pub(crate) mod rsa;
