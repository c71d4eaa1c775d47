//! What proves to a provider who is asking.

use std::hash::{Hash, Hasher};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{crypto::secret::Secret, platform::fetch::OutboundRequest, providers::Site};

/// A credential of one site. Applied when a request is sent, to that site's own origin alone: the address of a request is
/// made from the site that its credential names.
#[derive(Debug, Clone)]
pub struct Credential {
    site: Site,
    scheme: Scheme,
    /// Where the site's API lies for it, where that is elsewhere than for others.
    base_url: Option<String>,
}

/// An HTTP authentication scheme.
#[derive(Debug, Clone)]
enum Scheme {
    /// RFC 6750.
    Bearer(Secret),
    /// RFC 7617.
    Basic { user: String, password: Secret },
    /// A header of that name, as gateways before a provider take one.
    Header { name: String, value: Secret },
}

impl Credential {
    pub const fn bearer(site: Site, token: Secret) -> Self {
        Self { site, scheme: Scheme::Bearer(token), base_url: None }
    }

    pub const fn basic(site: Site, user: String, password: Secret) -> Self {
        Self { site, scheme: Scheme::Basic { user, password }, base_url: None }
    }

    pub const fn header(site: Site, name: String, value: Secret) -> Self {
        Self { site, scheme: Scheme::Header { name, value }, base_url: None }
    }

    /// Whether it is one of HTTP's own schemes, and not a header that something before the provider takes.
    pub const fn is_authorization(&self) -> bool {
        !matches!(self.scheme, Scheme::Header { .. })
    }

    /// The same for an API at that address alone.
    pub fn below(self, base_url: String) -> Self {
        Self { base_url: Some(base_url), ..self }
    }

    pub(super) fn base_url(&self) -> Option<&str> {
        self.base_url.as_deref()
    }

    pub(super) const fn site(&self) -> Site {
        self.site
    }

    /// Tells one credential from another, of the same site or of others.
    pub(super) fn hash(&self, hasher: &mut impl Hasher) {
        self.site.hash(hasher);
        match &self.scheme {
            Scheme::Bearer(token) => token.expose().hash(hasher),
            Scheme::Basic { user, password } => (user, password.expose()).hash(hasher),
            Scheme::Header { name, value } => (name, value.expose()).hash(hasher),
        }
    }

    pub fn apply(&self, request: &mut OutboundRequest) {
        let authorization = "authorization".into();
        request.headers.push(match &self.scheme {
            Scheme::Bearer(token) => (authorization, format!("Bearer {}", token.expose())),
            Scheme::Basic { user, password } => {
                let credentials = STANDARD.encode(format!("{user}:{}", password.expose()));
                (authorization, format!("Basic {credentials}"))
            }
            Scheme::Header { name, value } => (name.clone().into(), value.expose().to_owned()),
        });
    }
}
