//! Addresses that strangers name and Postern fetches: where such a request may go.

use std::fmt;

use url::{Host, Url};

/// The longest address, in characters.
const LONGEST: usize = 500;

/// Names that mean something else on each network, and never a host of the public Internet (RFC 6761, RFC 6762,
/// RFC 8375, and what clouds and routers use).
const PRIVATE_SUFFIXES: [&str; 13] = [
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
    "in-addr.arpa",
    "ip6.arpa",
    "onion",
];

/// An https URL of a named host on the public Internet, in the one form that the URL Standard gives it: so without
/// dot segments, default port or capitals in the host, and what is compared, shown and fetched is the same text.
///
/// A public name may still resolve to a private address, which a Worker cannot see before it connects. On Cloudflare
/// the request leaves from their edge, which has no route into anybody's network, and `global_fetch_strictly_public` has
/// it come to the operator's own zones by their front door alone. Who runs workerd by themselves keeps its default,
/// which connects to publicly routable addresses only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    host: String,
}

/// Why an address is not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPublic {
    #[error("is longer than 500 characters")]
    TooLong,
    #[error("is not an https URL")]
    NotHttps,
    #[error("has a user name or password")]
    UserInformation,
    #[error("has a fragment")]
    Fragment,
    #[error("names a port: only 443, left out, is used")]
    Port,
    #[error("names its host by number: use a public name")]
    Address,
    #[error("has a host that is not on the public Internet")]
    PrivateHost,
    #[error("is not written as browsers write it: lower-case host, a path, no dot segments")]
    NotCanonical,
}

impl PublicUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, NotPublic> {
        if text.len() > LONGEST {
            return Err(NotPublic::TooLong);
        }
        let url = Url::parse(text).map_err(|_| NotPublic::NotHttps)?;
        if url.scheme() != "https" {
            return Err(NotPublic::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NotPublic::UserInformation);
        }
        if url.fragment().is_some() {
            return Err(NotPublic::Fragment);
        }
        if url.port().is_some() {
            return Err(NotPublic::Port);
        }
        let Some(Host::Domain(host)) = url.host() else { return Err(NotPublic::Address) };
        if !is_public(host) {
            return Err(NotPublic::PrivateHost);
        }
        if url.as_str() != text {
            return Err(NotPublic::NotCanonical);
        }
        Ok(Self { text: text.to_owned(), host: host.to_owned() })
    }

    /// The path, which is at least `/`.
    pub fn path(&self) -> &str {
        let after = self.text.strip_prefix("https://").and_then(|rest| rest.strip_prefix(self.host.as_str()));
        after.unwrap_or_default().split('?').next().unwrap_or_default()
    }

    /// The host's name: who vouches for what is there.
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// Whether a name has the form of one in the public DNS.
fn is_public(host: &str) -> bool {
    host.contains('.')
        && !host.ends_with('.')
        && !PRIVATE_SUFFIXES
            .iter()
            .any(|suffix| host.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_https_url_of_a_public_name_is_public() {
        for text in ["https://client.example/client.json", "https://a.b.client.example/x/y?z=1"] {
            assert_eq!(PublicUrl::parse(text).map(|url| url.text), Ok(text.to_owned()), "{text}");
        }
    }

    #[test]
    fn everything_else_is_not() {
        use NotPublic::*;
        for (text, why) in [
            ("http://client.example/x", NotHttps),
            ("client.example/x", NotHttps),
            ("file:///etc/passwd", NotHttps),
            ("", NotHttps),
            ("https://user@client.example/x", UserInformation),
            ("https://:password@client.example/x", UserInformation),
            ("https://client.example/x#y", Fragment),
            ("https://client.example/x#", Fragment),
            ("https://client.example:8443/x", Port),
            ("https://127.0.0.1/x", Address),
            ("https://2130706433/x", Address),
            ("https://0x7f.1/x", Address),
            ("https://0177.0.0.1/x", Address),
            ("https://10.0.0.1/x", Address),
            ("https://100.64.0.1/x", Address),
            ("https://169.254.169.254/x", Address),
            ("https://192.168.1.1/x", Address),
            ("https://8.8.8.8/x", Address),
            ("https://[::1]/x", Address),
            ("https://[::ffff:127.0.0.1]/x", Address),
            ("https://[fd00::1]/x", Address),
            ("https://localhost/x", PrivateHost),
            ("https://client.localhost/x", PrivateHost),
            ("https://LOCALHOST/x", PrivateHost),
            ("https://localhost./x", PrivateHost),
            ("https://metadata/x", PrivateHost),
            ("https://metadata.google.internal/x", PrivateHost),
            ("https://printer.local/x", PrivateHost),
            ("https://router.home.arpa/x", PrivateHost),
            ("https://1.0.0.127.in-addr.arpa/x", PrivateHost),
            ("https://client.example./x", PrivateHost),
            ("https://client.example", NotCanonical),
            ("https://client.example/a/../x", NotCanonical),
            ("https://client.example/./x", NotCanonical),
            ("https://client.example/%2e%2e/x", NotCanonical),
            ("https://client.example:443/x", NotCanonical),
            ("https://Client.example/x", NotCanonical),
            ("HTTPS://client.example/x", NotCanonical),
            ("https:client.example/x", NotCanonical),
            ("https://@client.example/x", NotCanonical),
            ("https://client.example\\x", NotCanonical),
            ("https://client.example/\tx", NotCanonical),
            (" https://client.example/x", NotCanonical),
            ("https://clíent.example/x", NotCanonical),
        ] {
            assert_eq!(PublicUrl::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn an_address_has_500_characters_at_most() {
        let of_length = |length: usize| format!("{:x<length$}", "https://client.example/");
        assert!(PublicUrl::parse(&of_length(500)).is_ok());
        assert_eq!(PublicUrl::parse(&of_length(501)), Err(NotPublic::TooLong));
        assert_eq!(PublicUrl::parse(&of_length(502)), Err(NotPublic::TooLong));
    }

    #[test]
    fn an_address_is_shown_as_it_was_written_and_has_a_host_and_a_path() {
        for (text, host, path) in [
            ("https://client.example/", "client.example", "/"),
            ("https://a.client.example/x/y?z=/1", "a.client.example", "/x/y"),
        ] {
            let url = PublicUrl::parse(text).unwrap();
            assert_eq!((url.to_string().as_str(), url.host(), url.path()), (text, host, path));
        }
    }

    #[test]
    fn a_name_that_only_looks_like_a_private_one_is_public() {
        assert!(PublicUrl::parse("https://notlocal.example/x").is_ok());
        assert!(PublicUrl::parse("https://mylocal.com/x").is_ok());
    }

    proptest! {
        #[test]
        fn its_host_is_the_one_that_is_fetched(text in "https://[a-z0-9.:@/?#%\\\\]{0,24}") {
            if let Ok(url) = PublicUrl::parse(&text) {
                let fetched = Url::parse(&url.text).unwrap();
                prop_assert_eq!(fetched.host_str(), Some(url.host()));
                prop_assert_eq!(fetched.port_or_known_default(), Some(443));
            }
        }
    }
}
