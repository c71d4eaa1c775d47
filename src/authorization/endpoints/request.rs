//! An authorization request (RFC 6749 §4.1.1), checked in the order that keeps errors from strangers' URLs.

use crate::{
    authorization::{
        clients::{
            Client, DocumentError,
            metadata::LONGEST_TEXT,
            redirect::{Registered, Unacceptable},
        },
        tokens::{
            pkce::is_pkce,
            resource::names_our_resource,
            scope::{RequestedScope, Scopes},
        },
    },
    platform::http::Form,
    settings::{Settings, private_use},
    untrusted,
};

/// What is shown to the person instead of a redirect, because it is not proven where a redirect may lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnverifiedRequest {
    NoClient,
    UnknownClient,
    /// The operator lets in those alone that an administrator entered, and nobody entered this one.
    KnownClientsOnly,
    /// The client_id is an address, but what is there does not say who the client is.
    Document {
        error: DocumentError,
        /// How this client can connect without.
        way_out: Option<String>,
    },
    NoRedirect,
    UnregisteredRedirect,
    /// A private-use scheme that the operator does not allow: all before the path.
    PrivateUseRedirect(String),
}

/// What is wrong with a request whose redirect URI is proven; the client is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("a parameter is given more than once")]
    Repeated,
    #[error("response_type is missing: use code")]
    NoResponseType,
    #[error("this server supports response_type code alone")]
    ResponseType,
    #[error("this server supports response_mode query alone")]
    ResponseMode,
    #[error("code_challenge is missing: this server requires PKCE with S256 from every client")]
    NoChallenge,
    #[error("code_challenge is not 43 to 128 unreserved characters")]
    MalformedChallenge,
    #[error("code_challenge_method must be S256")]
    ChallengeMethod,
    #[error("the resource is not the one of this server: use the resource of its metadata, or leave it out")]
    OtherResource,
    #[error(
        "the scope is wider than this client was registered for: ask for less, or ask the administrator of this server"
    )]
    BeyondRegistration,
    #[error("nobody is signed in here: send the person without prompt=none")]
    LoginRequired,
    #[error("the person has to be asked: send them without prompt=none")]
    ConsentRequired,
    #[error("the person did not allow it")]
    Denied,
}

impl UnverifiedRequest {
    /// The error code for a program that has no page to show (RFC 6749 §4.1.2.1).
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoClient | Self::NoRedirect | Self::UnregisteredRedirect | Self::PrivateUseRedirect(_) => {
                "invalid_request"
            }
            Self::UnknownClient | Self::Document { .. } => "invalid_client",
            Self::KnownClientsOnly => "access_denied",
        }
    }
}

impl Problem {
    /// The error code of RFC 6749 §4.1.2.1, RFC 8707 §2 or OpenID Connect §3.1.2.6.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Repeated
            | Self::NoResponseType
            | Self::ResponseMode
            | Self::NoChallenge
            | Self::MalformedChallenge
            | Self::ChallengeMethod => "invalid_request",
            Self::ResponseType => "unsupported_response_type",
            Self::OtherResource => "invalid_target",
            Self::BeyondRegistration => "invalid_scope",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::Denied => "access_denied",
        }
    }
}

/// Where the answer goes: proven to be the client's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnAddress {
    pub redirect: Registered,
    pub state: Option<String>,
}

impl ReturnAddress {
    /// The URL that tells the client of a problem (RFC 6749 §4.1.2.1, RFC 9207).
    pub fn with_problem(&self, settings: &Settings, problem: Problem) -> String {
        self.with(settings, &[("error", problem.code()), ("error_description", &problem.to_string())])
    }

    /// The URL that brings the client its code (RFC 6749 §4.1.2, RFC 9207).
    pub fn with_code(&self, settings: &Settings, code: &str) -> String {
        self.with(settings, &[("code", code)])
    }

    fn with(&self, settings: &Settings, answer: &[(&str, &str)]) -> String {
        let mut parameters = answer.to_vec();
        if let Some(state) = &self.state {
            parameters.push(("state", state));
        }
        parameters.push(("iss", &settings.public_url));
        self.redirect.with(&parameters)
    }
}

/// The client that the request names.
///
/// # Errors
/// Where it names none, or more than one.
pub fn client_id(form: &Form) -> Result<&str, UnverifiedRequest> {
    form.get("client_id").filter(|id| !id.is_empty()).ok_or(UnverifiedRequest::NoClient)
}

/// Proves that the answer may go where the request wants it.
///
/// # Errors
/// Where the client did not register that redirect URI, or could not.
pub fn return_address(form: &Form, client: &Client, settings: &Settings) -> Result<ReturnAddress, UnverifiedRequest> {
    let presented = form.get("redirect_uri").filter(|uri| !uri.is_empty()).ok_or(UnverifiedRequest::NoRedirect)?;
    let redirect = client.redirect(presented).ok_or_else(|| {
        match Registered::parse(presented, &settings.private_use_redirects) {
            Err(Unacceptable::PrivateUse) => {
                UnverifiedRequest::PrivateUseRedirect(untrusted::label(private_use::beginning(presented), LONGEST_TEXT))
            }
            _ => UnverifiedRequest::UnregisteredRedirect,
        }
    })?;
    Ok(ReturnAddress { redirect, state: form.get("state").map(str::to_owned) })
}

/// What the request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub scopes: Scopes,
    pub code_challenge: String,
    /// `prompt=none`: the person must not be asked anything.
    pub silent: bool,
}

/// Reads what the request asks for.
///
/// # Errors
/// What the client has to be told.
pub fn wanted(form: &Form, client: &Client, settings: &Settings) -> Result<Wanted, Problem> {
    if form.pairs().any(|(name, _)| name != "resource" && form.repeats(name)) {
        return Err(Problem::Repeated);
    }
    let given = |name: &str| form.get(name).filter(|value| !value.is_empty());
    match given("response_type") {
        Some("code") => {}
        Some(_) => return Err(Problem::ResponseType),
        None => return Err(Problem::NoResponseType),
    }
    if given("response_mode").is_some_and(|mode| mode != "query") {
        return Err(Problem::ResponseMode);
    }
    let code_challenge = given("code_challenge").ok_or(Problem::NoChallenge)?;
    if !is_pkce(code_challenge) {
        return Err(Problem::MalformedChallenge);
    }
    if given("code_challenge_method") != Some("S256") {
        return Err(Problem::ChallengeMethod);
    }
    if !names_our_resource(form, settings) {
        return Err(Problem::OtherResource);
    }
    let scopes = match RequestedScope::read(given("scope")) {
        RequestedScope::Unspecified => client.scopes.clone().unwrap_or_else(Scopes::ordinary),
        RequestedScope::These(scopes)
            if client.scopes.as_ref().is_none_or(|registered| registered.include(&scopes)) =>
        {
            scopes
        }
        RequestedScope::These(_) => return Err(Problem::BeyondRegistration),
    };
    let silent = given("prompt").is_some_and(|prompt| prompt.split(' ').any(|word| word == "none"));
    Ok(Wanted { scopes, code_challenge: code_challenge.to_owned(), silent })
}

#[cfg(test)]
mod tests;
