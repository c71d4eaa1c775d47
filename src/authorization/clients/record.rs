//! Clients in the record.

use serde::Deserialize;
use serde_json::Value;

use super::{
    Client, Origin,
    document::{self, Document, DocumentError, Verdict},
    row::{Columns, Row},
};
use crate::{
    context::Context,
    crypto::{authenticator::Authenticator, digest},
    identifiers::{ClientId, UserId},
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
        log::Level,
        sender::Sender,
    },
    session::authentic,
    untrusted,
};

/// The client of that id as it was last seen, unless there is none or its registration expired unused. One with a
/// metadata document is in the record once a person has let it in.
///
/// # Errors
/// Where the record could not be read.
pub async fn find(context: &Context, id: &ClientId) -> Result<Option<Client>, Fault> {
    let query = sql("SELECT id, name, origin, redirect_uris, grant_types, token_endpoint_auth_method, secret_hash,
            jwks, jwks_uri, scope, fresh_until, created_at, mac
        FROM clients WHERE id = ?1 AND (expires_at IS NULL OR expires_at > ?2)");
    let rows = context.platform.database.run(query.bind(id).bind(context.platform.clock.now())).await?;
    let rows = authentic::clients(context.settings.authenticator(), rows);
    rows.first::<Row>()?.map(|row| row.client(&context.settings.private_use_redirects)).transpose()
}

/// As [`find`], for a client that now wants something by itself: one that the operator does not let in any more is none,
/// and a metadata document is looked at again where the last look is too long ago. What was last known of it stays until
/// its host says that there is no such client: nobody's access breaks off because a web server is down, or refuses us.
/// `sender` is as in [`document::find_document`].
///
/// # Errors
/// Where the record could not be read or written.
pub async fn known(context: &Context, id: &ClientId, sender: &Sender) -> Result<Option<Client>, Fault> {
    let Some(client) = find(context, id).await? else { return Ok(None) };
    if !client.origin.is_admitted(&context.settings) {
        return Ok(None);
    }
    let Origin::MetadataDocument { fresh_until, .. } = client.origin else { return Ok(Some(client)) };
    let now = context.platform.clock.now();
    if fresh_until > now {
        return Ok(Some(client));
    }
    match document::find_document(context, id.as_str(), sender).await {
        Ok((current, _)) => {
            context.platform.database.run(keep(context.settings.authenticator(), &current, now)).await?;
            Ok(Some(current))
        }
        Err(error) => {
            let stays = error.verdict() != Verdict::NoClient;
            let fields = [
                ("client", id.as_str().into()),
                ("reason", error.to_string().into()),
                ("still_believed", stays.into()),
            ];
            context.log(Level::Warning, "client metadata document unusable", &fields);
            if !stays {
                return Ok(None);
            }
            // Its host is asked again after a while, not by each of its people.
            let later = sql("UPDATE clients SET fresh_until = ?2 WHERE id = ?1 AND origin = 'metadata_document'");
            context.platform.database.run(later.bind(id).bind(now + document::SHORTEST_LIFE)).await?;
            Ok(Some(client))
        }
    }
}

/// The client with a metadata document at that address, for a person who is to be asked, and the document where there is
/// one. Where its host is not heard: as somebody let it in whose access still lives, or else as Postern's own copy of a
/// well-known document has it. `sender` is as in [`document::find_document`].
///
/// # Errors
/// Where there is no such client. The outer one: where the record could not be read.
pub async fn described(
    context: &Context,
    id: &str,
    sender: &Sender,
) -> Result<Result<(Client, Option<Document>), DocumentError>, Fault> {
    let error = match document::find_document(context, id, sender).await {
        Ok((client, document)) => return Ok(Ok((client, Some(document)))),
        Err(error) => error,
    };
    let fields = [("client", untrusted::label(id, 200).into()), ("reason", error.to_string().into())];
    context.log(Level::Info, "client metadata document refused", &fields);
    if error.verdict() != Verdict::Unheard {
        return Ok(Err(error));
    }
    if let Some(client) = last_good(context, id).await? {
        return Ok(Ok((client, None)));
    }
    let copy = document::pinned_copy(context, id).map(|(client, document)| (client, Some(document)));
    Ok(copy.ok_or(error))
}

/// A client with a metadata document as it is on record, while somebody's access by it lives.
async fn last_good(context: &Context, id: &str) -> Result<Option<Client>, Fault> {
    let query = sql("SELECT id, name, origin, redirect_uris, grant_types, token_endpoint_auth_method, secret_hash,
            jwks, jwks_uri, scope, fresh_until, created_at, mac
        FROM clients WHERE id = ?1 AND origin = 'metadata_document' AND EXISTS (
            SELECT 1 FROM grants WHERE client_id = ?1 AND revoked_at IS NULL AND expires_at > ?2)");
    let rows = context.platform.database.run(query.bind(id).bind(context.platform.clock.now())).await?;
    let rows = authentic::clients(context.settings.authenticator(), rows);
    rows.first::<Row>()?.map(|row| row.client(&context.settings.private_use_redirects)).transpose()
}

/// Keeps a client for good, because a person consented to it; one with a metadata document as it is now.
pub fn keep(authenticator: &Authenticator, client: &Client, now: Timestamp) -> Statement {
    let Origin::MetadataDocument { fresh_until, .. } = client.origin else {
        return sql("UPDATE clients SET used_at = COALESCE(used_at, ?2), expires_at = NULL, registered_from = NULL WHERE id = ?1")
            .bind(&client.id)
            .bind(now);
    };
    let columns = Columns::of(client);
    let mac = columns.mac(client, authenticator);
    sql("INSERT INTO clients (id, origin, name, redirect_uris, grant_types, token_endpoint_auth_method, jwks, jwks_uri,
            metadata, created_at, used_at, fresh_until, mac)
        VALUES (?1, 'metadata_document', ?2, ?3, ?4, ?5, ?6, ?7, '{}', ?8, ?8, ?9, ?10)
        ON CONFLICT (id) DO UPDATE SET name = ?2, redirect_uris = ?3, grant_types = ?4,
            token_endpoint_auth_method = ?5, jwks = ?6, jwks_uri = ?7, fresh_until = ?9, mac = ?10
        WHERE origin = 'metadata_document'")
    .bind(&client.id)
    .bind(&client.name)
    .bind(columns.redirect_uris)
    .bind(columns.grant_types)
    .bind(columns.method)
    .bind(columns.jwks)
    .bind(columns.jwks_uri)
    .bind(now)
    .bind(fresh_until)
    .bind(mac)
}

/// A client that registered itself, to be recorded.
pub struct Registration {
    pub client: Client,
    /// What else is echoed to the client, as a JSON object.
    pub metadata: Value,
    pub expires_at: Timestamp,
}

/// How many clients that nobody consented to may be on record.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    pub everywhere: i64,
    pub of_one_network: i64,
}

/// Records a registration. Where there is no room for one more that nobody consented to, the oldest of them goes.
///
/// # Errors
/// Where the record could not be written.
pub async fn insert(context: &Context, registration: &Registration, sender: &Sender, room: Room) -> Result<(), Fault> {
    let client = &registration.client;
    let columns = Columns::of(client);
    let key = context.settings.signing_keys.current.derive("network of a registration");
    let network = sender.network().map(|network| digest::authenticate(&key, &[network]));
    let of_the_network = sql("DELETE FROM clients WHERE id IN (
            SELECT id FROM clients WHERE registered_from = ?1 ORDER BY expires_at DESC LIMIT -1 OFFSET ?2)")
    .bind(network.clone())
    .bind(room.of_one_network - 1);
    let of_all = sql("DELETE FROM clients WHERE id IN (
            SELECT id FROM clients WHERE expires_at IS NOT NULL ORDER BY expires_at DESC LIMIT -1 OFFSET ?1)")
    .bind(room.everywhere - 1);
    let insert = sql("INSERT INTO clients (id, name, redirect_uris, grant_types, token_endpoint_auth_method,
            secret_hash, jwks, jwks_uri, metadata, created_at, expires_at, registered_from)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")
    .bind(&client.id)
    .bind(&client.name)
    .bind(columns.redirect_uris)
    .bind(columns.grant_types)
    .bind(columns.method)
    .bind(columns.secret_hash)
    .bind(columns.jwks)
    .bind(columns.jwks_uri)
    .bind(registration.metadata.to_string())
    .bind(client.created_at)
    .bind(registration.expires_at)
    .bind(network);
    context.platform.database.batch(vec![of_the_network, of_all, insert]).await.map(drop)
}

/// Records a client that an administrator entered.
///
/// # Errors
/// Where the record could not be written.
pub async fn enter(context: &Context, client: &Client, administrator: &UserId) -> Result<(), Fault> {
    let columns = Columns::of(client);
    let mac = columns.mac(client, context.settings.authenticator());
    let statement =
        sql("INSERT INTO clients (id, origin, name, redirect_uris, grant_types, token_endpoint_auth_method,
            secret_hash, jwks, jwks_uri, scope, metadata, created_at, created_by, mac)
        VALUES (?1, 'pre_registered', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, '{}', ?10, ?11, ?12)")
        .bind(&client.id)
        .bind(&client.name)
        .bind(columns.redirect_uris)
        .bind(columns.grant_types)
        .bind(columns.method)
        .bind(columns.secret_hash)
        .bind(columns.jwks)
        .bind(columns.jwks_uri)
        .bind(client.scopes.as_ref().map(ToString::to_string))
        .bind(client.created_at)
        .bind(administrator)
        .bind(mac);
    context.platform.database.run(statement).await.map(drop)
}

/// A client that an administrator entered, for their list.
pub struct Entry {
    pub client: Client,
    /// The administrator's name.
    pub entered_by: Option<String>,
    /// How many people let it in at the moment.
    pub grants: i64,
}

/// What an [`Entry`] has beside its client.
#[derive(Deserialize)]
struct EntryRow {
    entered_by: Option<String>,
    grants: i64,
}

/// The clients that administrators entered, the latest first.
///
/// # Errors
/// Where the record could not be read.
pub async fn pre_registered(context: &Context) -> Result<Vec<Entry>, Fault> {
    let query = sql("SELECT c.id, c.name, c.origin, c.redirect_uris, c.grant_types, c.token_endpoint_auth_method,
            c.secret_hash, c.jwks, c.jwks_uri, c.scope, c.fresh_until, c.created_at, c.mac, u.name AS entered_by,
            (SELECT COUNT(*) FROM grants g WHERE g.client_id = c.id AND g.revoked_at IS NULL AND g.expires_at > ?1) AS grants
        FROM clients c LEFT JOIN users u ON u.id = c.created_by
        WHERE c.origin = 'pre_registered' ORDER BY c.created_at DESC, c.id");
    let rows = context.platform.database.run(query.bind(context.platform.clock.now())).await?;
    let rows = authentic::clients(context.settings.authenticator(), rows).pairs()?;
    let entry = |(row, EntryRow { entered_by, grants }): (Row, EntryRow)| {
        let client = row.client(&context.settings.private_use_redirects)?;
        Ok(Entry { client, entered_by, grants })
    };
    rows.into_iter().map(entry).collect()
}

/// Takes a client that an administrator entered off the record; whether there was one. What people let it do is not
/// ended by this.
///
/// # Errors
/// Where the record could not be written.
pub async fn remove(context: &Context, id: &ClientId) -> Result<bool, Fault> {
    let delete = sql("DELETE FROM clients WHERE id = ?1 AND origin = 'pre_registered' RETURNING id").bind(id);
    Ok(!context.platform.database.run(delete).await?.rows.is_empty())
}

#[cfg(test)]
mod tests;
