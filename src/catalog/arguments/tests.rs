use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::catalog::{all, find};

fn checked(tool: &str, given: Json) -> Result<Arguments, ArgumentProblem> {
    let Json::Object(given) = given else { panic!("arguments are an object") };
    validate(find(tool).unwrap(), &given)
}

fn problem(tool: &str, given: Json) -> String {
    checked(tool, given).unwrap_err().to_string()
}

#[test]
fn a_parameter_is_known_and_printed_by_its_name() {
    let [workspace, repository, ..] = find("bitbucket_get_repository").unwrap().parameters else {
        panic!("two at least")
    };
    assert_eq!(workspace, workspace);
    assert_ne!(workspace, repository);
    assert_eq!(format!("{workspace:?}"), "workspace");
}

#[test]
fn a_call_may_say_how_long_its_answer_may_be() {
    const PARAMETERS: &[Parameter] = &[
        Parameter::optional("number", "Another number", Kind::Integer { least: 1, most: 9_000 }, "1"),
        Parameter::optional("budget", "Tokens", Kind::Budget, "2000"),
    ];
    let read = |given: Json| Arguments::read(PARAMETERS, given.as_object().unwrap()).unwrap();
    let budget = |given: Json| read(given).budget(Budget::DEFAULT);
    assert_eq!(budget(json!({"number": 3000, "budget": 2000})), Budget::of(2_000));
    assert_eq!(budget(json!({"number": 3000})), Budget::DEFAULT);
}

#[test]
fn a_call_that_goes_on_has_its_cursor_and_another_has_none() {
    let cursor = |given: Json| {
        let arguments = checked("bitbucket_list_pull_requests", given).unwrap();
        arguments.cursor().map(Cow::into_owned)
    };
    let (workspace, repository) = ("acme", "backend");
    let goes_on = json!({"workspace": workspace, "repository": repository, "cursor": "abc.def"});
    assert_eq!(cursor(goes_on), Some("abc.def".to_owned()));
    assert_eq!(cursor(json!({"workspace": workspace, "repository": repository})), None);
}

#[test]
fn a_history_is_of_one_reference_or_of_two() {
    let read = |text: &str| value::read(Kind::Range, &text.into()).map(|value| value.text().into_owned());
    assert_eq!(read("feature/login"), Some("feature/login".to_owned()));
    assert_eq!(read("refs/heads/main..origin/x"), Some("main..origin/x".to_owned()));
    assert_eq!([read("a..b..c"), read("..b"), read("a.."), read("a...b")], [None, None, None, None]);
}

#[test]
fn lines_are_read_as_people_and_addresses_write_them() {
    let read = |text: &str| value::read(Kind::Lines, &text.into()).map(|value| value.text().into_owned());
    for text in ["120-180", "L120-L180", "lines-120:180", " 120-180 "] {
        assert_eq!(read(text), Some("120-180".to_owned()), "{text}");
    }
    assert_eq!((read("7"), read("7-7"), read("7-")), (Some("7".into()), Some("7".into()), Some("7-".into())));
    assert_eq!([read("0"), read("9-3"), read("-3"), read("a"), read(""), read("1-2-3")], [const { None }; 6]);
}

#[test]
fn the_contents_of_a_file_are_kept_as_they_are() {
    let read =
        |text: &str| value::read(Kind::Contents { longest: 10 }, &text.into()).map(|value| value.text().into_owned());
    for text in ["", "a\r\nb\r\n", "\t \n", "\u{c}"] {
        assert_eq!(read(text), Some(text.to_owned()));
    }
    assert_eq!([read("12345678901"), read("a\0b")], [None, None]);
}

proptest! {
    #[test]
    fn lines_of_a_text_are_those_that_are_counted(text in "[a\n]{0,30}", first in 1_usize..8, more in 0_usize..8) {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let part = value::Lines { first, last: Some(first + more) }.of(text.as_bytes());
        let expected: String = lines.iter().skip(first - 1).take(more + 1).copied().collect();
        prop_assert_eq!(&text[part], expected);
        let rest = value::Lines { first, last: None }.of(text.as_bytes());
        prop_assert_eq!(&text[rest], lines.iter().skip(first - 1).copied().collect::<String>());
    }
}

#[test]
fn a_wrong_value_is_quoted_where_it_is_short_and_named_by_its_kind_where_not() {
    let (short, long) = ("é".repeat(100), "é".repeat(101));
    for (value, words) in [
        (json!(""), "an empty text".to_owned()),
        (json!(short), format!("\"{short}\"")),
        (json!(long), "a text of 101 characters".to_owned()),
        (json!({"a": 1}), "an object".to_owned()),
        (json!([1]), "a list".to_owned()),
        (json!(7), "7".to_owned()),
    ] {
        assert_eq!(describe(Kind::Boolean, &value), words);
    }
}

#[test]
fn the_distance_of_two_names_is_the_number_of_letters_to_change_add_or_leave_out() {
    for (one, other, letters) in
        [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("ab", "ba", 2), ("kitten", "sitting", 3)]
    {
        assert_eq!(distance(one, other), letters, "{one} {other}");
        assert_eq!(distance(other, one), letters, "{other} {one}");
    }
}

#[test]
fn a_name_was_meant_that_differs_by_two_letters_or_begins_the_same() {
    for (name, accepted, meant) in [
        ("qqq", "cql", true),
        ("zzz", "cql", false),
        ("Repo-Sitory", "repository", true),
        ("rep", "repository", true),
        ("re", "repository", false),
        ("repo_slug", "repository", true),
        ("cql_query", "cql", true),
        ("slug_of_repo", "repository", false),
    ] {
        assert_eq!(nearest(name, &[accepted]), meant.then_some(accepted), "{name}");
    }
}

#[test]
fn an_unknown_argument_is_refused_with_the_accepted_names_and_the_nearest() {
    assert_eq!(
        problem("bitbucket_get_repository", json!({"workspace": "acme", "repo_slug": "backend"})),
        "There is no argument `repo_slug`. Did you mean `repository`? Accepted: `workspace`, `repository`."
    );
}

#[test]
fn a_tool_without_arguments_says_so() {
    assert_eq!(problem("whoami", json!({"user": "me"})), "There is no argument `user`: this tool takes none.");
}

#[test]
fn whoami_is_called_with_nothing() {
    assert!(checked("whoami", json!({})).is_ok());
}

#[test]
fn every_missing_argument_is_named() {
    assert_eq!(
        problem("bitbucket_get_pull_request", json!({"repository": "backend"})),
        "Missing: `workspace`, `pull_request`. Give them and call again."
    );
}

#[test]
fn a_wrong_type_is_named_with_what_is_expected() {
    assert_eq!(
        problem(
            "bitbucket_get_pull_request",
            json!({"workspace": "acme", "repository": "backend", "pull_request": "seven"})
        ),
        "`pull_request` must be a whole number of at least 1; \"seven\" was given."
    );
}

#[test]
fn a_number_beyond_the_limit_is_refused_with_the_limit() {
    assert_eq!(
        problem("bitbucket_list_pull_requests", json!({"workspace": "acme", "repository": "backend", "limit": 100})),
        "`limit` must be a whole number from 1 to 50; 100 was given."
    );
}

#[test]
fn numbers_written_as_text_are_numbers() {
    let pull_request = json!({"workspace": "acme", "repository": "backend", "pull_request": "7"});
    assert_eq!(
        checked("bitbucket_get_pull_request", pull_request).unwrap().get("pull_request"),
        Some(&Value::Integer(7))
    );
    let pull_request = json!({"workspace": "acme", "repository": "backend", "pull_request": 7.0});
    assert_eq!(
        checked("bitbucket_get_pull_request", pull_request).unwrap().get("pull_request"),
        Some(&Value::Integer(7))
    );
    assert_eq!(checked("confluence_get_page", json!({"page": 98305})).unwrap().text("page").unwrap(), "98305");
}

#[test]
fn choices_are_read_in_any_case() {
    let given = json!({"workspace": "acme", "repository": "backend", "state": "merged"});
    assert_eq!(checked("bitbucket_list_pull_requests", given).unwrap().text("state").unwrap(), "MERGED");
}

#[test]
fn null_and_empty_count_as_not_given() {
    let given = json!({"workspace": "acme", "repository": "backend", "state": null, "cursor": ""});
    let arguments = checked("bitbucket_list_pull_requests", given).unwrap();
    assert_eq!(arguments.text("state").unwrap(), "OPEN");
    assert_eq!(arguments.cursor(), None);
}

#[test]
fn an_argument_that_needs_another_is_refused_alone() {
    let given = json!({"workspace": "acme", "repository": "backend", "pull_request": 7, "text": "x", "line": 3});
    assert_eq!(
        problem("bitbucket_add_pull_request_comment", given),
        "`line` means nothing without `path`: give both or neither."
    );
}

#[test]
fn paths_that_leave_the_repository_are_refused() {
    for path in
        ["../x", "a/../b", "a/..", "/../x", "./../x", "a//b", "//a", "a\\..\\b", "a/./b", "..", "a\nb", "a\0", ""]
    {
        let given = json!({"workspace": "acme", "repository": "backend", "path": path});
        assert!(checked("bitbucket_get_file", given).is_err(), "{path:?}");
    }
}

#[test]
fn a_slash_alone_is_the_top_directory_and_one_at_the_end_is_dropped() {
    let path = |path: &str| {
        let given = json!({"workspace": "acme", "repository": "backend", "path": path});
        checked("bitbucket_get_file", given).unwrap().text("path").unwrap().into_owned()
    };
    assert_eq!(path("src/"), "src");
    for top in ["/", ".", "./"] {
        assert_eq!(path(top), "", "{top}");
    }
    for other in ["/src/main.rs", "./src/main.rs"] {
        assert_eq!(path(other), "src/main.rs");
    }
}

#[test]
fn a_repository_may_be_given_with_its_own_workspace_and_with_no_other() {
    let repository = |repository: &str| {
        let given = json!({"workspace": "acme", "repository": repository});
        checked("bitbucket_get_repository", given).map(|arguments| arguments.text("repository").unwrap().into_owned())
    };
    assert_eq!((repository("acme/backend"), repository("ACME/backend")), (Ok("backend".into()), Ok("backend".into())));
    for other in ["other/backend", "acme/backend/x", "acme/..", "acme/"] {
        assert!(repository(other).is_err(), "{other}");
    }
}

#[test]
fn a_page_may_be_given_by_its_address() {
    let page = |page: &str| {
        checked("confluence_get_page", json!({"page": page})).map(|read| read.text("page").unwrap().into_owned())
    };
    for address in [
        "https://acme.atlassian.net/wiki/spaces/ENG/pages/98305/Deploy+2026",
        "https://acme.atlassian.net/wiki/spaces/ENG/pages/edit-v2/98305?draftShareId=1",
        "https://acme.atlassian.net/wiki/pages/viewpage.action?pageId=98305#top",
        "98305",
    ] {
        assert_eq!(page(address), Ok("98305".into()), "{address}");
    }
    for other in ["https://acme.atlassian.net/wiki/x/AbCd", "Deploy", "file:///pages/98305", "att98305"] {
        assert!(page(other).is_err(), "{other}");
    }
}

#[test]
fn a_reference_may_be_given_by_gits_full_name() {
    let reference = |reference: &str| {
        let given = json!({"workspace": "a", "repository": "b", "path": "c", "ref": reference});
        checked("bitbucket_get_file", given).map(|read| read.text("ref").unwrap().into_owned())
    };
    for full in ["refs/heads/fix/7", "refs/tags/fix/7", "refs/remotes/origin/fix/7", "remotes/origin/fix/7", "fix/7"] {
        assert_eq!(reference(full), Ok("fix/7".into()), "{full}");
    }
    assert!(reference("refs/heads/").is_err() && reference("refs/heads/../x").is_err());
}

#[test]
fn slugs_have_no_slash_and_no_steps() {
    for repository in ["other/backend", "..", ".", "", "a b", "%2e%2e", "{not-a-uuid}", "a\u{202e}b"] {
        let given = json!({"workspace": "acme", "repository": repository});
        assert!(checked("bitbucket_get_repository", given).is_err(), "{repository:?}");
    }
    let given = json!({"workspace": "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}", "repository": "my.repo_1-x"});
    assert!(checked("bitbucket_get_repository", given).is_ok());
}

#[test]
fn references_are_what_git_admits() {
    let reference = |reference: &str| {
        checked("bitbucket_get_file", json!({"workspace": "a", "repository": "b", "path": "c", "ref": reference}))
            .is_ok()
    };
    for good in ["main", "feature/retry-loop", "v1.2.3", "0123456789ab", "releases/2026/über", "a@b"] {
        assert!(reference(good), "{good}");
    }
    for bad in ["a..b", "../a", "/a", "a/", "a b", "a~1", "HEAD^", "a:b", "-x", "@{-1}", ".a", "a?b"] {
        assert!(!reference(bad), "{bad}");
    }
}

#[test]
fn the_target_names_what_is_acted_on() {
    let given = json!({"workspace": "acme", "repository": "backend", "pull_request": 7});
    assert_eq!(checked("bitbucket_get_pull_request", given).unwrap().target(), "acme/backend#7");
}

#[test]
fn the_digest_does_not_depend_on_order_spelling_or_defaults() {
    let one = json!({"workspace": "acme", "repository": "backend", "limit": "25", "state": "open"});
    let other = json!({"repository": "backend", "workspace": "acme"});
    let digest = |given| checked("bitbucket_list_pull_requests", given).unwrap().digest();
    assert_eq!(digest(one), digest(other));
}

#[test]
fn the_cursor_counts_in_the_digest_of_the_call_alone() {
    let arguments = |cursor: &str| checked("bitbucket_list_workspaces", json!({"cursor": cursor})).unwrap();
    assert_ne!(arguments("a").digest(), arguments("b").digest());
    assert_eq!(arguments("a").digest_without_cursor(), arguments("b").digest_without_cursor());
}

#[test]
fn every_example_is_valid() {
    for operation in all() {
        for optional_too in [false, true] {
            assert!(validate(operation, &examples(operation, optional_too)).is_ok(), "{}", operation.name);
        }
    }
}

#[test]
fn every_default_is_valid() {
    for parameter in all().flat_map(|operation| operation.parameters) {
        if let Presence::Default(default) = parameter.presence {
            assert!(value::read(parameter.kind, &default.into()).is_some(), "{}", parameter.name);
        }
    }
}

proptest! {
    #[test]
    fn no_value_makes_validation_fail_otherwise_than_in_words(text in ".*", number in any::<f64>()) {
        for operation in all() {
            for value in [json!(text), json!(number), json!([text]), json!({"a": number}), json!(true)] {
                let mut given = examples(operation, false);
                for parameter in operation.parameters {
                    given.insert(parameter.name.to_owned(), value.clone());
                }
                if let Err(problem) = validate(operation, &given) {
                    prop_assert!(!problem.to_string().is_empty());
                }
            }
        }
    }
}

#[test]
fn what_may_hold_a_secret_is_not_repeated_in_an_error() {
    const MEMBERS: &[Parameter] = &[Parameter::required("value", "Value", Kind::Secret { longest: 9 }, "x")];
    for kind in [
        Kind::Secret { longest: 9 },
        Kind::Object(MEMBERS),
        Kind::List { of: &Kind::Object(MEMBERS), most: 1 },
        Kind::List { of: &Kind::Secret { longest: 9 }, most: 1 },
    ] {
        assert_eq!(describe(kind, &json!("open sesame")), "another value");
    }
}

#[test]
fn a_call_that_is_kept_and_sent_again_is_the_same_call_and_none_is_kept_that_holds_secrets() {
    let mut with_secrets = 0;
    for operation in all() {
        for optional_too in [false, true] {
            let arguments = validate(operation, &examples(operation, optional_too)).expect("valid");
            match arguments.to_json() {
                Some(kept) => {
                    let again = validate(operation, &kept).expect("valid");
                    assert_eq!(again.digest(), arguments.digest(), "{}", operation.name);
                }
                None => with_secrets += 1,
            }
        }
    }
    assert!(with_secrets > 0);
}
