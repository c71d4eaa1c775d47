use anyhow::Result;
use serde_json::json;

use super::client::{Services, column, header, text};

const PULLS: &str = "/2.0/repositories/acme/backend/pullrequests";

#[tokio::test]
async fn the_list_is_paged_and_condensed() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let list = services.json(&token, PULLS).await?;
    assert_eq!(list.get("pagelen"), Some(&json!(10)));
    assert_eq!(list.pointer("/values/0/reviewers"), None);
    let hash = text(&list, "/values/0/source/commit/hash")?;
    assert_eq!(hash.len(), 12);
    let next = text(&list, "/next")?;
    let second = services.json(&token, next.trim_start_matches(&services.sandbox.url())).await?;
    assert!(column(&second, "id").contains(&"1".to_owned()));
    let with_reviewers = format!("{PULLS}?fields=%2Bvalues.reviewers");
    let list = services.json(&token, &with_reviewers).await?;
    assert!(list.pointer("/values/0/reviewers").is_some());
    let answer = services.get(&token, &format!("{PULLS}?pagelen=51")).send().await?;
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await?.contains("Invalid pagelen"));
    Ok(())
}

#[tokio::test]
async fn the_state_counts_only_without_a_query() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let ids = async |query: &str| {
        let list = services.json(&token, &format!("{PULLS}?pagelen=50&{query}")).await?;
        anyhow::Ok(column(&list, "id"))
    };
    assert_eq!(ids("state=MERGED&state=DECLINED").await?, ["21", "20", "18", "17"]);
    assert_eq!(ids("state=MERGED&q=id+%3C+3&sort=id").await?, ["1", "2"]);
    Ok(())
}

#[tokio::test]
async fn the_diff_is_a_redirect_to_what_git_says() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let follow = async |path: &str| {
        let answer = services.get(&token, path).send().await?;
        assert_eq!(answer.status(), 302);
        let location = header(&answer, "location");
        assert!(location.starts_with(&services.sandbox.url()));
        let path = location.trim_start_matches(&services.sandbox.url()).to_owned();
        anyhow::Ok(services.get(&token, &path).send().await?)
    };
    let answer = follow(&format!("{PULLS}/1/diff")).await?;
    assert_eq!(header(&answer, "content-type"), "text/plain");
    let diff = answer.text().await?;
    assert!(diff.contains("+++ b/src/server/retry.rs"));
    // Three dots: what main gained since the branch began is no part of it.
    assert!(!diff.contains("README.md"));
    let path = format!("{PULLS}/1/diff?path=scripts/deploy.sh&context=0");
    let diff = follow(&path).await?.text().await?;
    assert_eq!(diff.matches("diff --git").count(), 1);
    let large = follow(&format!("{PULLS}/2/diff")).await?.text().await?;
    assert!(large.len() > 350_000, "{}", large.len());
    let stat: serde_json::Value = follow(&format!("{PULLS}/1/diffstat")).await?.json().await?;
    assert_eq!(column(&stat, "status"), ["removed", "modified", "added"]);
    Ok(())
}

#[tokio::test]
async fn two_commits_are_compared_the_other_way_round_than_by_git() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let pull = services.json(&token, &format!("{PULLS}/1")).await?;
    let source = text(&pull, "/source/commit/hash")?;
    let destination = text(&pull, "/destination/commit/hash")?;
    let path = format!("/2.0/repositories/acme/backend/diff/{source}..{destination}");
    let three_dots = services.get(&token, &path).send().await?.text().await?;
    assert!(three_dots.contains("new file mode 100644\nindex 0000000"));
    let two_dots = services.get(&token, &format!("{path}?topic=false")).send().await?;
    assert!(two_dots.text().await?.contains("README.md"));
    Ok(())
}

#[tokio::test]
async fn comments_are_added_and_validated() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("test-comments").await?;
    let path = format!("{PULLS}/1/comments");
    let post = async |body: serde_json::Value| {
        let request = services.http.post(services.url(&path)).bearer_auth(&token);
        anyhow::Ok(request.json(&body).send().await?)
    };
    let answer = post(json!({"content": {"raw": "Looks <good>"}, "inline": {"path": "README.md", "to": 9999}})).await?;
    assert_eq!(answer.status(), 201);
    let comment: serde_json::Value = answer.json().await?;
    assert_eq!(text(&comment, "/content/html")?, "<p>Looks &lt;good&gt;</p>");
    assert_eq!(text(&comment, "/user/nickname")?, "test-comments");
    let id = comment.get("id").cloned();
    let reply = post(json!({"content": {"raw": "Thanks"}, "parent": {"id": id}})).await?;
    let reply: serde_json::Value = reply.json().await?;
    assert_eq!(reply.pointer("/parent/id").cloned(), id);
    let list = services.json(&token, &format!("{path}?pagelen=50")).await?;
    assert_eq!(list.get("size"), Some(&json!(5)));

    let answer = post(json!({})).await?;
    assert_eq!(answer.status(), 400);
    let error: serde_json::Value = answer.json().await?;
    assert!(error.pointer("/error/fields/content").is_some());
    let orphan = post(json!({"content": {"raw": "x"}, "parent": {"id": 1}})).await?;
    assert_eq!(orphan.status(), 400);
    Ok(())
}

#[tokio::test]
async fn an_absent_pull_request_is_a_json_404() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let answer = services.get(&token, &format!("{PULLS}/999")).send().await?;
    assert_eq!(answer.status(), 404);
    let error: serde_json::Value = answer.json().await?;
    assert_eq!(text(&error, "/type")?, "error");
    Ok(())
}

#[tokio::test]
async fn one_is_opened_where_there_is_something_to_pull() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let open = async |branch: &str, more: serde_json::Value| {
        let mut body = json!({"title": "Offer it", "source": {"branch": {"name": branch}}});
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        let request = services.http.post(services.url(PULLS)).bearer_auth(&token).json(&body).send().await?;
        anyhow::Ok((request.status().as_u16(), request.json::<serde_json::Value>().await?))
    };
    assert_eq!(open("main", json!({})).await?.0, 400, "nothing to pull");
    assert_eq!(open("no/such", json!({})).await?.0, 400, "no such branch");
    let me = services.json(&token, "/2.0/user").await?;
    assert_eq!(open("feature/graphql", json!({"reviewers": [{"uuid": me["uuid"]}]})).await?.0, 400, "the author");
    let (status, opened) = open("feature/graphql", json!({"draft": true})).await?;
    assert_eq!((status, opened.get("draft"), opened.get("id")), (201, Some(&json!(true)), Some(&json!(22))));
    let path = format!("{PULLS}/22");
    let change = services.http.put(services.url(&path)).bearer_auth(&token).json(&json!({"draft": false}));
    change.send().await?.error_for_status()?;
    let changed = services.json(&token, &path).await?;
    assert_eq!((changed.get("draft"), changed.get("title")), (Some(&json!(false)), Some(&json!("Offer it"))));
    Ok(())
}
