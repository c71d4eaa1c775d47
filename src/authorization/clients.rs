//! OAuth clients: who they are, who vouches for them, and what they may do.

mod document;
mod keys;
pub mod metadata;
mod pinned_copies;
pub mod public_url;
mod record;
pub mod redirect;
mod row;

use std::ops::Deref;

use serde_json::json;

use super::tokens::scope::Scopes;
use crate::{crypto::digest, identifiers::ClientId, platform::clock::Timestamp, settings::Settings};
use redirect::Registered;

#[cfg(feature = "fuzzing")]
pub use document::find_document;
pub use document::{Document, DocumentError, Verdict, is_document_address, way_out};
pub use keys::{ClientKeys, PublicKeys, UnusableKeys};
pub use record::{Entry, Registration, Room, described, enter, find, insert, keep, known, pre_registered, remove};

/// Grant types that a client may have (RFC 7591 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
    /// Access as itself, without a person: for pre-registered clients that authenticate.
    ClientCredentials,
    /// Access for whom the organisation's identity provider vouches (ID-JAG): for the same.
    JwtBearer,
}

impl GrantType {
    pub const ALL: [Self; 4] = [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials, Self::JwtBearer];

    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
        }
    }

    /// Whether it gives access that no person consents to: only an administrator can allow that.
    const fn asks_nobody(self) -> bool {
        matches!(self, Self::ClientCredentials | Self::JwtBearer)
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

/// Where a client that has a secret puts it (RFC 6749 §2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretMethod {
    Basic,
    Post,
}

/// How a client says at our endpoints that it is itself (RFC 7591 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthenticationMethod {
    /// A public client: by its id alone.
    None,
    Secret(SecretMethod),
    PrivateKeyJwt,
}

impl AuthenticationMethod {
    pub const ALL: [Self; 4] =
        [Self::None, Self::Secret(SecretMethod::Basic), Self::Secret(SecretMethod::Post), Self::PrivateKeyJwt];

    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Secret(SecretMethod::Basic) => "client_secret_basic",
            Self::Secret(SecretMethod::Post) => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

/// What proves that a request is the client's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authentication {
    /// Nothing: a public client.
    None,
    /// A secret of which only the SHA-256 is kept.
    Secret { method: SecretMethod, hash: String },
    /// A signature by one of its keys (RFC 7523 §2.2).
    PrivateKeyJwt(ClientKeys),
}

impl Authentication {
    pub const fn method(&self) -> AuthenticationMethod {
        match self {
            Self::None => AuthenticationMethod::None,
            Self::Secret { method, .. } => AuthenticationMethod::Secret(*method),
            Self::PrivateKeyJwt(_) => AuthenticationMethod::PrivateKeyJwt,
        }
    }
}

/// Who described a client to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The client itself (RFC 7591): nobody vouches for it.
    SelfRegistered,
    /// An administrator of this Postern.
    PreRegistered,
    /// The document at its client_id: whoever runs that host. It is believed without another look for a while.
    MetadataDocument { host: String, fresh_until: Timestamp },
}

impl Origin {
    /// Whether the operator lets clients in for which nobody else vouches.
    pub const fn is_admitted(&self, settings: &Settings) -> bool {
        match self {
            Self::PreRegistered => true,
            Self::SelfRegistered => !settings.known_clients_only,
            Self::MetadataDocument { .. } => !settings.known_clients_only && settings.client_metadata_documents,
        }
    }
}

/// All that is said of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    pub id: ClientId,
    /// Cleaned for display. An administrator's word for a pre-registered client, else self-declared.
    pub name: String,
    pub origin: Origin,
    pub authentication: Authentication,
    pub redirect_uris: Vec<Registered>,
    pub grant_types: Vec<GrantType>,
    /// The scopes it is limited to; `None` where it is not.
    pub scopes: Option<Scopes>,
    pub created_at: Timestamp,
}

/// A client whose description does not contradict itself. Read as a [`Description`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client(Description);

/// Why no client can be like that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidClient {
    #[error("access that no person consents to is for pre-registered clients")]
    NotPreRegistered,
    #[error("access that no person consents to is for clients that authenticate with a secret or a key")]
    WithoutAuthentication,
    #[error("a client with a metadata document cannot have a secret")]
    DocumentWithSecret,
}

impl Client {
    /// # Errors
    /// The first rule that the description breaks.
    pub fn new(description: Description) -> Result<Self, InvalidClient> {
        if description.grant_types.iter().any(|known| known.asks_nobody()) {
            if description.origin != Origin::PreRegistered {
                return Err(InvalidClient::NotPreRegistered);
            }
            if description.authentication == Authentication::None {
                return Err(InvalidClient::WithoutAuthentication);
            }
        }
        let has_document = matches!(description.origin, Origin::MetadataDocument { .. });
        if has_document && matches!(description.authentication, Authentication::Secret { .. }) {
            return Err(InvalidClient::DocumentWithSecret);
        }
        Ok(Self(description))
    }

    /// The redirect URI that a request names, where one that the client registered permits it.
    pub fn redirect(&self, presented: &str) -> Option<Registered> {
        self.redirect_uris.iter().find_map(|registered| registered.permit(presented))
    }

    /// A digest of what a person relies on who lets this client in by that redirect URI: its name, where the answer
    /// goes, and how it proves itself. `None` where the redirect URI is not the client's any more. Which keys it has is
    /// left out, because they may be replaced at any time.
    pub fn consent_fingerprint(&self, redirect_uri: &str) -> Option<String> {
        let registered = self.redirect_uris.iter().find(|registered| registered.permit(redirect_uri).is_some())?;
        let method = self.authentication.method().name();
        Some(digest::sha256(&json!([self.name, registered.as_str(), method]).to_string()))
    }

    pub fn may(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }
}

impl Deref for Client {
    type Target = Description;

    fn deref(&self) -> &Description {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::private_use::PrivateUse;

    fn service() -> Description {
        Description {
            id: ClientId::new("c"),
            name: "Client".into(),
            origin: Origin::PreRegistered,
            authentication: Authentication::Secret { method: SecretMethod::Basic, hash: "h".into() },
            redirect_uris: Vec::new(),
            grant_types: vec![GrantType::ClientCredentials],
            scopes: None,
            created_at: Timestamp(0),
        }
    }

    fn host() -> Origin {
        Origin::MetadataDocument { host: "client.example".into(), fresh_until: Timestamp(0) }
    }

    #[test]
    fn a_pre_registered_client_with_a_secret_may_act_as_itself() {
        assert!(Client::new(service()).unwrap().may(GrantType::ClientCredentials));
    }

    const WITHOUT_CONSENT: [GrantType; 2] = [GrantType::ClientCredentials, GrantType::JwtBearer];

    #[test]
    fn nobody_consents_for_a_public_client() {
        for grant_type in WITHOUT_CONSENT {
            let authentication = Authentication::None;
            let public = Description { authentication, grant_types: vec![grant_type], ..service() };
            assert_eq!(Client::new(public), Err(InvalidClient::WithoutAuthentication));
        }
    }

    #[test]
    fn nor_for_a_client_that_no_administrator_entered() {
        for (origin, grant_type) in [Origin::SelfRegistered, host()].into_iter().zip(WITHOUT_CONSENT) {
            let stranger = Description { origin, grant_types: vec![grant_type], ..service() };
            assert_eq!(Client::new(stranger), Err(InvalidClient::NotPreRegistered));
        }
    }

    #[test]
    fn a_client_with_a_document_has_no_secret() {
        let client = Description { origin: host(), grant_types: vec![GrantType::AuthorizationCode], ..service() };
        assert_eq!(Client::new(client), Err(InvalidClient::DocumentWithSecret));
    }

    fn with_redirect(name: &str, redirect_uri: &str) -> Client {
        let redirect_uris = vec![Registered::parse(redirect_uri, &PrivateUse::default()).unwrap()];
        Client::new(Description { name: name.into(), redirect_uris, ..service() }).unwrap()
    }

    #[test]
    fn a_person_relies_on_the_name_and_the_redirect_but_not_on_the_port() {
        let client = with_redirect("Client", "http://127.0.0.1/callback");
        let consent_fingerprint = client.consent_fingerprint("http://127.0.0.1:1/callback");
        assert!(consent_fingerprint.is_some());
        assert_eq!(consent_fingerprint, client.consent_fingerprint("http://127.0.0.1:2/callback"));
        assert_ne!(
            consent_fingerprint,
            with_redirect("Other", "http://127.0.0.1/callback").consent_fingerprint("http://127.0.0.1/callback")
        );
        assert_eq!(client.consent_fingerprint("https://client.example"), None);
    }

    #[test]
    fn names_of_methods_and_grant_types_are_read_as_written() {
        assert!(
            AuthenticationMethod::ALL.iter().all(|method| AuthenticationMethod::parse(method.name()) == Some(*method))
        );
        assert!(GrantType::ALL.iter().all(|known| GrantType::parse(known.name()) == Some(*known)));
    }
}
