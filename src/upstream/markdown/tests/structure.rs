//! Whatever nests in whatever: what CommonMark's readers make of the Markdown is what the page was.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

use super::from_storage;

/// A part of a page.
#[derive(Debug, Clone)]
enum Part {
    Paragraph(String),
    Heading(String),
    Code(Vec<String>),
    Rule,
    List { start: Option<u32>, items: Vec<Vec<Part>> },
    Quote(Vec<Part>),
    Panel(Vec<Part>),
    Table(Vec<Vec<String>>),
}

/// Where a word stands, from the outside: `1.` and `-` are items, `>` is a quote, and so on.
type Place = (String, Vec<String>);

impl Part {
    fn storage(&self) -> String {
        let all = |parts: &[Self]| parts.iter().map(Self::storage).collect::<String>();
        match self {
            Self::Paragraph(word) => format!("<p>{word}</p>"),
            Self::Heading(word) => format!("<h3>{word}</h3>"),
            Self::Code(lines) => format!(
                "<ac:structured-macro ac:name=\"code\"><ac:plain-text-body><![CDATA[{}]]></ac:plain-text-body></ac:structured-macro>",
                lines.join("\n")
            ),
            Self::Rule => "<hr/>".to_owned(),
            Self::List { start, items } => {
                let items: String = items.iter().map(|item| format!("<li>{}</li>", all(item))).collect();
                match start {
                    Some(start) => format!("<ol start=\"{start}\">{items}</ol>"),
                    None => format!("<ul>{items}</ul>"),
                }
            }
            Self::Quote(parts) => format!("<blockquote>{}</blockquote>", all(parts)),
            Self::Panel(parts) => format!(
                "<ac:structured-macro ac:name=\"info\"><ac:rich-text-body>{}</ac:rich-text-body></ac:structured-macro>",
                all(parts)
            ),
            Self::Table(rows) => {
                let cells = |row: &Vec<String>| row.iter().map(|word| format!("<td>{word}</td>")).collect::<String>();
                let rows: String = rows.iter().map(|row| format!("<tr>{}</tr>", cells(row))).collect();
                format!("<table>{rows}</table>")
            }
        }
    }

    fn places(&self, around: &[String], found: &mut Vec<Place>) {
        let mut put = |word: &str, kind: &str| found.push((word.to_owned(), [around, &[kind.to_owned()]].concat()));
        match self {
            Self::Paragraph(word) => put(word, "text"),
            Self::Heading(word) => put(word, "heading"),
            Self::Code(lines) => lines.iter().filter(|line| !line.is_empty()).for_each(|line| put(line.trim(), "code")),
            Self::Rule => {}
            Self::List { start, items } => {
                for (index, item) in items.iter().enumerate() {
                    let mark = start.map_or("-".to_owned(), |start| format!("{}.", start as usize + index));
                    let around = [around, &[mark]].concat();
                    item.iter().for_each(|part| part.places(&around, found));
                }
            }
            Self::Quote(parts) | Self::Panel(parts) => {
                let around = [around, &[">".to_owned()]].concat();
                if matches!(self, Self::Panel(_)) {
                    found.push(("info".to_owned(), [around.as_slice(), &["text".to_owned()]].concat()));
                }
                parts.iter().for_each(|part| part.places(&around, found));
            }
            Self::Table(rows) => rows.iter().flatten().for_each(|word| put(word, "cell")),
        }
    }
}

/// Where CommonMark sees each word.
fn read(markdown: &str) -> Vec<Place> {
    let mut around: Vec<Option<String>> = Vec::new();
    let mut lists: Vec<Option<u64>> = Vec::new();
    let mut found = Vec::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(tag) => {
                let name = match tag {
                    Tag::List(start) => {
                        lists.push(start);
                        None
                    }
                    Tag::Item => match lists.last_mut() {
                        Some(Some(number)) => {
                            *number += 1;
                            Some(format!("{}.", *number - 1))
                        }
                        _ => Some("-".to_owned()),
                    },
                    Tag::BlockQuote(_) => Some(">".to_owned()),
                    Tag::Heading { .. } => Some("heading".to_owned()),
                    Tag::CodeBlock(_) => Some("code".to_owned()),
                    Tag::TableCell => Some("cell".to_owned()),
                    _ => None,
                };
                around.push(name);
            }
            Event::End(end) => {
                around.pop();
                if matches!(end, pulldown_cmark::TagEnd::List(_)) {
                    lists.pop();
                }
            }
            Event::Text(text) => {
                let mut place: Vec<String> = around.iter().flatten().cloned().collect();
                if !place.last().is_some_and(|last| matches!(last.as_str(), "heading" | "code" | "cell")) {
                    place.push("text".to_owned());
                }
                let words = text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
                found.extend(words.map(|word| (word.to_owned(), place.clone())));
            }
            _ => {}
        }
    }
    found
}

fn word() -> impl Strategy<Value = String> {
    "[a-z]{3,6}"
}

fn part() -> impl Strategy<Value = Part> {
    let leaf = prop_oneof![
        word().prop_map(Part::Paragraph),
        word().prop_map(Part::Heading),
        prop::collection::vec(prop_oneof![4 => "( {0,4})[a-z]{3,6}", 1 => Just(String::new())], 1..4)
            .prop_filter("code has words at its ends", |lines| !lines[0].is_empty()
                && !lines[lines.len() - 1].is_empty())
            .prop_map(Part::Code),
        Just(Part::Rule),
        (1_usize..4)
            .prop_flat_map(|width| prop::collection::vec(prop::collection::vec(word(), width), 1..4))
            .prop_map(Part::Table),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            3 => (prop::option::of(prop_oneof![Just(1_u32), 2_u32..120]), prop::collection::vec(parts(), 1..4))
                .prop_map(|(start, items)| Part::List { start, items }),
            1 => parts().prop_map(Part::Quote),
            1 => parts().prop_map(Part::Panel),
        ]
    })
}

proptest! {
    #[test]
    fn every_word_stands_where_it_stood(parts in prop::collection::vec(part(), 1..5)) {
        let storage: String = parts.iter().map(Part::storage).collect();
        let mut expected = Vec::new();
        parts.iter().for_each(|part| part.places(&[], &mut expected));
        let markdown = from_storage(&storage).markdown;
        prop_assert_eq!(read(&markdown), expected, "{}\n{}", storage, markdown);
    }
}
