//! Redirect URIs: which may be registered, and which one a request may name.

use url::{Host, Url};

/// The longest redirect URI, in characters.
pub const LONGEST: usize = 2000;

/// A redirect URI that was found acceptable: https, or http on a loopback address (RFC 8252 §7.3), of
/// RFC 3986's characters alone, without fragment or user information. Kept and compared byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    text: String,
    authority: String,
    is_loopback: bool,
}

/// Why a redirect URI cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unacceptable {
    #[error("a redirect URI is longer than 2000 characters")]
    TooLong,
    #[error("a redirect URI has characters that a URI cannot have")]
    Characters,
    #[error("a redirect URI is not an absolute URL")]
    NotAUrl,
    #[error("a redirect URI must be https, or http on 127.0.0.1, [::1] or localhost")]
    Scheme,
    #[error("a redirect URI must not have a fragment")]
    Fragment,
    #[error("a redirect URI must not have a user name or password")]
    UserInformation,
}

impl Registered {
    /// Reads a redirect URI that somebody wants to register or has registered.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, Unacceptable> {
        if text.len() > LONGEST {
            return Err(Unacceptable::TooLong);
        }
        if !text.bytes().all(is_uri_character) {
            return Err(Unacceptable::Characters);
        }
        if text.contains('#') {
            return Err(Unacceptable::Fragment);
        }
        let url = Url::parse(text).map_err(|_| Unacceptable::NotAUrl)?;
        let host = url.host().ok_or(Unacceptable::Scheme)?;
        let is_loopback = match &host {
            Host::Domain(name) => *name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        if !(url.scheme() == "https" || url.scheme() == "http" && is_loopback) {
            return Err(Unacceptable::Scheme);
        }
        // The URL parser forgives `https:host` and `https:///host`, and an empty `@`; others may not.
        let written = text.split_once("://").map(|(_, rest)| rest).ok_or(Unacceptable::NotAUrl)?;
        let written = written.split(['/', '?']).next().unwrap_or_default();
        if written.is_empty() {
            return Err(Unacceptable::NotAUrl);
        }
        if written.contains('@') {
            return Err(Unacceptable::UserInformation);
        }
        let authority = url.port().map_or_else(|| host.to_string(), |port| format!("{host}:{port}"));
        Ok(Self { text: text.to_owned(), authority, is_loopback })
    }

    /// Whether a request that names `presented` means this one: the same text, or on loopback the same but
    /// for the port (RFC 8252 §7.3).
    pub fn matches(&self, presented: &str) -> bool {
        if self.text == presented {
            return true;
        }
        match (without_port(&self.text), without_port(presented)) {
            (Some(ours), Some(theirs)) => self.is_loopback && ours == theirs && Self::parse(presented).is_ok(),
            _ => false,
        }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host and, where it is not the scheme's own, the port.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Whether it leads to a program on the person's own computer.
    pub const fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// This URI with parameters added to its query (RFC 6749 §4.1.2), otherwise unchanged.
    pub fn with(&self, parameters: &[(&str, &str)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let separator = match self.text.split_once('?') {
            None => "?",
            Some((_, before)) if before.is_empty() || before.ends_with('&') => "",
            Some(_) => "&",
        };
        format!("{}{separator}{query}", self.text)
    }
}

/// RFC 3986 §2: reserved, unreserved and `%`. No backslash, quote, space or control character.
const fn is_uri_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b':'
                | b'/'
                | b'?'
                | b'#'
                | b'['
                | b']'
                | b'@'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b'%'
        )
}

/// The host and what follows the port of an `http://` URI, as written.
fn without_port(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let (authority, after) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    Some((host, after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn registered(text: &str) -> Registered {
        Registered::parse(text).unwrap()
    }

    #[test]
    fn https_anywhere_and_http_on_loopback_are_acceptable() {
        for text in [
            "https://client.example/callback?x=1",
            "http://127.0.0.1:3118/callback",
            "http://127.8.8.8/callback",
            "http://[::1]:8080/callback",
            "http://localhost/callback",
            "http://localhost:1",
        ] {
            assert!(Registered::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn everything_else_is_not() {
        use Unacceptable::*;
        for (text, why) in [
            ("http://client.example/callback", Scheme),
            ("http://localhost.client.example/callback", Scheme),
            ("http://127.0.0.1.client.example/callback", Scheme),
            ("javascript:alert(1)", Scheme),
            ("data:text/html,x", Scheme),
            ("cursor://callback", Scheme),
            ("https://client.example/callback#fragment", Fragment),
            ("https://client.example/callback#", Fragment),
            ("https://user@client.example/callback", UserInformation),
            ("https://user:password@client.example/callback", UserInformation),
            ("https://@client.example/callback", UserInformation),
            ("/callback", NotAUrl),
            ("https:client.example", NotAUrl),
            ("https:///client.example", NotAUrl),
            ("https://", NotAUrl),
            ("", NotAUrl),
            (" https://client.example", Characters),
            ("https://client.example/a\nb", Characters),
            ("https://client.example\\@evil.example", Characters),
            ("https://exämple.example", Characters),
        ] {
            assert_eq!(Registered::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn it_has_at_most_2000_characters() {
        let text = |length: usize| format!("https://client.example/{}", "a".repeat(length - 23));
        assert!(Registered::parse(&text(2000)).is_ok());
        assert_eq!(Registered::parse(&text(2001)), Err(Unacceptable::TooLong));
    }

    #[test]
    fn a_request_must_name_it_byte_for_byte() {
        let ours = registered("https://client.example/callback");
        assert!(ours.matches("https://client.example/callback"));
        for presented in [
            "https://client.example/callback/",
            "https://client.example/callback?x",
            "https://client.example:443/callback",
            "https://client.example:8443/callback",
            "https://CLIENT.example/callback",
            "https://client.example/Callback",
            "https://client.example/x/../callback",
            "https://client.example/%63allback",
            "https://other.example/callback",
            "http://client.example/callback",
        ] {
            assert!(!ours.matches(presented), "{presented}");
        }
    }

    #[test]
    fn on_loopback_the_port_is_free() {
        for (ours, presented) in [
            ("http://127.0.0.1:1/callback", "http://127.0.0.1:54321/callback"),
            ("http://127.0.0.1/callback", "http://127.0.0.1:54321/callback"),
            ("http://[::1]:1/callback?a=b", "http://[::1]:2/callback?a=b"),
            ("http://[::1]/callback", "http://[::1]:2/callback"),
            ("http://localhost:1", "http://localhost:2"),
        ] {
            assert!(registered(ours).matches(presented), "{ours} {presented}");
        }
    }

    #[test]
    fn on_loopback_nothing_but_the_port_is_free() {
        let ours = registered("http://127.0.0.1:1/callback");
        for presented in [
            "http://127.0.0.1:2/other",
            "http://127.0.0.1:2/callback?x",
            "http://localhost:2/callback",
            "http://127.0.0.2:2/callback",
            "https://127.0.0.1:2/callback",
            "http://127.0.0.1:99999/callback",
            "http://127.0.0.1:2@evil.example/callback",
            "http://127.0.0.1:2#/callback",
        ] {
            assert!(!ours.matches(presented), "{presented}");
        }
    }

    #[test]
    fn parameters_are_added_to_what_is_there() {
        assert_eq!(registered("https://client.example").with(&[("a", "b c&d")]), "https://client.example?a=b+c%26d");
        assert_eq!(registered("https://client.example/?x=1").with(&[("a", "b")]), "https://client.example/?x=1&a=b");
        assert_eq!(registered("https://client.example/?").with(&[("a", "b")]), "https://client.example/?a=b");
    }

    #[test]
    fn its_authority_names_a_port_of_its_own() {
        assert_eq!(registered("https://Client.example:443/x").authority(), "client.example");
        assert_eq!(registered("http://127.0.0.1:8080/x").authority(), "127.0.0.1:8080");
        assert_eq!(registered("http://[::1]:8080/x").authority(), "[::1]:8080");
    }

    proptest! {
        #[test]
        fn what_matches_always_leads_to_the_same_host(
            ours in "http://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]{1,5})?/[a-z?@:/\\[\\]]{0,8}",
            presented in "http://[a-z0-9.:@/?\\[\\]]{0,24}",
        ) {
            if let Ok(ours) = Registered::parse(&ours) && ours.matches(&presented) {
                let presented = Url::parse(&presented).unwrap();
                let ours = Url::parse(ours.as_str()).unwrap();
                prop_assert_eq!(presented.host_str(), ours.host_str());
                prop_assert_eq!(presented.path(), ours.path());
            }
        }
    }
}
