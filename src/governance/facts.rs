//! The facts of one call or one entry of a list: all that the decision on it may look at.

use serde::Serialize;

use crate::{
    catalog::{
        arguments::Arguments,
        operation::{Class, Operation, Sensitivity},
        schema,
    },
    identifiers::{ClientId, Subject},
    providers::{AccountKind, Provider},
    settings::Settings,
};

/// What a decision is taken on. Plain data, so that a refusal can be explained by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts<'a> {
    pub caller: Caller<'a>,
    pub tool: Tool,
    /// What the arguments name; `None` where the tool is only listed.
    pub resource: Option<Resource>,
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Caller<'a> {
    pub subject: &'a Subject,
    pub client: &'a ClientId,
    /// Whether the scopes of the access token are enough for a tool of this class.
    pub scope_suffices: bool,
}

/// What is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tool {
    pub name: &'static str,
    /// The digest of the definition that would run.
    pub definition_digest: String,
    pub class: Class,
    pub sensitivity: Sensitivity,
    /// The provider at which the tool works in an account of the caller's own, where they have one.
    pub account: Option<&'static Provider>,
    /// It works in no other, so that a service cannot call it.
    pub needs_person: bool,
}

/// What a call is about, as its arguments name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resource {
    pub provider: Option<&'static Provider>,
    pub workspace: Option<String>,
    pub repository: Option<String>,
    /// The whole of it, as the audit shows it: `acme/backend#7`.
    pub target: String,
}

impl<'a> Facts<'a> {
    /// The facts of a call with these arguments.
    pub fn of_call(settings: &Settings, caller: Caller<'a>, operation: &Operation, arguments: &Arguments) -> Self {
        let argument = |name| arguments.text(name).map(|text| text.into_owned());
        let resource = Resource {
            provider: operation.provider(),
            workspace: argument("workspace"),
            repository: argument("repository"),
            target: arguments.target().to_owned(),
        };
        Self { caller, tool: Tool::of(settings, operation), resource: Some(resource) }
    }

    /// The facts of an entry of a list, which names no resource yet.
    pub fn of_entry(settings: &Settings, caller: Caller<'a>, operation: &Operation) -> Self {
        Self { caller, tool: Tool::of(settings, operation), resource: None }
    }
}

impl Tool {
    pub fn of(settings: &Settings, operation: &Operation) -> Self {
        let accounts = operation.provider().map(|provider| settings.accounts(provider));
        Self {
            name: operation.name,
            definition_digest: schema::digest(operation),
            class: operation.class,
            sensitivity: operation.sensitivity,
            account: operation.provider().filter(|_| accounts != Some(AccountKind::Organisation)),
            needs_person: accounts.is_some_and(|accounts| accounts.needs_own(operation.writes())),
        }
    }
}
