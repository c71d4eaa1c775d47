//! Arguments of a call, validated against the operation's entry. Pure.

use std::{borrow::Cow, fmt};

use serde_json::{Map, Value as Json};

#[cfg(test)]
use super::operation::Variant;
use super::{
    address,
    canonical::canonical,
    cql::Spaces,
    operation::{Budget, Call, Kind, Operation, Parameter, Presence, Then, When},
    value::{self, Value},
};
use crate::{crypto::digest, providers::Site};

/// The argument that names a site, where a provider has several. No operation has one of this name.
pub const SITE: &str = "site";

/// Validated arguments of one operation, defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// In the order of the operation's parameters.
    values: Vec<(&'static Parameter, Value)>,
    target: String,
    /// Of a call that goes to a provider.
    site: Option<Site>,
    /// What a search is kept within.
    spaces: Spaces,
}

impl PartialEq for Parameter {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for Parameter {}

impl fmt::Debug for Parameter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

/// Why a call's arguments were refused, in words that tell a model what to send instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentProblem {
    #[error("{}", unknown(name, *nearest, accepted))]
    Unknown { name: String, nearest: Option<&'static str>, accepted: Vec<&'static str> },
    #[error("Missing: {}. Give {} and call again.", listed(names), if names.len() == 1 { "it" } else { "them" })]
    Missing { names: Vec<&'static str> },
    #[error("`{name}` must be {expected}; {given} was given.{}", meant(*nearest))]
    Wrong { name: &'static str, expected: String, given: String, nearest: Option<&'static str> },
    #[error("{0}")]
    Impossible(&'static str),
    #[error("The address in `{address}` is of another `{other}` than the call names: send one of them.")]
    Contradiction { address: &'static str, other: &'static str },
    #[error("{}", misplaced(name, *times))]
    Passage { name: &'static str, times: usize },
    #[error("`{name}` means nothing without `{other}`: give both or neither.")]
    Alone { name: &'static str, other: &'static str },
    #[error(
        "This cursor does not continue this call. Send it unchanged, to the same tool, with the same other arguments \
         as the answer it came from; or leave `cursor` out to start over."
    )]
    Cursor,
    #[error("`{name}` must be a number from 1 to {count}, or the name of one of them; {given} was given.")]
    Place { name: &'static str, count: usize, given: String },
    #[error("{0}")]
    NoDefault(&'static str),
    #[error("What this cursor continues has changed since. Leave `cursor` out to start over.")]
    Changed,
}

fn listed(names: &[&'static str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Why a passage is not the one that is meant.
fn misplaced(name: &str, times: usize) -> String {
    match times {
        0 => format!(
            "Nothing was sent: the text does not have the words in `{name}`. Read it again and copy them as they stand \
             there, without marks of Markdown."
        ),
        _ => format!(
            "Nothing was sent: the text has the words in `{name}` {times} times. Send more of the words around those \
             that you mean."
        ),
    }
}

fn unknown(name: &str, nearest: Option<&'static str>, accepted: &[&'static str]) -> String {
    let name: String = name.chars().filter(|character| !character.is_control()).take(64).collect();
    let meant = meant(nearest);
    if accepted.is_empty() {
        return format!("There is no argument `{name}`: this tool takes none.");
    }
    format!("There is no argument `{name}`.{meant} Accepted: {}.", listed(accepted))
}

fn meant(nearest: Option<&'static str>) -> String {
    nearest.map(|nearest| format!(" Did you mean `{nearest}`?")).unwrap_or_default()
}

/// Validates what a client sent for a call.
///
/// # Errors
/// As [`Arguments::read`], and where no request is made for such arguments.
pub fn validate(operation: &Operation, given: &Map<String, Json>) -> Result<Arguments, ArgumentProblem> {
    let mut arguments = Arguments::read(operation.parameters, given)?;
    arguments.target = shortened(&arguments.fill(operation.target, str::to_owned), LONGEST_TARGET);
    arguments.site = operation.provider().map(Site::main);
    if let Some(Then::Refuse(sentence)) = arguments.variant(operation) {
        return Err(ArgumentProblem::Impossible(sentence));
    }
    Ok(arguments)
}

/// In characters, of what a call is about.
const LONGEST_TARGET: usize = 200;

fn shortened(target: &str, longest: usize) -> String {
    target.chars().filter(|character| !character.is_control()).take(longest).collect()
}

/// The examples of the operation's required parameters, or of all of them: arguments that are valid.
#[cfg(test)]
pub fn examples(operation: &Operation, optional_too: bool) -> Map<String, Json> {
    let example = |parameter: &Parameter| {
        let example = value::read(parameter.kind, &parameter.example.into())?;
        Some((parameter.name.to_owned(), example.to_json()))
    };
    let mut examples: Map<_, _> = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.kind != Kind::Cursor)
        .filter(|parameter| optional_too || parameter.presence == Presence::Required)
        .filter_map(example)
        .collect();
    // Those that exclude each other are not sent together, and those that are needed by others are.
    for Variant { when, then } in operation.variants {
        let arguments = Arguments::read(operation.parameters, &examples).expect("examples are valid");
        let is_refused = arguments.variant(operation).is_some_and(|chosen| std::ptr::eq(chosen, then));
        for condition in when.iter().filter(|_| is_refused && matches!(then, Then::Refuse(_))) {
            match condition {
                When::With(name) => drop(examples.remove(*name)),
                When::Without(name) => examples.extend(operation.parameter(name).and_then(example)),
                When::Is(..) | When::Contains { .. } => {}
            }
        }
    }
    examples
}

/// The examples with which the operation makes the request of this variant.
#[cfg(test)]
pub fn examples_of(operation: &Operation, variant: &Variant, optional_too: bool) -> Map<String, Json> {
    let mut examples = examples(operation, optional_too);
    for condition in variant.when {
        match condition {
            When::Is(name, value) => drop(examples.insert((*name).to_owned(), (*value).into())),
            When::Contains { argument, example, .. } => {
                drop(examples.insert((*argument).to_owned(), (*example).into()));
            }
            When::With(name) => {
                let example = operation.parameter(name).map_or(Json::Null, |parameter| parameter.example.into());
                examples.insert((*name).to_owned(), example);
            }
            When::Without(name) => drop(examples.remove(*name)),
        }
    }
    examples
}

impl Arguments {
    /// Validates what a client sent. `null` and, where a value is optional, an empty text count as not given.
    ///
    /// # Errors
    /// The first problem: unknown names, then missing ones, then values in the order of the parameters.
    pub fn read(parameters: &'static [Parameter], given: &Map<String, Json>) -> Result<Self, ArgumentProblem> {
        let accepted = || parameters.iter().map(|parameter| parameter.name);
        if let Some(name) = given.keys().find(|name| !accepted().any(|accepted| accepted == *name)) {
            let accepted: Vec<_> = accepted().collect();
            return Err(ArgumentProblem::Unknown { name: name.clone(), nearest: nearest(name, &accepted), accepted });
        }
        let expanded = address::expand(parameters, given)
            .map_err(|address::Contradiction { address, other }| ArgumentProblem::Contradiction { address, other })?;
        let given = expanded.as_ref().unwrap_or(given);
        let is_given = |parameter: &Parameter| match given.get(parameter.name) {
            None | Some(Json::Null) => false,
            Some(Json::String(text)) => !text.is_empty() || parameter.presence == Presence::Required,
            Some(_) => true,
        };
        let missing = |parameter: &&Parameter| parameter.presence == Presence::Required && !is_given(parameter);
        let names: Vec<_> = parameters.iter().filter(missing).map(|parameter| parameter.name).collect();
        if !names.is_empty() {
            return Err(ArgumentProblem::Missing { names });
        }
        let mut values = Vec::with_capacity(parameters.len());
        for parameter in parameters {
            let default;
            let value = match (given.get(parameter.name), parameter.presence) {
                (Some(value), _) if is_given(parameter) => value,
                (_, Presence::Default(text)) => {
                    default = Json::from(text);
                    &default
                }
                _ => continue,
            };
            let value = value::read(parameter.kind, &without_owner(parameter, value, &values)).ok_or_else(|| {
                ArgumentProblem::Wrong {
                    name: parameter.name,
                    expected: value::expected(parameter.kind),
                    given: describe(parameter.kind, value),
                    nearest: value::no_choice(parameter.kind, value)
                        .and_then(|(wrong, choices)| nearest(wrong, choices)),
                }
            })?;
            values.push((parameter, value));
        }
        for parameter in parameters.iter().filter(|parameter| is_given(parameter)) {
            if let Some(other) = parameter.needs
                && !values.iter().any(|(have, _)| have.name == other)
            {
                return Err(ArgumentProblem::Alone { name: parameter.name, other });
            }
        }
        Ok(Self { values, target: String::new(), site: None, spaces: Spaces::default() })
    }

    /// A template with `{name}` replaced by the argument, each as `written`; one that is not given leaves nothing.
    pub fn fill(&self, template: &str, written: impl Fn(&str) -> String) -> String {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else { break };
            filled.push_str(&written(&self.text(name).unwrap_or_default()));
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// The same arguments of a search that finds what lies in these spaces; anywhere where there are none.
    pub fn limited_to(mut self, spaces: Spaces) -> Self {
        self.spaces = spaces;
        self
    }

    /// What a search is kept within.
    pub const fn spaces(&self) -> &Spaces {
        &self.spaces
    }

    /// The heading of the section that is wanted.
    pub fn section(&self) -> Option<Cow<'_, str>> {
        self.values.iter().find(|(parameter, _)| parameter.kind == Kind::Section).map(|(_, value)| value.text())
    }

    /// The same arguments for a call that goes to this site. What a call is about names a site that has a name, and so does
    /// its digest: neither an approval nor a cursor is good at another one.
    pub fn at(mut self, site: Site) -> Self {
        if !site.is_main() {
            let site = site.to_string();
            self.target = match self.target.as_str() {
                "" => site,
                target => format!("{}, {site}", shortened(target, LONGEST_TARGET.saturating_sub(site.len() + 2))),
            };
        }
        self.site = Some(site);
        self
    }

    /// What is done with a call of these arguments, where it is not the usual.
    fn variant<'o>(&self, operation: &'o Operation) -> Option<&'o Then> {
        let holds = |when: &When| match when {
            When::Is(name, value) => self.text(name).is_some_and(|given| given == *value),
            When::With(name) => self.get(name).is_some(),
            When::Without(name) => self.get(name).is_none(),
            When::Contains { argument, mark, .. } => self.text(argument).is_some_and(|given| given.contains(mark)),
        };
        operation.variants.iter().find(|variant| variant.when.iter().all(holds)).map(|variant| &variant.then)
    }

    /// The request that a call of these arguments makes; `None` where it makes none.
    pub fn call_of<'o>(&self, operation: &'o Operation) -> Option<&'o Call> {
        match self.variant(operation) {
            Some(Then::Call(call)) => Some(call),
            Some(Then::Refuse(_)) => None,
            None => operation.call.as_ref(),
        }
    }

    /// The site that the call goes to; `None` where Postern answers by itself.
    pub const fn site(&self) -> Option<Site> {
        self.site
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(parameter, _)| parameter.name == name).map(|(_, value)| value)
    }

    /// The argument as text, numbers too.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(Value::text)
    }

    /// How long the answer may be: as long as the call says, or else as is usual.
    pub fn budget(&self, usual: Budget) -> Budget {
        let said = self.values.iter().find(|(parameter, _)| parameter.kind == Kind::Budget);
        let said = said.and_then(|(_, value)| match value {
            Value::Integer(tokens) => usize::try_from(*tokens).ok().map(Budget::of),
            _ => None,
        });
        said.unwrap_or(usual)
    }

    /// The cursor, where the call continues an earlier one.
    pub fn cursor(&self) -> Option<Cow<'_, str>> {
        self.values.iter().find(|(parameter, _)| parameter.kind == Kind::Cursor).map(|(_, value)| value.text())
    }

    /// What the call is about: `acme/backend#7`. At most 200 characters, on one line.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Each argument and its value for a person, in the order of the operation's parameters. What nobody is shown again is
    /// not shown here either.
    pub fn shown(&self) -> Vec<(String, String)> {
        let shown = |(parameter, value): &(&'static Parameter, Value)| {
            let value = if holds_secrets(parameter.kind) {
                "(not shown)".to_owned()
            } else {
                match value.to_json() {
                    Json::String(text) => text,
                    other => other.to_string(),
                }
            };
            (parameter.name.to_owned(), value)
        };
        self.values.iter().map(shown).collect()
    }

    /// Those of the arguments that another operation takes too, as they would be sent to it.
    pub fn for_operation(&self, operation: &Operation) -> Map<String, Json> {
        let taken = self.values.iter().filter(|(parameter, _)| operation.parameter(parameter.name).is_some());
        taken.map(|(parameter, value)| (parameter.name.to_owned(), value.to_json())).collect()
    }

    /// SHA-256 of all arguments in canonical form, whatever the order and spelling they were sent in.
    pub fn digest(&self) -> String {
        self.digest_of(|_| true)
    }

    /// The digest of what must stay the same from page to page: all but the cursor.
    pub fn digest_without_cursor(&self) -> String {
        self.digest_of(|parameter| parameter.kind != Kind::Cursor)
    }

    /// All of them, as they would be sent again; `None` where one holds what nobody is shown again.
    pub fn to_json(&self) -> Option<Map<String, Json>> {
        let has_secrets = self.values.iter().any(|(parameter, _)| holds_secrets(parameter.kind));
        (!has_secrets).then(|| self.object_of(|_| true))
    }

    fn digest_of(&self, counts: impl Fn(&Parameter) -> bool) -> String {
        digest::sha256(&canonical(&self.object_of(counts).into()))
    }

    fn object_of(&self, counts: impl Fn(&Parameter) -> bool) -> Map<String, Json> {
        let site = self.site.filter(|site| !site.is_main()).map(|site| (SITE.to_owned(), site.to_string().into()));
        let counted = self.values.iter().filter(|(parameter, _)| counts(parameter));
        let values = counted.map(|(parameter, value)| (parameter.name.to_owned(), value.to_json()));
        values.chain(site).collect()
    }
}

/// `acme/backend`, given as a repository of `acme`, is `backend`.
fn without_owner<'j>(parameter: &Parameter, given: &'j Json, before: &[(&Parameter, Value)]) -> Cow<'j, Json> {
    let owner = before.iter().find(|(parameter, _)| parameter.kind == Kind::Workspace).map(|(_, owner)| owner.text());
    match (parameter.kind, given, owner) {
        (Kind::Slug, Json::String(text), Some(owner)) => match text.split_once('/') {
            Some((before, slug)) if before.eq_ignore_ascii_case(&owner) => Cow::Owned(slug.into()),
            _ => Cow::Borrowed(given),
        },
        _ => Cow::Borrowed(given),
    }
}

/// A given value, for an error: its type, and the value itself where it is short and no secret.
fn describe(kind: Kind, value: &Json) -> String {
    let text = value.to_string();
    match value {
        _ if holds_secrets(kind) => "another value".to_owned(),
        Json::String(text) if text.is_empty() => "an empty text".to_owned(),
        Json::String(text) if text.chars().count() > 100 => format!("a text of {} characters", text.chars().count()),
        Json::Object(_) => "an object".to_owned(),
        Json::Array(_) => "a list".to_owned(),
        _ => text,
    }
}

/// Whether a value of that kind may hold what nobody is shown again.
fn holds_secrets(kind: Kind) -> bool {
    match kind {
        Kind::Secret { .. } => true,
        Kind::List { of, .. } => holds_secrets(*of),
        Kind::Object(members) => members.iter().any(|member| holds_secrets(member.kind)),
        _ => false,
    }
}

/// The accepted name that was probably meant.
pub fn nearest(name: &str, accepted: &[&'static str]) -> Option<&'static str> {
    let name: String = name.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    let plain = |accepted: &str| accepted.replace('_', "");
    let shares = |accepted: &&&str| {
        let accepted = plain(accepted);
        name.len() >= 3
            && (accepted.starts_with(&name)
                || name.starts_with(&accepted)
                || name.starts_with(accepted.get(..4).unwrap_or("\0")))
    };
    let close = accepted.iter().map(|accepted| (distance(&name, &plain(accepted)), *accepted)).min();
    close
        .filter(|(distance, _)| *distance <= 2)
        .map(|(_, accepted)| accepted)
        .or_else(|| accepted.iter().find(shares).copied())
}

/// The Levenshtein distance of two short texts.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, byte) in one.bytes().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (cell, candidate) in row.iter_mut().skip(1).zip(other.bytes()) {
            let value = (diagonal + usize::from(byte != candidate)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = value;
            left = value;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
