//! What the providers' documents do not say, or say wrongly, and how it is known. An entry that nothing needs any more must
//! leave its table.

/// A field whose path the schema of the answer does not know, or of which the documents show nothing.
pub struct Undescribed {
    /// As the fields have them, or the beginning of them; [`NO_BODY`], or [`EXAMPLE`].
    pub paths: &'static [&'static str],
    pub operations: &'static [&'static str],
    pub why: &'static str,
}

/// The document describes no body at all.
pub const NO_BODY: &str = "";
/// An example that the document shows is none of the answer.
pub const EXAMPLE: &str = "example";

impl Undescribed {
    /// Which of its paths this one is, or lies below.
    pub fn path(&self, path: &str) -> Option<&'static str> {
        let is_below = |one: &str| path.strip_prefix(one).is_some_and(|rest| !one.is_empty() && rest.starts_with('.'));
        self.paths.iter().copied().find(|one| *one == path || is_below(one))
    }
}

const fn undescribed(
    paths: &'static [&'static str],
    operations: &'static [&'static str],
    why: &'static str,
) -> Undescribed {
    Undescribed { paths, operations, why }
}

pub const UNDESCRIBED: &[Undescribed] = &[
    undescribed(
        &["slug"],
        &["bitbucket_list_repositories"],
        "every recorded repository has it; the schema names the slug in `full_name` alone",
    ),
    undescribed(
        &["description"],
        &["bitbucket_get_pull_request", "bitbucket_update_pull_request"],
        "every recorded pull request has it, with the text of `summary.raw`, which is sent twice otherwise",
    ),
    undescribed(
        &["size"],
        &["bitbucket_get_file", "bitbucket_list_files"],
        "an entry that is a file has it (`commit_file`); the schema of the list describes what all entries have",
    ),
    undescribed(
        &["path", "type", "mimetype", "attributes", "commit", "links"],
        &["bitbucket_get_file_details"],
        "the document shows it in its words, for `format=meta`; its schema is that of a directory's list",
    ),
    undescribed(
        &["permission"],
        &["bitbucket_get_own_workspace_permission"],
        "the words list its values: the highest role of the caller; the schema describes memberships without a role",
    ),
    undescribed(
        &["inline.outdated"],
        &["bitbucket_list_pull_request_comments", "bitbucket_get_pull_request_comment"],
        "the words of the activity log show it of a comment on a line; the schema has the place of the line alone",
    ),
    undescribed(
        &["merge_result"],
        &["bitbucket_merge_pull_request"],
        "what the merge task answers in the end, as its words say: the merged pull request, which the schema describes",
    ),
    undescribed(
        &[NO_BODY],
        &["bitbucket_merge_pull_request", "bitbucket_get_merge_status"],
        "the words of the merge task show its answers: its status, and the merged pull request or an error",
    ),
    undescribed(
        &[NO_BODY],
        &["bitbucket_list_pull_request_activity", "bitbucket_list_pull_requests_activity"],
        "the words show a list of comments, updates, approvals and requests for changes, each under its own name",
    ),
    undescribed(
        &[NO_BODY],
        &["bitbucket_list_downloads"],
        "the document says that it is a list with pages, and no more; the fields are those of every client that reads it",
    ),
    undescribed(
        &[NO_BODY],
        &["bitbucket_list_own_emails"],
        "the document says that it lists addresses, confirmed or not, and describes no answer",
    ),
    undescribed(
        &[NO_BODY],
        &["bitbucket_get_oidc_config", "bitbucket_list_oidc_keys"],
        "OpenID Connect Discovery and RFC 7517 say what is in them",
    ),
    undescribed(
        &[NO_BODY],
        &["bitbucket_get_test_report", "bitbucket_list_test_cases", "bitbucket_list_test_reasons"],
        "the document names the answers without a body; the fields are those of the clients that read them",
    ),
    undescribed(
        &["links"],
        &["bitbucket_get_merge_base"],
        "a commit is answered, whose own look-up shows its links; the schema has the base type of commits alone",
    ),
    undescribed(
        &["participants"],
        &["bitbucket_get_snippet_commit"],
        "a commit of a repository has them: the record is the same, and leaves out what is not there",
    ),
    undescribed(
        &["links.html.href"],
        &["bitbucket_get_snippet", "bitbucket_create_snippet", "bitbucket_update_snippet"],
        "the words show it in the JSON of a snippet; the schema does not have the links",
    ),
    undescribed(
        &["id", "user", "created_on", "parent", "deleted", "content"],
        &[
            "bitbucket_list_snippet_comments",
            "bitbucket_get_snippet_comment",
            "bitbucket_add_snippet_comment",
            "bitbucket_update_snippet_comment",
        ],
        "the document says that it works as comments on commits do; the schema has what these do not have alone",
    ),
    undescribed(
        &["id", "created_on", EXAMPLE],
        &["bitbucket_get_project_deploy_key"],
        "the example of one key is that of the list, in which every key has both",
    ),
    undescribed(
        &["target.source", "target.destination", "target.destination_commit", "target.pullrequest"],
        &["bitbucket_list_builds", "bitbucket_run_pipeline", "bitbucket_rerun_pipeline"],
        "the words of how a pipeline is run show the target of one for a pull request; the schema has the other targets",
    ),
    undescribed(
        &["trigger.name"],
        &["bitbucket_list_builds"],
        "clients read it; the schema says that each kind of trigger has members of its own, and describes none",
    ),
    undescribed(
        &["name", "state.stage", "duration_in_seconds", "build_seconds_used"],
        &["bitbucket_list_builds", "bitbucket_list_pipeline_steps", "bitbucket_get_pipeline_step"],
        "clients read them, of steps as of pipelines; the schema allows members that it does not name",
    ),
    undescribed(
        &["environment_type", "restrictions"],
        &["bitbucket_list_environments", "bitbucket_get_environment", "bitbucket_create_environment"],
        "what creates and changes an environment sends them; the schema allows members that it does not name",
    ),
    undescribed(
        &["subtype"],
        &["confluence_get_page", "confluence_get_draft", "confluence_get_page_version"],
        "pages in lists have it, and what creates a page sends it; the schema of a single page leaves it out",
    ),
    undescribed(
        &["space.key"],
        &[
            "confluence_get_template",
            "confluence_create_page_from_template",
            "confluence_update_template",
            "confluence_delete_template",
        ],
        "the space of a template is a space of v1, which the schema of `Space` describes; here it is an object of anything",
    ),
];

/// An operation whose answer is described at another one.
pub struct Elsewhere {
    pub operation: &'static str,
    /// What is read there, as the provider's document writes it.
    pub path: &'static str,
    pub why: &'static str,
}

pub const ELSEWHERE: &[Elsewhere] = &[
    Elsewhere {
        operation: "bitbucket_list_pull_request_files",
        path: "/2.0/repositories/{workspace}/{repo_slug}/diffstat/{spec}",
        why: "the answer redirects to it",
    },
    Elsewhere {
        operation: "bitbucket_list_pull_request_conflicts",
        path: "/2.0/repositories/{workspace}/{repo_slug}/file-conflicts/{spec}",
        why: "the answer redirects to it",
    },
    Elsewhere {
        operation: "bitbucket_list_pull_request_commits",
        path: "/2.0/repositories/{workspace}/{repo_slug}/commits",
        why: "the document says that it is a list of commits, with pages",
    },
    Elsewhere {
        operation: "bitbucket_add_commit_comment",
        path: "/2.0/repositories/{workspace}/{repo_slug}/commit/{commit}/comments/{comment_id}",
        why: "the document says that the new comment is answered",
    },
    Elsewhere {
        operation: "bitbucket_update_commit_comment",
        path: "/2.0/repositories/{workspace}/{repo_slug}/commit/{commit}/comments/{comment_id}",
        why: "the document says that the comment is answered as it is now",
    },
];

/// An operation whose class is not that of its method, or whose scopes are not those of the table.
pub struct Differs {
    pub operation: &'static str,
    pub why: &'static str,
}

pub const DIFFERENT_CLASS: &[Differs] = &[
    Differs {
        operation: "confluence_list_users",
        why: "the ids stand in the body of a POST, for an address cannot hold them all; nothing is written",
    },
    Differs {
        operation: "confluence_check_permission",
        why: "whose permission is asked for stands in the body of a POST; nothing is written",
    },
];

pub const DIFFERENT_SCOPES: &[Differs] = &[];
