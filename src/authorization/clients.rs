//! OAuth clients, as the record has them.

use serde::Deserialize;
use serde_json::Value;

use super::redirect::Registered;
use crate::{
    identifiers::ClientId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
    },
    postern::Postern,
};

/// The grant types that a client may register for (RFC 7591 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
}

impl GrantType {
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Self::AuthorizationCode, Self::RefreshToken].into_iter().find(|known| known.name() == name)
    }
}

/// How a client says at our endpoints that it is itself (RFC 7591 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthenticationMethod {
    /// A public client: by its id alone.
    None,
    Basic,
    Post,
}

impl AuthenticationMethod {
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Self::None, Self::Basic, Self::Post].into_iter().find(|known| known.name() == name)
    }
}

/// A registered client.
#[derive(Debug, Clone)]
pub struct Client {
    pub id: ClientId,
    /// Self-declared, cleaned for display.
    pub name: String,
    pub redirect_uris: Vec<Registered>,
    pub grant_types: Vec<GrantType>,
    /// SHA-256 of its secret; a public client has none.
    pub secret_hash: Option<String>,
    pub created_at: Timestamp,
}

impl Client {
    /// The redirect URI that a request names, where one that the client registered permits it.
    pub fn redirect(&self, presented: &str) -> Option<Registered> {
        self.redirect_uris
            .iter()
            .any(|registered| registered.matches(presented))
            .then(|| Registered::parse(presented).ok())
            .flatten()
    }

    pub fn may(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }
}

#[derive(Deserialize)]
struct Row {
    id: ClientId,
    name: String,
    redirect_uris: String,
    grant_types: String,
    secret_hash: Option<String>,
    created_at: Timestamp,
}

fn list(json: &str) -> Result<Vec<String>, Fault> {
    serde_json::from_str(json).map_err(|error| Fault::new("client", error))
}

impl TryFrom<Row> for Client {
    type Error = Fault;

    /// What today's rules would not accept at registration is left out.
    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id,
            name: row.name,
            redirect_uris: list(&row.redirect_uris)?.iter().filter_map(|uri| Registered::parse(uri).ok()).collect(),
            grant_types: list(&row.grant_types)?.iter().filter_map(|name| GrantType::parse(name)).collect(),
            secret_hash: row.secret_hash,
            created_at: row.created_at,
        })
    }
}

/// The client of that id, unless there is none or its registration expired unused.
///
/// # Errors
/// Where the record could not be read.
pub async fn find(postern: &Postern, id: &ClientId) -> Result<Option<Client>, Fault> {
    let query = sql("SELECT id, name, redirect_uris, grant_types, secret_hash, created_at FROM clients
        WHERE id = ?1 AND (expires_at IS NULL OR expires_at > ?2)");
    let rows = postern.platform.database.run(query.bind(id).bind(postern.platform.clock.now())).await?;
    rows.first::<Row>()?.map(Client::try_from).transpose()
}

/// Keeps a registration for good, because a person consented to it.
pub fn keep(id: &ClientId, now: Timestamp) -> Statement {
    sql("UPDATE clients SET used_at = COALESCE(used_at, ?2), expires_at = NULL WHERE id = ?1").bind(id).bind(now)
}

/// A client to record.
pub struct Registration {
    pub client: Client,
    pub method: AuthenticationMethod,
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
    let statement = sql("INSERT INTO clients (id, name, redirect_uris, grant_types, token_endpoint_auth_method,
            secret_hash, metadata, created_at, expires_at)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
        WHERE (SELECT COUNT(*) FROM clients WHERE expires_at > ?8) < ?10
        RETURNING id")
    .bind(&client.id)
    .bind(&client.name)
    .bind(Value::from(uris).to_string())
    .bind(Value::from(grant_types).to_string())
    .bind(registration.method.name())
    .bind(client.secret_hash.clone())
    .bind(registration.metadata.to_string())
    .bind(client.created_at)
    .bind(registration.expires_at)
    .bind(most);
    Ok(!postern.platform.database.run(statement).await?.rows.is_empty())
}
