//! The access policy by API: the document, its revisions, a dry run, and the next revision.

use serde_json::{Map, Value, json};

use super::access::{administrator, refusal, shown};
use crate::{
    console::admin::policy::{dry_run, existence},
    context::Context,
    governance::{
        access_policy::AccessPolicy,
        policy_revision::Revision,
        policy_revisions::{self, Change, Kept},
    },
    identity::administration_token::Access,
    platform::{
        Fault,
        http::{Body, Request, Response},
    },
    route, untrusted,
};

/// The longest summary that is kept.
const LONGEST_SUMMARY: usize = 300;

/// `GET /api/v1/policy`: the revision in force.
pub(super) async fn show(context: &Context, request: &Request) -> Result<Response, Fault> {
    administrator(context, request, Access::Read, async |_| Ok(whole(&policy_revisions::latest(context).await?))).await
}

/// `GET /api/v1/policy/revisions`: the latest of them, without their documents.
pub(super) async fn revisions(context: &Context, request: &Request) -> Result<Response, Fault> {
    administrator(context, request, Access::Read, async |_| {
        let revisions: Vec<_> = policy_revisions::list(context).await?.iter().map(heading).collect();
        Ok(shown(&json!({ "revisions": revisions })))
    })
    .await
}

/// `GET /api/v1/policy/revisions/{number}`.
pub(super) async fn revision(context: &Context, request: &Request) -> Result<Response, Fault> {
    administrator(context, request, Access::Read, async |_| {
        let number = route::segment(request, 5).parse::<i64>().ok();
        let found = match number {
            Some(number) => policy_revisions::at(context, number).await?,
            None => None,
        };
        Ok(found.map_or_else(
            || refusal(context, 404, "not_found", "there is no such revision: see /api/v1/policy/revisions"),
            |revision| whole(&revision),
        ))
    })
    .await
}

/// `POST /api/v1/policy/dry-run`: what the document that is sent would have done with the calls of the last days. It
/// changes nothing.
pub(super) async fn try_out(context: &Context, request: &Request) -> Result<Response, Fault> {
    administrator(context, request, Access::Read, async |_| {
        let policy = match document(request) {
            Ok(policy) => policy,
            Err(problem) => return Ok(invalid(context, &[problem])),
        };
        Ok(match policy_revisions::check(context, policy).await? {
            Ok(draft) => shown(&dry_run::run(context, draft).await?.json()),
            Err(problems) => invalid(context, &policy_revisions::in_words(&problems)),
        })
    })
    .await
}

/// `PUT /api/v1/policy`: keeps the document that is sent as the next revision, if the one that `If-Match` names is in force
/// (RFC 9110 §13.1.1). `?summary=` says why.
pub(super) async fn keep(context: &Context, request: &Request) -> Result<Response, Fault> {
    administrator(context, request, Access::Change, async |bearer| {
        let saw = request.header("if-match").map(|tag| tag.trim().trim_matches('"'));
        let Some(saw) = saw.and_then(|number| number.parse().ok()) else {
            let next = "send If-Match with the ETag of the revision that this is made of, from GET /api/v1/policy";
            return Ok(refusal(context, 428, "precondition_required", next));
        };
        let policy = match document(request) {
            Ok(policy) => policy,
            Err(problem) => return Ok(invalid(context, &[problem])),
        };
        let query = request.query();
        let summary = untrusted::label(query.get("summary").unwrap_or_default(), LONGEST_SUMMARY);
        let summary = if summary.is_empty() { "Changed by the API" } else { &summary };
        let change = Change { by: &bearer.administrator, saw, summary };
        let named = policy.named_beyond(&policy_revisions::latest(context).await?.policy);
        Ok(match policy_revisions::keep(context, &change, policy).await? {
            Kept::As(number) => {
                let remarks = existence::remarks(context, &bearer.administrator, &named).await;
                shown(&json!({ "revision": number, "remarks": remarks.sentences() })).with("etag", tag(number))
            }
            Kept::Refused(problems) => invalid(context, &policy_revisions::in_words(&problems)),
            outdated @ Kept::Outdated => {
                let problem = outdated.problems().unwrap_or_default().join("; ");
                refusal(context, 412, "precondition_failed", &problem)
            }
        })
    })
    .await
}

/// The document that a request brings along.
fn document(request: &Request) -> Result<AccessPolicy, String> {
    let Body::Bytes(bytes) = &request.body else { return Err("the body is too large".to_owned()) };
    AccessPolicy::parse(&String::from_utf8_lossy(bytes))
}

fn invalid(context: &Context, problems: &[String]) -> Response {
    refusal(context, 422, "invalid_policy", &problems.join("; "))
}

fn tag(number: i64) -> String {
    format!("\"{number}\"")
}

fn heading(revision: &Revision) -> Map<String, Value> {
    let Revision { number, made_at, made_by, summary, .. } = revision;
    let members = [
        ("revision", json!(number)),
        ("made_at", json!(made_at)),
        ("made_by", json!(made_by)),
        ("summary", json!(summary)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn whole(revision: &Revision) -> Response {
    let mut members = heading(revision);
    members.insert("policy".to_owned(), json!(revision.policy.without_ids()));
    shown(&members.into()).with("etag", tag(revision.number))
}
