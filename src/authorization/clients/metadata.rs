//! Client metadata (RFC 7591 §2): how a client describes itself, in a registration or in a document of its own.

use serde_json::{Map, Value};

use super::{
    AuthenticationMethod, ClientKeys, GrantType, UnusableKeys,
    redirect::{Registered, Unacceptable},
};
use crate::{platform::json, settings::private_use::PrivateUse, untrusted};

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
    #[error("redirect_uris is missing or empty: name at least one")]
    NoRedirectUri,
    #[error("redirect_uris must be a list of URLs")]
    RedirectUrisType,
    #[error("none of the redirect_uris is acceptable here: {0}")]
    RedirectUris(Unacceptable),
    #[error("grant_types must include authorization_code")]
    GrantTypes,
    #[error("response_types must include code")]
    ResponseTypes,
    #[error(
        "token_endpoint_auth_method must be one of none, client_secret_basic, client_secret_post and private_key_jwt"
    )]
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
        json::from_slice(json).map(Self).map_err(|_| Unusable::NotAnObject)
    }

    /// A member. One that is `null`, an empty text or an empty list is not there: many serializers write out every member
    /// that their type has.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let says_nothing = |value: &Value| match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
        };
        self.0.get(name).filter(|value| !says_nothing(value))
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

    /// How many redirect URIs it names, acceptable or not.
    pub fn redirect_uri_count(&self) -> usize {
        self.get("redirect_uris").and_then(Value::as_array).map_or(0, Vec::len)
    }

    /// The redirect URIs that are acceptable here: at least one. Clients name those that they need anywhere, so the others
    /// are left out, and a request that names one of them is refused.
    ///
    /// # Errors
    /// Where none is acceptable: why the first one is not.
    pub fn redirect_uris(&self, private_use: &PrivateUse) -> Result<Vec<Registered>, Unusable> {
        let given = self.get("redirect_uris").ok_or(Unusable::NoRedirectUri)?;
        let given = given.as_array().ok_or(Unusable::RedirectUrisType)?;
        let (acceptable, refused): (Vec<_>, Vec<_>) = given
            .iter()
            .map(|uri| Registered::parse(uri.as_str().ok_or(Unacceptable::NotAUrl)?, private_use))
            .partition(Result::is_ok);
        match refused.into_iter().find_map(Result::err) {
            Some(why) if acceptable.is_empty() => Err(Unusable::RedirectUris(why)),
            _ => Ok(acceptable.into_iter().flatten().collect()),
        }
    }

    /// The grant types that clients may give themselves, of those it names: `authorization_code` is among them. Who names
    /// none is told that it may refresh as well (RFC 7591 §3.2.1): access tokens are short, and a person would have to sign
    /// in again with each.
    ///
    /// # Errors
    /// Where it is not, or where `response_types` does not go with it.
    pub fn grant_types(&self) -> Result<Vec<GrantType>, Unusable> {
        let is_open = |known: &GrantType| matches!(known, GrantType::AuthorizationCode | GrantType::RefreshToken);
        let grant_types: Vec<GrantType> = match self.texts("grant_types")? {
            None => vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metadata(value: &Value) -> ClientMetadata {
        ClientMetadata::read(value.to_string().as_bytes()).unwrap()
    }

    fn redirects(uris: &Value) -> Result<Vec<String>, Unusable> {
        let accepted = metadata(&json!({ "redirect_uris": uris })).redirect_uris(&PrivateUse::default())?;
        Ok(accepted.iter().map(|uri| uri.as_str().to_owned()).collect())
    }

    #[test]
    fn a_member_that_is_null_or_empty_is_absent() {
        for empty in [json!(null), json!(""), json!([])] {
            let given = metadata(&json!({
                "grant_types": empty, "response_types": empty, "token_endpoint_auth_method": empty, "client_name": empty,
            }));
            let absent = metadata(&json!({}));
            assert_eq!(given.grant_types(), absent.grant_types(), "{empty}");
            assert_eq!(given.authentication_method(), Ok(None), "{empty}");
            assert_eq!(given.label("client_name"), Ok(None), "{empty}");
            assert_eq!(redirects(&empty), Err(Unusable::NoRedirectUri), "{empty}");
        }
    }

    #[test]
    fn a_client_that_names_no_grant_types_may_refresh() {
        let both = vec![GrantType::AuthorizationCode, GrantType::RefreshToken];
        assert_eq!(metadata(&json!({})).grant_types(), Ok(both));
        let named = metadata(&json!({ "grant_types": ["authorization_code"] }));
        assert_eq!(named.grant_types(), Ok(vec![GrantType::AuthorizationCode]));
    }

    #[test]
    fn a_redirect_uri_that_is_not_acceptable_spoils_none_of_the_others() {
        let uris =
            json!(["vscode://x/callback", "http://client.example", 7, "https://client.example/a", "http://127.0.0.1"]);
        let accepted = ["https://client.example/a", "http://127.0.0.1"].map(str::to_owned);
        assert_eq!(redirects(&uris), Ok(accepted.to_vec()));
    }

    #[test]
    fn without_an_acceptable_redirect_uri_the_first_reason_is_given() {
        let refused = redirects(&json!(["vscode://x/callback", "http://client.example"]));
        assert_eq!(refused, Err(Unusable::RedirectUris(Unacceptable::PrivateUse)));
        assert_eq!(redirects(&json!("https://client.example")), Err(Unusable::RedirectUrisType));
        assert_eq!(redirects(&json!([7])), Err(Unusable::RedirectUris(Unacceptable::NotAUrl)));
    }

    #[test]
    fn an_unsupported_way_to_authenticate_is_told_the_supported_ones() {
        let refused = metadata(&json!({ "token_endpoint_auth_method": "tls_client_auth" })).authentication_method();
        let told = refused.unwrap_err().to_string();
        assert!(AuthenticationMethod::ALL.iter().all(|method| told.contains(method.name())), "{told}");
    }
}
