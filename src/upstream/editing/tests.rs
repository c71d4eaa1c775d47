use super::*;

mod documents;
mod properties;

const TOC: &str = "<ac:structured-macro ac:name=\"toc\" ac:macro-id=\"t1\"/>";
const MENTION: &str = "<ac:link><ri:user ri:account-id=\"557058:a\" ri:local-id=\"l1\"/></ac:link>";

fn page() -> String {
    format!(
        "<h1>Runbook</h1>{TOC}<h2>Stop</h2><p local-id=\"p1\">Ask {MENTION} <ac:inline-comment-marker ac:ref=\"r1\">before \
         you</ac:inline-comment-marker> stop&nbsp;it.</p><p>Then wait.</p><h3>Late</h3><p>Call.</p><h2>Start</h2>\
         <table><tbody><tr><th><p>Step</p></th><th><p>Who</p></th></tr><tr><td><p>one</p></td><td>{MENTION}</td></tr>\
         <tr><td data-x=\"2\"><p>two</p></td><td><p>lee</p></td></tr></tbody></table><h2>Stop</h2><p>Again.</p>"
    )
}

const STOP: Edit<'_> = Edit { section: Some("Stop #1"), find: None, action: Action::Replace, text: None, losing: &[] };

fn changed(old: &str, new: &str) -> String {
    let page = page();
    assert_eq!(page.matches(old).count(), 1, "{old}");
    page.replacen(old, new, 1)
}

#[track_caller]
fn becomes(change: &Edit<'_>, old: &str, new: &str) {
    assert_eq!(edit(&page(), change).map(|edited| edited.storage), Ok(changed(old, new)));
}

#[track_caller]
fn refuses(change: &Edit<'_>, words: &str) {
    let refusal = edit(&page(), change).expect_err("a refusal").to_string();
    assert!(refusal.contains(words), "{refusal}");
}

fn passage<'a>(find: &'a str, action: Action, text: &'a str) -> Edit<'a> {
    Edit { find: Some(find), action, text: Some(text), ..Edit::default() }
}

#[test]
fn a_block_that_reads_as_before_keeps_its_bytes() {
    let text = "Ask @[user: 557058:a] before you stop it.\n\nThen wait an hour.\n\n### Late\n\nCall.";
    becomes(&Edit { text: Some(text), ..STOP }, "<p>Then wait.</p>", "<p>Then wait an hour.</p>");
}

#[test]
fn a_section_that_becomes_what_it_is_does_not_change() {
    let text = "## Stop\n\nAsk @[user: 557058:a] before you stop it.\n\nThen wait.\n\n### Late\n\nCall.";
    refuses(&Edit { text: Some(text), ..STOP }, "changes nothing");
}

#[test]
fn mentions_and_anchors_of_a_paragraph_survive_its_change() {
    let text = "Ask @[user: 557058:a] always before you stop it.\n\nThen wait.\n\n### Late\n\nCall.";
    becomes(
        &Edit { text: Some(text), ..STOP },
        " <ac:inline-comment-marker ac:ref=\"r1\">before you</ac:inline-comment-marker> stop&nbsp;it.",
        " always <ac:inline-comment-marker ac:ref=\"r1\">before you</ac:inline-comment-marker> stop it.",
    );
}

#[test]
fn a_loss_is_refused_by_name_unless_it_is_meant() {
    let text = "Ask somebody.\n\n### Late\n\nCall.";
    refuses(&Edit { text: Some(text), ..STOP }, "lose anchors `r1` 1 → 0, mentions 2 → 1.");
    refuses(&Edit { text: Some(text), losing: &["mentions"], ..STOP }, "`losing` \"anchors\"");
    assert!(edit(&page(), &Edit { text: Some(text), losing: &["mentions", "anchors"], ..STOP }).is_ok());
}

#[test]
fn a_heading_is_found_by_its_name_or_near_names_are_told() {
    refuses(&Edit { section: Some("Stop"), text: Some("x"), ..STOP }, "2 headings are `Stop`: name one by its number");
    refuses(&Edit { section: Some("Strat"), text: Some("x"), ..STOP }, "Near: `Runbook`, `Stop`");
    let again = Edit { section: Some("## stop #2"), text: Some("x"), ..STOP };
    becomes(&again, "<p>Again.</p>", "<p>x</p>");
}

#[test]
fn a_heading_that_is_written_with_other_words_is_renamed() {
    let again = Edit { section: Some("Stop #2"), text: Some("## Stop it\n\nAgain."), ..STOP };
    becomes(&again, "<h2>Stop</h2><p>Again", "<h2>Stop it</h2><p>Again");
}

#[test]
fn text_goes_below_a_heading_before_the_next_one_or_after_the_section() {
    let text = Some("New *words*.");
    let new = "<p>New <em>words</em>.</p>";
    becomes(
        &Edit { action: Action::Prepend, text, ..STOP },
        "<h2>Stop</h2><p local",
        &format!("<h2>Stop</h2>{new}<p local"),
    );
    becomes(&Edit { action: Action::Append, text, ..STOP }, "<h3>Late</h3>", &format!("{new}<h3>Late</h3>"));
    becomes(&Edit { action: Action::InsertAfter, text, ..STOP }, "<h2>Start</h2>", &format!("{new}<h2>Start</h2>"));
    let whole = Edit { section: None, action: Action::Append, text, ..STOP };
    becomes(&whole, "<p>Again.</p>", &format!("<p>Again.</p>{new}"));
}

#[test]
fn a_section_goes_with_its_heading() {
    let section = Edit { section: Some("Late"), action: Action::Remove, ..STOP };
    becomes(&section, "<h3>Late</h3><p>Call.</p>", "");
}

#[test]
fn a_passage_is_found_across_marks_and_entities() {
    becomes(&passage("stop it", Action::Replace, "halt *it*"), "stop&nbsp;it", "halt <em>it</em>");
    let across = passage("you stop it.", Action::Replace, "they go.");
    becomes(&across, "you</ac:inline-comment-marker> stop&nbsp;it.", "they go.</ac:inline-comment-marker>");
    becomes(&passage("*Then* wait", Action::Remove, ""), "<p>Then wait.</p>", "<p>.</p>");
    becomes(&passage("Then wait.", Action::Remove, ""), "<p>Then wait.</p>", "");
}

#[test]
fn a_passage_must_be_there_once() {
    refuses(&passage("Stop", Action::Replace, "x"), "there 2 times");
    refuses(&passage("Nowhere", Action::Replace, "x"), "not there");
    refuses(&passage("wait. Late", Action::Replace, "x"), "several paragraphs");
}

#[test]
fn a_passage_keeps_what_its_placeholder_names() {
    let find = "Ask @[user: 557058:a] before";
    becomes(&passage(find, Action::Replace, "Tell @[user: 557058:a] before"), "Ask ", "Tell ");
    refuses(&passage(find, Action::Replace, "Tell Ann before"), "mentions 2 → 1");
    refuses(&passage("Then wait.", Action::Replace, "[macro: toc]"), "stands for nothing");
}

#[test]
fn blocks_go_after_the_paragraph_of_a_passage() {
    becomes(&passage("Then", Action::InsertAfter, "- a\n- b"), "wait.</p>", "wait.</p><ul><li>a</li><li>b</li></ul>");
    refuses(&passage("Then", Action::Replace, "a\n\nb"), "several blocks");
    becomes(&passage("Then wait.", Action::Replace, "a\n\nb"), "<p>Then wait.</p>", "<p>a</p><p>b</p>");
}

#[test]
fn a_node_is_named_by_its_name_and_number() {
    becomes(&passage("[macro: toc]", Action::InsertAfter, "x"), TOC, &format!("{TOC}<p>x</p>"));
    refuses(&passage("[macro: toc #2]", Action::Remove, ""), "there are 1");
    refuses(&passage("[macro: toc]", Action::Remove, ""), "lose macros `toc` 1 → 0");
    let table = Edit { losing: &["tables", "mentions"], ..passage("[table 1]", Action::Remove, "") };
    let edited = edit(&page(), &table).unwrap();
    assert!(edited.storage.contains("<h2>Start</h2><h2>Stop</h2>"), "{}", edited.storage);
}

#[test]
fn cells_and_rows_of_a_table_keep_their_bytes() {
    let start = Edit { section: Some("Start"), ..STOP };
    let table = "| Step | Who |\n| --- | --- |\n| one | @[user: 557058:a] |\n| two | ann |\n| three | bob |";
    becomes(
        &Edit { text: Some(table), ..start },
        "<p>lee</p></td></tr>",
        "<p>ann</p></td></tr><tr><td><p>three</p></td><td><p>bob</p></td></tr>",
    );
}

#[test]
fn items_of_a_list_keep_their_bytes() {
    let list = "<h1>A</h1><ul><li><p>one</p></li><li><p x=\"1\">two <time datetime=\"2026-10-01\"/></p><ul><li>in</li></ul></li></ul>";
    let text = "- one\n- two 2026-10-01\n  - in\n  - more\n- three";
    let edited = edit(list, &Edit { section: Some("A"), text: Some(text), ..Edit::default() }).unwrap();
    let expected = list
        .replace("<li>in</li>", "<li>in</li><li>more</li>")
        .replace("</ul></li></ul>", "</ul></li><li><p>three</p></li></ul>");
    assert_eq!(edited.storage, expected);
}

#[test]
fn tasks_keep_their_ids_when_they_are_done() {
    let task = |id: u8, state: &str, text: &str| {
        format!(
            "<ac:task><ac:task-id>{id}</ac:task-id><ac:task-status>{state}</ac:task-status><ac:task-body><span>{text}</span></ac:task-body></ac:task>"
        )
    };
    let page = |first: &str, second: &str| format!("<h1>A</h1><ac:task-list>{first}{second}</ac:task-list>");
    let before = page(&task(1, "incomplete", "one"), &task(2, "incomplete", "two"));
    let edited = edit(&before, &Edit { section: Some("A"), text: Some("- [x] one\n- [ ] two!"), ..Edit::default() });
    assert_eq!(edited.unwrap().storage, page(&task(1, "complete", "one"), &task(2, "incomplete", "two!")));
}

#[test]
fn what_is_in_a_panel_changes_and_the_panel_stays() {
    let panel = |text: &str| {
        format!(
            "<ac:structured-macro ac:name=\"info\" ac:macro-id=\"m\"><ac:parameter ac:name=\"title\">Mind</ac:parameter><ac:rich-text-body><p>{text}</p>{TOC}</ac:rich-text-body></ac:structured-macro>"
        )
    };
    let page = |text: &str| format!("<h1>A</h1>{}<p>x</p>", panel(text));
    let text = "> [info] Mind\n> new\n>\n> [macro: toc]\n\nx";
    let edited = edit(&page("old"), &Edit { section: Some("A"), text: Some(text), ..Edit::default() });
    assert_eq!(edited.unwrap().storage, page("new"));
}

#[test]
fn layouts_stay_where_a_whole_page_is_rewritten() {
    let page = |text: &str| {
        format!(
            "<ac:layout><ac:layout-section ac:type=\"two_equal\"><ac:layout-cell><p>{text}</p></ac:layout-cell><ac:layout-cell><p>right</p></ac:layout-cell></ac:layout-section></ac:layout>"
        )
    };
    assert_eq!(rewrite(&page("left"), "new\n\nright", &[]).unwrap().storage, page("new"));
    assert_eq!(
        rewrite(&page("left"), "left\n\nright\n\nend", &[]).unwrap().storage,
        page("left").replace("right</p>", "right</p><p>end</p>")
    );
    let end = Edit { action: Action::Append, text: Some("end"), ..Edit::default() };
    assert_eq!(edit(&page("left"), &end).unwrap().storage, page("left").replace("right</p>", "right</p><p>end</p>"));
}

#[test]
fn code_is_changed_as_it_is() {
    let code = |text: &str| {
        format!(
            "<ac:structured-macro ac:name=\"code\"><ac:plain-text-body><![CDATA[{text}]]></ac:plain-text-body></ac:structured-macro>"
        )
    };
    let edited = edit(&code("a  *b* &amp; c"), &passage("*b* &amp;", Action::Replace, "**d** ]]>")).unwrap();
    assert_eq!(edited.storage, code("a  **d** ]]]]><![CDATA[> c"));
}

#[test]
fn a_page_that_is_not_nested_well_is_refused_in_words() {
    for page in ["<p>a", "a</p>", "<p><b>a</p></b>", "<![CDATA[a", "<!-- a", "<p", "<>a</>", "<p a=\"></p>"] {
        let refusal = edit(page, &passage("a", Action::Replace, "b")).expect_err(page).to_string();
        assert!(refusal.contains("not well-formed"), "{refusal}");
    }
    let deep = format!("{}a{}", "<b>".repeat(300), "</b>".repeat(300));
    assert_eq!(edit(&deep, &passage("a", Action::Replace, "b")), Err(Refusal::TooLarge));
}

#[test]
fn an_edit_tells_its_difference_and_what_there_is() {
    let edited = edit(&page(), &passage("Then wait", Action::Replace, "[x](https://a.example/)")).unwrap();
    assert_eq!(edited.difference, " \n-Then wait.\n+[x](https://a.example/).\n \n");
    assert_eq!(edited.counts, "macros 1, mentions 2, anchors 1, links 0 → 1, tables 1");
}
