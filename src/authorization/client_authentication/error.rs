//! Why `/token` and `/revoke` refused a request, and what the client is told.

use serde_json::json;

use super::assertion::Problem;
use crate::{
    authorization::clients::{AuthenticationMethod, SecretMethod},
    platform::{Fault, http::Response},
};

/// The reason, in full. Its text goes to the client's developer: it names the next step and holds no value
/// of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("send the parameters as application/x-www-form-urlencoded in the body of a POST request")]
    NotAForm,
    #[error("a parameter is given more than once: give each at most once")]
    Repeated,
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    #[error("credentials are given twice: use the Authorization header or the body, not both")]
    TwoMethods,
    #[error(
        "the Authorization header is not Basic with a base64 client id and secret: a client that names itself in the body \
         needs none"
    )]
    MalformedBasic,
    #[error("the code_verifier is not 43 to 128 unreserved characters (RFC 7636 section 4.1)")]
    MalformedVerifier,
    #[error(
        "this client is not registered here, its registration has expired or its metadata document is of no use: \
         start again at /authorize or /register"
    )]
    UnknownClient { basic: bool },
    #[error("the client_id is not that of the Authorization header or the assertion: name one client")]
    TwoClients,
    #[error("client authentication failed: {}", expected(*.method))]
    NotAuthenticated { basic: bool, method: AuthenticationMethod },
    #[error("client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer")]
    AssertionType,
    #[error("client authentication failed: the client_assertion is refused: {0}")]
    ClientAssertion(Problem),
    #[error("this endpoint answers clients that authenticate with a secret or a key, and this one is public")]
    PublicClient,
    #[error("this server does not know the grant type: use one of grant_types_supported")]
    UnknownGrantType,
    #[error(
        "this client is not registered for the grant type: register with it in grant_types, or ask the \
             administrator of this server where registration is not open to it"
    )]
    ForbiddenGrantType,
    #[error("the assertion is refused: {0}")]
    IdentityAssertion(Problem),
    #[error("the authorization code is unknown or has expired: start again at /authorize")]
    UnknownCode,
    #[error(
        "the authorization code was used a moment ago: go on with the tokens of that answer, or start again at /authorize"
    )]
    RepeatedCode,
    #[error("the authorization code was used before, so its tokens are revoked: start again at /authorize")]
    ReplayedCode,
    #[error("the redirect_uri is not that of the authorization request: send the same one")]
    OtherRedirect,
    #[error("the code_verifier does not fit the code_challenge of the authorization request")]
    WrongVerifier,
    #[error("the refresh token is not one of this client's: start again at /authorize")]
    UnknownRefresh,
    #[error("the access was revoked or has expired: start again at /authorize")]
    Ended,
    #[error(
        "the identity provider says nothing more of the person before they sign in again: start again at /authorize"
    )]
    SignInAgain,
    #[error(
        "the access has lasted as long as this organisation lets it without asking the person: start again at /authorize"
    )]
    TooOld,
    #[error("the client changed since the person consented, so they have to be asked again: start again at /authorize")]
    ChangedClient,
    #[error("the refresh token was used before, so the access is revoked: start again at /authorize")]
    ReplayedRefresh,
    #[error("the resource is not the one of this server: use the resource of its metadata, or leave it out")]
    OtherResource,
    #[error("the scope is wider than the person consented to: ask for it at /authorize")]
    WiderScope,
    #[error("the scope is wider than this client may have: leave scope out, or ask the administrator of this server")]
    BeyondRegistration,
}

/// What a client of that kind has to send to prove itself.
const fn expected(method: AuthenticationMethod) -> &'static str {
    match method {
        AuthenticationMethod::None => "this client was registered without a secret, so send none, only its client_id",
        AuthenticationMethod::Secret(SecretMethod::Basic) => {
            "this client has to use client_secret_basic: send the client_secret of its registration in an Authorization \
             header, or register again"
        }
        AuthenticationMethod::Secret(SecretMethod::Post) => {
            "this client has to use client_secret_post: send the client_secret of its registration in the body, or register \
             again"
        }
        AuthenticationMethod::PrivateKeyJwt => {
            "this client has to use private_key_jwt: send a client_assertion signed with a key of its registration, or \
             register again"
        }
    }
}

impl TokenError {
    /// The error code of RFC 6749 §5.2 or RFC 8707 §2.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAForm
            | Self::Repeated
            | Self::Missing(_)
            | Self::TwoMethods
            | Self::MalformedBasic
            | Self::AssertionType
            | Self::TwoClients
            | Self::MalformedVerifier => "invalid_request",
            Self::UnknownClient { .. }
            | Self::NotAuthenticated { .. }
            | Self::ClientAssertion(_)
            | Self::PublicClient => "invalid_client",
            Self::UnknownGrantType => "unsupported_grant_type",
            Self::ForbiddenGrantType => "unauthorized_client",
            Self::UnknownCode
            | Self::RepeatedCode
            | Self::ReplayedCode
            | Self::OtherRedirect
            | Self::WrongVerifier
            | Self::UnknownRefresh
            | Self::Ended
            | Self::SignInAgain
            | Self::TooOld
            | Self::ChangedClient
            | Self::ReplayedRefresh
            | Self::IdentityAssertion(_) => "invalid_grant",
            Self::OtherResource => "invalid_target",
            Self::WiderScope | Self::BeyondRegistration => "invalid_scope",
        }
    }

    /// Whether the request could have been a guess at a credential, or at what a client may do.
    pub fn counts_as_guess(self) -> bool {
        matches!(self.code(), "invalid_client" | "invalid_grant" | "unauthorized_client")
    }

    /// The answer (RFC 6749 §5.2).
    pub fn response(self) -> Response {
        let basic = matches!(self, Self::UnknownClient { basic: true } | Self::NotAuthenticated { basic: true, .. });
        // Clients take 401 with this error for the news that they are gone here, and register anew.
        let status = if basic || matches!(self, Self::UnknownClient { .. }) { 401 } else { 400 };
        let body = json!({ "error": self.code(), "error_description": self.to_string() });
        let response = Response::json(status, &body).with("pragma", "no-cache");
        if basic { response.with("www-authenticate", "Basic realm=\"postern\"") } else { response }
    }
}

/// Why a request got nothing: the client's doing, or ours.
#[derive(Debug)]
pub enum Failure {
    Refused(TokenError),
    Internal(Fault),
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        Self::Refused(error)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Internal(fault)
    }
}
