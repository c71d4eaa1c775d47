//! Redirect URIs: which may be registered, and which one a request may name.

use url::{Host, Url};

use crate::settings::private_use::{PrivateUse, beginning, is_private_use};

/// The longest redirect URI, in characters.
pub const LONGEST: usize = 2000;

/// What programs call the computer that they run on.
const LOOPBACK_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Where a redirect URI leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// A web site (RFC 8252 §7.2: or the app that claimed it).
    Web,
    /// Whatever program listens on the person's own computer (RFC 8252 §7.3).
    Loopback,
    /// Whatever program there took the scheme (RFC 8252 §7.1).
    PrivateUse,
}

/// A redirect URI that was found acceptable: https, http on a loopback address, or of a private-use scheme that the
/// operator allows; of RFC 3986's characters alone, without fragment or user information. Kept and compared byte
/// for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    text: String,
    authority: String,
    destination: Destination,
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
    #[error(
        "a redirect URI has a private-use scheme that is not allowed here: ask the operator of this server to name it in \
         PRIVATE_USE_REDIRECTS, or use http on 127.0.0.1"
    )]
    PrivateUse,
    #[error("a redirect URI must not have a fragment")]
    Fragment,
    #[error("a redirect URI must not have a user name or password")]
    UserInformation,
}

impl Registered {
    /// Reads a redirect URI that somebody wants to register or has registered. `private_use` is what the operator
    /// allows beside https and loopback.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn parse(text: &str, private_use: &PrivateUse) -> Result<Self, Unacceptable> {
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
        if !matches!(url.scheme(), "https" | "http") {
            return Self::of_private_use(text, url.scheme(), private_use);
        }
        let host = url.host().ok_or(Unacceptable::Scheme)?;
        let is_loopback = match &host {
            Host::Domain(name) => *name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let destination = match url.scheme() {
            "https" => Destination::Web,
            _ if is_loopback => Destination::Loopback,
            _ => return Err(Unacceptable::Scheme),
        };
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
        Ok(Self { text: text.to_owned(), authority, destination })
    }

    fn of_private_use(text: &str, scheme: &str, allowed: &PrivateUse) -> Result<Self, Unacceptable> {
        if !is_private_use(scheme) {
            return Err(Unacceptable::Scheme);
        }
        if !allowed.allows(text) {
            return Err(Unacceptable::PrivateUse);
        }
        Ok(Self { text: text.to_owned(), authority: beginning(text).to_owned(), destination: Destination::PrivateUse })
    }

    /// The redirect URI that a request names, where this one permits it: the same text, or on loopback the same but
    /// for the port (RFC 8252 §7.3), for which of its three names is used, and for the slash that is a whole path. All
    /// of these lead to the person's own computer, and programs write them one way to register and another to ask.
    pub fn permit(&self, presented: &str) -> Option<Self> {
        if self.text == presented {
            return Some(self.clone());
        }
        if self.destination != Destination::Loopback || on_loopback(&self.text)? != on_loopback(presented)? {
            return None;
        }
        Self::parse(presented, &PrivateUse::default()).ok()
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host and, where it is not the scheme's own, the port; with a private-use scheme all before the path.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    pub const fn destination(&self) -> Destination {
        self.destination
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

/// What of an `http://` URI on loopback has to be the same: the host, by one of its names, and what follows the port.
fn on_loopback(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let (authority, after) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = if LOOPBACK_NAMES.contains(&host) { "loopback" } else { host };
    Some((host, if after.is_empty() { "/" } else { after }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn registered(text: &str) -> Registered {
        Registered::parse(text, &PrivateUse::default()).unwrap()
    }

    #[test]
    fn a_redirect_uri_is_kept_as_it_was_written() {
        for text in ["https://client.example:443/cb?a=%2f", "http://LOCALHOST:1/"] {
            assert_eq!(registered(text).as_str(), text);
        }
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
            assert!(Registered::parse(text, &PrivateUse::default()).is_ok(), "{text}");
        }
    }

    #[test]
    fn everything_else_is_not() {
        use Unacceptable::{Characters, Fragment, NotAUrl, PrivateUse as OfAProgram, Scheme, UserInformation};
        for (text, why) in [
            ("http://client.example/callback", Scheme),
            ("http://localhost.client.example/callback", Scheme),
            ("http://127.0.0.1.client.example/callback", Scheme),
            ("javascript:alert(1)", Scheme),
            ("data:text/html,x", Scheme),
            ("cursor://callback", OfAProgram),
            ("file:///etc/passwd", Scheme),
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
            assert_eq!(Registered::parse(text, &PrivateUse::default()), Err(why), "{text}");
        }
    }

    fn cursor() -> PrivateUse {
        PrivateUse::parse("cursor://anysphere.cursor-mcp com.example.app:").unwrap()
    }

    #[test]
    fn a_private_use_scheme_is_acceptable_where_the_operator_allows_it() {
        let parsed = Registered::parse("cursor://anysphere.cursor-mcp/oauth/callback", &cursor()).unwrap();
        assert_eq!(
            (parsed.authority(), parsed.destination()),
            ("cursor://anysphere.cursor-mcp", Destination::PrivateUse)
        );
        let parsed = Registered::parse("com.example.app:/callback", &cursor()).unwrap();
        assert_eq!(parsed.authority(), "com.example.app:");
        assert_eq!(Registered::parse("vscode://x/callback", &cursor()), Err(Unacceptable::PrivateUse));
    }

    #[test]
    fn a_request_names_a_private_use_uri_byte_for_byte() {
        let ours = Registered::parse("cursor://anysphere.cursor-mcp/callback", &cursor()).unwrap();
        assert!(ours.permit("cursor://anysphere.cursor-mcp/callback").is_some());
        assert!(ours.permit("cursor://anysphere.cursor-mcp/other").is_none());
    }

    #[test]
    fn it_has_at_most_2000_characters() {
        let text = |length: usize| format!("https://client.example/{}", "a".repeat(length - 23));
        assert!(Registered::parse(&text(2000), &PrivateUse::default()).is_ok());
        assert_eq!(Registered::parse(&text(2001), &PrivateUse::default()), Err(Unacceptable::TooLong));
    }

    #[test]
    fn a_request_must_name_it_byte_for_byte() {
        let ours = registered("https://client.example/callback");
        assert!(ours.permit("https://client.example/callback").is_some());
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
            assert!(ours.permit(presented).is_none(), "{presented}");
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
            assert_eq!(registered(ours).permit(presented), Some(registered(presented)), "{ours}");
        }
    }

    #[test]
    fn loopback_is_one_place_by_any_of_its_names() {
        for ours in ["http://localhost:1/callback", "http://127.0.0.1/callback", "http://[::1]:1/callback"] {
            for presented in ["http://localhost/callback", "http://127.0.0.1:2/callback", "http://[::1]:3/callback"] {
                assert_eq!(registered(ours).permit(presented), Some(registered(presented)), "{ours} {presented}");
            }
        }
    }

    #[test]
    fn on_loopback_no_path_is_the_path_of_a_slash() {
        assert!(registered("http://127.0.0.1:33418").permit("http://127.0.0.1:33418/").is_some());
        assert!(registered("http://127.0.0.1:33418/").permit("http://localhost:1").is_some());
        assert!(registered("http://127.0.0.1/callback").permit("http://127.0.0.1/callback/").is_none());
        assert!(registered("https://client.example").permit("https://client.example/").is_none());
    }

    #[test]
    fn on_loopback_nothing_else_is_free() {
        let ours = registered("http://127.0.0.1:1/callback");
        for presented in [
            "http://127.0.0.1:2/other",
            "http://127.0.0.1:2/callback?x",
            "http://127.0.0.2:2/callback",
            "http://localhost.evil.example:2/callback",
            "http://LOCALHOST:2/callback",
            "https://127.0.0.1:2/callback",
            "http://127.0.0.1:99999/callback",
            "http://127.0.0.1:2@evil.example/callback",
            "http://127.0.0.1:2#/callback",
        ] {
            assert!(ours.permit(presented).is_none(), "{presented}");
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
        fn what_matches_leads_to_the_same_host_or_from_loopback_to_loopback(
            ours in "http://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]{1,5})?/[a-z?@:/\\[\\]]{0,8}",
            presented in "http://[a-z0-9.:@/?\\[\\]]{0,24}",
        ) {
            if let Ok(ours) = Registered::parse(&ours, &PrivateUse::default()) && ours.permit(&presented).is_some() {
                let presented = Url::parse(&presented).unwrap();
                let ours = Url::parse(ours.as_str()).unwrap();
                let name = |url: &Url| url.host_str().unwrap().to_owned();
                let both_loopback = [&presented, &ours].iter().all(|url| LOOPBACK_NAMES.contains(&name(url).as_str()));
                prop_assert!(both_loopback || name(&presented) == name(&ours));
                prop_assert_eq!(presented.path(), ours.path());
            }
        }
    }
}
