//! Rows of D1 that say what a subject has, under a MAC (tamper evidence): whose they are, and what for, cannot be
//! changed.

use serde::Deserialize;
use serde_json::json;

use crate::{
    crypto::authenticator::{Authenticator, Table},
    identifiers::{ClientId, GrantId, UserId},
    platform::{clock::Timestamp, database::Rows},
};

/// What a grant is: whose, to which client, at which redirect URI, for what, since when, on what the person relied, and
/// when it ends by itself. How far its refresh tokens are is not of it.
pub const GRANTS: Table = Table {
    name: "grants",
    columns: &[
        "id",
        "user_id",
        "client_id",
        "redirect_uri",
        "scope",
        "resource",
        "created_at",
        "client_digest",
        "expires_at",
    ],
};

/// What a client is that somebody vouches for: an administrator, or the host of its metadata document.
pub const CLIENTS: Table = Table {
    name: "clients",
    columns: &[
        "id",
        "name",
        "origin",
        "redirect_uris",
        "grant_types",
        "token_endpoint_auth_method",
        "secret_hash",
        "jwks",
        "jwks_uri",
        "scope",
    ],
};

/// The clients among rows that are what somebody vouched for. One that registered itself is whatever it says: nobody
/// vouches for it, and anybody may register another like it.
pub fn clients(authenticator: &Authenticator, rows: Rows) -> Rows {
    authenticator
        .authentic_or(&CLIENTS, rows, |row| row.get("origin").is_some_and(|origin| origin == "self_registered"))
}

/// The columns of a grant on record that are authenticated, but for its end, which moves.
#[derive(Debug, Clone, Deserialize)]
pub struct GrantRow {
    pub id: GrantId,
    pub user_id: UserId,
    pub client_id: ClientId,
    pub redirect_uri: String,
    pub scope: String,
    pub resource: String,
    pub created_at: Timestamp,
    pub client_digest: Option<String>,
}

impl GrantRow {
    /// The column `mac` of this grant with that end.
    pub fn mac_until(&self, authenticator: &Authenticator, expires_at: Timestamp) -> String {
        let granted = Granted {
            id: &self.id,
            user: &self.user_id,
            client: &self.client_id,
            redirect_uri: &self.redirect_uri,
            scope: &self.scope,
            resource: &self.resource,
            created_at: self.created_at,
            client_digest: self.client_digest.as_deref(),
            expires_at,
        };
        granted.mac(authenticator)
    }
}

/// The columns of a grant that is put on record.
#[derive(Debug, Clone, Copy)]
pub struct Granted<'a> {
    pub id: &'a GrantId,
    pub user: &'a UserId,
    pub client: &'a ClientId,
    pub redirect_uri: &'a str,
    pub scope: &'a str,
    pub resource: &'a str,
    pub created_at: Timestamp,
    pub client_digest: Option<&'a str>,
    pub expires_at: Timestamp,
}

impl Granted<'_> {
    /// The column `mac`.
    pub fn mac(&self, authenticator: &Authenticator) -> String {
        let values = [
            json!(self.id),
            json!(self.user),
            json!(self.client),
            json!(self.redirect_uri),
            json!(self.scope),
            json!(self.resource),
            json!(self.created_at),
            json!(self.client_digest),
            json!(self.expires_at),
        ];
        authenticator.row(&GRANTS, &values)
    }
}
