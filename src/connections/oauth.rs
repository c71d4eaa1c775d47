//! The OAuth client (RFC 6749) of people's accounts: in the dialect of whichever provider it speaks to.

use std::{pin::Pin, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    ExtraTokenFields, RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken,
    StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
    http,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::granted_sites::{GrantedSites, Listed};
use crate::{
    catalog,
    crypto::secret::Secret,
    platform::{
        Fault, Platform,
        fetch::{ContentCoding, HttpError, Limits, OutboundRequest},
        http::Method,
        json, on_one_thread,
    },
    providers::{Consumer, OAuthDialect, Site, TokenRequest},
    settings::Settings,
};

/// Some providers name the granted scopes `scopes`, not `scope`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct GrantedScopes {
    scopes: Option<String>,
}
impl ExtraTokenFields for GrantedScopes {}

type Answer = StandardTokenResponse<GrantedScopes, BasicTokenType>;
type Client = oauth2::Client<
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

const LIMITS: Limits = Limits { deadline: Duration::from_secs(10), bytes: 64 * 1024, coding: ContentCoding::Decoded };

/// The client of one site.
pub struct OAuth<'a> {
    platform: &'a Platform,
    settings: &'a Settings,
    site: Site,
    dialect: &'static OAuthDialect,
    consumer: &'a Consumer,
    /// Where the provider says whose a token is, and what else it says of one.
    api_url: &'a str,
}

impl<'a> OAuth<'a> {
    /// The client for accounts at that site.
    ///
    /// # Errors
    /// Where nobody connects an account of their own there.
    pub fn of(platform: &'a Platform, settings: &'a Settings, site: Site) -> Result<Self, Fault> {
        let of_site = settings.sites.get(site)?;
        let (Some(dialect), Some(consumer)) = (&site.provider.oauth, &of_site.consumer) else {
            return Err(Fault::new("oauth", format!("no accounts are connected at {site}")));
        };
        let api_url = consumer.api_url.as_ref().unwrap_or(&of_site.base_url);
        Ok(Self { platform, settings, site, dialect, consumer, api_url })
    }

    fn endpoint(&self, path: &str) -> String {
        format!("{}/{path}", self.consumer.url)
    }

    fn client(&self) -> Result<Client, Fault> {
        let Consumer { url, client_id, client_secret, .. } = self.consumer;
        let auth_type = match self.dialect.token_request {
            TokenRequest::Form => AuthType::BasicAuth,
            TokenRequest::Json => AuthType::RequestBody,
        };
        let fault = |error| Fault::new("OAuth endpoint", format!("{url}: {error}"));
        let redirect = RedirectUrl::new(callback_url(self.settings, self.site))
            .map_err(|error| Fault::new("PUBLIC_URL", error))?;
        Ok(oauth2::Client::new(ClientId::new(client_id.clone()))
            .set_client_secret(ClientSecret::new(client_secret.expose().to_owned()))
            .set_auth_uri(AuthUrl::new(self.endpoint(self.dialect.authorize)).map_err(fault)?)
            .set_token_uri(TokenUrl::new(self.endpoint(self.dialect.token)).map_err(fault)?)
            .set_redirect_uri(redirect)
            .set_auth_type(auth_type))
    }

    /// The page at which the person grants access.
    ///
    /// # Errors
    /// Where a setting is not a URL.
    pub fn authorization_url(&self, state: &str) -> Result<String, Fault> {
        let state = state.to_owned();
        let client = self.client()?;
        let mut request = client.authorize_url(move || CsrfToken::new(state));
        for (name, value) in self.dialect.parameters {
            request = request.add_extra_param(*name, *value);
        }
        if let Some(beside) = self.dialect.requested {
            let needed = catalog::needed_scopes(self.site.provider);
            let scopes = beside.iter().copied().chain(needed);
            request = request.add_scopes(scopes.map(|scope| Scope::new(scope.to_owned())));
        }
        Ok(request.url().0.into())
    }

    /// Exchanges an authorization code.
    ///
    /// # Errors
    /// As [`TokenError`] says.
    pub async fn exchange_code(&self, code: &str) -> Result<Tokens, TokenError> {
        let client = self.client().map_err(|fault| TokenError::Unavailable(fault.to_string()))?;
        let request = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        tokens(request.request_async(&self.http_client()).await, self.dialect.lifetime)
    }

    /// Exchanges a refresh token, which the provider then retires: what comes back must be stored before it is used.
    ///
    /// # Errors
    /// As [`TokenError`] says.
    pub async fn refresh(&self, token: &Secret) -> Result<Tokens, TokenError> {
        let client = self.client().map_err(|fault| TokenError::Unavailable(fault.to_string()))?;
        let token = RefreshToken::new(token.expose().to_owned());
        let request = client.exchange_refresh_token(&token);
        tokens(request.request_async(&self.http_client()).await, self.dialect.lifetime)
    }

    /// Asks the provider to end a token (RFC 7009). Nothing may rest on it: providers need not offer it.
    ///
    /// # Errors
    /// Where the provider did not say that it did: with what to write into the log.
    pub async fn revoke(&self, token: &Secret) -> Result<(), String> {
        let Some(path) = self.dialect.revoke else { return Err("the provider has no revocation endpoint".to_owned()) };
        let credentials =
            STANDARD.encode(format!("{}:{}", self.consumer.client_id, self.consumer.client_secret.expose()));
        let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("token", token.expose()).finish();
        let request = OutboundRequest {
            method: Method::Post,
            url: self.endpoint(path),
            headers: vec![
                ("authorization".into(), format!("Basic {credentials}")),
                ("content-type".into(), "application/x-www-form-urlencoded".into()),
            ],
            body: Some(body.into_bytes()),
            limits: LIMITS,
        };
        let answer = self.platform.http.send(request).await.map_err(|error| error.to_string())?;
        if (200..300).contains(&answer.status) { Ok(()) } else { Err(format!("revocation: status {}", answer.status)) }
    }

    /// Asks the provider whose token it is.
    ///
    /// # Errors
    /// Where the provider did not say.
    pub async fn account(&self, token: &Secret) -> Result<Account, Fault> {
        let said = self.ask(token, self.dialect.account).await?;
        let said: Value = json::from_slice(&said).map_err(|error| self.unsaid(error.to_string()))?;
        let text = |member: &str| said.get(member).and_then(Value::as_str).map(str::to_owned);
        let id = text(self.dialect.account_id).ok_or_else(|| self.unsaid("no id".to_owned()))?;
        let name = self.dialect.account_names.iter().find_map(|member| text(member));
        let name = name.ok_or_else(|| self.unsaid("no name".to_owned()))?;
        Ok(Account { id, name, sites: None })
    }

    /// Asks the provider which sites a token is for; `None` where each site has a consent of its own.
    ///
    /// # Errors
    /// Where the provider did not say.
    pub async fn listed_sites(&self, token: &Secret) -> Result<Option<Vec<Listed>>, Fault> {
        let Some(resources) = &self.dialect.resources else { return Ok(None) };
        let said = self.ask(token, resources.list).await?;
        json::from_slice(&said).map(Some).map_err(|error| self.unsaid(error.to_string()))
    }

    async fn ask(&self, token: &Secret, path: &str) -> Result<Vec<u8>, Fault> {
        let request = OutboundRequest {
            method: Method::Get,
            url: format!("{}/{path}", self.api_url),
            headers: vec![
                ("authorization".into(), format!("Bearer {}", token.expose())),
                ("accept".into(), "application/json".into()),
            ],
            body: None,
            limits: LIMITS,
        };
        let answer = self.platform.http.send(request).await.map_err(|error| self.unsaid(error.to_string()))?;
        if answer.status != 200 {
            return Err(self.unsaid(format!("status {}", answer.status)));
        }
        Ok(answer.body)
    }

    fn unsaid(&self, detail: String) -> Fault {
        Fault::new("account", format!("{}: {detail}", self.site))
    }

    /// An OAuth HTTP client over the platform's own. Errors of the `oauth2` crate carry whole response bodies, so
    /// only their kind is looked at.
    fn http_client(
        &self,
    ) -> impl Fn(oauth2::HttpRequest) -> Pin<Box<dyn Future<Output = Result<oauth2::HttpResponse, HttpError>> + Send>> + use<>
    {
        let (http, written) = (self.platform.http.clone(), self.dialect.token_request);
        move |request: oauth2::HttpRequest| {
            let http = http.clone();
            Box::pin(on_one_thread(async move {
                let header = |name: http::HeaderName| {
                    request.headers().get(&name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
                };
                let mut headers = vec![("accept".into(), header(http::header::ACCEPT))];
                let body = match written {
                    TokenRequest::Form => {
                        headers.push(("content-type".into(), header(http::header::CONTENT_TYPE)));
                        headers.push(("authorization".into(), header(http::header::AUTHORIZATION)));
                        request.body().clone()
                    }
                    TokenRequest::Json => {
                        headers.push(("content-type".into(), "application/json".to_owned()));
                        json_of_form(request.body())
                    }
                };
                let url = request.uri().to_string();
                let outbound = OutboundRequest { method: Method::Post, url, headers, body: Some(body), limits: LIMITS };
                let answer = http.send(outbound).await?;
                let mut response = http::Response::new(answer.body);
                *response.status_mut() =
                    http::StatusCode::from_u16(answer.status).unwrap_or(http::StatusCode::BAD_GATEWAY);
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
}

/// A form as a JSON object with the same members.
fn json_of_form(form: &[u8]) -> Vec<u8> {
    let members = url::form_urlencoded::parse(form).map(|(name, value)| (name.into_owned(), value.into_owned().into()));
    Value::Object(members.collect()).to_string().into_bytes()
}

/// Where a site sends the browser back to; its consumer's callback URL must be this or a prefix of it. Each site has one
/// of its own, so that the answer of one is never taken for another's (RFC 9700 §4.4).
fn callback_url(settings: &Settings, site: Site) -> String {
    format!("{}/callback/{site}", settings.public_url)
}

fn tokens(
    answer: Result<Answer, RequestTokenError<HttpError, BasicErrorResponse>>,
    default_lifetime: Duration,
) -> Result<Tokens, TokenError> {
    match answer {
        Ok(answer) => Ok(Tokens {
            access_token: Secret::new(answer.access_token().secret()),
            refresh_token: answer.refresh_token().map(|token| Secret::new(token.secret())),
            lifetime: answer.expires_in().unwrap_or(default_lifetime),
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
    /// The sites that it was granted at, where one consent covers several.
    pub sites: Option<GrantedSites>,
}
