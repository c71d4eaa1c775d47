//! The areas that operations belong to, by what their names are about.

use crate::providers::Provider;

/// A part of a provider that people have one word for.
#[derive(Debug, PartialEq, Eq)]
pub struct Area {
    /// Unique: `pull-requests`.
    pub name: &'static str,
    pub title: &'static str,
    pub provider: &'static Provider,
    /// Parts of names. Of the areas of a provider the first is an operation's whose word its name has; the last one takes
    /// what is left.
    pub words: &'static [&'static str],
}
