//! Access for a client itself, without a person (RFC 6749 §4.4).

use std::rc::Rc;

use crate::{
    authorization::{
        client_authentication::{
            error::{Failure, TokenError},
            parameter,
        },
        clients::Client,
        principal::Principal,
        tokens::{
            resource::names_our_resource,
            scope::{RequestedScope, Scopes},
        },
    },
    context::Context,
    crypto::random,
    governance::attributes::Attributes,
    identifiers::{GrantId, Subject},
    platform::http::Form,
};

/// Whom a service's access token stands for: the client itself. That it may have one was checked before.
///
/// # Errors
/// Where it asks for what it cannot have.
pub fn grant(context: &Context, client: &Client, form: &Form) -> Result<Principal, Failure> {
    if !names_our_resource(form, &context.settings) {
        return Err(TokenError::OtherResource.into());
    }
    let scopes = match RequestedScope::read(parameter(form, "scope")?) {
        RequestedScope::Unspecified => client.scopes.clone().unwrap_or_else(Scopes::ordinary),
        RequestedScope::These(scopes)
            if client.scopes.as_ref().is_none_or(|registered| registered.include(&scopes)) =>
        {
            scopes
        }
        RequestedScope::These(_) => return Err(TokenError::BeyondRegistration.into()),
    };
    Ok(Principal {
        subject: Subject::Service(client.id.clone()),
        client: client.id.clone(),
        // Of this token alone: it is not on record, and ends with the token, the client, or a revocation.
        grant: GrantId::new(random::identifier()?),
        scopes,
        attributes: Rc::new(Attributes::of_service()),
    })
}
