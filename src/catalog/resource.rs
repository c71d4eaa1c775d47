//! What can be read by a URI, as data: each form names the operation that reads it, so that scopes, policy, rate
//! limit, connection and audit of a read are those of the tool.

use serde_json::{Map, Value, json};

use super::{
    arguments::{self, SITE},
    bitbucket, confluence,
    operation::{Operation, Parameter},
    uri_template,
};
use crate::providers::{Provider, Site};

/// A form of URIs.
///
/// The scheme names the provider, not the address where it happens to be: a URI in somebody's notes outlives a move.
/// What identifies a thing are its own names in their own order, as in the addresses that people know. Variables are
/// named like the operation's parameters.
///
/// Where the provider has several sites, a URI may end in the one that it is of: `confluence://pages/98305?site=eu`.
pub struct ResourceTemplate {
    /// RFC 6570, level 1; level 2 for the path of a file, whose slashes people want to see and type.
    pub uri: &'static str,
    /// Unique.
    pub name: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    pub operation: &'static Operation,
}

/// Every form, in the order of `resources/templates/list`.
pub static ALL: [&ResourceTemplate; 4] = [&FILE, &PULL_REQUEST, &PULL_REQUEST_DIFF, &PAGE];

static FILE: ResourceTemplate = ResourceTemplate {
    uri: "bitbucket://{workspace}/{repository}/src/{ref}/{+path}",
    name: "file",
    title: "Repository file",
    description: "A file or directory of a Bitbucket repository, at a branch, tag or commit (`HEAD`: the main branch).",
    operation: &bitbucket::source::GET_FILE,
};

pub static PULL_REQUEST: ResourceTemplate = ResourceTemplate {
    uri: "bitbucket://{workspace}/{repository}/pull-requests/{pull_request}",
    name: "pull_request",
    title: "Pull request",
    description: "A Bitbucket pull request: its branches, state, reviewers and description.",
    operation: &bitbucket::pull_requests::GET,
};

static PULL_REQUEST_DIFF: ResourceTemplate = ResourceTemplate {
    uri: "bitbucket://{workspace}/{repository}/pull-requests/{pull_request}/diff",
    name: "pull_request_diff",
    title: "Changes of a pull request",
    description: "What a Bitbucket pull request changes, as a unified diff.",
    operation: &bitbucket::pull_requests::GET_DIFF,
};

static PAGE: ResourceTemplate = ResourceTemplate {
    uri: "confluence://pages/{page}",
    name: "page",
    title: "Confluence page",
    description: "A Confluence page as Markdown, by the id in its address.",
    operation: &confluence::pages::GET,
};

/// All are read as tools answer: notes of ours in plain words, others' texts between fences.
pub const MIME_TYPE: &str = "text/markdown";

impl ResourceTemplate {
    /// The entry of `resources/templates/list` (MCP `ResourceTemplate`), where its provider has several sites or one.
    pub fn definition(&self, has_several: bool) -> Value {
        json!({
            "uriTemplate": format!("{}{}", self.uri, if has_several { SITE_VARIABLE } else { "" }),
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "mimeType": MIME_TYPE,
        })
    }

    /// The operation's parameter of that name, where it is a variable of this form.
    pub fn variable(&self, name: &str) -> Option<&'static Parameter> {
        let is_variable = uri_template::variables(self.uri).any(|variable| variable == name);
        self.operation.parameter(name).filter(|_| is_variable)
    }
}

/// How a form ends where its URIs may name a site (RFC 6570 §3.2.8), and how such a URI does.
const SITE_VARIABLE: &str = "{?site}";
const SITE_QUERY: &str = "?site=";

/// The form that is written so, with or without a site.
pub fn find(template: &str) -> Option<&'static ResourceTemplate> {
    let template = template.strip_suffix(SITE_VARIABLE).unwrap_or(template);
    ALL.into_iter().find(|known| known.uri == template)
}

/// As [`resolve`], of a URI that may name one of its provider's `sites`.
pub fn resolve_at<S: Iterator<Item = Site>>(
    uri: &str,
    sites: impl Fn(&'static Provider) -> S,
) -> Option<(&'static ResourceTemplate, Map<String, Value>)> {
    let Some((uri, word)) = uri.rsplit_once(SITE_QUERY) else { return resolve(uri) };
    let (template, mut given) = resolve(uri)?;
    let of_provider: Vec<Site> = sites(template.operation.provider()?).collect();
    let named = of_provider.iter().find(|site| site.word() == word)?;
    // Where there is no other one any more, what names it stays good.
    if of_provider.len() > 1 {
        given.insert(SITE.to_owned(), word.into());
    } else if named.is_main() {
        return None;
    }
    Some((template, given))
}

/// The form of that URI, and the arguments for its operation; `None` for any other URI, and for one that names
/// what the operation does not admit.
pub fn resolve(uri: &str) -> Option<(&'static ResourceTemplate, Map<String, Value>)> {
    ALL.into_iter().find_map(|template| {
        let values = uri_template::parse(template.uri, uri)?;
        let given: Map<_, _> = values.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let read = arguments::validate(template.operation, &given).ok()?;
        // A thing has one URI: the other spellings that a tool takes are none.
        let is_exact = |(name, value): (&String, &Value)| {
            value
                .as_str()
                .zip(read.text(name))
                .is_some_and(|(value, read)| value.strip_suffix('/').unwrap_or(value) == read)
        };
        given.iter().all(is_exact).then_some((template, given))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::operation::{Class, Kind, Presence};

    fn resolved(uri: &str) -> Option<(&'static str, Value)> {
        resolve(uri).map(|(template, given)| (template.name, Value::Object(given)))
    }

    #[test]
    fn every_form_is_found_by_its_uris() {
        let named = |uri| resolved(uri).unwrap();
        assert_eq!(
            named("bitbucket://acme/backend/src/feature%2Flogin/src/orders.rs"),
            (
                "file",
                json!({"workspace": "acme", "repository": "backend", "ref": "feature/login", "path": "src/orders.rs"})
            )
        );
        assert_eq!(
            named("bitbucket://acme/backend/pull-requests/7"),
            ("pull_request", json!({"workspace": "acme", "repository": "backend", "pull_request": "7"}))
        );
        assert_eq!(named("bitbucket://acme/backend/pull-requests/7/diff").0, "pull_request_diff");
        assert_eq!(named("confluence://pages/98305"), ("page", json!({"page": "98305"})));
    }

    fn resolved_at(sites: &[&str], uri: &str) -> Option<Value> {
        let sites: Vec<_> = sites.iter().map(|text| Site::parse(text).unwrap()).collect();
        let of = |provider: &'static Provider| sites.clone().into_iter().filter(move |site| site.provider == provider);
        resolve_at(uri, of).map(|(_, given)| given.into())
    }

    #[test]
    fn a_uri_may_name_one_of_several_sites() {
        let several = ["confluence", "confluence/eu", "bitbucket"];
        let at = |uri: &str| resolved_at(&several, uri);
        assert_eq!(at("confluence://pages/7?site=eu"), Some(json!({"page": "7", "site": "eu"})));
        assert_eq!(at("confluence://pages/7?site=main"), Some(json!({"page": "7", "site": "main"})));
        assert_eq!(at("confluence://pages/7"), Some(json!({"page": "7"})));
        for odd in
            ["?site=us", "?site=", "?site=EU", "?site=eu&x=1", "?x=1", "?site=eu?site=eu", "#?site=eu", "?site=%65u"]
        {
            assert_eq!(at(&format!("confluence://pages/7{odd}")), None, "{odd}");
        }
        assert_eq!(at("bitbucket://acme/backend/pull-requests/7?site=main"), None, "it has no other");
    }

    #[test]
    fn a_uri_that_names_the_only_site_left_is_of_that_site() {
        assert_eq!(resolved_at(&["confluence/eu"], "confluence://pages/7?site=eu"), Some(json!({"page": "7"})));
        assert_eq!(resolved_at(&["confluence"], "confluence://pages/7?site=main"), None, "a thing has one URI");
    }

    #[test]
    fn what_leads_out_of_a_repository_is_no_resource() {
        let uris = [
            "bitbucket://acme/backend/src/main/../secret",
            "bitbucket://acme/backend/src/main/%2e%2e/secret",
            "bitbucket://acme/backend/src/main/%2E%2E",
            "bitbucket://acme/backend/src/../main",
            "bitbucket://acme/..%2Fother/src/main/a",
            "bitbucket://acme/%2E%2E/src/main/a",
            "bitbucket://acme/backend/src/main/a%00b",
            "bitbucket://acme/backend/src/main/a%5Cb",
            "bitbucket://acme/backend/src/main//a",
            "bitbucket://acme/backend/src/main/./a",
            "bitbucket://acme/backend/src/main/.",
            "bitbucket://acme/backend/src/refs%2Fheads%2Fmain/a",
            "bitbucket://acme/acme%2Fbackend/src/main/a",
            "bitbucket://acme/backend/pull-requests/0",
            "bitbucket://acme/backend/pull-requests/7/../8",
            "confluence://pages/98305/../1",
            "confluence://pages/x",
            "https://bitbucket.org/acme/backend/pull-requests/7",
            "file:///etc/passwd",
        ];
        for uri in uris {
            assert_eq!(resolved(uri), None, "{uri}");
        }
    }

    #[test]
    fn forms_are_of_reads_with_all_that_they_require() {
        for template in ALL {
            let operation = template.operation;
            assert_eq!(operation.class, Class::Read, "{}", template.name);
            let variables: Vec<_> = uri_template::variables(template.uri).collect();
            assert!(variables.iter().all(|name| operation.parameter(name).is_some()), "{}", template.name);
            let required = operation.parameters.iter().filter(|parameter| parameter.presence == Presence::Required);
            assert!(required.clone().all(|parameter| variables.contains(&parameter.name)), "{}", template.name);
            for (index, name) in variables.iter().enumerate() {
                let is_path = operation.parameter(name).unwrap().kind == Kind::Path;
                assert_eq!(template.uri.ends_with("{+path}") && index + 1 == variables.len(), is_path, "{name}");
            }
        }
    }

    #[test]
    fn examples_make_a_uri_that_leads_back_to_them() {
        for template in ALL {
            let examples = arguments::examples(template.operation, true);
            let arguments = arguments::validate(template.operation, &examples).unwrap();
            let uri = uri_template::expand(template.uri, |name| arguments.text(name));
            let (found, given) = resolve(&uri).unwrap();
            assert_eq!(found.name, template.name);
            let again = arguments::validate(template.operation, &given).unwrap();
            assert!(
                uri_template::variables(template.uri).all(|name| again.text(name) == arguments.text(name)),
                "{uri}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_uri_makes_arguments_with_steps_in_the_tree(tail in "[a-z%2EeFf./]{1,24}") {
            if let Some((_, given)) = resolve(&format!("bitbucket://acme/backend/src/main/{tail}")) {
                let path = given["path"].as_str().unwrap();
                prop_assert!(path.split('/').all(|name| name != ".." && name != "."), "{}", path);
            }
        }
    }
}
