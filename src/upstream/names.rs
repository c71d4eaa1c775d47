//! The names of what an answer names by ids: people by their accounts, spaces by their numbers. One look-up for each kind.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;

use super::{
    exchange::Exchange,
    projection,
    provenance::Standing,
    request::{JSON_LIMIT, look_up_id},
};
use crate::{
    catalog::{
        operation::{Answer, Blocks, Call, Field, Ids, Kind, Names},
        uri_template::push_encoded,
        value,
    },
    platform::{fetch::OutboundRequest, http::Method},
};

/// As many names as one look-up asks for.
const MOST: usize = 100;

/// The names of one kind of things, and the fields that hold their ids.
pub struct Known {
    fields: &'static [&'static str],
    /// Ids and names.
    names: Vec<(String, String)>,
    /// Of people: what is said of each account, by its id.
    standings: Vec<(String, Standing)>,
}

/// What the provider says of an account among these.
pub fn standing(known: &[Known], account: &str) -> Standing {
    let mut said = known.iter().flat_map(|known| &known.standings);
    said.find(|(id, _)| id == account).map_or(Standing::Unsaid, |(_, standing)| *standing)
}

/// A value of that field with the name of what it identifies in its place, where that is known.
pub fn of<'v>(known: &'v [Known], field: &str, value: &'v str) -> &'v str {
    let mut of_field = known.iter().filter(|known| known.fields.contains(&field));
    let name = of_field.find_map(|known| known.names.iter().find(|(id, _)| id == value));
    name.map_or(value, |(_, name)| name)
}

/// Asks for the names of what the answer names by ids, for all kinds of things side by side. Without them the answer is
/// as good, so nothing fails here.
pub async fn look_up(exchange: Exchange<'_>, call: &Call, body: &[u8]) -> Vec<Known> {
    let wanted = call.names.iter().map(|names| (names, ids(&call.answer, names, body)));
    let wanted = wanted.filter(|(_, ids)| !ids.is_empty());
    let known = join_all(wanted.map(|(names, ids)| names_of(exchange, names, ids))).await;
    known.into_iter().flatten().collect()
}

async fn names_of(exchange: Exchange<'_>, names: &Names, ids: BTreeSet<String>) -> Option<Known> {
    let response = exchange.read(request(names, &ids, exchange.base_url)).await.ok()?;
    let fields: Vec<&Field> = [&names.id, &names.name].into_iter().chain(&names.standing).collect();
    let rows = projection::columns(&response.body, names.list, &fields).unwrap_or_default();
    let mut known = Known { fields: names.fields, names: Vec::new(), standings: Vec::new() };
    for row in rows {
        let mut row = row.into_iter();
        let (id, name) = (row.next().unwrap_or_default(), row.next().unwrap_or_default());
        known.standings.extend(row.next().map(|said| (id.clone(), Standing::of(&said))));
        if !id.is_empty() && !name.is_empty() {
            known.names.push((id, name));
        }
    }
    Some(known)
}

/// The ids in those fields of an answer.
fn ids(answer: &Answer, names: &Names, body: &[u8]) -> BTreeSet<String> {
    let of_answer: (&'static str, &[Field]) = match answer {
        Answer::Rows(rows) | Answer::Blocks(Blocks { rows, .. }) => (rows.list, rows.columns),
        Answer::Record(fields) => ("", fields),
        _ => return BTreeSet::new(),
    };
    let (list, fields) = of_answer;
    let wanted = fields.iter().filter(|field| names.fields.contains(&field.name));
    let values = wanted.flat_map(|field| match answer {
        Answer::Record(_) => projection::value(body, field).into_iter().collect(),
        _ => projection::column(body, list, field).unwrap_or_default(),
    });
    values.filter(|id| value::read(Kind::Key, &id.as_str().into()).is_some()).take(MOST).collect()
}

/// The request for the names of these.
pub fn request(names: &Names, ids: &BTreeSet<String>, base_url: &str) -> OutboundRequest {
    match names.ids {
        Ids::Query(parameter) => {
            let mut path = names.path.to_owned();
            for (index, id) in ids.iter().enumerate() {
                path.push(if index == 0 { '?' } else { '&' });
                path.push_str(parameter);
                path.push('=');
                push_encoded(&mut path, id);
            }
            look_up_id(&path, "", base_url)
        }
        Ids::All => look_up_id(names.path, "", base_url),
        Ids::Body(member) => {
            let mut request = look_up_id(names.path, "", base_url);
            request.method = Method::Post;
            request.headers.push(("content-type".into(), "application/json".to_owned()));
            request.body = Some(json!({ member: ids }).to_string().into_bytes());
            request.limits.bytes = JSON_LIMIT;
            request
        }
    }
}
