//! The clients that administrators enter.

use crate::{
    console::testing::{Shown, context, open, post, run, submit},
    context::Context,
    crypto::digest::sha256,
    platform::database::sql,
};

const PAGE: &str = "/admin/clients";
const COMPLETE: &str = "name=Robot+%3Cb%3E&method=client_secret_basic&grant_type=authorization_code&scope=read\
                        &redirect_uris=https%3A%2F%2Frobot.example%2Fcallback";

fn enter(context: &Context, fields: &str) -> Shown {
    submit(context, "ada", PAGE, PAGE, fields)
}

fn clients(context: &Context) -> Vec<serde_json::Value> {
    run(context, sql("SELECT * FROM clients")).rows
}

/// The values of the list of facts.
fn facts(shown: &Shown) -> Vec<&str> {
    shown.html.split("<dd><code>").skip(1).filter_map(|rest| rest.split("</code>").next()).collect()
}

#[test]
fn a_client_that_was_entered_is_listed_and_its_secret_is_not() {
    let context = context();
    let shown = enter(&context, COMPLETE);
    let [id, secret, ..] = facts(&shown)[..] else { panic!("{}", shown.html) };
    assert_eq!((shown.status, shown.header("cache-control")), (200, Some("no-store")));
    assert_eq!(clients(&context)[0]["secret_hash"], sha256(secret));
    let list = open(&context, Some("ada"), PAGE).html;
    for text in [id, "Robot &lt;b&gt;", "https://robot.example/callback", "by Ada Admin"] {
        assert!(list.contains(text), "{text}");
    }
    assert!(!list.contains(secret));
}

#[test]
fn what_is_wrong_is_said_beside_what_was_written() {
    let context = context();
    let shown = enter(&context, &COMPLETE.replace("https", "http"));
    assert_eq!(shown.status, 400);
    for text in ["Line 1 of the redirect URIs", "http://robot.example/callback</textarea>", "value=\"Robot &lt;b&gt;\""]
    {
        assert!(shown.html.contains(text), "{text}: {}", shown.html);
    }
    assert!(clients(&context).is_empty());
}

#[test]
fn a_client_is_removed_by_its_button() {
    let context = context();
    let shown = enter(&context, COMPLETE);
    let removed = submit(&context, "ada", PAGE, "/admin/clients/remove", &format!("client={}", facts(&shown)[0]));
    assert_eq!((removed.status, removed.header("location")), (303, Some(PAGE)));
    assert!(clients(&context).is_empty());
}

#[test]
fn nobody_else_enters_or_removes_one() {
    let context = context();
    enter(&context, COMPLETE);
    let id = clients(&context)[0]["id"].as_str().unwrap().to_owned();
    let forms = [(PAGE, COMPLETE.to_owned()), ("/admin/clients/remove", format!("client={id}"))];
    for (action, fields) in forms {
        let token = open(&context, Some("ada"), PAGE).form_token(action).unwrap().to_owned();
        for session in [None, Some("dana")] {
            let shown = post(&context, session, action, &format!("form_token={token}&{fields}"));
            assert!(matches!(shown.status, 401 | 403), "{action}: {}", shown.status);
        }
        assert_eq!(post(&context, Some("ada"), action, &fields).status, 403, "{action} without its token");
    }
    assert_eq!(clients(&context).len(), 1);
}
