use proptest::prelude::*;

use super::{budget::Budget, convert, from_storage};

mod costs;
mod structure;
mod words;

fn converts(storage: &str, markdown: &str) {
    assert_eq!(from_storage(storage).markdown, markdown);
}

#[test]
fn headings_and_paragraphs_stand_alone() {
    converts("<h1>Title</h1><p>One\n  two.</p><h3>Sub</h3><p>Three</p>", "# Title\n\nOne two.\n\n### Sub\n\nThree\n");
}

#[test]
fn marks_links_and_breaks_are_kept() {
    converts(
        "<p><strong>Bold</strong> <em>it</em> <code>x</code><br/><a href=\"https://a.example/?b&amp;c\">link</a></p>",
        "**Bold** *it* `x`\n[link](https://a.example/?b&c)\n",
    );
}

#[test]
fn lists_nest_and_count() {
    converts(
        "<ul><li><p>One</p><ol><li>First</li><li>Second</li></ol></li><li>Two</li></ul><p>After</p>",
        "- One\n  1. First\n  2. Second\n- Two\n\nAfter\n",
    );
}

#[test]
fn a_table_has_a_line_under_its_first_row() {
    converts(
        "<table><tbody><tr><th>A</th><th>B</th></tr><tr><td><p>1</p><p>2</p></td><td>x|y</td></tr></tbody></table>",
        "| A | B |\n| --- | --- |\n| 1<br>2 | x\\|y |\n",
    );
}

#[test]
fn code_keeps_its_lines_and_language() {
    converts(
        "<ac:structured-macro ac:name=\"code\"><ac:parameter ac:name=\"language\">rust</ac:parameter>\
         <ac:plain-text-body><![CDATA[fn a() {\n    b <c>\n}]]></ac:plain-text-body></ac:structured-macro><p>x</p>",
        "```rust\nfn a() {\n    b <c>\n}\n```\n\nx\n",
    );
}

#[test]
fn code_cannot_close_its_own_fence() {
    converts(
        "<ac:structured-macro ac:name=\"code\"><ac:plain-text-body><![CDATA[```]]></ac:plain-text-body></ac:structured-macro>",
        "````\n```\n````\n",
    );
}

#[test]
fn a_panel_is_a_quote_with_its_kind() {
    converts(
        "<ac:structured-macro ac:name=\"warning\"><ac:parameter ac:name=\"title\">Careful</ac:parameter>\
         <ac:rich-text-body><p>One</p><ul><li>Two</li></ul></ac:rich-text-body></ac:structured-macro>",
        "> [warning] Careful\n> One\n>\n> - Two\n",
    );
}

#[test]
fn status_mention_date_and_emoji_are_shown() {
    converts(
        "<p><ac:structured-macro ac:name=\"status\"><ac:parameter ac:name=\"title\">DONE</ac:parameter></ac:structured-macro> \
         <ac:link><ri:user ri:account-id=\"557058:a\"/></ac:link> <time datetime=\"2026-10-01\"/> \
         <ac:emoticon ac:name=\"blue-star\" ac:emoji-fallback=\"🎉\"/></p>",
        "[status: DONE] @[user: 557058:a] 2026-10-01 🎉\n",
    );
}

#[test]
fn links_to_pages_and_images_name_their_target() {
    converts(
        "<p><ac:link><ri:page ri:content-title=\"Runbook\" ri:space-key=\"OPS\"/><ac:plain-text-link-body>\
         <![CDATA[the runbook]]></ac:plain-text-link-body></ac:link>, <ac:link><ri:page ri:content-title=\"Home\"/></ac:link> \
         <ac:image><ri:attachment ri:filename=\"a.png\"/></ac:image></p>",
        "[the runbook](page: OPS/Runbook), [page: Home] ![attachment: a.png]\n",
    );
}

#[test]
fn tasks_are_ticked() {
    converts(
        "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body>Done</ac:task-body></ac:task>\
         <ac:task><ac:task-id>2</ac:task-id><ac:task-status>incomplete</ac:task-status><ac:task-body><span>Open</span></ac:task-body></ac:task></ac:task-list>",
        "- [x] Done\n- [ ] Open\n",
    );
}

#[test]
fn an_unknown_macro_is_named_with_its_parameters_and_body() {
    converts("<ac:structured-macro ac:name=\"toc\"/>", "[macro: toc]\n");
    converts(
        "<ac:structured-macro ac:name=\"chart\"><ac:parameter ac:name=\"type\">pie</ac:parameter></ac:structured-macro>",
        "[macro: chart type=pie]\n",
    );
    converts(
        "<ac:structured-macro ac:name=\"section\"><ac:rich-text-body><p>Inside</p></ac:rich-text-body></ac:structured-macro>",
        "[macro: section]\n\nInside\n",
    );
}

#[test]
fn what_is_not_closed_ends_with_the_page() {
    converts("<ul><li><b>One", "- **One**\n");
    converts("</p>Text</div>", "Text\n");
}

#[test]
fn numbered_lists_nest_behind_the_width_of_their_marks() {
    converts(
        "<ol><li><p>pack</p></li><li><p>ship</p><ol><li>label</li></ol></li><li>bill</li></ol>",
        "1. pack\n2. ship\n   1. label\n3. bill\n",
    );
    converts("<ol start=\"9\"><li>a</li><li>b<ul><li>c</li></ul></li></ol>", "9. a\n10. b\n    - c\n");
}

#[test]
fn a_list_counts_from_where_it_starts_and_an_item_can_have_its_number() {
    converts("<ol start=\"5\"><li>five</li><li>six</li><li value=\"9\">nine</li></ol>", "5. five\n6. six\n9. nine\n");
}

#[test]
fn a_list_that_does_not_count_from_one_is_no_part_of_the_line_before() {
    converts("<ul><li>a<ol start=\"3\"><li>c</li></ol></li></ul>", "- a\n\n  3. c\n");
}

#[test]
fn two_lists_side_by_side_stay_two() {
    converts("<ol><li>a</li></ol><ol><li>b</li></ol><ol><li>c</li></ol>", "1. a\n\n1) b\n\n1. c\n");
    converts("<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n* b\n");
}

#[test]
fn items_without_text_leave_no_marks_but_are_counted() {
    converts("<ol><li/><li>b</li></ol><ul><li/><li><p></p></li></ul><p>x</p>", "2. b\n\nx\n");
}

#[test]
fn what_is_in_an_item_stays_in_it() {
    converts(
        "<ol><li><p>Stop:</p><ac:structured-macro ac:name=\"code\"><ac:parameter ac:name=\"language\">sh</ac:parameter>\
         <ac:plain-text-body><![CDATA[svc stop\n\nsleep 2]]></ac:plain-text-body></ac:structured-macro></li><li>Start</li></ol>",
        "1. Stop:\n\n   ```sh\n   svc stop\n\n   sleep 2\n   ```\n2. Start\n",
    );
    converts(
        "<ul><li>a<table><tr><th>h</th></tr><tr><td>v</td></tr></table></li></ul>",
        "- a\n\n  | h |\n  | --- |\n  | v |\n",
    );
    converts("<ul><li><p>a</p><p>b</p><blockquote>c<br/>d</blockquote></li></ul>", "- a\n\n  b\n\n  > c\n  > d\n");
    converts("<ul><li>a<br/>b</li></ul>", "- a\n  b\n");
}

#[test]
fn a_table_within_a_panel_keeps_to_it() {
    converts(
        "<ac:structured-macro ac:name=\"info\"><ac:rich-text-body><table><tr><td>a</td></tr></table></ac:rich-text-body>\
         </ac:structured-macro><p>x</p>",
        "> [info]\n>\n> | a |\n> | --- |\n\nx\n",
    );
}

#[test]
fn a_merged_cell_is_in_every_row_and_column_that_it_covers() {
    converts(
        "<table><tr><th>Zone</th><th>Host</th></tr><tr><td rowspan=\"2\">north</td><td>n1</td></tr><tr><td>n2</td></tr>\
         <tr><td>south</td><td>s1</td></tr></table>",
        "| Zone | Host |\n| --- | --- |\n| north | n1 |\n| north | n2 |\n| south | s1 |\n",
    );
    converts(
        "<table><tr><th>Job</th><th colspan=\"2\">Window</th><th>Owner</th></tr><tr><td>a</td><td>1</td><td>2</td><td>lee</td></tr></table>",
        "| Job | Window | Window | Owner |\n| --- | --- | --- | --- |\n| a | 1 | 2 | lee |\n",
    );
    converts(
        "<table><tr><td rowspan=\"0\" colspan=\"2\">all</td><td>1</td></tr><tr><td>2</td></tr><tr><td>3</td></tr></table>",
        "| all | all | 1 |\n| --- | --- | --- |\n| all | all | 2 |\n| all | all | 3 |\n",
    );
    converts(
        "<table><tr><td>a</td><td rowspan=\"2\">b</td></tr><tr></tr><tr><td>c</td><td>d</td></tr></table>",
        "| a | b |\n| --- | --- |\n| c | d |\n",
    );
}

#[test]
fn a_long_merged_cell_is_not_repeated() {
    let long = "word ".repeat(60);
    let table = format!("<table><tr><td colspan=\"2\">{long}</td></tr><tr><td>a</td><td>b</td></tr></table>");
    converts(&table, &format!("| {} | (merged) |\n| --- | --- |\n| a | b |\n", long.trim()));
}

#[test]
fn the_first_row_is_as_wide_as_the_widest() {
    converts("<table><tr><td>a</td></tr><tr><td>b</td><td>c</td></tr></table>", "| a |  |\n| --- | --- |\n| b | c |\n");
}

#[test]
fn a_cell_has_one_line_whatever_is_in_it() {
    converts(
        "<table><tr><td><h3>Plan</h3><p>x</p></td><td><ac:structured-macro ac:name=\"code\"><ac:plain-text-body>\
         <![CDATA[if a | b\n    c\n\nfi]]></ac:plain-text-body></ac:structured-macro></td></tr></table>",
        "| **Plan**<br>x | `if a \\| b`<br>`    c`<br><br>`fi` |\n| --- | --- |\n",
    );
    converts("<table><tr><td><ul><li>a<ol><li>b</li></ol></li></ul></td></tr></table>", "| - a<br>  1. b |\n| --- |\n");
    converts(
        "<table><tr><td>x<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>y</td></tr></table>",
        "| x<br>a \\| b<br>c<br>y |\n| --- |\n",
    );
    converts("<table><tr><td>a\\|b</td></tr></table>", "| a\\&#124;b |\n| --- |\n");
}

#[test]
fn what_changes_the_meaning_of_a_number_is_kept() {
    converts("<p>10<sup>6</sup>, CO<sub>2</sub>, <u>no</u></p>", "10<sup>6</sup>, CO<sub>2</sub>, <u>no</u>\n");
    converts("<p><span style=\"text-decoration: line-through;\">8080</span> 9090</p>", "~~8080~~ 9090\n");
}

#[test]
fn marks_stand_close_to_their_text_or_not_at_all() {
    converts("<p>a <strong>bold </strong>word</p>", "a **bold** word\n");
    converts("<p>x</p><p><strong></strong></p><p>y</p>", "x\n\ny\n");
    converts("<p><b>a</b><b>b</b> <b><strong>c</strong></b></p>", "**ab** **c**\n");
    converts("<strong><p>a</p><p>b</p></strong>", "**a**\n\n**b**\n");
}

#[test]
fn inline_code_cannot_close_itself() {
    converts("<p>use <code>a`b</code>, <code>`</code></p>", "use ``a`b``, `` ` ``\n");
    converts("<pre><code>a <b>b</b></code><br/><br/>c</pre>", "```\na b\n\nc\n```\n");
}

#[test]
fn a_heading_is_one_line() {
    converts("<h2>One<br/>Two</h2><p>x</p>", "## One Two\n\nx\n");
    converts("<h2></h2><p>x<br/><br/>y</p>", "x\n\ny\n");
}

#[test]
fn blocks_side_by_side_stay_apart() {
    converts(
        "<ac:structured-macro ac:name=\"children\"/><ac:structured-macro ac:name=\"attachments\"/><p>x</p>",
        "[macro: children]\n\n[macro: attachments]\n\nx\n",
    );
    converts(
        "<ac:layout-section><ac:layout-cell>left</ac:layout-cell><ac:layout-cell>right</ac:layout-cell></ac:layout-section>",
        "left\n\nright\n",
    );
    converts("<dl><dt>Term</dt><dd>Meaning</dd></dl>", "Term\n\nMeaning\n");
    converts("<p>a <ac:structured-macro ac:name=\"view-file\"/> b</p>", "a [macro: view-file] b\n");
}

#[test]
fn links_name_all_that_they_lead_to_and_never_nothing() {
    converts(
        "<ac:link><ri:attachment ri:filename=\"plan.pdf\"><ri:page ri:space-key=\"OPS\" ri:content-title=\"Plans\"/></ri:attachment></ac:link>",
        "[attachment: plan.pdf, page: OPS/Plans]\n",
    );
    let body = "<ac:plain-text-link-body><![CDATA[roll back]]></ac:plain-text-link-body>";
    converts(&format!("<ac:link ac:anchor=\"rollback\">{body}</ac:link>"), "[roll back](#rollback)\n");
    converts(&format!("<ac:link>{body}</ac:link>"), "roll back\n");
    converts(&format!("<ac:link>{body}<ri:page ri:content-title=\"Home\"/></ac:link>"), "roll back (page: Home)\n");
    converts(
        &format!("<ac:link><ri:shortcut ri:key=\"jira\" ri:parameter=\"AB-1\"/>{body}</ac:link>"),
        "[roll back](shortcut: jira/AB-1)\n",
    );
    converts("<p><a href=\"https://a.example/\"></a><a>b</a></p>", "<https://a.example/>b\n");
    converts("<ac:link><ri:user ri:userkey=\"8a8b\"/></ac:link>", "@[user: 8a8b]\n");
    converts(
        "<ac:structured-macro ac:name=\"anchor\"><ac:parameter ac:name=\"\">rollback</ac:parameter></ac:structured-macro>",
        "[anchor: rollback]\n",
    );
}

#[test]
fn an_image_has_its_alternative_text_and_its_caption() {
    converts(
        "<ac:image ac:alt=\"Edge talks to core\"><ri:attachment ri:filename=\"f.png\"/><ac:caption><p>The <b>net</b></p></ac:caption></ac:image>",
        "![Edge talks to core](attachment: f.png)\n\nThe **net**\n",
    );
}

fn node(kind: &str, key: &str, value: &str, inside: &str) -> String {
    format!(
        "<ac:adf-node type=\"{kind}\"><ac:adf-attribute key=\"local-id\">x1</ac:adf-attribute><ac:adf-attribute key=\"{key}\">{value}</ac:adf-attribute>{inside}</ac:adf-node>"
    )
}

#[test]
fn a_node_of_the_new_editor_is_shown_once() {
    let content = "<ac:adf-content><p>Rotate <b>keys</b>.</p></ac:adf-content>";
    let fallback = "<ac:adf-fallback><div>Rotate <b>keys</b>.</div></ac:adf-fallback>";
    let panel = node("panel", "panel-type", "note", content);
    converts(
        &format!("<p>a</p><ac:adf-extension>{panel}</ac:adf-extension><p>b</p>"),
        "a\n\n> [note]\n> Rotate **keys**.\n\nb\n",
    );
    converts(&format!("<ac:adf-extension>{panel}{fallback}</ac:adf-extension>"), "> [note]\n> Rotate **keys**.\n");
    let inside = node("panel", "panel-type", "note", &format!("{content}{fallback}"));
    converts(&format!("<ac:adf-extension>{inside}</ac:adf-extension>"), "> [note]\n> Rotate **keys**.\n");
    let empty = node("panel", "panel-type", "note", "");
    converts(
        &format!("<ac:adf-extension>{empty}{fallback}</ac:adf-extension>"),
        "[panel panel-type=note]\n\nRotate **keys**.\n",
    );
    let chart = node("extension", "text", "A chart", "");
    converts(
        &format!("<ac:adf-extension>{chart}<ac:adf-fallback>{chart}</ac:adf-fallback></ac:adf-extension>"),
        "[extension text=A chart]\n",
    );
}

#[test]
fn decisions_keep_their_state() {
    let decided = node("decision-item", "state", "DECIDED", "<ac:adf-content>two <b>queues</b></ac:adf-content>");
    let open = node("decision-item", "state", "UNDECIDED", "<ac:adf-content>which</ac:adf-content>");
    let list = format!(
        "<ac:adf-extension><ac:adf-node type=\"decision-list\">{decided}{open}</ac:adf-node></ac:adf-extension>"
    );
    converts(&format!("<p>a</p>{list}<p>b</p>"), "a\n\n- [DECIDED] two **queues**\n- [UNDECIDED] which\n\nb\n");
}

#[test]
fn what_a_macro_was_told_is_named_beside_its_body() {
    converts(
        "<ac:structured-macro ac:name=\"excerpt\"><ac:parameter ac:name=\"name\">short</ac:parameter><ac:rich-text-body>x</ac:rich-text-body></ac:structured-macro>",
        "> [excerpt name=short]\n> x\n",
    );
    converts(
        "<ac:structured-macro ac:name=\"gallery\"><ac:parameter ac:name=\"page\"><ac:link><ri:page ri:content-title=\"Pictures\"/></ac:link></ac:parameter></ac:structured-macro>",
        "[macro: gallery page=[page: Pictures]]\n",
    );
}

#[test]
fn what_nobody_reads_is_left_out_by_name() {
    converts("<style>p { color: red }</style><p>x</p>", "[style left out]\n\nx\n");
    converts("<p><ac:placeholder>Who was there</ac:placeholder></p>", "[placeholder: Who was there]\n");
}

#[test]
fn a_value_with_line_ends_stays_on_its_line() {
    converts("<p>a <a href=\"x&#10;# Approved\">b</a></p>", "a [b](x # Approved)\n");
}

proptest! {
    #[test]
    fn any_markup_converts(parts in prop::collection::vec(prop_oneof![
        Just("<p>"), Just("</p>"), Just("<ul>"), Just("</ul>"), Just("<li>"), Just("<table>"), Just("</table>"), Just("<tr>"),
        Just("<td>"), Just("</td>"), Just("<pre>"), Just("</pre>"), Just("<blockquote>"), Just("</blockquote>"), Just("<ac:link>"),
        Just("</ac:link>"), Just("<ac:structured-macro ac:name=\"info\">"), Just("</ac:structured-macro>"),
        Just("<ac:rich-text-body>"), Just("</ac:rich-text-body>"), Just("<ac:plain-text-body>"), Just("<ac:parameter ac:name=\"a\">"),
        Just("<ri:user/>"), Just("<br/>"), Just("text"), Just("<![CDATA[x]]>"), Just("<style>"), Just("</style>"),
    ], 0..60)) {
        let _ = from_storage(&parts.concat());
    }

    #[test]
    fn plain_text_is_not_lost(words in prop::collection::vec("[a-z]{1,8}", 1..10), deep in 0_usize..30) {
        let text = words.join(" ");
        let storage = format!("{}{text}{}", "<table><tr><td><blockquote>".repeat(deep), "</blockquote></td></tr></table>".repeat(deep));
        prop_assert!(from_storage(&storage).markdown.contains(&text));
    }
}
