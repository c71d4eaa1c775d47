//! A client as the columns of its row.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Authentication, AuthenticationMethod, Client, ClientKeys, Description, GrantType, Origin, PublicKeys,
    public_url::PublicUrl, redirect::Registered,
};
use crate::{
    authorization::tokens::scope::Scopes,
    crypto::authenticator::Authenticator,
    identifiers::ClientId,
    platform::{Fault, clock::Timestamp, json},
    session::authentic::CLIENTS,
    settings::private_use::PrivateUse,
};

/// What is read of a client.
#[derive(Deserialize)]
pub(super) struct Row {
    id: ClientId,
    name: String,
    origin: String,
    redirect_uris: String,
    grant_types: String,
    token_endpoint_auth_method: String,
    secret_hash: Option<String>,
    jwks: Option<String>,
    jwks_uri: Option<String>,
    scope: Option<String>,
    fresh_until: Option<Timestamp>,
    created_at: Timestamp,
}

fn fault(detail: impl std::fmt::Display) -> Fault {
    Fault::new("client", detail)
}

fn list<T: serde::de::DeserializeOwned>(json: &str) -> Result<Vec<T>, Fault> {
    json::from_str(json).map_err(fault)
}

impl Origin {
    /// How its row names it.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::SelfRegistered => "self_registered",
            Self::PreRegistered => "pre_registered",
            Self::MetadataDocument { .. } => "metadata_document",
        }
    }

    /// The origin of a client as its row names it. A document of which no look is on record is as old as can be.
    ///
    /// # Errors
    /// Where there is no such origin.
    pub fn recorded(name: &str, id: &ClientId, fresh_until: Option<Timestamp>) -> Result<Self, Fault> {
        match name {
            "self_registered" => Ok(Self::SelfRegistered),
            "pre_registered" => Ok(Self::PreRegistered),
            "metadata_document" => {
                let url = PublicUrl::parse(id.as_str()).map_err(fault)?;
                let fresh_until = fresh_until.unwrap_or(Timestamp(0));
                Ok(Self::MetadataDocument { host: url.host().to_owned(), fresh_until })
            }
            other => Err(fault(format!("unknown origin {other}"))),
        }
    }
}

impl Row {
    /// Redirect URIs that today's rules would not accept are left out.
    pub(super) fn client(self, private_use: &PrivateUse) -> Result<Client, Fault> {
        let authentication = self.authentication()?;
        let origin = Origin::recorded(&self.origin, &self.id, self.fresh_until)?;
        let redirect_uris: Vec<String> = list(&self.redirect_uris)?;
        let grant_types: Vec<String> = list(&self.grant_types)?;
        let description = Description {
            id: self.id,
            name: self.name,
            origin,
            authentication,
            redirect_uris: redirect_uris.iter().filter_map(|uri| Registered::parse(uri, private_use).ok()).collect(),
            grant_types: grant_types.iter().filter_map(|name| GrantType::parse(name)).collect(),
            scopes: self.scope.as_deref().map(Scopes::parse),
            created_at: self.created_at,
        };
        Client::new(description).map_err(fault)
    }

    fn authentication(&self) -> Result<Authentication, Fault> {
        let method = AuthenticationMethod::parse(&self.token_endpoint_auth_method);
        match (method, &self.secret_hash, &self.jwks, &self.jwks_uri) {
            (Some(AuthenticationMethod::None), None, None, None) => Ok(Authentication::None),
            (Some(AuthenticationMethod::Secret(method)), Some(hash), None, None) => {
                Ok(Authentication::Secret { method, hash: hash.clone() })
            }
            (Some(AuthenticationMethod::PrivateKeyJwt), None, Some(keys), None) => {
                let keys = PublicKeys::of_keys(&list::<Value>(keys)?).map_err(fault)?;
                Ok(Authentication::PrivateKeyJwt(ClientKeys::Inline(keys)))
            }
            (Some(AuthenticationMethod::PrivateKeyJwt), None, None, Some(uri)) => {
                Ok(Authentication::PrivateKeyJwt(ClientKeys::At(PublicUrl::parse(uri).map_err(fault)?)))
            }
            _ => Err(fault("its way to authenticate and what proves it do not fit")),
        }
    }
}

/// What is written of a client, where there is a choice.
pub(super) struct Columns {
    pub(super) redirect_uris: String,
    pub(super) grant_types: String,
    pub(super) method: &'static str,
    pub(super) secret_hash: Option<String>,
    pub(super) jwks: Option<String>,
    pub(super) jwks_uri: Option<String>,
}

impl Columns {
    /// The column `mac` of that client.
    pub(super) fn mac(&self, client: &Client, authenticator: &Authenticator) -> String {
        let values = [
            json!(client.id),
            json!(client.name),
            json!(client.origin.name()),
            json!(self.redirect_uris),
            json!(self.grant_types),
            json!(self.method),
            json!(self.secret_hash),
            json!(self.jwks),
            json!(self.jwks_uri),
            json!(client.scopes.as_ref().map(ToString::to_string)),
        ];
        authenticator.row(&CLIENTS, &values)
    }

    pub(super) fn of(client: &Client) -> Self {
        let uris: Vec<&str> = client.redirect_uris.iter().map(Registered::as_str).collect();
        let grant_types: Vec<&str> = client.grant_types.iter().map(|known| known.name()).collect();
        let (secret_hash, jwks, jwks_uri) = match &client.authentication {
            Authentication::None => (None, None, None),
            Authentication::Secret { hash, .. } => (Some(hash.clone()), None, None),
            Authentication::PrivateKeyJwt(ClientKeys::Inline(keys)) => (None, Some(keys.to_string()), None),
            Authentication::PrivateKeyJwt(ClientKeys::At(uri)) => (None, None, Some(uri.to_string())),
        };
        Self {
            redirect_uris: Value::from(uris).to_string(),
            grant_types: Value::from(grant_types).to_string(),
            method: client.authentication.method().name(),
            secret_hash,
            jwks,
            jwks_uri,
        }
    }
}
