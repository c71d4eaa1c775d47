//! Lists as a model reads them: as many rows as the budget holds, and how to get the others. Pure.

use std::{borrow::Cow, fmt::Write as _};

use super::{Draft, Shaping, UNTRUSTED, columns, push_taken_out, threads};
use crate::{
    catalog::operation::{Field, Form, Rows},
    untrusted,
    upstream::{
        cursor::{self, Onward, Position},
        cut, markdown,
        projection::{Table, Unreadable},
        text::counted,
        tokens,
    },
};

/// How much of each text of a list is shown at least, in tokens.
const SHORTEST_BLOCK: usize = 150;
/// What a row, the fences of a text and the words below it cost beside the text, in tokens.
const FRAME_OF_BLOCK: usize = 60;

impl Shaping<'_> {
    pub(super) fn rows(&self, body: &[u8], rows: &Rows, texts: &'static [Field]) -> Result<String, Unreadable> {
        let mut table = self.table(body, rows, texts)?;
        let onward = self.onward(&table, rows);
        if let Some(threads) = &rows.threads {
            threads::arrange(&mut table, threads);
        }
        if table.rows == 0 && onward == Onward::End {
            return Ok(rows.when_empty.to_owned());
        }
        let (query, skip) = match self.position {
            Some(Position::Page { query, skip }) => (query.clone(), *skip),
            _ => (String::new(), 0),
        };
        let rest_of_this_page = |skip| self.go_on(&Position::Page { query: query.clone(), skip });
        let mut after = UNTRUSTED.to_owned();
        let constants = columns::shorten(&mut table, rows.columns, columns::Empty::Said);
        if let Some(said) = in_all_rows(&constants) {
            // Writing to a String cannot fail.
            let _ = write!(after, " In {said}.");
        }
        if table.filtered {
            after.push_str(" Rows that Postern is not set up for here are left out.");
        }
        let mut draft = Draft::new(self.budget);
        draft.reserve(tokens::estimate(&constants));
        // Most lists fit, and a cursor that nobody needs is not worth its MAC.
        draft.reserve(cursor::tokens_at_most(&query));
        if let Onward::Page(query) = &onward {
            draft.reserve(cursor::tokens_at_most(query));
        }
        let (shown, unread) = self.push_rows(&mut draft, &table, texts, skip);
        // How many there are in all is not for those to know who may not see them all.
        let total = table.total.filter(|_| !table.filtered).map(|total| format!(" of {total}")).unwrap_or_default();
        let next_page = || match &onward {
            Onward::Page(query) => Some(self.go_on(&Position::Page { query: query.clone(), skip: 0 })),
            Onward::End | Onward::Unusable => None,
        };
        let end = match (unread.map(rest_of_this_page).or_else(next_page), &onward) {
            (Some(go_on), _) => {
                draft.cut(format!("more with {go_on}."));
                ""
            }
            (None, Onward::Unusable) => {
                draft.cut(format!("there are more rows, but {} gives no usable link to them.", self.name()));
                ""
            }
            (None, _) => ", no more",
        };
        let target = self.arguments.target();
        let target = if target.is_empty() { String::new() } else { format!(", {target}") };
        let counted = counted(shown, "row", "rows");
        draft.first_line(format!("From {}{target}: {counted}{total}{end}.", self.name()), after);
        Ok(draft.finish())
    }

    /// Appends the rows after those that were shown before. How many there was room for, and how many the list has
    /// before the first for which there was none.
    pub(super) fn push_rows(
        &self,
        draft: &mut Draft,
        table: &Table,
        texts: &[Field],
        skip: usize,
    ) -> (usize, Option<usize>) {
        let mut lines = table.text.lines();
        draft.push(&format!("{}\n", lines.next().unwrap_or_default()));
        let coming = table.before.iter().filter(|before| **before >= skip).count();
        let share = draft.left() / (coming.max(1) * texts.len().max(1));
        let share = share.saturating_sub(FRAME_OF_BLOCK).max(SHORTEST_BLOCK);
        let (mut shown, mut shortened, mut unread) = (0, 0, None);
        for (index, (line, before)) in lines.zip(&table.before).enumerate().filter(|(_, row)| *row.1 >= skip) {
            let mut blocks = String::new();
            let mut cut_here = 0;
            for (field, value) in texts.iter().zip(table.texts.get(index).into_iter().flatten()) {
                if texts.len() > 1 {
                    // Writing to a String cannot fail.
                    let _ = writeln!(blocks, "{}:", field.name);
                }
                cut_here += usize::from(push_block(&mut blocks, field, value, share));
            }
            let (cost_of_line, cost_of_blocks) = (tokens::estimate(line), tokens::estimate(&blocks));
            if cost_of_line + 1 + cost_of_blocks > draft.left() && shown > 0 {
                unread = Some(*before);
                break;
            }
            draft.push_line(line, cost_of_line);
            draft.push_counted(&blocks, cost_of_blocks);
            shown += 1;
            shortened += cut_here;
        }
        if shortened > 0 {
            draft.cut(format!("{} shown in part; each says so.", counted(shortened, "text is", "texts are")));
        }
        (shown, unread)
    }
}

/// What the rows of a list have in common, in words.
pub(super) fn in_all_rows(constants: &str) -> Option<String> {
    let which = if constants.contains('(') { "all rows but those named" } else { "all rows" };
    (!constants.is_empty()).then(|| format!("{which}: {constants}"))
}

/// A text of many lines in a list, between fences, and what of it was left out. Whether it is shown in part.
fn push_block(text: &mut String, field: &Field, value: &str, budget: usize) -> bool {
    let value = match field.form {
        Form::Storage => Cow::Owned(markdown::from_storage(value).markdown),
        _ => Cow::Borrowed(value),
    };
    let mut prose = String::new();
    let hidden = untrusted::push_prose(&mut prose, &value);
    if prose.trim().is_empty() {
        text.push_str("(no text)\n");
        push_taken_out(text, hidden);
        return false;
    }
    let part = cut::part(prose.as_bytes(), 0, budget);
    untrusted::push_fenced(text, prose.get(..part.end).unwrap_or(&prose));
    if part.end < prose.len() {
        let (shown, all) = (cut::grouped(part.end), cut::grouped(prose.len()));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "CUT: the first {shown} of {all} bytes.");
    }
    push_taken_out(text, hidden);
    part.end < prose.len()
}
