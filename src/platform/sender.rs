//! Whom a stranger's request is counted against.

use std::{fmt, net::IpAddr};

/// The network that a request comes from, as far as limits tell networks apart.
///
/// Cloudflare's edge writes `cf-connecting-ip` itself, whatever the client sent. Where workerd runs without that edge,
/// the header is the client's own word, or missing: limits by sender then hold nobody back who does not want to be held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// One IPv4 address, or the /64 that an IPv6 address lies in: whoever has one address there has all of them.
    Network(String),
    /// No edge said where it comes from. Such requests are not counted together: one of them could shut out all others.
    Unknown,
}

impl Sender {
    /// Reads the address that the edge names. Loopback is no address of the Internet: there is no edge in front.
    pub fn of(address: Option<&str>) -> Self {
        let Some(Ok(address)) = address.map(str::parse::<IpAddr>) else { return Self::Unknown };
        match address.to_canonical() {
            address if address.is_loopback() => Self::Unknown,
            IpAddr::V4(address) => Self::Network(address.to_string()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self::Network(format!("{a:x}:{b:x}:{c:x}:{d:x}::/64"))
            }
        }
    }

    /// The network's name, where it is known.
    pub fn network(&self) -> Option<&str> {
        match self {
            Self::Network(network) => Some(network),
            Self::Unknown => None,
        }
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.network().unwrap_or("unknown"))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use proptest::prelude::*;

    use super::*;

    fn network(address: &str) -> String {
        Sender::of(Some(address)).to_string()
    }

    #[test]
    fn an_ipv4_address_is_a_network_of_its_own() {
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn an_ipv4_address_written_as_ipv6_is_the_same_sender() {
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
    }

    #[test]
    fn an_ipv6_address_is_counted_by_its_64() {
        assert_eq!(network("2001:db8:0:1::1"), "2001:db8:0:1::/64");
    }

    #[test]
    fn without_an_edge_in_front_nobody_knows_the_sender() {
        for address in [None, Some(""), Some("nowhere"), Some("192.0.2.1, 192.0.2.2"), Some("127.0.0.1"), Some("::1")] {
            assert_eq!(Sender::of(address), Sender::Unknown, "{address:?}");
        }
    }

    proptest! {
        #[test]
        fn two_ipv6_addresses_are_one_sender_just_if_they_share_their_first_64_bits(
            one in 0x2000_0000_0000_0000_u64..0x4000_0000_0000_0000, other in any::<u64>(), low: (u64, u64), same: bool,
        ) {
            let other = if same { one } else { 0x2000_0000_0000_0000 | (other >> 3) };
            let address = |high: u64, low: u64| Ipv6Addr::from((u128::from(high) << 64) | u128::from(low)).to_string();
            let (first, second) = (network(&address(one, low.0)), network(&address(other, low.1)));
            prop_assert_eq!(first == second, one == other);
        }
    }
}
