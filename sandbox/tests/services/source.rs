use anyhow::Result;
use serde_json::json;

use super::client::{Services, column, header, text};

const R: &str = "/2.0/repositories/acme/backend";

#[tokio::test]
async fn a_file_comes_raw_with_a_tag_of_its_content() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let answer = services.get(&token, &format!("{R}/src/main/README.md")).send().await?;
    assert_eq!(header(&answer, "content-type"), "text/plain");
    let tag = header(&answer, "etag");
    assert!(answer.text().await?.starts_with("# backend"));
    let again = services.get(&token, &format!("{R}/src/main/README.md"));
    let again = again.header("if-none-match", tag).send().await?;
    assert_eq!(again.status(), 304);
    let image = services.get(&token, &format!("{R}/src/main/assets/logo.png")).send().await?;
    assert_eq!(header(&image, "content-type"), "image/png");
    assert!(image.bytes().await?.starts_with(b"\x89PNG"));
    let large = services.get(&token, &format!("{R}/src/main/docs/reference.txt")).send().await?;
    assert!(large.bytes().await?.len() > 300_000);
    Ok(())
}

#[tokio::test]
async fn a_directory_is_listed_and_a_file_described() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let list = services.json(&token, &format!("{R}/src/main/src/")).await?;
    let expected = ["src/configuration", "src/main.rs", "src/metrics.rs", "src/server"];
    assert_eq!(column(&list, "path"), expected);
    let deep = services.json(&token, &format!("{R}/src/main/src?max_depth=2&pagelen=50")).await?;
    assert!(column(&deep, "path").contains(&"src/server/mod.rs".to_owned()));
    let meta = services.json(&token, &format!("{R}/src/main/assets/logo.png?format=meta")).await?;
    assert_eq!(meta.get("attributes"), Some(&json!(["binary"])));
    let absent = services.get(&token, &format!("{R}/src/main/nothing.md")).send().await?;
    assert_eq!(absent.status(), 404);
    let root = services.get(&token, &format!("{R}/src")).send().await?;
    assert_eq!(root.status(), 302);
    Ok(())
}

#[tokio::test]
async fn a_branch_with_a_slash_must_be_resolved_first() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let path = format!("{R}/src/fix%2Fretry-backoff/src/server/retry.rs");
    let answer = services.get(&token, &path).send().await?;
    assert_eq!(answer.status(), 404);
    assert!(answer.text().await?.contains("Commit not found"));
    let branch = services.json(&token, &format!("{R}/refs/branches/fix%2Fretry-backoff")).await?;
    let hash = text(&branch, "/target/hash")?;
    assert_eq!(hash.len(), 40);
    let path = format!("{R}/src/{hash}/src/server/retry.rs");
    assert_eq!(services.get(&token, &path).send().await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn history_is_the_same_on_every_machine() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let log = services.json(&token, &format!("{R}/commits/main?pagelen=3")).await?;
    assert_eq!(column(&log, "message").first().map(String::as_str), Some("Fix a typo in the README\n"));
    assert!(log.get("next").is_some());
    let again = Services::start().await?;
    let token = again.access_token("developer").await?;
    let other = again.json(&token, &format!("{R}/commits/main?pagelen=3")).await?;
    assert_eq!(column(&log, "hash"), column(&other, "hash"));
    Ok(())
}

#[tokio::test]
async fn code_is_found_by_words_and_filters_where_the_caller_may_look() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let search = async |query: &str| services.json(&token, &format!("/2.0/workspaces/acme/search/code?{query}")).await;
    let found = search("search_query=health+repo:backend+ext:rs&fields=%2Bvalues.file.commit.repository").await?;
    let first = found.pointer("/values/0").cloned().unwrap_or_default();
    assert_eq!(text(&first, "/file/commit/repository/full_name")?, "acme/backend");
    assert!(text(&first, "/file/path")?.ends_with(".rs"), "{first}");
    assert!(first.pointer("/content_matches/0/lines/0/segments/1/match").is_some(), "{first}");
    let plain = search("search_query=health+repo:backend").await?;
    assert_eq!(plain.pointer("/values/0/file/commit"), None);
    assert_eq!(search("search_query=no-such-word-anywhere").await?.pointer("/size"), Some(&json!(0)));
    let hidden = search("search_query=the+repo:secrets").await?;
    assert_eq!(hidden.pointer("/size"), Some(&json!(0)));
    let empty = services.get(&token, "/2.0/workspaces/acme/search/code?search_query=repo:backend").send().await?;
    assert_eq!(empty.status(), 400);
    Ok(())
}
