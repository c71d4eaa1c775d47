//! Bitbucket Cloud: REST under `/2.0`, and the OAuth endpoints of `bitbucket.org` under `/site`.

pub(crate) mod access;
pub(crate) mod answers;
mod bbql;
mod body;
mod code_search;
mod comments;
mod diffs;
pub(crate) mod errors;
mod fields;
mod git;
mod git_writes;
mod import;
mod merges;
mod oauth;
mod page;
mod people;
mod pipeline_logs;
pub(crate) mod pipeline_runs;
pub(crate) mod pipeline_variables;
mod pipelines;
mod pull_request_seeds;
mod pull_request_writes;
pub(crate) mod pull_requests;
mod references;
mod repositories;
pub(crate) mod repository;
mod review;
mod scopes;
mod seed;
mod source;
mod tasks;

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::world::World;

/// Every endpoint there is.
pub(crate) fn routes() -> Router<Arc<World>> {
    let r = |rest: &str| format!("/2.0/repositories/{{workspace}}/{{repository}}{rest}");
    Router::new()
        .route("/site/oauth2/authorize", get(oauth::authorize::show).post(oauth::authorize::decide))
        .route("/site/oauth2/access_token", post(oauth::token::issue))
        .route("/site/oauth2/revoke", post(oauth::token::revoke))
        .route("/2.0/user", get(people::current_user))
        .route("/2.0/user/workspaces", get(people::workspaces))
        .route("/2.0/workspaces/{workspace}", get(people::workspace))
        .route("/2.0/workspaces/{workspace}/search/code", get(code_search::search))
        .route("/2.0/repositories", get(errors::gone))
        .route("/2.0/workspaces", get(errors::gone))
        .route("/2.0/user/permissions/workspaces", get(errors::gone))
        .route("/2.0/user/permissions/repositories", get(errors::gone))
        .route("/2.0/repositories/{workspace}", get(repositories::list))
        .route(&r(""), get(repositories::show))
        .route(&r("/pullrequests"), get(pull_requests::list).post(pull_request_writes::open))
        .route(&r("/pullrequests/{id}"), get(pull_requests::show).put(pull_request_writes::change))
        .route(&r("/pullrequests/{id}/diff"), get(pull_requests::to_diff))
        .route(&r("/pullrequests/{id}/diffstat"), get(pull_requests::to_diffstat))
        .route(&r("/pullrequests/{id}/comments"), get(comments::list).post(comments::add))
        .route(
            &r("/pullrequests/{id}/comments/{comment}"),
            get(comments::show).put(comments::change).delete(comments::delete),
        )
        .route(&r("/pullrequests/{id}/comments/{comment}/resolve"), post(comments::resolve).delete(comments::reopen))
        .route(&r("/pullrequests/{id}/tasks"), get(tasks::list).post(tasks::add))
        .route(&r("/pullrequests/{id}/tasks/{task}"), get(tasks::show).put(tasks::change).delete(tasks::delete))
        .route(&r("/pullrequests/{id}/approve"), post(review::approve).delete(review::unapprove))
        .route(&r("/pullrequests/{id}/request-changes"), post(review::request_changes).delete(review::withdraw))
        .route(&r("/pullrequests/{id}/merge"), post(merges::merge))
        .route(&r("/pullrequests/{id}/merge/task-status/{task}"), get(merges::merge_status))
        .route(&r("/pullrequests/{id}/decline"), post(review::decline))
        .route(&r("/pullrequests/{id}/statuses"), get(review::statuses))
        .route(&r("/pullrequests/{id}/mergeability/checks"), get(review::checks))
        .route(&r("/pullrequests/{id}/commits"), get(review::commits))
        .route(&r("/pullrequests/{id}/activity"), get(review::activity))
        .route(&r("/pipelines"), get(pipelines::list).post(pipelines::run))
        .route(&r("/pipelines/{pipeline}"), get(pipelines::show))
        .route(&r("/pipelines/{pipeline}/stopPipeline"), post(pipelines::stop))
        .route(&r("/pipelines/{pipeline}/steps"), get(pipelines::steps))
        .route(&r("/pipelines/{pipeline}/steps/{step}"), get(pipelines::step))
        .route(&r("/pipelines/{pipeline}/steps/{step}/log"), get(pipelines::log))
        .route(&r("/pipelines_config/variables"), get(pipeline_variables::list).post(pipeline_variables::create))
        .route(&r("/pipelines_config/variables/{variable}"), delete(pipeline_variables::delete))
        .route(&r("/diff/{*spec}"), get(diffs::diff))
        .route(&r("/diffstat/{*spec}"), get(diffs::diffstat))
        .route(&r("/src"), get(source::main_branch).post(git_writes::commit))
        .route(&r("/src/{commit}"), get(source::root))
        .route(&r("/src/{commit}/"), get(source::root))
        .route(&r("/src/{commit}/{*path}"), get(source::path))
        .route(&r("/refs/branches"), get(references::branches).post(git_writes::create_branch))
        .route(&r("/refs/branches/{*name}"), get(references::branch).delete(git_writes::delete_branch))
        .route(&r("/refs/tags"), get(references::tags).post(git_writes::create_tag))
        .route(&r("/refs/tags/{*name}"), get(references::tag).delete(git_writes::delete_tag))
        .route(&r("/commits"), get(references::commits))
        .route(&r("/commits/{*revision}"), get(references::commits_of))
        .route(&r("/commit/{commit}"), get(references::commit))
}
