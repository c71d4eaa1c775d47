//! The credential of an organisation's account, as an administrator enters it and as the record keeps it: sealed, and
//! bound to its site. Pure.

use serde::{Deserialize, Serialize};

use crate::{
    crypto::{
        seal::{Purpose, Sealer},
        secret::Secret,
    },
    platform::{Fault, json},
    providers::Site,
    settings::Settings,
    upstream,
};

/// In bytes, of a secret.
const LONGEST_SECRET: usize = 4_096;
/// In bytes, of a user or the name of a header.
const LONGEST_NAME: usize = 254;
/// Headers that say how a request is to be read, which no credential is.
const NO_CREDENTIALS: [&str; 12] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "range",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// How it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// A user, or their e-mail address, and an API token (RFC 7617).
    Basic,
    /// An access token of a repository, project or workspace, or of a service account (RFC 6750).
    Bearer,
    /// A header of any name.
    Header,
}

impl Scheme {
    pub const ALL: [Self; 3] = [Self::Basic, Self::Bearer, Self::Header];

    /// As forms have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Bearer => "bearer",
            Self::Header => "header",
        }
    }
}

/// A credential that nobody has tested yet, or one from the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedCredential {
    scheme: Scheme,
    /// The user of a Basic credential, or the name of a header.
    name: String,
    secret: Secret,
}

/// What is wrong with a credential that was entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("Choose how the credential is sent.")]
    Scheme,
    #[error("Enter the e-mail address of the token's account. It has no colon.")]
    User,
    #[error("Enter the name of a header that is free for a credential, such as X-Api-Key.")]
    Header,
    #[error("Enter the token or value as it was shown to you, without spaces.")]
    Secret,
}

impl SharedCredential {
    /// Reads what was entered.
    ///
    /// # Errors
    /// Where it cannot be sent.
    pub fn read(scheme: &str, name: &str, secret: &str) -> Result<Self, Problem> {
        let scheme = Scheme::ALL.into_iter().find(|known| known.name() == scheme).ok_or(Problem::Scheme)?;
        let (name, secret) = (name.trim(), secret.trim());
        let is_plain = |byte: u8| byte.is_ascii_graphic();
        let name = match scheme {
            Scheme::Bearer => "",
            Scheme::Basic if name.is_empty() || name.contains(|c: char| c == ':' || c.is_control()) => {
                return Err(Problem::User);
            }
            Scheme::Header if !is_free_header(name) => return Err(Problem::Header),
            Scheme::Basic | Scheme::Header => name,
        };
        if name.len() > LONGEST_NAME {
            return Err(if scheme == Scheme::Basic { Problem::User } else { Problem::Header });
        }
        if secret.is_empty() || secret.len() > LONGEST_SECRET || !secret.bytes().all(is_plain) {
            return Err(Problem::Secret);
        }
        Ok(Self { scheme, name: name.to_owned(), secret: Secret::new(secret) })
    }

    /// As the record keeps it.
    ///
    /// # Errors
    /// Where there is no randomness.
    pub fn seal(&self, settings: &Settings, site: Site) -> Result<String, Fault> {
        let text = serde_json::to_string(&(self.scheme, &self.name, self.secret.expose()));
        let text = Secret::new(text.map_err(|error| Fault::new("credential", error))?);
        sealer(settings).seal(text.expose(), &place(site))
    }

    /// What the record keeps for that site; `None` for anything else.
    pub fn open(settings: &Settings, site: Site, sealed: &str) -> Option<Self> {
        let text = sealer(settings).open(sealed, &place(site))?;
        let (scheme, name, secret): (Scheme, String, String) = json::from_str(text.expose()).ok()?;
        Some(Self { scheme, name, secret: Secret::new(secret) })
    }

    /// What calls of the organisation's account are sent with: the credential that the record keeps, or else that of the
    /// settings. `None` where there is neither, and where the record's does not open.
    ///
    /// # Errors
    /// Where the site is not set up.
    pub fn in_use(
        settings: &Settings,
        site: Site,
        sealed: Option<&str>,
    ) -> Result<Option<upstream::Credential>, Fault> {
        let of_settings = settings.sites.get(site)?.organisation.as_ref();
        Ok(match sealed {
            Some(sealed) => Self::open(settings, site, sealed).map(|credential| credential.at(site)),
            None => of_settings
                .map(|account| upstream::Credential::basic(site, account.user.clone(), account.api_token.clone())),
        })
    }

    /// As it is sent to that site.
    pub fn at(&self, site: Site) -> upstream::Credential {
        let (name, secret) = (self.name.clone(), self.secret.clone());
        match self.scheme {
            Scheme::Basic => upstream::Credential::basic(site, name, secret),
            Scheme::Bearer => upstream::Credential::bearer(site, secret),
            Scheme::Header => upstream::Credential::header(site, name, secret),
        }
    }
}

fn sealer(settings: &Settings) -> &Sealer {
    settings.sealer(Purpose::Tokens)
}

/// The place that a sealed credential is bound to.
fn place(site: Site) -> String {
    format!("organisation_accounts/{site}/credential")
}

/// Whether it is the name of a header (RFC 9110 §5.6.2) that may carry a credential.
fn is_free_header(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_taken = NO_CREDENTIALS.iter().any(|taken| name.eq_ignore_ascii_case(taken));
    !name.is_empty() && name.bytes().all(is_token) && !is_taken
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        platform::{
            fetch::{ContentCoding, Limits, OutboundRequest},
            http::Method,
        },
        providers::{BITBUCKET, CONFLUENCE},
        settings::for_tests,
    };

    fn sent(credential: &SharedCredential) -> (String, String) {
        let limits = Limits { deadline: std::time::Duration::ZERO, bytes: 0, coding: ContentCoding::Decoded };
        let (method, url) = (Method::Get, String::new());
        let mut request = OutboundRequest { method, url, headers: Vec::new(), body: None, limits };
        credential.at(Site::main(&CONFLUENCE)).apply(&mut request);
        let [(name, value)] = request.headers.try_into().unwrap();
        (name.into_owned(), value)
    }

    #[test]
    fn each_scheme_is_sent_in_its_own_way() {
        let sent = |scheme, name| sent(&SharedCredential::read(scheme, name, " secret ").unwrap());
        assert_eq!(
            sent("basic", "a@acme.example"),
            ("authorization".into(), "Basic YUBhY21lLmV4YW1wbGU6c2VjcmV0".into())
        );
        assert_eq!(sent("bearer", "whatever"), ("authorization".into(), "Bearer secret".into()));
        assert_eq!(sent("header", "X-Api-Key"), ("X-Api-Key".into(), "secret".into()));
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_what_to_enter() {
        let problem =
            |scheme: &str, name: &str, secret: &str| SharedCredential::read(scheme, name, secret).unwrap_err();
        assert_eq!(problem("digest", "a", "secret"), Problem::Scheme);
        for user in ["", " ", "a:b", "a\nb", &"a".repeat(LONGEST_NAME + 1)] {
            assert_eq!(problem("basic", user, "secret"), Problem::User, "{user:?}");
        }
        for header in ["", "Host", "content-length", "X Key", "X-Key:", "X-Key\r\nHost", "É"] {
            assert_eq!(problem("header", header, "secret"), Problem::Header, "{header:?}");
        }
        for secret in ["", " ", "a b", "a\r\nHost: x", "é", &"a".repeat(LONGEST_SECRET + 1)] {
            assert_eq!(problem("bearer", "", secret), Problem::Secret, "{secret:?}");
        }
    }

    proptest! {
        #[test]
        fn the_record_gives_back_what_was_kept_and_at_its_own_site_alone(secret in "[!-~]{1,60}", name in "[a-z@.]{1,20}") {
            let (settings, site) = (for_tests(), Site::main(&CONFLUENCE));
            let credential = SharedCredential::read("basic", &name, &secret).unwrap();
            let sealed = credential.seal(&settings, site).unwrap();
            prop_assert!(!sealed.contains(&secret) || secret.len() < 4);
            prop_assert_eq!(SharedCredential::open(&settings, site, &sealed), Some(credential));
            prop_assert_eq!(SharedCredential::open(&settings, Site::main(&BITBUCKET), &sealed), None);
        }
    }
}
