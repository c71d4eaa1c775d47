//! Identifiers that cannot be mixed up.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::platform::database::Value;

macro_rules! identifiers {
    ($($(#[$documentation:meta])* $name:ident;)*) => {$(
        $(#[$documentation])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl From<&$name> for Value {
            fn from(identifier: &$name) -> Self {
                Self::Text(identifier.0.clone())
            }
        }
    )*};
}

identifiers! {
    /// A person, as `users.id`: made of who they are at the identity provider, of `[A-Za-z0-9_-]`.
    UserId;
    /// An OAuth client, as `clients.id` and OAuth's `client_id`.
    ClientId;
    /// One consent of one user to one client in one browser, as `grants.id`.
    GrantId;
    /// One request to Postern: in the log, in audit rows and in every error a person sees.
    RequestId;
}

/// Whom a token acts for: whose Session object, rate limit, audit rows and cursors they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Subject {
    /// Somebody who may be asked, and may have accounts of their own upstream.
    Person(UserId),
    /// A client that acts for itself (RFC 6749 §4.4): there is nobody to ask.
    Service(ClientId),
}

/// No identifier of a person holds a colon, so that no client can choose to be one (RFC 9700 §4.15).
const SERVICE: &str = "service:";

impl Subject {
    pub const fn person(&self) -> Option<&UserId> {
        match self {
            Self::Person(user) => Some(user),
            Self::Service(_) => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(user) => formatter.write_str(user.as_str()),
            Self::Service(client) => write!(formatter, "{SERVICE}{client}"),
        }
    }
}

impl From<String> for Subject {
    fn from(name: String) -> Self {
        match name.strip_prefix(SERVICE) {
            Some(client) => Self::Service(ClientId::new(client)),
            None => Self::Person(UserId::new(name)),
        }
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.to_string()
    }
}

impl From<&Subject> for Value {
    fn from(subject: &Subject) -> Self {
        Self::Text(subject.to_string())
    }
}

impl From<&UserId> for Subject {
    fn from(user: &UserId) -> Self {
        Self::Person(user.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_subject_says_whether_there_is_a_person() {
        for subject in [Subject::Person(UserId::new("x")), Subject::Service(ClientId::new("x"))] {
            assert_eq!(Subject::from(subject.to_string()), subject);
        }
        assert_eq!(Subject::Service(ClientId::new("x")).to_string(), "service:x");
    }
}
