//! Administration tokens, and what programs do with them.

use std::collections::BTreeSet;

use futures_executor::block_on;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    console::{
        API,
        testing::{Shown, call, context, open, post, run, signed_in, submit},
    },
    context::Context,
    governance::access_policy::{
        AccessPolicy, BreakGlass, Hours, Profile, ResourceCondition, Rule, ToolSelection, Toolset,
    },
    identifiers::UserId,
    identity::{
        administration_token::{self, Access},
        browser,
    },
    platform::{
        database::sql,
        http::Method::{self, Get, Post, Put},
    },
};

const TOKENS: &str = "/admin/tokens";
const POLICY: &str = "/api/v1/policy";

/// A token of ada's.
fn token(context: &Context, access: Access) -> String {
    let ada = UserId::new("ada");
    block_on(administration_token::issue(context, &ada, "pipeline", access, 30)).expect("a token").expose().to_owned()
}

fn read(context: &Context, token: &str) -> u16 {
    call(context, Get, POLICY, token, &[], "").status
}

fn json_of(shown: &Shown) -> Value {
    serde_json::from_str(&shown.html).expect("JSON")
}

fn keep(context: &Context, token: &str, saw: &str, policy: &Value) -> Shown {
    call(context, Put, &format!("{POLICY}?summary=by+review"), token, &[("if-match", saw)], &policy.to_string())
}

fn no_deletions() -> Value {
    json!({"rules": [{"name": "no deletions", "tools": {"classes": ["destructive"]}, "then": "block"}]})
}

#[test]
fn a_token_reads_the_policy_and_is_in_no_list() {
    let context = context();
    let token = token(&context, Access::Read);
    assert!(token.starts_with("postern_administration_"), "{token}");
    let listed = open(&context, Some("ada"), TOKENS).html;
    assert!(listed.contains("pipeline") && !listed.contains(&token));
    let shown = call(&context, Get, POLICY, &token, &[], "");
    assert_eq!((shown.status, shown.header("etag")), (200, Some("\"0\"")));
    assert_eq!(json_of(&shown)["policy"], json!({}));
}

#[test]
fn whoever_signed_in_a_while_ago_makes_no_token() {
    let context = context();
    assert!(open(&context, Some("ada"), TOKENS).form_token(TOKENS).is_none());
    let browser = block_on(browser::current(&context, &signed_in("ada"))).expect("the record").expect("ada");
    let form_token = browser.form_token(&context.settings, TOKENS);
    let shown = post(&context, Some("ada"), TOKENS, &format!("form_token={form_token}&name=x&access=read&days=9"));
    assert_eq!(shown.status, 403);
    assert!(shown.html.contains("/sign-in?max_age=0"), "{}", shown.html);
    assert!(run(&context, sql("SELECT 1 FROM administration_tokens")).rows.is_empty());
}

#[test]
fn whoever_bears_no_token_is_told_where_to_get_one() {
    let context = context();
    let of_a_client = "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.x";
    for token in ["", "x", "postern_administration_x", of_a_client] {
        let shown = call(&context, Get, POLICY, token, &[], "");
        assert_eq!(shown.status, 401, "{token}");
        assert!(shown.header("www-authenticate").is_some() && shown.html.contains("Administration tokens"), "{token}");
    }
    assert_eq!(open(&context, Some("ada"), POLICY).status, 401, "a signed-in browser bears none");
}

#[test]
fn a_token_that_was_changed_is_worth_nothing() {
    let context = context();
    let token = token(&context, Access::Read);
    let (rest, signature) = token.rsplit_once('.').expect("a JWT");
    assert_eq!(read(&context, &format!("{rest}A.{signature}")), 401);
}

#[test]
fn what_the_record_says_of_a_token_gives_it_no_more_rights() {
    let context = context();
    let token = token(&context, Access::Read);
    run(&context, sql("UPDATE administration_tokens SET access = 'change', expires_at = 9e15"));
    assert_eq!(keep(&context, &token, "\"0\"", &json!({})).status, 403);
    run(&context, sql("UPDATE administration_tokens SET user_id = 'dana'"));
    assert_eq!(read(&context, &token), 401);
}

#[test]
fn a_token_that_was_taken_back_is_worth_nothing() {
    let context = context();
    let token = token(&context, Access::Read);
    let page = open(&context, Some("ada"), TOKENS).html;
    let id = page.split_once("name=\"token\" value=\"").expect("the form").1.split('"').next().expect("an id");
    submit(&context, "ada", TOKENS, "/admin/tokens/revoke", &format!("token={id}"));
    assert_eq!(read(&context, &token), 401);
}

#[test]
fn a_token_is_worth_nothing_once_its_maker_is_no_administrator_or_has_no_access() {
    for change in [
        "UPDATE users SET roles = '[]' WHERE id = 'ada'",
        "UPDATE users SET disabled_at = 1 WHERE id = 'ada'",
        "UPDATE users SET ended_before = 9e15 WHERE id = 'ada'",
    ] {
        let context = context();
        let token = token(&context, Access::Read);
        run(&context, sql(change));
        assert_eq!(read(&context, &token), 401, "{change}");
    }
}

#[test]
fn of_many_tokens_the_oldest_go() {
    let context = context();
    for _ in 0..25 {
        token(&context, Access::Read);
    }
    assert_eq!(run(&context, sql("SELECT 1 FROM administration_tokens")).rows.len(), 20);
}

#[test]
fn a_policy_is_kept_if_the_revision_is_in_force_that_it_is_made_of() {
    let context = context();
    let token = token(&context, Access::Change);
    let kept = keep(&context, &token, "\"0\"", &no_deletions());
    assert_eq!((kept.status, kept.header("etag")), (200, Some("\"1\"")), "{}", kept.html);
    let outdated = keep(&context, &token, "\"0\"", &json!({}));
    assert_eq!(outdated.status, 412, "{}", outdated.html);
    let without = call(&context, Put, POLICY, &token, &[], "{}");
    assert_eq!(without.status, 428);
    let shown = json_of(&call(&context, Get, "/api/v1/policy/revisions/1", &token, &[], ""));
    assert_eq!(shown["policy"], no_deletions());
    assert_eq!((&shown["made_by"], &shown["summary"]), (&json!("ada"), &json!("by review")));
    let revisions = json_of(&call(&context, Get, "/api/v1/policy/revisions", &token, &[], ""));
    assert_eq!(revisions["revisions"][0]["revision"], 1);
    assert_eq!(call(&context, Get, "/api/v1/policy/revisions/2", &token, &[], "").status, 404);
}

#[test]
fn a_policy_with_defects_is_not_kept_and_each_is_told() {
    let context = context();
    let token = token(&context, Access::Change);
    let policy = json!({"profiles": [{"name": "x", "subjects": ["person:nobody"], "toolsets": ["none of these"]}]});
    let refused = keep(&context, &token, "\"0\"", &policy);
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("nobody") && refused.html.contains("none of these"), "{}", refused.html);
    assert_eq!(keep(&context, &token, "\"0\"", &json!([])).status, 422);
}

#[test]
fn a_dry_run_changes_nothing_and_needs_no_right_to_change() {
    let context = context();
    let token = token(&context, Access::Read);
    let shown = call(&context, Post, "/api/v1/policy/dry-run", &token, &[], &no_deletions().to_string());
    assert_eq!(shown.status, 200, "{}", shown.html);
    assert_eq!(json_of(&shown)["calls"], 0);
    assert_eq!(json_of(&call(&context, Get, POLICY, &token, &[], ""))["revision"], 0);
}

/// The members that serde knows of a type: what it says where it meets another.
fn members<T: DeserializeOwned>() -> BTreeSet<String> {
    let error = serde_json::from_value::<T>(json!({"no such member": 0})).err().expect("refused").to_string();
    error.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_openapi_document_has_every_member_of_a_policy() {
    let document: Value = serde_json::from_str(include_str!("../../../public/api/v1/openapi.json")).expect("JSON");
    let mut of_policies = members::<AccessPolicy>();
    assert!(of_policies.remove("people"), "Postern's own");
    for (name, known) in [
        ("AccessPolicy", of_policies),
        ("BreakGlass", members::<BreakGlass>()),
        ("Hours", members::<Hours>()),
        ("Profile", members::<Profile>()),
        ("ResourceCondition", members::<ResourceCondition>()),
        ("Rule", members::<Rule>()),
        ("ToolSelection", members::<ToolSelection>()),
        ("Toolset", members::<Toolset>()),
    ] {
        let described = document["components"]["schemas"][name]["properties"].as_object().expect("properties");
        assert_eq!(described.keys().cloned().collect::<BTreeSet<_>>(), known, "{name}");
    }
}

#[test]
fn the_openapi_document_names_every_path_of_the_api_and_no_other() {
    let document: Value = serde_json::from_str(include_str!("../../../public/api/v1/openapi.json")).expect("JSON");
    let documented: BTreeSet<String> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("methods");
            methods.keys().map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let routed: BTreeSet<String> =
        API.iter().map(|route| format!("{} {}", Method::name(route.method), route.path)).collect();
    assert_eq!(documented, routed);
}
