//! `postern_find`: the operations that fit, each on a line, and one call that is ready to be sent. Pure.

use std::rc::Rc;

use serde_json::{Map, Value};

use crate::{
    catalog::{
        arguments::{SITE, nearest},
        operation::{Class, Kind, Operation, Parameter, Presence},
        search, value,
    },
    mcp::methods::listing::Offer,
    settings::sites::Sites,
    tools::{Gate, MOST_FOUND, Source, Tool, view::View},
    untrusted,
    upstream::tokens,
};

/// How long an answer may be, in estimated tokens. Names of operations and arguments are estimated a third above what they
/// cost, so that real ones are 180 at the most.
const MOST_TOKENS: usize = 205;

/// How much is said of each operation, from much to little: characters of its sentence, and optional arguments.
const DETAIL: &[(usize, usize)] = &[(120, 5), (100, 3), (80, 2), (64, 1), (48, 0), (32, 0), (0, 0)];

/// What is looked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    query: String,
    limit: usize,
}

const EXAMPLE: &str = r#"postern_find {"query":"delete a branch"}"#;

impl Request {
    /// Reads the arguments.
    ///
    /// # Errors
    /// In words, where they are not of the schema.
    pub fn read(given: &Map<String, Value>) -> Result<Self, String> {
        if let Some(name) = given.keys().find(|name| !matches!(name.as_str(), "query" | "limit")) {
            let meant = nearest(name, &["query", "limit"]).unwrap_or("query");
            let name = untrusted::label(name, 40);
            return Err(format!("Not run: there is no argument `{name}`, but `{meant}`. Next: {EXAMPLE}"));
        }
        let query = given.get("query").and_then(Value::as_str).map(str::trim).filter(|query| !query.is_empty());
        let query = query.ok_or_else(|| format!("Not run: `query` must be words. Next: {EXAMPLE}"))?;
        let limit = match given.get("limit") {
            None | Some(Value::Null) => MOST_FOUND,
            Some(limit) => limit
                .as_u64()
                .and_then(|limit| usize::try_from(limit).ok())
                .filter(|limit| (1..=MOST_FOUND).contains(limit))
                .ok_or_else(|| format!("Not run: `limit` must be a number of 1 to {MOST_FOUND}. Next: {EXAMPLE}"))?,
        };
        Ok(Self { query: query.to_owned(), limit })
    }
}

/// The operations that fit and that may run, and how many more would, were they approved.
pub fn answer(request: &Request, offer: &Offer, view: &View, sites: &Sites) -> String {
    let found = search::search(&request.query);
    let (mut shown, mut waiting) = (Vec::new(), 0);
    let named = |tools: &[Rc<Tool>], operation: &Operation| {
        tools.iter().find(|tool| tool.name == operation.name && view.admits(tool)).cloned()
    };
    for operation in found.operations {
        if shown.len() == request.limit {
            break;
        }
        match named(&offer.runnable, operation) {
            Some(tool) => shown.push(tool),
            None => waiting += usize::from(named(&offer.pending, operation).is_some()),
        }
    }
    let wait = match waiting {
        0 => String::new(),
        1 => "\n1 more waits for an administrator.".to_owned(),
        more => format!("\n{more} more wait for an administrator."),
    };
    let Some(first) = shown.first() else {
        return format!(
            "Not found: no operation fits these words that you may run.{wait}\nNext: other words, a thing and what to do with it: {EXAMPLE}"
        );
    };
    let next = format!("\nNext: {}", ready(first, &found.known, view));
    let frame = tokens::estimate(&next) + tokens::estimate(&wait);
    let mut lines = String::new();
    for shown in (1..=shown.len()).rev().filter_map(|count| shown.get(..count)) {
        for (sentence, optional) in DETAIL {
            lines = table(shown, sites, *sentence, *optional);
            if tokens::estimate(&lines) + frame <= MOST_TOKENS {
                return format!("{lines}{next}{wait}");
            }
        }
    }
    format!("{lines}{next}{wait}")
}

/// One line for each operation; what all of them take is said once.
fn table(tools: &[Rc<Tool>], sites: &Sites, sentence: usize, optional: usize) -> String {
    let every: Vec<Vec<&str>> = tools.iter().map(|tool| required(tool)).collect();
    let shared = every.split_first().filter(|(_, rest)| !rest.is_empty()).map_or(0, |(first, rest)| {
        (0..first.len()).take_while(|at| rest.iter().all(|other| other.get(*at) == first.get(*at))).count()
    });
    let mut lines = Vec::new();
    if shared > 0 {
        let names: Vec<_> = every.iter().flatten().take(shared).map(|name| format!("{name}*")).collect();
        lines.push(format!("Each takes {} (* required).", names.join(" ")));
    }
    for (tool, required) in tools.iter().zip(&every) {
        let mut words: Vec<String> = required.iter().skip(shared).map(|name| format!("{name}*")).collect();
        words.extend(others(tool, sites).take(optional).map(str::to_owned));
        let does = shortened(&tool.description, sentence);
        let does = if does.is_empty() { String::new() } else { format!(": {does}") };
        let words = if words.is_empty() { String::new() } else { format!(" {}", words.join(" ")) };
        lines.push(format!("{} ({}){does}{words}", tool.name, class(tool.class)));
    }
    lines.join("\n")
}

const fn class(class: Class) -> &'static str {
    match class {
        Class::Read => "read",
        Class::Write => "write",
        Class::Destructive => "delete",
    }
}

fn parameters(tool: &Tool) -> &'static [Parameter] {
    let Source::Operation(operation) = tool.source;
    operation.parameters
}

fn required(tool: &Tool) -> Vec<&'static str> {
    let required = parameters(tool).iter().filter(|parameter| parameter.presence == Presence::Required);
    required.map(|parameter| parameter.name).collect()
}

/// The names of what may be left out. That every list takes a cursor and a number of rows goes without saying.
fn others(tool: &Tool, sites: &Sites) -> impl Iterator<Item = &'static str> {
    let is_said = |parameter: &&Parameter| {
        parameter.presence != Presence::Required && parameter.kind != Kind::Cursor && parameter.name != "limit"
    };
    let site = tool.provider.filter(|provider| sites.are_several(provider)).map(|_| SITE);
    site.into_iter().chain(parameters(tool).iter().filter(is_said).map(|parameter| parameter.name))
}

/// The first sentence, or as many of its words as fit.
fn shortened(description: &str, longest: usize) -> String {
    let sentence = description.split_inclusive(['.', ';']).next().unwrap_or_default();
    let sentence = sentence.trim_end_matches([';', '.']);
    if sentence.chars().count() < longest {
        return format!("{sentence}.");
    }
    let mut short = String::new();
    for word in sentence.split(' ') {
        if short.chars().count() + word.chars().count() + 2 > longest {
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    if short.is_empty() { short } else { format!("{}…", short.trim_end_matches([',', ':'])) }
}

/// A call of the tool with what is known of its arguments, and the names of those that are not.
fn ready(tool: &Tool, known: &Map<String, Value>, view: &View) -> String {
    let mut arguments = Map::new();
    for parameter in parameters(tool) {
        let given = known.get(parameter.name).and_then(|value| value::read(parameter.kind, value));
        match (given, parameter.presence) {
            (Some(value), _) => drop(arguments.insert(parameter.name.to_owned(), value.to_json())),
            (None, Presence::Required) => drop(arguments.insert(parameter.name.to_owned(), placeholder(parameter))),
            _ => {}
        }
    }
    if view.lists(tool) {
        return format!("{} {}", tool.name, Value::from(arguments));
    }
    Gate::call(&tool.name, tool.class, &arguments)
}

/// The name of the argument in capitals, which no provider takes for one of its things; of what is no text, an example.
fn placeholder(parameter: &Parameter) -> Value {
    match parameter.kind {
        Kind::Integer { .. } | Kind::Boolean | Kind::Choice(_) | Kind::List { .. } | Kind::Object(_) | Kind::Day => {
            value::read(parameter.kind, &parameter.example.into()).map_or(Value::Null, |value| value.to_json())
        }
        _ => parameter.name.to_uppercase().into(),
    }
}

#[cfg(test)]
mod tests;
