//! The only HTTP client: asks configured issuers and sources, within bounds, and follows nobody anywhere.
//!
//! INVARIANT: every URL comes from the configuration, or from a policy whose host the configuration names; every resolved address is judged before a connection is made.

use std::error::Error as _;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use remit_identity::url::check_url;
use remit_identity::{AddressRule, Answer, Fetch, FetchError, FetchReply, FetchRequest};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Certificate, Client, Response, StatusCode};

use crate::limits;
use crate::tls::choose_provider;

/// Asks issuers over HTTP.
#[derive(Debug, Clone)]
pub struct Outbound {
    public: Client,
    any: Client,
}

/// Why no client can be made.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The file with the authorities to trust.
    #[error("`{path}` holds no certificates in PEM: {cause}")]
    Authorities {
        /// The file.
        path: String,
        /// What went wrong.
        cause: String,
    },
    /// The TLS library.
    #[error("no TLS client: {0}")]
    Tls(String),
}

impl Outbound {
    /// A client that trusts the system's authorities, or only those of a PEM file.
    pub fn new(ca_file: Option<&Path>) -> Result<Self, OutboundError> {
        choose_provider();
        let authorities = match ca_file {
            None => None,
            Some(path) => {
                let told =
                    |cause: String| OutboundError::Authorities { path: path.display().to_string(), cause };
                let pem = std::fs::read(path).map_err(|error| told(error.to_string()))?;
                Some(Certificate::from_pem_bundle(&pem).map_err(|error| told(error.to_string()))?)
            }
        };
        let client = |rule| {
            let mut builder = Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .dns_resolver(Arc::new(Judged(rule)))
                .user_agent(concat!("remit/", env!("CARGO_PKG_VERSION")));
            if let Some(authorities) = &authorities {
                builder = builder.tls_certs_only(authorities.clone());
            }
            builder.build().map_err(|error| OutboundError::Tls(error.to_string()))
        };
        Ok(Self { public: client(AddressRule::Public)?, any: client(AddressRule::Any)? })
    }

    /// Sends JSON with one header of ours; taken when the answer is a success.
    ///
    /// # Errors
    /// [`FetchError`]: not permitted, not reached, late, or refused.
    pub async fn post(
        &self,
        url: &str,
        addresses: AddressRule,
        (name, value): (&'static str, &str),
        body: Vec<u8>,
    ) -> Result<(), FetchError> {
        check_url(url, addresses).map_err(|_| FetchError::Address)?;
        let client = self.client(addresses);
        let deadline_ms = limits::ESCALATE_DEADLINE_MS;
        let call = client.post(url).header(CONTENT_TYPE, "application/json").header(name, value).body(body);
        let reply = call.timeout(Duration::from_millis(deadline_ms)).send().await;
        let status = reply.map_err(|error| told(&error, deadline_ms))?.status();
        if status.is_success() { Ok(()) } else { Err(FetchError::Status(status.as_u16())) }
    }

    fn client(&self, addresses: AddressRule) -> &Client {
        match addresses {
            AddressRule::Public => &self.public,
            AddressRule::Any => &self.any,
        }
    }

    /// Posts a text to a configured address; gives status and body, whatever the status.
    ///
    /// # Errors
    /// When there is no whole answer in time.
    pub async fn post_text(
        &self,
        url: &str,
        text: String,
        deadline_ms: u64,
    ) -> Result<(u16, Vec<u8>), FetchError> {
        check_url(url, AddressRule::Any).map_err(|_| FetchError::Address)?;
        let call = self.any.post(url).header(CONTENT_TYPE, "text/plain; charset=utf-8").body(text);
        let posted = async {
            let reply = call.send().await.map_err(|error| told(&error, deadline_ms))?;
            let status = reply.status().as_u16();
            Ok((status, bounded(reply, limits::PUSH_ANSWER_BYTES, deadline_ms).await?))
        };
        let whole = tokio::time::timeout(Duration::from_millis(deadline_ms), posted).await;
        whole.unwrap_or(Err(FetchError::Late(deadline_ms)))
    }

    /// Posts bytes with these headers to a configured address; gives status and body, whatever the status.
    ///
    /// # Errors
    /// When there is no whole answer in time.
    pub async fn post_bytes(
        &self,
        url: &str,
        addresses: AddressRule,
        headers: HeaderMap,
        body: bytes::Bytes,
        deadline_ms: u64,
    ) -> Result<(u16, Vec<u8>), FetchError> {
        check_url(url, addresses).map_err(|_| FetchError::Address)?;
        let call = self.client(addresses).post(url).headers(headers).body(body);
        let posted = async {
            let reply = call.send().await.map_err(|error| told(&error, deadline_ms))?;
            let status = reply.status().as_u16();
            Ok((status, bounded(reply, limits::SPANS_ANSWER_BYTES, deadline_ms).await?))
        };
        let whole = tokio::time::timeout(Duration::from_millis(deadline_ms), posted).await;
        whole.unwrap_or(Err(FetchError::Late(deadline_ms)))
    }

    /// Puts a question in JSON to a decision point; gives status and body, whatever the status.
    ///
    /// # Errors
    /// When there is no whole answer in time.
    pub async fn ask(
        &self,
        url: &str,
        key: Option<&str>,
        body: Vec<u8>,
    ) -> Result<(u16, Vec<u8>), FetchError> {
        check_url(url, AddressRule::Any).map_err(|_| FetchError::Address)?;
        let deadline_ms = limits::ASK_DEADLINE_MS;
        let mut call = self.any.post(url).header(CONTENT_TYPE, "application/json").body(body);
        if let Some(key) = key {
            let mut value = HeaderValue::from_str(&format!("Bearer {key}"))
                .map_err(|_| FetchError::Connection("the key is no header".into()))?;
            value.set_sensitive(true);
            call = call.header(AUTHORIZATION, value);
        }
        let asked = async {
            let reply = call.send().await.map_err(|error| told(&error, deadline_ms))?;
            let status = reply.status().as_u16();
            Ok((status, bounded(reply, limits::ASK_ANSWER_BYTES, deadline_ms).await?))
        };
        let whole = tokio::time::timeout(Duration::from_millis(deadline_ms), asked).await;
        whole.unwrap_or(Err(FetchError::Late(deadline_ms)))
    }

    async fn exchange(&self, request: FetchRequest<'_>) -> Result<FetchReply, FetchError> {
        // WHY: the resolver below is not asked about addresses written into the URL.
        check_url(request.url, request.addresses).map_err(|_| FetchError::Address)?;
        let client = self.client(request.addresses);
        let mut call = match (request.json, request.form) {
            (Some(json), _) => {
                client.post(request.url).header(CONTENT_TYPE, "application/json").body(json.to_vec())
            }
            (None, None) => client.get(request.url),
            (None, Some(form)) => client
                .post(request.url)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.to_owned()),
        };
        for (name, value) in request.headers {
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| FetchError::Connection("a configured header has no text".into()))?;
            value.set_sensitive(true);
            call = call.header(name, value);
        }
        call = call.header(ACCEPT, "application/json, application/jwk-set+json");
        if let Some(value) = request.authorization {
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| FetchError::Connection("the configured credential is no header".into()))?;
            value.set_sensitive(true);
            call = call.header(AUTHORIZATION, value);
        }
        let call = call.timeout(Duration::from_millis(request.deadline_ms));
        let reply = call.send().await.map_err(|error| told(&error, request.deadline_ms))?;
        if reply.status() != StatusCode::OK {
            return Err(FetchError::Status(reply.status().as_u16()));
        }
        let content_type = reply.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.map(str::to_owned);
        let body = bounded(reply, request.max_bytes, request.deadline_ms).await?;
        Ok(FetchReply { content_type, body })
    }
}

impl Fetch for Outbound {
    fn fetch<'a>(&'a self, request: FetchRequest<'a>) -> Answer<'a> {
        let deadline_ms = request.deadline_ms;
        Box::pin(async move {
            // WHY: around everything, so that resolving counts as well.
            let deadline = Duration::from_millis(deadline_ms);
            let whole = tokio::time::timeout(deadline, self.exchange(request)).await;
            whole.unwrap_or(Err(FetchError::Late(deadline_ms)))
        })
    }
}

/// Reads until the bound, never beyond it.
async fn bounded(mut reply: Response, most: usize, deadline_ms: u64) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = reply.chunk().await.map_err(|error| told(&error, deadline_ms))? {
        if body.len() + chunk.len() > most {
            return Err(FetchError::TooLong(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The cause without the URL, which may hold what an operator calls a secret.
fn told(error: &reqwest::Error, deadline_ms: u64) -> FetchError {
    if error.is_timeout() {
        return FetchError::Late(deadline_ms);
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        if inner.is::<NotPermitted>() {
            return FetchError::Address;
        }
        cause = inner;
    }
    let text = if error.source().is_some() { cause.to_string() } else { "no whole answer".into() };
    FetchError::Connection(text)
}

/// Resolves names and leaves out the addresses that a rule does not permit.
struct Judged(AddressRule);

#[derive(Debug, thiserror::Error)]
#[error("the name leads to no permitted address")]
struct NotPermitted;

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let permitted: Vec<SocketAddr> =
                found.filter(|address| rule.permits(bare(address.ip()))).collect();
            if permitted.is_empty() {
                return Err(NotPermitted.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// An address as the rule should see it.
fn bare(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

#[cfg(test)]
mod tests;
