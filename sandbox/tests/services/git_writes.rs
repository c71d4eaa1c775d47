//! Branches, tags and commits that are made over HTTP.

use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Services, column, header, text};

const WEBSITE: &str = "/2.0/repositories/acme/website";

/// The status of a request with a JSON body, and its answer.
async fn send(services: &Services, token: &str, method: Method, path: &str, body: &Value) -> Result<(u16, Value)> {
    let request = services.http.request(method, services.url(&format!("{WEBSITE}{path}"))).bearer_auth(token);
    let answer = request.json(body).send().await?;
    let status = answer.status().as_u16();
    Ok((status, answer.json().await.unwrap_or(Value::Null)))
}

/// Commits a file, and gives the status and the `Location` of the answer.
async fn commit(services: &Services, token: &str, parent: &str, path: &str) -> Result<(u16, String)> {
    let fields = [("message", "Add it"), ("branch", "feature/new"), ("parents", parent), ("files", "/robots.txt")];
    let fields: String = fields
        .iter()
        .map(|(name, value)| format!("--limit\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"))
        .collect();
    let file = format!("name=\"/{path}\"; filename=\"{path}\"; x-attributes=\"executable\"\r\n\r\none\r\ntwo\r\n");
    let body = format!("{fields}--limit\r\ncontent-disposition: form-data; {file}--limit--\r\n");
    let request = services.http.post(services.url(&format!("{WEBSITE}/src"))).bearer_auth(token);
    let answer = request.header("content-type", "multipart/form-data; boundary=limit").body(body).send().await?;
    Ok((answer.status().as_u16(), header(&answer, "location")))
}

#[tokio::test]
async fn a_branch_is_made_committed_to_and_deleted() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let wanted = json!({"name": "feature/new", "target": {"hash": "main"}});
    let (status, branch) = send(&services, &token, Method::POST, "/refs/branches", &wanted).await?;
    let parent = text(&branch, "/target/hash")?;
    assert_eq!((status, text(&branch, "/name")?), (201, "feature/new".to_owned()));
    assert_eq!(send(&services, &token, Method::POST, "/refs/branches", &wanted).await?.0, 400);

    let (status, location) = commit(&services, &token, &parent, "bin/run.sh").await?;
    assert_eq!(status, 201);
    let branch = services.json(&token, &format!("{WEBSITE}/refs/branches/feature%2Fnew")).await?;
    let head = text(&branch, "/target/hash")?;
    assert!(location.ends_with(&format!("/commit/{head}")) && head != parent, "{location}");
    let files = services.json(&token, &format!("{WEBSITE}/src/{head}/bin/")).await?;
    assert_eq!(column(&files, "path"), ["bin/run.sh"]);
    let file = services.get(&token, &format!("{WEBSITE}/src/{head}/bin/run.sh")).send().await?.text().await?;
    assert_eq!(file, "one\r\ntwo");

    assert_eq!(commit(&services, &token, &parent, "late.txt").await?.0, 409);
    let delete = |path| send(&services, &token, Method::DELETE, path, &Value::Null);
    assert_eq!(delete("/refs/branches/feature%2Fnew").await?.0, 204);
    assert_eq!(delete("/refs/branches/feature%2Fnew").await?.0, 404);
    Ok(())
}

#[tokio::test]
async fn a_tag_is_made_and_deleted() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let wanted = json!({"name": "v9", "target": {"hash": "main"}});
    assert_eq!(send(&services, &token, Method::POST, "/refs/tags", &wanted).await?.0, 201);
    let unknown = json!({"name": "v10", "target": {"hash": "0000000"}});
    assert_eq!(send(&services, &token, Method::POST, "/refs/tags", &unknown).await?.0, 400);
    assert_eq!(send(&services, &token, Method::DELETE, "/refs/tags/v9", &Value::Null).await?.0, 204);
    Ok(())
}
