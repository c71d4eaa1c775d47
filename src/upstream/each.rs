//! A request that is made once for each element of a list, where the provider has no list of what is in all of them.

use futures::future::join_all;
use serde_json::{Value as Json, json};

use super::{
    Failure,
    exchange::Exchange,
    request::{self, Found, Inputs},
};
use crate::{
    catalog::{
        operation::{Call, Each, Rows},
        value,
    },
    platform::{fetch::InboundResponse, json},
};

/// How much of each answer is read, in bytes: there are many of them.
const LIMIT: usize = 128 * 1024;
/// How much they are taken to read together, as a rule: most of them are short.
pub const MOST_BYTES: usize = 8 * LIMIT;

/// Makes them all, for one page of the list, and one list of their answers, which goes on where that list does.
///
/// # Errors
/// As [`Exchange::send`], but where an element has nothing that its caller may see.
pub async fn send(
    exchange: Exchange<'_>,
    call: &Call,
    (each, rows): (&Each, &Rows),
    inputs: Inputs<'_>,
    page: Option<&str>,
) -> Result<InboundResponse, Failure> {
    let base_url = exchange.base_url;
    let listed = exchange.read(request::look_up_page(each.path, each.query, inputs, base_url, page)).await?;
    let elements = members(&listed, rows.list)?;
    let names = elements.iter().filter_map(|element| value::read(each.kind, element.get(each.member)?));
    let found: Vec<Found> = names.map(|name| [&inputs.found[..], &[(each.name, name)]].concat()).collect();
    let requests = found.iter().map(|found| {
        let mut request = request::build(call, Inputs { found, ..inputs }, base_url, None);
        request.limits.bytes = LIMIT;
        exchange.read(request)
    });
    let mut all = Vec::new();
    for answer in join_all(requests).await {
        match answer {
            Ok(answer) => all.extend(members(&answer, rows.list)?),
            Err(Failure::NotFound { .. } | Failure::Forbidden { .. }) => {}
            Err(failure) => return Err(failure),
        }
    }
    let next = rows.paging.member();
    let body = json!({ rows.list: all, next: parsed(&listed).and_then(|mut list| Some(list.get_mut(next)?.take())) });
    Ok(InboundResponse { body: body.to_string().into_bytes(), ..listed })
}

fn parsed(response: &InboundResponse) -> Option<Json> {
    json::from_slice(&response.body).ok()
}

/// The elements of a list.
fn members(response: &InboundResponse, list: &str) -> Result<Vec<Json>, Failure> {
    match parsed(response).as_mut().and_then(|body| body.get_mut(list)).map(Json::take) {
        Some(Json::Array(elements)) => Ok(elements),
        _ if response.truncated => Err(Failure::TooLong),
        _ => Err(Failure::Unreadable { status: response.status }),
    }
}
