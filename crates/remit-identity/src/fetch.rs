//! `Fetch`: the one way out to issuers and sources. Who implements it enforces the bounds that a request carries.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::url::AddressRule;

/// The future of one answer.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<FetchReply, FetchError>> + Send + 'a>>;

/// Asks an issuer or a source. Implementations follow no redirect, send no cookie, use no proxy that was not configured,
/// check each resolved address, stop reading at `max_bytes`, and give up after `deadline_ms` in all.
pub trait Fetch: Send + Sync {
    /// Sends one request.
    fn fetch<'a>(&'a self, request: FetchRequest<'a>) -> Answer<'a>;
}

/// One request to a configured URL, and its bounds.
#[derive(Clone, Copy)]
pub struct FetchRequest<'a> {
    /// The configured URL.
    pub url: &'a str,
    /// The body of a form POST; without one it is a GET.
    pub form: Option<&'a str>,
    /// A body in JSON, sent by POST; without one and without a form it is a GET.
    pub json: Option<&'a [u8]>,
    /// Further headers.
    pub headers: &'a [(String, String)],
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// Bytes of the body to read at most; a longer one is an error.
    pub max_bytes: usize,
    /// Milliseconds for everything: resolving, connecting, reading.
    pub deadline_ms: u64,
    /// Which resolved addresses are permitted.
    pub addresses: AddressRule,
}

/// Shows where to, never what.
impl fmt::Debug for FetchRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchRequest").field("url", &self.url).finish_non_exhaustive()
    }
}

/// A whole answer with status 200.
#[derive(Clone)]
pub struct FetchReply {
    /// `Content-Type`, when there was one.
    pub content_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl FetchReply {
    /// Whether the content type is `application/json` or ends in `+json`.
    #[must_use]
    pub fn is_json(&self) -> bool {
        let named = self.content_type.as_deref().unwrap_or_default();
        let essence = named.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
    }
}

/// Shows the size: an introspection answer holds personal data.
impl fmt::Debug for FetchReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchReply").field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Another status than 200; redirects are not followed.
    #[error("the answer has status {0}")]
    Status(u16),
    /// More bytes than the bound.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// Nothing whole within the deadline.
    #[error("there was no whole answer within {0} ms")]
    Late(u64),
    /// The name leads to an address that is not permitted.
    #[error("the name leads to an address that is not permitted")]
    Address,
    /// No connection, or it broke.
    #[error("the connection failed: {0}")]
    Connection(String),
}

/// No way out: for deployments whose keys all come from files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Offline;

impl Fetch for Offline {
    fn fetch<'a>(&'a self, _request: FetchRequest<'a>) -> Answer<'a> {
        Box::pin(std::future::ready(Err(FetchError::Connection("there is no way out".into()))))
    }
}
