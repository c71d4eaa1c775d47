//! How a provider is asked: the request and where each of its values comes from.

use serde::Serialize;

use super::{Answer, AnswerPart, Budget, Each, Edit, Field, Form, Poll, Step};
use crate::{platform::http::Method, providers::Provider};

/// How a provider is asked and what is kept of its answer.
pub struct Call {
    pub provider: &'static Provider,
    pub scopes: Scopes,
    pub method: Method,
    /// Below the provider's base URL; `{name}` stands for an argument, or for what a step before found.
    pub path: &'static str,
    pub query: &'static [NamedSource],
    pub headers: &'static [NamedSource],
    pub body: Body,
    /// What of the provider's is read, changed and sent back.
    pub edit: Option<&'static Edit>,
    /// Requests that go before this one, in their order.
    pub before: &'static [Step],
    /// For what it is made, once for each, where it is made more than once.
    pub each: Option<&'static Each>,
    /// How to wait for the end of what the provider only begins.
    pub after: Option<Poll>,
    /// What keeps it within the workspaces or spaces that Postern may be limited to.
    pub bounds: Bounds,
    pub answer: Answer,
    /// Where the answer, or each element of its list, names the account of whoever alone wrote its texts: the first of the
    /// paths that is there. Without any, anybody may have written them. Never what a writer can choose, such as the author
    /// of a commit.
    pub author: &'static [&'static str],
    /// Which ids of the answer are shown as names.
    pub names: &'static [Names],
    /// What is shown below it, each of a read of its own.
    pub parts: &'static [AnswerPart],
    /// A text that a step before found and that is shown above the answer, so that the model sees what it wrote about.
    pub echo: Option<&'static str>,
    /// How long the answer may be, where the call does not say.
    pub budget: Budget,
    /// The next step where the provider says 404: which tool lists what exists.
    pub when_missing: &'static str,
    /// For what writes: how to find out whether it happened, where no answer came.
    pub when_unknown: &'static str,
    /// For what writes: what takes it back, where something does.
    pub undo: Option<Undo>,
    /// What else there is to know once it is done, in words in which `{name}` is an argument; empty where there is nothing.
    pub note: &'static str,
}

/// The call that takes a write back. It has the arguments of the call before under the same names, as far as its tool takes
/// them.
#[derive(Debug, Clone, Copy)]
pub struct Undo {
    /// The name of its tool.
    pub tool: &'static str,
    /// Its arguments that the provider's answer names: each by its name, and the path of the answer that holds it.
    pub answered: &'static [(&'static str, &'static str)],
    /// Its arguments that are always the same.
    pub fixed: &'static [(&'static str, &'static str)],
    /// Its arguments that a step before found, each by its name and the name of what was found. They are sent only where
    /// the call has an argument of that name.
    pub found: &'static [(&'static str, &'static str)],
}

impl Undo {
    /// The same tool again, with what a step found before.
    pub const fn recalling(tool: &'static str, found: &'static [(&'static str, &'static str)]) -> Self {
        Self { tool, answered: &[], fixed: &[], found }
    }
}

impl Call {
    /// A request with nothing but its path, kept within the workspace that it names.
    pub const fn new(
        provider: &'static Provider,
        method: Method,
        path: &'static str,
        scopes: Scopes,
        answer: Answer,
    ) -> Self {
        Self {
            provider,
            scopes,
            method,
            path,
            query: &[],
            headers: &[],
            body: Body::None,
            edit: None,
            before: &[],
            each: None,
            after: None,
            bounds: Bounds::Workspace,
            answer,
            author: &[],
            names: &[],
            parts: &[],
            echo: None,
            budget: Budget::DEFAULT,
            when_missing: "",
            when_unknown: "",
            undo: None,
            note: "",
        }
    }

    pub const fn query(self, query: &'static [NamedSource]) -> Self {
        Self { query, ..self }
    }

    pub const fn headers(self, headers: &'static [NamedSource]) -> Self {
        Self { headers, ..self }
    }

    pub const fn body(self, body: Body) -> Self {
        Self { body, ..self }
    }

    pub const fn editing(self, edit: &'static Edit) -> Self {
        Self { edit: Some(edit), ..self }
    }

    pub const fn before(self, before: &'static [Step]) -> Self {
        Self { before, ..self }
    }

    pub const fn for_each(self, each: &'static Each) -> Self {
        Self { each: Some(each), ..self }
    }

    pub const fn after(self, poll: Poll) -> Self {
        Self { after: Some(poll), ..self }
    }

    pub const fn within(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }

    /// Its texts are each of one account, which is named there.
    pub const fn by(self, author: &'static [&'static str]) -> Self {
        Self { author, ..self }
    }

    pub const fn names(self, names: &'static [Names]) -> Self {
        Self { names, ..self }
    }

    pub const fn budget(self, budget: Budget) -> Self {
        Self { budget, ..self }
    }

    pub const fn parts(self, parts: &'static [AnswerPart]) -> Self {
        Self { parts, ..self }
    }

    pub const fn echo(self, found: &'static str) -> Self {
        Self { echo: Some(found), ..self }
    }

    pub const fn when_missing(self, when_missing: &'static str) -> Self {
        Self { when_missing, ..self }
    }

    pub const fn when_unknown(self, when_unknown: &'static str) -> Self {
        Self { when_unknown, ..self }
    }

    pub const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    /// What takes it back: a tool, and which of its arguments the answer names.
    pub const fn undone_by(self, tool: &'static str, answered: &'static [(&'static str, &'static str)]) -> Self {
        Self { undo: Some(Undo { tool, answered, fixed: &[], found: &[] }), ..self }
    }

    /// What takes it back, in all that can be said of it.
    pub const fn undo(self, undo: Undo) -> Self {
        Self { undo: Some(undo), ..self }
    }
}

/// The scopes that the provider demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes {
    /// Of OAuth consumers and access tokens; empty where only granular scopes exist.
    pub classic: &'static [&'static str],
    /// Of API tokens and Forge, which imply nothing.
    pub granular: &'static [&'static str],
}

/// Where a value of a request comes from, be it of the query, a header or the body.
#[derive(Debug)]
pub enum Source {
    Fixed(&'static str),
    Number(i64),
    Flag(bool),
    /// The JSON value `null`.
    Null,
    /// The argument, where the call has it.
    Argument(&'static str),
    /// The argument, which is JSON; what is none is a text.
    Json(&'static str),
    /// The argument as a list of one.
    AsList(&'static str),
    /// The argument, where the call does not have the other one.
    ArgumentUnless {
        argument: &'static str,
        other: &'static str,
    },
    /// A query in Confluence's query language, within the spaces that Postern may be limited to.
    Cql(&'static Cql),
    /// The argument, which is Markdown, in Confluence's storage format.
    AsStorage(&'static str),
    /// The text that the call has changed ([`Call::edit`]).
    Edited,
    /// What a step before found under this name.
    LookedUp(&'static str),
    /// Of a [`Kind::Range`], the reference whose history is meant: `head` of `base..head`.
    ///
    /// [`Kind::Range`]: super::Kind::Range
    Head(&'static str),
    /// Of a [`Kind::Range`], what is left out of that history: `base` of `base..head`, where there are two.
    ///
    /// [`Kind::Range`]: super::Kind::Range
    Base(&'static str),
    /// This member of each object of a list.
    Each {
        list: &'static str,
        member: &'static str,
    },
    /// A path, or each path of a list, from the top directory on, with a slash before it.
    FromTop(&'static Self),
    /// One more than the number that a step before found under this name, as the next version of a page.
    OneMoreThan(&'static str),
    /// This text, where the call has the one argument and not the others.
    FixedWhere {
        value: &'static str,
        present: &'static str,
        absent: &'static [&'static str],
    },
    /// What the provider calls a choice: each by its name, with all that it stands for.
    Chosen {
        argument: &'static str,
        of: &'static [(&'static str, &'static [&'static str])],
    },
    /// A choice; where it is `ALL`, every other choice, one after another.
    ChoiceOrAll(&'static str),
    /// A Bitbucket query: the argument as a text in quotes, between these: `permission = "admin"`.
    Quoted {
        before: &'static str,
        argument: &'static str,
        after: &'static str,
    },
    /// A query in Bitbucket's language: those of the conditions whose value the call has, all of which must hold.
    Conditions(&'static [Condition]),
    /// The paths of the answer that are kept, as Bitbucket's `fields` takes them.
    KeptFields,
}

/// A condition of a query: a field, how it is compared, and with what. Of a list, any of its values will do.
#[derive(Debug)]
pub struct Condition {
    pub field: &'static str,
    pub operator: &'static str,
    pub value: Source,
}

impl Condition {
    pub const fn equals(field: &'static str, value: Source) -> Self {
        Self { field, operator: "=", value }
    }

    pub const fn of(field: &'static str, operator: &'static str, value: Source) -> Self {
        Self { field, operator, value }
    }
}

/// A parameter of the query or of a form, or a header. It is left out where its source has nothing.
#[derive(Debug)]
pub struct NamedSource {
    pub name: &'static str,
    pub source: Source,
}

impl NamedSource {
    pub const fn of(name: &'static str, source: Source) -> Self {
        Self { name, source }
    }

    pub const fn fixed(name: &'static str, value: &'static str) -> Self {
        Self { name, source: Source::Fixed(value) }
    }

    /// The argument, where the call has it.
    pub const fn argument(name: &'static str, argument: &'static str) -> Self {
        Self { name, source: Source::Argument(argument) }
    }
}

/// What a request carries. Without any it has no content type either.
#[derive(Debug)]
pub enum Body {
    None,
    /// A JSON object or array.
    Json(&'static [Member]),
    /// `application/x-www-form-urlencoded`.
    Form(&'static [NamedSource]),
    /// `multipart/form-data` (RFC 7578).
    Multipart(&'static [Part]),
}

/// A member of a JSON body. It is left out where its source has nothing.
#[derive(Debug)]
pub struct Member {
    /// From the outside in, parted by dots: `content.raw`. `reviewers[].uuid` makes an object of each value of a list;
    /// a path that begins with `[]` makes an array of the body itself. A single value goes into every element that
    /// the members before have made.
    pub path: &'static str,
    pub source: Source,
}

impl Member {
    pub const fn of(path: &'static str, source: Source) -> Self {
        Self { path, source }
    }

    pub const fn argument(path: &'static str, argument: &'static str) -> Self {
        Self { path, source: Source::Argument(argument) }
    }
}

/// A part of a multipart body. It is left out where its source has nothing. Of a list, each value is a part of its own,
/// with its own name where that comes from a list as well.
#[derive(Debug)]
pub struct Part {
    pub name: Source,
    /// The name of the file that the part is; a field of a form has none.
    pub file_name: Option<Source>,
    /// Whether the file is executable, as Bitbucket's `x-attributes` says it.
    pub executable: Option<Source>,
    pub value: Source,
}

impl Part {
    /// A field of the form.
    pub const fn field(name: &'static str, value: Source) -> Self {
        Self { name: Source::Fixed(name), file_name: None, executable: None, value }
    }

    /// A file.
    pub const fn file(name: Source, file_name: Source, value: Source) -> Self {
        Self { name, file_name: Some(file_name), executable: None, value }
    }

    pub const fn executable(self, executable: Source) -> Self {
        Self { executable: Some(executable), ..self }
    }
}

/// A query in CQL: what a caller looks for and all conditions, joined by `and`. What the call does not have is left out.
#[derive(Debug)]
pub struct Cql {
    /// The argument that is a query, or words to look for.
    pub query: Option<&'static str>,
    /// A condition of every call; empty where there is none.
    pub always: &'static str,
    pub conditions: &'static [CqlCondition],
    /// What orders the rows, where the query does not say it; empty where Confluence does.
    pub order: &'static str,
}

/// A condition on the value of an argument, in CQL.
#[derive(Debug)]
pub struct CqlCondition {
    /// A field of CQL and an operator, such as `label =`.
    pub before: &'static str,
    pub argument: &'static str,
}

/// A look-up of the names of things that an answer names by their ids: one for all of them. Where it fails, the ids are
/// shown.
pub struct Names {
    /// The fields of the answer that hold ids.
    pub fields: &'static [&'static str],
    pub path: &'static str,
    pub ids: Ids,
    /// A list of [`Rows`]: the id and the name of each.
    ///
    /// [`Rows`]: super::Rows
    pub list: &'static str,
    pub id: Field,
    pub name: Field,
    /// Of people: what the provider says of the account, `atlassian no` where it is no guest's, customer's or app's.
    pub standing: Option<Field>,
}

/// How a look-up of names takes ids.
#[derive(Debug, Clone, Copy)]
pub enum Ids {
    /// One after another in this parameter of the query.
    Query(&'static str),
    /// As a list in this member of a JSON body, with POST.
    Body(&'static str),
    /// It takes none: there are few, and it lists them all.
    All,
}

/// What keeps a call within the workspaces or spaces that an organisation limits Postern to ([`Reach`]).
///
/// [`Reach`]: crate::catalog::reach::Reach
pub enum Bounds {
    /// It names a workspace ([`Kind::Workspace`]).
    ///
    /// [`Kind::Workspace`]: super::Kind::Workspace
    Workspace,
    /// It names a space ([`Kind::Space`]).
    ///
    /// [`Kind::Space`]: super::Kind::Space
    Space,
    /// It lists workspaces or spaces, which its rows name ([`Rows::resource`]): those that may not be reached are left
    /// out.
    ///
    /// [`Rows::resource`]: super::Rows::resource
    Rows,
    /// It is a search ([`Source::Cql`]), to which the spaces are added.
    Search,
    /// What these arguments name lies in spaces. In which is looked up before anything else is sent, and only where
    /// Postern is limited to some.
    Places(&'static [Located]),
    /// It is about what is in no space and tells nothing of any: people and groups, roles, levels.
    NoSpace,
    /// It is about the whole site, or about what cannot be told to lie in a space: where Postern is limited to some spaces
    /// it is not sent.
    Site,
    /// What it is about lies in no workspace: the caller's own account, other people's names, or what everybody may read.
    Account,
}

/// An argument that names something in a space, or a list of such.
pub struct Located {
    pub argument: &'static str,
    /// What it can be, tried in turn until one is found.
    pub places: &'static [&'static Place],
    /// What else of the tree of pages the call shows or changes.
    pub around: Option<Around>,
    /// Whether it is where something goes, and stays as it is itself.
    pub is_goal: bool,
    /// An argument, and what it has to be for the call to lead into the thing: else it leads beside it.
    pub into: Option<(&'static str, &'static str)>,
}

impl Located {
    /// The same for a call that also shows or changes that part of the tree.
    pub const fn with(self, around: Around) -> Self {
        Self { around: Some(around), ..self }
    }
}

/// What lies around a thing in a tree of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Around {
    /// What it lies below.
    Above,
    /// What lies below it.
    Below,
}

/// A kind of things that lie in spaces.
pub struct Place {
    /// Where one is described; `{id}` stands for its id.
    pub path: &'static str,
    /// What the description says of where it lies: the first that is there counts.
    pub lies_in: &'static [LiesIn],
    /// Where the ids of what it lies below are listed, from the top of the tree of pages down.
    pub ancestors: Listed,
    /// Where its labels are listed.
    pub labels: Listed,
    /// What its description says of the state that it is in: an approval of what changes it is bound to that.
    pub state: Field,
}

/// Where something is listed of a thing; `{id}` stands for its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    At(&'static str),
    /// It has none, beside those of what it lies in.
    Nowhere,
    /// Nobody tells.
    Unknown,
}

impl Place {
    /// Something that is in no tree of pages and has no labels.
    pub const fn new(path: &'static str, lies_in: &'static [LiesIn]) -> Self {
        let state = Field::exact("version", &["version.number"]);
        Self { path, lies_in, ancestors: Listed::Nowhere, labels: Listed::Nowhere, state }
    }

    /// Whether it is a space itself.
    pub const fn is_space(&self) -> bool {
        matches!(self.lies_in, [LiesIn::Space(_)])
    }

    /// Something that has no versions, and is in the state that these say.
    pub const fn in_state(self, paths: &'static [&'static str]) -> Self {
        Self { state: Field::of(Form::Exact, "state", paths), ..self }
    }

    pub const fn below(self, ancestors: Listed) -> Self {
        Self { ancestors, ..self }
    }

    pub const fn labelled(self, labels: Listed) -> Self {
        Self { labels, ..self }
    }
}

/// Where something lies.
pub enum LiesIn {
    /// In the thing of this kind whose id the description holds here.
    Thing(Field, &'static Place),
    /// In the space whose key the description holds here.
    Space(Field),
}
