//! Clients in the record.

use serde::Deserialize;
use serde_json::Value;

use super::{Authentication, AuthenticationMethod, Client, ClientKeys, Description, GrantType, Origin, PublicKeys};
use crate::{
    authorization::{public_url::PublicUrl, redirect::Registered, scope::Scopes},
    identifiers::ClientId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
    },
    postern::Postern,
};

#[derive(Deserialize)]
struct Row {
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
    created_at: Timestamp,
}

fn fault(detail: impl std::fmt::Display) -> Fault {
    Fault::new("client", detail)
}

fn list<T: serde::de::DeserializeOwned>(json: &str) -> Result<Vec<T>, Fault> {
    serde_json::from_str(json).map_err(fault)
}

impl TryFrom<Row> for Client {
    type Error = Fault;

    /// Redirect URIs that today's rules would not accept are left out.
    fn try_from(row: Row) -> Result<Self, Fault> {
        let authentication = row.authentication()?;
        let origin = row.origin()?;
        let redirect_uris: Vec<String> = list(&row.redirect_uris)?;
        let grant_types: Vec<String> = list(&row.grant_types)?;
        let description = Description {
            id: row.id,
            name: row.name,
            origin,
            authentication,
            redirect_uris: redirect_uris.iter().filter_map(|uri| Registered::parse(uri).ok()).collect(),
            grant_types: grant_types.iter().filter_map(|name| GrantType::parse(name)).collect(),
            scopes: row.scope.as_deref().map(Scopes::parse),
            created_at: row.created_at,
        };
        Self::new(description).map_err(fault)
    }
}

impl Row {
    fn origin(&self) -> Result<Origin, Fault> {
        match self.origin.as_str() {
            "self_registered" => Ok(Origin::SelfRegistered),
            "pre_registered" => Ok(Origin::PreRegistered),
            "metadata_document" => {
                let url = PublicUrl::parse(self.id.as_str()).map_err(fault)?;
                Ok(Origin::MetadataDocument { host: url.host().to_owned() })
            }
            other => Err(fault(format!("unknown origin {other}"))),
        }
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

/// The client of that id, unless there is none or its registration expired unused.
///
/// # Errors
/// Where the record could not be read.
pub async fn find(postern: &Postern, id: &ClientId) -> Result<Option<Client>, Fault> {
    let query = sql("SELECT id, name, origin, redirect_uris, grant_types, token_endpoint_auth_method, secret_hash,
            jwks, jwks_uri, scope, created_at
        FROM clients WHERE id = ?1 AND (expires_at IS NULL OR expires_at > ?2)");
    let rows = postern.platform.database.run(query.bind(id).bind(postern.platform.clock.now())).await?;
    rows.first::<Row>()?.map(Client::try_from).transpose()
}

/// Keeps a registration for good, because a person consented to it.
pub fn keep(id: &ClientId, now: Timestamp) -> Statement {
    sql("UPDATE clients SET used_at = COALESCE(used_at, ?2), expires_at = NULL WHERE id = ?1").bind(id).bind(now)
}

/// A client that registered itself, to be recorded.
pub struct Registration {
    pub client: Client,
    /// What else is echoed to the client, as a JSON object.
    pub metadata: Value,
    pub expires_at: Timestamp,
}

/// Records a registration, unless `most` that nobody consented to are alive already; whether it did.
///
/// # Errors
/// Where the record could not be written.
pub async fn insert(postern: &Postern, registration: &Registration, most: i64) -> Result<bool, Fault> {
    let client = &registration.client;
    let uris: Vec<&str> = client.redirect_uris.iter().map(Registered::as_str).collect();
    let grant_types: Vec<&str> = client.grant_types.iter().map(|known| known.name()).collect();
    let (secret_hash, jwks, jwks_uri) = match &client.authentication {
        Authentication::None => (None, None, None),
        Authentication::Secret { hash, .. } => (Some(hash.clone()), None, None),
        Authentication::PrivateKeyJwt(ClientKeys::Inline(keys)) => (None, Some(keys.to_string()), None),
        Authentication::PrivateKeyJwt(ClientKeys::At(uri)) => (None, None, Some(uri.to_string())),
    };
    let statement = sql("INSERT INTO clients (id, name, redirect_uris, grant_types, token_endpoint_auth_method,
            secret_hash, jwks, jwks_uri, metadata, created_at, expires_at)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
        WHERE (SELECT COUNT(*) FROM clients WHERE expires_at > ?10) < ?12
        RETURNING id")
    .bind(&client.id)
    .bind(&client.name)
    .bind(Value::from(uris).to_string())
    .bind(Value::from(grant_types).to_string())
    .bind(client.authentication.method().name())
    .bind(secret_hash)
    .bind(jwks)
    .bind(jwks_uri)
    .bind(registration.metadata.to_string())
    .bind(client.created_at)
    .bind(registration.expires_at)
    .bind(most);
    Ok(!postern.platform.database.run(statement).await?.rows.is_empty())
}
