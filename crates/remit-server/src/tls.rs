//! The certificate of the listener: read from files, offered with HTTP/2 and HTTP/1.1, replaced without a restart.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use remit_pdp::Timestamp;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::{ConfigError, Tls};
use crate::svid::{self, Svid};

/// The certificate in use and where it comes from.
pub struct Certificate {
    files: Tls,
    current: RwLock<Arc<ServerConfig>>,
}

impl Certificate {
    /// Reads certificate and key.
    pub fn load(files: &Tls) -> Result<Self, ConfigError> {
        Ok(Self { files: files.clone(), current: RwLock::new(read(files)?) })
    }

    /// Reads the files again; on failure the old certificate stays.
    pub fn reload(&self) -> Result<(), ConfigError> {
        let fresh = read(&self.files)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// The workload that the client certificate of a connection proves: an X.509-SVID of the configured trust domain.
    pub fn peer<S>(&self, stream: &TlsStream<S>) -> Option<Svid> {
        let clients = self.files.clients.as_ref()?;
        // INVARIANT: what the handshake lets through was verified against the authorities of the trust domain.
        let leaf = stream.get_ref().1.peer_certificates()?.first()?;
        let read = Svid::read(leaf, &clients.trust_domain);
        if read.is_none() {
            tracing::debug!("a client certificate names no workload of the trust domain");
        }
        read
    }

    /// What the next handshake uses.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// WHY: a process that holds two providers panics at its first handshake unless one is chosen.
pub fn choose_provider() {
    // A provider chosen before, by a test or an embedding program, stays.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// From when until when the certificate of the listener is good, in seconds since 1970; certificate and key are read and
/// tried as a start does.
///
/// # Errors
/// When a start would be refused.
pub fn validity(files: &Tls) -> Result<(i64, i64), ConfigError> {
    read(files)?;
    let leaf = CertificateDer::pem_file_iter(&files.cert_file).ok().and_then(|mut chain| chain.next()?.ok());
    let seconds = |time: Timestamp| i64::try_from(time.unix_nanos().div_euclid(1_000_000_000)).ok();
    let read = leaf.as_deref().and_then(svid::validity);
    read.and_then(|(from, until)| Some((seconds(from)?, seconds(until)?))).ok_or_else(|| ConfigError::Tls {
        message: format!("`{}`: its validity cannot be read", files.cert_file.display()),
    })
}

fn read(files: &Tls) -> Result<Arc<ServerConfig>, ConfigError> {
    let refused = |path: &Path, why: &dyn std::fmt::Display| ConfigError::Tls {
        message: format!("`{}`: {why}", path.display()),
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.cert_file)
        .and_then(Iterator::collect)
        .map_err(|error| refused(&files.cert_file, &error))?;
    if chain.is_empty() {
        return Err(refused(&files.cert_file, &"no certificate in it"));
    }
    let key =
        PrivateKeyDer::from_pem_file(&files.key_file).map_err(|error| refused(&files.key_file, &error))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(&files.cert_file, &error))?;
    let config = match &files.clients {
        Some(clients) => config.with_client_cert_verifier(verifier(&clients.ca_file, &refused)?),
        None => config.with_no_client_auth(),
    };
    let mut config =
        config.with_single_cert(chain, key).map_err(|error| refused(&files.cert_file, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Verifies the certificates of those clients that show one; which callers must is the keyring's to say.
fn verifier(
    file: &Path,
    refused: &dyn Fn(&Path, &dyn std::fmt::Display) -> ConfigError,
) -> Result<Arc<dyn ClientCertVerifier>, ConfigError> {
    let mut roots = RootCertStore::empty();
    let authorities = CertificateDer::pem_file_iter(file).map_err(|error| refused(file, &error))?;
    for authority in authorities {
        let authority = authority.map_err(|error| refused(file, &error))?;
        roots.add(authority).map_err(|error| refused(file, &error))?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .allow_unauthenticated()
        .build()
        .map_err(|error| refused(file, &error))
}
