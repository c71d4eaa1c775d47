//! What an operation is: data that the schema, the validation, the request and the shaping are derived from.

use serde::Serialize;

use super::{reach::Realm, value};
use crate::{
    platform::http::Method,
    providers::{AccountKind, Provider},
};

/// One tool: what a client may call, and everything Postern knows of it.
pub struct Operation {
    /// Unique; `[a-z0-9_]`, at most 64 characters.
    pub name: &'static str,
    /// For people: lists, consent and audit.
    pub title: &'static str,
    /// For the model: one sentence or two.
    pub description: &'static str,
    /// For the person who lets a client in: of what reads, what is read ("pull requests"); else what is done ("comment on
    /// pull requests"). The rest of the sentence is made of class and provider.
    pub consent: &'static str,
    pub class: Class,
    pub sensitivity: Sensitivity,
    /// In the order of the schema.
    pub parameters: &'static [Parameter],
    /// What a call is about, for approvals and the audit: `{workspace}/{repository}#{pull_request}`.
    pub target: &'static str,
    /// What an approval of a call must be bound to, so that it does not outlive what was approved.
    #[allow(dead_code, reason = "approvals of single calls read it once there are any")]
    pub approval_binding: ApprovalBinding,
    /// How the provider is asked; `None` where Postern answers by itself.
    pub call: Option<Call>,
}

impl Operation {
    /// Whose account the operation needs.
    pub fn provider(&self) -> Option<&'static Provider> {
        self.call.as_ref().map(|call| call.provider)
    }

    /// Where the operation works in an account of the caller's own.
    pub fn personal_account(&self) -> Option<&'static Provider> {
        self.provider().filter(|provider| provider.account == AccountKind::Personal)
    }

    /// Whether a call changes anything.
    pub fn writes(&self) -> bool {
        self.class != Class::Read
    }

    pub fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

/// What an operation does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Read,
    /// Adds or changes something that can be changed back.
    Write,
    /// Takes something away for good.
    Destructive,
}

/// How much the answer gives away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// Names of things and people.
    Names,
    /// What people are working on: titles, descriptions, comments.
    Work,
    /// Source code and the contents of pages.
    Contents,
}

/// What an approval is bound to, beside the arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalBinding {
    /// Nothing upstream: the arguments say it all.
    ArgumentsAlone,
    /// The commit at the head of the pull request that the arguments name.
    PullRequestHead,
}

/// The scopes that the provider demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes {
    /// Of OAuth consumers and access tokens; empty where only granular scopes exist.
    pub classic: &'static [&'static str],
    /// Of API tokens and Forge, which imply nothing.
    pub granular: &'static [&'static str],
}

/// One argument.
pub struct Parameter {
    pub name: &'static str,
    /// For the model: a few words.
    pub description: &'static str,
    pub kind: Kind,
    pub presence: Presence,
    /// Another argument without which this one means nothing.
    pub needs: Option<&'static str>,
    /// A valid value, for the reference page and for tests.
    #[cfg_attr(not(test), allow(dead_code, reason = "the tests against the providers' own documents read it"))]
    pub example: &'static str,
}

impl Parameter {
    pub const fn required(name: &'static str, description: &'static str, kind: Kind, example: &'static str) -> Self {
        Self { name, description, kind, presence: Presence::Required, needs: None, example }
    }

    pub const fn optional(name: &'static str, description: &'static str, kind: Kind, example: &'static str) -> Self {
        Self { name, description, kind, presence: Presence::Optional, needs: None, example }
    }

    /// An optional one that has this value where it is not given.
    pub const fn or(self, default: &'static str) -> Self {
        Self { presence: Presence::Default(default), ..self }
    }

    /// Whether this text is a value that the parameter takes.
    pub fn admits(&self, text: &str) -> bool {
        value::read(self.kind, &text.into()).is_some()
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
    /// A path in a repository: relative, without `.` and `..`. `/` alone is the top directory.
    Path,
    /// A branch, a tag or a commit.
    Reference,
    /// One line of at most so many characters.
    Line {
        longest: usize,
    },
    /// Text of at most so many characters, with line breaks and tabs.
    Text {
        longest: usize,
    },
    /// Digits.
    Identifier,
    Integer {
        least: i64,
        most: i64,
    },
    Choice(&'static [&'static str]),
    /// What an earlier answer gave to continue from.
    Cursor,
}

/// How a provider is asked and what is kept of its answer.
pub struct Call {
    pub provider: &'static Provider,
    pub scopes: Scopes,
    pub method: Method,
    /// Below the provider's base URL; `{name}` stands for an argument.
    pub path: &'static str,
    pub query: &'static [QueryParameter],
    /// Members of the JSON body; empty for none.
    pub body: &'static [BodyMember],
    /// A look-up that turns an ambiguous argument into one that is not.
    pub resolve: Option<Resolve>,
    /// What keeps it within the workspaces or spaces that Postern may be limited to.
    pub bounds: Bounds,
    pub answer: Answer,
    /// The next step where the provider says 404: which tool lists what exists.
    pub when_missing: &'static str,
    /// For what writes: how to find out whether it happened, where no answer came.
    pub when_unknown: &'static str,
}

pub struct QueryParameter {
    pub name: &'static str,
    pub source: Source,
}

impl QueryParameter {
    pub const fn fixed(name: &'static str, value: &'static str) -> Self {
        Self { name, source: Source::Fixed(value) }
    }

    /// The argument, where given.
    pub const fn argument(name: &'static str, argument: &'static str) -> Self {
        Self { name, source: Source::Argument(argument) }
    }
}

/// Where a query parameter's value comes from.
pub enum Source {
    Fixed(&'static str),
    Argument(&'static str),
    /// A choice; where it is `ALL`, every other choice, one after another.
    ChoiceOrAll(&'static str),
    /// A Bitbucket query: the field contains the argument.
    Contains {
        field: &'static str,
        argument: &'static str,
    },
    /// The paths of the answer that are kept, as Bitbucket's `fields` takes them.
    KeptFields,
}

/// A member of the JSON body, left out where its argument is.
pub struct BodyMember {
    /// From the outside in: `content`, `raw`.
    pub path: &'static [&'static str],
    pub argument: &'static str,
}

/// A Git reference with a slash is ambiguous in a path: such a one is looked up first.
pub struct Resolve {
    pub argument: &'static str,
    /// Tried in turn until one is found.
    pub paths: &'static [&'static str],
    /// Where the answer holds the commit's hash; one field.
    pub hash: &'static [Field],
}

/// What keeps a call within the workspaces or spaces that an organisation limits Postern to ([`Reach`]).
///
/// [`Reach`]: super::reach::Reach
pub enum Bounds {
    /// It names a workspace ([`Kind::Workspace`]).
    Workspace,
    /// It lists workspaces or spaces: each is left out that none of these columns names as one that may be reached.
    Rows(Realm, &'static [&'static str]),
    /// This argument is a CQL query, to which the spaces are added.
    Search(&'static str),
    /// Its answer says in which space it lies.
    InSpace(InSpace),
}

/// How to find out in which space an answer lies.
pub struct InSpace {
    /// Where the answer holds the space's id; one field.
    pub id: &'static [Field],
    /// Where that space is described; `{id}` stands for the id.
    pub path: &'static str,
    /// Where the description holds the space's key; one field.
    pub key: &'static [Field],
}

/// Which parts of the provider's answer are kept, and in which form.
pub enum Answer {
    /// One line for each element of a list.
    Rows(Rows),
    /// One line for each field of an object.
    Record(&'static [Field]),
    /// A file as it is; a directory as rows.
    Source(Tree),
    /// A unified diff as it is.
    Diff,
}

/// What is at a path of a repository: a file, or a directory, which a file can look like. So the provider is asked.
pub struct Tree {
    /// A directory's entries.
    pub listing: Rows,
    /// What to add to the query of the same path to be told what is there.
    pub description: &'static str,
    /// Where that description says it; one field.
    pub kind: &'static [Field],
    /// What it says of a directory.
    pub directory: &'static str,
}

pub struct Rows {
    /// The member that holds the list.
    pub list: &'static str,
    pub columns: &'static [Field],
    /// The member that holds how many there are in all.
    pub total: &'static str,
    pub paging: Paging,
    /// What to say where the list is empty, with the next step.
    pub when_empty: &'static str,
}

/// How a list goes on.
#[derive(Clone, Copy)]
pub struct Paging {
    /// The member that holds the link to the next page.
    pub next: &'static str,
    /// What of that link's query is kept: the rest is built anew from the arguments.
    pub keep: &'static [&'static str],
}

pub const BITBUCKET_PAGING: Paging = Paging { next: "next", keep: &["page", "ctx"] };
pub const CONFLUENCE_PAGING: Paging = Paging { next: "_links.next", keep: &["cursor"] };

/// A kept part of the answer. Its form says how far it is trusted.
pub struct Field {
    pub name: &'static str,
    /// Dotted paths within the row or record. The elements of a list follow each other, parted by semicolons.
    pub paths: &'static [&'static str],
    /// What becomes of several paths.
    pub several: Paths,
    pub form: Form,
}

/// What becomes of the values at several paths of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paths {
    /// All of them, one after the other.
    Joined,
    /// The first that is there.
    First,
    /// The first, and the others as notes in brackets: `Ann (REVIEWER, approved)`.
    Noted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A value on one line, cleaned and shortened.
    Label,
    /// A person's name, without the address that Git writes after it. `null` in its place is an account that is gone.
    Person,
    /// A moment, to the minute and in UTC.
    Moment,
    /// An address; one that begins with a slash is below the provider's base URL.
    Link,
    /// A search engine's extract, its marks and entities taken out.
    Excerpt,
    /// Untrusted text of many lines, between fences.
    Prose,
    /// Confluence's storage format, as Markdown between fences, cut at the budget.
    Storage,
}

impl Field {
    pub const fn label(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self::of(Form::Label, name, paths)
    }

    /// A person, by the first of the paths that is there.
    pub const fn person(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self { several: Paths::First, ..Self::of(Form::Person, name, paths) }
    }

    /// People, by the first path, with what the other paths say of each.
    pub const fn people(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self { several: Paths::Noted, ..Self::of(Form::Person, name, paths) }
    }

    pub const fn link(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self::of(Form::Link, name, paths)
    }

    pub const fn moment(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self::of(Form::Moment, name, paths)
    }

    pub const fn of(form: Form, name: &'static str, paths: &'static [&'static str]) -> Self {
        Self { name, paths, several: Paths::Joined, form }
    }
}
