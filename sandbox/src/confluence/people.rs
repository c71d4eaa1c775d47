//! People, by their account ids.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::accounts::{self, KNOWN, Person};

fn person_json(person: &Person) -> Value {
    json!({
        "displayName": person.display_name,
        "publicName": person.display_name,
        "accountId": person.account_id(),
        "accountType": "atlassian",
        "isExternalCollaborator": false,
        "accountStatus": "active",
        "email": "",
        "timeZone": null,
    })
}

/// v2: `POST /wiki/api/v2/users-bulk`
pub(crate) async fn bulk(Json(body): Json<Value>) -> Response {
    let wanted = body.get("accountIds").and_then(Value::as_array).cloned().unwrap_or_default();
    let known = KNOWN.iter().filter_map(|name| accounts::find(name));
    let found: Vec<Value> = known
        .filter(|person| wanted.contains(&json!(person.account_id())))
        .map(|person| person_json(&person))
        .collect();
    Json(json!({"results": found, "_links": {}})).into_response()
}

/// v1: `GET /wiki/rest/api/user/current`
pub(crate) async fn current() -> Response {
    let person = accounts::find("developer").as_ref().map(person_json);
    Json(person.unwrap_or(Value::Null)).into_response()
}
