//! Callers that prove a workload by the certificate of their connection (X.509-SVID).

use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType,
};
use remit_server::config::{Tls, TlsClients};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::client::Ask;
use crate::fixture::{KEY, POWERLESS, Running, pep};

const PLANNER: &str = "spiffe://example.org/ns/prod/sa/planner";

type Authority = CertifiedIssuer<'static, KeyPair>;
type Identity = (CertificateDer<'static>, PrivateKeyDer<'static>);

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority")
}

/// A client certificate with these URIs.
fn svid(by: &Authority, uris: &[&str]) -> Identity {
    let mut params = CertificateParams::default();
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.subject_alt_names =
        uris.iter().map(|uri| SanType::URI((*uri).try_into().expect("an URI"))).collect();
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, by).expect("a certificate");
    (certificate.der().clone(), PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))
}

/// A listener with a certificate of `ours` that asks for client certificates of `theirs`.
fn files(folder: &Path, ours: &Authority, theirs: &Authority) -> Tls {
    let leaf = CertificateParams::new(vec![String::from("localhost")]).expect("a name");
    let key = KeyPair::generate().expect("a key");
    let certificate = leaf.signed_by(&key, ours).expect("a certificate");
    let path = |name: &str, content: String| {
        let path = folder.join(name);
        std::fs::write(&path, content).expect("writes");
        path
    };
    Tls {
        cert_file: path("cert.pem", certificate.pem()),
        key_file: path("key.pem", key.serialize_pem()),
        clients: Some(TlsClients {
            ca_file: path("clients.pem", theirs.pem()),
            trust_domain: String::from("example.org"),
        }),
    }
}

async fn connect(server: &Running, ours: &Authority, identity: Option<Identity>) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(ours.der().clone()).expect("an authority");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    let mut config = match identity {
        Some((certificate, key)) => config.with_client_auth_cert(vec![certificate], key).expect("a pair"),
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let stream = TcpStream::connect(server.address).await.expect("connects");
    TlsConnector::from(Arc::new(config))
        .connect("localhost".try_into().expect("a name"), stream)
        .await
        .expect("a handshake")
}

#[tokio::test]
async fn a_caller_that_must_be_a_workload_is_one_of_the_trust_domain_or_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, theirs, strangers) = (authority("ours"), authority("theirs"), authority("strangers"));
    let tls = files(folder.path(), &ours, &theirs);
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tokens");
    let server = Running::over(&bundle, |config| {
        config.tls = Some(tls);
        config.peps = vec![pep("gate", KEY, true), pep("plain", POWERLESS, true)];
        config.peps[0].workload = true;
    })
    .await;
    // Status and reason of a question of a client with this certificate.
    let asked = async |key: &str, identity: Option<Identity>, subject: (&str, &str), action: &str| {
        let question = json!({
            "subject": { "type": subject.0, "id": subject.1 },
            "action": { "name": action },
            "resource": { "type": "account", "id": "9" },
            "options": { "detail": "full" },
        });
        let mut stream = connect(&server, &ours, identity).await;
        let ask = Ask::post("/access/v1/evaluation", &question.to_string());
        let answer = ask.header("authorization", format!("Bearer {key}")).send_on(&mut stream).await;
        let reason = (answer.status == 200).then(|| answer.json()["context"]["reason"].clone());
        (answer.status, reason.and_then(|reason| reason.as_str().map(str::to_owned)).unwrap_or_default())
    };
    let told = |reason: &str| (200, String::from(reason));
    let nobody = (401, String::new());
    let alice = ("user", "alice");
    let planner = || Some(svid(&theirs, &[PLANNER]));
    assert_eq!(asked(KEY, planner(), alice, "audit").await, told("permitted"));
    assert_eq!(asked(KEY, planner(), ("workload", PLANNER), "read").await, told("permitted"));
    let other = Some(svid(&theirs, &["spiffe://example.org/ns/prod/sa/other"]));
    assert_eq!(asked(KEY, other, alice, "audit").await, told("no_permit_applies"));
    for uris in [
        &["spiffe://example.com/ns/prod/sa/planner"][..],
        &[PLANNER, "spiffe://example.org/ns/prod/sa/other"],
        &["spiffe://example.org"],
        &[],
    ] {
        let identity = Some(svid(&theirs, uris));
        assert_eq!(asked(KEY, identity, alice, "read").await, nobody, "{uris:?}");
    }
    assert_eq!(asked(KEY, None, alice, "read").await, nobody, "no certificate");
    // Of a caller that need not be a workload the certificate is not looked at.
    assert_eq!(asked(POWERLESS, None, alice, "read").await, told("permitted"));
    assert_eq!(asked(POWERLESS, planner(), alice, "audit").await, told("permit_unknown"));
    // Another authority may name whom it likes.
    let mut stream = connect(&server, &ours, Some(svid(&strangers, &[PLANNER]))).await;
    let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(stream.read(&mut [0; 64]).await.is_err(), "the handshake is refused");
}

#[tokio::test]
async fn a_workload_can_be_the_caller_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    let tls = files(folder.path(), &ours, &theirs);
    let server = Running::start(|config| {
        config.tls = Some(tls);
        config.peps[0].spiffe_id = Some(PLANNER.to_owned());
        config.peps[0].key_sha256 = None;
    })
    .await;
    let asked = async |uri: Option<&str>, header: Option<&str>| {
        let identity = uri.map(|uri| svid(&theirs, &[uri]));
        let mut stream = connect(&server, &ours, identity).await;
        let ask = Ask::post(crate::fixture::ENDPOINTS[0], crate::fixture::QUESTION);
        let ask = match header {
            Some(header) => ask.header("authorization", header),
            None => ask,
        };
        ask.send_on(&mut stream).await.status
    };
    assert_eq!(asked(Some(PLANNER), None).await, 200);
    assert_eq!(asked(Some("spiffe://example.org/ns/prod/sa/other"), None).await, 401);
    assert_eq!(asked(None, None).await, 401);
    // Who presents a key is judged by it.
    assert_eq!(asked(Some(PLANNER), Some("Bearer wrong")).await, 401);
    assert_eq!(asked(Some(PLANNER), Some(&format!("Bearer {POWERLESS}"))).await, 403);
}

#[tokio::test]
async fn who_must_be_a_workload_needs_a_listener_that_asks_for_certificates() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    let mut config = remit_server::Config {
        tls: Some(files(folder.path(), &ours, &theirs)),
        peps: vec![pep("gate", KEY, true)],
        ..remit_server::Config::default()
    };
    config.peps[0].workload = true;
    assert!(config.check().is_ok());
    let clients = |config: &mut remit_server::Config, change: fn(&mut Option<TlsClients>)| {
        change(&mut config.tls.as_mut().expect("is set").clients);
        config.check().err().map(|error| error.to_string()).unwrap_or_default()
    };
    let wrong =
        clients(&mut config, |it| it.as_mut().expect("is set").trust_domain = "Example.org".to_owned());
    assert!(wrong.contains("trust_domain"), "{wrong}");
    let missing = clients(&mut config, |it| *it = None);
    assert!(missing.contains("tls.clients"), "{missing}");
}
