//! What becomes of a page from its beginning to its end, played in the space `OPS` and looked at in Confluence itself.

use postern_tests::{
    client::{Answer, Client, field},
    instance::instance,
    person::Person,
};
use serde_json::{Value, json};

/// Somebody who may delete, too.
struct Writer(Client);

impl Writer {
    fn new() -> Self {
        Self(Client::with_scope(&Person::developer(), "read write admin"))
    }

    fn done(&self, tool: &str, arguments: Value) -> String {
        let answer = self.0.call(tool, arguments);
        assert!(!answer.is_error(), "{tool}: {answer:?}");
        answer.text()
    }

    fn refused(&self, tool: &str, arguments: Value) -> String {
        let answer = self.0.call(tool, arguments);
        assert!(answer.status == 200 && answer.is_error(), "{tool}: {answer:?}");
        answer.text()
    }

    /// A new page, by its id.
    fn page(&self, title: &str, text: &str) -> String {
        let made = self.done("confluence_create_page", json!({ "space": "OPS", "title": title, "text": text }));
        field(&made, "id").to_owned()
    }
}

/// What the sandbox has, asked without Postern in between.
fn confluence(path: &str) -> Answer {
    instance().confluence("GET", path, "")
}

fn body_of(page: &str) -> String {
    let page = confluence(&format!("/api/v2/pages/{page}?body-format=storage")).json();
    page["body"]["storage"]["value"].as_str().expect("a body").to_owned()
}

#[test]
fn a_page_is_created_renamed_moved_labelled_deleted_and_restored_with_its_text_as_it_was() {
    let writer = Writer::new();
    let page = writer.page("On call", "# On call\n\nAsk **Ann**.");
    let body = body_of(&page);
    assert_eq!(body, "<h1>On call</h1><p>Ask <strong>Ann</strong>.</p>");
    let arguments = json!({ "page": page });
    writer.done("confluence_rename_page", json!({ "page": page, "title": "On duty" }));
    writer.done("confluence_move_page", json!({ "page": page, "target": "98402" }));
    let above = writer.done("confluence_list_page_ancestors", arguments.clone());
    assert!(above.contains("page\t98401\tOperations home\npage\t98402\tRunbook: the store is down"), "{above}");
    assert!(writer.done("confluence_list_page_children", json!({ "page": "98402" })).contains("On duty"));
    writer.done("confluence_add_labels", json!({ "page": page, "labels": ["duty", "ops"] }));
    writer.done("confluence_remove_label", json!({ "page": page, "label": "ops" }));
    let labels = writer.done("confluence_list_labels", arguments.clone());
    assert!(labels.contains("\nduty\t") && !labels.contains("\nops\t"), "{labels}");
    writer.done("confluence_delete_page", arguments.clone());
    let trash = writer.done("confluence_list_pages", json!({ "space": "OPS", "status": "trashed" }));
    assert!(trash.contains("On duty"), "{trash}");
    let restored = writer.done("confluence_restore_page", arguments);
    assert_eq!(field(&restored, "status"), "current");
    assert_eq!(body_of(&page), body);
}

#[test]
fn a_page_in_the_trash_alone_is_deleted_for_good() {
    let writer = Writer::new();
    let page = json!({ "page": writer.page("Short-lived", "x") });
    writer.refused("confluence_purge_page", page.clone());
    writer.done("confluence_delete_page", page.clone());
    writer.done("confluence_purge_page", page.clone());
    writer.refused("confluence_restore_page", page);
}

#[test]
fn a_passage_is_commented_on_answered_resolved_and_reopened() {
    let writer = Writer::new();
    let page = writer.page("Commented", "Restart the store *twice*.\n\nThen wait, then wait.");
    let comment = |more: Value| {
        let mut arguments = json!({ "page": page, "text": "Why **twice**?" });
        arguments.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        arguments
    };
    let nowhere = writer.refused("confluence_comment", comment(json!({ "passage": "no such words" })));
    assert!(nowhere.contains("passage"), "{nowhere}");
    assert!(writer.refused("confluence_comment", comment(json!({ "passage": "wait" }))).contains("2 times"));
    let made = writer.done("confluence_comment", comment(json!({ "passage": "the store twice" })));
    let id = field(&made, "comment");
    writer.done("confluence_comment", comment(json!({ "reply_to": id, "text": "It is slow." })));
    let replies = writer.done("confluence_list_comment_replies", json!({ "comment": id }));
    assert!(replies.contains("Dana Developer") && replies.contains("It is slow."), "{replies}");
    writer.done("confluence_resolve_comment", json!({ "comment": id }));
    let of_state =
        |state: &str| writer.done("confluence_list_inline_comments", json!({ "page": page, "state": state }));
    assert!(of_state("resolved").contains("the store twice") && of_state("open").starts_with("No such comment"));
    writer.done("confluence_reopen_comment", json!({ "comment": id }));
    assert!(of_state("reopened").contains("Why **twice**?"));
    writer.done("confluence_update_comment", json!({ "comment": id, "text": "Why?" }));
    assert!(writer.done("confluence_get_comment", json!({ "comment": id })).contains("\nWhy?\n"));
    writer.done("confluence_delete_comment", json!({ "comment": id }));
    writer.refused("confluence_get_comment", json!({ "comment": id }));
}

#[test]
fn a_comment_below_a_page_is_listed_with_its_text_between_fences() {
    let writer = Writer::new();
    let page = writer.page("Discussed", "x");
    writer.done("confluence_comment", json!({ "page": page, "text": "one\n\n- two" }));
    let listed = writer.done("confluence_list_comments", json!({ "page": page }));
    assert!(listed.contains("```\none\n\n- two\n```") && listed.contains("Dana Developer"), "{listed}");
}

#[test]
fn what_changed_between_versions_is_shown_and_taken_back() {
    let writer = Writer::new();
    let page = writer.page("Versioned", "one\n\ntwo");
    let before = body_of(&page);
    let changed = json!({ "id": page, "status": "current", "title": "Versioned", "version": { "number": 2 },
        "body": { "representation": "storage", "value": "<p>one</p><p>three</p>" } });
    assert_eq!(instance().confluence("PUT", &format!("/api/v2/pages/{page}"), &changed.to_string()).status, 200);
    let diff = writer.done("confluence_diff_page_versions", json!({ "page": page, "from": 1 }));
    assert!(diff.contains("\n-two\n+three\n"), "{diff}");
    assert!(writer.done("confluence_get_page_version", json!({ "page": page, "version": 1 })).contains("two"));
    writer.done("confluence_restore_page_version", json!({ "page": page, "version": 1 }));
    assert_eq!(body_of(&page), before);
    let versions = writer.done("confluence_list_page_versions", json!({ "page": page }));
    assert!(versions.contains("\n3\t") && versions.contains("Restored by Postern"), "{versions}");
}

#[test]
fn a_file_is_attached_read_and_deleted() {
    let writer = Writer::new();
    let page = writer.page("With a file", "x");
    let csv = "a,b\n1,\"–\"\n";
    let upload = json!({ "page": page, "name": "plan \"q\".csv", "text": csv, "message": "first" });
    let uploaded = writer.done("confluence_upload_attachment", upload);
    let attachment = json!({ "attachment": field(&uploaded, "attachment") });
    let listed = writer.done("confluence_list_attachments", json!({ "page": page }));
    assert!(listed.contains("plan") && listed.contains("Dana Developer"), "{listed}");
    let read = writer.done("confluence_download_attachment", attachment.clone());
    assert!(read.contains(&format!("```\n{csv}```")), "{read}");
    writer.done("confluence_delete_attachment", attachment.clone());
    assert_eq!(field(&writer.done("confluence_get_attachment", attachment), "status"), "trashed");
}

#[test]
fn one_section_of_a_long_page_is_read() {
    let writer = Writer::new();
    let section = writer.done("confluence_get_page", json!({ "page": "98307", "section": "Endpoint 40" }));
    assert!(section.contains("## Endpoint 40\n") && !section.contains("Endpoint 41") && !section.starts_with("CUT"));
    let missing = writer.done("confluence_get_page", json!({ "page": "98306", "section": "Nowhere" }));
    assert!(missing.contains("Not found: no heading says `Nowhere`") && missing.contains("## Waits"), "{missing}");
    let long = writer.done("confluence_get_page", json!({ "page": "98307" }));
    assert!(long.contains("outline, each heading") && long.contains("space: ENG"), "{}", &long[..800]);
}

#[test]
fn words_find_pages() {
    let writer = Writer::new();
    let found = writer.done("confluence_search", json!({ "query": "retry policy", "space": "OPS" }));
    assert!(found.contains("98402\tpage\tRunbook: the store is down") && !found.contains("98306"), "{found}");
    let labelled = writer.done("confluence_list_labelled", json!({ "label": "policy" }));
    assert!(labelled.contains("98306\tpage\tRetry policy"), "{labelled}");
}

#[test]
fn a_draft_is_written_and_published() {
    let writer = Writer::new();
    let draft = json!({ "space": "OPS", "title": "A draft", "text": "soon" });
    let made = writer.done("confluence_create_draft", draft);
    let page = json!({ "page": field(&made, "id") });
    assert_eq!(field(&made, "status"), "draft");
    assert_eq!(field(&writer.done("confluence_publish_draft", page), "status"), "current");
}
