//! A text of the provider's that a call changes between a read and the write.

use super::{Field, Kind, Parameter, Read};

/// What is read, changed and written back as the version after the one that was read. The call names that version, which
/// must still be the current one, and may ask to be told only what would change.
pub struct Edit {
    /// Reads the text and its version; what it finds can be named in the request, the version as `version`.
    pub read: &'static Read,
    /// Where that answer holds the text, in Confluence's storage format.
    pub text: Field,
    /// The parameter of that look-up's query that asks for an earlier version.
    pub earlier: &'static str,
    pub change: Change,
}

/// How much of a text a call changes. Either takes the arguments [`Edit::VERSION`], `text`, [`Edit::LOSING`] and
/// [`Edit::CHECK`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// One place of it, which [`Edit::SECTION`] and [`Edit::FIND`] name, as [`Edit::CHANGE`] says.
    Place,
    /// All that it says.
    Whole,
}

impl Edit {
    pub const VERSION: Parameter =
        Parameter::required("version", "The one you read", Kind::Integer { least: 1, most: i64::MAX }, "7");
    pub const SECTION: Parameter =
        Parameter::optional("section", "Its heading", Kind::Line { longest: 500 }, "Backoff");
    pub const FIND: Parameter =
        Parameter::optional("find", "Or an exact passage", Kind::Text { longest: 10_000 }, "four times");
    /// The first is meant where none is named.
    pub const CHANGE: Parameter = Parameter::optional(
        "change",
        "Else replace",
        Kind::Choice(&["replace", "insert_after", "append", "prepend", "remove"]),
        "append",
    );
    /// Words with commas between them.
    pub const LOSING: Parameter =
        Parameter::optional("losing", "What may go, as a refusal says", Kind::Line { longest: 300 }, "links, tables");
    pub const CHECK: Parameter = Parameter::optional("check", "Only show the difference", Kind::Boolean, "true");
}
