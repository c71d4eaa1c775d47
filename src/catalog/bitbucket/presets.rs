//! Kinds of calls at Bitbucket that people have one word for.

use crate::catalog::operation::Preset;

pub const ALL: &[Preset] = &[
    Preset::of(
        "commenting",
        "Commenting on pull requests",
        &[
            "bitbucket_add_pull_request_comment",
            "bitbucket_stage_pull_request_comment",
            "bitbucket_update_pull_request_comment",
            "bitbucket_resolve_pull_request_comment",
            "bitbucket_reopen_pull_request_comment",
        ],
    ),
    Preset::of("merging", "Merging pull requests", &["bitbucket_merge_pull_request"]),
    Preset::of(
        "pipelines",
        "Running pipelines, and reading or changing their variables",
        &[
            "bitbucket_run_pipeline",
            "bitbucket_rerun_pipeline",
            "bitbucket_list_pipeline_variables",
            "bitbucket_get_pipeline_variable",
            "bitbucket_create_pipeline_variable",
            "bitbucket_update_pipeline_variable",
            "bitbucket_delete_pipeline_variable",
            "bitbucket_list_deployment_variables",
            "bitbucket_create_deployment_variable",
            "bitbucket_update_deployment_variable",
            "bitbucket_delete_deployment_variable",
            "bitbucket_list_workspace_variables",
            "bitbucket_get_workspace_variable",
            "bitbucket_create_workspace_variable",
            "bitbucket_update_workspace_variable",
            "bitbucket_delete_workspace_variable",
        ],
    ),
];
