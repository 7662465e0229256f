//! `Svid`: the workload that a verified client certificate names (X.509-SVID), and until when. The handshake has checked
//! signatures, times and authorities; here is read what only SPIFFE asks for. What cannot be read names nobody.

use remit_identity::WorkloadId;
use remit_pdp::Timestamp;

/// Object identifiers of the extensions that are read.
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];

/// Tags of DER (ITU-T X.690) and of RFC 5280.
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const URI: u8 = 0x86;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;

/// Bits of the key usage.
const DIGITAL_SIGNATURE: u8 = 0x80;
const CERT_OR_CRL_SIGN: u8 = 0x06;

/// A workload that its connection proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Svid {
    /// Its id.
    pub id: WorkloadId,
    /// The end of the certificate; a connection may last longer.
    until: Timestamp,
}

impl Svid {
    /// Reads a certificate that the handshake has verified against the authorities of the trust domain.
    ///
    /// SPEC: X.509-SVID §4: it signs and neither certificates nor revocation lists; §2: it names exactly one URI.
    pub fn read(certificate: &[u8], trust_domain: &str) -> Option<Self> {
        let body = inside(inside(certificate, SEQUENCE)?, SEQUENCE)?;
        let mut uris = Vec::new();
        let mut usage = None;
        for extension in Items(inside(last(body, EXTENSIONS)?, SEQUENCE)?) {
            let (oid, value) = extension_of(extension?)?;
            match oid {
                KEY_USAGE => usage = inside(value, BIT_STRING)?.get(1).copied(),
                ALTERNATIVE_NAMES => {
                    for name in Items(inside(value, SEQUENCE)?) {
                        let (tag, content) = name?;
                        if tag == URI {
                            uris.push(std::str::from_utf8(content).ok()?);
                        }
                    }
                }
                _ => {}
            }
        }
        let signs_only =
            usage.is_some_and(|bits| bits & DIGITAL_SIGNATURE != 0 && bits & CERT_OR_CRL_SIGN == 0);
        let id = WorkloadId::of(uris, trust_domain).ok().filter(|_| signs_only)?;
        Some(Self { id, until: times(body)?.1 })
    }

    /// Whether the certificate is still good by the clock of the system.
    pub fn holds(&self) -> bool {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = since.ok().and_then(|since| i64::try_from(since.as_secs()).ok());
        now.and_then(Timestamp::from_unix_seconds).is_some_and(|now| now <= self.until)
    }
}

/// The elements of a constructed value; one that cannot be read ends it with nothing.
struct Items<'a>(&'a [u8]);

impl<'a> Iterator for Items<'a> {
    type Item = Option<(u8, &'a [u8])>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let read = element(self.0);
        self.0 = read.map_or(&[], |(_, _, rest)| rest);
        Some(read.map(|(tag, content, _)| (tag, content)))
    }
}

/// Tag and content of the first element, and what comes after it. Lengths have at most four bytes.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// The content of the first element, when it has this tag.
fn inside(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (found, content, _) = element(bytes)?;
    (found == tag).then_some(content)
}

/// The content of the last element, when it has this tag.
fn last(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (found, content) = Items(bytes).last()??;
    (found == tag).then_some(content)
}

/// Identifier and value of an extension; whether it is critical stands between them.
fn extension_of((tag, content): (u8, &[u8])) -> Option<(&[u8], &[u8])> {
    (tag == SEQUENCE).then_some(())?;
    Some((inside(content, OBJECT_IDENTIFIER)?, last(content, OCTET_STRING)?))
}

/// From when until when a certificate is good.
pub fn validity(certificate: &[u8]) -> Option<(Timestamp, Timestamp)> {
    times(inside(inside(certificate, SEQUENCE)?, SEQUENCE)?)
}

/// The validity: the fourth element after the version.
fn times(body: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let mut fields = Items(body).skip_while(|field| field.is_some_and(|(tag, _)| tag == VERSION));
    let (tag, validity) = fields.nth(3)??;
    let mut ends = Items((tag == SEQUENCE).then_some(validity)?);
    Some((time(ends.next()??)?, time(ends.next()??)?))
}

fn time((kind, text): (u8, &[u8])) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let long = match kind {
        // SPEC: RFC 5280 §4.1.2.5.1: two digits of a year are of 1950 to 2049.
        UTC_TIME => format!("{}{text}", if text.get(..2)? < "50" { "20" } else { "19" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| long.get(from..to);
    let (date, time) =
        ((part(0, 4)?, part(4, 6)?, part(6, 8)?), (part(8, 10)?, part(10, 12)?, part(12, 15)?));
    Timestamp::parse(&format!("{}-{}-{}T{}:{}:{}", date.0, date.1, date.2, time.0, time.1, time.2))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, KeyUsagePurpose, SanType};

    use super::*;

    const ID: &str = "spiffe://example.org/ns/a";

    fn read(change: impl FnOnce(&mut CertificateParams)) -> Option<Svid> {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::URI(ID.try_into().expect("an URI"))];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Svid::read(certificate.der(), "example.org")
    }

    #[test]
    fn a_certificate_that_signs_and_names_one_workload_is_read() {
        let plain = read(|_| {}).expect("is one");
        assert!(plain.id.as_str() == ID && plain.holds());
        let dns = |it: &mut CertificateParams| {
            it.subject_alt_names.push(SanType::DnsName("a.example".try_into().expect("a name")));
        };
        assert!(read(dns).is_some(), "names that are no URI are allowed beside it");
        for year in [2049, 2050] {
            let ends = read(|it| it.not_after = rcgen::date_time_ymd(year, 12, 31)).expect("is one");
            assert_eq!(ends.until.to_string(), format!("{year}-12-31T00:00:00Z"), "both forms of a time");
        }
        let over = read(|it| it.not_after = rcgen::date_time_ymd(2020, 1, 1)).expect("is one");
        assert!(!over.holds());
    }

    #[test]
    fn what_may_sign_certificates_or_nothing_and_what_is_cut_off_is_nobody() {
        assert_eq!(read(|it| it.key_usages.clear()), None, "no usage");
        assert_eq!(read(|it| it.key_usages = vec![KeyUsagePurpose::KeyAgreement]), None);
        for more in [KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign] {
            assert_eq!(read(|it| it.key_usages.push(more)), None, "{more:?}");
        }
        let second = SanType::URI("https://a.example/".try_into().expect("an URI"));
        assert_eq!(read(|it| it.subject_alt_names.push(second)), None);
        assert_eq!(read(|it| it.subject_alt_names.clear()), None);
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::URI(ID.try_into().expect("an URI"))];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let whole = certificate.der().as_ref();
        assert!(Svid::read(whole, "example.org").is_some());
        assert!(
            (0..whole.len())
                .all(|end| Svid::read(whole.get(..end).unwrap_or_default(), "example.org").is_none())
        );
    }
}
