//! What is asked before a request and after it.

use super::{Field, Kind, NamedSource, Rows};

/// A request that goes before the one that matters. It reads.
pub enum Step {
    /// What it finds can be named in the path, the query, the headers and the body of what follows.
    Read(Read),
    /// As `Read`, for what a change can be taken back with: what is not there is left out.
    Recall(Read),
    /// A Git reference with a slash is ambiguous in a path: such a one is looked up, and the commit that it names
    /// takes its argument's place. Of two references, `base..head`, each is.
    Resolve(Resolve),
    /// The argument is an element's place in a list, or its name: what identifies it takes the argument's place.
    Pick(Pick),
    /// What an argument is where the call leaves it out.
    Default(Default),
    /// An argument can name one of several kinds of things.
    Which(Which),
    /// An argument is a passage of a text, which must have it once.
    Passage(Passage),
    /// Ends the call where something has moved on since the caller read it.
    Unmoved(Unmoved),
    /// Ends the call where what it would make is there already.
    Absent(Absent),
    /// Ends the call where a diff does not have the lines that it is about.
    DiffLine(DiffLine),
}

/// How to find out that something is still at the commit that the caller decided on.
pub struct Unmoved {
    pub read: &'static Read,
    /// Which of what it finds.
    pub field: &'static str,
    /// The argument that names the commit, or the beginning of it.
    pub argument: &'static str,
}

/// How to find out that something is not there yet.
pub struct Absent {
    /// As [`Call::path`].
    ///
    /// [`Call::path`]: super::Call::path
    pub path: &'static str,
    pub query: &'static [NamedSource],
    /// Where the answer names what is there.
    pub field: Field,
    /// What there is and what to do instead, in words in which `{found}` is what the field holds, and `{name}` an argument.
    pub sentence: &'static str,
}

/// How to find the lines of a file in a diff. Nothing is looked up for a call without such lines.
pub struct DiffLine {
    /// As [`Call::path`].
    ///
    /// [`Call::path`]: super::Call::path
    pub path: &'static str,
    pub query: &'static [NamedSource],
    /// The argument that names the file.
    pub file: &'static str,
    /// The argument that names the lines ([`Kind::DiffLines`]).
    pub lines: &'static str,
    /// Under which names the last line and the first of several are found in the new version, and in the old one.
    pub new: [&'static str; 2],
    pub old: [&'static str; 2],
    /// Under which name the text of the lines is found.
    pub text: &'static str,
    /// The next step where the diff does not have the file: which tool lists those that it has.
    pub when_missing: &'static str,
}

/// How to find an element of a list by its place.
pub struct Pick {
    pub argument: &'static str,
    /// Where the list is; one page of it has them all.
    pub path: &'static str,
    pub query: &'static [NamedSource],
    /// What identifies an element, and its name.
    pub elements: Rows,
}

/// How to find what an argument is where the call leaves it out.
pub struct Default {
    pub read: Read,
    /// What to say where nothing is found, with the next step.
    pub when_none: &'static str,
}

/// A look-up.
pub struct Read {
    /// As [`Call::path`].
    ///
    /// [`Call::path`]: super::Call::path
    pub path: &'static str,
    pub query: &'static [NamedSource],
    pub finds: &'static [Find],
}

/// A value of an answer that is used further.
pub struct Find {
    /// The field's name is the one by which the value is known from here on.
    pub field: Field,
    /// What it must look like; anything else ends the call.
    pub kind: Kind,
}

/// How to find out what kind of thing an argument names. Where the call does not have the argument nothing is asked, and
/// the first kind is meant, or another one where the call has an argument that stands for it.
pub struct Which {
    pub argument: &'static str,
    /// The name by which the kind is known from here on.
    pub name: &'static str,
    /// As they stand in the path, in the order in which they are tried.
    pub kinds: &'static [&'static str],
    /// Where a thing is described; `{kind}` stands for the kind, and `{name}` for an argument.
    pub path: &'static str,
    /// An argument, and the kind that is meant where a call has it alone.
    pub or: Option<(&'static str, &'static str)>,
}

/// A passage that must occur exactly once in a text that is looked up, whatever marks stand in it. Nothing is asked where
/// the call does not have the argument.
pub struct Passage {
    pub argument: &'static str,
    pub path: &'static str,
    pub query: &'static [NamedSource],
    /// Where the answer holds the text, in Confluence's storage format.
    pub text: Field,
    /// The name by which it is known how often it occurs, and the name of the place at which, counted from 0.
    pub finds: (&'static str, &'static str),
}

/// How to look up a Git reference.
pub struct Resolve {
    pub argument: &'static str,
    /// Tried in turn until one is found; `{name}` stands for an argument, and `{ref}` for the reference.
    pub paths: &'static [&'static str],
    /// Where the answer holds the commit's hash.
    pub hash: Field,
}

/// How to wait for the end of what a provider has begun with 202. What is still running at the limit goes on by itself:
/// the answer says so, and it is never begun again.
pub struct Poll {
    /// Where to look; `{name}` stands for an argument, for what was found before, and for the task.
    pub path: &'static str,
    /// What identifies the task.
    pub task: Task,
    /// What the answer says of the task's state.
    pub state: Field,
    pub done: &'static [&'static str],
    pub failed: &'static [&'static str],
    /// Why it failed.
    pub reason: Field,
    /// In seconds.
    pub every: u8,
    /// How often it is looked at.
    pub at_most: u8,
}

/// Where the first answer identifies the task that it began.
pub enum Task {
    /// In the address of `Location`, which is one of [`Poll::path`]'s: the part of this name.
    Location(&'static str),
    /// In a member of its body.
    Body(Find),
}
