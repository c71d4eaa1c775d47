use anyhow::Result;
use serde_json::{Value, json};

use super::client::{Services, column, header, text};

#[tokio::test]
async fn the_next_links_lead_through_all_repositories() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let mut slugs = Vec::new();
    let mut next = Some(services.url("/2.0/repositories/acme?pagelen=10&sort=name"));
    while let Some(url) = next {
        let answer = services.http.get(url).bearer_auth(&token).send().await?;
        let page: Value = answer.error_for_status()?.json().await?;
        slugs.extend(column(&page, "slug"));
        next = page.get("next").and_then(Value::as_str).map(str::to_owned);
    }
    assert_eq!(slugs.len(), 27);
    assert!(slugs.is_sorted());
    Ok(())
}

#[tokio::test]
async fn a_private_repository_looks_absent_to_all_but_its_administrator() -> Result<()> {
    let services = Services::start().await?;
    let developer = services.access_token("developer").await?;
    let admin = services.access_token("admin").await?;
    let private = "/2.0/repositories/acme/secrets";
    let hidden = services.get(&developer, private).send().await?;
    let absent = services.get(&developer, "/2.0/repositories/acme/nothing").send().await?;
    assert_eq!((hidden.status(), absent.status()), (absent.status(), hidden.status()));
    assert_eq!(hidden.text().await?, absent.text().await?);
    assert_eq!(text(&services.json(&admin, private).await?, "/slug")?, "secrets");
    Ok(())
}

#[tokio::test]
async fn the_html_404_carries_what_must_never_leak() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("test-html").await?;
    let answer = services.get(&token, "/2.0/nonsense").send().await?;
    assert_eq!(answer.status(), 404);
    assert!(header(&answer, "content-type").starts_with("text/html"));
    let page = answer.text().await?;
    assert!(page.contains("ATWEB-") && page.contains("test-html@acme.example"));
    Ok(())
}

#[tokio::test]
async fn removed_reads_are_gone() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    for path in ["/2.0/repositories", "/2.0/workspaces", "/2.0/repositories/acme?role=member"] {
        assert_eq!(services.get(&token, path).send().await?.status(), 410, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn slugs_and_uuids_name_the_same() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let workspaces = services.json(&token, "/2.0/user/workspaces").await?;
    let workspace = text(&workspaces, "/values/0/workspace/uuid")?;
    let by_slug = services.json(&token, "/2.0/repositories/acme/backend").await?;
    let uuid = text(&by_slug, "/uuid")?;
    let encode = |uuid: &str| uuid.replace('{', "%7B").replace('}', "%7D");
    let path = format!("/2.0/repositories/{}/{}", encode(&workspace), encode(&uuid));
    assert_eq!(services.json(&token, &path).await?, by_slug);
    let administrator = workspaces.pointer("/values/0/administrator");
    assert_eq!(administrator, Some(&json!(false)));
    Ok(())
}

#[tokio::test]
async fn a_query_filters_by_name() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("developer").await?;
    let found = services.json(&token, "/2.0/repositories/acme?q=name+~+%22app%22").await?;
    assert_eq!(column(&found, "slug"), ["android-app", "ios-app"]);
    let wrong = services.get(&token, "/2.0/repositories/acme?q=name+~").send().await?;
    assert_eq!(wrong.status(), 400);
    Ok(())
}
