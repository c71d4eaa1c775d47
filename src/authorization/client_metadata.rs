//! Client metadata (RFC 7591 §2): how a client describes itself, in a registration or in a document of its own.

use serde_json::{Map, Value};

use super::clients::{AuthenticationMethod, ClientKeys, GrantType, UnusableKeys};
use crate::untrusted;

/// The longest name and other texts of a client, in characters.
pub const LONGEST_TEXT: usize = 100;

/// A JSON object of client metadata. What it holds was checked no further than the methods say.
pub struct ClientMetadata(Map<String, Value>);

/// Why client metadata is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("it is not a JSON object of client metadata (RFC 7591)")]
    NotAnObject,
    #[error("{0} is not of the type that RFC 7591 gives it")]
    Type(&'static str),
    #[error("redirect_uris must be a list of URLs")]
    RedirectUris,
    #[error("grant_types must include authorization_code")]
    GrantTypes,
    #[error("response_types must include code")]
    ResponseTypes,
    #[error("token_endpoint_auth_method is not one that this server supports")]
    AuthenticationMethod,
    #[error("{0}")]
    Keys(#[from] UnusableKeys),
}

impl ClientMetadata {
    /// Reads JSON.
    ///
    /// # Errors
    /// Where it is not an object.
    pub fn read(json: &[u8]) -> Result<Self, Unusable> {
        serde_json::from_slice(json).map(Self).map_err(|_| Unusable::NotAnObject)
    }

    /// A member, unless it is `null`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A member that must be a string.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, Unusable> {
        self.get(name).map(|value| value.as_str().ok_or(Unusable::Type(name))).transpose()
    }

    /// The same, cleaned for display; `None` where nothing is left.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn label(&self, name: &'static str) -> Result<Option<String>, Unusable> {
        let label = untrusted::label(self.text(name)?.unwrap_or_default(), LONGEST_TEXT);
        Ok(Some(label).filter(|label| !label.is_empty()))
    }

    /// A member that must be a list of strings.
    fn texts(&self, name: &'static str) -> Result<Option<Vec<&str>>, Unusable> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let texts = value.as_array().and_then(|texts| texts.iter().map(Value::as_str).collect());
        texts.map(Some).ok_or(Unusable::Type(name))
    }

    /// Redirect URIs as given: at least one.
    ///
    /// # Errors
    /// Where there is none.
    pub fn redirect_uris(&self) -> Result<Vec<&str>, Unusable> {
        let uris = self.texts("redirect_uris").map_err(|_| Unusable::RedirectUris)?;
        uris.filter(|uris| !uris.is_empty()).ok_or(Unusable::RedirectUris)
    }

    /// The grant types that clients may give themselves, of those it names: `authorization_code` is among them.
    ///
    /// # Errors
    /// Where it is not, or where `response_types` does not go with it.
    pub fn grant_types(&self) -> Result<Vec<GrantType>, Unusable> {
        let is_open = |known: &GrantType| matches!(known, GrantType::AuthorizationCode | GrantType::RefreshToken);
        let grant_types: Vec<GrantType> = match self.texts("grant_types")? {
            None => vec![GrantType::AuthorizationCode],
            Some(names) => names.into_iter().filter_map(GrantType::parse).filter(is_open).collect(),
        };
        if !grant_types.contains(&GrantType::AuthorizationCode) {
            return Err(Unusable::GrantTypes);
        }
        if self.texts("response_types")?.is_some_and(|types| !types.contains(&"code")) {
            return Err(Unusable::ResponseTypes);
        }
        Ok(grant_types)
    }

    /// How the client will authenticate, where it says so.
    ///
    /// # Errors
    /// Where it names a way that there is not.
    pub fn authentication_method(&self) -> Result<Option<AuthenticationMethod>, Unusable> {
        let name = self.text("token_endpoint_auth_method")?;
        name.map(|name| AuthenticationMethod::parse(name).ok_or(Unusable::AuthenticationMethod)).transpose()
    }

    /// Its public keys.
    ///
    /// # Errors
    /// Where there are none, or where they are of no use.
    pub fn keys(&self) -> Result<ClientKeys, Unusable> {
        Ok(ClientKeys::of_metadata(&self.0)?)
    }
}
