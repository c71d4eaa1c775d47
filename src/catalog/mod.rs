//! Every operation as data, a file for each area. Adding one is one entry in one file and its line in the file's `ALL`.

pub mod address;
pub mod area;
pub mod arguments;
mod bitbucket;
mod canonical;
pub mod completion;
mod confluence;
pub mod cql;
pub mod lookup;
pub mod named;
pub mod operation;
mod postern;
pub mod preset;
pub mod preview;
pub mod prompt;
pub mod reach;
pub mod refusal;
pub mod resource;
pub mod schema;
pub mod search;
pub mod skill;
#[cfg(test)]
mod tracker;
pub mod uri_template;
pub mod value;

use lookup::Lookup;
use named::NamedKind;
use operation::{Area, Operation, Preset};

use crate::providers::{Provider, ScopeKind};

/// The operations of each provider, area by area, in the order of `tools/list`.
const PROVIDERS: &[&[&[&Operation]]] = &[
    &[postern::ALL],
    bitbucket::AREAS,
    confluence::AREAS,
    #[cfg(test)]
    &[tracker::ALL],
];

/// Of arguments that name things, the operations that show those, of each provider.
const SHOWN_BY: &[&[(&str, &Operation)]] = &[bitbucket::SHOWN_BY, confluence::SHOWN_BY];

/// Where each provider shows what an access policy names.
const NAMED: &[&[NamedKind]] = &[bitbucket::NAMED, confluence::NAMED];

/// What each provider tells of calls that their arguments do not say.
const LOOKUPS: &[&[Lookup]] = &[bitbucket::LOOKUPS];

/// The areas of each provider.
const AREAS: &[&[Area]] = &[bitbucket::areas::ALL, confluence::areas::ALL];

/// The kinds of calls that each provider has beside those of every provider.
const PRESETS: &[&[Preset]] = &[bitbucket::presets::ALL];

/// Every operation, in the order of `tools/list`. The first one can be called without arguments.
pub fn all() -> impl Iterator<Item = &'static Operation> + Clone {
    PROVIDERS.iter().copied().flatten().copied().flatten().copied()
}

/// What the operations of a provider need of its credentials, by name.
pub fn needed_scopes(provider: &Provider) -> Vec<&'static str> {
    let calls = all().filter_map(|operation| operation.call.as_ref());
    let scopes = calls.filter(|call| call.provider == provider).flat_map(|call| match provider.scopes {
        ScopeKind::Classic => call.scopes.classic,
        ScopeKind::Granular => call.scopes.granular,
    });
    let mut names: Vec<&str> = scopes.copied().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The operation of that name.
#[cfg(any(test, feature = "fuzzing"))]
pub fn find(name: &str) -> Option<&'static Operation> {
    all().find(|operation| operation.name == name)
}

#[cfg(test)]
mod tests;
