//! The arguments of an operation, and what each kind of them looks like.

/// One argument.
pub struct Parameter {
    pub name: &'static str,
    /// For the model: a few words; none where the name and the kind say it all.
    pub description: &'static str,
    pub kind: Kind,
    pub presence: Presence,
    /// Another argument without which this one means nothing.
    pub needs: Option<&'static str>,
    /// A valid value, for calls that are written out and for tests; a list or an object as JSON.
    pub example: &'static str,
}

impl Parameter {
    pub const fn required(name: &'static str, description: &'static str, kind: Kind, example: &'static str) -> Self {
        Self { name, description, kind, presence: Presence::Required, needs: None, example }
    }

    pub const fn optional(name: &'static str, description: &'static str, kind: Kind, example: &'static str) -> Self {
        Self { name, description, kind, presence: Presence::Optional, needs: None, example }
    }

    /// An optional parameter that has this value where the call leaves it out.
    pub const fn or(self, default: &'static str) -> Self {
        Self { presence: Presence::Default(default), ..self }
    }

    pub const fn needing(self, other: &'static str) -> Self {
        Self { needs: Some(other), ..self }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Required,
    Optional,
    Default(&'static str),
}

/// What an argument looks like. None admits control characters except where it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The slug of a repository or the like, or its UUID in braces.
    Slug,
    /// The slug of a Bitbucket workspace, or its UUID in braces. Which ones may be named can be limited.
    Workspace,
    /// The key of a Confluence space. Which ones may be named can be limited.
    Space,
    /// A path in a repository: relative, without `.` and `..`. `/` alone is the top directory.
    Path,
    /// A branch, a tag or a commit.
    Reference,
    /// Two references, `base..head`.
    Comparison,
    /// One reference, or two, `base..head`: what the second holds and the first does not.
    Range,
    /// Lines of a file, `120-180`, counted from 1; one line, `120`, or from there to the end, `120-`.
    Lines,
    /// The hash of a commit, or enough of its beginning.
    Commit,
    /// One line of at most so many characters.
    Line {
        longest: usize,
    },
    /// Text of at most so many characters, with line breaks and tabs.
    Text {
        longest: usize,
    },
    /// The contents of a file of at most so many bytes, kept as they are: line ends too, and nothing at all.
    Contents {
        longest: usize,
    },
    /// Text as [`Kind::Text`], in Markdown: the provider reads it, or [`Source::AsStorage`] turns it into what it reads.
    ///
    /// [`Source::AsStorage`]: super::Source::AsStorage
    Markdown {
        longest: usize,
    },
    /// Text as [`Kind::Text`] that nobody is shown again: a password, the value of a variable, a private key.
    Secret {
        longest: usize,
    },
    /// Digits.
    Identifier,
    /// An identifier that is not of digits alone: `att98305`, or a UUID in braces.
    Key,
    Integer {
        least: i64,
        most: i64,
    },
    Boolean,
    /// A day of the calendar, `2026-10-01`.
    Day,
    Choice(&'static [&'static str]),
    /// Several of these, with commas between them.
    Choices(&'static [&'static str]),
    /// Lines of a file in a diff: `12`, `8-12`, or of the old version `old 8-12`.
    DiffLines,
    /// What changed: a pull request, `#7`, a commit, or two references, `base..head`.
    Changes,
    /// At most so many values of one kind.
    List {
        of: &'static Self,
        most: usize,
    },
    /// An object of these members.
    Object(&'static [Parameter]),
    /// How long the answer may be, in tokens ([`Budget`]).
    ///
    /// [`Budget`]: super::Budget
    Budget,
    /// The heading of the section of a document that is wanted.
    Section,
    /// Whatever text it is: for what a look-up finds and a request sends on, and for no argument.
    Verbatim,
    /// What an earlier answer gave to continue from.
    Cursor,
}
