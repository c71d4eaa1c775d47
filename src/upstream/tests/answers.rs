//! What is shown: the forms of answers and values that no present operation has.

use super::*;
use crate::catalog::{
    operation::Resource,
    reach::{OutOfReach, Outside, Reach},
};

fn shown(tool: &str, body: Value) -> String {
    call(tool, json!({"workspace": "acme"}), move |_| json_answer(200, &body)).text()
}

#[test]
fn a_flag_is_shown_only_where_it_is_true() {
    let comment = |deleted: bool, resolved: bool| {
        let body = json!({"values": [{"id": 1, "deleted": deleted, "is_resolved": resolved, "content": {"raw": "x"}}]});
        shown("test_blocks", body).lines().nth(2).unwrap().to_owned()
    };
    assert_eq!(comment(false, false), "1\t-\t-");
    assert_eq!(comment(true, true), "1\t-\tdeleted, is resolved");
}

#[test]
fn a_long_text_of_a_list_is_cut_and_says_so() {
    let texts: Vec<_> = (0..20).map(|id| json!({"id": id, "content": {"raw": "word ".repeat(2_000)}})).collect();
    let text = shown("test_blocks", json!({"values": texts}));
    assert!(
        text.starts_with("From Bitbucket: 20 rows, no more. CUT: 20 texts are shown in part; each says so. "),
        "{text}"
    );
    assert_eq!(text.matches(" of 10,000 bytes.").count(), 20, "{text}");
}

#[test]
fn rows_beyond_the_budget_come_with_the_cursor_and_none_is_lost_or_repeated() {
    let row = |id: usize| json!({"id": format!("{id} {}", "a label of some length ".repeat(8))});
    let rows: Vec<_> = (0..50).map(row).collect();
    let mut given = json!({"workspace": "acme", "tokens": 1_000});
    let mut read = Vec::new();
    for _ in 0..10 {
        let body = json!({"values": rows});
        let text = call("test_pages", given.clone(), move |_| json_answer(200, &body)).text();
        read.extend(
            text.lines()
                .filter(|line| line.contains("a label"))
                .map(|line| line.split(' ').next().unwrap().parse::<usize>().unwrap()),
        );
        if !text.contains(" CUT: ") || given["cursor"] == cursor_in(&text) || read.len() >= 50 {
            break;
        }
        given["cursor"] = cursor_in(&text).into();
    }
    assert_eq!(read, (0..50).collect::<Vec<_>>());
}

#[test]
fn a_caller_may_choose_how_long_an_answer_is() {
    let shown = |tokens: usize| {
        let given = json!({"workspace": "acme", "tokens": tokens});
        let text = call("test_file", given, |_| text_answer("text/plain", "a word or two\n".repeat(9_000))).text();
        tokens::estimate(&text)
    };
    assert!((700..=1_000).contains(&shown(1_000)) && (8_000..=8_500).contains(&shown(8_500)));
    let refused = arguments::validate(
        language::find("test_file").unwrap(),
        json!({"workspace": "acme", "tokens": 9_000}).as_object().unwrap(),
    );
    assert!(refused.unwrap_err().to_string().contains("a whole number from 1000 to 8500"));
}

#[test]
fn groups_stay_together_whatever_the_order_of_members() {
    let body = |first: bool| {
        let (slug, members) = (json!("devs"), json!([{"name": "ann"}, {"name": "bob (lead); eve"}]));
        let group = if first {
            format!("{{\"slug\":{slug},\"members\":{members}}}")
        } else {
            format!("{{\"members\":{members},\"slug\":{slug}}}")
        };
        format!("{{\"values\":[{{\"kind\":\"push\",\"groups\":[{group},{{\"slug\":\"ops\",\"members\":[]}}]}}]}}")
    };
    for first in [true, false] {
        let text =
            call("test_groups", json!({"workspace": "acme"}), move |_| text_answer("application/json", body(first)))
                .text();
        assert!(text.contains("push\tdevs (ann, bob [lead], eve); ops"), "{text}");
    }
}

#[test]
fn the_element_of_a_list_that_is_meant_is_shown_whatever_the_order_of_members() {
    let links = r#"[{"href":"https://x/a","name":"https"},{"href":"ssh://x/a","name":"ssh"},{"name":"none"}]"#;
    let body = format!(r#"{{"page":{{"things":[{{"name":"a","links":{links}}},{{"name":"b"}}],"count":9}}}}"#);
    let text =
        call("test_rows", json!({"workspace": "acme"}), move |_| text_answer("application/json", body.clone())).text();
    assert!(text.contains("\na\tssh://x/a\nb\t-") && text.contains("2 rows of 9"), "{text}");
}

/// One repository is open, all others are closed.
struct OpenAlone;

impl RowFilter for OpenAlone {
    fn limits(&self, _: crate::providers::Site, _: Resource) -> bool {
        true
    }

    fn permits(
        &self,
        _: crate::providers::Site,
        of: Resource,
        names: &[&str],
        _: crate::upstream::RowDetail<'_>,
    ) -> bool {
        of == Resource::Repository && names == ["acme/open", "{u}"]
    }

    fn refusal(&self, site: crate::providers::Site) -> OutOfReach {
        Reach::default().refusal(site, Outside::Hidden)
    }
}

#[test]
fn a_row_that_may_not_be_shown_is_not_written_nor_counted_nor_offered() {
    let answer = |_: &OutboundRequest| {
        let row = |name: &str| json!({"name": name, "full_name": format!("acme/{name}"), "uuid": "{u}"});
        json_answer(200, &json!({"page": {"things": [row("open"), row("closed")], "count": 2}}))
    };
    let shown = |wanted| {
        let operation = language::find("test_rows").unwrap();
        let arguments = arguments::validate(operation, json!({"workspace": "acme"}).as_object().unwrap()).unwrap();
        let context = Context {
            settings: Rc::new(settings::for_tests()),
            platform: native::platform(ScriptedHttp::new(answer)),
            request_id: RequestId::new("test"),
        };
        let subject = Subject::from("alice".to_owned());
        let site = arguments.site().expect("a call to a provider");
        let credential = Credential::bearer(site, Secret::new("t"));
        let ask = Ask {
            context: &context,
            subject: &subject,
            operation,
            arguments: &arguments,
            wanted,
            filter: &OpenAlone,
            credential: &credential,
            progress: &|_| (),
        };
        block_on(run(ask)).unwrap().answer(None).unwrap().text
    };
    let text = shown(Wanted::Text);
    assert!(text.contains("\nopen\t") && !text.contains("closed") && !text.contains("of 2"), "{text}");
    assert!(text.contains("left out"), "{text}");
    assert_eq!(shown(Wanted::Column("name")), "open");
}

/// A page of a history, of commits on these days.
fn commits(days: &[&str], goes_on: bool) -> String {
    let commit =
        |day: &&str| json!({"hash": "0123456789abcdef", "date": format!("{day}T23:59:00+00:00"), "message": day});
    let mut body = json!({"values": days.iter().map(commit).collect::<Vec<_>>()});
    if goes_on {
        body["next"] = json!("https://api.bitbucket.org/2.0/repositories/acme/backend/commits?page=2");
    }
    let given = backend(json!({"since": "2026-10-02"}));
    call("bitbucket_list_commits", given, move |_| json_answer(200, &body)).text()
}

#[test]
fn commits_before_a_day_are_left_out_and_end_the_list() {
    let text = commits(&["2026-10-03", "2026-10-02", "2026-10-01"], true);
    assert!(text.contains("0123456789ab\t10-02\t") && !text.contains("10-01"), "{text}");
    assert!(text.contains(": 2 rows, no more."), "{text}");
    assert!(commits(&["2026-10-03", "2026-10-01", "2026-10-02"], true).contains("cursor"));
    assert!(commits(&["2026-10-01"], true).contains("No commit: "));
}

fn lines(lines: &str, file: &'static str) -> String {
    let given = backend(json!({"path": "a.txt", "lines": lines}));
    call("bitbucket_get_file", given, move |_| text_answer("text/plain", file)).text()
}

#[test]
fn some_lines_of_a_file_are_shown_alone_and_it_is_said_which() {
    let text = lines("2-3", "one\ntwo\nthree\nfour\n");
    assert!(text.starts_with("acme/backend/a.txt@HEAD, lines 2-3 alone, from Bitbucket:"), "{text}");
    assert!(text.contains("```\ntwo\nthree\n```") && !text.contains("four"), "{text}");
    assert!(lines("3-", "one\ntwo\nthree").contains("```\nthree\n```"));
    assert_eq!(lines("9", "one\n"), "acme/backend/a.txt@HEAD ends before line 9. Leave `lines` out to see all.");
}

/// The queries of the pages that a list goes on to.
fn pages(tool: &str, answers: &'static [&'static str]) -> Vec<String> {
    let mut queries = Vec::new();
    let mut given = json!({"workspace": "acme"});
    for answer in answers {
        let run = call(tool, given.clone(), move |_| text_answer("application/json", *answer));
        queries.push(run.sent[0].url.split_once("/things").unwrap().1.to_owned());
        let text = run.text();
        if text.contains(", no more.") {
            break;
        }
        given["cursor"] = cursor_in(&text).into();
    }
    queries
}

#[test]
fn a_list_goes_on_by_the_number_of_its_next_row_or_page() {
    const FULL: &str = r#"{"values":[{"id":1},{"id":2}]}"#;
    const REST: &str = r#"{"values":[{"id":3}]}"#;
    assert_eq!(pages("test_starts", &[FULL, FULL, REST, FULL]), ["", "?start=2", "?start=4"]);
    assert_eq!(pages("test_pages", &[FULL, FULL, REST, FULL]), ["", "?page=2", "?page=3"]);
}

#[test]
fn a_file_of_any_media_type_is_shown_as_it_is() {
    let html = |tool| call(tool, json!({"workspace": "acme"}), |_| text_answer("text/html", "<p>x</p>"));
    assert!(html("test_file").text().contains("```\n<p>x</p>\n```"));
}

#[test]
fn an_endless_list_in_one_field_is_cut_and_says_so() {
    let groups: Vec<_> = (0..5_000).map(|id| json!({"slug": format!("group-{id}")})).collect();
    let text = shown("test_groups", json!({"values": [{"kind": "push", "groups": groups}]}));
    assert!(text.len() < 6_000 && text.contains('…'), "{}", text.len());
}
