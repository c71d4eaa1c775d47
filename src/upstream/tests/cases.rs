//! The cases of `tests/cases`: what a provider answered, and what has to be shown of it and what not. A file a case,
//! so that a new one is written without a line of Rust: it is named below, and fails while it is not.

use std::{collections::BTreeMap, fs, path::PathBuf};

use regex_lite::Regex;
use serde::Deserialize;

use super::*;

/// Cases that fail as yet. One that passes must leave this list, or its test fails.
const KNOWN_OPEN: &[&str] = &[];

macro_rules! cases {
    ($($name:ident)*) => {
        const ALL: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { try_case(stringify!($name)); })*
    };
}

cases! {
    alternative_text_of_an_image
    attachment_of_another_page
    author_without_an_account
    backtick_within_code
    bold_of_nothing
    cell_merged_over_rows
    code_block_in_a_cell
    code_block_in_a_numbered_step
    comment_answered_without_a_body
    comment_in_the_shape_of_rows
    comment_on_a_renamed_repository
    comment_with_code
    decision_with_fallback
    decision_without_fallback
    diff_of_a_path_without_changes
    diff_with_one_nul
    file_in_the_shape_of_a_listing
    file_in_utf_16
    file_that_is_binary
    first_path_that_is_there
    greek_entities
    heading_in_a_cell
    heading_merged_over_columns
    joiner_between_letters_that_need_it
    line_break_in_a_heading
    line_break_in_an_item
    link_by_a_shortcut
    link_to_an_anchor
    list_at_the_top
    numbered_list_from_five
    numbered_list_in_a_numbered_list
    page_of_two_megabytes
    people_of_groups
    roles_of_participants
    segments_of_a_line
    space_at_the_end_of_bold
    superscript
    token_that_lacks_a_scope
    two_macros_side_by_side
    two_messages_of_one_field
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What has to hold, in a sentence.
    right: String,
    tool: String,
    arguments: Value,
    answers: Vec<Scripted>,
    /// Expressions that each match the answer, or the sentence of the failure.
    shows: Vec<Regular>,
    /// Expressions that match nothing of it.
    hides: Vec<Regular>,
}

/// What the provider answers.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Scripted {
    /// To requests whose URL holds this; otherwise to all.
    #[serde(default)]
    url: String,
    #[serde(default = "ok")]
    status: u16,
    /// In lower case. JSON where there is no content type.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Text as it is, anything else as JSON; nothing where it is left out.
    #[serde(default)]
    body: Value,
    /// The body's bytes, where they are no text.
    #[serde(default)]
    hex: String,
    /// Takes the place of `{repeated}` in the body.
    repeated: Option<Repeated>,
}

#[derive(Deserialize, Clone)]
struct Repeated {
    text: String,
    times: usize,
}

fn ok() -> u16 {
    200
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Regular(Regex);

impl TryFrom<String> for Regular {
    type Error = regex_lite::Error;

    fn try_from(text: String) -> Result<Self, regex_lite::Error> {
        Regex::new(&text).map(Self)
    }
}

impl Scripted {
    fn answer(&self, request: &OutboundRequest) -> Answered {
        let mut headers: Vec<_> = self.headers.clone().into_iter().collect();
        if !self.headers.contains_key("content-type") {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let mut body = match &self.body {
            Value::Null => {
                let digits = self.hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
                digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
            }
            Value::String(text) => text.clone().into_bytes(),
            json => json.to_string().into_bytes(),
        };
        if let Some(Repeated { text, times }) = &self.repeated {
            body = String::from_utf8(body).unwrap().replace("{repeated}", &text.repeat(*times)).into_bytes();
        }
        let truncated = body.len() > request.limits.bytes;
        body.truncate(request.limits.bytes);
        Ok(InboundResponse { status: self.status, headers, body, truncated })
    }
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases"))
}

fn read(name: &str) -> Case {
    let text = fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}.json: {error}"))
}

fn try_case(name: &str) {
    let Case { right, tool, arguments, answers, shows, hides } = read(name);
    let run = call(&tool, arguments, move |request| {
        let answer = answers.iter().find(|answer| request.url.contains(&answer.url));
        answer.map_or(Err(HttpError::Connection("no answer is scripted".into())), |answer| answer.answer(request))
    });
    let text = if run.result.is_ok() { run.text() } else { run.sentence() };
    let missing = shows.iter().filter(|Regular(expression)| !expression.is_match(&text));
    let present = hides.iter().filter(|Regular(expression)| expression.is_match(&text));
    let wrong: Vec<_> = missing.chain(present).map(|Regular(expression)| expression.as_str()).collect();
    if KNOWN_OPEN.contains(&name) {
        assert!(!wrong.is_empty(), "{name} passes: take it out of KNOWN_OPEN");
    } else {
        let shown: String = text.chars().take(2_000).collect();
        assert!(wrong.is_empty(), "{right}\nNot so: {wrong:?}\nin:\n{shown}");
    }
}

#[test]
fn every_case_is_tried() {
    let mut files: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    assert_eq!(files, ALL);
    assert!(KNOWN_OPEN.iter().all(|name| ALL.contains(name)));
}
