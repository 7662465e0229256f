//! HTTP.
/// Later.
#[derive(Debug)]
pub struct Http;
