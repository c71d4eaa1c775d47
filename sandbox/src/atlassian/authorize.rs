//! The consent page: `GET /authorize`, and its form.

use std::sync::Arc;

use axum::extract::{RawForm, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::sites;
use crate::accounts;
use crate::clock;
use crate::identifier;
use crate::ledger::{AppCode, Consent};
use crate::request::{Query, escape};
use crate::world::World;

/// Which sites a person may choose, as the form has it.
const CHOICES: [(&str, &str, &[&str]); 5] = [
    ("all", "acme and acme-eu", &[sites::MAIN, sites::EUROPE]),
    ("main", "acme", &[sites::MAIN]),
    ("eu", "acme-eu", &[sites::EUROPE]),
    ("elsewhere", "elsewhere", &[sites::ELSEWHERE]),
    ("none", "no site", &[]),
];

/// What the form gives back as it was asked.
const ASKED: [&str; 7] = ["audience", "client_id", "scope", "redirect_uri", "state", "response_type", "prompt"];

/// The page, when the request is one.
pub(crate) async fn show(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Response {
    let query = Query::parse(&query.unwrap_or_default());
    match problem(&world, &query) {
        Some(problem) => refuse(problem),
        None => page(&query, "").into_response(),
    }
}

/// What the person chose: back to the client, with a code or with an error.
pub(crate) async fn decide(State(world): State<Arc<World>>, RawForm(form): RawForm) -> Response {
    let form = Query::parse(&String::from_utf8_lossy(&form));
    if let Some(problem) = problem(&world, &form) {
        return refuse(problem);
    }
    if form.get("decision") != Some("grant") {
        return redirect(
            &form,
            &[("error", "access_denied"), ("error_description", "User did not authorize the request")],
        );
    }
    let typed = form.get("account_name").filter(|name| !name.is_empty());
    let name = typed.or_else(|| form.get("account")).unwrap_or_default();
    let Some(person) = accounts::find(name) else {
        return page(&form, "There is no such account.").into_response();
    };
    let chosen = CHOICES.iter().find(|(choice, ..)| form.get("sites") == Some(choice));
    let granted = chosen.map_or(&[][..], |(.., granted)| granted);
    let consent = Consent {
        scopes: form.get("scope").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        sites: granted.iter().map(|&site| site.to_owned()).collect(),
    };
    let code = AppCode {
        account: person.name.clone(),
        redirect_uri: form.get("redirect_uri").unwrap_or_default().to_owned(),
        expires_at: clock::now() + u64::try_from(world.settings().code_lifetime.as_millis()).unwrap_or(0),
    };
    let issued = identifier::secret("atl-code-").and_then(|secret| {
        world.change(|ledger| {
            ledger.consents.insert(person.name, consent);
            ledger.app_codes.insert(secret.clone(), code);
        })?;
        Ok(secret)
    });
    match issued {
        Ok(code) => redirect(&form, &[("code", &code)]),
        Err(_) => redirect(&form, &[("error", "server_error")]),
    }
}

/// Why this is no request of the app's.
fn problem(world: &World, query: &Query) -> Option<&'static str> {
    let app = world.settings().app;
    let is = |name: &str, value: &str| query.get(name) == Some(value);
    let requested: Vec<&str> = query.get("scope").unwrap_or_default().split_whitespace().collect();
    let has_scope = |scope: &&str| app.scopes.as_ref().is_none_or(|scopes| scopes.iter().any(|known| known == scope));
    if !is("client_id", &app.client_id) {
        Some("Unknown client")
    } else if !query.get("redirect_uri").is_some_and(|uri| app.callbacks.iter().any(|known| known == uri)) {
        Some("The redirect_uri is not one of the app's callback URLs")
    } else if !is("audience", "api.atlassian.com") || !is("response_type", "code") || !is("prompt", "consent") {
        Some("audience, response_type or prompt is not as it should be")
    } else if query.get("state").unwrap_or_default().is_empty() {
        Some("A state is required")
    } else if requested.is_empty() || !requested.iter().all(has_scope) {
        Some("A scope was not added to the app")
    } else {
        None
    }
}

fn redirect(query: &Query, parameters: &[(&str, &str)]) -> Response {
    let mut answer = form_urlencoded::Serializer::new(String::new());
    answer.append_pair("state", query.get("state").unwrap_or_default()).extend_pairs(parameters);
    let location = format!("{}?{}", query.get("redirect_uri").unwrap_or_default(), answer.finish());
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

fn refuse(problem: &str) -> Response {
    let page = format!("<!doctype html><title>Atlassian</title><h1>Something went wrong</h1><p>{problem}</p>");
    (StatusCode::BAD_REQUEST, Html(page)).into_response()
}

fn page(query: &Query, error: &str) -> Html<String> {
    let hidden: String = ASKED
        .iter()
        .filter_map(|name| Some((name, escape(query.get(name)?))))
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n"))
        .collect();
    let accounts: String =
        accounts::KNOWN.iter().map(|name| format!("<option value=\"{name}\">{name}</option>")).collect();
    let sites: String =
        CHOICES.iter().map(|(choice, name, _)| format!("<option value=\"{choice}\">{name}</option>")).collect();
    let scopes: String = query
        .get("scope")
        .unwrap_or_default()
        .split_whitespace()
        .map(|scope| format!("<li>{}</li>", escape(scope)))
        .collect();
    Html(format!(
        r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Authorize app – Atlassian (sandbox)</title>
<style>:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ margin: 10vh auto; max-width: 26rem; padding: 0 1rem }} label {{ display: block; margin-top: 1rem }}
select, input, button {{ font: inherit; padding: .5rem }} p.buttons {{ margin-top: 1.5rem }}</style></head>
<body><main><h1>Postern is requesting access to your Atlassian account</h1>
<p role="alert">{error}</p>
<ul>{scopes}</ul>
<form method="post" action="/authorize">
{hidden}<label for="sites">Use app on</label>
<select id="sites" name="sites">{sites}</select>
<label for="account">Account</label>
<select id="account" name="account">{accounts}</select>
<label for="account_name">or another one (test-…)</label>
<input id="account_name" name="account_name" autocomplete="off">
<p class="buttons"><button type="submit" name="decision" value="grant">Accept</button>
<button type="submit" name="decision" value="deny">Cancel</button></p>
</form></main></body></html>
"#,
    ))
}
