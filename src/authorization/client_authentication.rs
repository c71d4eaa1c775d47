//! Which client a request to `/token` or `/revoke` comes from (RFC 6749 §2.3).

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{
    clients::{self, Authentication, Client},
    token_error::{Failure, TokenError},
};
use crate::{
    crypto::{digest, secret::Secret},
    identifiers::ClientId,
    platform::http::{Form, Request},
    postern::Postern,
};

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
struct Presented {
    id: ClientId,
    secret: Option<Secret>,
    basic: bool,
}

/// Reads what the header and the body say, without believing it.
fn presented(authorization: Option<&str>, form: &Form) -> Result<Presented, TokenError> {
    let id = parameter(form, "client_id")?;
    let secret = parameter(form, "client_secret")?;
    let Some(header) = authorization else {
        let id = ClientId::new(id.ok_or(TokenError::Missing("client_id"))?);
        return Ok(Presented { id, secret: secret.map(Secret::new), basic: false });
    };
    let (basic_id, basic_secret) = basic(header).ok_or(TokenError::MalformedBasic)?;
    if secret.is_some() || id.is_some_and(|id| id != basic_id) {
        return Err(TokenError::TwoMethods);
    }
    Ok(Presented { id: ClientId::new(basic_id), secret: Some(Secret::new(basic_secret)), basic: true })
}

/// The id and secret of an `Authorization: Basic` header.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    let decoded = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then_some((form_decoded(id)?, form_decoded(secret)?))
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

/// The client that sent the request, proven by its secret where it has one.
///
/// # Errors
/// Where it is unknown or not proven, or the record could not be read.
pub async fn authenticate(postern: &Postern, request: &Request, form: &Form) -> Result<Client, Failure> {
    let presented = presented(request.header("authorization"), form)?;
    let basic = presented.basic;
    let client = clients::find(postern, &presented.id).await?.ok_or(TokenError::UnknownClient { basic })?;
    let proven = match (&client.authentication, &presented.secret) {
        (Authentication::None, None) => true,
        (Authentication::Secret { hash, .. }, Some(secret)) => digest::equal(hash, &digest::sha256(secret.expose())),
        (Authentication::None, Some(_))
        | (Authentication::Secret { .. }, None)
        | (Authentication::PrivateKeyJwt(_), _) => false,
    };
    if proven { Ok(client) } else { Err(TokenError::WrongSecret { basic }.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::testing::form;

    fn header(text: &str) -> String {
        format!("Basic {}", BASE64.encode(text))
    }

    fn by_basic(text: &str) -> Option<(String, String)> {
        presented(Some(&header(text)), &form(&[]))
            .ok()
            .map(|presented| (presented.id.to_string(), presented.secret.unwrap().expose().to_owned()))
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
    fn credentials_in_two_places_are_refused() {
        let form = form(&[("client_id", "a"), ("client_secret", "b")]);
        assert_eq!(presented(Some(&header("a:b")), &form), Err(TokenError::TwoMethods));
    }

    #[test]
    fn the_body_may_repeat_the_id_of_the_header() {
        assert!(presented(Some(&header("a:b")), &form(&[("client_id", "a")])).is_ok());
        assert_eq!(presented(Some(&header("a:b")), &form(&[("client_id", "c")])), Err(TokenError::TwoMethods));
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
