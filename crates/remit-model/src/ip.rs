//! IP addresses and networks in one value: an address is a network of full prefix length.

use std::fmt;
use std::net::IpAddr;

/// An address or a CIDR network. IPv4 and IPv6 never compare equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IpNet {
    addr: IpAddr,
    prefix: u8,
}

impl IpNet {
    /// Parses `10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`. Host bits below the prefix must be zero.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (addr, prefix) = match text.split_once('/') {
            Some((addr, prefix)) => {
                let plain = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit());
                let canonical = prefix == "0" || !prefix.starts_with('0');
                (addr.parse().ok()?, Some(prefix.parse::<u8>().ok().filter(|_| plain && canonical)?))
            }
            None => (text.parse::<IpAddr>().ok()?, None),
        };
        let width = Self::width(addr);
        let net = Self { addr, prefix: prefix.unwrap_or(width) };
        (net.prefix <= width && Self::bits(addr) & !net.mask() & Self::full(addr) == 0).then_some(net)
    }

    /// True when every address of `other` lies in `self`.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.addr.is_ipv4() == other.addr.is_ipv4()
            && self.prefix <= other.prefix
            && Self::bits(self.addr) & self.mask() == Self::bits(other.addr) & self.mask()
    }

    fn width(addr: IpAddr) -> u8 {
        if addr.is_ipv4() { 32 } else { 128 }
    }

    fn bits(addr: IpAddr) -> u128 {
        match addr {
            IpAddr::V4(v4) => u128::from(v4.to_bits()),
            IpAddr::V6(v6) => v6.to_bits(),
        }
    }

    fn full(addr: IpAddr) -> u128 {
        if addr.is_ipv4() { u128::from(u32::MAX) } else { u128::MAX }
    }

    fn mask(&self) -> u128 {
        let host = u32::from(Self::width(self.addr) - self.prefix);
        Self::full(self.addr) & u128::MAX.checked_shl(host).unwrap_or(0)
    }
}

impl fmt::Display for IpNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.prefix == Self::width(self.addr) {
            write!(f, "{}", self.addr)
        } else {
            write!(f, "{}/{}", self.addr, self.prefix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> IpNet {
        IpNet::parse(text).unwrap()
    }

    #[test]
    fn containment() {
        assert!(net("10.0.0.0/8").contains(&net("10.200.3.4")));
        assert!(!net("10.0.0.0/8").contains(&net("11.0.0.1")));
        assert!(net("0.0.0.0/0").contains(&net("255.255.255.255")));
        assert!(!net("0.0.0.0/0").contains(&net("::1")));
        assert!(net("::/0").contains(&net("2001:db8::/32")));
        assert!(!net("10.1.0.0/16").contains(&net("10.0.0.0/8")));
    }

    #[test]
    fn refuses_host_bits_and_odd_spellings() {
        for bad in ["10.0.0.1/8", "10.0.0.0/33", "010.0.0.1", "10.0.0.0/08", "10.0.0.0/", "10.0.0", "x"] {
            assert_eq!(IpNet::parse(bad), None, "{bad}");
        }
    }
}
