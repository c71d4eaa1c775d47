//! Client ID metadata documents (draft-ietf-oauth-client-id-metadata-document): a client whose client_id is the
//! address of its own description. Whoever runs that host vouches for it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Authentication, AuthenticationMethod, Client, Description, Origin};
use crate::{
    authorization::{
        client_metadata::{ClientMetadata, Unusable},
        public_url::{NotPublic, PublicUrl},
        redirect::{Registered, Unacceptable},
    },
    crypto::digest,
    identifiers::ClientId,
    platform::{
        clock::Timestamp,
        fetch::{ContentCoding, HttpError, InboundResponse, Limits, OutboundRequest},
        http::Method,
    },
    postern::Postern,
    settings::{Settings, private_use::PrivateUse},
};

/// What Postern takes of a stranger's time and bytes.
const LIMITS: Limits = Limits { deadline: Duration::from_secs(10), bytes: 5 * 1024, coding: ContentCoding::Refused };
/// How long a document is believed that wants not to be kept, or does not say.
const SHORTEST_LIFE: Duration = Duration::from_secs(5 * 60);
/// How long one is believed at most, whatever it says.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a document cannot say who a client is. For the person and the client's developer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    #[error("the address {0}")]
    Address(#[from] NotPublic),
    #[error("the address has no path")]
    NoPath,
    #[error("the address is one of this server's own")]
    Ours,
    #[error("the operator of this server does not let its host vouch for clients")]
    Untrusted,
    #[error("too many of them were asked for: wait a minute")]
    TooFast,
    #[error("its host does not answer: {0}")]
    Unreachable(#[from] HttpError),
    #[error("its host answers with status {0}, not 200")]
    Status(u16),
    #[error("it is longer than 5 kB")]
    TooLarge,
    #[error("it is not served as application/json")]
    MediaType,
    #[error("its client_id is not the address that it is at")]
    AnotherId,
    #[error("it has no client_name")]
    NoName,
    #[error("it holds a secret, which everybody can read there")]
    Secret,
    #[error("its token_endpoint_auth_method is neither none nor private_key_jwt")]
    AuthenticationMethod,
    #[error("it has no redirect URI that is acceptable here: {0}")]
    RedirectUris(Unacceptable),
    #[error("{0}")]
    Metadata(#[from] Unusable),
}

impl DocumentError {
    /// Whether it says nothing of the document itself, and may be gone in a while.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::TooFast | Self::Unreachable(_) | Self::Status(429 | 500..=599))
    }
}

/// A copy of a document, as caches and open requests keep it. Read anew, by the rules of the day, whenever it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    text: String,
    fresh_until: Timestamp,
}

impl Document {
    /// The client that the document at this address describes.
    ///
    /// # Errors
    /// The first rule that the address or the document breaks.
    pub fn client(&self, id: &str, private_use: &PrivateUse, now: Timestamp) -> Result<Client, DocumentError> {
        let url = PublicUrl::parse(id)?;
        let metadata = ClientMetadata::read(self.text.as_bytes())?;
        if metadata.text("client_id")? != Some(id) {
            return Err(DocumentError::AnotherId);
        }
        if metadata.get("client_secret").or_else(|| metadata.get("client_secret_expires_at")).is_some() {
            return Err(DocumentError::Secret);
        }
        let authentication = match metadata.authentication_method()? {
            None | Some(AuthenticationMethod::None) => Authentication::None,
            Some(AuthenticationMethod::PrivateKeyJwt) => Authentication::PrivateKeyJwt(metadata.keys()?),
            Some(AuthenticationMethod::Secret(_)) => return Err(DocumentError::AuthenticationMethod),
        };
        let client = Client::new(Description {
            id: ClientId::new(id),
            name: metadata.label("client_name")?.ok_or(DocumentError::NoName)?,
            origin: Origin::MetadataDocument { host: url.host().to_owned(), fresh_until: self.fresh_until },
            authentication,
            redirect_uris: acceptable(&metadata.redirect_uris()?, private_use)?,
            grant_types: metadata.grant_types()?,
            scopes: None,
            created_at: now,
        });
        // What could contradict itself was refused above.
        client.map_err(|_| DocumentError::AuthenticationMethod)
    }
}

/// The redirect URIs that are acceptable here. A document is written for every server there is: the others are left
/// out, and a request that names one of them is refused.
fn acceptable(uris: &[&str], private_use: &PrivateUse) -> Result<Vec<Registered>, DocumentError> {
    let (acceptable, refused): (Vec<_>, Vec<_>) =
        uris.iter().map(|uri| Registered::parse(uri, private_use)).partition(Result::is_ok);
    match refused.into_iter().find_map(Result::err) {
        Some(why) if acceptable.is_empty() => Err(DocumentError::RedirectUris(why)),
        _ => Ok(acceptable.into_iter().flatten().collect()),
    }
}

/// Whether a client_id is the address of a document: those that Postern makes have no colon.
pub fn is_document_address(id: &str) -> bool {
    id.contains(':')
}

/// The client at that address, from the cache as long as its host allows, else from its host. `asker` is the address
/// of whoever makes us look: nobody has us look about without end.
///
/// # Errors
/// Where there is none. That is never remembered.
pub async fn find_document(postern: &Postern, id: &str, asker: &str) -> Result<(Client, Document), DocumentError> {
    let url = PublicUrl::parse(id)?;
    check_address(&url, &postern.settings)?;
    let private_use = &postern.settings.private_use_redirects;
    let now = postern.platform.clock.now();
    let cache_key = format!("client-document/{}", digest::sha256(id));
    if let Some(cached) = postern.platform.cache.get(&cache_key).await
        && let Ok(document) = serde_json::from_str::<Document>(&cached)
        && document.fresh_until > now
        && let Ok(client) = document.client(id, private_use, now)
    {
        return Ok((client, document));
    }
    let answer = fetch(postern, &url, asker).await?;
    let life = life(&answer);
    let document = read(answer, now + life)?;
    let client = document.client(id, private_use, now)?;
    if let Ok(text) = serde_json::to_string(&document) {
        postern.platform.cache.put(&cache_key, text, life).await;
    }
    Ok((client, document))
}

/// A document of our own host could only be made of what strangers send us.
fn check_address(url: &PublicUrl, settings: &Settings) -> Result<(), DocumentError> {
    if Url::parse(&settings.public_url).is_ok_and(|ours| ours.host_str() == Some(url.host())) {
        return Err(DocumentError::Ours);
    }
    if !settings.client_hosts.allow(url.host()) {
        return Err(DocumentError::Untrusted);
    }
    if url.path() == "/" {
        return Err(DocumentError::NoPath);
    }
    Ok(())
}

async fn fetch(postern: &Postern, url: &PublicUrl, asker: &str) -> Result<InboundResponse, DocumentError> {
    if !postern.platform.limiter.allow(&format!("client-document:{asker}")).await {
        return Err(DocumentError::TooFast);
    }
    let request = OutboundRequest {
        method: Method::Get,
        url: url.to_string(),
        headers: vec![("accept", "application/json".to_owned())],
        body: None,
        limits: LIMITS,
    };
    Ok(postern.platform.http.send(request).await?)
}

/// The document of an answer that is one.
fn read(answer: InboundResponse, fresh_until: Timestamp) -> Result<Document, DocumentError> {
    if answer.status != 200 {
        return Err(DocumentError::Status(answer.status));
    }
    let media_type = answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let media_type = media_type.to_ascii_lowercase();
    if media_type != "application/json" && !(media_type.starts_with("application/") && media_type.ends_with("+json")) {
        return Err(DocumentError::MediaType);
    }
    if answer.truncated {
        return Err(DocumentError::TooLarge);
    }
    let text = String::from_utf8(answer.body).map_err(|_| Unusable::NotAnObject)?;
    Ok(Document { text, fresh_until })
}

/// How long an answer is believed: by its Cache-Control (RFC 9111 §5.2.2), within our bounds.
fn life(answer: &InboundResponse) -> Duration {
    let control = answer.header("cache-control").unwrap_or_default().to_ascii_lowercase();
    let directives: Vec<&str> = control.split(',').map(str::trim).collect();
    if directives.iter().any(|directive| matches!(*directive, "no-store" | "no-cache")) {
        return SHORTEST_LIFE;
    }
    let seconds = |text: &str| text.trim_matches('"').parse::<u64>().ok();
    let longest = directives.iter().find_map(|directive| seconds(directive.strip_prefix("max-age=")?));
    let age = answer.header("age").and_then(seconds).unwrap_or(0);
    Duration::from_secs(longest.unwrap_or(0).saturating_sub(age)).clamp(SHORTEST_LIFE, LONGEST_LIFE)
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
