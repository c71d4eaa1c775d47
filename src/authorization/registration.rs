//! Dynamic client registration (RFC 7591): open to strangers, so it is limited, capped and expires unused.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    clients::{
        self, Authentication, AuthenticationMethod, Client, ClientKeys, Description, GrantType, Origin, Registration,
        SecretMethod, UnusableKeys,
    },
    cross_origin,
    redirect::{Registered, Unacceptable},
    scope::Scopes,
};
use crate::{
    crypto::{digest, random, secret::Secret},
    identifiers::ClientId,
    platform::{
        Fault,
        http::{Body, Request, Response},
    },
    postern::Postern,
    untrusted,
};

/// The longest registration, in bytes.
const LARGEST_BODY: usize = 16 * 1024;
const MOST_REDIRECT_URIS: usize = 10;
const LONGEST_NAME: usize = 100;
/// How long a registration waits for the first person to consent.
const UNUSED_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// How many registrations may wait at one time.
const MOST_UNUSED: i64 = 5_000;

/// Why a registration was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("too many registrations from this address: try again in a minute")]
    TooFast,
    #[error("too many registered clients are waiting for a first sign-in: try again later, or ask the administrator")]
    Full,
    #[error("the registration is longer than 16 KiB: register fewer or shorter values")]
    TooLarge,
    #[error("the body is not a JSON object: send client metadata as application/json (RFC 7591)")]
    NotAnObject,
    #[error("redirect_uris must be a list of 1 to 10 URLs")]
    RedirectUris,
    #[error("{0}")]
    RedirectUri(#[from] Unacceptable),
    #[error("{0} is not of the type that RFC 7591 gives it")]
    Type(&'static str),
    #[error("grant_types must include authorization_code")]
    GrantTypes,
    #[error("response_types must include code")]
    ResponseTypes,
    #[error("token_endpoint_auth_method must be none, client_secret_basic, client_secret_post or private_key_jwt")]
    AuthenticationMethod,
    #[error("{0}")]
    Keys(#[from] UnusableKeys),
}

impl Refused {
    const fn wire(&self) -> (u16, &'static str) {
        match self {
            Self::TooFast => (429, "temporarily_unavailable"),
            Self::Full => (503, "temporarily_unavailable"),
            Self::TooLarge => (413, "invalid_client_metadata"),
            Self::RedirectUris | Self::RedirectUri(_) => (400, "invalid_redirect_uri"),
            Self::NotAnObject
            | Self::Type(_)
            | Self::GrantTypes
            | Self::ResponseTypes
            | Self::AuthenticationMethod
            | Self::Keys(_) => (400, "invalid_client_metadata"),
        }
    }

    fn response(&self) -> Response {
        let (status, error) = self.wire();
        let response = Response::json(status, &json!({ "error": error, "error_description": self.to_string() }));
        match self {
            Self::TooFast => response.with("retry-after", "60"),
            Self::Full => response.with("retry-after", "3600"),
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
struct Metadata {
    name: String,
    redirect_uris: Vec<Registered>,
    grant_types: Vec<GrantType>,
    proof: Proof,
    /// Fields that are kept and echoed without meaning anything here.
    others: Map<String, Value>,
}

fn texts(object: &Map<String, Value>, name: &'static str) -> Result<Option<Vec<String>>, Refused> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => serde_json::from_value(value.clone()).map(Some).map_err(|_| Refused::Type(name)),
    }
}

fn text<'a>(object: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, Refused> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or(Refused::Type(name)),
    }
}

/// Whether clients may give themselves that grant type.
const fn is_open(grant_type: GrantType) -> bool {
    matches!(grant_type, GrantType::AuthorizationCode | GrantType::RefreshToken)
}

impl Metadata {
    fn read(body: &[u8]) -> Result<Self, Refused> {
        let object: Map<String, Value> = serde_json::from_slice(body).map_err(|_| Refused::NotAnObject)?;
        let uris = texts(&object, "redirect_uris").map_err(|_| Refused::RedirectUris)?.unwrap_or_default();
        if uris.is_empty() || uris.len() > MOST_REDIRECT_URIS {
            return Err(Refused::RedirectUris);
        }
        let redirect_uris = uris.iter().map(|uri| Registered::parse(uri)).collect::<Result<Vec<_>, _>>()?;
        let grant_types: Vec<GrantType> = match texts(&object, "grant_types")? {
            None => vec![GrantType::AuthorizationCode],
            Some(names) => {
                names.iter().filter_map(|name| GrantType::parse(name)).filter(|known| is_open(*known)).collect()
            }
        };
        if !grant_types.contains(&GrantType::AuthorizationCode) {
            return Err(Refused::GrantTypes);
        }
        if texts(&object, "response_types")?.is_some_and(|types| !types.iter().any(|name| name == "code")) {
            return Err(Refused::ResponseTypes);
        }
        let proof = match text(&object, "token_endpoint_auth_method")?.map(AuthenticationMethod::parse) {
            None => Proof::Secret(SecretMethod::Basic),
            Some(Some(AuthenticationMethod::None)) => Proof::None,
            Some(Some(AuthenticationMethod::Secret(method))) => Proof::Secret(method),
            Some(Some(AuthenticationMethod::PrivateKeyJwt)) => Proof::Keys(ClientKeys::of_metadata(&object)?),
            Some(None) => return Err(Refused::AuthenticationMethod),
        };
        let name = untrusted::label(text(&object, "client_name")?.unwrap_or_default(), LONGEST_NAME);
        let name = if name.is_empty() { "Unnamed client".to_owned() } else { name };
        let mut others = Map::new();
        for field in ["application_type", "software_id", "software_version"] {
            let kept = untrusted::label(text(&object, field)?.unwrap_or_default(), LONGEST_NAME);
            if !kept.is_empty() {
                others.insert(field.to_owned(), kept.into());
            }
        }
        if let Proof::Keys(_) = proof {
            others.extend(
                ["jwks", "jwks_uri"]
                    .into_iter()
                    .filter_map(|name| object.get_key_value(name))
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
        }
        for field in ["client_uri", "logo_uri", "policy_uri", "tos_uri"] {
            if let Some(uri) = text(&object, field)?.filter(|uri| Registered::parse(uri).is_ok()) {
                others.insert(field.to_owned(), uri.into());
            }
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
pub async fn register(postern: &Postern, request: &Request) -> Result<Response, Fault> {
    let response = match admit(postern, request).await {
        Ok(metadata) => record(postern, metadata).await?,
        Err(refused) => refused.response(),
    };
    Ok(cross_origin::readable(response))
}

async fn admit(postern: &Postern, request: &Request) -> Result<Metadata, Refused> {
    let address = request.header("cf-connecting-ip").unwrap_or("unknown");
    if !postern.platform.limiter.allow(&format!("register:{address}")).await {
        return Err(Refused::TooFast);
    }
    match &request.body {
        Body::Bytes(bytes) if bytes.len() <= LARGEST_BODY => Metadata::read(bytes),
        Body::Bytes(_) | Body::TooLarge => Err(Refused::TooLarge),
    }
}

async fn record(postern: &Postern, metadata: Metadata) -> Result<Response, Fault> {
    let now = postern.platform.clock.now();
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
    if !clients::insert(postern, &registration, MOST_UNUSED).await? {
        return Ok(Refused::Full.response());
    }
    let client = &registration.client;
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
            scope: Scopes::all().to_string(),
            others: &metadata.others,
        },
    ))
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
