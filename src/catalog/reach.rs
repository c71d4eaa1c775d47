//! The workspaces and spaces that an organisation limits Postern to, and what keeps a call within them. Pure.

use std::fmt;

use super::{
    arguments::Arguments,
    cql,
    operation::{Bounds, Kind, Operation, Resource},
};

/// What may be limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Realm {
    Workspaces,
    Spaces,
}

impl Realm {
    /// The realm that things of this kind are in by themselves.
    pub const fn of(resource: Resource) -> Option<Self> {
        match resource {
            Resource::Workspace => Some(Self::Workspaces),
            Resource::Space => Some(Self::Spaces),
            // It is in the workspace that the call names.
            Resource::Repository => None,
        }
    }
}

/// Which workspaces and spaces may be reached; each list empty: any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    workspaces: Vec<String>,
    spaces: Vec<String>,
}

/// A call that would leave what may be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfReach {
    realm: Realm,
    /// The workspace that was named; `None` where that is not for the caller to know.
    named: Option<String>,
    within: Vec<String>,
}

/// Why a call is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    OutOfReach(#[from] OutOfReach),
    #[error("Nothing was sent: {0}")]
    Unclear(#[from] cql::Unclear),
}

impl std::error::Error for OutOfReach {}

impl fmt::Display for OutOfReach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, many, setting) = match self.realm {
            Realm::Workspaces => ("workspace", "workspaces", "BITBUCKET_WORKSPACES"),
            Realm::Spaces => ("Confluence space", "spaces", "CONFLUENCE_SPACES"),
        };
        match &self.named {
            Some(named) => write!(formatter, "Nothing was sent: Postern is not set up for the {one} `{named}` here.")?,
            None => write!(formatter, "Nothing is shown: this is in a {one} that Postern is not set up for here.")?,
        }
        write!(
            formatter,
            " It reaches these {many}: {}. Use one of them, or ask an administrator of Postern to add another \
             ({setting}); repeating the call does not help.",
            self.within.join(", ")
        )
    }
}

impl Reach {
    /// Names separated by spaces, as the settings hold them; `None` where one cannot be such a name.
    pub fn names(text: &str) -> Option<Vec<String>> {
        let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-{}".contains(&byte);
        let names = text.split_whitespace().map(|name| name.bytes().all(in_name).then(|| name.to_owned()));
        names.collect()
    }

    pub const fn new(workspaces: Vec<String>, spaces: Vec<String>) -> Self {
        Self { workspaces, spaces }
    }

    fn within(&self, realm: Realm) -> &[String] {
        match realm {
            Realm::Workspaces => &self.workspaces,
            Realm::Spaces => &self.spaces,
        }
    }

    /// What every call is limited to, a sentence for each limit, for whoever decides on a client.
    pub fn sentences(&self) -> Vec<String> {
        [(Realm::Workspaces, "Bitbucket workspaces"), (Realm::Spaces, "Confluence spaces")]
            .into_iter()
            .filter(|(realm, _)| self.is_limited(*realm))
            .map(|(realm, many)| {
                format!("Your organisation lets it reach only these {many}: {}.", self.within(realm).join(", "))
            })
            .collect()
    }

    pub fn is_limited(&self, realm: Realm) -> bool {
        !self.within(realm).is_empty()
    }

    /// Whether this one may be reached, by any of its names.
    pub fn permits(&self, realm: Realm, name: &str) -> bool {
        let within = self.within(realm);
        within.is_empty() || within.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Decides on a call by its arguments, before anything is sent, and limits a search. What its answer may show is
    /// decided by [`Self::permits`] once it is there.
    ///
    /// # Errors
    /// Where an argument names a workspace that may not be reached, or a search cannot be limited for certain.
    pub fn admit(&self, operation: &Operation, arguments: Arguments) -> Result<Arguments, Refusal> {
        let of_workspace = operation.parameters.iter().filter(|parameter| parameter.kind == Kind::Workspace);
        for named in of_workspace.filter_map(|parameter| arguments.text(parameter.name)) {
            if !self.permits(Realm::Workspaces, &named) {
                return Err(self.refusal(Realm::Workspaces, Some(named.into_owned())).into());
            }
        }
        match operation.call.as_ref().map(|call| &call.bounds) {
            Some(Bounds::Search(argument)) if self.is_limited(Realm::Spaces) => {
                let query = cql::within(&arguments.text(argument).unwrap_or_default(), &self.spaces)?;
                Ok(arguments.with(argument, query))
            }
            _ => Ok(arguments),
        }
    }

    /// The refusal of something outside, whose name the caller gave or does not need to know.
    pub fn refusal(&self, realm: Realm, named: Option<String>) -> OutOfReach {
        OutOfReach { realm, named, within: self.within(realm).to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::catalog::{ALL, arguments, find};

    fn limited() -> Reach {
        Reach::new(vec!["acme".to_owned(), "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}".to_owned()], vec!["ENG".to_owned()])
    }

    fn validated(tool: &str, given: serde_json::Value) -> (&'static Operation, Arguments) {
        let operation = find(tool).unwrap();
        (operation, arguments::validate(operation, given.as_object().unwrap()).unwrap())
    }

    #[test]
    fn each_limit_is_said_to_whoever_decides_on_a_client() {
        let [workspaces, spaces] = limited().sentences().try_into().unwrap();
        assert!(workspaces.contains("Bitbucket workspaces: acme, {0f1e"), "{workspaces}");
        assert!(spaces.contains("Confluence spaces: ENG."), "{spaces}");
        assert!(Reach::default().sentences().is_empty());
    }

    #[test]
    fn without_a_limit_everything_may_be_reached() {
        for operation in ALL {
            let given = arguments::examples(operation, true);
            let arguments = arguments::validate(operation, &given).unwrap();
            assert_eq!(Reach::default().admit(operation, arguments.clone()), Ok(arguments));
        }
    }

    #[test]
    fn another_workspace_is_refused_with_those_that_may_be_reached() {
        let (operation, arguments) = validated("bitbucket_list_repositories", json!({"workspace": "attacker-ws"}));
        assert_eq!(
            limited().admit(operation, arguments).unwrap_err().to_string(),
            "Nothing was sent: Postern is not set up for the workspace `attacker-ws` here. It reaches these workspaces: \
             acme, {0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}. Use one of them, or ask an administrator of Postern to add \
             another (BITBUCKET_WORKSPACES); repeating the call does not help."
        );
    }

    #[test]
    fn a_workspace_is_named_by_slug_in_any_case_or_by_uuid() {
        for workspace in ["acme", "ACME", "{0F1E2D3C-4b5a-6978-8796-a5b4c3d2e1f0}"] {
            let (operation, arguments) = validated("bitbucket_list_repositories", json!({"workspace": workspace}));
            assert!(limited().admit(operation, arguments).is_ok(), "{workspace}");
        }
    }

    #[test]
    fn a_search_is_sent_with_its_limit() {
        let (operation, arguments) = validated("confluence_search", json!({"cql": "type = page"}));
        let sent = limited().admit(operation, arguments).unwrap();
        assert_eq!(sent.text("cql").unwrap(), "(type = page) and space in (\"ENG\")");
        let (operation, arguments) = validated("confluence_search", json!({"cql": "type = page) or (space = HR"}));
        assert!(limited().admit(operation, arguments).is_err());
    }

    proptest! {
        #[test]
        fn what_is_admitted_names_no_other_workspace(workspace in "[a-zA-Z0-9._~-]{1,12}|acme.?|ACME") {
            for operation in ALL {
                let mut given = arguments::examples(operation, true);
                if given.contains_key("workspace") {
                    given.insert("workspace".to_owned(), workspace.as_str().into());
                }
                let Ok(arguments) = arguments::validate(operation, &given) else { continue };
                if let Ok(admitted) = limited().admit(operation, arguments) {
                    let named = admitted.text("workspace");
                    prop_assert!(named.is_none_or(|named| named.eq_ignore_ascii_case("acme")), "{}", operation.name);
                }
            }
        }
    }
}
