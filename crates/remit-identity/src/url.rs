//! Which URLs and addresses may be asked at all: only configured ones, and of those none that leads inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses a connection may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressRule {
    /// Public unicast addresses only.
    Public,
    /// Any address: the operator runs its issuers inside.
    Any,
}

impl AddressRule {
    /// Whether a connection to an address is permitted; resolvers ask this after the name is resolved.
    #[must_use]
    pub fn permits(self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::Public => match address {
                IpAddr::V4(v4) => is_public_v4(v4),
                IpAddr::V6(v6) => is_public_v6(v6),
            },
        }
    }
}

/// Why a URL may not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not `https`, nor `http` to a permitted loopback address.
    #[error("`{0}` must begin with `https://`")]
    Scheme(String),
    /// A user name, password, fragment, blank or control character.
    #[error("`{0}` holds a user name, a fragment, a blank or a control character")]
    Form(String),
    /// No host, or one that is not plain.
    #[error("`{0}` has no plain host")]
    Host(String),
    /// An address that is not public.
    #[error("`{0}` leads to an address that is not public; `allow_private_addresses` permits it")]
    Address(String),
}

/// Checks a configured URL. Names are checked again when they are resolved.
///
/// # Errors
/// [`UrlError`] names the rule.
pub fn check_url(url: &str, rule: AddressRule) -> Result<(), UrlError> {
    let (tls, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return Err(UrlError::Scheme(url.into())),
    };
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\' || c == '#' || !c.is_ascii();
    if rest.contains(odd) {
        return Err(UrlError::Form(url.into()));
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(UrlError::Form(url.into()));
    }
    let host = host_of(authority).ok_or_else(|| UrlError::Host(url.into()))?;
    let address = match host {
        Host::Address(address) => Some(address),
        Host::Name(name) if is_loopback_name(name) => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        Host::Name(_) => None,
    };
    if address.is_some_and(|address| !rule.permits(address)) {
        return Err(UrlError::Address(url.into()));
    }
    if !tls && !address.is_some_and(|address| address.is_loopback()) {
        return Err(UrlError::Scheme(url.into()));
    }
    Ok(())
}

enum Host<'a> {
    Address(IpAddr),
    Name(&'a str),
}

fn host_of(authority: &str) -> Option<Host<'_>> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (inside, port) = rest.split_once(']')?;
        let address: Ipv6Addr = inside.parse().ok()?;
        return is_port_suffix(port).then_some(Host::Address(IpAddr::V6(address)));
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    if host.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return None;
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Some(Host::Address(IpAddr::V4(address)));
    }
    let plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    // WHY: `127.1`, `2130706433` and `0x7f.1` are addresses to some resolvers; a name's last label has a letter
    // and does not begin with `0x`.
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let named = last.bytes().any(|b| b.is_ascii_alphabetic()) && !last.to_ascii_lowercase().starts_with("0x");
    (plain && named).then_some(Host::Name(host))
}

fn is_port_suffix(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
}

fn is_loopback_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (b == 18 || b == 19);
    let protocol = (a, b, c) == (192, 0, 0);
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || shared
        || benchmark
        || protocol)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped().or_else(|| embedded_v4(address)) {
        return is_public_v4(mapped);
    }
    let [first, second, ..] = address.segments();
    let global = (0x2000..0x4000).contains(&first);
    let documentation = first == 0x2001 && second == 0xdb8;
    global && !documentation
}

/// The IPv4 address inside 6to4 and NAT64 addresses: those lead where it leads.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let join = |high: u16, low: u16| {
        let ([w, x], [y, z]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(w, x, y, z)
    };
    if a == 0x2002 {
        return Some(join(b, c));
    }
    ([a, b, c, d, e, f] == [0x64, 0xff9b, 0, 0, 0, 0]).then(|| join(g, h))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_to_public_places_unless_configured() {
        let table = [
            ("https://as.example/jwks", true, true),
            ("https://as.example:8443/jwks?x=1", true, true),
            ("https://203.1.112.9/jwks", true, true),
            ("https://[2606:4700::1111]/jwks", true, true),
            ("http://127.0.0.1:9/jwks", false, true),
            ("http://[::1]:9/jwks", false, true),
            ("http://localhost:9/jwks", false, true),
            ("https://10.0.0.1/jwks", false, true),
            ("https://169.254.169.254/latest", false, true),
            ("https://[::ffff:127.0.0.1]/jwks", false, true),
            ("https://[64:ff9b::7f00:1]/jwks", false, true),
            ("https://[fd00::1]/jwks", false, true),
            ("http://as.example/jwks", false, false),
            ("http://10.0.0.1/jwks", false, false),
            ("file:///etc/keys", false, false),
            ("https://as.example@127.0.0.1/jwks", false, false),
            ("https://as.example/jwks#x", false, false),
            ("https://as.example\\@evil.example/", false, false),
            ("https:///jwks", false, false),
            ("https://127.1/jwks", false, false),
            ("https://2130706433/jwks", false, false),
            ("https://0x7f.0x1/jwks", false, false),
            ("https://as.example:99999/jwks", false, false),
            ("https://as.exam ple/jwks", false, false),
            ("", false, false),
        ];
        for (url, public, any) in table {
            assert_eq!(check_url(url, AddressRule::Public).is_ok(), public, "{url}");
            assert_eq!(check_url(url, AddressRule::Any).is_ok(), any, "{url}");
        }
    }

    #[test]
    fn a_resolved_address_is_judged_again() {
        for inside in ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "100.64.0.1", "0.0.0.0", "::1"] {
            assert!(!AddressRule::Public.permits(inside.parse().unwrap()), "{inside}");
            assert!(AddressRule::Any.permits(inside.parse().unwrap()), "{inside}");
        }
        assert!(AddressRule::Public.permits("93.184.216.34".parse().unwrap()));
    }
}
