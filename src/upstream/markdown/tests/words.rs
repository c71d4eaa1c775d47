//! Nothing of a page is lost without a word.

use proptest::prelude::*;

use super::from_storage;

/// Elements that hold others. `{}` is a word that has to be shown.
const AROUND: &[(&str, &str)] = &[
    ("<p>", "</p>"),
    ("<h2>", "</h2>"),
    ("<div class=\"layout\">", "</div>"),
    ("<strong>", "</strong>"),
    ("<em>", "</em>"),
    ("<u>", "</u>"),
    ("<sup>", "</sup>"),
    ("<span style=\"text-decoration: line-through;\">", "</span>"),
    ("<code>", "</code>"),
    ("<pre>", "</pre>"),
    ("<blockquote>", "</blockquote>"),
    ("<ul><li>", "</li></ul>"),
    ("<ol start=\"7\"><li>", "</li><li>{}</li></ol>"),
    ("<table><tbody><tr><td colspan=\"2\" rowspan=\"3\">", "</td><th>{}</th></tr><tr><td>{}</td></tr></tbody></table>"),
    ("<a href=\"https://a.example/{}\" name=\"{}\">", "</a>"),
    ("<ac:link ac:anchor=\"{}\"><ac:link-body>", "</ac:link-body></ac:link>"),
    ("<ac:link><ri:page ri:space-key=\"{}\" ri:content-title=\"{}\"/><ac:link-body>", "</ac:link-body></ac:link>"),
    ("<ac:link><ac:link-body>", "</ac:link-body><ri:user ri:userkey=\"{}\"/></ac:link>"),
    (
        "<ac:image ac:alt=\"{}\" ac:title=\"{}\"><ri:attachment ri:filename=\"{}\"/><ac:caption>",
        "</ac:caption></ac:image>",
    ),
    (
        "<ac:structured-macro ac:name=\"info\"><ac:parameter ac:name=\"title\">{}</ac:parameter><ac:rich-text-body>",
        "</ac:rich-text-body></ac:structured-macro>",
    ),
    (
        "<ac:structured-macro ac:name=\"{}\"><ac:parameter ac:name=\"{}\">{}</ac:parameter><ac:rich-text-body>",
        "</ac:rich-text-body><ac:parameter ac:name=\"late\">{}</ac:parameter></ac:structured-macro>",
    ),
    (
        "<ac:task-list><ac:task><ac:task-id>3</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body>",
        "</ac:task-body></ac:task></ac:task-list>",
    ),
    (
        "<ac:adf-extension><ac:adf-node type=\"panel\"><ac:adf-attribute key=\"panel-type\">{}</ac:adf-attribute><ac:adf-content>",
        "</ac:adf-content></ac:adf-node></ac:adf-extension>",
    ),
    (
        "<ac:adf-extension><ac:adf-node type=\"decision-list\"><ac:adf-node type=\"decision-item\"><ac:adf-attribute key=\"state\">{}</ac:adf-attribute><ac:adf-content>",
        "</ac:adf-content></ac:adf-node></ac:adf-node></ac:adf-extension>",
    ),
    (
        "<ac:adf-extension><ac:adf-node type=\"{}\"><ac:adf-attribute key=\"{}\">{}</ac:adf-attribute></ac:adf-node><ac:adf-fallback>",
        "</ac:adf-fallback></ac:adf-extension>",
    ),
    ("<ac:placeholder>", "</ac:placeholder>"),
    ("<ac:layout><ac:layout-section><ac:layout-cell>", "</ac:layout-cell></ac:layout-section></ac:layout>"),
    ("<dl><dt>{}</dt><dd>", "</dd></dl>"),
    ("<unknown a=\"b\">", "</unknown>"),
    ("<td>", "</td>"),
    ("<li>", "</li>"),
    ("<ac:rich-text-body>", "</ac:rich-text-body>"),
    ("<ac:parameter ac:name=\"a\">", "</ac:parameter>"),
    ("<ac:link-body>", "</ac:link-body>"),
    ("<ac:adf-content>", "</ac:adf-content>"),
];

/// Elements that stand alone.
const ALONE: &[&str] = &[
    "{}",
    " {} ",
    "<br/>",
    "<hr/>",
    "<p/>",
    "<img alt=\"{}\" src=\"https://a.example/{}\"/>",
    "<time datetime=\"{}\"/>",
    "<ac:emoticon ac:name=\"{}\"/>",
    "<ac:link><ri:attachment ri:filename=\"{}\"><ri:page ri:content-title=\"{}\"/></ri:attachment></ac:link>",
    "<ac:link><ri:shortcut ri:key=\"{}\" ri:parameter=\"{}\"/><ac:plain-text-link-body><![CDATA[{} ]]></ac:plain-text-link-body></ac:link>",
    "<ac:link ac:anchor=\"{}\"/>",
    "<a href=\"{}\"></a>",
    "<ac:image><ri:url ri:value=\"{}\"/></ac:image>",
    "<ri:user ri:account-id=\"{}\"/>",
    "<ri:blog-post ri:posting-day=\"{}\" ri:content-title=\"{}\"/>",
    "<ac:structured-macro ac:name=\"status\"><ac:parameter ac:name=\"title\">{}</ac:parameter></ac:structured-macro>",
    "<ac:structured-macro ac:name=\"jira\"><ac:parameter ac:name=\"key\">{}</ac:parameter><ac:parameter ac:name=\"filter\">{}</ac:parameter></ac:structured-macro>",
    "<ac:structured-macro ac:name=\"anchor\"><ac:parameter ac:name=\"\">{}</ac:parameter></ac:structured-macro>",
    "<ac:structured-macro ac:name=\"code\"><ac:parameter ac:name=\"language\">{}</ac:parameter><ac:parameter ac:name=\"title\">{}</ac:parameter><ac:plain-text-body><![CDATA[{}\n\n  {} | ` {}]]></ac:plain-text-body></ac:structured-macro>",
    "<ac:structured-macro ac:name=\"gallery\"><ac:parameter ac:name=\"page\"><ac:link><ri:page ri:content-title=\"{}\"/></ac:link></ac:parameter></ac:structured-macro>",
    "<ac:adf-node type=\"{}\"/>",
    "<at:var at:name=\"{}\"/>",
    "<![CDATA[{}]]>",
];

#[derive(Debug, Clone)]
enum Part {
    Alone(&'static str),
    Around(&'static (&'static str, &'static str), Vec<Self>),
}

/// Writes a form, a new word in each place for one.
fn fill(form: &str, storage: &mut String, words: &mut Vec<String>) {
    for (index, text) in form.split("{}").enumerate() {
        if index > 0 {
            let word = format!("w{}w", words.len());
            storage.push_str(&word);
            words.push(word);
        }
        storage.push_str(text);
    }
}

fn write(part: &Part, storage: &mut String, words: &mut Vec<String>) {
    match part {
        Part::Alone(form) => fill(form, storage, words),
        Part::Around((begin, end), inside) => {
            fill(begin, storage, words);
            inside.iter().for_each(|part| write(part, storage, words));
            fill(end, storage, words);
        }
    }
}

fn part() -> impl Strategy<Value = Part> {
    let alone = prop::sample::select(ALONE).prop_map(Part::Alone);
    alone.prop_recursive(12, 40, 4, |inner| {
        (0..AROUND.len(), prop::collection::vec(inner, 0..4))
            .prop_map(|(index, inside)| Part::Around(&AROUND[index], inside))
    })
}

proptest! {
    #[test]
    fn every_word_of_a_page_is_shown(parts in prop::collection::vec(part(), 1..6)) {
        let (mut storage, mut words) = (String::new(), Vec::new());
        parts.iter().for_each(|part| write(part, &mut storage, &mut words));
        let page = from_storage(&storage);
        let lost: Vec<&String> = words.iter().filter(|word| !page.markdown.contains(word.as_str())).collect();
        prop_assert!(!page.is_cut && lost.is_empty(), "{:?}\n{}\n{}", lost, storage, page.markdown);
    }
}
