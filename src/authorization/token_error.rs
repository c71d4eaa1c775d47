//! Why `/token` and `/revoke` refused a request, and what the client is told.

use serde_json::json;

use crate::platform::{Fault, http::Response};

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
    #[error("the Authorization header is not Basic with a base64 client id and secret")]
    MalformedBasic,
    #[error("the code_verifier is not 43 to 128 unreserved characters (RFC 7636 section 4.1)")]
    MalformedVerifier,
    #[error("this client is not registered here or its registration has expired: register again at /register")]
    UnknownClient { basic: bool },
    #[error("client authentication failed: send the client secret of the registration, or register again")]
    WrongSecret { basic: bool },
    #[error("this server knows the grant types authorization_code and refresh_token")]
    UnknownGrantType,
    #[error("this client is not registered for the grant type: register with it in grant_types")]
    ForbiddenGrantType,
    #[error("the authorization code is unknown or has expired: start again at /authorize")]
    UnknownCode,
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
    #[error("the refresh token was used before, so the access is revoked: start again at /authorize")]
    ReplayedRefresh,
    #[error("the resource is not the one of this server: use the resource of its metadata, or leave it out")]
    OtherResource,
    #[error("none of the scopes exists here: use those of scopes_supported, or leave scope out")]
    UnknownScope,
    #[error("the scope is wider than the person consented to: ask for it at /authorize")]
    WiderScope,
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
            | Self::MalformedVerifier => "invalid_request",
            Self::UnknownClient { .. } | Self::WrongSecret { .. } => "invalid_client",
            Self::UnknownGrantType => "unsupported_grant_type",
            Self::ForbiddenGrantType => "unauthorized_client",
            Self::UnknownCode
            | Self::ReplayedCode
            | Self::OtherRedirect
            | Self::WrongVerifier
            | Self::UnknownRefresh
            | Self::Ended
            | Self::ReplayedRefresh => "invalid_grant",
            Self::OtherResource => "invalid_target",
            Self::UnknownScope | Self::WiderScope => "invalid_scope",
        }
    }

    /// Whether the request could have been a guess at a credential.
    pub fn is_guess(self) -> bool {
        matches!(self.code(), "invalid_client" | "invalid_grant")
    }

    /// The answer (RFC 6749 §5.2).
    pub fn response(self) -> Response {
        let basic = matches!(self, Self::UnknownClient { basic: true } | Self::WrongSecret { basic: true });
        let status = if basic { 401 } else { 400 };
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
