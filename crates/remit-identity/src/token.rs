//! `PresentedToken`: what a PEP hands over, before anything is believed. Its text never shows in output.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The token types of RFC 8693, section 3, and of the drafts that add to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenType {
    /// An OAuth 2.0 access token: a JWT of RFC 9068 or opaque.
    AccessToken,
    /// An OpenID Connect ID token.
    IdToken,
    /// Any other JWT: JWT-SVIDs, service-account tokens, delegation tokens.
    Jwt,
    /// An identity assertion grant (ID-JAG).
    IdJag,
    /// A transaction token.
    TxnToken,
}

impl TokenType {
    /// Every accepted type.
    pub const ALL: [Self; 5] = [Self::AccessToken, Self::IdToken, Self::Jwt, Self::IdJag, Self::TxnToken];

    /// The registered name.
    #[must_use]
    pub fn urn(self) -> &'static str {
        match self {
            Self::AccessToken => "urn:ietf:params:oauth:token-type:access_token",
            Self::IdToken => "urn:ietf:params:oauth:token-type:id_token",
            Self::Jwt => "urn:ietf:params:oauth:token-type:jwt",
            Self::IdJag => "urn:ietf:params:oauth:token-type:id-jag",
            Self::TxnToken => "urn:ietf:params:oauth:token-type:txn_token",
        }
    }

    /// Reads a registered name, compared byte for byte.
    #[must_use]
    pub fn from_urn(urn: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.urn() == urn)
    }
}

/// One member of `context.tokens`. Everything in it is a claim of the PEP until it is verified.
#[derive(Clone, PartialEq, Eq)]
pub struct PresentedToken {
    /// The token type as it was sent; an unknown one is refused as a token, not as a request.
    pub kind: String,
    pub(crate) token: Secret,
    /// The proof that came with it, and the request it was made for.
    pub dpop: Option<PresentedProof>,
    /// The client certificate of the connection on which the PEP received the token.
    pub client_certificate: Option<CertificateHash>,
}

impl PresentedToken {
    /// A token of a type, with no proof of possession.
    #[must_use]
    pub fn new(kind: &str, token: &str) -> Self {
        Self { kind: kind.to_owned(), token: Secret::new(token), dpop: None, client_certificate: None }
    }

    /// Adds the `DPoP` header and the method and URL it was received on.
    #[must_use]
    pub fn with_proof(mut self, proof: &str, method: &str, url: &str) -> Self {
        self.dpop = Some(PresentedProof {
            proof: Secret::new(proof),
            method: method.to_owned(),
            url: url.to_owned(),
            nonce: None,
        });
        self
    }

    /// Adds the nonce that the proof must carry, because who received it asked for one (RFC 9449, section 9).
    #[must_use]
    pub fn with_nonce(mut self, nonce: &str) -> Self {
        self.dpop = self.dpop.map(|proof| PresentedProof { nonce: Some(nonce.to_owned()), ..proof });
        self
    }

    /// Adds the certificate of the connection.
    #[must_use]
    pub fn with_certificate(mut self, certificate: CertificateHash) -> Self {
        self.client_certificate = Some(certificate);
        self
    }

    /// The hash under which records and caches know the token.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.token.reveal())
    }
}

/// Shows type and hash, never the token.
impl fmt::Debug for PresentedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresentedToken")
            .field("kind", &self.kind)
            .field("hash", &self.hash())
            .field("dpop", &self.dpop.is_some())
            .field("client_certificate", &self.client_certificate)
            .finish()
    }
}

/// A DPoP proof (RFC 9449) and the HTTP request that carried it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentedProof {
    pub(crate) proof: Secret,
    /// The method of the request.
    pub method: String,
    /// The URL of the request.
    pub url: String,
    /// The nonce that was asked for, when one was.
    pub nonce: Option<String>,
}

/// Text that no output may hold.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// SHA-256 of a token's text: what stands in for it everywhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// The hash of a token's text.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(sha256(token.as_bytes()))
    }
}

/// `sha256:` and 64 lower-case digits.
impl fmt::Display for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// SHA-256 of a DER-encoded client certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CertificateHash(pub [u8; 32]);

impl CertificateHash {
    /// Reads 43 characters of base64url, as `x5t#S256` has them, or 64 hexadecimal digits, as proxies send them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() == 64 {
            let digits = text.as_bytes();
            let mut hash = [0; 32];
            for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
                let pair = std::str::from_utf8(pair).ok()?;
                if !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return None;
                }
                *byte = u8::from_str_radix(pair, 16).ok()?;
            }
            return Some(Self(hash));
        }
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.iter_mut().zip(digest(&SHA256, bytes).as_ref()).for_each(|(to, from)| *to = *from);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_output_holds_a_token_or_a_proof() {
        let token = PresentedToken::new(TokenType::Jwt.urn(), "SECRET-TOKEN").with_proof(
            "SECRET-PROOF",
            "GET",
            "https://rs.example/x",
        );
        let shown = format!("{token:?} {:?}", token.dpop);
        assert!(!shown.contains("SECRET"), "{shown}");
        assert!(shown.contains(&token.hash().to_string()), "{shown}");
    }

    #[test]
    fn types_read_back_and_strangers_do_not() {
        for kind in TokenType::ALL {
            assert_eq!(TokenType::from_urn(kind.urn()), Some(kind));
        }
        assert_eq!(TokenType::from_urn("urn:ietf:params:oauth:token-type:saml2"), None);
        assert_eq!(TokenType::from_urn("URN:ietf:params:oauth:token-type:jwt"), None);
    }

    #[test]
    fn a_certificate_hash_has_two_spellings() {
        let hash = CertificateHash([0xab; 32]);
        assert_eq!(CertificateHash::parse(&"ab".repeat(32)), Some(hash));
        assert_eq!(CertificateHash::parse(&URL_SAFE_NO_PAD.encode([0xab; 32])), Some(hash));
        for bad in ["", "ab", &"ag".repeat(32), &"+1".repeat(32), &format!("{}=", "ab".repeat(31))] {
            assert_eq!(CertificateHash::parse(bad), None, "{bad}");
        }
    }
}
