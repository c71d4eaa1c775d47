//! Atlassian's OAuth 2.0 (3LO): consent, rotation, the list of sites, and the gateway to each.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::client::{Services, header, parameter, text};

const MAIN: &str = "11111111-1111-4111-8111-111111111111";
const EUROPE: &str = "22222222-2222-4222-8222-222222222222";
const CALLBACK: &str = "http://127.0.0.1:8750/callback/confluence";
const SCOPES: &str = "offline_access read:me read:page:confluence read:space:confluence";

impl Services {
    async fn app_code(&self, account: &str, sites: &str, scopes: &str) -> Result<String> {
        let form = [
            ("audience", "api.atlassian.com"),
            ("client_id", "postern-sandbox-app"),
            ("scope", scopes),
            ("redirect_uri", CALLBACK),
            ("state", "s"),
            ("response_type", "code"),
            ("prompt", "consent"),
            ("account", account),
            ("sites", sites),
            ("decision", "grant"),
        ];
        let answer = self.http.post(self.url("/authorize")).form(&form).send().await?;
        parameter(&answer, "code").context("no code")
    }

    async fn app_token(&self, grant: &Value) -> Result<(u16, Value)> {
        let mut body = json!({ "client_id": "postern-sandbox-app", "client_secret": "sandbox-app-secret" });
        let members = body.as_object_mut().context("an object")?;
        members.extend(grant.as_object().context("an object")?.clone());
        let answer = self.http.post(self.url("/oauth/token")).json(&body).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    async fn app_tokens(&self, account: &str, sites: &str, scopes: &str) -> Result<(String, String)> {
        let code = self.app_code(account, sites, scopes).await?;
        let grant = json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK });
        let (_, body) = self.app_token(&grant).await?;
        Ok((text(&body, "/access_token")?, text(&body, "/refresh_token").unwrap_or_default()))
    }

    async fn listed(&self, token: &str) -> Result<Vec<String>> {
        let sites = self.json(token, "/oauth/token/accessible-resources").await?;
        let sites = sites.as_array().context("a list")?;
        sites.iter().map(|site| text(site, "/id")).collect()
    }

    async fn title(&self, token: &str, site: &str) -> Result<(u16, String)> {
        let path = format!("/ex/confluence/{site}/wiki/api/v2/pages/98306");
        let answer = self.get(token, &path).send().await?;
        let status = answer.status().as_u16();
        let body: Value = answer.json().await?;
        Ok((status, text(&body, "/title").or_else(|_| text(&body, "/message"))?))
    }
}

#[tokio::test]
async fn a_consent_lists_the_sites_that_were_chosen_and_its_token_reads_those_alone() -> Result<()> {
    let services = Services::start().await?;
    let (token, _) = services.app_tokens("test-sites", "eu", SCOPES).await?;
    assert_eq!(services.listed(&token).await?, [EUROPE]);
    let (status, title) = services.title(&token, EUROPE).await?;
    assert!(status == 200 && title.ends_with("(eu)"), "{status} {title}");
    assert_eq!(services.title(&token, MAIN).await?.0, 401);
    let (token, _) = services.app_tokens("test-sites", "all", SCOPES).await?;
    assert_eq!(services.listed(&token).await?, [MAIN, EUROPE]);
    let (status, title) = services.title(&token, MAIN).await?;
    assert!(status == 200 && !title.ends_with("(eu)"), "{status} {title}");
    Ok(())
}

#[tokio::test]
async fn a_used_refresh_token_is_refused_and_its_successor_goes_on() -> Result<()> {
    let services = Services::start().await?;
    let (_, first) = services.app_tokens("test-app-rotation", "all", SCOPES).await?;
    let refresh = |token: &str| json!({ "grant_type": "refresh_token", "refresh_token": token });
    let (status, body) = services.app_token(&refresh(&first)).await?;
    assert_eq!(status, 200);
    let (status, refused) = services.app_token(&refresh(&first)).await?;
    assert_eq!((status, text(&refused, "/error")?.as_str()), (403, "invalid_grant"));
    assert_eq!(services.app_token(&refresh(&text(&body, "/refresh_token")?)).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn a_consent_without_offline_access_gives_nothing_to_renew_with() -> Result<()> {
    let services = Services::start().await?;
    let (token, refresh) = services.app_tokens("test-online", "all", "read:me").await?;
    assert!(refresh.is_empty());
    let (status, message) = services.title(&token, MAIN).await?;
    assert_eq!((status, message.as_str()), (401, "Unauthorized; scope does not match"));
    Ok(())
}

#[tokio::test]
async fn a_site_that_is_taken_away_is_listed_no_more_and_refuses_the_token() -> Result<()> {
    let services = Services::start().await?;
    let (token, _) = services.app_tokens("test-taken", "all", SCOPES).await?;
    services.fault(&json!({ "kind": "take_site", "account": "test-taken", "site": EUROPE })).await?;
    assert_eq!(services.listed(&token).await?, [MAIN]);
    assert_eq!((services.title(&token, EUROPE).await?.0, services.title(&token, MAIN).await?.0), (401, 200));
    Ok(())
}

#[tokio::test]
async fn nobody_gets_to_a_site_but_through_the_gateway() -> Result<()> {
    let services = Services::start().await?;
    let (token, _) = services.app_tokens("test-gateway", "all", SCOPES).await?;
    let inside = format!("/behind-the-gateway/{EUROPE}/wiki/api/v2/pages/98306");
    assert_eq!(services.get(&token, &inside).send().await?.status(), 404);
    assert_eq!(services.get(&token, "/wiki/api/v2/pages/98306").send().await?.status(), 401, "of the site's own host");
    Ok(())
}

#[tokio::test]
async fn a_callback_has_to_be_named_exactly() -> Result<()> {
    let services = Services::start().await?;
    for (callback, status) in [(CALLBACK.to_owned(), 200), (format!("{CALLBACK}/more"), 400)] {
        let query = [
            ("audience", "api.atlassian.com"),
            ("client_id", "postern-sandbox-app"),
            ("scope", SCOPES),
            ("redirect_uri", callback.as_str()),
            ("state", "s"),
            ("response_type", "code"),
            ("prompt", "consent"),
        ];
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let answer = services.http.get(services.url(&format!("/authorize?{query}"))).send().await?;
        assert_eq!((answer.status().as_u16(), header(&answer, "location")), (status, String::new()));
    }
    Ok(())
}
