//! The only place that speaks HTTP: endpoints, credentials, and replies as bytes and headers.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Certificate, Method, StatusCode, Url};

/// One answer must not take longer; a decision point that needs more is of no use to a caller.
const TIMEOUT: Duration = Duration::from_secs(10);
const WELL_KNOWN: &str = "/.well-known/authzen-configuration";

/// How to reach the decision point.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Bearer token to send with every call.
    pub token: Option<String>,
    /// PEM file with the authorities to trust instead of the system's.
    pub ca: Option<PathBuf>,
    /// Permits plain http, to loopback addresses only.
    pub insecure_http: bool,
}

/// The five calls of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Evaluation,
    Evaluations,
    Subject,
    Resource,
    Action,
}

impl Endpoint {
    fn path(self) -> &'static str {
        match self {
            Self::Evaluation => "/access/v1/evaluation",
            Self::Evaluations => "/access/v1/evaluations",
            Self::Subject => "/access/v1/search/subject",
            Self::Resource => "/access/v1/search/resource",
            Self::Action => "/access/v1/search/action",
        }
    }

    fn member(self) -> &'static str {
        match self {
            Self::Evaluation => "access_evaluation_endpoint",
            Self::Evaluations => "access_evaluations_endpoint",
            Self::Subject => "search_subject_endpoint",
            Self::Resource => "search_resource_endpoint",
            Self::Action => "search_action_endpoint",
        }
    }
}

/// Which credentials a call carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credentials {
    Configured,
    None,
    Wrong,
}

/// One call, written down before it is made.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub endpoint: Endpoint,
    pub method: Method,
    pub content_type: Option<&'static str>,
    pub body: String,
    pub request_id: Option<String>,
    pub credentials: Credentials,
}

impl Call {
    /// The ordinary call: POST, JSON, the configured credentials.
    pub fn post(endpoint: Endpoint, body: impl ToString) -> Self {
        Self {
            endpoint,
            method: Method::POST,
            content_type: Some("application/json"),
            body: body.to_string(),
            request_id: None,
            credentials: Credentials::Configured,
        }
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

pub(crate) struct Client {
    http: reqwest::Client,
    pub base: String,
    token: Option<String>,
    pub plain_http: bool,
    /// The answer of the metadata endpoint, whatever it was.
    pub metadata: Reply,
    published: serde_json::Value,
}

impl Client {
    /// Fetches the metadata: its endpoint URLs, where it names them, are the ones to use.
    pub async fn connect(base: &str, options: &Options) -> Result<Self> {
        let base = base.trim_end_matches('/');
        let url = Url::parse(base).with_context(|| format!("`{base}` is not a URL"))?;
        let plain_http = url.scheme() == "http";
        if plain_http && !(options.insecure_http && is_loopback(&url)) {
            bail!("`{base}` must be https; http is for loopback addresses and needs --insecure-http");
        }
        let http = http_client(options)?;
        let mut well_known = url.clone();
        well_known.set_path(&format!("{WELL_KNOWN}{}", url.path().trim_end_matches('/')));
        let reply = http.get(well_known).send().await.with_context(|| format!("cannot reach `{base}`"))?;
        let metadata = read(reply).await.with_context(|| format!("cannot reach `{base}`"))?;
        let published = serde_json::from_slice(&metadata.body).unwrap_or_default();
        let published = if metadata.status == StatusCode::OK { published } else { serde_json::Value::Null };
        Ok(Self { http, base: base.into(), token: options.token.clone(), plain_http, metadata, published })
    }

    /// Whether a token is there to be left out or spoiled.
    pub fn has_credentials(&self) -> bool {
        self.token.is_some()
    }

    pub async fn call(&self, call: &Call) -> Result<Reply, String> {
        let mut request = self.http.request(call.method.clone(), self.endpoint(call.endpoint));
        if let Some(content_type) = call.content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        if let Some(id) = &call.request_id {
            request = request.header("X-Request-ID", id);
        }
        request = match (call.credentials, &self.token) {
            (Credentials::Configured, Some(token)) => {
                request.header(AUTHORIZATION, format!("Bearer {token}"))
            }
            (Credentials::Wrong, _) => request.header(AUTHORIZATION, "Bearer not-a-credential"),
            (Credentials::Configured, None) | (Credentials::None, _) => request,
        };
        if call.method != Method::GET {
            request = request.body(call.body.clone());
        }
        let told = |fault: reqwest::Error| format!("no answer: {fault}");
        read(request.send().await.map_err(told)?).await.map_err(told)
    }

    fn endpoint(&self, endpoint: Endpoint) -> String {
        match self.published.get(endpoint.member()).and_then(|url| url.as_str()) {
            Some(url) => url.to_owned(),
            None => format!("{}{}", self.base, endpoint.path()),
        }
    }
}

fn http_client(options: &Options) -> Result<reqwest::Client> {
    // A provider that somebody installed before us serves as well.
    let _already_there = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("remit-conformance");
    if let Some(path) = &options.ca {
        let pem = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let authorities = Certificate::from_pem_bundle(&pem)
            .with_context(|| format!("`{}` holds no PEM certificates", path.display()))?;
        builder = builder.tls_certs_only(authorities);
    }
    builder.build().context("cannot set up TLS")
}

async fn read(reply: reqwest::Response) -> reqwest::Result<Reply> {
    let (status, headers) = (reply.status(), reply.headers().clone());
    Ok(Reply { status, headers, body: reply.bytes().await?.to_vec() })
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
