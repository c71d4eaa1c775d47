use std::time::Duration;

use anyhow::Result;
use sandbox::Settings;
use serde_json::json;

use super::client::{CONSUMER, Services, header, parameter, text};

#[tokio::test]
async fn the_consent_page_echoes_the_request_and_escapes_it() -> Result<()> {
    let services = Services::start().await?;
    let path = "/site/oauth2/authorize?client_id=postern-sandbox&response_type=code&state=%22%3E%3Cscript%3E";
    let answer = services.http.get(services.url(path)).send().await?;
    assert_eq!(answer.status(), 200);
    let page = answer.text().await?;
    assert!(page.contains("name=\"state\" value=\"&quot;&gt;&lt;script&gt;\""));
    assert!(page.contains("<select id=\"account\" name=\"account\">"));
    Ok(())
}

#[tokio::test]
async fn a_redirect_must_begin_with_the_registered_callback() -> Result<()> {
    let services = Services::start().await?;
    services.sandbox.register_callback("http://127.0.0.1:9/callback");
    let ask = async |redirect: &str| {
        let form = [
            ("client_id", CONSUMER.0),
            ("response_type", "code"),
            ("redirect_uri", redirect),
            ("account", "test-redirect"),
            ("decision", "deny"),
        ];
        services.decide(&form).await
    };
    let refused = ask("https://attacker.example/callback").await?;
    assert_eq!((refused.status().as_u16(), header(&refused, "location")), (400, String::new()));
    let denied = ask("http://127.0.0.1:9/callback/more").await?;
    assert_eq!(denied.status(), 302);
    assert_eq!(parameter(&denied, "error").as_deref(), Some("access_denied"));
    Ok(())
}

#[tokio::test]
async fn a_code_is_good_once_and_only_with_the_secret() -> Result<()> {
    let services = Services::start().await?;
    let code = services.code(CONSUMER.0, "developer").await?;
    let form = [("grant_type", "authorization_code"), ("code", code.as_str())];
    let (status, body) = services.token_of((CONSUMER.0, "wrong"), &form).await?;
    assert_eq!((status, text(&body, "/error")?.as_str()), (400, "unauthorized_client"));
    let (status, body) = services.token(&form).await?;
    assert_eq!(status, 200);
    let scopes = "account repository pullrequest repository:write pullrequest:write pipeline:write pipeline:variable";
    assert_eq!(text(&body, "/scopes")?, scopes);
    assert_eq!(body.get("expires_in"), Some(&json!(7200)));
    let (status, body) = services.token(&form).await?;
    assert_eq!((status, text(&body, "/error")?.as_str()), (400, "invalid_grant"));
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_successor_goes_on() -> Result<()> {
    let services = Services::start().await?;
    let (_, first) = services.tokens("test-rotation").await?;
    let (status, body) = services.refresh(&first).await?;
    assert_eq!(status, 200);
    let second = text(&body, "/refresh_token")?;
    assert_ne!(first, second);
    let (status, body) = services.refresh(&first).await?;
    assert_eq!((status, text(&body, "/error")?.as_str()), (400, "invalid_grant"));
    assert_eq!(services.refresh(&second).await?.0, 200);
    let counters = services.http.get(services.url("/control/counters")).send().await?;
    let counters: serde_json::Value = counters.json().await?;
    assert_eq!(counters.pointer("/refreshes/test-rotation"), Some(&json!(2)));
    Ok(())
}

#[tokio::test]
async fn a_leeway_lets_a_used_refresh_token_work_on() -> Result<()> {
    let settings = Settings { refresh_leeway: Duration::from_secs(60), ..Settings::default() };
    let services = Services::with(settings).await?;
    let (_, first) = services.tokens("test-leeway").await?;
    assert_eq!(services.refresh(&first).await?.0, 200);
    assert_eq!(services.refresh(&first).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn expired_and_revoked_tokens_are_refused() -> Result<()> {
    let services = Services::start().await?;
    let (access, refresh) = services.tokens("test-expiry").await?;
    let (other, _) = services.tokens("test-other").await?;
    services.fault(&json!({"kind": "expire_access_tokens", "account": "test-expiry"})).await?;
    let answer = services.get(&access, "/2.0/user").send().await?;
    assert_eq!(answer.status(), 401);
    assert!(answer.text().await?.contains("Access token expired"));
    assert_eq!(services.get(&other, "/2.0/user").send().await?.status(), 200);
    services.fault(&json!({"kind": "revoke_refresh_tokens", "account": "test-expiry"})).await?;
    assert_eq!(services.refresh(&refresh).await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn only_the_header_authenticates_and_scopes_are_checked() -> Result<()> {
    let services = Services::start().await?;
    let access = services.access_token("developer").await?;
    let path = services.url(&format!("/2.0/user?access_token={access}"));
    assert_eq!(services.http.get(path).send().await?.status(), 401);

    let narrow = ("account-sandbox", "account-secret");
    let code = services.code(narrow.0, "developer").await?;
    let form = [("grant_type", "authorization_code"), ("code", code.as_str())];
    let (_, body) = services.token_of(narrow, &form).await?;
    let narrow = text(&body, "/access_token")?;
    let answer = services.get(&narrow, "/2.0/repositories/acme").send().await?;
    assert_eq!(answer.status(), 403);
    assert_eq!(header(&answer, "x-oauth-scopes"), "account");
    assert_eq!(header(&answer, "x-accepted-oauth-scopes"), "repository");
    let body: serde_json::Value = answer.json().await?;
    let detail = json!({"required": ["repository"], "granted": ["account"]});
    assert_eq!(body.pointer("/error/detail"), Some(&detail));
    Ok(())
}

#[tokio::test]
async fn tokens_and_comments_survive_a_restart() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("postern-sandbox-test-{}", std::process::id()));
    let settings = Settings { state: Some(folder.clone()), ..Settings::default() };
    let path = "/2.0/repositories/acme/backend/pullrequests/3/comments";
    let services = Services::with(settings.clone()).await?;
    let (access, refresh) = services.tokens("developer").await?;
    let request = services.http.post(services.url(path)).bearer_auth(&access);
    let request = request.json(&json!({"content": {"raw": "kept"}}));
    assert_eq!(request.send().await?.status(), 201);
    drop(services);

    let services = Services::with(settings).await?;
    let comments = services.json(&access, path).await?;
    assert_eq!(text(&comments, "/values/0/content/raw")?, "kept");
    assert_eq!(services.refresh(&refresh).await?.0, 200);
    drop(services);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
