//! Bitbucket Cloud's OAuth consumer: the dialect of RFC 6749 it speaks, and who its tokens belong to.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, ExtraTokenFields,
    RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken, StandardTokenResponse, TokenResponse,
    TokenUrl,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
    http,
};
use serde::{Deserialize, Serialize};

use crate::{
    crypto::secret::Secret,
    platform::{
        Fault, Platform,
        fetch::{ContentCoding, HttpError, Limits, OutboundRequest},
        http::Method,
        on_one_thread,
    },
    settings::Settings,
};

/// Bitbucket names the granted scopes `scopes`, not `scope`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct GrantedScopes {
    scopes: Option<String>,
}
impl ExtraTokenFields for GrantedScopes {}

type Answer = StandardTokenResponse<GrantedScopes, BasicTokenType>;
type Consumer = oauth2::Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// What the provider gave for a code or a refresh token.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access_token: Secret,
    /// Absent where the provider keeps the old one valid.
    pub refresh_token: Option<Secret>,
    pub lifetime: Duration,
    pub scopes: Option<String>,
}

/// Why the provider gave no tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenError {
    /// The code or refresh token is worth nothing any more: the person has to connect again.
    InvalidGrant,
    /// Anything that may be different next time, with what to write into the log.
    Unavailable(String),
}

/// Bitbucket's documentation and its answers differ on this; without `expires_in` the shorter one holds.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(3600);
const LIMITS: Limits = Limits { deadline: Duration::from_secs(10), bytes: 64 * 1024, coding: ContentCoding::Decoded };

fn consumer(settings: &Settings) -> Result<Consumer, Fault> {
    let url = |path: &str| format!("{}/{path}", settings.bitbucket.oauth_url);
    let fault = |error| Fault::new("BITBUCKET_OAUTH_URL", error);
    let redirect = RedirectUrl::new(callback_url(settings)).map_err(|error| Fault::new("PUBLIC_URL", error))?;
    Ok(oauth2::Client::new(ClientId::new(settings.bitbucket.client_id.clone()))
        .set_client_secret(ClientSecret::new(settings.bitbucket.client_secret.expose().to_owned()))
        .set_auth_uri(AuthUrl::new(url("authorize")).map_err(fault)?)
        .set_token_uri(TokenUrl::new(url("access_token")).map_err(fault)?)
        .set_redirect_uri(redirect))
}

/// Where Bitbucket sends the browser back to; the consumer's callback URL must be this or a prefix of it.
pub fn callback_url(settings: &Settings) -> String {
    format!("{}/callback/bitbucket", settings.public_url)
}

/// The page at which the person grants access. Bitbucket knows no PKCE and ignores scopes, so `state` alone
/// binds its answer to the browser.
///
/// # Errors
/// Where a setting is not a URL.
pub fn authorization_url(settings: &Settings, state: &str) -> Result<String, Fault> {
    let state = state.to_owned();
    let (url, _) = consumer(settings)?.authorize_url(move || CsrfToken::new(state)).url();
    Ok(url.into())
}

/// Exchanges an authorization code.
///
/// # Errors
/// As [`TokenError`] says.
pub async fn exchange_code(platform: &Platform, settings: &Settings, code: &str) -> Result<Tokens, TokenError> {
    let consumer = consumer(settings).map_err(|fault| TokenError::Unavailable(fault.to_string()))?;
    let request = consumer.exchange_code(AuthorizationCode::new(code.to_owned()));
    tokens(request.request_async(&client(platform)).await)
}

/// Exchanges a refresh token, which the provider then retires: what comes back must be stored before it is used.
///
/// # Errors
/// As [`TokenError`] says.
pub async fn refresh(platform: &Platform, settings: &Settings, token: &Secret) -> Result<Tokens, TokenError> {
    let consumer = consumer(settings).map_err(|fault| TokenError::Unavailable(fault.to_string()))?;
    let token = RefreshToken::new(token.expose().to_owned());
    let request = consumer.exchange_refresh_token(&token);
    tokens(request.request_async(&client(platform)).await)
}

/// Asks Bitbucket to end a token. Its documentation knows no such endpoint; public projects call this one and find the
/// token dead. So nothing may rest on it.
///
/// # Errors
/// Where Bitbucket did not say that it did: with what to write into the log.
pub async fn revoke(platform: &Platform, settings: &Settings, token: &Secret) -> Result<(), String> {
    let bitbucket = &settings.bitbucket;
    let credentials = STANDARD.encode(format!("{}:{}", bitbucket.client_id, bitbucket.client_secret.expose()));
    let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("token", token.expose()).finish();
    let request = OutboundRequest {
        method: Method::Post,
        url: format!("{}/revoke", bitbucket.oauth_url),
        headers: vec![
            ("authorization", format!("Basic {credentials}")),
            ("content-type", "application/x-www-form-urlencoded".into()),
        ],
        body: Some(body.into_bytes()),
        limits: LIMITS,
    };
    let answer = platform.http.send(request).await.map_err(|error| error.to_string())?;
    if (200..300).contains(&answer.status) { Ok(()) } else { Err(format!("revocation: status {}", answer.status)) }
}

/// An OAuth HTTP client over the platform's own. Errors of the `oauth2` crate carry whole response bodies, so
/// only their kind is looked at.
fn client(
    platform: &Platform,
) -> impl Fn(oauth2::HttpRequest) -> std::pin::Pin<Box<dyn Future<Output = Result<oauth2::HttpResponse, HttpError>> + Send>>
{
    let http = platform.http.clone();
    move |request: oauth2::HttpRequest| {
        let http = http.clone();
        Box::pin(on_one_thread(async move {
            let header = |name: http::HeaderName| {
                request.headers().get(&name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
            };
            let outbound = OutboundRequest {
                method: Method::Post,
                url: request.uri().to_string(),
                headers: vec![
                    ("accept", header(http::header::ACCEPT)),
                    ("content-type", header(http::header::CONTENT_TYPE)),
                    ("authorization", header(http::header::AUTHORIZATION)),
                ],
                body: Some(request.body().clone()),
                limits: LIMITS,
            };
            let answer = http.send(outbound).await?;
            let mut response = http::Response::new(answer.body);
            *response.status_mut() = http::StatusCode::from_u16(answer.status).unwrap_or(http::StatusCode::BAD_GATEWAY);
            for (name, value) in answer.headers {
                if name == "content-type"
                    && let Ok(value) = http::HeaderValue::from_str(&value)
                {
                    response.headers_mut().insert(http::header::CONTENT_TYPE, value);
                }
            }
            Ok(response)
        }))
    }
}

fn tokens(answer: Result<Answer, RequestTokenError<HttpError, BasicErrorResponse>>) -> Result<Tokens, TokenError> {
    match answer {
        Ok(answer) => Ok(Tokens {
            access_token: Secret::new(answer.access_token().secret()),
            refresh_token: answer.refresh_token().map(|token| Secret::new(token.secret())),
            lifetime: answer.expires_in().unwrap_or(SHORTEST_LIFETIME),
            scopes: answer.extra_fields().scopes.clone().or_else(|| {
                answer
                    .scopes()
                    .map(|scopes| scopes.iter().map(|scope: &Scope| scope.as_str()).collect::<Vec<_>>().join(" "))
            }),
        }),
        Err(RequestTokenError::ServerResponse(error)) => match error.error() {
            BasicErrorResponseType::InvalidGrant => Err(TokenError::InvalidGrant),
            other => Err(TokenError::Unavailable(format!("the token endpoint says {other}"))),
        },
        Err(RequestTokenError::Request(error)) => Err(TokenError::Unavailable(error.to_string())),
        Err(RequestTokenError::Parse(..)) => {
            Err(TokenError::Unavailable("the token endpoint's answer is not OAuth".into()))
        }
        Err(RequestTokenError::Other(text)) => Err(TokenError::Unavailable(text)),
    }
}

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Stable; names change.
    pub id: String,
    pub name: String,
}

/// Asks Bitbucket whose token it is (`GET /2.0/user`).
///
/// # Errors
/// Where Bitbucket did not say.
pub async fn account(platform: &Platform, settings: &Settings, token: &Secret) -> Result<Account, Fault> {
    #[derive(Deserialize)]
    struct User {
        uuid: String,
        display_name: String,
        nickname: Option<String>,
    }
    let request = OutboundRequest {
        method: Method::Get,
        url: format!("{}/user", settings.bitbucket.api_url),
        headers: vec![("authorization", format!("Bearer {}", token.expose())), ("accept", "application/json".into())],
        body: None,
        limits: LIMITS,
    };
    let answer = platform.http.send(request).await.map_err(|error| Fault::new("bitbucket user", error))?;
    if answer.status != 200 {
        return Err(Fault::new("bitbucket user", format!("status {}", answer.status)));
    }
    let user: User = serde_json::from_slice(&answer.body).map_err(|error| Fault::new("bitbucket user", error))?;
    Ok(Account { id: user.uuid, name: user.nickname.unwrap_or(user.display_name) })
}
