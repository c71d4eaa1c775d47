//! Clients that an administrator enters, for programs that cannot describe themselves or that act without a person.

use serde_json::{Map, Value};

use crate::{
    audit::{self, Kind},
    authorization::{
        clients::{
            self, Authentication, AuthenticationMethod, Client, ClientKeys, Description, Entry, GrantType,
            InvalidClient, Origin, UnusableKeys,
            metadata::LONGEST_TEXT,
            redirect::{Registered, Unacceptable},
        },
        grants,
        tokens::scope::Scopes,
    },
    context::Context,
    crypto::{digest, random, secret::Secret},
    identifiers::{ClientId, UserId},
    platform::{Fault, clock::Timestamp, http::Form, json, log::Level},
    session,
    settings::private_use::PrivateUse,
    untrusted,
};

/// Why a client was not entered. For the administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("Give the client a name, by which people will recognise it.")]
    NoName,
    #[error("Choose how the client proves that it is itself.")]
    NoMethod,
    #[error("The keys are neither JSON nor an https address.")]
    NotKeys,
    #[error("The keys cannot be used: {0}.")]
    Keys(#[from] UnusableKeys),
    #[error("Choose at least one way in which the client gets access.")]
    NoGrantType,
    #[error("A client that people sign in with needs a redirect URI.")]
    NoRedirect,
    #[error("Line {line} of the redirect URIs: {why}.")]
    Redirect { line: usize, why: Unacceptable },
    #[error("Choose at least one scope.")]
    NoScope,
    #[error("That does not go together: {0}.")]
    InvalidClient(#[from] InvalidClient),
}

/// A client that was just entered.
pub struct Entered {
    pub client: Client,
    /// Shown once and never again: only its SHA-256 is kept.
    pub secret: Option<Secret>,
}

/// What an administrator wants a client to be like.
#[derive(Debug, PartialEq)]
struct Wanted {
    name: String,
    method: AuthenticationMethod,
    keys: Option<ClientKeys>,
    redirect_uris: Vec<Registered>,
    grant_types: Vec<GrantType>,
    scopes: Scopes,
}

impl Wanted {
    fn read(form: &Form, private_use: &PrivateUse) -> Result<Self, Refused> {
        let given = |name: &str| form.get(name).map(str::trim).filter(|text| !text.is_empty());
        let name = untrusted::label(given("name").unwrap_or_default(), LONGEST_TEXT);
        if name.is_empty() {
            return Err(Refused::NoName);
        }
        let method = given("method").and_then(AuthenticationMethod::parse).ok_or(Refused::NoMethod)?;
        let keys = match method {
            AuthenticationMethod::PrivateKeyJwt => Some(keys(given("keys").unwrap_or_default())?),
            AuthenticationMethod::None | AuthenticationMethod::Secret(_) => None,
        };
        let mut grant_types: Vec<GrantType> = form.all("grant_type").filter_map(GrantType::parse).collect();
        if grant_types.is_empty() {
            return Err(Refused::NoGrantType);
        }
        let mut redirect_uris = Vec::new();
        if grant_types.contains(&GrantType::AuthorizationCode) {
            grant_types.push(GrantType::RefreshToken);
            redirect_uris = redirects(given("redirect_uris").unwrap_or_default(), private_use)?;
        }
        let scopes = Scopes::parse(&form.all("scope").collect::<Vec<_>>().join(" "));
        if scopes.is_empty() {
            return Err(Refused::NoScope);
        }
        Ok(Self { name, method, keys, redirect_uris, grant_types, scopes })
    }

    /// The client, with a new secret where it is to have one.
    fn client(self, id: String, secret: &Secret, now: Timestamp) -> Result<Client, InvalidClient> {
        let authentication = match (self.method, self.keys) {
            (AuthenticationMethod::Secret(method), _) => {
                Authentication::Secret { method, hash: digest::sha256(secret.expose()) }
            }
            (AuthenticationMethod::PrivateKeyJwt, Some(keys)) => Authentication::PrivateKeyJwt(keys),
            (AuthenticationMethod::None | AuthenticationMethod::PrivateKeyJwt, _) => Authentication::None,
        };
        Client::new(Description {
            id: ClientId::new(id),
            name: self.name,
            origin: Origin::PreRegistered,
            authentication,
            redirect_uris: self.redirect_uris,
            grant_types: self.grant_types,
            scopes: Some(self.scopes),
            created_at: now,
        })
    }
}

/// A JWK set, or the address of one.
fn keys(text: &str) -> Result<ClientKeys, Refused> {
    let (name, value) = if text.starts_with("https:") {
        ("jwks_uri", Value::from(text))
    } else {
        ("jwks", json::from_str(text).map_err(|_| Refused::NotKeys)?)
    };
    Ok(ClientKeys::of_metadata(&Map::from_iter([(name.to_owned(), value)]))?)
}

/// One redirect URI a line.
fn redirects(text: &str, private_use: &PrivateUse) -> Result<Vec<Registered>, Refused> {
    let lines = (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty());
    let uris = lines
        .map(|(line, text)| Registered::parse(text.trim(), private_use).map_err(|why| Refused::Redirect { line, why }));
    let uris: Vec<Registered> = uris.collect::<Result<_, _>>()?;
    if uris.is_empty() { Err(Refused::NoRedirect) } else { Ok(uris) }
}

/// Enters a client as the administrator's form describes it.
///
/// # Errors
/// Where the record could not be written.
pub async fn enter(context: &Context, administrator: &UserId, form: &Form) -> Result<Result<Entered, Refused>, Fault> {
    let wanted = match Wanted::read(form, &context.settings.private_use_redirects) {
        Ok(wanted) => wanted,
        Err(refused) => return Ok(Err(refused)),
    };
    let secret = Secret::new(random::token()?);
    let client = match wanted.client(random::identifier()?, &secret, context.platform.clock.now()) {
        Ok(client) => client,
        Err(contradiction) => return Ok(Err(contradiction.into())),
    };
    clients::enter(context, &client, administrator).await?;
    let fields = [("client", client.id.as_str().into()), ("administrator", administrator.as_str().into())];
    context.log(Level::Info, "client entered", &fields);
    let event =
        audit::event(context, Kind::ClientEntered).by(administrator).client(&client.id).client_name(&client.name);
    let scope = client.scopes.as_ref().map(ToString::to_string).unwrap_or_default();
    audit::record(context, event.changing("", &scope)).await;
    let has_secret = matches!(client.authentication, Authentication::Secret { .. });
    Ok(Ok(Entered { client, secret: has_secret.then_some(secret) }))
}

/// The clients that administrators entered, the latest first.
///
/// # Errors
/// Where the record could not be read.
pub async fn list(context: &Context) -> Result<Vec<Entry>, Fault> {
    clients::pre_registered(context).await
}

/// Removes a client and ends whatever people let it do, and what it may do as itself: it gets nothing more from now on.
///
/// # Errors
/// Where an object or the record failed: then try again, because it may be half done.
pub async fn remove(context: &Context, administrator: &UserId, id: &ClientId) -> Result<(), Fault> {
    // One that is gone already may have left something behind; one of another origin is not ours to remove.
    if !clients::remove(context, id).await? && clients::find(context, id).await?.is_some() {
        return Ok(());
    }
    let fields = [("client", id.as_str().into()), ("administrator", administrator.as_str().into())];
    context.log(Level::Info, "client removed", &fields);
    audit::record(context, audit::event(context, Kind::ClientRemoved).by(administrator).client(id)).await;
    session::end_service(context, id).await?;
    grants::end_all_of_client(context, id, "the client was removed").await
}

#[cfg(test)]
mod tests;
