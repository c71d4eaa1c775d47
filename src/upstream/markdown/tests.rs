use proptest::prelude::*;

use super::from_storage;

fn converts(storage: &str, markdown: &str) {
    assert_eq!(from_storage(storage), markdown);
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
        "> [warning] Careful\n> One\n> \n> - Two\n",
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
        prop_assert!(from_storage(&storage).contains(&text));
    }
}
