//! Whom a profile or a rule is for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    governance::{attributes::Role, facts::Caller},
    identifiers::{ClientId, Subject},
};

/// Whom a profile or a rule is for, written `everyone`, `group:backend`, `role:approver`, `person:alice` or
/// `service:client-id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SubjectSelector {
    /// Every person and service.
    Everyone,
    /// Whom the identity provider says to be in this group.
    Group(String),
    Role(Role),
    /// The person of this user name.
    Person(String),
    /// A client that acts for itself.
    Service(ClientId),
}

/// A text that selects nobody.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no subject: write everyone, group:NAME, role:administrator, role:approver, person:USERNAME or service:CLIENT_ID"
)]
pub struct NoSubject(String);

impl TryFrom<String> for SubjectSelector {
    type Error = NoSubject;

    fn try_from(text: String) -> Result<Self, NoSubject> {
        let (kind, name) = text.split_once(':').unwrap_or((text.as_str(), ""));
        Ok(match (kind, name) {
            ("everyone", "") if !text.contains(':') => Self::Everyone,
            ("role", _) => Self::Role(Role::parse(name).ok_or(NoSubject(text))?),
            (_, "") => return Err(NoSubject(text)),
            ("group", name) => Self::Group(name.to_owned()),
            ("person", name) => Self::Person(name.to_owned()),
            ("service", name) => Self::Service(ClientId::new(name)),
            _ => return Err(NoSubject(text)),
        })
    }
}

impl From<SubjectSelector> for String {
    fn from(selector: SubjectSelector) -> Self {
        selector.to_string()
    }
}

impl SubjectSelector {
    /// Whether it is known to be of that caller. A person is one by their id here.
    pub(super) fn selects(&self, caller: &Caller<'_>) -> bool {
        match (self, caller.subject) {
            (Self::Everyone, _) => true,
            (Self::Group(name), _) => caller.attributes.groups.names.contains(name),
            (Self::Role(role), _) => caller.attributes.roles.contains(role),
            (Self::Person(id), Subject::Person(user)) => user.as_str() == id,
            (Self::Service(client), Subject::Service(service)) => service == client,
            (Self::Person(_) | Self::Service(_), _) => false,
        }
    }
}

impl fmt::Display for SubjectSelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => formatter.write_str("everyone"),
            Self::Group(name) => write!(formatter, "group:{name}"),
            Self::Role(role) => write!(formatter, "role:{}", role.name()),
            Self::Person(name) => write!(formatter, "person:{name}"),
            Self::Service(client) => write!(formatter, "service:{client}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_written_in_one_way() {
        for text in ["everyone", "group:a:b", "role:approver", "person:alice", "service:pipeline"] {
            assert_eq!(SubjectSelector::try_from(text.to_owned()).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_selects_nobody_is_refused() {
        for text in ["", "alice", "group:", "everyone:", "role:owner", "team:a", "Everyone"] {
            assert!(SubjectSelector::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
