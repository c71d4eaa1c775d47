//! The addresses of the providers' own pages, which people paste where an argument is meant. Pure.

use serde_json::{Map, Value as Json};

use super::{
    operation::{Kind, Parameter},
    uri_template,
};
use crate::providers::{BITBUCKET, CONFLUENCE, Provider};

/// A form of addresses. Its variables are named like the parameters that they are.
struct Form {
    /// The host; `None` where every organisation has its own.
    host: Option<&'static str>,
    path: &'static str,
}

const fn bitbucket(path: &'static str) -> Form {
    Form { host: Some("bitbucket.org"), path }
}

const fn confluence(path: &'static str) -> Form {
    Form { host: None, path }
}

/// Every form, those before that say more. `rest` is what an address goes on with.
const ALL: &[Form] = &[
    bitbucket("/{workspace}/workspace/projects/{project}"),
    bitbucket("/{workspace}/workspace/projects/{project}/{+rest}"),
    bitbucket("/{workspace}/workspace/snippets/{snippet}"),
    bitbucket("/{workspace}/workspace/snippets/{snippet}/{+rest}"),
    bitbucket("/{workspace}/workspace/{+rest}"),
    bitbucket("/{workspace}/{repository}/pull-requests/{pull_request}"),
    bitbucket("/{workspace}/{repository}/pull-requests/{pull_request}/{+rest}"),
    bitbucket("/{workspace}/{repository}/src/{ref}/{+path}"),
    bitbucket("/{workspace}/{repository}/src/{ref}"),
    bitbucket("/{workspace}/{repository}/branch/{+branch}"),
    bitbucket("/{workspace}/{repository}/branches/compare/{+head_and_base}"),
    bitbucket("/{workspace}/{repository}/commits/branch/{+branch}"),
    bitbucket("/{workspace}/{repository}/commits/tag/{+tag}"),
    bitbucket("/{workspace}/{repository}/commits/{commit}"),
    bitbucket("/{workspace}/{repository}/downloads/{file}"),
    bitbucket("/{workspace}/{repository}/pipelines/results/{pipeline}"),
    bitbucket("/{workspace}/{repository}/pipelines/results/{pipeline}/steps/{step}"),
    bitbucket("/{workspace}/{repository}/pipelines/results/{pipeline}/steps/{step}/{+rest}"),
    bitbucket("/{workspace}/{repository}/pipelines/results/{pipeline}/{+rest}"),
    bitbucket("/{workspace}/{repository}/{+rest}"),
    bitbucket("/{workspace}/{repository}"),
    bitbucket("/{workspace}"),
    confluence("/wiki/spaces/{space}/pages/edit-v2/{page}"),
    confluence("/wiki/spaces/{space}/pages/{page}"),
    confluence("/wiki/spaces/{space}/pages/{page}/{+rest}"),
    confluence("/wiki/spaces/{space}/blog/{year}/{month}/{day}/{blog_post}"),
    confluence("/wiki/spaces/{space}/blog/{year}/{month}/{day}/{blog_post}/{+rest}"),
    confluence("/wiki/spaces/{space}/blog/{blog_post}"),
    confluence("/wiki/spaces/{space}/blog/{blog_post}/{+rest}"),
    confluence("/wiki/spaces/{space}/folder/{folder}"),
    confluence("/wiki/spaces/{space}/folder/{folder}/{+rest}"),
    confluence("/wiki/spaces/{space}/whiteboard/{whiteboard}"),
    confluence("/wiki/spaces/{space}/whiteboard/{whiteboard}/{+rest}"),
    confluence("/wiki/spaces/{space}/database/{database}"),
    confluence("/wiki/spaces/{space}/database/{database}/{+rest}"),
    confluence("/wiki/spaces/{space}/embed/{embed}"),
    confluence("/wiki/spaces/{space}/embed/{embed}/{+rest}"),
    confluence("/wiki/spaces/{space}/{+rest}"),
    confluence("/wiki/spaces/{space}"),
];

/// The parts of an address; none where it is of no form that is known.
pub(super) fn parts(text: &str) -> Vec<(&'static str, String)> {
    let Some(address) = url::Url::parse(text).ok().filter(|address| matches!(address.scheme(), "http" | "https"))
    else {
        return Vec::new();
    };
    let path = address.path().trim_end_matches('/');
    let of_host = |form: &&Form| form.host.is_none_or(|host| address.host_str() == Some(host));
    let found = ALL.iter().filter(of_host).find_map(|form| uri_template::parse(form.path, path));
    let after = |prefix| address.fragment().and_then(|fragment| fragment.strip_prefix(prefix)).map(str::to_owned);
    let comment = after("comment-").map(|comment| ("comment", comment));
    // Whoever links to a single line wants to read what is around it.
    let lines = after("lines-").filter(|lines| lines.contains(':')).map(|lines| ("lines", lines));
    found
        .unwrap_or_default()
        .into_iter()
        .flat_map(|(name, value)| named(name, value))
        .chain(comment)
        .chain(lines)
        .collect()
}

/// A part of an address under each name that an operation may have for it.
fn named(name: &'static str, value: String) -> Vec<(&'static str, String)> {
    match name {
        "branch" | "tag" | "commit" => vec![("ref", value.clone()), (name, value)],
        "pipeline" => vec![("build", value.clone()), (name, value)],
        "head_and_base" => match value.split_once('\r') {
            Some((head, base)) => vec![("head", head.to_owned()), ("base", base.to_owned())],
            None => Vec::new(),
        },
        _ => vec![(name, value)],
    }
}

/// Where people open something.
#[derive(Debug, PartialEq, Eq)]
pub struct WebPage {
    pub provider: &'static Provider,
    /// The provider's host; `None` where each site has its own.
    pub host: Option<&'static str>,
    /// What goes on with that, or with the address of the site.
    pub path: String,
}

/// Where people open what targets name so: `acme/backend#7`, `page 98305`. Of what has other letters than addresses have it
/// is not told.
pub fn of_thing(name: &str) -> Option<WebPage> {
    let is_plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte))
    };
    if let Some((kind, id)) = name.rsplit_once(' ') {
        let path = match kind {
            "page" | "blog post" => format!("/pages/viewpage.action?pageId={id}"),
            "space" => format!("/spaces/{id}"),
            _ => return None,
        };
        return is_plain(id).then_some(WebPage { provider: &CONFLUENCE, host: None, path });
    }
    let (repository, pull_request) = name.split_once('#').map_or((name, None), |(name, number)| (name, Some(number)));
    let path = match (repository.split('/').collect::<Vec<_>>().as_slice(), pull_request) {
        ([_, _], None) => format!("/{repository}"),
        ([_, _], Some(number)) if is_plain(number) => format!("/{repository}/pull-requests/{number}"),
        ([workspace, repository, "pipelines", number], None) => {
            format!("/{workspace}/{repository}/pipelines/results/{number}")
        }
        _ => return None,
    };
    let is_plain = path.split('/').skip(1).all(is_plain);
    is_plain.then_some(WebPage { provider: &BITBUCKET, host: Some("bitbucket.org"), path })
}

/// An address that was sent in place of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pasted {
    pub parameter: &'static str,
    /// Where it leads: a host, with its port where that is not the scheme's.
    pub host: String,
}

/// The host of an address, with its port where that is not the scheme's.
pub fn host(address: &url::Url) -> Option<String> {
    let host = address.host_str()?;
    Some(address.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// The addresses that stand in place of arguments.
pub fn pasted(parameters: &'static [Parameter], given: &Map<String, Json>) -> Vec<Pasted> {
    let of_parameter = |parameter: &'static Parameter| {
        let text = given.get(parameter.name)?.as_str()?;
        let stands_for_it = parts(text).iter().any(|(name, _)| *name == parameter.name);
        let host = host(&url::Url::parse(text).ok().filter(|_| stands_for_it)?)?;
        Some(Pasted { parameter: parameter.name, host })
    };
    parameters.iter().filter(|parameter| takes_address(parameter.kind)).filter_map(of_parameter).collect()
}

/// Whether an address may stand in place of this parameter. Of texts it may be a part.
const fn takes_address(kind: Kind) -> bool {
    let is_text = matches!(
        kind,
        Kind::Line { .. }
            | Kind::Text { .. }
            | Kind::Contents { .. }
            | Kind::Markdown { .. }
            | Kind::Secret { .. }
            | Kind::Section
            | Kind::Verbatim
    );
    !is_text && !matches!(kind, Kind::Cursor | Kind::Object(_))
}

/// Two arguments of one call that say different things.
#[derive(Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The parameter in whose place an address was sent.
    pub address: &'static str,
    /// The one that the address contradicts.
    pub other: &'static str,
}

/// The arguments, with the parts of each address that was sent in place of one; `None` where none was.
///
/// # Errors
/// Where an address says something else than another argument.
pub fn expand(
    parameters: &'static [Parameter],
    given: &Map<String, Json>,
) -> Result<Option<Map<String, Json>>, Contradiction> {
    let mut expanded: Option<Map<String, Json>> = None;
    for parameter in parameters.iter().filter(|parameter| takes_address(parameter.kind)) {
        let Some(Json::String(text)) = given.get(parameter.name) else { continue };
        let parts = parts(text);
        if !parts.iter().any(|(name, _)| *name == parameter.name) {
            continue;
        }
        let known = |name: &str| parameters.iter().find(|parameter| parameter.name == name);
        for (part, value) in parts.into_iter().filter_map(|(name, value)| Some((known(name)?, value))) {
            let all = expanded.get_or_insert_with(|| given.clone());
            let says_otherwise = |before: &&Json| match before {
                Json::Null => false,
                // The same address may have been sent in several places.
                Json::String(before) => !before.eq_ignore_ascii_case(&value) && before != text,
                other => other.to_string() != value,
            };
            let before = all.get(part.name).filter(|_| part.name != parameter.name);
            if before.filter(says_otherwise).is_some() {
                return Err(Contradiction { address: parameter.name, other: part.name });
            }
            all.insert(part.name.to_owned(), value.into());
        }
    }
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::{
        arguments::{ArgumentProblem, Arguments, validate},
        find,
    };

    fn read(tool: &str, given: Json) -> Result<Arguments, ArgumentProblem> {
        validate(find(tool).unwrap(), given.as_object().unwrap())
    }

    #[test]
    fn what_targets_name_is_opened_at_the_address_of_its_page() {
        for (name, path) in [
            ("acme/backend#7", "/acme/backend/pull-requests/7"),
            ("acme/backend", "/acme/backend"),
            ("acme/backend/pipelines/5", "/acme/backend/pipelines/results/5"),
            ("page 98305", "/pages/viewpage.action?pageId=98305"),
            ("space ENG", "/spaces/ENG"),
        ] {
            assert_eq!(of_thing(name).map(|page| page.path).as_deref(), Some(path), "{name}");
        }
        for name in ["acme", "acme/back\"end", "acme/..#", "comment 5", "page 1&x=2", "acme/backend/a/b", "//#1"] {
            assert_eq!(of_thing(name), None, "{name}");
        }
    }

    #[test]
    fn an_address_stands_for_all_that_it_names() {
        let target = |tool, given| read(tool, given).unwrap().target().to_owned();
        let address = "https://bitbucket.org/acme/backend/pull-requests/7/diff#comment-12";
        assert_eq!(target("bitbucket_get_pull_request", json!({"pull_request": address})), "acme/backend#7");
        assert_eq!(target("bitbucket_get_pull_request", json!({"workspace": address})), "acme/backend#7");
        let agreeing = json!({"workspace": "ACME", "repository": "backend", "pull_request": address});
        assert_eq!(target("bitbucket_get_pull_request", agreeing), "acme/backend#7");
        let file = json!({"path": "https://bitbucket.org/acme/backend/src/main/src/orders.rs?at=main#lines-3"});
        assert_eq!(target("bitbucket_get_file", file), "acme/backend/src/orders.rs@main");
        let branch = json!({"path": "/", "ref": "https://bitbucket.org/acme/backend/branch/feature/login"});
        assert_eq!(target("bitbucket_get_file", branch), "acme/backend/@feature/login");
        assert_eq!(
            target("bitbucket_get_repository", json!({"repository": "https://bitbucket.org/acme/backend/"})),
            "acme/backend"
        );
        let compared = "https://bitbucket.org/acme/backend/branches/compare/feature/login%0Dmain#diff";
        assert_eq!(target("bitbucket_compare", json!({ "repository": compared })), "acme/backend main..feature/login");
        let branch = json!({"branch": "https://bitbucket.org/acme/backend/branch/feature/login"});
        assert_eq!(target("bitbucket_get_branch", branch), "acme/backend@feature/login");
        let commit = json!({"commit": "https://bitbucket.org/acme/backend/commits/1a2b3c4d5e6f"});
        assert_eq!(target("bitbucket_get_commit", commit), "acme/backend@1a2b3c4d5e6f");
        let tag = json!({"ref": "https://bitbucket.org/acme/backend/commits/tag/v1.2"});
        assert_eq!(target("bitbucket_list_commits", tag), "acme/backend@v1.2");
        let project = json!({"project": "https://bitbucket.org/acme/workspace/projects/ENG"});
        assert_eq!(target("bitbucket_get_project", project), "acme/ENG");
        let page = json!({"page": "https://wiki.acme.example/wiki/spaces/ENG/pages/98305/Deploy"});
        assert_eq!(target("confluence_get_page", page), "page 98305");
    }

    #[test]
    fn an_address_of_lines_stands_for_those_lines_and_one_of_a_single_line_for_the_file() {
        let lines = |fragment: &str| {
            let address = format!("https://bitbucket.org/acme/backend/src/main/src/orders.rs#lines-{fragment}");
            let read = read("bitbucket_get_file", json!({ "path": address })).unwrap();
            read.text("lines").map(std::borrow::Cow::into_owned)
        };
        assert_eq!(lines("120:180"), Some("120-180".to_owned()));
        assert_eq!(lines("3"), None);
    }

    #[test]
    fn an_address_that_contradicts_another_argument_is_refused() {
        let given = json!({"workspace": "other", "pull_request": "https://bitbucket.org/acme/backend/pull-requests/7"});
        assert_eq!(
            read("bitbucket_get_pull_request", given).unwrap_err().to_string(),
            "The address in `pull_request` is of another `workspace` than the call names: send one of them."
        );
    }

    #[test]
    fn the_host_of_an_address_that_stands_for_an_argument_is_told() {
        let hosts = |tool: &str, given: Json| {
            let pasted = pasted(find(tool).unwrap().parameters, given.as_object().unwrap());
            pasted.into_iter().map(|pasted| format!("{} {}", pasted.parameter, pasted.host)).collect::<Vec<_>>()
        };
        let page = |address: &str| hosts("confluence_get_page", json!({ "page": address }));
        assert_eq!(page("https://acme.atlassian.net/wiki/spaces/ENG/pages/7"), ["page acme.atlassian.net"]);
        assert_eq!(page("https://u:p@ACME.atlassian.net:443/wiki/spaces/ENG/pages/7/x"), ["page acme.atlassian.net"]);
        assert_eq!(page("http://127.0.0.1:8790/wiki/spaces/ENG/pages/7"), ["page 127.0.0.1:8790"]);
        assert!(page("98305").is_empty() && page("https://acme.atlassian.net/other").is_empty());
        let query = json!({ "query": "https://evil.example/wiki/spaces/ENG/pages/7" });
        assert!(hosts("confluence_search", query).is_empty(), "a text is what it is");
    }

    #[test]
    fn an_address_elsewhere_and_one_within_a_text_are_what_they_are() {
        let elsewhere = json!({"workspace": "https://evil.example/acme/backend", "repository": "backend"});
        assert!(read("bitbucket_get_repository", elsewhere).is_err());
        let text = "https://bitbucket.org/other/backend/pull-requests/8";
        let comment = json!({"workspace": "acme", "repository": "backend", "pull_request": 7, "text": text});
        let read = read("bitbucket_add_pull_request_comment", comment).unwrap();
        assert_eq!((read.target(), read.text("text").as_deref()), ("acme/backend#7", Some(text)));
    }
}
