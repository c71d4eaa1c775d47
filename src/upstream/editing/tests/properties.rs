//! More than a thousand random pages, each edited in one place: nothing else changes, and what was written reads as it was meant.

use proptest::prelude::*;

use super::{
    super::*,
    documents::{block, sections},
};
use crate::upstream::markdown::from_storage;

const LOSING_ALL: Edit<'_> = Edit { section: None, find: None, action: Action::Replace, text: None, losing: &SORTS };

/// Markdown that reading gives back as it is.
fn new_words() -> impl Strategy<Value = String> {
    let block = prop_oneof![
        "[a-z]{1,8}( [a-z]{1,8}){0,4}",
        "[a-z]{1,6} \\*\\*[a-z]{1,6}\\*\\* `[a-z]{1,6}` [a-z]{1,6}",
        "### [a-z]{1,8}",
        "- [a-z]{1,8}\n- [a-z]{1,8}\n  1\\. [a-z]{1,8}",
        "- \\[x\\] [a-z]{1,8}\n- \\[ \\] [a-z]{1,8}",
        "\\| [a-z]{1,8} \\| [a-z]{1,8} \\|\n\\| --- \\| --- \\|\n\\| [a-z]{1,8} \\| b<sup>2</sup> \\|",
        "```rust\nlet [a-z]{1,8} = \"\\]\\]>\";\n```",
        "> [a-z]{1,8}",
        "\\[[a-z]{1,8}\\]\\(https://a\\.example/\\) @\\[user: 557058:[0-9]{1,4}\\]",
        "!\\[[a-z]{1,8}\\]\\(attachment: [a-z]{1,8}\\.png\\)",
        "\\[[a-z]{1,8}\\]\\(page: OPS/[A-Z][a-z]{1,8} [a-z]{1,8}\\)",
    ];
    // Two lists side by side would be told apart by their marks.
    prop::collection::vec(block, 1..4).prop_map(|blocks| blocks.join("\n\nnext\n\n"))
}

/// What lies before the section of that number with its heading, its blocks, and what comes after.
fn parts(sections: &[(String, Vec<String>)], number: usize) -> (String, String, String) {
    let text = |sections: &[(String, Vec<String>)]| {
        sections.iter().map(|(heading, blocks)| format!("{heading}{}", blocks.concat())).collect::<String>()
    };
    let (heading, blocks) = &sections[number];
    (format!("{}{heading}", text(&sections[..number])), blocks.concat(), text(&sections[number + 1..]))
}

fn reads(storage: &str) -> String {
    from_storage(storage).markdown
}

proptest! {
    #[test]
    fn an_edited_section_becomes_what_was_meant_and_nothing_else_changes(
        sections in sections(), number in 0_usize..5, action in 0_usize..4, text in new_words(),
    ) {
        let number = number % sections.len();
        let (before, inside, after) = parts(&sections, number);
        let page = format!("{before}{inside}{after}");
        let name = format!("Part {number}");
        let action = [Action::Replace, Action::Prepend, Action::InsertAfter, Action::Append][action];
        let edited = edit(&page, &Edit { section: Some(&name), action, text: Some(&text), ..LOSING_ALL });
        let edited = edited.unwrap().storage;
        prop_assert!(edited.starts_with(&before) && edited.ends_with(&after), "{}\n{}", page, edited);
        let now = &edited[before.len()..edited.len() - after.len()];
        match action {
            Action::Replace => {
                let meant = reads(&sections[number].0) + "\n" + &text + "\n";
                // What reads as nothing stays.
                let blank = inside.contains("<p/>");
                prop_assert!(blank || reads(&format!("{}{now}", sections[number].0)) == meant, "{now}\n{meant}");
            }
            Action::Prepend => prop_assert!(now.ends_with(&inside) && reads(&now[..now.len() - inside.len()]) == text.clone() + "\n"),
            _ => prop_assert!(now.starts_with(inside.trim_end()) && now.contains(inside.trim_end()), "{now}"),
        }
    }

    #[test]
    fn a_section_written_as_it_reads_keeps_every_byte(sections in sections(), number in 0_usize..5) {
        let number = number % sections.len();
        let (before, inside, after) = parts(&sections, number);
        let page = format!("{before}{inside}{after}");
        let text = reads(&inside);
        let edited = edit(&page, &Edit { section: Some(&format!("Part {number}")), text: Some(&text), ..Edit::default() });
        prop_assert_eq!(edited, Err(Refusal::Same), "{}\n{}", inside, text);
    }

    #[test]
    fn one_more_paragraph_in_what_was_read_is_one_more_paragraph(
        sections in sections(), number in 0_usize..5, more in "[a-z]{9,12}",
    ) {
        let number = number % sections.len();
        let (before, inside, after) = parts(&sections, number);
        let page = format!("{before}{inside}{after}");
        let text = format!("{}\n\n{more}", reads(&inside).trim_end());
        let edited = edit(&page, &Edit { section: Some(&format!("Part {number}")), text: Some(&text), ..Edit::default() });
        let edited = edited.unwrap().storage;
        prop_assert_eq!(edited.replacen(&format!("<p>{more}</p>"), "", 1), page);
    }

    #[test]
    fn a_passage_becomes_what_was_meant_and_nothing_else_changes(
        sections in sections(), number in 0_usize..5, place in 0_usize..9, (open, close) in prop::sample::select(vec![
            ("<p>", "</p>"), ("<p>a <strong>b ", "</strong> c</p>"), ("<ul><li><p>one ", " two</p></li></ul>"),
            ("<table><tbody><tr><td>x</td><td colspan=\"2\">", "</td></tr></tbody></table>"),
            ("<p>a <ac:inline-comment-marker ac:ref=\"zz\">", " b</ac:inline-comment-marker></p>"), ("<h3>", "</h3>"),
            ("<ac:structured-macro ac:name=\"info\"><ac:rich-text-body><p>", " b</p></ac:rich-text-body></ac:structured-macro>"),
        ]), new in "[a-z]{9,12}",
    ) {
        let mut sections = sections;
        let number = number % sections.len();
        let blocks = &mut sections[number].1;
        let place = place % (blocks.len() + 1);
        blocks.insert(place, format!("{open}zqx <em>t&amp;t</em> qzx{close}"));
        let (before, inside, after) = parts(&sections, number);
        let page = format!("{before}{inside}{after}");
        let edited = edit(&page, &Edit { find: Some("zqx *t&t* qzx"), text: Some(&new), ..Edit::default() }).unwrap();
        prop_assert_eq!(edited.storage, page.replace("zqx <em>t&amp;t</em> qzx", &new));
    }

    #[test]
    fn whatever_is_written_the_page_is_well_formed_and_the_same_outside_of_the_section(
        sections in sections(), number in 0_usize..5, action in 0_usize..5,
        text in "([a-c<>/&\"' *_`#|\\[\\]()!~:.\n0-3-]|<ac:|\\]\\]>|CDATA\\[|```|\\[macro: |@\\[user: |\\[x\\] |https://|\\|---\\||<br>|\u{100000}){0,60}",
    ) {
        let number = number % sections.len();
        let (before, inside, after) = parts(&sections, number);
        let page = format!("{before}{inside}{after}");
        let action = [Action::Replace, Action::Prepend, Action::InsertAfter, Action::Append, Action::Remove][action];
        let name = format!("Part {number}");
        let heading = sections[number].0.len();
        if let Ok(edited) = edit(&page, &Edit { section: Some(&name), action, text: Some(&text), ..LOSING_ALL }) {
            let before = &before[..before.len() - heading];
            prop_assert!(edited.storage.starts_with(before) && edited.storage.ends_with(&after), "{}", edited.storage);
            prop_assert!(document::Document::read(&edited.storage).is_ok());
        }
    }

    #[test]
    fn whatever_a_page_is_it_is_edited_or_refused(
        page in prop::collection::vec(prop_oneof![
            Just("<p>"), Just("</p>"), Just("<ul>"), Just("</ul>"), Just("<li>"), Just("</li>"), Just("<h2>"), Just("</h2>"), Just("a"),
            Just("<table>"), Just("</table>"), Just("<tr>"), Just("</tr>"), Just("<td>"), Just("</td>"), Just("<ac:link>"), Just("</ac:link>"),
            Just("<ac:structured-macro ac:name=\"info\">"), Just("</ac:structured-macro>"), Just("<ac:rich-text-body>"), Just("</ac:rich-text-body>"),
            Just("<ac:plain-text-body>"), Just("</ac:plain-text-body>"), Just("<![CDATA[a]]>"), Just("<!-- a -->"), Just("&nbsp;"), Just("<br/>"),
            Just("<"), Just("&"), Just("\""), Just("<ri:user/>"), Just("<ac:task>"), Just("</ac:task>"), Just("\u{e9}"),
        ], 0..30),
        section in prop::option::of(Just("a")), find in prop::option::of("(a|\\[macro: info\\]|\\[table 1\\])"), text in "[a-|* \n]{0,9}",
    ) {
        let page = page.concat();
        let _ = edit(&page, &Edit { section, find: find.as_deref(), text: Some(&text), ..LOSING_ALL });
        let _ = rewrite(&page, &text, &SORTS);
    }

    #[test]
    fn a_changed_block_keeps_its_objects(blocks in prop::collection::vec(block(), 1..4), place in 0_usize..4, more in "[a-z]{9,12}") {
        // A sentence more at the end of a paragraph among others.
        let place = place % blocks.len();
        let paragraph = |more: &str| format!("<p>Ask <ac:link><ri:user ri:account-id=\"557058:1\" ri:local-id=\"q\"/></ac:link> <time datetime=\"2026-10-02\"/> about <ac:inline-comment-marker ac:ref=\"zz\">zqx qzx</ac:inline-comment-marker>{more}</p>");
        let page = |more: &str| {
            let (before, after) = blocks.split_at(place);
            format!("{}{}{}", before.concat(), paragraph(more), after.concat())
        };
        let text = reads(&page("")).replace("zqx qzx", &format!("zqx qzx {more}"));
        let edited = rewrite(&page(""), &text, &[]).unwrap();
        prop_assert_eq!(edited.storage, page(&format!(" {more}")));
    }
}
