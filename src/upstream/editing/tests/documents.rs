//! Random pages of all elements and attributes that were met in real ones.

use proptest::prelude::*;

const ENDS: [&str; 2] = ["", " "];

fn words() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![4 => "[a-z]{2,7}", 1 => prop::sample::select(vec!["&uuml;ber", "a&nbsp;b", "&lt;x&gt;", "&#8211;", "R&amp;D", "caf\u{e9}", "\u{65e5}\u{672c}", "\u{1f389}"]).prop_map(str::to_owned)],
        1..5,
    )
    .prop_map(|words| words.join(" "))
}

fn inline() -> impl Strategy<Value = String> {
    let number = 0_u32..1_000_000;
    prop_oneof![
        6 => words(),
        1 => words().prop_map(|text| format!("<strong>{text}</strong>")),
        1 => words().prop_map(|text| format!("<em>{text}</em> <code>{text}</code>")),
        1 => words().prop_map(|text| format!("<span style=\"color: rgb(255,0,0);\">{text}</span>")),
        1 => words().prop_map(|text| format!("<span style=\"text-decoration: line-through;\">{text}</span> 10<sup>6</sup>")),
        1 => words().prop_map(|text| format!("<a href=\"https://a.example/?b&amp;c\" data-card-appearance=\"inline\">{text}</a>")),
        1 => (words(), number.clone()).prop_map(|(text, id)| format!("<ac:inline-comment-marker ac:ref=\"c{id}\">{text}</ac:inline-comment-marker>")),
        1 => number.clone().prop_map(|id| format!("<ac:link><ri:user ri:account-id=\"557058:{id}\" ri:local-id=\"{id}\"/></ac:link>")),
        1 => words().prop_map(|text| format!("<ac:link ac:anchor=\"there\"><ri:page ri:content-title=\"Home\" ri:space-key=\"OPS\" ri:version-at-save=\"3\"/><ac:plain-text-link-body><![CDATA[{text}]]></ac:plain-text-link-body></ac:link>")),
        1 => Just("<ac:link><ri:attachment ri:filename=\"plan.pdf\"><ri:page ri:content-title=\"Plans\"/></ri:attachment></ac:link>".to_owned()),
        1 => number.clone().prop_map(|id| format!("<ac:image ac:alt=\"edge\" ac:width=\"300\" ac:local-id=\"{id}\"><ri:attachment ri:filename=\"f{id}.png\"/></ac:image>")),
        1 => Just("<ac:emoticon ac:name=\"blue-star\" ac:emoji-shortname=\":tada:\" ac:emoji-id=\"1f389\" ac:emoji-fallback=\"\u{1f389}\"/>".to_owned()),
        1 => Just("<time datetime=\"2026-10-01\"/>".to_owned()),
        1 => number.clone().prop_map(|id| format!("<ac:structured-macro ac:name=\"status\" ac:macro-id=\"m{id}\"><ac:parameter ac:name=\"title\">DONE</ac:parameter><ac:parameter ac:name=\"colour\">Green</ac:parameter></ac:structured-macro>")),
        1 => number.prop_map(|id| format!("<ac:structured-macro ac:name=\"jira\"><ac:parameter ac:name=\"key\">AB-{id}</ac:parameter><ac:parameter ac:name=\"serverId\">s</ac:parameter></ac:structured-macro>")),
        1 => Just("<ac:placeholder>Who was there</ac:placeholder>".to_owned()),
        1 => Just("<br/>".to_owned()),
        1 => Just("<a name=\"top\"/>".to_owned()),
    ]
}

fn line() -> impl Strategy<Value = String> {
    prop::collection::vec(inline(), 1..5).prop_map(|parts| parts.join(" "))
}

fn leaf_block() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => line().prop_map(|line| format!("<p>{line}</p>")),
        1 => line().prop_map(|line| format!("<p local-id=\"x\" style=\"text-align: center;\">{line}</p>")),
        2 => prop::collection::vec(line(), 1..4).prop_map(|items| format!("<ul>{}</ul>", items.iter().map(|item| format!("<li><p>{item}</p></li>")).collect::<String>())),
        1 => (line(), line()).prop_map(|(one, two)| format!("<ol start=\"5\"><li>{one}</li><li value=\"9\">{two}<ul><li>{one}</li></ul></li></ol>")),
        1 => (line(), line()).prop_map(|(one, two)| format!("<ac:task-list><ac:task><ac:task-id>7</ac:task-id><ac:task-uuid>u</ac:task-uuid><ac:task-status>complete</ac:task-status><ac:task-body><span class=\"placeholder-inline-tasks\">{one}</span></ac:task-body></ac:task><ac:task><ac:task-id>8</ac:task-id><ac:task-status>incomplete</ac:task-status><ac:task-body>{two}</ac:task-body></ac:task></ac:task-list>")),
        2 => (line(), line(), line()).prop_map(|(one, two, three)| format!("<table data-layout=\"wide\" ac:local-id=\"t\"><colgroup><col style=\"width: 90px;\"/></colgroup><tbody><tr><th><p>{one}</p></th><th>{two}</th></tr><tr><td data-highlight-colour=\"#fff\"><p>{two}</p><p>{three}</p></td><td><ul><li>{three}</li></ul></td></tr></tbody></table>")),
        1 => (line(), line()).prop_map(|(one, two)| format!("<table><tbody><tr><th colspan=\"2\">{one}</th></tr><tr><td rowspan=\"2\">{two}</td><td>b</td></tr><tr><td>c</td></tr></tbody></table>")),
        1 => Just("<ac:structured-macro ac:name=\"code\" ac:schema-version=\"1\" ac:macro-id=\"m\"><ac:parameter ac:name=\"language\">sh</ac:parameter><ac:plain-text-body><![CDATA[if a | b; then\n  <c> ]]]]><![CDATA[> && d\n\nfi]]></ac:plain-text-body></ac:structured-macro>".to_owned()),
        1 => Just("<ac:structured-macro ac:name=\"toc\" ac:macro-id=\"m\"><ac:parameter ac:name=\"maxLevel\">2</ac:parameter></ac:structured-macro>".to_owned()),
        1 => Just("<ac:structured-macro ac:name=\"children\" ac:macro-id=\"m\"/>".to_owned()),
        1 => line().prop_map(|line| format!("<blockquote><p>{line}</p></blockquote><hr/>")),
        1 => words().prop_map(|text| format!("<pre>{text}\n  x</pre>")),
        1 => Just("<p/>\n<!-- a comment --><p>&nbsp;</p>".to_owned()),
        1 => line().prop_map(|line| format!("<ac:adf-extension><ac:adf-node type=\"panel\"><ac:adf-attribute key=\"panel-type\">note</ac:adf-attribute><ac:adf-content><p>{line}</p></ac:adf-content></ac:adf-node><ac:adf-fallback><div><p>{line}</p></div></ac:adf-fallback></ac:adf-extension>")),
        1 => words().prop_map(|text| format!("<ac:adf-extension><ac:adf-node type=\"decision-list\"><ac:adf-node type=\"decision-item\"><ac:adf-attribute key=\"state\">DECIDED</ac:adf-attribute><ac:adf-content>{text}</ac:adf-content></ac:adf-node></ac:adf-node></ac:adf-extension>")),
        1 => (words(), line()).prop_map(|(alt, line)| format!("<ac:image ac:alt=\"{}\"><ri:url ri:value=\"https://a.example/b.png\"/><ac:caption><p>{line}</p></ac:caption></ac:image>", alt.replace('"', ""))),
    ]
}

pub fn block() -> impl Strategy<Value = String> {
    let blocks = || prop::collection::vec(leaf_block(), 1..4).prop_map(|blocks| blocks.concat());
    prop_oneof![
        8 => leaf_block(),
        1 => (prop::sample::select(vec!["info", "warning", "expand", "panel"]), words(), blocks()).prop_map(|(name, title, inside)| format!("<ac:structured-macro ac:name=\"{name}\" ac:macro-id=\"m\"><ac:parameter ac:name=\"title\">{title}</ac:parameter><ac:rich-text-body>{inside}</ac:rich-text-body></ac:structured-macro>")),
        1 => blocks().prop_map(|inside| format!("<ac:structured-macro ac:name=\"section\"><ac:rich-text-body><ac:structured-macro ac:name=\"column\"><ac:parameter ac:name=\"width\">50%</ac:parameter><ac:rich-text-body>{inside}</ac:rich-text-body></ac:structured-macro></ac:rich-text-body></ac:structured-macro>")),
    ]
}

/// A section: its heading, which nothing else is named, and its blocks.
pub fn sections() -> impl Strategy<Value = Vec<(String, Vec<String>)>> {
    let section = (prop::bool::ANY, prop::collection::vec(block(), 0..5), prop::sample::select(ENDS.to_vec()));
    prop::collection::vec(section, 2..5).prop_map(|sections| {
        let named = sections.into_iter().enumerate().map(|(index, (is_marked, blocks, end))| {
            let name = format!("Part {index}");
            let words = if is_marked { format!("<strong>Part</strong>&nbsp;{index}") } else { name };
            (format!("{end}<h2 local-id=\"h\">{words}</h2>"), blocks)
        });
        named.collect()
    })
}
