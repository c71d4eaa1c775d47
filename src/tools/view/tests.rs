use std::collections::HashSet;

use super::*;
use crate::{settings, tools};

fn names(query: &str, runnable: &[Rc<Tool>]) -> Vec<String> {
    let entries = View::parse(query).unwrap().entries(&settings::for_tests(), runnable);
    entries.iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
}

fn all_of(query: &str) -> Vec<String> {
    names(query, &tools::all())
}

fn refusal(query: &str) -> String {
    View::parse(query).unwrap_err().to_string()
}

#[test]
fn the_plain_address_lists_the_core_and_the_gates() {
    let listed = all_of("");
    let core = tools::all().iter().filter(|tool| tool.surface == Surface::Core).count();
    assert_eq!(listed.len(), core + listed.iter().filter(|name| name.starts_with("postern_")).count());
    assert!(listed.contains(&"postern_find".to_owned()) && listed.contains(&"postern_read".to_owned()));
    assert_eq!(listed, all_of("tools=core"));
}

#[test]
fn a_view_of_the_gates_lists_who_one_is_and_the_gates() {
    let listed = all_of("tools=gates");
    assert_eq!(listed.first().map(String::as_str), Some("whoami"));
    assert!(listed.iter().skip(1).all(|name| name.starts_with("postern_")));
}

#[test]
fn a_view_of_all_lists_every_operation_and_no_gate() {
    let tools = tools::all();
    assert!(all_of("tools=all").iter().eq(tools.iter().map(|tool| &*tool.name)));
}

#[test]
fn a_view_of_what_reads_lists_nothing_that_writes() {
    for query in ["access=read", "tools=all&access=read", "tools=gates&access=read"] {
        for name in all_of(query) {
            let reads =
                tools::find(&name).map_or(name == "postern_find" || name == "postern_read", |tool| !tool.writes());
            assert!(reads, "{query}: {name}");
        }
    }
}

#[test]
fn a_view_of_areas_lists_their_tools_by_themselves() {
    let listed = all_of("toolsets=pull-requests,pages");
    assert!(listed.contains(&"bitbucket_get_pull_request".to_owned()));
    assert!(listed.contains(&"confluence_get_page".to_owned()));
    assert!(!listed.iter().any(|name| name.starts_with("postern_") || name == "bitbucket_list_branches"));
    let behind_gates = all_of("toolsets=pull-requests&tools=gates");
    assert!(behind_gates.contains(&"postern_find".to_owned()));
}

#[test]
fn a_gate_is_listed_while_something_behind_it_may_run() {
    let all = tools::all();
    let of_class = |class| all.iter().filter(|tool| tool.class == class).cloned().collect::<Vec<_>>();
    for class in [Class::Read, Class::Write, Class::Destructive] {
        let runnable = of_class(class);
        let gates: HashSet<_> = names("", &runnable).into_iter().filter(|name| name.starts_with("postern_")).collect();
        let expected: HashSet<_> = match runnable.iter().any(|tool| tool.provider.is_some()) {
            true => [Gate::Find, Gate::of(class)].map(|gate| gate.name().to_owned()).into(),
            false => HashSet::new(),
        };
        assert_eq!(gates, expected, "{class:?}");
    }
    let alone: Vec<_> = all.iter().filter(|tool| tool.provider.is_none()).cloned().collect();
    assert_eq!(names("", &alone), ["whoami"]);
}

#[test]
fn what_there_is_not_is_refused_with_what_was_meant() {
    assert!(refusal("toolsets=pull-request").contains("Did you mean `pull-requests`?"));
    assert!(refusal("tools=gate").contains("Did you mean `gates`?"));
    assert!(refusal("toolset=pages").contains("Did you mean `toolsets`?"));
    assert!(refusal("access=admin").contains("There are: read, write."));
}

#[test]
fn what_others_add_to_an_address_is_no_view() {
    assert_eq!(View::parse("utm_source=x&id=7"), Ok(View::default()));
    assert_eq!(View::suffix("utm_source=x&tools=all"), "");
    assert_eq!(View::suffix("tools=all%22"), "");
    assert_eq!(View::suffix(""), "");
    assert_eq!(View::suffix("toolsets=pages%2Clabels"), "?toolsets=pages%2Clabels");
}

#[test]
fn the_search_and_the_pull_request_are_always_loaded_and_nothing_else() {
    let entries = View::default().entries(&settings::for_tests(), &tools::all());
    let loaded: Vec<_> = entries.iter().filter(|entry| entry["_meta"]["anthropic/alwaysLoad"] == true).collect();
    assert!(loaded.iter().map(|entry| entry["name"].as_str().unwrap()).eq([FIRST_TOOL, "postern_find"]));
}

#[test]
fn what_takes_away_for_good_asks_hosts_for_a_person_unless_a_setting_says_no() {
    let destructive = |confirm_destructive| {
        let settings = settings::Settings { confirm_destructive, ..settings::for_tests() };
        gate_entry(&settings, Gate::Delete)["_meta"]["anthropic/requiresUserInteraction"].clone()
    };
    assert_eq!(destructive(true), true);
    assert_eq!(destructive(false), Value::Null);
}

#[test]
fn the_view_of_the_gates_takes_few_tokens() {
    let entries = View::parse("tools=gates").unwrap().entries(&settings::for_tests(), &tools::all());
    let shown = entries.into_iter().map(|mut entry| {
        entry
            .as_object_mut()
            .unwrap()
            .retain(|name, _| matches!(name.as_str(), "name" | "description" | "inputSchema"));
        entry.to_string()
    });
    let tokens: usize = shown.map(|entry| crate::upstream::tokens::estimate(&entry)).sum();
    // The marks of JSON are estimated well above what they cost: 574 of them are 368
    // real tokens, of 400 at the most.
    assert!(tokens <= 600, "{tokens}");
}
