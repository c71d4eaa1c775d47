//! Keycloak's own administrator: the REST API that stands behind its console.

use std::sync::LazyLock;

use postern_tests::{client::post_form, instance::instance};
use serde_json::{Value, json};
use testkit::browser::plain_agent;

/// The realm that Postern trusts, and one beside it that has all the same and is another issuer.
pub const REALM: &str = "acme";
pub const OTHER_REALM: &str = "other";

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test --only keycloak`"))
}

/// Where Keycloak answers.
pub static URL: LazyLock<String> = LazyLock::new(|| variable("KEYCLOAK_URL"));

/// Points both realms' clients at the one Postern, and that at Keycloak. Word for word what the README tells an
/// operator to do is in the realm's file; only the addresses are of this run.
pub fn prepare() {
    static PREPARED: LazyLock<()> = LazyLock::new(|| {
        let mut realm: Value =
            serde_json::from_str(&std::fs::read_to_string(variable("KEYCLOAK_REALM")).expect("the realm"))
                .expect("JSON");
        realm["realm"] = OTHER_REALM.into();
        for user in realm["users"].as_array_mut().expect("users") {
            let roles = user["realmRoles"].as_array_mut().expect("roles");
            roles.retain(|role| role != "default-roles-acme");
            user.as_object_mut().expect("a user").remove("id");
        }
        request("POST", "/admin/realms", Some(&realm));
        for realm in [REALM, OTHER_REALM] {
            let client = &request("GET", &format!("/admin/realms/{realm}/clients?clientId=postern"), None)[0];
            let mut changed = client.clone();
            changed["redirectUris"] = json!([format!("{}/callback/identity", instance().url)]);
            changed["attributes"]["backchannel.logout.url"] =
                format!("{}/identity/backchannel-logout", instance().url).into();
            let id = client["id"].as_str().expect("an id");
            request("PUT", &format!("/admin/realms/{realm}/clients/{id}"), Some(&changed));
        }
        trust(&json!({}));
    });
    LazyLock::force(&PREPARED);
}

/// Starts Postern anew with Keycloak as its identity provider, and with other settings.
pub fn trust(changed: &Value) {
    let mut settings = json!({ "OIDC_ISSUER": issuer(REALM) });
    for (name, value) in changed.as_object().expect("settings") {
        settings[name] = value.clone();
    }
    instance().set_variables(&settings);
}

pub fn issuer(realm: &str) -> String {
    format!("{}/realms/{realm}", *URL)
}

/// One request to the administration API; its JSON, or null.
pub fn request(method: &str, path: &str, body: Option<&Value>) -> Value {
    let (user, password) = (variable("KEYCLOAK_ADMINISTRATOR"), variable("KEYCLOAK_PASSWORD"));
    let form = [("grant_type", "password"), ("client_id", "admin-cli"), ("username", &user), ("password", &password)];
    let token = post_form(&format!("{}/protocol/openid-connect/token", issuer("master")), &form).json();
    let token = token["access_token"].as_str().expect("a token of the administrator").to_owned();
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{}{path}", *URL))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json");
    let result = match body {
        Some(body) => plain_agent().run(request.body(body.to_string()).expect("a request")),
        None => plain_agent().run(request.body(()).expect("a request")),
    };
    let mut answer = result.expect("Keycloak");
    let status = answer.status();
    let text = answer.body_mut().read_to_string().expect("a body");
    assert!(status.is_success(), "{method} {path}: {status} {text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// A user of the realm that Postern trusts.
pub struct User {
    pub name: String,
    pub id: String,
}

impl User {
    /// A new one with these realm roles, and with offline access unless told otherwise.
    pub fn new(name: &str, roles: &[&str]) -> Self {
        Self::of(REALM, name, roles)
    }

    pub fn of(realm: &str, name: &str, roles: &[&str]) -> Self {
        let user = json!({
            "username": name, "enabled": true, "email": format!("{name}@acme.example"), "emailVerified": true,
            "firstName": "Test", "lastName": "User",
            "credentials": [{ "type": "password", "value": "postern", "temporary": false }],
        });
        request("POST", &format!("/admin/realms/{realm}/users"), Some(&user));
        let found = request("GET", &format!("/admin/realms/{realm}/users?username={name}&exact=true"), None);
        let user = Self { name: name.to_owned(), id: found[0]["id"].as_str().expect("a user").to_owned() };
        for role in roles {
            user.change_role(realm, "POST", role);
        }
        user
    }

    /// Its path in the administration API.
    pub fn path(&self, rest: &str) -> String {
        format!("/admin/realms/{REALM}/users/{}{rest}", self.id)
    }

    fn change_role(&self, realm: &str, method: &str, role: &str) {
        let role = request("GET", &format!("/admin/realms/{realm}/roles/{role}"), None);
        let path = format!("/admin/realms/{realm}/users/{}/role-mappings/realm", self.id);
        request(method, &path, Some(&json!([role])));
    }

    pub fn give_role(&self, role: &str) {
        self.change_role(REALM, "POST", role);
    }

    pub fn take_role(&self, role: &str) {
        self.change_role(REALM, "DELETE", role);
    }

    pub fn join(&self, group: &str) {
        let groups = request("GET", &format!("/admin/realms/{REALM}/groups?search={group}"), None);
        let id = groups[0]["id"].as_str().expect("a group");
        request("PUT", &self.path(&format!("/groups/{id}")), None);
    }

    pub fn disable(&self) {
        request("PUT", &self.path(""), Some(&json!({ "enabled": false })));
    }
}
