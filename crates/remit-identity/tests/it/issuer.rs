//! A fake issuer: signs tokens and serves whatever a test wants over loopback, counting who comes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remit_identity::{Answer, Fetch, FetchError, FetchReply, FetchRequest, PresentedToken, TokenType};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::NOW;

/// A P-256 key pair with a name.
pub struct Signer {
    kid: String,
    pair: EcdsaKeyPair,
}

impl Signer {
    pub fn new(kid: &str) -> Self {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let document = document.unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap();
        Self { kid: kid.into(), pair }
    }

    /// The public half as a JWK.
    pub fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        json!({"kty": "EC", "crv": "P-256", "kid": self.kid, "x": x, "y": y})
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    /// An access token of `https://as.example` for `alice`, good for a day, with `more` on top.
    pub fn access(&self, more: &Value) -> PresentedToken {
        PresentedToken::new(TokenType::AccessToken.urn(), &self.access_text(more))
    }

    /// The same, as its text.
    pub fn access_text(&self, more: &Value) -> String {
        let mut claims = json!({"iss": "https://as.example", "aud": "https://pdp.example", "sub": "alice",
            "iat": NOW, "exp": NOW + 80_000});
        for (name, value) in more.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": self.kid});
        self.sign(&header, &claims)
    }
}

/// A key set of some signers.
pub fn key_set(signers: &[&Signer]) -> String {
    json!({"keys": signers.iter().map(|signer| signer.jwk()).collect::<Vec<_>>()}).to_string()
}

/// What a server answers to everything.
#[derive(Clone)]
pub enum Reply {
    Json(String),
    /// The whole answer as it goes over the wire.
    Raw(Vec<u8>),
    /// One byte at a time, slowly.
    Trickle,
    /// A body without end.
    Endless,
}

/// A loopback listener and what it saw.
pub struct Server {
    pub url: String,
    pub hits: Arc<AtomicUsize>,
    pub last: Arc<Mutex<String>>,
    reply: Arc<Mutex<Reply>>,
}

impl Server {
    pub async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let server =
            Self { url, hits: Arc::default(), last: Arc::default(), reply: Arc::new(Mutex::new(reply)) };
        let (hits, last, reply) =
            (Arc::clone(&server.hits), Arc::clone(&server.last), Arc::clone(&server.reply));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                hits.fetch_add(1, Ordering::SeqCst);
                let reply = reply.lock().unwrap().clone();
                tokio::spawn(serve(stream, reply, Arc::clone(&last)));
            }
        });
        server
    }

    pub fn now_answers(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    pub fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, reply: Reply, last: Arc<Mutex<String>>) {
    let mut seen = vec![0; 65_536];
    let mut length = stream.read(&mut seen).await.unwrap_or(0);
    if seen[..length].starts_with(b"POST") && seen[..length].ends_with(b"\r\n\r\n") {
        length += stream.read(&mut seen[length..]).await.unwrap_or(0);
    }
    *last.lock().unwrap() = String::from_utf8_lossy(&seen[..length]).into_owned();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
    match reply {
        Reply::Json(body) => {
            let whole = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(whole.as_bytes()).await;
        }
        Reply::Raw(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Reply::Trickle => {
            let _ = stream.write_all(format!("{head}content-length: 1000\r\n\r\n").as_bytes()).await;
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Reply::Endless => {
            let _ = stream.write_all(format!("{head}\r\n").as_bytes()).await;
            while stream.write_all(&[b' '; 8192]).await.is_ok() {}
        }
    }
}

/// The plainest possible client: HTTP/1.1 to loopback, within the bounds of the request.
pub struct Loopback {
    /// Milliseconds instead of the deadline of the request, so that tests end soon.
    pub deadline_ms: u64,
}

impl Default for Loopback {
    fn default() -> Self {
        Self { deadline_ms: 300 }
    }
}

impl Fetch for Loopback {
    fn fetch<'a>(&'a self, request: FetchRequest<'a>) -> Answer<'a> {
        let late = FetchError::Late(self.deadline_ms);
        Box::pin(async move {
            tokio::time::timeout(Duration::from_millis(self.deadline_ms), exchange(request))
                .await
                .unwrap_or(Err(late))
        })
    }
}

async fn exchange(request: FetchRequest<'_>) -> Result<FetchReply, FetchError> {
    let broken = |error: std::io::Error| FetchError::Connection(error.to_string());
    let rest = request.url.strip_prefix("http://").expect("tests use plain loopback");
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host).await.map_err(broken)?;
    let authorization =
        request.authorization.map_or(String::new(), |value| format!("authorization: {value}\r\n"));
    let head = format!("/{path} HTTP/1.1\r\nhost: {host}\r\n{authorization}connection: close\r\n");
    let whole = match request.form {
        None => format!("GET {head}\r\n"),
        Some(form) => format!(
            "POST {head}content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        ),
    };
    stream.write_all(whole.as_bytes()).await.map_err(broken)?;
    let mut seen = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let count = stream.read(&mut chunk).await.map_err(broken)?;
        if count == 0 {
            break;
        }
        seen.extend_from_slice(&chunk[..count]);
        if seen.len() > request.max_bytes + 4096 {
            return Err(FetchError::TooLong(request.max_bytes));
        }
    }
    let text = String::from_utf8_lossy(&seen).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    if status != 200 {
        return Err(FetchError::Status(status));
    }
    let named = head.lines().find_map(|line| line.strip_prefix("content-type: "));
    Ok(FetchReply { content_type: named.map(str::to_owned), body: body.as_bytes().to_vec() })
}
