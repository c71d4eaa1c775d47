//! What is kept of a provider's answer, and in which form it is shown.

use serde::Serialize;

use super::Paging;

/// Which parts of the provider's answer are kept, and in which form.
#[expect(clippy::large_enum_variant, reason = "each is written once, in the catalogue")]
pub enum Answer {
    /// One line for each element of a list.
    Rows(Rows),
    /// One line and the texts below it for each element of a list.
    Blocks(Blocks),
    /// One line for each field of an object.
    Record(&'static [Field]),
    /// A file as it is; a directory as rows.
    Source(Tree),
    /// A file as it is, of any media type.
    File,
    /// A unified diff as it is.
    Diff,
    /// What changed between two texts, as lines of a diff.
    Difference(Difference),
    /// A log as it is, of which the end matters most: parts go from there to the beginning.
    Log,
    /// A build with its steps, and of those that failed the lines around the error.
    Build(Build),
    /// Nothing that would be worth showing: what was done, in words that follow "Done:". `{name}` stands for an argument.
    Done(&'static str),
    /// The provider has begun something that goes on by itself.
    Started(Started),
}

/// What is at a path of a repository: a file, or a directory, which a file can look like. So the provider is asked.
pub struct Tree {
    /// A directory's entries.
    pub listing: Rows,
    /// What to add to the query of the same path to be told what is there.
    pub description: &'static str,
    /// Where that description says it.
    pub kind: Field,
    /// What it says of a directory.
    pub directory: &'static str,
}

/// Two texts: the one that a step before found, and the one of the answer. Both are Confluence's storage format.
pub struct Difference {
    /// What the step's finding is called.
    pub before: &'static str,
    /// Where the answer holds the other text.
    pub after: Field,
}

/// A run of a build in several steps, each with a log.
pub struct Build {
    /// What is shown of the build, whose description is what the call itself asks for.
    pub fields: &'static [Field],
    /// Where its steps are listed, in their order.
    pub path: &'static str,
    /// A step, as a row after its number.
    pub steps: Rows,
    /// The same list for [`Build::log`]: what identifies a step, and how it ended.
    pub ends: Rows,
    /// How a step ended that failed.
    pub failed: &'static [&'static str],
    /// Where the log of a step is; `{step}` stands for its id.
    pub log: &'static str,
    /// Which argument asks for the log of one step in place of all this.
    pub step: &'static str,
}

/// Something that goes on after the answer.
pub struct Started {
    /// What identifies it.
    pub fields: &'static [Field],
    /// How to look at it again, in words that follow "Do not repeat it:". `{name}` stands for an argument.
    pub look: &'static str,
}

/// A list whose elements have texts of many lines.
pub struct Blocks {
    pub rows: Rows,
    /// What stands below the row of an element, each text between fences of its own.
    pub texts: &'static [Field],
}

pub struct Rows {
    /// The path of the member that holds the list, parted by dots; empty where the answer is the list.
    pub list: &'static str,
    /// Never texts of many lines: whoever wrote such a one could add rows of their own.
    pub columns: &'static [Field],
    /// The path of the member that holds how many there are in all; empty where none does.
    pub total: &'static str,
    pub paging: Paging,
    /// What each row is about, where that can be closed to the caller.
    pub resource: Option<RowResource>,
    /// Where the newest come first: which are too old to be shown.
    pub since: Option<Since>,
    /// The argument whose values it lists, for whoever is typing one.
    pub values: Option<Values>,
    /// How its rows make threads, where they do.
    pub threads: Option<Threads>,
    /// Rows that are alike become one, where there are many.
    pub grouping: Option<Grouping>,
    /// What to say where the list is empty, with the next step.
    pub when_empty: &'static str,
}

/// A list whose rows answer each other. They are shown thread by thread, those that are open first.
#[derive(Debug, Clone, Copy)]
pub struct Threads {
    /// Where a row holds its own id, and that of the row which it answers.
    pub id: &'static str,
    pub parent: &'static str,
    /// Where a row holds something if its thread is closed.
    pub closed: &'static str,
    /// Where a row says that it was deleted.
    pub deleted: &'static str,
    /// Closed threads are counted and not shown.
    pub open_alone: bool,
}

/// Rows of files that are alike but for the last name of their path become one row, which counts them.
#[derive(Debug, Clone, Copy)]
pub struct Grouping {
    /// From how many rows on.
    pub from: usize,
    /// The column with the path.
    pub path: &'static str,
    /// The columns whose numbers are added up. All others must be the same.
    pub sums: &'static [&'static str],
}

impl Rows {
    /// A list that comes whole, under `list`.
    pub const fn new(list: &'static str, columns: &'static [Field], when_empty: &'static str) -> Self {
        Self {
            list,
            columns,
            total: "",
            paging: Paging::Whole,
            resource: None,
            since: None,
            values: None,
            threads: None,
            grouping: None,
            when_empty,
        }
    }

    pub const fn total(self, total: &'static str) -> Self {
        Self { total, ..self }
    }

    pub const fn paging(self, paging: Paging) -> Self {
        Self { paging, ..self }
    }

    /// Each row is about such a thing, which the first of these paths names, and each of the others too.
    pub const fn about(self, of: Resource, paths: &'static [&'static str]) -> Self {
        Self { resource: Some(RowResource { of, paths, detail: None, detail_path: "" }), ..self }
    }

    /// Each row is about a repository, whose project is named at that path.
    pub const fn in_project(self, path: &'static str) -> Self {
        match self.resource {
            Some(resource) => Self { resource: Some(resource.detailed(Detail::Project, path)), ..self },
            None => self,
        }
    }

    /// Each row is about a file of a repository, which is named at that path.
    pub const fn in_file(self, path: &'static str) -> Self {
        match self.resource {
            Some(resource) => Self { resource: Some(resource.detailed(Detail::File, path)), ..self },
            None => self,
        }
    }

    /// Rows whose moment at this path is before the day that the argument says are left out, and the list ends there: the
    /// newest come first.
    pub const fn since(self, argument: &'static str, path: &'static str) -> Self {
        Self { since: Some(Since { argument, path }), ..self }
    }

    pub const fn threads(self, threads: Threads) -> Self {
        Self { threads: Some(threads), ..self }
    }

    pub const fn grouped(self, grouping: Grouping) -> Self {
        Self { grouping: Some(grouping), ..self }
    }

    /// The column holds the values of that argument.
    pub const fn values(self, of: &'static str, column: &'static str) -> Self {
        Self { values: Some(Values { of, column }), ..self }
    }
}

/// The day from which on rows are shown, where the provider itself cannot be told it.
#[derive(Debug, Clone, Copy)]
pub struct Since {
    pub argument: &'static str,
    /// Where an element holds its moment.
    pub path: &'static str,
}

/// The values of one argument, wherever the provider's operations take it.
#[derive(Debug, Clone, Copy)]
pub struct Values {
    /// The argument's name.
    pub of: &'static str,
    /// The column that holds them.
    pub column: &'static str,
}

/// What a row is about. It need not be shown.
pub struct RowResource {
    pub of: Resource,
    /// Where an element holds its names; one that is open is enough.
    pub paths: &'static [&'static str],
    /// What else of a repository it names, and where.
    pub detail: Option<Detail>,
    pub detail_path: &'static str,
}

impl RowResource {
    const fn detailed(self, detail: Detail, path: &'static str) -> Self {
        Self { detail: Some(detail), detail_path: path, ..self }
    }

    /// Whether it says in which files its rows lie.
    pub const fn names_files(&self) -> bool {
        matches!(self.of, Resource::File) || matches!(self.detail, Some(Detail::File))
    }
}

/// What of a repository a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The project that it lies in.
    Project,
    /// One of its files.
    File,
}

/// A kind of things that can be closed to a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    Workspace,
    Repository,
    /// A file of the repository that the call names, by its path.
    File,
    Space,
}

impl Resource {
    /// Whether an organisation can limit Postern to some of these, as it cannot to repositories and files: those are in
    /// the workspace that the call names.
    pub const fn can_be_limited(self) -> bool {
        matches!(self, Self::Workspace | Self::Space)
    }
}

/// A kept part of the answer. Its form says how far it is trusted.
pub struct Field {
    pub name: &'static str,
    /// Dotted paths within the row or record ([`first_name`]). What of them lies in lists is kept element by element.
    pub paths: &'static [&'static str],
    /// What becomes of several paths.
    pub several: Paths,
    pub form: Form,
    /// Which elements of a list are kept; all where there is none.
    pub only: Option<Only>,
    /// What stands between the elements of a list, and of the lists in it, from the outside in.
    pub between: &'static [&'static str],
}

/// The first name of a dotted path, and the path below it. A name with dots of its own stands between apostrophes:
/// `properties.'com.acme.points'.value`.
pub fn first_name(path: &str) -> (&str, Option<&str>) {
    let quoted = path.strip_prefix('\'').and_then(|path| path.split_once('\''));
    match quoted {
        Some((name, rest)) => (name, rest.strip_prefix('.')),
        None => path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest))),
    }
}

/// Which elements of a list are kept: those whose member at this path has this value.
#[derive(Debug, Clone, Copy)]
pub struct Only {
    pub path: &'static str,
    pub value: &'static str,
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
    /// A value as it is, to be used further and not to be shown.
    Exact,
    /// The last name of the path where the value is true; nothing where it is not.
    Flag,
    /// A person's name, without the address that Git writes after it. `null` in its place is an account that is gone.
    Person,
    /// A moment, to the minute and in UTC.
    Moment,
    /// Of the first path a person, of the second the verdict, of the third its day: `Ann (approved, 2026-10-01)`. Whoever
    /// has given none has not answered. A list of nobody is shown too, as "none".
    Verdict,
    /// The beginning of a hash, as long as providers write it in short.
    Hash,
    /// An address; one that begins with a slash is below the provider's base URL.
    Link,
    /// A search engine's extract, its marks and entities taken out.
    Excerpt,
    /// Untrusted text of many lines, between fences.
    Prose,
    /// Confluence's storage format, as Markdown between fences, cut at the budget.
    Storage,
    /// A value of any type as JSON, a text as it is, between fences.
    Json,
}

impl Form {
    /// Whether such a value has lines of its own.
    pub const fn has_lines(self) -> bool {
        matches!(self, Self::Prose | Self::Storage | Self::Json)
    }
}

impl Field {
    pub const fn label(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self::of(Form::Label, name, paths)
    }

    pub const fn exact(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self { several: Paths::First, ..Self::of(Form::Exact, name, paths) }
    }

    /// A person, by the first of the paths that is there.
    pub const fn person(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self { several: Paths::First, ..Self::of(Form::Person, name, paths) }
    }

    /// People, by the first path, with what the other paths say of each.
    pub const fn people(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self { several: Paths::Noted, ..Self::of(Form::Person, name, paths) }
    }

    /// People, each with the verdict and its day.
    pub const fn verdicts(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self { several: Paths::Noted, ..Self::of(Form::Verdict, name, paths) }
    }

    /// A commit, by the beginning of its hash.
    pub const fn hash(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self { several: Paths::First, ..Self::of(Form::Hash, name, paths) }
    }

    /// Which of these is true.
    pub const fn flags(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self::of(Form::Flag, name, paths)
    }

    pub const fn link(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self::of(Form::Link, name, paths)
    }

    pub const fn moment(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self::of(Form::Moment, name, paths)
    }

    pub const fn prose(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self { several: Paths::First, ..Self::of(Form::Prose, name, paths) }
    }

    pub const fn of(form: Form, name: &'static str, paths: &'static [&'static str]) -> Self {
        Self { name, paths, several: Paths::Joined, form, only: None, between: &["; ", ", "] }
    }

    /// The first of the paths that is there.
    pub const fn first(self) -> Self {
        Self { several: Paths::First, ..self }
    }

    /// The first path, with what the other paths say of it in brackets.
    pub const fn noted(self) -> Self {
        Self { several: Paths::Noted, ..self }
    }

    /// Only the elements of a list whose member at this path has this value.
    pub const fn only(self, path: &'static str, value: &'static str) -> Self {
        Self { only: Some(Only { path, value }), ..self }
    }

    /// With these between the elements of a list, and of the lists in it.
    pub const fn between(self, between: &'static [&'static str]) -> Self {
        Self { between, ..self }
    }
}
