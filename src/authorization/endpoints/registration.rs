//! Dynamic client registration (RFC 7591): open to strangers, so it is limited, capped and expires unused.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::cross_origin;
use crate::{
    audit::{self, Kind},
    authorization::{
        clients::{
            self, Authentication, AuthenticationMethod, Client, ClientKeys, Description, GrantType, Origin,
            Registration, Room, SecretMethod,
            metadata::{ClientMetadata, Unusable},
            redirect::Registered,
        },
        limits,
        tokens::scope::Scopes,
    },
    context::Context,
    crypto::{digest, random, secret::Secret},
    identifiers::ClientId,
    platform::{
        Fault,
        http::{Body, Request, Response},
        sender::Sender,
    },
    settings::private_use::PrivateUse,
};

/// The longest registration, in bytes.
const LARGEST_BODY: usize = 16 * 1024;
const MOST_REDIRECT_URIS: usize = 10;
/// How long a registration waits for the first person to consent.
const UNUSED_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// How many registrations may wait at one time: for the next one the oldest goes, so that nobody shuts registration.
const MOST_UNUSED: Room = Room { everywhere: 5_000, of_one_network: 200 };

/// Why a registration was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("too many registrations from this address: try again in a minute")]
    TooFast,
    #[error(
        "only AI clients that an administrator entered are let in here: ask whoever runs this server to enter yours under \
         Known clients, and give your client the client id that you get"
    )]
    KnownClientsOnly,
    #[error("the registration is longer than 16 KiB: register fewer or shorter values")]
    TooLarge,
    #[error("there are {0} redirect_uris: register at most {MOST_REDIRECT_URIS}")]
    TooManyRedirectUris(usize),
    #[error("{0}")]
    Metadata(#[from] Unusable),
}

impl Refused {
    const fn wire(&self) -> (u16, &'static str) {
        match self {
            Self::TooFast => (429, "temporarily_unavailable"),
            Self::KnownClientsOnly => (403, "access_denied"),
            Self::TooLarge => (413, "invalid_client_metadata"),
            Self::TooManyRedirectUris(_)
            | Self::Metadata(Unusable::NoRedirectUri | Unusable::RedirectUrisType | Unusable::RedirectUris(_)) => {
                (400, "invalid_redirect_uri")
            }
            Self::Metadata(_) => (400, "invalid_client_metadata"),
        }
    }

    fn response(&self) -> Response {
        let (status, error) = self.wire();
        let response = Response::json(status, &json!({ "error": error, "error_description": self.to_string() }));
        match self {
            Self::TooFast => response.with("retry-after", "60"),
            _ => response,
        }
    }
}

/// What will prove that a request is the client's.
#[derive(Debug, PartialEq)]
enum Proof {
    None,
    /// A secret, which is still to be made.
    Secret(SecretMethod),
    Keys(ClientKeys),
}

/// What a client asks to be registered as, with what we do not support left out.
#[derive(Debug, PartialEq)]
struct Wanted {
    name: String,
    redirect_uris: Vec<Registered>,
    grant_types: Vec<GrantType>,
    proof: Proof,
    /// Fields that are kept and echoed without meaning anything here.
    others: Map<String, Value>,
}

impl Wanted {
    fn read(body: &[u8], private_use: &PrivateUse) -> Result<Self, Refused> {
        let metadata = ClientMetadata::read(body)?;
        let count = metadata.redirect_uri_count();
        if count > MOST_REDIRECT_URIS {
            return Err(Refused::TooManyRedirectUris(count));
        }
        let redirect_uris = metadata.redirect_uris(private_use)?;
        let grant_types = metadata.grant_types()?;
        let proof = match metadata.authentication_method()? {
            None => Proof::Secret(SecretMethod::Basic),
            Some(AuthenticationMethod::None) => Proof::None,
            Some(AuthenticationMethod::Secret(method)) => Proof::Secret(method),
            Some(AuthenticationMethod::PrivateKeyJwt) => Proof::Keys(metadata.keys()?),
        };
        let name = metadata.label("client_name")?.unwrap_or_else(|| "Unnamed client".to_owned());
        let mut others = Map::new();
        // What means nothing here is left out where it cannot be right, and spoils nothing.
        for field in ["application_type", "software_id", "software_version"] {
            let text = metadata.label(field).ok().flatten();
            others.extend(text.map(|text| (field.to_owned(), text.into())));
        }
        for field in ["client_uri", "logo_uri", "policy_uri", "tos_uri"] {
            let uri = metadata.text(field).ok().flatten();
            let uri = uri.filter(|uri| Registered::parse(uri, &PrivateUse::default()).is_ok());
            others.extend(uri.map(|uri| (field.to_owned(), uri.into())));
        }
        if let Proof::Keys(_) = proof {
            let keys = ["jwks", "jwks_uri"]
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), metadata.get(name)?.clone())));
            others.extend(keys);
        }
        Ok(Self { name, redirect_uris, grant_types, proof, others })
    }
}

/// The whole effective registration (RFC 7591 §3.2.1).
#[derive(Serialize)]
struct Registered201<'a> {
    client_id: &'a str,
    client_id_issued_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<i64>,
    client_name: &'a str,
    redirect_uris: Vec<&'a str>,
    grant_types: Vec<&'static str>,
    response_types: [&'static str; 1],
    token_endpoint_auth_method: &'static str,
    scope: String,
    #[serde(flatten)]
    others: &'a Map<String, Value>,
}

/// `POST /register`: records a client, or says which rule its metadata breaks.
///
/// # Errors
/// Where the record could not be written.
pub async fn register(context: &Context, request: &Request) -> Result<Response, Fault> {
    let response = match admit(context, request).await {
        Ok(metadata) => record(context, metadata, &request.sender()).await?,
        Err(refused) => refused.response(),
    };
    Ok(cross_origin::readable(response))
}

async fn admit(context: &Context, request: &Request) -> Result<Wanted, Refused> {
    if !limits::may_register(context, &request.sender()).await {
        return Err(Refused::TooFast);
    }
    if !Origin::SelfRegistered.is_admitted(&context.settings) {
        return Err(Refused::KnownClientsOnly);
    }
    match &request.body {
        Body::Bytes(bytes) if bytes.len() <= LARGEST_BODY => {
            Wanted::read(bytes, &context.settings.private_use_redirects)
        }
        Body::Bytes(_) | Body::TooLarge => Err(Refused::TooLarge),
    }
}

async fn record(context: &Context, metadata: Wanted, sender: &Sender) -> Result<Response, Fault> {
    let now = context.platform.clock.now();
    let (secret, authentication) = match metadata.proof {
        Proof::None => (None, Authentication::None),
        Proof::Keys(keys) => (None, Authentication::PrivateKeyJwt(keys)),
        Proof::Secret(method) => {
            let secret = Secret::new(random::token()?);
            let hash = digest::sha256(secret.expose());
            (Some(secret), Authentication::Secret { method, hash })
        }
    };
    let description = Description {
        id: ClientId::new(random::identifier()?),
        name: metadata.name,
        origin: Origin::SelfRegistered,
        authentication,
        redirect_uris: metadata.redirect_uris,
        grant_types: metadata.grant_types,
        scopes: None,
        created_at: now,
    };
    let registration = Registration {
        client: Client::new(description).map_err(|error| Fault::new("registration", error))?,
        metadata: Value::Object(metadata.others.clone()),
        expires_at: now + UNUSED_LIFE,
    };
    clients::insert(context, &registration, sender, MOST_UNUSED).await?;
    let client = &registration.client;
    let event = audit::event(context, Kind::ClientRegistered).client(&client.id).client_name(&client.name);
    audit::gather(context, event);
    Ok(Response::json(
        201,
        &Registered201 {
            client_id: client.id.as_str(),
            client_id_issued_at: now.seconds(),
            client_secret: secret.as_ref().map(Secret::expose),
            client_secret_expires_at: secret.as_ref().map(|_| 0),
            client_name: &client.name,
            redirect_uris: client.redirect_uris.iter().map(Registered::as_str).collect(),
            grant_types: client.grant_types.iter().map(|known| known.name()).collect(),
            response_types: ["code"],
            token_endpoint_auth_method: client.authentication.method().name(),
            scope: Scopes::offered().to_string(),
            others: &metadata.others,
        },
    ))
}

#[cfg(test)]
mod tests;
