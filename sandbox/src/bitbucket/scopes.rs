//! Which scope each endpoint needs, and what one scope implies.

use axum::http::Method;

/// The scope that a request needs, or none.
pub(crate) fn required(method: &Method, path: &str) -> Option<&'static str> {
    let segments: Vec<&str> =
        path.trim_start_matches("/2.0/").split('/').filter(|segment| !segment.is_empty()).collect();
    match (method.as_str(), segments.as_slice()) {
        (_, ["user", ..]) => Some("account"),
        // Comments and tasks need no `pullrequest:write`.
        ("GET" | "HEAD", ["repositories", _, _, "pullrequests", ..])
        | (_, ["repositories", _, _, "pullrequests", _, "comments" | "tasks", ..]) => Some("pullrequest"),
        (_, ["repositories", _, _, "pullrequests", ..]) => Some("pullrequest:write"),
        (_, ["repositories", _, _, "pipelines_config", "variables", ..]) if method != Method::GET => {
            Some("pipeline:variable")
        }
        ("GET" | "HEAD", ["repositories", _, _, "pipelines" | "pipelines_config", ..]) => Some("pipeline"),
        ("POST", ["repositories", _, _, "pipelines"]) => Some("pipeline"),
        (_, ["repositories", _, _, "pipelines", ..]) => Some("pipeline:write"),
        ("GET" | "HEAD", ["repositories", ..] | ["workspaces", _, "search", "code"]) => Some("repository"),
        (_, ["repositories", ..]) => Some("repository:write"),
        _ => None,
    }
}

/// Whether the granted scopes cover the needed one.
pub(crate) fn cover(granted: &[String], needed: &str) -> bool {
    granted.iter().any(|scope| scope == needed || implied(scope).contains(&needed))
}

fn implied(scope: &str) -> &'static [&'static str] {
    match scope {
        "pullrequest" | "repository:write" | "project" => &["repository"],
        "pullrequest:write" => &["pullrequest", "repository:write", "repository"],
        "pipeline:write" | "pipeline:variable" => &["pipeline"],
        "account:write" => &["account", "email"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commenting_needs_less_than_approving() {
        let r = "/2.0/repositories/acme/backend/pullrequests/1";
        let comment = required(&Method::POST, &format!("{r}/comments"));
        let approve = required(&Method::POST, &format!("{r}/approve"));
        assert_eq!(comment, Some("pullrequest"));
        assert_eq!(approve, Some("pullrequest:write"));
    }

    #[test]
    fn repository_alone_does_not_read_pull_requests() {
        assert!(!cover(&["repository".to_owned()], "pullrequest"));
        assert!(cover(&["pullrequest".to_owned()], "repository"));
    }
}
