//! What is sent: kinds of arguments, bodies of every form, and steps before and after a request.

use std::cell::Cell;

use super::*;
use crate::catalog::schema;

fn sent_by(tool: &str, given: Value) -> OutboundRequest {
    let run = call(tool, given, |_| json_answer(200, &json!({})));
    assert!(run.result.is_ok());
    run.sent.last().unwrap().clone()
}

fn body_of(request: &OutboundRequest) -> Value {
    serde_json::from_slice(request.body.as_ref().unwrap()).unwrap()
}

fn header<'r>(request: &'r OutboundRequest, name: &str) -> Option<&'r str> {
    request.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

#[test]
fn a_body_holds_constants_lists_and_nested_members() {
    let request = sent_by(
        "test_create",
        json!({
            "workspace": "acme", "close": "true", "reviewers": ["{a}", "att7"], "since": "2026-10-01",
            "people": [{"name": "Ann", "role": "lead"}, {"name": "Bob"}], "note": "fine",
        }),
    );
    assert_eq!(
        body_of(&request),
        json!({
            "status": "current", "version": {"number": 1}, "is_open": true, "parent": null, "close_source_branch": true,
            "reviewers": [{"uuid": "{a}", "type": "user"}, {"uuid": "att7", "type": "user"}],
            "people": [{"name": "Ann", "role": "LEAD"}, {"name": "Bob", "role": "MEMBER"}],
        })
    );
    assert!(request.url.ends_with("/acme/things?since=2026-10-01&reviewer=%7Ba%7D&reviewer=att7"), "{}", request.url);
    assert_eq!((header(&request, "x-atlassian-token"), header(&request, "x-note")), (Some("no-check"), Some("fine")));
}

#[test]
fn what_is_left_out_has_no_member_and_an_empty_list_has() {
    let bare = body_of(&sent_by("test_create", json!({"workspace": "acme"})));
    assert!(bare.get("reviewers").is_none() && bare["close_source_branch"] == false);
    assert_eq!(body_of(&sent_by("test_create", json!({"workspace": "acme", "reviewers": []})))["reviewers"], json!([]));
}

#[test]
fn a_body_may_be_an_array() {
    let request = sent_by("test_label", json!({"workspace": "acme", "labels": "[\"a\", \"b\"]"}));
    assert_eq!(body_of(&request), json!([{"name": "a", "prefix": "global"}, {"name": "b", "prefix": "global"}]));
}

#[test]
fn a_post_without_a_body_has_no_content_type_and_answers_what_was_done() {
    let run = call("test_approve", json!({"workspace": "acme"}), |_| {
        Ok(InboundResponse { status: 204, headers: Vec::new(), body: Vec::new(), truncated: false })
    });
    assert!(run.sent[0].body.is_none() && header(&run.sent[0], "content-type").is_none());
    assert_eq!(run.text(), "Done: approved acme.");
    let deleted = call("test_delete", json!({"workspace": "acme"}), |_| json_answer(204, &json!(null)));
    assert_eq!(deleted.text(), "Done: deleted acme.");
}

#[test]
fn a_form_is_encoded() {
    let request = sent_by("test_form", json!({"workspace": "acme", "message": "a&b=c\nd"}));
    assert_eq!(header(&request, "content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.body.unwrap(), b"message=a%26b%3Dc%0Ad&draft=false");
}

#[test]
fn no_content_ends_a_part_of_a_multipart_body() {
    let text = "--x\r\ncontent-disposition: form-data; name=\"branch\"\r\n\r\nother";
    let request = sent_by("test_commit", json!({"workspace": "acme", "path": "src/\"a.rs", "text": text}));
    let boundary = header(&request, "content-type").unwrap().strip_prefix("multipart/form-data; boundary=").unwrap();
    let body = String::from_utf8(request.body.clone().unwrap()).unwrap();
    let parts: Vec<_> = body.split(&format!("--{boundary}")).collect();
    assert_eq!(parts.len(), 4);
    assert_eq!(parts[1], "\r\ncontent-disposition: form-data; name=\"branch\"\r\n\r\nmain\r\n");
    assert!(parts[2].contains("name=\"src/%22a.rs\"; filename=\"src/%22a.rs\"") && parts[2].contains("\n\nother"));
    assert_eq!(parts[3], "--\r\n");
}

/// The parts of a multipart body, each with its heading.
fn parts_of(request: &OutboundRequest) -> Vec<(String, String)> {
    let boundary = header(request, "content-type").unwrap().strip_prefix("multipart/form-data; boundary=").unwrap();
    let body = String::from_utf8(request.body.clone().unwrap()).unwrap();
    let boundary = format!("--{boundary}");
    let parts = body.split(&boundary).filter_map(|part| part.trim_start().split_once("\r\n\r\n"));
    parts.map(|(head, text)| (head.to_owned(), text.strip_suffix("\r\n").unwrap().to_owned())).collect()
}

#[test]
fn a_commit_of_files_has_a_part_for_each_and_names_its_parent_in_full() {
    let whole = "0123456789abcdef0123456789abcdef01234567";
    let given = backend(json!({
        "branch": "feature/login", "parent": "0123456", "message": "Two files",
        "files": [{"path": "message", "text": "a\r\n"}, {"path": "bin/run.sh", "text": "", "executable": true}],
        "delete": ["src/old.rs"],
    }));
    let run = call("bitbucket_commit_files", given, move |_| json_answer(201, &json!({ "hash": whole })));
    assert!(run.sent[0].url.ends_with("/commit/0123456?fields=hash"), "{}", run.sent[0].url);
    let parts = parts_of(&run.sent[1]);
    let heads: Vec<_> = parts.iter().map(|(head, _)| head.split_once("form-data; ").unwrap().1).collect();
    let media = "\r\ncontent-type: application/octet-stream";
    assert_eq!(
        heads,
        [
            "name=\"message\"".to_owned(),
            "name=\"branch\"".to_owned(),
            "name=\"parents\"".to_owned(),
            "name=\"files\"".to_owned(),
            format!("name=\"/message\"; filename=\"message\"{media}"),
            format!("name=\"/bin/run.sh\"; filename=\"bin/run.sh\"; x-attributes=\"executable\"{media}"),
        ]
    );
    let texts: Vec<_> = parts.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["Two files", "feature/login", whole, "/src/old.rs", "a\r\n", ""]);
}

#[test]
fn a_history_begins_at_its_head_and_leaves_out_what_its_base_has() {
    let empty = |_: &OutboundRequest| json_answer(200, &json!({"values": []}));
    let sent = |more| call("bitbucket_list_commits", backend(more), empty).sent[0].url.clone();
    assert!(sent(json!({})).contains("/commits?include=HEAD&pagelen="));
    let between = sent(json!({"ref": "main..feature/x", "path": "src"}));
    assert!(between.contains("/commits?include=feature%2Fx&exclude=main&path=src&"), "{between}");
}

#[test]
fn a_query_quotes_its_argument() {
    let given = json!({"workspace": "acme", "email": "a\"b@acme.example"});
    let run = call("bitbucket_list_workspace_members", given, |_| json_answer(200, &json!({"values": []})));
    let url = &run.sent[0].url;
    assert!(url.contains("?q=user.email%20IN%20%28%22a%5C%22b%40acme.example%22%29&"), "{url}");
}

#[test]
fn keys_are_those_of_the_account_that_the_provider_names() {
    let run = call("bitbucket_list_own_ssh_keys", json!({}), |request| {
        json_answer(200, &if request.url.contains("/user?") { json!({"uuid": "{u}"}) } else { json!({"values": []}) })
    });
    assert!(run.sent[1].url.contains("/users/%7Bu%7D/ssh-keys?"), "{}", run.sent[1].url);
}

#[test]
fn arguments_of_the_wrong_kind_are_refused_in_words() {
    let refused = |given: Value| {
        let mut all = json!({"workspace": "acme"});
        all.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
        arguments::validate(language::find("test_create").unwrap(), all.as_object().unwrap()).unwrap_err().to_string()
    };
    assert!(refused(json!({"close": "perhaps"})).contains("true or false"));
    assert!(refused(json!({"since": "2026-02-30"})).contains("a day such as"));
    assert!(refused(json!({"reviewers": ["a", "b", "c"]})).contains("a list of at most 2"));
    assert!(refused(json!({"reviewers": ["a/../b"]})).contains("an identifier"));
    assert!(refused(json!({"people": [{"role": "LEAD"}]})).contains("an object with `name`"));
    assert!(refused(json!({"people": [{"name": "Ann", "admin": true}]})).contains("an object with"));
}

#[test]
fn lists_and_objects_are_closed_in_the_schema() {
    let definition = schema::definition(language::find("test_create").unwrap());
    let properties = &definition["inputSchema"]["properties"];
    assert_eq!(properties["close"], json!({"type": "boolean", "description": "Whether to close", "default": false}));
    assert_eq!(properties["reviewers"]["items"], json!({"type": "string"}));
    let person = &properties["people"]["items"];
    assert_eq!((&person["additionalProperties"], &person["required"]), (&json!(false), &json!(["name"])));
}

#[test]
fn a_step_before_finds_what_the_request_needs() {
    let run = call("test_update", json!({"workspace": "acme"}), |request| {
        let found = json!({"id": "att7", "version": {"number": 4}});
        json_answer(200, &if request.body.is_none() { found } else { json!({}) })
    });
    assert_eq!((run.sent.len(), body_of(&run.sent[1])), (2, json!({"version": {"number": 5}, "id": "att7"})));
    assert!(run.sent[0].url.ends_with("/acme/things?fields=version%2Cid") && run.sent[1].url.ends_with("/things/att7"));
}

#[test]
fn markdown_goes_into_a_page_as_the_storage_format_of_its_next_version() {
    let run = call("test_page", json!({"page": "98305", "text": "# Steps\n\nRun <b>x</b>."}), |request| {
        let found = json!({"title": "Deploy", "version": {"number": 4}});
        json_answer(200, &if request.body.is_none() { found } else { json!({}) })
    });
    let body = json!({"representation": "storage", "value": "<h1>Steps</h1><p>Run &lt;b&gt;x&lt;/b&gt;.</p>"});
    assert_eq!(
        body_of(&run.sent[1]),
        json!({"id": "98305", "status": "current", "title": "Deploy", "version": {"number": 5}, "body": body})
    );
    assert_eq!(run.text(), "Done: changed page 98305.");
}

#[test]
fn where_a_step_finds_nothing_what_is_asked_for_is_not_there() {
    let found = json!({"id": "7"});
    let run = call("test_update", json!({"workspace": "acme"}), move |_| json_answer(200, &found));
    assert!(run.sent.len() == 1 && matches!(run.result, Err(Failure::NotFound { .. })));
}

#[test]
fn what_a_step_finds_in_another_form_is_not_sent_on() {
    for found in [json!({"id": "../x", "version": {"number": 4}}), json!({"id": "7", "version": {"number": 100}})] {
        let run = call("test_update", json!({"workspace": "acme"}), move |_| json_answer(200, &found));
        assert!(run.sent.len() == 1 && matches!(run.result, Err(Failure::Unreadable { .. })));
    }
}

#[test]
fn two_references_are_each_looked_up_where_they_are_ambiguous() {
    let compare = |spec: &str| {
        call("test_compare", json!({"workspace": "acme", "spec": spec}), |request| {
            if request.url.contains("/refs/branches/feature%2Fx") {
                return json_answer(200, &json!({"target": {"hash": "0123456789ABCDEF"}}));
            }
            text_answer("text/plain", "+x\n")
        })
    };
    let run = compare("main..feature/x");
    assert!(
        run.sent.len() == 2 && run.sent[1].url.ends_with("/acme/diff/main..0123456789abcdef"),
        "{}",
        run.sent[1].url
    );
    assert_eq!(compare("main..v1.0").sent.len(), 1);
    for wrong in ["main", "main...x", "a..b..c", "..b", "main..", "a b..c"] {
        let given = json!({"workspace": "acme", "spec": wrong});
        assert!(
            arguments::validate(language::find("test_compare").unwrap(), given.as_object().unwrap()).is_err(),
            "{wrong}"
        );
    }
}

/// A merge that is begun with 202, and then answers these states.
fn merge(states: &'static [&'static str]) -> Run {
    let polled = Cell::new(0);
    call("test_merge", json!({"workspace": "acme"}), move |request| {
        if request.method == crate::platform::http::Method::Post {
            let at = "https://api.bitbucket.org/2.0/acme/merge/task-status/42".to_owned();
            return Ok(InboundResponse {
                status: 202,
                headers: vec![("location".into(), at)],
                body: Vec::new(),
                truncated: false,
            });
        }
        assert!(request.url.ends_with("/acme/merge/task-status/42"));
        let state = states.get(polled.replace(polled.get() + 1)).copied().unwrap_or("PENDING");
        if state == "500" {
            return json_answer(500, &json!({}));
        }
        json_answer(
            200,
            &json!({"task_status": state, "merge_result": {"state": "MERGED"}, "error": {"message": "conflict"}}),
        )
    })
}

#[test]
fn the_end_of_what_was_begun_is_waited_for() {
    let run = merge(&["PENDING", "SUCCESS"]);
    assert_eq!(run.sent.len(), 3);
    assert!(run.text().ends_with("state: MERGED"));
}

#[test]
fn each_look_at_what_was_begun_is_reported_and_nothing_else_is() {
    let reported = merge(&["PENDING", "SUCCESS"]).progress;
    let look = |looks| format!("Bitbucket is at work on acme; looked at {looks} of 3 times");
    assert_eq!(reported, [look(0), look(1)]);
    let at_once = call("test_merge", json!({"workspace": "acme"}), |_| json_answer(200, &json!({"state": "MERGED"})));
    assert!(at_once.progress.is_empty());
}

#[test]
fn what_fails_after_it_began_says_why() {
    let sentence = merge(&["FAILED"]).sentence();
    assert!(
        sentence.starts_with("Refused: Bitbucket began this, and it failed there (it says: \"conflict\")"),
        "{sentence}"
    );
}

#[test]
fn what_is_still_running_at_the_limit_is_no_failure_and_never_begun_again() {
    let run = merge(&[]);
    assert_eq!(begun(&run), 1);
    let text = run.text();
    assert!(text.starts_with("Still running: ") && text.ends_with("Do not repeat it: look at it."), "{text}");
}

#[test]
fn what_cannot_be_waited_for_is_unknown_and_never_begun_again() {
    let run = merge(&["500", "500"]);
    assert_eq!(begun(&run), 1);
    assert!(run.result.as_ref().unwrap_err().outcome_is_unknown());
    assert!(run.sentence().contains("Do not simply repeat it. Next: look at it"));
}

fn begun(run: &Run) -> usize {
    run.sent.iter().filter(|request| request.method == crate::platform::http::Method::Post).count()
}

#[test]
fn a_task_elsewhere_is_not_looked_at() {
    for at in [
        "https://evil.example/2.0/acme/merge/task-status/42",
        "https://api.bitbucket.org/2.0/user",
        "/2.0/acme/merge/task-status/..",
    ] {
        let run = call("test_merge", json!({"workspace": "acme"}), move |_| {
            Ok(InboundResponse {
                status: 202,
                headers: vec![("location".into(), at.into())],
                body: Vec::new(),
                truncated: false,
            })
        });
        assert!(run.sent.len() == 1 && run.result.unwrap_err().outcome_is_unknown(), "{at}");
    }
}

#[test]
fn a_read_that_takes_longer_than_its_limit_may_be_asked_again() {
    let run = call("test_export", json!({"workspace": "acme"}), |request| {
        let begun = request.method == crate::platform::http::Method::Post;
        json_answer(if begun { 202 } else { 200 }, &json!({"id": "t1", "task_status": "PENDING"}))
    });
    assert!(run.sent.len() == 4 && matches!(run.result, Err(Failure::Preparing)));
}

#[test]
fn what_goes_on_by_itself_says_how_to_look_at_it() {
    let text = call("test_start", json!({"workspace": "acme"}), |_| json_answer(202, &json!({"id": "t1"}))).text();
    assert!(text.ends_with("task: t1\nStarted: Bitbucket goes on with this by itself. Do not repeat it: test_rows of acme shows how it is."), "{text}");
}

/// What an approval of a call is bound to, where the provider answers so.
fn bound(tool: &str, given: &Value, answer: impl Fn(&OutboundRequest) -> Answered + 'static) -> Option<String> {
    let context = Context {
        settings: Rc::new(settings::for_tests()),
        platform: native::platform(ScriptedHttp::new(answer)),
        request_id: RequestId::new("test"),
    };
    let operation = find(tool).unwrap();
    let arguments = arguments::validate(operation, given.as_object().unwrap()).unwrap();
    let site = arguments.site().expect("a call to a provider");
    let credential = Credential::bearer(site, Secret::new("upstream-token"));
    block_on(binding(&context, operation, &arguments, &credential)).unwrap()
}

#[test]
fn an_approval_is_bound_to_the_commit_at_the_head_and_the_branch_that_it_goes_into() {
    let pull_request = |_: &OutboundRequest| {
        json_answer(
            200,
            &json!({"source": {"commit": {"hash": "0123456789ab"}}, "destination": {"branch": {"name": "main"}}}),
        )
    };
    let given = |tool: &str| Value::Object(arguments::examples(find(tool).unwrap(), false));
    let comment = "bitbucket_add_pull_request_comment";
    assert_eq!(bound(comment, &given(comment), pull_request).as_deref(), Some("0123456789ab into main"));
    let read = "bitbucket_get_pull_request";
    assert_eq!(bound(read, &given(read), pull_request), None);
}

#[test]
fn an_approval_is_bound_to_the_version_of_what_a_call_changes_and_not_of_where_it_goes() {
    let site = |request: &OutboundRequest| match request.url.split("/wiki").nth(1).unwrap() {
        path if path.starts_with("/api/v2/pages/42?") => {
            json_answer(200, &json!({"id": "42", "version": {"number": 3}}))
        }
        path if path.starts_with("/api/v2/pages/") => status(404, &[])(),
        path if path.starts_with("/api/v2/blogposts/43?") => json_answer(200, &json!({"version": {"number": 5}})),
        path if path.starts_with("/api/v2/footer-comments/7") => json_answer(200, &json!({"version": {"number": 2}})),
        path if path.starts_with("/api/v2/tasks/7") => json_answer(200, &json!({"status": "incomplete"})),
        path if path.starts_with("/api/v2/attachments/") => status(403, &[])(),
        path => panic!("{path}"),
    };
    for (tool, given, state) in [
        ("confluence_move_page", json!({"page": "42", "target": "99"}), "3"),
        ("confluence_add_labels", json!({"page": "43", "labels": ["a"]}), "5"),
        ("confluence_delete_comment", json!({"comment": "7"}), "2"),
        ("confluence_complete_task", json!({"task": "7"}), "incomplete"),
        ("confluence_delete_attachment", json!({"attachment": "7"}), "a state that this account may not read"),
    ] {
        assert_eq!(bound(tool, &given, site).as_deref(), Some(state), "{tool}");
    }
    let created = json!({"space": "ENG", "title": "x", "text": "x", "parent": "42"});
    assert_eq!(bound("confluence_create_page", &created, site), None);
}

#[test]
fn an_approval_of_a_draft_is_bound_to_its_text() {
    let draft = |text: &'static str| {
        move |_: &OutboundRequest| {
            json_answer(200, &json!({"title": "Plan", "version": {"number": 1}, "body": {"storage": {"value": text}}}))
        }
    };
    let publish = |text| bound("confluence_publish_draft", &json!({"page": "42"}), draft(text)).unwrap();
    assert_ne!(publish("<p>one</p>"), publish("<p>two</p>"));
    let long: &'static str = Box::leak("word ".repeat(1_000).into_boxed_str());
    assert_eq!(publish(long).len(), 64);
}
