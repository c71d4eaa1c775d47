//! In which space lies what a call names: looked up before anything else is sent, where Postern is limited to some spaces.

use std::borrow::Cow;

use super::{Failure, exchange::Exchange, projection, request};
use crate::{
    catalog::{
        arguments::Arguments,
        operation::{Field, Kind, LiesIn, Located, Place, Resource},
        uri_template::push_encoded,
        value::{self, Value},
    },
    platform::fetch::InboundResponse,
    upstream::rows::RowFilter,
};

/// How many things may lie in each other, a space included: a reply, a comment, an attachment, a page.
pub const DEEPEST: usize = 6;

/// Refuses a call that names something outside.
///
/// # Errors
/// [`Failure::OutOfReach`] where that is so, or where it cannot be told; else as [`Exchange::read`].
pub async fn keep_within(
    exchange: Exchange<'_>,
    filter: &dyn RowFilter,
    located: &[Located],
    arguments: &Arguments,
) -> Result<(), Failure> {
    if !filter.limits(exchange.site, Resource::Space) {
        return Ok(());
    }
    for Located { argument, places, .. } in located {
        for id in ids(arguments, argument) {
            if !lies_within(exchange, filter, &id, places).await? {
                return Err(Failure::OutOfReach(filter.refusal(exchange.site)));
            }
        }
    }
    Ok(())
}

/// The ids that an argument names.
pub fn ids<'a>(arguments: &'a Arguments, argument: &str) -> Vec<Cow<'a, str>> {
    match arguments.get(argument) {
        Some(Value::List(values)) => values.iter().map(Value::text).collect(),
        Some(value) => vec![value.text()],
        None => Vec::new(),
    }
}

/// Whether something that is one of these lies in a space that may be reached.
async fn lies_within(
    exchange: Exchange<'_>,
    filter: &dyn RowFilter,
    id: &str,
    places: &[&'static Place],
) -> Result<bool, Failure> {
    let (mut place, mut description) = described(exchange, id, places).await?;
    for _ in 0..DEEPEST {
        let within = place.lies_in.iter().find_map(|lies_in| match lies_in {
            LiesIn::Thing(id, of) => Some((named(&description, id)?, Some(*of))),
            LiesIn::Space(key) => Some((named(&description, key)?, None)),
        });
        match within {
            Some((key, None)) => return Ok(filter.permits(exchange.site, Resource::Space, &[&key], None)),
            Some((id, Some(of))) => (place, description) = described(exchange, &id, &[of]).await?,
            None => return Ok(false),
        }
    }
    Ok(false)
}

/// What kind of thing has this id, and what is said of it.
pub async fn described(
    exchange: Exchange<'_>,
    id: &str,
    places: &[&'static Place],
) -> Result<(&'static Place, InboundResponse), Failure> {
    let mut failure = Failure::NotFound { message: String::new() };
    for place in places {
        let mut encoded = String::new();
        push_encoded(&mut encoded, id);
        match exchange.read(request::look_up_id(place.path, &encoded, exchange.base_url)).await {
            Ok(response) => return Ok((place, response)),
            Err(Failure::NotFound { message }) => failure = Failure::NotFound { message },
            // An id of another kind can be refused as a malformed one.
            Err(Failure::Refused { status: 400, .. }) if places.len() > 1 => {}
            Err(other) => return Err(other),
        }
    }
    Err(failure)
}

/// An id or a key of the description, if it looks like one: nothing else gets into a request.
pub fn named(description: &InboundResponse, field: &Field) -> Option<String> {
    match value::read(Kind::Key, &projection::value(&description.body, field)?.into()) {
        Some(Value::Text(name)) => Some(name),
        _ => None,
    }
}
