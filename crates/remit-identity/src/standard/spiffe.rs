//! SPIFFE: ids, trust domains and JWT-SVIDs.

use crate::config::{AlgorithmName, Profile};
use crate::evidence::PartyKind;
use crate::fault::TokenFault;
use crate::jose::compact::Header;
use crate::proved::{Case, Proved};

/// Longest trust domain in bytes.
const TRUST_DOMAIN_BYTES: usize = 255;
/// Longest id in bytes.
const SPIFFE_ID_BYTES: usize = 2048;

/// Whether a text is a trust domain: lower-case letters, digits, dot, dash, underscore.
fn is_trust_domain(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
    !text.is_empty() && text.len() <= TRUST_DOMAIN_BYTES && text.bytes().all(plain)
}

/// The trust domain (in lower case) and the path of a SPIFFE id, or nothing.
///
/// Scheme and trust domain compare without case; segments are non-empty, not `.` or `..`, and plain.
pub(crate) fn split_id(id: &str) -> Option<(String, &str)> {
    const SCHEME: &str = "spiffe://";
    let scheme = id.get(..SCHEME.len())?;
    if id.len() > SPIFFE_ID_BYTES || !scheme.eq_ignore_ascii_case(SCHEME) {
        return None;
    }
    let rest = id.get(SCHEME.len()..)?;
    let (domain, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let domain = domain.to_ascii_lowercase();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let segment = |it: &str| !it.is_empty() && it != "." && it != ".." && it.bytes().all(plain);
    let mut segments = path.split('/').skip(1);
    (is_trust_domain(&domain) && segments.all(segment)).then_some((domain, path))
}

/// The id of a workload that a certificate proves: an X.509-SVID, whose signature the connection has checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadId {
    domain: String,
    id: String,
}

impl WorkloadId {
    /// The one id among the URIs of a certificate, when it is of the trust domain that signs such certificates.
    ///
    /// SPEC: X.509-SVID §2 and §5.2: exactly one URI, and it is the id; a trust domain signs for its own workloads.
    ///
    /// # Errors
    /// [`TokenFault::SpiffeIdInvalid`].
    pub fn of<'u>(uris: impl IntoIterator<Item = &'u str>, trust_domain: &str) -> Result<Self, TokenFault> {
        let mut uris = uris.into_iter();
        let (Some(only), None) = (uris.next(), uris.next()) else { return Err(TokenFault::SpiffeIdInvalid) };
        let (domain, path) = split_id(only).ok_or(TokenFault::SpiffeIdInvalid)?;
        if path.is_empty() || domain != trust_domain {
            return Err(TokenFault::SpiffeIdInvalid);
        }
        let id = format!("spiffe://{domain}{path}");
        Ok(Self { domain, id })
    }

    /// Whether a text is a trust domain, as a configuration names it.
    #[must_use]
    pub fn is_trust_domain(text: &str) -> bool {
        is_trust_domain(text)
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.id
    }

    /// The issuer's name of its trust domain.
    pub(crate) fn issuer(&self) -> String {
        format!("spiffe://{}", self.domain)
    }
}

/// SPEC: JWT-SVID §2: the header holds `alg`, `kid` and `typ`, and nothing else; nine algorithms.
pub(crate) fn check_members(header: &Header) -> Result<(), TokenFault> {
    if header.members.iter().any(|name| !matches!(name.as_str(), "alg" | "kid" | "typ")) {
        return Err(TokenFault::HeaderForbidden);
    }
    match AlgorithmName::parse(&header.alg) {
        Some(algorithm) if !algorithm.is_symmetric() && algorithm != AlgorithmName::EdDSA => Ok(()),
        _ => Err(TokenFault::AlgorithmNotAllowed),
    }
}

/// Requires `sub` to be an id of the trust domain, `aud` to name us, and `exp`.
pub(crate) fn prove(case: &Case<'_>) -> Result<Proved, TokenFault> {
    let claims = case.claims;
    claims.check_audience(case.issuer)?;
    let times = claims.times(case.issuer, case.now)?;
    let (domain, path) = split_id(claims.required("sub")?).ok_or(TokenFault::SpiffeIdInvalid)?;
    // WHY: an id without a path is the trust domain itself, which signs and is never a workload.
    if path.is_empty() || case.issuer.name != format!("spiffe://{domain}") {
        return Err(TokenFault::SpiffeIdInvalid);
    }
    let mut proved = case.begin(Profile::JwtSvid, times)?;
    let id = format!("spiffe://{domain}{path}");
    proved.workload = Some(case.issuer.party(&id, PartyKind::Workload, None));
    Ok(proved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_names_one_workload_of_its_trust_domain() {
        let id = |uris: &[&str]| WorkloadId::of(uris.iter().copied(), "example.org").map(|id| id.id);
        let good = "spiffe://example.org/ns/a";
        assert_eq!(id(&[good]).as_deref(), Ok(good));
        for bad in [
            &[][..],
            &[good, "spiffe://example.org/ns/b"],
            &[good, "https://example.org/"],
            &["spiffe://example.com/ns/a"],
            &["spiffe://example.org"],
            &["https://example.org/ns/a"],
        ] {
            assert_eq!(id(bad), Err(TokenFault::SpiffeIdInvalid), "{bad:?}");
        }
    }

    #[test]
    fn ids_have_a_trust_domain_and_plain_segments() {
        assert_eq!(split_id("spiffe://example.org/ns/a"), Some(("example.org".into(), "/ns/a")));
        assert_eq!(split_id("SPIFFE://Example.org/A"), Some(("example.org".into(), "/A")));
        assert_eq!(split_id("spiffe://example.org"), Some(("example.org".into(), "")));
        for bad in [
            "",
            "spiffe://",
            "spiffe:///a",
            "https://example.org/a",
            "spiffe://example.org/",
            "spiffe://example.org/a//b",
            "spiffe://example.org/a/",
            "spiffe://example.org/../b",
            "spiffe://example.org/%61",
            "spiffe://example.org:80/a",
            "spiffe://me@example.org/a",
            "spiffe://example.org/a?b",
            "spiffe://example.org/a#b",
            "spiffe://exämple.org/a",
        ] {
            assert_eq!(split_id(bad), None, "{bad}");
        }
        assert_eq!(split_id(&format!("spiffe://example.org/{}", "a".repeat(2048))), None);
    }
}
