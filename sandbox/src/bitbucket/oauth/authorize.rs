//! The consent page: `GET /site/oauth2/authorize`, and its form.

use std::sync::Arc;

use axum::extract::{RawForm, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::accounts;
use crate::clock;
use crate::identifier;
use crate::ledger::Code;
use crate::request::{Query, escape};
use crate::settings::Consumer;
use crate::world::World;

/// The page, when the request is one.
pub(crate) async fn show(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Response {
    let query = Query::parse(&query.unwrap_or_default());
    match Request::check(&world, &query) {
        Ok(request) => page(&request, "").into_response(),
        Err(problem) => *problem,
    }
}

/// What the person chose: back to the client, with a code or with an error.
pub(crate) async fn decide(State(world): State<Arc<World>>, RawForm(form): RawForm) -> Response {
    let form = Query::parse(&String::from_utf8_lossy(&form));
    let request = match Request::check(&world, &form) {
        Ok(request) => request,
        Err(problem) => return *problem,
    };
    if form.get("decision") != Some("grant") {
        let denied = [("error", "access_denied"), ("error_description", "The user denied the request.")];
        return request.redirect(&denied);
    }
    let typed = form.get("account_name").filter(|name| !name.is_empty());
    let name = typed.or_else(|| form.get("account")).unwrap_or_default();
    let Some(person) = accounts::find(name) else {
        return page(&request, "There is no such account.").into_response();
    };
    let lifetime = u64::try_from(world.settings().code_lifetime.as_millis()).unwrap_or(0);
    let issued = identifier::secret("").and_then(|code| {
        let record = Code {
            consumer: request.consumer.key.clone(),
            account: person.name,
            redirect_uri: request.asked_redirect_uri.clone(),
            expires_at: clock::now() + lifetime,
        };
        world.change(|ledger| ledger.codes.insert(code.clone(), record))?;
        Ok(code)
    });
    match issued {
        Ok(code) => request.redirect(&[("code", &code)]),
        Err(_) => request.redirect(&[("error", "server_error")]),
    }
}

/// An authorization request whose client and redirect are known to be good.
struct Request {
    consumer: Consumer,
    asked_redirect_uri: Option<String>,
    state: Option<String>,
}

impl Request {
    /// Until the redirect is proven, problems are shown here and nowhere else.
    fn check(world: &World, query: &Query) -> Result<Self, Box<Response>> {
        let key = query.get("client_id").unwrap_or_default();
        let settings = world.settings();
        let consumer = settings.consumers.into_iter().find(|known| known.key == key);
        let Some(consumer) = consumer else {
            return Err(problem("Invalid client_id"));
        };
        let address = query.get("redirect_uri").filter(|uri| !uri.is_empty());
        if address.is_some_and(|uri| !uri.starts_with(&consumer.callback)) {
            return Err(problem("Invalid redirect_uri"));
        }
        let request = Self {
            asked_redirect_uri: address.map(str::to_owned),
            state: query.get("state").map(str::to_owned),
            consumer,
        };
        if query.get("response_type") != Some("code") {
            let error = [("error", "unsupported_response_type")];
            return Err(Box::new(request.redirect(&error)));
        }
        Ok(request)
    }

    fn redirect(&self, parameters: &[(&str, &str)]) -> Response {
        let callback = self.asked_redirect_uri.as_ref();
        let callback = callback.unwrap_or(&self.consumer.callback);
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        query.extend_pairs(parameters);
        let joint = if callback.contains('?') { '&' } else { '?' };
        let location = format!("{callback}{joint}{}", query.finish());
        (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
    }
}

fn problem(text: &str) -> Box<Response> {
    let page = format!("<!doctype html><title>Bitbucket</title><h1>Error</h1><p>{}</p>", escape(text));
    Box::new((StatusCode::BAD_REQUEST, Html(page)).into_response())
}

fn page(request: &Request, error: &str) -> Html<String> {
    let hidden = |name: &str, value: Option<&str>| {
        value.map_or_else(String::new, |value| {
            let value = escape(value);
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n")
        })
    };
    let options: String =
        accounts::KNOWN.iter().map(|name| format!("<option value=\"{name}\">{name}</option>")).collect();
    let scopes: String = request.consumer.scopes.iter().map(|scope| format!("<li>{}</li>", escape(scope))).collect();
    let error = match error {
        "" => String::new(),
        text => format!("<p role=\"alert\">{}</p>", escape(text)),
    };
    Html(format!(
        r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Confirm access to your account – Bitbucket (sandbox)</title>
<style>:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ margin: 10vh auto; max-width: 26rem; padding: 0 1rem }} label {{ display: block; margin-top: 1rem }}
select, input, button {{ font: inherit; padding: .5rem }} p.buttons {{ margin-top: 1.5rem }}</style></head>
<body><main><h1>Confirm access to your account</h1>
{error}
<p><strong>{key}</strong> is requesting access to:</p>
<ul>{scopes}</ul>
<form method="post" action="/site/oauth2/authorize">
{client}{response_type}{state}{redirect}<label for="account">Account</label>
<select id="account" name="account">{options}</select>
<label for="account_name">or another one (test-…)</label>
<input id="account_name" name="account_name" autocomplete="off">
<p class="buttons"><button type="submit" name="decision" value="grant">Grant access</button>
<button type="submit" name="decision" value="deny">Cancel</button></p>
</form></main></body></html>
"#,
        key = escape(&request.consumer.key),
        client = hidden("client_id", Some(&request.consumer.key)),
        response_type = hidden("response_type", Some("code")),
        state = hidden("state", request.state.as_deref()),
        redirect = hidden("redirect_uri", request.asked_redirect_uri.as_deref()),
    ))
}
