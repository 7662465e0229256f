//! TLS with a certificate from files: HTTP/1.1 and HTTP/2 by ALPN, strangers refused, certificates replaced.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use remit_server::config::Tls;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::client::{Ask, PATIENCE};
use crate::fixture::{ENDPOINTS, KEY, QUESTION, Running};
use crate::reload::hang_up;

/// Writes certificate and key for `localhost` and returns the authority that signed them.
fn certify(folder: &Path) -> (Tls, rustls_pki_types::CertificateDer<'static>) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "test authority");
    let issuer =
        CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("an authority");
    let mut leaf = CertificateParams::new(vec![String::from("localhost")]).expect("a name");
    leaf.distinguished_name.push(DnType::CommonName, "test leaf");
    let key = KeyPair::generate().expect("a key");
    let certificate = leaf.signed_by(&key, &issuer).expect("a certificate");
    let files = Tls { cert_file: folder.join("cert.pem"), key_file: folder.join("key.pem"), clients: None };
    std::fs::write(&files.cert_file, certificate.pem()).expect("writes");
    std::fs::write(&files.key_file, key.serialize_pem()).expect("writes");
    (files, issuer.der().clone())
}

async fn connect(
    server: &Running,
    trusted: &rustls_pki_types::CertificateDer<'static>,
    protocol: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("an authority");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(server.address).await?;
    TlsConnector::from(Arc::new(config)).connect("localhost".try_into().expect("a name"), stream).await
}

#[tokio::test]
async fn c_01_http_1_and_2_over_tls_for_those_who_trust_the_authority() {
    let folder = tempfile::tempdir().expect("a folder");
    let (files, authority) = certify(folder.path());
    let server = Running::start(|config| config.tls = Some(files)).await;

    let mut stream = connect(&server, &authority, b"http/1.1").await.expect("a handshake");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let ask = Ask::post(ENDPOINTS[0], QUESTION).header("authorization", format!("Bearer {KEY}"));
    let answer = ask.send_on(&mut stream).await;
    assert_eq!((answer.status, answer.json()["decision"].clone()), (200, true.into()));
    assert!(answer.header("strict-transport-security").starts_with("max-age="));

    let stream = connect(&server, &authority, b"h2").await.expect("a handshake");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("h2");
    tokio::spawn(connection);
    let request = hyper::Request::post(format!("https://localhost{}", ENDPOINTS[0]))
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {KEY}"))
        .header("x-request-id", "over h2")
        .body(Full::new(bytes::Bytes::from_static(QUESTION.as_bytes())))
        .expect("a request");
    let answer = sender.send_request(request).await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["x-request-id"].as_bytes()),
        (200, &b"over h2"[..])
    );
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&body).expect("JSON")["decision"], true);
}

#[tokio::test]
async fn a_client_that_trusts_another_authority_gets_no_further() {
    let (ours, theirs) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let (files, authority) = certify(ours.path());
    let (_, stranger) = certify(theirs.path());
    let server = Running::start(|config| config.tls = Some(files)).await;
    assert!(connect(&server, &stranger, b"http/1.1").await.is_err());
    assert!(connect(&server, &authority, b"http/1.1").await.is_ok());
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_stops_the_start_and_names_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (files, _) = certify(folder.path());
    std::fs::write(&files.key_file, "no key").expect("writes");
    let data = tempfile::tempdir().expect("a folder");
    let options = remit_pdp::Options::new(crate::fixture::bundle(), data.path().to_owned());
    let pdp = Arc::new(remit_pdp::Pdp::start(options).expect("starts"));
    let config = remit_server::Config {
        listen: ([127, 0, 0, 1], 0).into(),
        insecure_loopback: true,
        tls: Some(files),
        ..remit_server::Config::default()
    };
    let error = remit_server::Server::bind(config, pdp).await.err().expect("refused").to_string();
    assert!(error.contains("key.pem"), "{error}");
}

#[tokio::test]
async fn a_hangup_takes_up_a_new_certificate_and_keeps_the_old_one_when_it_cannot() {
    let folder = tempfile::tempdir().expect("a folder");
    let (files, first) = certify(folder.path());
    let server = Running::start(|config| config.tls = Some(files.clone())).await;
    assert!(connect(&server, &first, b"http/1.1").await.is_ok());
    let good = std::fs::read(&files.key_file).expect("readable");
    std::fs::write(&files.key_file, "no key").expect("writes");
    hang_up();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(connect(&server, &first, b"http/1.1").await.is_ok(), "the old one stays");
    std::fs::write(&files.key_file, good).expect("writes");
    let (_, second) = certify(folder.path());
    hang_up();
    let taken_up = async {
        while connect(&server, &second, b"http/1.1").await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, taken_up).await.expect("the new one is used");
    assert!(connect(&server, &first, b"http/1.1").await.is_err(), "the old one is gone");
}
