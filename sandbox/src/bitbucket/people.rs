//! Accounts and workspaces as JSON, and the endpoints about them.

use axum::Json;
use axum::extract::Path;
use serde_json::{Value, json};

use super::access::Ask;
use super::errors::Refusal;
use super::page::{Paging, page};
use crate::accounts::{self, Person};
use crate::identifier;

pub(crate) const WORKSPACE: &str = "acme";

/// An account inside another object.
pub(crate) fn account(base: &str, name: &str) -> Value {
    accounts::find(name).map_or(Value::Null, |person| person_json(base, &person))
}

fn person_json(base: &str, person: &Person) -> Value {
    let uuid = person.uuid();
    json!({
        "type": "user",
        "display_name": person.display_name,
        "nickname": person.name,
        "uuid": uuid,
        "account_id": person.account_id(),
        "links": {
            "self": {"href": format!("{base}/2.0/users/{}", encode_braces(&uuid))},
            "avatar": {"href": format!("https://secure.gravatar.com/avatar/{}", identifier::uuid("avatar", &person.name))},
            "html": {"href": format!("https://bitbucket.org/{}/", encode_braces(&uuid))},
        },
    })
}

/// A UUID inside a URL.
pub(crate) fn encode_braces(uuid: &str) -> String {
    uuid.replace('{', "%7B").replace('}', "%7D")
}

/// `GET /2.0/user`
pub(crate) async fn current_user(ask: Ask) -> Json<Value> {
    let mut user = person_json(&ask.base, &ask.caller);
    if let Some(members) = user.as_object_mut() {
        members.insert("username".into(), json!(ask.caller.name));
        members.insert("account_status".into(), json!("active"));
        members.insert("has_2fa_enabled".into(), Value::Null);
        members.insert("is_staff".into(), json!(false));
        members.insert("location".into(), Value::Null);
        members.insert("created_on".into(), json!("2024-03-04T09:10:11.000000+00:00"));
    }
    Json(user)
}

pub(crate) fn workspace_uuid() -> String {
    format!("{{{}}}", identifier::uuid("workspace", WORKSPACE))
}

/// Whether a path segment names the workspace, by slug or by UUID.
pub(crate) fn is_workspace(name: &str) -> bool {
    name == WORKSPACE || name == workspace_uuid()
}

/// What the caller is told about a workspace that is not there, or not theirs.
pub(crate) fn no_such_workspace(name: &str) -> Refusal {
    Refusal::not_found(&format!("No workspace with identifier '{name}'."))
}

pub(crate) fn workspace_json(base: &str) -> Value {
    json!({
        "type": "workspace",
        "slug": WORKSPACE,
        "name": "Acme",
        "uuid": workspace_uuid(),
        "links": {
            "self": {"href": format!("{base}/2.0/workspaces/{WORKSPACE}")},
            "html": {"href": format!("https://bitbucket.org/{WORKSPACE}/")},
            "avatar": {"href": format!("https://bitbucket.org/workspaces/{WORKSPACE}/avatar/")},
        },
    })
}

/// `GET /2.0/user/workspaces`
pub(crate) async fn workspaces(ask: Ask) -> Result<Json<Value>, Refusal> {
    let administrator = ask.caller.administrator;
    let choice = ask.query.get("administrator");
    let listed = choice.is_none_or(|choice| choice == administrator.to_string());
    let access = json!({
        "type": "workspace_access",
        "administrator": administrator,
        "workspace": {
            "type": "workspace_base",
            "slug": WORKSPACE,
            "uuid": workspace_uuid(),
            "links": {
                "self": {"href": format!("{}/2.0/workspaces/{WORKSPACE}", ask.base)},
                "avatar": {"href": format!("https://bitbucket.org/workspaces/{WORKSPACE}/avatar/")},
            },
        },
    });
    let values = if listed { vec![access] } else { Vec::new() };
    page(&ask, values, &Paging::USUAL).map(Json)
}

/// `GET /2.0/workspaces/{workspace}`
pub(crate) async fn workspace(ask: Ask, Path(name): Path<String>) -> Result<Json<Value>, Refusal> {
    if !is_workspace(&name) {
        return Err(no_such_workspace(&name));
    }
    let mut workspace = workspace_json(&ask.base);
    if let Some(members) = workspace.as_object_mut() {
        members.insert("is_private".into(), json!(true));
        members.insert("is_personal".into(), json!(false));
        members.insert("is_privacy_enforced".into(), json!(true));
        members.insert("forking_mode".into(), json!("internal_only"));
        members.insert("created_on".into(), json!("2024-03-01T08:00:00.000000+00:00"));
    }
    Ok(Json(workspace))
}
