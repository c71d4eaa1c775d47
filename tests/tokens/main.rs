//! What Postern costs a model, in tokens of `o200k_base` on the demo organisation's data, and the most that each may cost.
//! `cargo xtask tokens` prints the figures.

use std::sync::LazyLock;

use postern_tests::{client::Client, person::Person, tokens::count};
use serde_json::{Value, json};

/// All tools that are listed, each by its name, its description and the schema of its arguments.
const LIST: usize = 2_700;
/// The median of the tools, and the longest of them.
const TOOL_IN_THE_MIDDLE: usize = 125;
const LONGEST_TOOL: usize = 180;
/// What a host shows of a server before anything is called. Some cut what is longer, in characters.
const INSTRUCTIONS: usize = 200;
const INSTRUCTIONS_IN_CHARACTERS: usize = 1_900;
/// Pull requests with all that a review begins with: a small one, and one of 41 files.
const SMALL_REVIEW: usize = 700;
const LARGE_REVIEW: usize = 6_000;
/// A sentence that says what was wrong and what to do.
const ERROR: usize = 60;

static CLIENT: LazyLock<Client> = LazyLock::new(|| Client::of(&Person::connected()));

fn answer(tool: &str, arguments: Value) -> String {
    let answer = CLIENT.call(tool, arguments);
    assert!(!answer.is_error(), "{answer:?}");
    answer.text()
}

/// Prints what something costs, and says so where it is more than it may.
fn bounded(what: &str, tokens: usize, most: usize) -> Option<String> {
    println!("{tokens:>6} of {most:>5}  {what}");
    (tokens > most).then(|| format!("{what}: {tokens} tokens, of {most} at the most"))
}

fn assert_bounded(all: impl IntoIterator<Item = Option<String>>) {
    let over: Vec<_> = all.into_iter().flatten().collect();
    assert!(over.is_empty(), "{}", over.join("\n"));
}

#[test]
fn the_list_of_tools_is_short_and_so_is_each_of_them() {
    let tools = CLIENT.modern("tools/list", json!({})).result()["tools"].as_array().expect("tools").clone();
    let core = |tool: &Value| {
        let members = ["name", "description", "inputSchema"].map(|name| (name.to_owned(), tool[name].clone()));
        Value::Object(members.into_iter().collect()).to_string()
    };
    let costs = count(&tools.iter().map(core).collect::<Vec<_>>());
    let mut sorted = costs.clone();
    sorted.sort_unstable();
    let each = tools.iter().zip(&costs).map(|(tool, cost)| {
        bounded(&format!("tool {}", tool["name"].as_str().unwrap_or_default()), *cost, LONGEST_TOOL)
    });
    let each: Vec<_> = each.collect();
    let all = bounded(&format!("the list of {} tools", tools.len()), costs.iter().sum(), LIST);
    let middle = bounded("the tool in the middle", sorted[sorted.len() / 2], TOOL_IN_THE_MIDDLE);
    assert_bounded(each.into_iter().chain([all, middle]));
}

#[test]
fn the_instructions_are_short() {
    let discovered = CLIENT.modern("server/discover", json!({})).result();
    let instructions = discovered["instructions"].as_str().expect("instructions").to_owned();
    assert!(instructions.chars().count() <= INSTRUCTIONS_IN_CHARACTERS, "{instructions}");
    let cost = count(&[instructions])[0];
    assert_bounded([bounded("the instructions", cost, INSTRUCTIONS)]);
}

/// A list of the demo organisation.
struct List {
    tool: &'static str,
    arguments: Value,
    /// Of a row, a share of all around the rows in it.
    most: usize,
}

#[test]
fn a_row_of_a_list_is_short_with_all_that_is_around_the_rows() {
    let backend = json!({ "workspace": "acme", "repository": "backend" });
    let lists = [
        List { tool: "bitbucket_list_pull_requests", arguments: backend.clone(), most: 26 },
        List { tool: "bitbucket_list_branches", arguments: backend, most: 26 },
        List { tool: "bitbucket_list_repositories", arguments: json!({ "workspace": "acme" }), most: 20 },
        List { tool: "confluence_search", arguments: json!({ "query": "type = page and space = ENG" }), most: 46 },
    ];
    let answers: Vec<_> = lists.iter().map(|list| answer(list.tool, list.arguments.clone())).collect();
    let rows = |text: &str| text.lines().filter(|line| line.contains('\t')).count() - 1;
    let costs = count(&answers);
    let each = lists.iter().zip(&answers).zip(costs).map(|((list, text), cost)| {
        let rows = rows(text);
        assert!(rows >= 5, "{text}");
        if cost.div_ceil(rows) > list.most {
            println!("{text}");
        }
        bounded(&format!("a row of {}, of {rows}", list.tool), cost.div_ceil(rows), list.most)
    });
    assert_bounded(each.collect::<Vec<_>>());
}

#[test]
fn a_pull_request_is_reviewed_in_one_call_of_few_tokens() {
    let review = |number: u32| {
        let of = json!({ "workspace": "acme", "repository": "backend", "pull_request": number });
        answer("bitbucket_get_pull_request", of)
    };
    let texts = [review(1), review(2)];
    println!("{}", texts[0]);
    let costs = count(&texts);
    assert_bounded([
        bounded("a small pull request, reviewed", costs[0], SMALL_REVIEW),
        bounded("a pull request of 41 files, reviewed", costs[1], LARGE_REVIEW),
    ]);
}

#[test]
fn what_goes_wrong_is_said_in_a_few_words() {
    let backend = |more: Value| {
        let mut arguments = json!({ "workspace": "acme", "repository": "backend" });
        arguments.as_object_mut().expect("arguments").extend(more.as_object().expect("arguments").clone());
        arguments
    };
    let calls = [
        ("bitbucket_list_repositories", json!({})),
        ("bitbucket_list_repositories", json!({ "workspace": "acme", "nmae": "x" })),
        ("bitbucket_list_repositories", json!({ "workspace": "nowhere" })),
        ("bitbucket_get_repository", json!({ "workspace": "acme", "repository": "nothing" })),
        ("bitbucket_get_pull_request", backend(json!({ "pull_request": "seven" }))),
        ("bitbucket_get_pull_request", backend(json!({ "pull_request": 99_999 }))),
        ("bitbucket_get_file", backend(json!({ "path": "no/such/file.rs" }))),
        ("bitbucket_get_file", backend(json!({ "path": "README.md", "ref": "no-such-branch" }))),
        ("bitbucket_list_branches", backend(json!({ "cursor": "bm9uZQ" }))),
        ("confluence_get_page", json!({ "page": "99999999" })),
        ("confluence_search", json!({})),
    ];
    let texts: Vec<_> = calls
        .iter()
        .map(|(tool, arguments)| {
            let answer = CLIENT.call(tool, arguments.clone());
            assert!(answer.status == 200 && answer.is_error(), "{tool}: {answer:?}");
            answer.text()
        })
        .collect();
    let costs = count(&texts);
    let each = calls.iter().zip(&texts).zip(costs);
    let each =
        each.map(|(((tool, arguments), text), cost)| bounded(&format!("{tool} {arguments}: {text}"), cost, ERROR));
    assert_bounded(each.collect::<Vec<_>>());
}
