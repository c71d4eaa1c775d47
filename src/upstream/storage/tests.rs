use proptest::prelude::*;

use super::*;
use crate::upstream::markdown;

#[track_caller]
fn becomes(markdown: &str, storage: &str) {
    assert_eq!(from_markdown(markdown), storage);
}

#[test]
fn paragraphs_headings_and_marks_are_elements() {
    becomes(
        "# One\n\ntwo *three* **four** ~~five~~ `six`\n",
        "<h1>One</h1><p>two <em>three</em> <strong>four</strong> <del>five</del> <code>six</code></p>",
    );
    becomes("a  \nb\n\n---\n\n> c\n", "<p>a<br/>b</p><hr/><blockquote><p>c</p></blockquote>");
}

#[test]
fn lists_and_tables_are_elements() {
    becomes("3. a\n4. b\n   - c\n", "<ol start=\"3\"><li>a</li><li>b<ul><li>c</li></ul></li></ol>");
    becomes(
        "| a | b |\n|---|---|\n| 1 | 2 |\n",
        "<table><tbody><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></tbody></table>",
    );
}

#[test]
fn code_is_a_macro_whose_text_cannot_end_it() {
    becomes(
        "```rust\nlet a = \"]]></ac:plain-text-body>\";\n```\n",
        "<ac:structured-macro ac:name=\"code\"><ac:parameter ac:name=\"language\">rust</ac:parameter><ac:plain-text-body>\
         <![CDATA[let a = \"]]]]><![CDATA[></ac:plain-text-body>\";]]></ac:plain-text-body></ac:structured-macro>",
    );
    assert!(!from_markdown("```a\"><x>\nb\n```\n").contains("ac:parameter"));
}

#[test]
fn tasks_are_of_a_list_of_their_own() {
    becomes(
        "- [ ] a\n- [x] *b*\n",
        "<ac:task-list><ac:task><ac:task-status>incomplete</ac:task-status><ac:task-body>a</ac:task-body></ac:task>\
         <ac:task><ac:task-status>complete</ac:task-status><ac:task-body><em>b</em></ac:task-body></ac:task></ac:task-list>",
    );
    becomes("- [ ] a\n- b\n", "<ul><li>[ ] a</li><li>b</li></ul>");
}

#[test]
fn raised_lowered_and_underlined_text_and_line_breaks_are_elements() {
    becomes("10<sup>6</sup> <u>a<sub>2</sub></u>", "<p>10<sup>6</sup> <u>a<sub>2</sub></u></p>");
    becomes("a<br>b", "<p>a<br/>b</p>");
    becomes(
        "<sup>a <u>b</sup> *c <sub>d* e</sub>",
        "<p>&lt;sup&gt;a &lt;u&gt;b&lt;/sup&gt; <em>c &lt;sub&gt;d</em> e&lt;/sub&gt;</p>",
    );
}

#[test]
fn an_image_is_an_attachment_of_the_page_or_a_link() {
    becomes(
        "![The *net*](net.png)",
        "<p><ac:image ac:alt=\"The net\"><ri:attachment ri:filename=\"net.png\"/></ac:image></p>",
    );
    becomes("![](a%20b.png)", "<p><ac:image><ri:attachment ri:filename=\"a%20b.png\"/></ac:image></p>");
    becomes("[up](#top)", "<p><ac:link ac:anchor=\"top\"><ac:link-body>up</ac:link-body></ac:link></p>");
}

#[test]
fn html_and_macros_are_text() {
    becomes("<b>x</b> <script>y</script>", "<p>&lt;b&gt;x&lt;/b&gt; &lt;script&gt;y&lt;/script&gt;</p>");
    becomes("<ac:structured-macro ac:name=\"html\"/>", "<p>&lt;ac:structured-macro ac:name=&quot;html&quot;/&gt;</p>");
    assert!(!from_markdown("<div>\n<ac:image/>\n</div>\n").contains("<ac:"));
}

#[test]
fn a_link_leads_to_the_web_or_is_text() {
    becomes("[a](https://x.example/?a=1&b=\"2)", "<p><a href=\"https://x.example/?a=1&amp;b=&quot;2\">a</a></p>");
    becomes("[a](javascript:alert)", "<p>a (javascript:alert)</p>");
    becomes("![logo](https://x.example/a.png)", "<p><a href=\"https://x.example/a.png\">logo</a></p>");
}

/// Panics where the elements of a page are not nested, or where one is there that is not of the table.
fn check_elements(storage: &str) {
    const KNOWN: [&str; 37] = [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "ol",
        "ul",
        "li",
        "table",
        "tbody",
        "tr",
        "th",
        "td",
        "em",
        "strong",
        "del",
        "code",
        "a",
        "br",
        "hr",
        "sup",
        "sub",
        "u",
        "ac:link",
        "ac:link-body",
        "ac:image",
        "ri:attachment",
        "ac:task-list",
        "ac:task",
        "ac:task-status",
        "ac:task-body",
        "ac:structured-macro",
        "ac:parameter",
        "ac:plain-text-body",
    ];
    let mut open = Vec::new();
    let mut rest = storage;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(section) = after.strip_prefix("![CDATA[") {
            rest = section.split_once("]]>").expect("an end of the section").1;
            continue;
        }
        let (tag, after) = after.split_once('>').expect("an end of the tag");
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let name = tag.split(' ').next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{storage}"),
            None => {
                assert!(KNOWN.contains(&name), "{name} in {storage}");
                if !is_empty {
                    open.push(name);
                }
            }
        }
        rest = after;
    }
    assert!(open.is_empty(), "{open:?} in {storage}");
}

/// Its words in their order, but for the numbers of lists.
fn words(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| word.contains(|character: char| character.is_ascii_alphabetic()))
        .map(str::to_owned)
        .collect()
}

proptest! {
    #[test]
    fn no_text_becomes_an_element_or_a_macro(markdown in "([a-c<>/&\"' *_`#|\\[\\]()!~:\n-]|<ac:|\\]\\]>|CDATA\\[|```|https://){0,60}|\\PC{0,60}|.{0,60}") {
        check_elements(&from_markdown(&markdown));
    }

    #[test]
    fn our_own_reading_of_it_gives_the_words_back(
        blocks in prop::collection::vec(
            ("(# |## |- |1\\. |> |    |)", "[a-z]{1,8}( (\\*[a-z]{1,6}\\*|\\*\\*[a-z]{1,6}\\*\\*|`[a-z]{1,6}`|<x[a-z]{0,3}>|&amp|a < b|[a-z]{1,8})){0,6}"),
            1..6,
        ),
    ) {
        let markdown = blocks.iter().map(|(mark, text)| format!("{mark}{text}\n\n")).collect::<String>();
        let read = markdown::from_storage(&from_markdown(&markdown)).markdown;
        prop_assert_eq!(words(&read), words(&markdown), "{}", markdown);
    }
}
