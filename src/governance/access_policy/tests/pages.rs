//! Conditions on trees of pages and on labels.

use super::*;
use crate::governance::{access_policy::pattern::Matches, decision::Decision};

const CHILDREN: &str = "confluence_list_page_children";
const ANCESTORS: &str = "confluence_list_page_ancestors";
const MOVE: &str = "confluence_move_page";
const CREATE: &str = "confluence_create_page";
const SEARCH: &str = "confluence_search";
const PAGES: &str = "confluence_list_pages";

/// What look-ups have told of the things that a call names.
type Told<'a> = &'a [(MissingFact, &'a [&'a str])];

/// What the policy says of a call, where look-ups have told these of its things.
fn decision(world: &World, tool: &str, given: &Value, told: Told<'_>) -> Decision {
    let tool = tools::find(tool).expect("a tool");
    let tools::Source::Operation(operation) = tool.source;
    let arguments = arguments::validate(operation, given.as_object().unwrap()).expect("arguments");
    let mut facts = Facts::of_call(&settings::for_tests(), world.caller(), &tool, &arguments);
    for (fact, names) in told {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        facts = facts.with_fact(*fact, &names);
    }
    decide(&world.policy, &facts)
}

fn blocking(condition: &Value) -> World {
    with_rules(&json!([{"name": "closed", "resources": [condition], "then": "block"}]))
}

fn granting(condition: &Value) -> World {
    World::new(&json!({"toolsets": [{"name": "all"}], "profiles": [
        {"name": "some", "subjects": ["everyone"], "toolsets": ["all"], "resources": [condition]}]}))
}

fn tree() -> Value {
    json!({"site": "confluence", "under": "7"})
}

fn labelled() -> Value {
    json!({"site": "confluence", "label": "secret"})
}

fn page() -> Value {
    json!({"page": "42"})
}

fn runs(world: &World, tool: &str, given: &Value, told: Told<'_>) -> bool {
    let decision = decision(world, tool, given, told);
    assert_eq!(decision.access.missing_facts, [], "{tool} {told:?}");
    decision.verdict == Verdict::Allowed
}

#[test]
fn what_a_page_lies_below_is_looked_up_and_decides() {
    use MissingFact::{Labels, Tree};
    for world in [blocking(&tree()), granting(&tree())] {
        assert_eq!(decision(&world, PAGE, &page(), &[]).access.missing_facts, [Tree]);
    }
    let [rule, profile] = [blocking(&tree()), granting(&tree())];
    for (tree, is_in_it) in [
        ("1 7 42", Some(true)),
        ("7", Some(true)),
        ("1 42", Some(false)),
        ("77 42", Some(false)),
        ("", Some(false)),
        ("? 42", None),
    ] {
        let told: Told<'_> = &[(Tree, &[tree])];
        assert_eq!(runs(&rule, PAGE, &page(), told), is_in_it == Some(false), "{tree}");
        assert_eq!(runs(&profile, PAGE, &page(), told), is_in_it == Some(true), "{tree}");
    }
    let [rule, profile] = [blocking(&labelled()), granting(&labelled())];
    for (labels, has_it) in
        [("a secret", Some(true)), ("SECRET", Some(true)), ("secrets", Some(false)), ("", Some(false)), ("a ?", None)]
    {
        let told: Told<'_> = &[(Labels, &[labels])];
        assert_eq!(runs(&rule, PAGE, &page(), told), has_it == Some(false), "{labels}");
        assert_eq!(runs(&profile, PAGE, &page(), told), has_it == Some(true), "{labels}");
    }
}

#[test]
fn a_page_that_is_moved_is_about_where_it_lies_and_where_it_goes() {
    let given = json!({"page": "42", "target": "43"});
    let [rule, profile] = [blocking(&tree()), granting(&tree())];
    for (trees, is_blocked, is_granted) in
        [(["7 42", "9 43"], true, false), (["9 42", "7 43"], true, false), (["7 42", "7 43"], true, true)]
    {
        let told: Told<'_> = &[(MissingFact::Tree, &trees)];
        assert_eq!((!runs(&rule, MOVE, &given, told), runs(&profile, MOVE, &given, told)), (is_blocked, is_granted));
    }
    let created = json!({"space": "ENG", "title": "x", "text": "x", "parent": "43"});
    assert!(!runs(&rule, CREATE, &created, &[(MissingFact::Tree, &["7 43"])]));
    assert!(runs(&rule, CREATE, &created, &[(MissingFact::Tree, &["9 43"])]));
    let at_the_top = json!({"space": "ENG", "title": "x", "text": "x"});
    assert!(!runs(&rule, CREATE, &at_the_top, &[]) && !runs(&profile, CREATE, &at_the_top, &[]));
}

#[test]
fn what_lies_around_a_page_may_be_of_a_tree_that_the_page_is_not_in() {
    let [rule, profile] = [blocking(&tree()), granting(&tree())];
    let (within, outside): (Told<'_>, Told<'_>) =
        (&[(MissingFact::Tree, &["7 42"])], &[(MissingFact::Tree, &["9 42"])]);
    assert!(!runs(&rule, CHILDREN, &page(), outside) && runs(&profile, CHILDREN, &page(), within));
    assert!(runs(&rule, ANCESTORS, &page(), outside) && !runs(&profile, ANCESTORS, &page(), within));
    assert!(!runs(&rule, "confluence_delete_page_tree", &page(), outside));
    let labels = blocking(&labelled());
    assert!(!runs(&labels, CHILDREN, &page(), &[(MissingFact::Labels, &["a"])]));
}

#[test]
fn a_search_is_kept_to_some_pages_or_out_of_them_and_lists_of_a_space_are_not_shown() {
    let conditions = |world: &World, given: &Value| {
        let decision = decision(world, SEARCH, given, &[]);
        assert_eq!(decision.verdict, Verdict::Allowed, "{given}");
        let operation = crate::catalog::find(SEARCH).expect("an operation");
        let arguments = arguments::validate(operation, given.as_object().unwrap()).expect("arguments");
        let limits = Limits::of(&Reach::default(), &decision.access.within, operation, &arguments, None);
        limits.expect("limits").arguments.spaces().clone()
    };
    let query = json!({"query": "x"});
    let kept_out = conditions(&blocking(&tree()), &query);
    assert_eq!((kept_out.closed.len(), kept_out.conditions.len()), (0, 1));
    assert!(kept_out.conditions[0].contains("ancestor not in (\"7\")"), "{kept_out:?}");
    let kept_to = conditions(&granting(&labelled()), &query);
    assert!(kept_to.conditions[0].contains("label in (\"secret\")"), "{kept_to:?}");
    let both = World::new(&json!({"toolsets": [{"name": "all"}], "profiles": [
        {"name": "some", "subjects": ["everyone"], "toolsets": ["all"],
         "resources": [tree(), {"site": "confluence", "space": "ENG"}]}]}));
    let either = conditions(&both, &query);
    assert!(either.within.is_empty() && either.conditions[0].contains(" or space in (\"ENG\")"), "{either:?}");
    let in_space = json!({"space": "ENG"});
    assert!(!runs(&blocking(&tree()), PAGES, &in_space, &[]) && !runs(&granting(&tree()), PAGES, &in_space, &[]));
    let of_another = blocking(&json!({"site": "confluence", "space": "HR", "label": "secret"}));
    assert!(
        runs(&of_another, PAGES, &in_space, &[]) && runs(&blocking(&tree()), "confluence_list_spaces", &json!({}), &[])
    );
    assert!(runs(&blocking(&tree()), "confluence_list_groups", &json!({}), &[]));
}

#[test]
fn a_page_that_one_profile_names_is_not_kept_within_the_space_of_another() {
    let both = World::new(&json!({"toolsets": [{"name": "all"}], "profiles": [
        {"name": "some", "subjects": ["everyone"], "toolsets": ["all"],
         "resources": [tree(), {"site": "confluence", "space": "ENG"}]}]}));
    let within = |tree: &str| {
        let decision = decision(&both, PAGE, &page(), &[(MissingFact::Tree, &[tree])]);
        assert_eq!(decision.verdict, Verdict::Allowed);
        decision.access.within.containers()
    };
    assert_eq!((within("7 42"), within("9 42")), (None, Some(vec!["ENG".to_owned()])));
    assert_eq!(within("? 42"), Some(vec!["ENG".to_owned()]));
    let undecided = decision(&both, PAGE, &page(), &[]).access;
    assert_eq!(
        (undecided.missing_facts, undecided.within.containers()),
        (vec![MissingFact::Tree], Some(vec!["ENG".to_owned()]))
    );
}

#[test]
fn a_space_beside_a_label_is_looked_up_with_it() {
    let world = blocking(&json!({"site": "confluence", "space": "HR", "label": "secret"}));
    let facts = decision(&world, PAGE, &page(), &[]).access.missing_facts;
    assert_eq!(facts, [MissingFact::Space, MissingFact::Labels]);
    for (space, label, is_blocked) in
        [("HR", "secret", true), ("hr", "secret", true), ("ENG", "secret", false), ("HR", "", false)]
    {
        let told: Told<'_> = &[(MissingFact::Space, &[space]), (MissingFact::Labels, &[label])];
        assert_eq!(!runs(&world, PAGE, &page(), told), is_blocked, "{space} {label}");
    }
}

#[test]
fn a_condition_on_pages_is_of_a_site_that_has_them() {
    let known = Known { sites: vec![Site::main(&BITBUCKET), Site::main(&CONFLUENCE)], ..Known::default() };
    for (condition, problems) in [
        (tree(), 0),
        (labelled(), 0),
        (json!({"site": "bitbucket", "under": "7"}), 1),
        (json!({"site": "confluence", "under": "x"}), 1),
        (json!({"site": "confluence", "label": "Secret"}), 1),
        (json!({"site": "confluence", "label": "a\" or space = HR or label = \"b"}), 1),
    ] {
        let document = json!({"rules": [{"name": "r", "resources": [condition], "then": "block"}]});
        assert_eq!(policy(&document).problems(&known).len(), problems, "{document}");
    }
    let condition: ResourceCondition = serde_json::from_value(tree()).unwrap();
    assert_eq!(
        condition.matches(&crate::governance::facts::Resource::at(None, crate::governance::facts::Extent::Place)),
        Matches::No
    );
}
