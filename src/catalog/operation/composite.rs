//! Answers of several parts, and calls whose request depends on their arguments.

use super::{Answer, Call, Kind, NamedSource};

/// A further part of an answer: a read of its own, sent beside the main request, which stands under its own heading.
pub struct AnswerPart {
    /// Its heading, and what the argument [`PARTS`] calls it: one word.
    pub name: &'static str,
    /// As [`Call::path`].
    pub path: &'static str,
    pub query: &'static [NamedSource],
    /// Rows, blocks, a record or a diff.
    pub answer: Answer,
    /// As [`Call::author`].
    pub author: &'static [&'static str],
    /// The tool that shows the whole of it, with the arguments of the same names.
    pub whole: &'static str,
    /// How much of the answer's budget it may use, in percent: what is left over goes to the parts after it.
    pub share: usize,
    /// It is shown only where the call names it.
    pub on_request: bool,
}

/// The argument that says which parts of an answer are wanted.
pub const PARTS: &str = "parts";

impl AnswerPart {
    /// A part that may use a quarter of the answer's budget.
    pub const fn new(name: &'static str, path: &'static str, answer: Answer, whole: &'static str) -> Self {
        Self { name, path, query: &[], answer, author: &[], whole, share: 25, on_request: false }
    }

    pub const fn query(self, query: &'static [NamedSource]) -> Self {
        Self { query, ..self }
    }

    /// As [`Call::by`].
    pub const fn by(self, author: &'static [&'static str]) -> Self {
        Self { author, ..self }
    }

    /// It is shown only where the call names it.
    pub const fn on_request(self) -> Self {
        Self { on_request: true, ..self }
    }

    /// It may use so many percent of the answer's budget.
    pub const fn share(self, share: usize) -> Self {
        Self { share, ..self }
    }
}

/// What a request is made for, once for each: the elements of a list, of which one page is one of the call. The answer is one
/// list of what all of them answer, which has to be [`Rows`] that are paged as that list is. An element that its caller may
/// not see has none.
///
/// [`Rows`]: super::Rows
pub struct Each {
    /// Where they are listed, as [`Call::path`], in a member of the same name as that of the call's rows.
    pub path: &'static str,
    pub query: &'static [NamedSource],
    /// The member of an element that names it in the path of the request, and what it must look like.
    pub member: &'static str,
    pub kind: Kind,
    /// What stands for it in that path.
    pub name: &'static str,
}

/// What is done with a call whose arguments are such.
pub struct Variant {
    /// All of these hold.
    pub when: &'static [When],
    pub then: Then,
}

/// A condition on the arguments of a call.
#[derive(Debug, Clone, Copy)]
pub enum When {
    /// The argument has this value.
    Is(&'static str, &'static str),
    /// The call has the argument.
    With(&'static str),
    /// The call leaves the argument out.
    Without(&'static str),
    /// The argument contains this, as in the example.
    Contains { argument: &'static str, mark: &'static str, example: &'static str },
}

pub enum Then {
    /// Another request than usual, of the same provider and within the same bounds.
    Call(&'static Call),
    /// None, for this reason and with this next step.
    Refuse(&'static str),
}

impl Variant {
    pub const fn call(when: &'static [When], call: &'static Call) -> Self {
        Self { when, then: Then::Call(call) }
    }

    pub const fn refuse(when: &'static [When], sentence: &'static str) -> Self {
        Self { when, then: Then::Refuse(sentence) }
    }
}
