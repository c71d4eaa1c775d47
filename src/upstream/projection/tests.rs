use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::catalog::{
    find,
    operation::{Answer, Form, Paging, Paths},
};

const BASE: &str = "https://acme.atlassian.net/wiki";

const PEOPLE: Rows = Rows::new(
    "values",
    &[
        Field::label("name", &["user.name"]),
        Field::label("groups", &["groups.slug", "groups.role"]),
        Field::moment("since", &["since"]),
    ],
    "Nobody.",
)
.total("size")
.paging(Paging::Link { next: "next", keep: &[] });

fn people(body: &Value) -> Result<Table, Unreadable> {
    table(body.to_string().as_bytes(), &PEOPLE, &[], BASE, Keep::default())
}

fn one(field: Field, body: &Value) -> String {
    record(body.to_string().as_bytes(), &[field], BASE).unwrap().remove(0)
}

#[test]
fn rows_hold_the_wanted_fields_in_their_own_order() {
    let body = json!({"size": 2, "values": [
        {"since": "2026-10-01T09:00:00.000000+00:00", "links": {"user": {"name": "no"}}, "user": {"name": "Alice", "age": 3}},
        {"user": {"name": "Bob"}, "groups": [{"slug": "dev", "role": "lead"}, {"slug": "ops"}]},
    ], "next": "https://x/?page=2"});
    let table = people(&body).unwrap();
    assert_eq!(table.text, "name\tgroups\tsince\nAlice\t\t2026-10-01T09:00Z\nBob\tdev lead; ops\t\n");
    assert_eq!((table.rows, table.total.as_deref(), table.next.as_deref()), (2, Some("2"), Some("https://x/?page=2")));
}

#[test]
fn the_paths_of_a_field_are_joined_in_their_own_order() {
    let body = json!({"values": [{"groups": [{"role": "lead", "slug": "dev"}, {"role": "cook"}, {"slug": "ops"}]}]});
    assert_eq!(people(&body).unwrap().text.lines().nth(1).unwrap(), "\tdev lead; cook; ops\t");
}

#[test]
fn a_value_cannot_add_a_row_or_a_column() {
    let body = json!({"values": [{"user": {"name": "a\tb\nc\u{202e}d"}}]});
    assert_eq!(people(&body).unwrap().text, "name\tgroups\tsince\na b cd\t\t\n");
}

#[test]
fn a_name_with_dots_of_its_own_is_one_name() {
    let body = json!({"properties": {"com.acme.points": {"value": 5}, "com": {"acme": {"points": {"value": 7}}}}, "a.b": true});
    assert_eq!(one(Field::label("points", &["properties.'com.acme.points'.value"]), &body), "5");
    assert_eq!(one(Field::label("points", &["properties.com.acme.points.value"]), &body), "7");
    assert_eq!(one(Field::flags("flags", &["'a.b'"]), &body), "a.b");
    const LIST: Rows = Rows::new("'all.things'.values", &[Field::label("id", &["'x.id'"])], "None.");
    let body = json!({"all.things": {"values": [{"x.id": 1}]}, "all": {"things": {"values": []}}});
    assert_eq!(table(body.to_string().as_bytes(), &LIST, &[], BASE, Keep::default()).unwrap().text, "id\n1\n");
}

#[test]
fn escaped_names_are_recognised() {
    let body = r#"{"\u0076alues": [{"us\u0065r": {"name": "A\u0042"}}]}"#;
    assert_eq!(
        table(body.as_bytes(), &PEOPLE, &[], BASE, Keep::default()).unwrap().text,
        "name\tgroups\tsince\nAB\t\t\n"
    );
}

#[test]
fn an_empty_list_has_no_rows() {
    assert_eq!(people(&json!({"values": []})).unwrap().rows, 0);
}

#[test]
fn a_wanted_value_of_another_type_is_left_out() {
    let body = json!({"values": [{"user": "Alice", "since": {"a": 1}, "groups": [[null, {"slug": ["x", 1, true]}]]}]});
    assert_eq!(people(&body).unwrap().text, "name\tgroups\tsince\n\tx, 1, yes\t\n");
}

#[test]
fn what_is_not_such_a_list_is_unreadable() {
    for body in [
        "",
        "<html>",
        "[]",
        "{}",
        r#"{"values": 3}"#,
        r#"{"values": [3]}"#,
        r#"{"values": [[]]}"#,
        r#"{"values": [{}]} x"#,
        r#"{"values": [{}"#,
    ] {
        assert_eq!(table(body.as_bytes(), &PEOPLE, &[], BASE, Keep::default()).err(), Some(Unreadable), "{body}");
    }
}

#[test]
fn an_excerpt_loses_its_marks_and_entities() {
    let body = json!({"excerpt": "the @@@hl@@@deploy@@@endhl@@@ of&nbsp;R&amp;D\n now"});
    assert_eq!(one(Field::of(Form::Excerpt, "e", &["excerpt"]), &body), "the deploy of R&D now");
}

#[test]
fn a_relative_link_is_below_the_base() {
    assert_eq!(
        one(Field::link("l", &["l"]), &json!({"l": "/spaces/ENG"})),
        "https://acme.atlassian.net/wiki/spaces/ENG"
    );
    assert_eq!(one(Field::link("l", &["l"]), &json!({"l": "https://bitbucket.org/x"})), "https://bitbucket.org/x");
}

#[test]
fn a_moment_is_in_utc_whatever_its_spelling() {
    let moment = |value: Value| one(Field::moment("m", &["m"]), &json!({"m": value}));
    assert_eq!(moment(json!("2026-02-03T04:05:06.789Z")), "2026-02-03T04:05Z");
    assert_eq!(moment(json!("2026-02-03T06:05:06+02:00")), "2026-02-03T04:05Z");
    assert_eq!(moment(json!(1_770_091_506_789_i64)), "2026-02-03T04:05Z");
    assert_eq!(moment(json!("next week")), "next week");
}

#[test]
fn a_row_that_is_null_is_left_out() {
    let table = people(&json!({"values": [null, {"user": {"name": "Ann"}}, null]})).unwrap();
    assert_eq!((table.text.as_str(), table.rows), ("name\tgroups\tsince\nAnn\t\t\n", 1));
}

#[test]
fn the_first_path_that_is_there_counts() {
    const AUTHOR: Field = Field::person("author", &["author.user.name", "author.raw"]);
    let author = |author: Value| one(AUTHOR, &json!({"author": author}));
    assert_eq!(author(json!({"raw": "A. <a@acme.example>", "user": {"name": "Ann"}})), "Ann");
    assert_eq!(author(json!({"raw": "Lee Doe <lee@acme.example>", "user": null})), "Lee Doe");
    assert_eq!(author(json!({"raw": "<lee@acme.example>"})), "<lee@acme.example>");
    assert_eq!(author(json!({"raw": "I <3 Git"})), "I <3 Git");
}

#[test]
fn a_person_whose_account_is_gone_is_told() {
    const AUTHOR: Field = Field::person("author", &["author.user.name", "author.raw"]);
    for author in [json!(null), json!({"user": null}), json!({"user": {"name": null}})] {
        assert_eq!(one(AUTHOR, &json!({"author": author})), "(deleted account)");
    }
    assert_eq!(one(AUTHOR, &json!({"other": null})), "");
}

#[test]
fn people_are_told_apart_by_what_is_said_of_them() {
    const PEOPLE: Field = Field::people("people", &["people.user.name", "people.role", "people.state"]);
    let people = json!({"people": [
        {"state": "approved", "user": {"name": "Doe, Ann"}, "role": "REVIEWER"},
        {"state": null, "user": {"name": "Bob"}, "role": "REVIEWER"},
        {"state": null, "user": null, "role": "PARTICIPANT"},
        {"user": {"name": "Cid (REVIEWER, approved); Dan"}, "role": "PARTICIPANT"},
        {"user": {"name": "Eve"}},
    ]});
    assert_eq!(
        one(PEOPLE, &people),
        "Doe, Ann (REVIEWER, approved); Bob (REVIEWER); (deleted account) (PARTICIPANT); \
         Cid [REVIEWER, approved], Dan (PARTICIPANT); Eve"
    );
    assert_eq!(one(PEOPLE, &json!({"people": null})), "");
}

#[test]
fn a_pull_request_takes_few_characters() {
    let Some(Answer::Rows(rows)) = find("bitbucket_list_pull_requests").unwrap().call.as_ref().map(|call| &call.answer)
    else {
        panic!("a list");
    };
    let body = json!({"values": [{
        "type": "pullrequest", "id": 7, "title": "Fix the retry loop in worker 7", "description": "x".repeat(600),
        "state": "OPEN", "draft": false, "author": {"display_name": "Alice", "links": {"self": {"href": "https://x"}}},
        "source": {"branch": {"name": "fix/7"}}, "destination": {"branch": {"name": "main"}},
        "comment_count": 3, "updated_on": "2026-10-02T10:00:00.000000+00:00", "reviewers": [{"display_name": "Bob"}],
    }]});
    let table = table(body.to_string().as_bytes(), rows, &[], BASE, Keep::default()).unwrap();
    assert_eq!(
        table.text.lines().nth(1).unwrap(),
        "7\tFix the retry loop in worker 7\tAlice\tOPEN\tno\tfix/7\tmain\t3\t2026-10-02T10:00Z"
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_fail_otherwise(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = table(&bytes, &PEOPLE, &[], BASE, Keep::default());
    }

    #[test]
    fn no_value_makes_a_row_or_a_column_in_any_form_that_a_row_may_have(text in "\\PC*|[\ta\n\r ;]{0,9}|.*") {
        for form in [Form::Label, Form::Person, Form::Moment, Form::Link, Form::Excerpt] {
            for several in [Paths::Joined, Paths::First, Paths::Noted] {
                let columns: &'static [Field] =
                    Box::leak(Box::new([Field { several, ..Field::of(form, "a", &["a", "c"]) }, Field::label("b", &["b"])]));
                let rows = Rows { columns, ..PEOPLE };
                let body = json!({"values": [{"a": text, "c": text, "b": "x"}]});
                let table = table(body.to_string().as_bytes(), &rows, &[], BASE, Keep::default()).unwrap();
                let lines: Vec<_> = table.text.split('\n').collect();
                prop_assert_eq!(lines.len(), 3);
                prop_assert_eq!(lines[1].split('\t').count(), 2, "{:?}", lines);
            }
        }
    }

    #[test]
    fn a_row_has_as_many_values_as_columns(name in ".*", slug in ".*") {
        let body = json!({"values": [{"user": {"name": name}, "groups": [{"slug": slug}]}]});
        let table = people(&body).unwrap();
        let lines: Vec<_> = table.text.split('\n').collect();
        prop_assert_eq!(lines.len(), 3);
        prop_assert_eq!(lines[1].split('\t').count(), 3);
    }
}
