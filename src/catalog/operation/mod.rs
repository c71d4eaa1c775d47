//! The language of operations: what one is, as data that the schema, the validation, the request and the shaping are
//! derived from.

#![allow(dead_code, reason = "the language says more than the operations need that there are yet")]

mod answer;
mod area;
mod budget;
mod composite;
mod edit;
mod paging;
mod parameter;
mod preset;
mod request;
mod steps;

use serde::{Deserialize, Serialize};

use crate::providers::Provider;

pub use answer::{
    Answer, Blocks, Build, Detail, Difference, Field, Form, Grouping, Paths, Resource, RowResource, Rows, Started,
    Threads, Tree, Values, first_name,
};
pub use area::Area;
pub use budget::{Budget, allot};
pub use composite::{AnswerPart, Each, PARTS, Then, Variant, When};
pub use edit::{Change, Edit};
pub use paging::Paging;
pub use parameter::{Kind, Parameter, Presence};
pub use preset::Preset;
pub use request::{
    Around, Body, Bounds, Call, Condition, Cql, CqlCondition, Ids, LiesIn, Listed, Located, Member, NamedSource, Names,
    Part, Place, Scopes, Source, Undo,
};
pub use steps::{Absent, Default, DiffLine, Find, Passage, Pick, Poll, Read, Resolve, Step, Task, Unmoved, Which};

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
    pub surface: Surface,
    /// In the order of the schema.
    pub parameters: &'static [Parameter],
    /// What a call is about, for approvals and the audit: `{workspace}/{repository}#{pull_request}`.
    pub target: &'static str,
    /// What an approval of a call is bound to, beside the arguments: all that this finds, when the approval is asked for and
    /// again before the call. `None` where the arguments say it all.
    pub approval_binding: Option<&'static Read>,
    /// How the provider is asked; `None` where Postern answers by itself.
    pub call: Option<Call>,
    /// What is asked instead where the arguments are such: the first that fits.
    pub variants: &'static [Variant],
}

impl Operation {
    /// An operation that changes nothing; it shows what people work on, and takes no arguments.
    pub const fn read(name: &'static str, title: &'static str, consent: &'static str) -> Self {
        Self {
            name,
            title,
            description: "",
            consent,
            class: Class::Read,
            sensitivity: Sensitivity::Work,
            surface: Surface::Found,
            parameters: &[],
            target: "",
            approval_binding: None,
            call: None,
            variants: &[],
        }
    }

    /// As [`read`], but it changes something.
    ///
    /// [`read`]: Self::read
    pub const fn write(name: &'static str, title: &'static str, consent: &'static str) -> Self {
        Self { class: Class::Write, ..Self::read(name, title, consent) }
    }

    /// As [`read`], but it takes something away for good.
    ///
    /// [`read`]: Self::read
    pub const fn destroy(name: &'static str, title: &'static str, consent: &'static str) -> Self {
        Self { class: Class::Destructive, ..Self::read(name, title, consent) }
    }

    pub const fn description(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    pub const fn sensitivity(self, sensitivity: Sensitivity) -> Self {
        Self { sensitivity, ..self }
    }

    /// Listed by itself.
    pub const fn core(self) -> Self {
        Self { surface: Surface::Core, ..self }
    }

    pub const fn parameters(self, parameters: &'static [Parameter]) -> Self {
        Self { parameters, ..self }
    }

    pub const fn target(self, target: &'static str) -> Self {
        Self { target, ..self }
    }

    pub const fn bound_to(self, binding: &'static Read) -> Self {
        Self { approval_binding: Some(binding), ..self }
    }

    pub const fn call(self, call: Call) -> Self {
        Self { call: Some(call), ..self }
    }

    pub const fn variants(self, variants: &'static [Variant]) -> Self {
        Self { variants, ..self }
    }

    /// Every request that the operation may make.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        let others = self.variants.iter().filter_map(|variant| match variant.then {
            Then::Call(call) => Some(call),
            Then::Refuse(_) => None,
        });
        self.call.iter().chain(others)
    }

    /// Whose account the operation needs.
    pub fn provider(&self) -> Option<&'static Provider> {
        self.call.as_ref().map(|call| call.provider)
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Read,
    /// Adds or changes something that can be changed back.
    Write,
    /// Takes something away for good.
    Destructive,
}

impl Class {
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Destructive];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destructive => "destructive",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

/// How clients meet an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// In `tools/list`, by itself.
    Core,
    /// By a search of the catalogue.
    Found,
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
