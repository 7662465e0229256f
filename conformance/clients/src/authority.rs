//! `Authority`: a certificate authority of one test, and the certificate it gives to `localhost`.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};

/// A certificate authority that lives as long as its test.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// A new authority with a new key.
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        params.distinguished_name.push(DnType::CommonName, "authority of the client tests");
        let key = KeyPair::generate().expect("a key");
        Self { issuer: CertifiedIssuer::self_signed(params, key).expect("an authority") }
    }

    /// Writes a chain and its key for `localhost` into `folder`.
    pub fn certify(&self, folder: &Path) -> (PathBuf, PathBuf) {
        let mut params = CertificateParams::new(vec![String::from("localhost")]).expect("a name");
        params.distinguished_name.push(DnType::CommonName, "decision point of the client tests");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let files = (folder.join("cert.pem"), folder.join("key.pem"));
        std::fs::write(&files.0, certificate.pem()).expect("the certificate is written");
        std::fs::write(&files.1, key.serialize_pem()).expect("the key is written");
        // A key that others may read is refused.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&files.1, std::fs::Permissions::from_mode(0o600)).expect("its mode is set");
        }
        files
    }

    /// The authority's own certificate in PEM.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// An HTTP client whose only trust is this authority.
    pub fn client(&self) -> reqwest::Client {
        let root = reqwest::Certificate::from_pem(self.issuer.pem().as_bytes()).expect("a certificate");
        reqwest::Client::builder()
            .tls_built_in_root_certs(false)
            .add_root_certificate(root)
            .no_proxy()
            .build()
            .expect("a client")
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}
