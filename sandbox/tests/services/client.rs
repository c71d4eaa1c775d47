//! A client of a sandbox of its own.

use anyhow::{Context, Result};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use sandbox::{Sandbox, Settings};
use serde_json::Value;

pub(crate) const CONSUMER: (&str, &str) = ("postern-sandbox", "sandbox-consumer-secret");

/// A sandbox, and an HTTP client that follows no redirects.
pub(crate) struct Services {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: Client,
}

impl Services {
    pub(crate) async fn start() -> Result<Self> {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Result<Self> {
        Ok(Self { sandbox: Sandbox::start(settings).await?, http: Client::builder().redirect(Policy::none()).build()? })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url())
    }

    pub(crate) fn get(&self, token: &str, path: &str) -> RequestBuilder {
        self.http.get(self.url(path)).bearer_auth(token)
    }

    /// The body of a successful answer.
    pub(crate) async fn json(&self, token: &str, path: &str) -> Result<Value> {
        let answer = self.get(token, path).send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }

    pub(crate) async fn decide(&self, form: &[(&str, &str)]) -> Result<Response> {
        let url = self.url("/site/oauth2/authorize");
        Ok(self.http.post(url).form(form).send().await?)
    }

    pub(crate) async fn code(&self, consumer: &str, account: &str) -> Result<String> {
        let form = [
            ("client_id", consumer),
            ("response_type", "code"),
            ("state", "s"),
            ("account", account),
            ("decision", "grant"),
        ];
        let answer = self.decide(&form).await?;
        parameter(&answer, "code").context("no code")
    }

    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Result<(u16, Value)> {
        self.token_of(CONSUMER, form).await
    }

    pub(crate) async fn token_of(&self, (key, secret): (&str, &str), form: &[(&str, &str)]) -> Result<(u16, Value)> {
        let url = self.url("/site/oauth2/access_token");
        let request = self.http.post(url).basic_auth(key, Some(secret)).form(form);
        let answer = request.send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    pub(crate) async fn tokens(&self, account: &str) -> Result<(String, String)> {
        let code = self.code(CONSUMER.0, account).await?;
        let form = [("grant_type", "authorization_code"), ("code", &code)];
        let (_, body) = self.token(&form).await?;
        Ok((text(&body, "/access_token")?, text(&body, "/refresh_token")?))
    }

    pub(crate) async fn access_token(&self, account: &str) -> Result<String> {
        Ok(self.tokens(account).await?.0)
    }

    pub(crate) async fn refresh(&self, token: &str) -> Result<(u16, Value)> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.token(&form).await
    }

    pub(crate) async fn fault(&self, order: &Value) -> Result<()> {
        let request = self.http.post(self.url("/control/faults")).json(order);
        request.send().await?.error_for_status()?;
        Ok(())
    }

    pub(crate) async fn confluence(&self, path: &str) -> Result<Response> {
        let request = self.http.get(self.url(path));
        let request = request.basic_auth("postern@example.com", Some("sandbox-confluence-token"));
        Ok(request.send().await?)
    }
}

pub(crate) fn text(value: &Value, pointer: &str) -> Result<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    Ok(found.with_context(|| format!("no {pointer} in {value}"))?.to_owned())
}

pub(crate) fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers().get(name);
    let value = value.and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// A query parameter of a redirect.
pub(crate) fn parameter(answer: &Response, name: &str) -> Option<String> {
    let location = header(answer, "location");
    let (_, query) = location.split_once('?')?;
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// One member of each value of a list.
pub(crate) fn column(list: &Value, name: &str) -> Vec<String> {
    let values = list.get("values").and_then(Value::as_array);
    let members = values.into_iter().flatten().filter_map(|v| v.get(name));
    members.map(|member| member.as_str().map_or_else(|| member.to_string(), str::to_owned)).collect()
}
