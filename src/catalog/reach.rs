//! The workspaces and spaces that an organisation limits Postern to, and what keeps a call within them. Pure.

use std::fmt;

use super::{
    arguments::Arguments,
    cql::{self, Spaces},
    operation::{Bounds, Call, Cql, Kind, Operation, Source},
};
use crate::providers::Site;

/// Which workspaces or spaces of each site may be reached: any, where none are named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    within: Vec<(Site, Vec<String>)>,
    /// What searches leave out: spaces that rules close to the caller.
    closed: Vec<String>,
    /// Conditions of CQL that searches have besides.
    conditions: Vec<String>,
    /// The caller's access profiles limit it further.
    by_profiles: bool,
}

/// A name that nothing has: no workspace and no space is named by an underscore.
const NOWHERE: &str = "_";

/// A call that would leave what may be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfReach {
    site: Site,
    outside: Outside,
    within: Vec<String>,
    by_profiles: bool,
}

/// What lies outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outside {
    /// The workspace or space that the caller named.
    Named(String),
    /// What the caller named lies in one that they need not know.
    Hidden,
    /// What cannot be told to lie in any: it is about the whole site.
    Site,
    /// What the caller named lies in one that a rule closes to them.
    Closed,
}

/// Why a call is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    OutOfReach(#[from] OutOfReach),
    #[error("Not run: {0}")]
    Unclear(#[from] cql::Unclear),
}

impl std::error::Error for OutOfReach {}

impl fmt::Display for OutOfReach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = &self.site.provider.limit;
        let one = limit.one;
        match &self.outside {
            Outside::Named(named) => {
                write!(formatter, "Not run: Postern is not set up for the {one} `{named}` here.")?;
            }
            Outside::Hidden => write!(formatter, "Refused: this is in a {one} that Postern is not set up for here.")?,
            Outside::Closed => {
                return write!(
                    formatter,
                    "Refused: this is in a {one} that a rule of your organisation closes. Next: use another one, or ask an \
                     administrator of Postern; repeating the call does not help."
                );
            }
            Outside::Site => {
                write!(formatter, "Not run: this is about the whole site, of which Postern reaches a part.")?;
            }
        }
        if self.by_profiles {
            return write!(
                formatter,
                " Your access profiles reach these {}: {}. Next: use one of them, or ask an administrator of Postern for a \
                 profile with another; repeating the call does not help.",
                limit.many,
                self.within.join(", ")
            );
        }
        write!(
            formatter,
            " It reaches these {}: {}. Next: use one of them, or ask an administrator of Postern to add another ({}); \
             repeating the call does not help.",
            limit.many,
            self.within.join(", "),
            self.site.with_settings(limit.setting)
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

    /// What may be reached at each site.
    pub const fn new(within: Vec<(Site, Vec<String>)>) -> Self {
        Self { within, closed: Vec::new(), conditions: Vec::new(), by_profiles: false }
    }

    /// The same, at that site within these names alone: those that the caller's access profiles name. Where no name is left,
    /// none may be reached.
    #[must_use]
    pub fn narrowed(&self, site: Site, names: &[String]) -> Self {
        let mut left: Vec<String> = names.iter().filter(|name| self.permits(site, name)).cloned().collect();
        if left.is_empty() {
            left.push(NOWHERE.to_owned());
        }
        let others = self.within.iter().filter(|(other, _)| *other != site).cloned();
        Self { within: others.chain([(site, left)]).collect(), by_profiles: true, ..self.clone() }
    }

    /// The same, of which a search leaves out these spaces, and all of which these conditions of CQL do not hold.
    #[must_use]
    pub fn closing(self, spaces: Vec<String>, conditions: Vec<String>) -> Self {
        Self { closed: spaces, conditions, ..self }
    }

    fn within(&self, site: Site) -> &[String] {
        self.within.iter().find(|(limited, _)| *limited == site).map_or(&[], |(_, names)| names)
    }

    /// What every call is limited to, a sentence for each limit, for whoever decides on a client.
    pub fn sentences(&self) -> Vec<String> {
        let limits = self.within.iter().filter(|(_, names)| !names.is_empty());
        let sentence = |(site, names): &(Site, Vec<String>)| {
            let (name, many) = (site.title(), site.provider.limit.many);
            format!("Your organisation lets it reach only these {name} {many}: {}.", names.join(", "))
        };
        limits.map(sentence).collect()
    }

    /// Whether some of what the site has may not be reached.
    pub fn is_limited(&self, site: Site) -> bool {
        !self.within(site).is_empty()
    }

    /// Whether this workspace or space may be reached, by any of its names.
    pub fn permits(&self, site: Site, name: &str) -> bool {
        let within = self.within(site);
        within.is_empty() || within.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Decides on a call by its arguments, before anything is sent, and limits a search. What its answer may show is
    /// decided by [`Self::permits`] once it is there.
    ///
    /// # Errors
    /// Where an argument names a workspace or space that may not be reached, a search cannot be limited for certain, or the
    /// call is about the whole of a site that is limited.
    pub fn admit(&self, operation: &Operation, arguments: Arguments) -> Result<Arguments, Refusal> {
        let (Some(call), Some(site)) = (&operation.call, arguments.site()) else { return Ok(arguments) };
        let names_one = |kind: Kind| matches!(kind, Kind::Workspace | Kind::Space);
        let of_limited = operation.parameters.iter().filter(|parameter| names_one(parameter.kind));
        for named in of_limited.filter_map(|parameter| arguments.text(parameter.name)) {
            if !self.permits(site, &named) {
                return Err(self.refusal(site, Outside::Named(named.into_owned())).into());
            }
        }
        match call.bounds {
            Bounds::Site if self.is_limited(site) => Err(self.refusal(site, Outside::Site).into()),
            Bounds::Search => {
                let spaces = Spaces {
                    within: self.within(site).to_vec(),
                    closed: self.closed.clone(),
                    conditions: self.conditions.clone(),
                };
                if let Some(search) = search_of(call) {
                    cql::compose(search, |name| arguments.text(name), &spaces)?;
                }
                Ok(arguments.limited_to(spaces))
            }
            _ => Ok(arguments),
        }
    }

    /// The refusal of something outside.
    pub fn refusal(&self, site: Site, outside: Outside) -> OutOfReach {
        OutOfReach { site, outside, within: self.within(site).to_vec(), by_profiles: self.by_profiles }
    }
}

/// The query in CQL that a call sends.
fn search_of(call: &Call) -> Option<&'static Cql> {
    call.query.iter().find_map(|named| match named.source {
        Source::Cql(search) => Some(search),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        catalog::{all, arguments, find},
        providers::{BITBUCKET, CONFLUENCE},
    };

    fn limited() -> Reach {
        let workspaces = vec!["acme".to_owned(), "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}".to_owned()];
        Reach::new(vec![(Site::main(&BITBUCKET), workspaces), (Site::main(&CONFLUENCE), vec!["ENG".to_owned()])])
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
        for operation in all() {
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
            "Not run: Postern is not set up for the workspace `attacker-ws` here. It reaches these workspaces: \
             acme, {0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}. Next: use one of them, or ask an administrator of Postern to \
             add another (BITBUCKET_WORKSPACES); repeating the call does not help."
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
        let (operation, arguments) = validated("confluence_search", json!({"query": "type = page"}));
        assert_eq!(limited().admit(operation, arguments).unwrap().spaces().within, ["ENG"]);
        let (operation, arguments) = validated("confluence_search", json!({"query": "type = page) or (space = HR"}));
        assert!(limited().admit(operation, arguments).is_err());
    }

    #[test]
    fn another_space_is_refused_wherever_it_is_named() {
        for operation in all() {
            let Some(space) = operation.parameters.iter().find(|parameter| parameter.kind == Kind::Space) else {
                continue;
            };
            let mut given = arguments::examples(operation, true);
            given.insert(space.name.to_owned(), "HR".into());
            let arguments = arguments::validate(operation, &given).unwrap();
            let refusal = limited().admit(operation, arguments).unwrap_err().to_string();
            assert!(refusal.contains("the Confluence space `HR`"), "{}: {refusal}", operation.name);
        }
    }

    #[test]
    fn what_is_about_the_whole_site_is_refused_where_some_spaces_may_be_reached() {
        for operation in all() {
            let Some(Call { bounds: Bounds::Site, .. }) = &operation.call else { continue };
            let arguments = arguments::validate(operation, &arguments::examples(operation, true)).unwrap();
            let refusal = limited().admit(operation, arguments.clone()).unwrap_err().to_string();
            assert!(refusal.contains("the whole site") && refusal.contains("ENG"), "{}: {refusal}", operation.name);
            assert!(Reach::default().admit(operation, arguments).is_ok());
        }
    }

    proptest! {
        #[test]
        fn what_is_admitted_names_no_other_workspace(workspace in "[a-zA-Z0-9._~-]{1,12}|acme.?|ACME") {
            for operation in all() {
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
