//! Where something lies in a tree of pages, and how it is labelled.

use super::*;
use crate::upstream::{WantedPlaces, Whereabouts, locate};

const ALL: WantedPlaces = WantedPlaces { space: true, tree: true, labels: true };

/// What is found for a call, and which requests were made for it.
fn located(
    tool: &str,
    given: &Value,
    wanted: WantedPlaces,
    answer: impl Fn(&OutboundRequest) -> Answered + 'static,
) -> (Result<Vec<Whereabouts>, Failure>, Vec<String>) {
    let operation = find(tool).unwrap();
    let arguments = arguments::validate(operation, given.as_object().unwrap()).unwrap();
    let http = ScriptedHttp::new(answer);
    let sent = http.sent.clone();
    let context = Context {
        settings: Rc::new(settings::for_tests()),
        platform: native::platform(http),
        request_id: RequestId::new("test"),
    };
    let credential = Credential::bearer(Site::main(&CONFLUENCE), Secret::new("upstream-token"));
    let found = block_on(locate(&context, operation, &arguments, wanted, &credential));
    let path = |request: &OutboundRequest| request.url.split("/wiki").nth(1).unwrap_or_default().to_owned();
    let paths = sent.borrow().iter().map(path).collect();
    (found, paths)
}

/// A comment on page 42, which lies below 7, below 1.
fn site(request: &OutboundRequest) -> Answered {
    let path = request.url.split("/wiki").nth(1).unwrap();
    json_answer(
        200,
        &match path.split('?').next().unwrap() {
            "/api/v2/footer-comments/3" => json!({"id": "3", "pageId": "42"}),
            "/api/v2/pages/42" | "/api/v2/pages/43" => json!({"id": "42", "spaceId": "9"}),
            "/api/v2/pages/42/ancestors" => {
                json!({"results": [{"id": "1", "type": "page"}, {"id": "7", "type": "page"}]})
            }
            "/api/v2/pages/43/ancestors" => json!({"results": []}),
            "/api/v2/pages/42/labels" => json!({"results": [
                {"id": "5", "name": "secret", "prefix": "global"}, {"id": "6", "name": "mine", "prefix": "my"}]}),
            "/api/v2/spaces/9" => json!({"key": "ENG"}),
            _ => return status(404, &[])(),
        },
    )
}

fn some(names: &[&str]) -> Vec<Option<String>> {
    names.iter().map(|name| Some((*name).to_owned())).collect()
}

#[test]
fn a_comment_lies_where_its_page_does_and_is_labelled_as_that() {
    let (found, _) = located("confluence_get_comment", &json!({"comment": "3"}), ALL, site);
    let page = Whereabouts { space: Some("ENG".to_owned()), tree: some(&["1", "7", "42"]), labels: some(&["secret"]) };
    assert_eq!(found.unwrap(), [page]);
}

#[test]
fn nothing_is_asked_but_what_is_wanted() {
    let tree = WantedPlaces { tree: true, ..WantedPlaces::default() };
    let (found, paths) = located("confluence_get_page", &json!({"page": "42"}), tree, site);
    assert_eq!(found.unwrap(), [Whereabouts { tree: some(&["1", "7", "42"]), ..Whereabouts::default() }]);
    assert_eq!(paths.len(), 2, "{paths:?}");
    assert!(paths[1].ends_with("/pages/42/ancestors?limit=250"), "{paths:?}");
}

#[test]
fn what_goes_beside_a_page_does_not_go_below_it() {
    let tree = WantedPlaces { tree: true, ..WantedPlaces::default() };
    let trees = |position: &str| {
        let given = json!({"page": "43", "target": "42", "position": position});
        let (found, _) = located("confluence_move_page", &given, tree, site);
        found.unwrap().into_iter().map(|one| one.tree).collect::<Vec<_>>()
    };
    assert_eq!(trees("append"), [some(&["43"]), some(&["1", "7", "42"])]);
    assert_eq!(trees("before"), [some(&["43"]), some(&["1", "7"])]);
}

#[test]
fn what_is_not_told_or_not_whole_is_unknown() {
    let given = json!({"page": "42"});
    let (found, _) = located("confluence_get_page", &given, ALL, |request| match request.url.contains("/ancestors") {
        true => status(403, &[])(),
        false => site(request),
    });
    assert_eq!(found.unwrap()[0].tree, [None, Some("42".to_owned())]);
    let (found, _) = located("confluence_get_page", &given, ALL, |request| match request.url.contains("/labels") {
        true => json_answer(200, &json!({"results": vec![json!({"id": "1", "name": "a", "prefix": "global"}); 250]})),
        false => site(request),
    });
    assert_eq!(found.unwrap()[0].labels.last(), Some(&None));
    let pages: Vec<_> = (0..20).map(|_| 42).collect();
    let (found, _) = located("confluence_archive_pages", &json!({ "pages": pages }), ALL, site);
    let found = found.unwrap();
    assert_eq!((found.len(), &found[10].tree), (11, &vec![None]));
}

#[test]
fn what_is_not_there_and_what_does_not_answer_is_no_place() {
    let given = json!({"page": "42"});
    let (found, _) = located("confluence_get_page", &given, ALL, |_| status(404, &[])());
    assert!(matches!(found, Err(Failure::NotFound { .. })), "{found:?}");
    let (found, _) = located("confluence_get_page", &given, ALL, |_| status(503, &[])());
    assert!(found.is_err());
}
