//! What operations of Confluence do beside one request and its answer.

use super::*;

/// A page with this body.
fn page_of(storage: &str) -> Value {
    json!({"id": "98305", "title": "Deploy", "spaceId": "65537", "version": {"number": 3, "authorId": "712020:a"},
        "body": {"storage": {"value": storage}}})
}

fn names(request: &OutboundRequest) -> Option<Answered> {
    if request.url.ends_with("/api/v2/users-bulk") {
        assert_eq!(request.body.as_deref(), Some(&br#"{"accountIds":["712020:a"]}"#[..]));
        return Some(json_answer(200, &json!({"results": [{"accountId": "712020:a", "displayName": "Ann\tB"}]})));
    }
    request
        .url
        .contains("/api/v2/spaces?ids=65537")
        .then(|| json_answer(200, &json!({"results": [{"id": "65537", "key": "ENG"}]})))
}

#[test]
fn people_and_spaces_are_shown_by_their_names() {
    let run = call("confluence_get_page", json!({"page": "98305"}), |request| {
        names(request).unwrap_or_else(|| json_answer(200, &page_of("<p>x</p>")))
    });
    let text = run.text();
    assert!(text.contains("\nspace: ENG\n") && text.contains("\nby: Ann B\n"), "{text}");
}

#[test]
fn without_their_names_they_are_shown_by_their_ids() {
    let run = call("confluence_get_page", json!({"page": "98305"}), |request| {
        if request.url.contains("/pages/") {
            json_answer(200, &page_of("<p>x</p>"))
        } else {
            json_answer(403, &json!({}))
        }
    });
    let text = run.text();
    assert!(text.contains("\nspace: 65537\n") && text.contains("\nby: 712020:a\n"), "{text}");
}

#[test]
fn the_names_of_rows_are_asked_for_once() {
    let versions = json!({"results": [{"number": 2, "authorId": "712020:a"}, {"number": 1, "authorId": "712020:a"}]});
    let run = call("confluence_list_page_versions", json!({"page": "98305"}), move |request| {
        names(request).unwrap_or_else(|| json_answer(200, &versions))
    });
    assert_eq!(run.sent.len(), 2);
    let text = run.text();
    assert!(text.contains("In all rows: when -; by Ann B;"), "{text}");
}

const SECTIONS: &str = "<h1>One</h1><p>first</p><h2>Deep</h2><p>second</p><h1>Two</h1><p>third</p>";

#[test]
fn one_section_of_a_page_is_shown() {
    let read = |section: &str| {
        let given = json!({"page": "98305", "section": section});
        call("confluence_get_page", given, |_| json_answer(200, &page_of(SECTIONS))).text()
    };
    let text = read("deep");
    assert!(text.contains("second") && !text.contains("first") && !text.contains("third"), "{text}");
    let text = read("nowhere");
    assert!(text.contains("Not found: no heading says `nowhere`") && text.contains("# One\n## Deep\n# Two"), "{text}");
}

#[test]
fn two_versions_are_compared_as_they_are_read() {
    let run = call("confluence_diff_page_versions", json!({"page": "98305", "from": 1, "to": 2}), |request| {
        let older = request.url.contains("version=1");
        json_answer(200, &page_of(if older { "<p>one</p><p>same</p>" } else { "<p>two</p><p>same</p>" }))
    });
    let text = run.text();
    assert!(text.contains("@@ -1,3 +1,3 @@\n-one\n+two\n \n same\n"), "{text}");
    let run = call("confluence_diff_page_versions", json!({"page": "98305", "from": 1}), |_| {
        json_answer(200, &page_of("<p>one</p>"))
    });
    assert_eq!(run.text(), "page 98305, versions 1..: their bodies are the same.");
}

fn body(run: &Run, index: usize) -> Value {
    serde_json::from_slice(run.sent[index].body.as_deref().unwrap()).unwrap()
}

#[test]
fn a_comment_on_a_passage_is_sent_where_the_page_has_it_once() {
    let comment = |passage: &str| {
        let given = json!({"page": "98305", "text": "Why?", "passage": passage});
        call("confluence_comment", given, |request| {
            if request.method == Method::Get {
                return json_answer(200, &page_of("<p>Wait <strong>twice</strong> as&nbsp;long.</p><p>Wait</p>"));
            }
            json_answer(201, &json!({"id": "7"}))
        })
    };
    let run = comment("Wait twice as long");
    assert!(run.sent[1].url.ends_with("/api/v2/inline-comments"));
    assert_eq!(
        body(&run, 1),
        json!({"pageId": "98305", "body": {"representation": "storage", "value": "<p>Why?</p>"}, "inlineCommentProperties":
            {"textSelection": "Wait twice as long", "textSelectionMatchCount": 1, "textSelectionMatchIndex": 0}})
    );
    let run = comment("Wait");
    assert!(run.sent.len() == 1 && run.sentence().contains("2 times"));
    assert!(comment("Wait thrice").sentence().contains("does not have the words in `passage`"));
}

#[test]
fn a_reply_is_of_the_kind_of_the_comment_that_it_answers() {
    let run = call("confluence_comment", json!({"page": "98305", "text": "Yes", "reply_to": "5"}), |request| {
        match (request.method, request.url.contains("/footer-comments/5")) {
            (Method::Get, true) => json_answer(404, &json!({"errors": [{"title": "Not Found"}]})),
            _ => json_answer(200, &json!({"id": "6", "parentCommentId": "5"})),
        }
    });
    assert!(run.sent[2].url.ends_with("/api/v2/inline-comments"));
    assert_eq!(
        body(&run, 2),
        json!({"parentCommentId": "5", "body": {"representation": "storage", "value": "<p>Yes</p>"}})
    );
}

#[test]
fn a_restored_page_gets_the_body_that_it_has() {
    let storage = "<p>a\r\nb</p><ac:structured-macro ac:name=\"toc\"/>\u{200b}";
    let run = call("confluence_restore_page", json!({"page": "98305"}), move |_| json_answer(200, &page_of(storage)));
    let sent = body(&run, 1);
    assert_eq!((&sent["body"]["value"], &sent["version"]["number"]), (&json!(storage), &json!(4)));
}

#[test]
fn a_property_is_json_going_in_and_coming_out() {
    let update = |value: &str| {
        let given = json!({"page": "98305", "property": "state", "value": value});
        let run = call("confluence_create_page_property", given, |_| json_answer(200, &json!({"key": "state"})));
        body(&run, 0)["value"].clone()
    };
    assert_eq!(update("{\"a\": [1]}"), json!({"a": [1]}));
    assert_eq!(update("ready"), json!("ready"));
    let run = call("confluence_get_page_property", json!({"page": "98305", "property": "state"}), |request| {
        if request.url.contains("?key=state") {
            return json_answer(200, &json!({"results": [{"id": "4", "version": {"number": 2}}]}));
        }
        json_answer(200, &json!({"key": "state", "value": {"a": [1, {"b": null}]}, "version": {"number": 2}}))
    });
    let text = run.text();
    assert!(text.contains("value:\n```\n{\"a\":[1,{\"b\":null}]}\n```"), "{text}");
}

#[test]
fn a_space_that_is_not_there_is_told_before_anything_else_is_asked() {
    let run = call("confluence_list_pages", json!({"space": "NONE"}), |_| json_answer(200, &json!({"results": []})));
    assert_eq!(run.sent.len(), 1);
    assert!(run.sentence().contains("confluence_list_spaces lists the spaces"));
}

#[test]
fn words_are_looked_for_and_a_space_limits_them() {
    let run = call("confluence_search", json!({"query": "retry policy", "space": "ENG"}), |_| {
        json_answer(200, &json!({"results": []}))
    });
    let sent = url::Url::parse(&run.sent[0].url).unwrap();
    let cql = sent.query_pairs().find(|(name, _)| name == "cql").unwrap().1.into_owned();
    assert_eq!(cql, "(text ~ \"retry policy\") and space = \"ENG\"");
}
