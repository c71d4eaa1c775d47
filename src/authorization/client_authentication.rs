//! Which client a request to `/token`, `/revoke` or `/introspect` comes from (RFC 6749 §2.3).

pub mod assertion;
mod client_assertion;
pub mod error;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::clients::{self, Authentication, Client};
use crate::{
    context::Context,
    crypto::{digest, secret::Secret},
    identifiers::ClientId,
    platform::http::{Form, Request},
};
use error::{Failure, TokenError};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A parameter that is given at most once; an empty one is not given (RFC 6749 §3.2).
///
/// # Errors
/// Where it is given more than once.
pub fn parameter<'a>(form: &'a Form, name: &str) -> Result<Option<&'a str>, TokenError> {
    if form.repeats(name) {
        return Err(TokenError::Repeated);
    }
    Ok(form.get(name).filter(|value| !value.is_empty()))
}

/// A parameter that has to be given.
///
/// # Errors
/// Where it is missing or given more than once.
pub fn required<'a>(form: &'a Form, name: &'static str) -> Result<&'a str, TokenError> {
    parameter(form, name)?.ok_or(TokenError::Missing(name))
}

/// What a client says of itself.
#[derive(Debug, PartialEq, Eq)]
struct Presented<'a> {
    id: ClientId,
    proof: Proof<'a>,
}

/// How it wants to prove that.
#[derive(Debug, PartialEq, Eq)]
enum Proof<'a> {
    None,
    Basic(Secret),
    Post(Secret),
    Assertion(&'a str),
}

/// Reads what the header and the body say, without believing it.
fn presented<'a>(authorization: Option<&str>, form: &'a Form) -> Result<Presented<'a>, TokenError> {
    let id = parameter(form, "client_id")?;
    let secret = parameter(form, "client_secret")?;
    let assertion = assertion(form)?;
    // SDKs send headers that were made for /mcp here too. One that is not for clients proves nothing of them.
    let names_itself = id.is_some() || assertion.is_some();
    let authorization = authorization.filter(|header| is_basic(header) || !names_itself);
    let (claimed, proof) = match (authorization, secret, assertion) {
        (Some(header), None, None) => {
            let (claimed, secret) = basic(header).ok_or(TokenError::MalformedBasic)?;
            // As in the body, an empty secret is none.
            let proof = if secret.is_empty() { Proof::None } else { Proof::Basic(Secret::new(secret)) };
            (Some(ClientId::new(claimed)), proof)
        }
        (None, None, Some(assertion)) => {
            (Some(client_assertion::claimed_client(assertion)?), Proof::Assertion(assertion))
        }
        (None, Some(secret), None) => (None, Proof::Post(Secret::new(secret))),
        (None, None, None) => (None, Proof::None),
        _ => return Err(TokenError::TwoMethods),
    };
    match (claimed, id) {
        (Some(claimed), Some(id)) if claimed.as_str() != id => Err(TokenError::TwoClients),
        (Some(id), _) => Ok(Presented { id, proof }),
        (None, Some(id)) => Ok(Presented { id: ClientId::new(id), proof }),
        (None, None) => Err(TokenError::Missing("client_id")),
    }
}

/// The client's assertion (RFC 7523 §2.2).
fn assertion(form: &Form) -> Result<Option<&str>, TokenError> {
    match (parameter(form, "client_assertion_type")?, parameter(form, "client_assertion")?) {
        (None, None) => Ok(None),
        (Some(client_assertion::TYPE), Some(assertion)) => Ok(Some(assertion)),
        (Some(client_assertion::TYPE), None) => Err(TokenError::Missing("client_assertion")),
        (Some(_), _) | (None, Some(_)) => Err(TokenError::AssertionType),
    }
}

fn is_basic(header: &str) -> bool {
    header.split(' ').next().is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic"))
}

/// The id and secret of an `Authorization: Basic` header.
fn basic(header: &str) -> Option<(String, String)> {
    let (_, encoded) = header.split_once(' ').filter(|_| is_basic(header))?;
    let decoded = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

/// RFC 6749 §2.3.1 has both parts form-encoded; many clients send them raw. Ours are of `[A-Za-z0-9_-]`, which
/// decoding leaves alone, so that one reading serves both.
fn form_decoded(text: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    match (pairs.next(), pairs.next()) {
        (None, _) => Some(String::new()),
        (Some((name, value)), None) if value.is_empty() => Some(name.into_owned()),
        _ => None,
    }
}

/// The client that sent the request, proven by its secret or key where it has one. What it `may` not do in any case is
/// refused before its proof is looked at: an assertion is not used up, and no key is fetched, for nothing.
///
/// # Errors
/// Where it is unknown, may not, or is not proven, or the record could not be read.
pub async fn authenticate(
    context: &Context,
    request: &Request,
    form: &Form,
    may: impl FnOnce(&Client) -> Result<(), TokenError>,
) -> Result<Client, Failure> {
    let presented = presented(request.header("authorization"), form)?;
    let basic = request.header("authorization").is_some_and(is_basic);
    let client = clients::known(context, &presented.id, &request.sender()).await?;
    let client = client.ok_or(TokenError::UnknownClient { basic })?;
    may(&client)?;
    match (&client.authentication, &presented.proof) {
        (Authentication::None, Proof::None) => {}
        // A client may change its mind on where it puts its secret.
        (Authentication::Secret { hash, .. }, Proof::Basic(secret) | Proof::Post(secret))
            if digest::equal(hash, &digest::sha256(secret.expose())) => {}
        (Authentication::PrivateKeyJwt(keys), Proof::Assertion(assertion)) => {
            client_assertion::verify(context, &client, keys, assertion, &request.sender()).await?;
        }
        _ => return Err(TokenError::NotAuthenticated { basic, method: client.authentication.method() }.into()),
    }
    Ok(client)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::testing::form;

    fn header(text: &str) -> String {
        format!("Basic {}", BASE64.encode(text))
    }

    fn by_basic(text: &str) -> Option<(String, String)> {
        presented(Some(&header(text)), &form(&[])).ok().map(|presented| match presented.proof {
            Proof::Basic(secret) => (presented.id.to_string(), secret.expose().to_owned()),
            proof => panic!("{proof:?}"),
        })
    }

    #[test]
    fn basic_credentials_are_read_raw_and_form_encoded() {
        let expected = Some(("a-b".to_owned(), "c_d".to_owned()));
        assert_eq!(by_basic("a-b:c_d"), expected);
        assert_eq!(by_basic("a%2Db:c%5Fd"), expected);
    }

    #[test]
    fn basic_without_padding_is_read() {
        assert!(presented(Some("basic YTpi"), &form(&[])).is_ok());
    }

    #[test]
    fn other_authorization_is_malformed() {
        for header in ["Bearer YTpi", "Basic", "Basic !", "Basic YQ=="] {
            assert_eq!(presented(Some(header), &form(&[])), Err(TokenError::MalformedBasic), "{header}");
        }
    }

    #[test]
    fn a_header_that_is_not_for_clients_is_left_aside_where_the_body_names_the_client() {
        let form = form(&[("client_id", "a")]);
        let expected = Presented { id: ClientId::new("a"), proof: Proof::None };
        for header in ["Bearer stale", "Bearer", "DPoP x"] {
            assert_eq!(presented(Some(header), &form), Ok(Presented { id: ClientId::new("a"), proof: Proof::None }));
        }
        assert_eq!(presented(None, &form), Ok(expected));
    }

    #[test]
    fn an_empty_secret_is_none_in_either_place() {
        let public = || Ok(Presented { id: ClientId::new("a"), proof: Proof::None });
        assert_eq!(presented(Some(&header("a:")), &form(&[])), public());
        assert_eq!(presented(None, &form(&[("client_id", "a"), ("client_secret", "")])), public());
    }

    #[test]
    fn credentials_in_two_places_are_refused() {
        let form = form(&[("client_id", "a"), ("client_secret", "b")]);
        assert_eq!(presented(Some(&header("a:b")), &form), Err(TokenError::TwoMethods));
    }

    #[test]
    fn the_body_may_repeat_the_id_of_the_header() {
        assert!(presented(Some(&header("a:b")), &form(&[("client_id", "a")])).is_ok());
        assert_eq!(presented(Some(&header("a:b")), &form(&[("client_id", "c")])), Err(TokenError::TwoClients));
    }

    #[test]
    fn an_assertion_is_one_way_of_its_own() {
        let given = |parameters: &[(&str, &str)]| presented(None, &form(parameters)).map(|_| ());
        let kind = ("client_assertion_type", client_assertion::TYPE);
        assert_eq!(given(&[kind]), Err(TokenError::Missing("client_assertion")));
        assert_eq!(given(&[("client_assertion", "x")]), Err(TokenError::AssertionType));
        assert_eq!(
            given(&[("client_assertion_type", "saml"), ("client_assertion", "x")]),
            Err(TokenError::AssertionType)
        );
        assert_eq!(given(&[kind, ("client_assertion", "x"), ("client_secret", "s")]), Err(TokenError::TwoMethods));
        assert!(matches!(given(&[kind, ("client_assertion", "x")]), Err(TokenError::ClientAssertion(_))));
    }

    #[test]
    fn an_empty_parameter_is_not_given() {
        assert_eq!(presented(None, &form(&[("client_id", "")])), Err(TokenError::Missing("client_id")));
    }

    #[test]
    fn a_repeated_parameter_is_refused() {
        let form = form(&[("client_id", "a"), ("client_id", "a")]);
        assert_eq!(presented(None, &form), Err(TokenError::Repeated));
    }
}
