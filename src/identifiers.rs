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
    /// A person, as `users.id`: made at the first sign-in, never reused.
    UserId;
    /// An OAuth client, as `clients.id` and OAuth's `client_id`.
    ClientId;
    /// One consent of one user to one client in one browser, as `grants.id`.
    GrantId;
    /// One request to Postern: in the log, in audit rows and in every error a person sees.
    RequestId;
}
