//! Where in a tree of pages something lies that a call names, and how it is labelled: looked up before the call is decided
//! on, where a profile or a rule depends on it.

use super::{
    Credential, Failure,
    bounds::{DEEPEST, described, ids, named},
    exchange,
    exchange::Exchange,
    projection, request,
};
use crate::{
    catalog::{
        arguments::Arguments,
        lookup,
        operation::{Field, LiesIn, Listed, Operation, Place},
        uri_template::push_encoded,
    },
    context::Context,
    untrusted,
};

/// Of how many things of one call it is looked up.
const MOST_THINGS: usize = 10;

/// How many ancestors or labels are listed at once: where there are as many, there may be more.
const MOST_LISTED: usize = 250;

/// In characters; Confluence has no longer ones.
const LONGEST_LABEL: usize = 255;

const ID: Field = Field::exact("id", &["id"]);
const NAME: Field = Field::exact("name", &["name"]);
const PREFIX: Field = Field::exact("prefix", &["prefix"]);
/// The prefix of labels that a person gives and sees alone: they open and close nothing.
const OWN: &str = "my";

/// In the place of the state of what this account may change and not read.
const UNREADABLE: &str = "a state that this account may not read";

/// What is asked of each thing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    pub space: bool,
    pub tree: bool,
    pub labels: bool,
}

/// Where one thing lies. `None` among the pages or labels stands for such as nobody tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whereabouts {
    pub space: Option<String>,
    /// The ids of the pages that it is or lies below.
    pub tree: Vec<Option<String>>,
    pub labels: Vec<Option<String>>,
}

impl Whereabouts {
    /// Of what nothing is known.
    fn unknown() -> Self {
        Self { space: None, tree: vec![None], labels: vec![None] }
    }
}

/// Where everything lies that a call names.
///
/// # Errors
/// Where one is not there, or the provider does not answer.
pub async fn locate(
    context: &Context,
    operation: &Operation,
    arguments: &Arguments,
    wanted: Wanted,
    credential: &Credential,
) -> Result<Vec<Whereabouts>, Failure> {
    let exchange = exchange(context, arguments, credential)?;
    let mut found = Vec::new();
    for located in lookup::located(operation, arguments) {
        let is_beside = located.into.is_some_and(|(name, value)| arguments.text(name).is_none_or(|text| text != value));
        for id in ids(arguments, located.argument) {
            if found.len() >= MOST_THINGS {
                found.push(Whereabouts::unknown());
                return Ok(found);
            }
            let mut one = whereabouts(exchange, &id, located.places, wanted).await?;
            if is_beside {
                one.tree.retain(|page| page.as_deref() != Some(&*id));
            }
            found.push(one);
        }
    }
    Ok(found)
}

async fn whereabouts(
    exchange: Exchange<'_>,
    id: &str,
    places: &[&'static Place],
    wanted: Wanted,
) -> Result<Whereabouts, Failure> {
    let mut found = Whereabouts::default();
    let (mut id, (mut place, mut description)) = (id.to_owned(), described(exchange, id, places).await?);
    for _ in 0..DEEPEST {
        if wanted.tree && found.tree.is_empty() {
            match place.ancestors {
                Listed::Nowhere => {}
                Listed::Unknown => found.tree.push(None),
                Listed::At(path) => {
                    found.tree = listed(exchange, path, &id).await?;
                    found.tree.push(Some(id.clone()));
                }
            }
        }
        if wanted.labels {
            match place.labels {
                Listed::Nowhere => {}
                Listed::Unknown => found.labels.push(None),
                Listed::At(path) => found.labels.extend(listed(exchange, path, &id).await?),
            }
        }
        let within = place.lies_in.iter().find_map(|lies_in| match lies_in {
            LiesIn::Thing(id, of) => Some((named(&description, id)?, Some(*of))),
            LiesIn::Space(key) => Some((named(&description, key)?, None)),
        });
        match within {
            Some((key, None)) => {
                found.space = Some(key);
                return Ok(found);
            }
            Some((outer, Some(of))) if wanted.space || !of.is_space() => {
                (place, description) = described(exchange, &outer, &[of]).await?;
                id = outer;
            }
            Some(_) => return Ok(found),
            None => break,
        }
    }
    // It lies in something that its description does not name.
    found.tree.push(None);
    found.labels.push(None);
    Ok(found)
}

/// The ids of pages or the labels that are listed there; with a `None`, where those are not all or nobody may see them.
async fn listed(exchange: Exchange<'_>, path: &'static str, id: &str) -> Result<Vec<Option<String>>, Failure> {
    let mut encoded = String::new();
    push_encoded(&mut encoded, id);
    let response = match exchange.read(request::look_up_id(path, &encoded, exchange.base_url)).await {
        Ok(response) => response,
        Err(Failure::NotFound { .. } | Failure::Forbidden { .. } | Failure::Refused { .. }) => return Ok(vec![None]),
        Err(other) => return Err(other),
    };
    let unreadable = |_| Failure::Unreadable { status: response.status };
    let rows = projection::columns(&response.body, "results", &[&ID, &NAME, &PREFIX]).map_err(unreadable)?;
    let is_whole = rows.len() < MOST_LISTED && !response.truncated;
    let name = |row: Vec<String>| {
        let [id, name, prefix] = <[String; 3]>::try_from(row).ok()?;
        match (name.is_empty(), prefix.as_str()) {
            (true, _) => Some(id),
            (false, OWN) => None,
            (false, _) => Some(untrusted::label(&name, LONGEST_LABEL)),
        }
    };
    let names = rows.into_iter().filter_map(name).map(|name| Some(name.replace(' ', "-")));
    Ok(names.chain((!is_whole).then_some(None)).collect())
}

/// The state of everything that a call changes, as its description says it; of what cannot be read, that.
///
/// # Errors
/// As [`locate`].
pub async fn states(
    exchange: Exchange<'_>,
    operation: &Operation,
    arguments: &Arguments,
) -> Result<Vec<String>, Failure> {
    let mut states = Vec::new();
    let changed = lookup::located(operation, arguments).iter().filter(|located| !located.is_goal);
    for located in changed {
        for id in ids(arguments, located.argument).iter().take(MOST_THINGS) {
            states.push(match described(exchange, id, located.places).await {
                Ok((place, description)) => projection::value(&description.body, &place.state).unwrap_or_default(),
                Err(Failure::Forbidden { .. } | Failure::Refused { .. }) => UNREADABLE.to_owned(),
                Err(other) => return Err(other),
            });
        }
    }
    Ok(states)
}
