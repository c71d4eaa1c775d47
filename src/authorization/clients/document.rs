//! Client ID metadata documents (draft-ietf-oauth-client-id-metadata-document): a client whose client_id is the
//! address of its own description. Whoever runs that host vouches for it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Authentication, AuthenticationMethod, Client, Description, Origin,
    metadata::{ClientMetadata, Unusable},
    pinned_copies,
    public_url::{NotPublic, PublicUrl},
};
use crate::{
    authorization::limits,
    context::Context,
    crypto::digest,
    identifiers::ClientId,
    platform::{
        cache,
        clock::Timestamp,
        fetch::{ContentCoding, HttpError, InboundResponse, Limits, OutboundRequest},
        http::Method,
        json,
        log::Level,
        sender::Sender,
    },
    settings::{Settings, private_use::PrivateUse},
};

/// What Postern takes of a stranger's time and bytes.
const LIMITS: Limits = Limits { deadline: Duration::from_secs(5), bytes: 5 * 1024, coding: ContentCoding::Refused };
/// How long a document is believed that wants not to be kept, or does not say.
pub(super) const SHORTEST_LIFE: Duration = Duration::from_secs(5 * 60);
/// How long one is believed at most, whatever it says.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// How long nobody makes us ask a host again that gave no document, or one that is of no use.
const PAUSE: Duration = cache::SHORTEST_LIFE;

/// Why an address gave no document. Kept for [`PAUSE`], without a word of the runtime's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    #[error("its host cannot be reached")]
    Unreachable,
    #[error("its host does not answer within 5 seconds")]
    Late,
    #[error("its host answers with status {0}, not 200")]
    Status(u16),
    #[error("it is longer than 5 kB")]
    TooLarge,
    #[error("it is not served as application/json")]
    MediaType,
    #[error("it is not text")]
    NotText,
    #[error("its host sends it compressed, though asked not to")]
    ContentCoding,
}

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
    #[error("the operator of this server does not take such descriptions")]
    Off,
    #[error("too many of them were asked for: wait a minute")]
    TooFast,
    #[error("{0}")]
    Absent(#[from] Absence),
    #[error("it does not say which client_id it is of")]
    Unidentified,
    #[error("its client_id is not the address that it is at")]
    AnotherId,
    #[error("it has no client_name")]
    NoName,
    #[error("it holds a secret, which everybody can read there")]
    Secret,
    #[error("its token_endpoint_auth_method is neither none nor private_key_jwt")]
    AuthenticationMethod,
    #[error("{0}")]
    Metadata(#[from] Unusable),
}

/// What a failure says of the client itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: its host was not heard. What was known before stays.
    Unheard,
    /// Its host says that there is no such client, or the operator wants none of them.
    NoClient,
    /// Its host describes a client that could not come in like that.
    Unacceptable,
}

impl DocumentError {
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Absent(Absence::Status(404 | 410))
            | Self::AnotherId
            | Self::Address(_)
            | Self::NoPath
            | Self::Ours
            | Self::Untrusted
            | Self::Off => Verdict::NoClient,
            Self::TooFast | Self::Absent(_) | Self::Unidentified | Self::Metadata(Unusable::NotAnObject) => {
                Verdict::Unheard
            }
            Self::NoName | Self::Secret | Self::AuthenticationMethod | Self::Metadata(_) => Verdict::Unacceptable,
        }
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
        match metadata.text("client_id")? {
            Some(named) if named == id => {}
            Some(_) => return Err(DocumentError::AnotherId),
            None => return Err(DocumentError::Unidentified),
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
            redirect_uris: metadata.redirect_uris(private_use)?,
            grant_types: metadata.grant_types()?,
            scopes: None,
            created_at: now,
        });
        // What could contradict itself was refused above.
        client.map_err(|_| DocumentError::AuthenticationMethod)
    }
}

/// Whether a client_id is the address of a document: those that Postern makes have no colon.
pub fn is_document_address(id: &str) -> bool {
    id.contains(':')
}

/// How the client at that address can connect without its document: what its person types, word for word.
pub fn way_out(id: &str, settings: &Settings) -> Option<String> {
    Some(pinned_copies::find(id)?.way_out?.replace("{url}", &settings.resource()))
}

/// The copy that Postern has of a well-known client's document, believed for a short while.
pub(super) fn pinned_copy(context: &Context, id: &str) -> Option<(Client, Document)> {
    let text = pinned_copies::find(id)?.document().to_string();
    let now = context.platform.clock.now();
    let document = Document { text, fresh_until: now + SHORTEST_LIFE };
    let client = document.client(id, &context.settings.private_use_redirects, now).ok()?;
    Some((client, document))
}

/// What the last look at an address found.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Look {
    Found(Document),
    Missing { absence: Absence, until: Timestamp },
}

impl Look {
    /// Whether it is too early for another.
    fn holds(&self, now: Timestamp) -> bool {
        match self {
            Self::Found(document) => document.fresh_until > now,
            Self::Missing { until, .. } => *until > now,
        }
    }

    fn client(self, id: &str, private_use: &PrivateUse, now: Timestamp) -> Result<(Client, Document), DocumentError> {
        match self {
            Self::Found(document) => Ok((document.client(id, private_use, now)?, document)),
            Self::Missing { absence, .. } => Err(absence.into()),
        }
    }
}

/// The client at that address as its host describes it: from the cache as long as the host allows, else from the host.
/// `sender` is whoever makes us look: nobody has us look about without end, and nobody at one host.
///
/// # Errors
/// Where there is none. That is remembered for a minute.
pub async fn find_document(context: &Context, id: &str, sender: &Sender) -> Result<(Client, Document), DocumentError> {
    if !context.settings.client_metadata_documents {
        return Err(DocumentError::Off);
    }
    let url = PublicUrl::parse(id)?;
    check_address(&url, &context.settings)?;
    let private_use = &context.settings.private_use_redirects;
    let now = context.platform.clock.now();
    let cache_key = format!("client-document/{}", digest::sha256(id));
    if let Some(cached) = context.platform.cache.get(&cache_key).await
        && let Ok(look) = json::from_str::<Look>(&cached)
        && look.holds(now)
    {
        return look.client(id, private_use, now);
    }
    if !limits::may_fetch(context, url.host(), sender).await {
        return Err(DocumentError::TooFast);
    }
    let (mut look, mut life) = look(context, &url, now).await;
    if let Look::Found(document) = &mut look
        && document.client(id, private_use, now).is_err()
    {
        life = PAUSE;
        document.fresh_until = now + life;
    }
    if let Ok(text) = serde_json::to_string(&look) {
        context.platform.cache.put(&cache_key, text, life).await;
    }
    look.client(id, private_use, now)
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

/// Asks the host; what it answers, and how long that holds.
async fn look(context: &Context, url: &PublicUrl, now: Timestamp) -> (Look, Duration) {
    let found = match fetch(context, url).await {
        Ok(answer) => {
            let life = life(&answer);
            read(answer, now + life).map(|document| (Look::Found(document), life))
        }
        Err(absence) => Err(absence),
    };
    found.unwrap_or_else(|absence| (Look::Missing { absence, until: now + PAUSE }, PAUSE))
}

async fn fetch(context: &Context, url: &PublicUrl) -> Result<InboundResponse, Absence> {
    let request = OutboundRequest {
        method: Method::Get,
        url: url.to_string(),
        headers: vec![
            ("accept".into(), "application/json".to_owned()),
            ("user-agent".into(), context.settings.user_agent()),
        ],
        body: None,
        limits: LIMITS,
    };
    context.platform.http.send(request).await.map_err(|error| {
        let fields = [("host", url.host().into()), ("reason", error.to_string().into())];
        context.log(Level::Info, "a client's host could not be asked", &fields);
        match error {
            HttpError::Timeout => Absence::Late,
            HttpError::Connection(_) => Absence::Unreachable,
            HttpError::ContentCoding(_) => Absence::ContentCoding,
        }
    })
}

/// The document of an answer that is one.
fn read(answer: InboundResponse, fresh_until: Timestamp) -> Result<Document, Absence> {
    if answer.status != 200 {
        return Err(Absence::Status(answer.status));
    }
    let media_type = answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let media_type = media_type.to_ascii_lowercase();
    if media_type != "application/json" && !(media_type.starts_with("application/") && media_type.ends_with("+json")) {
        return Err(Absence::MediaType);
    }
    if answer.truncated {
        return Err(Absence::TooLarge);
    }
    let text = String::from_utf8(answer.body).map_err(|_| Absence::NotText)?;
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
mod tests;
