//! Answers of several parts: a record, and below it each part under its heading, all within one budget. Pure.

use std::fmt::Write as _;

use serde_json::Map;

use super::{Draft, Shaping, columns, grouping, list, push_fields, threads};
use crate::{
    catalog::{
        all, arguments,
        operation::{Answer as Kept, AnswerPart, Blocks, Field, Rows},
    },
    platform::fetch::InboundResponse,
    upstream::{
        cursor::{self, Onward, Position},
        cut, diff,
        failure::Failure,
        projection,
        text::{Text, counted},
        tokens,
    },
};

/// What a heading and its words cost, with a cursor, in tokens.
const HEADING: usize = 150;
/// With less room than this a part is not begun.
const LEAST: usize = 40;

/// A part as it is shown: what stands beside its heading, and what below it.
struct Shown {
    beside: String,
    below: String,
    is_cut: bool,
}

impl Shaping<'_> {
    /// A record with its parts.
    pub(super) fn composite(&self, fields: &[Field], values: &[String]) -> Result<String, Failure> {
        let budget = self.budget.tokens();
        let mut draft = self.draft();
        // How many there are of something is said where they are shown.
        let is_shown = |name: &str| self.parts.iter().any(|(part, outcome)| part.name == name && outcome.is_ok());
        let value =
            |(field, value): (&Field, &String)| if is_shown(field.name) { String::new() } else { value.clone() };
        let values: Vec<_> = fields.iter().zip(values).map(value).collect();
        self.push_record(&mut draft, fields, &values)?;
        let mut cut = Vec::new();
        for (part, outcome) in self.parts {
            let room = (budget * part.share / 100).min(draft.left()).saturating_sub(HEADING);
            let Shown { beside, below, is_cut } = match outcome {
                Ok(_) if room < LEAST => Shown {
                    beside: format!("CUT: no room is left. {}", self.whole(part, None)),
                    below: String::new(),
                    is_cut: true,
                },
                Ok(response) => self.part(part, response, room).unwrap_or_else(|failure| self.failed(&failure)),
                Err(failure) => self.failed(failure),
            };
            draft.push(&format!("## {}: {beside}\n{below}", part.name));
            if is_cut {
                cut.push(part.name);
            }
        }
        if !cut.is_empty() {
            draft.cut(format!("{}; each says how to go on.", cut.join(", ")));
        }
        Ok(draft.finish())
    }

    fn failed(&self, failure: &Failure) -> Shown {
        Shown { beside: format!("not shown: {}.", failure.of_part(self.site())), below: String::new(), is_cut: false }
    }

    fn part(&self, part: &'static AnswerPart, response: &InboundResponse, room: usize) -> Result<Shown, Failure> {
        let unreadable = |_| Failure::Unreadable { status: response.status };
        match &part.answer {
            Kept::Diff if super::is_html(response) => Err(Failure::Unreadable { status: response.status }),
            Kept::Diff => Ok(self.diff(part, response, room)),
            _ if response.truncated => Err(Failure::TooLong),
            Kept::Rows(rows) => self.rows_of(part, &response.body, rows, &[], room).map_err(unreadable),
            Kept::Blocks(Blocks { rows, texts }) => {
                self.rows_of(part, &response.body, rows, texts, room).map_err(unreadable)
            }
            Kept::Record(fields) => {
                let values = projection::record(&response.body, fields, self.base_url).map_err(unreadable)?;
                let mut draft = Draft::part(room);
                push_fields(&mut draft, fields, &values);
                let (below, cuts) = draft.into_part();
                Ok(Shown { beside: cuts.join(" "), below, is_cut: !cuts.is_empty() })
            }
            Kept::Source(_)
            | Kept::File
            | Kept::Log
            | Kept::Build(_)
            | Kept::Difference(_)
            | Kept::Done(_)
            | Kept::Started(_) => Err(Failure::Unreadable { status: response.status }),
        }
    }

    fn rows_of(
        &self,
        part: &AnswerPart,
        body: &[u8],
        rows: &Rows,
        texts: &'static [Field],
        room: usize,
    ) -> Result<Shown, projection::Unreadable> {
        let mut table = self.table(body, rows, texts)?;
        let goes_on =
            cursor::onward(&rows.paging, table.next.as_deref(), self.base_url, self.arguments, table.read, None)
                != Onward::End;
        let all = table.rows;
        let mut beside = match &rows.threads {
            Some(threads) => {
                let count = threads::arrange(&mut table, threads);
                let closed = if count.closed > 0 && threads.open_alone {
                    format!(", {} resolved not shown ({})", count.closed, part.whole)
                } else {
                    String::new()
                };
                format!("{}{closed}", counted(count.open, "open thread", "open threads"))
            }
            None if all == 0 => "none".to_owned(),
            None => all.to_string(),
        };
        if let Some(grouping) = &rows.grouping {
            grouping::group(&mut table, grouping, rows.columns);
        }
        let constants = columns::shorten(&mut table, rows.columns, columns::Empty::LeftOut);
        if let Some(said) = list::in_all_rows(&constants) {
            // Writing to a String cannot fail.
            let _ = write!(beside, "; in {said}");
        }
        let mut draft = Draft::part(room.saturating_sub(tokens::estimate(&constants)));
        let unread = if table.before.is_empty() {
            None
        } else {
            let (shown, unread) = self.push_rows(&mut draft, &table, texts, 0);
            if unread.is_some() {
                // Writing to a String cannot fail.
                let _ = write!(beside, ", {shown} of them shown");
            }
            unread
        };
        let is_cut = unread.is_some() || goes_on;
        if goes_on {
            beside.push_str(" on the first page");
        }
        if is_cut {
            let _ = write!(beside, ". CUT. {}", self.whole(part, None));
        }
        let (below, cuts) = draft.into_part();
        for cut in cuts {
            let _ = write!(beside, ". {}", cut.trim_end_matches('.'));
        }
        Ok(Shown { beside, below, is_cut })
    }

    fn diff(&self, part: &AnswerPart, response: &InboundResponse, room: usize) -> Shown {
        let diff = diff::plain(&response.body);
        let text = Text::certain(&diff).masked(self.masks);
        if text.bytes.is_empty() {
            return Shown { beside: "empty".to_owned(), below: String::new(), is_cut: false };
        }
        let shown = cut::part(&text.bytes, 0, room);
        let mut below = String::new();
        let notes = text.push_fenced(&mut below, 0..shown.end);
        notes.push_notes(&mut below);
        if !below.ends_with('\n') {
            below.push('\n');
        }
        let is_cut = shown.end < text.bytes.len() || response.truncated;
        let beside = if is_cut {
            let at_least = if response.truncated { "at least " } else { "" };
            let position = Position::Offset { offset: shown.end, check: cut::check(&text.bytes, shown.end) };
            let (here, all) = (cut::grouped(shown.end), cut::grouped(text.bytes.len()));
            format!("CUT: bytes 0 to {here} of {at_least}{all}. {}", self.whole(part, Some(&position)))
        } else {
            "whole".to_owned()
        };
        Shown { beside, below, is_cut }
    }

    /// How to see the whole of a part: its tool, with the arguments of the same names.
    fn whole(&self, part: &AnswerPart, position: Option<&Position>) -> String {
        let cursor = position.and_then(|position| {
            let operation = all().find(|operation| operation.name == part.whole)?;
            let given: Map<_, _> = operation
                .parameters
                .iter()
                .filter_map(|parameter| {
                    Some((parameter.name.to_owned(), self.arguments.get(parameter.name)?.to_json()))
                })
                .collect();
            let arguments = arguments::validate(operation, &given).ok()?.at(self.site());
            Some(cursor::seal(self.keys, self.subject, operation, &arguments, position))
        });
        let cursor = cursor.map(|cursor| format!(" and cursor `{cursor}`")).unwrap_or_default();
        format!("More: call `{}` with the same arguments{cursor}.", part.whole)
    }
}
