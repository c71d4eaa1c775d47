//! What is kept for one field of a row or record, as it is read.

use super::reading::TRUE;
use crate::{
    catalog::operation::{Field, Form, Paths, first_name},
    untrusted,
    upstream::{markup, moment},
};

/// In characters.
const LONGEST_LABEL: usize = 500;
const LONGEST_EXCERPT: usize = 300;
/// Of all that a list brings to one field, in bytes.
const LONGEST_LIST: usize = 4_000;
/// How many digits of a hash are shown, as Bitbucket does where it embeds a commit.
const SHORT_HASH: usize = 12;
/// In place of a person whose account is gone: the provider says `null`.
const DELETED: &str = "(deleted account)";
/// In place of the verdict of somebody who has given none.
const UNANSWERED: &str = "has not answered";
/// No element of a list has ended since.
const NONE_ENDED: usize = usize::MAX;

/// What is kept for one field. Its buffers are used again for the next row.
pub struct Cell {
    text: String,
    form: Form,
    paths: Paths,
    names: &'static [&'static str],
    between: &'static [&'static str],
    /// What the last slot must hold for an element to be kept.
    only: Option<&'static str>,
    /// What each path holds of the element at hand, in the paths' order.
    slots: Vec<Slot>,
    /// The element at hand is a person whose account is gone.
    deleted: bool,
    /// More was there than is kept.
    is_cut: bool,
}

struct Slot {
    text: String,
    /// The outermost list of which an element has ended since something was added, by how many others it is in.
    ended: usize,
}

impl Cell {
    pub fn of(field: &Field) -> Self {
        let slots = field.paths.len() + usize::from(field.only.is_some());
        Self {
            text: String::new(),
            form: field.form,
            paths: field.several,
            names: field.paths,
            between: field.between,
            only: field.only.map(|only| only.value),
            slots: (0..slots).map(|_| Slot { text: String::new(), ended: NONE_ENDED }).collect(),
            deleted: false,
            is_cut: false,
        }
    }

    /// Whether values of several members are kept whole.
    pub fn keeps_whole(&self) -> bool {
        self.form == Form::Json
    }

    pub fn add(&mut self, slot: usize, value: &str, base_url: &str) {
        let name = self.names.get(slot);
        let Some(Slot { text: into, ended }) = self.slots.get_mut(slot).filter(|_| !value.is_empty()) else { return };
        let Some(name) = name else {
            // What decides on the element is not shown.
            into.clear();
            into.push_str(value);
            return;
        };
        if self.form == Form::Flag && value != TRUE {
            return;
        }
        if into.len() > LONGEST_LIST && !self.form.has_lines() {
            self.is_cut = true;
            return;
        }
        let between = self.between.get(*ended).or(self.between.last()).copied().unwrap_or_default();
        if !into.is_empty() {
            into.push_str(between);
        }
        *ended = NONE_ENDED;
        let start = into.len();
        match self.form {
            // Texts are cleaned where they are shown, so that it can be said what was taken out.
            Form::Exact | Form::Storage | Form::Prose | Form::Json => into.push_str(value),
            // The pieces of a line keep the spaces between them.
            Form::Label if between.is_empty() && self.between.len() > 2 => push_piece(into, value),
            Form::Label => untrusted::push_label(into, value, LONGEST_LABEL),
            Form::Flag => into.push_str(&last_name(name).replace('_', " ")),
            Form::Person => untrusted::push_label(into, without_address(value), LONGEST_LABEL),
            Form::Moment => push_moment(into, value),
            Form::Hash => push_hash(into, value),
            Form::Verdict if slot == 2 => push_day(into, value),
            Form::Verdict => untrusted::push_label(into, &value.replace('_', " "), LONGEST_LABEL),
            Form::Link => {
                if value.starts_with('/') {
                    into.push_str(base_url);
                }
                untrusted::push_label(into, value, LONGEST_LABEL);
            }
            Form::Excerpt => {
                let unmarked = value.replace("@@@hl@@@", "").replace("@@@endhl@@@", "");
                untrusted::push_label(into, &markup::decode(&unmarked), LONGEST_EXCERPT);
            }
        }
        if self.paths == Paths::Noted {
            // So that no name can pass for two, or for one with other notes.
            let own = into.split_off(start);
            into.extend(own.chars().map(|character| match character {
                ';' => ',',
                '(' => '[',
                ')' => ']',
                other => other,
            }));
        }
    }

    /// A `null` where a person is meant.
    pub const fn add_null(&mut self, slot: usize) {
        let is_person = matches!(self.form, Form::Person | Form::Verdict);
        self.deleted |= is_person && (slot == 0 || !matches!(self.paths, Paths::Noted));
    }

    /// Ends an element of a list that is in so many other lists. Those of an inner list stay together with what its own
    /// element holds beside it, in whatever order.
    pub fn end_element(&mut self, depth: usize) {
        if depth == 0 {
            return self.finish();
        }
        for slot in &mut self.slots {
            slot.ended = slot.ended.min(depth);
        }
    }

    /// Ends an element of an outermost list, or the whole.
    fn finish(&mut self) {
        let is_kept = self.only.is_none_or(|value| self.slots.last().is_some_and(|slot| slot.text == value));
        if self.only.is_some()
            && let Some(slot) = self.slots.last_mut()
        {
            slot.text.clear();
        }
        if !is_kept {
            self.slots.iter_mut().for_each(|slot| slot.text.clear());
        }
        let is_empty = match self.paths {
            Paths::Noted => self.slots.first().is_none_or(|slot| slot.text.is_empty()),
            Paths::Joined | Paths::First => self.slots.iter().all(|slot| slot.text.is_empty()),
        };
        if std::mem::take(&mut self.deleted)
            && is_kept
            && is_empty
            && let Some(first) = self.slots.first_mut()
        {
            first.text.push_str(DELETED);
        }
        if self.form == Form::Verdict
            && let [who, verdict, day, ..] = self.slots.as_mut_slice()
            && !who.text.is_empty()
            && verdict.text.is_empty()
        {
            verdict.text.push_str(UNANSWERED);
            day.text.clear();
        }
        self.slots.iter_mut().for_each(|slot| slot.ended = NONE_ENDED);
        if self.text.len() > LONGEST_LIST && !self.form.has_lines() {
            let more = self.slots.iter_mut().filter(|slot| !slot.text.is_empty());
            self.is_cut |= more.map(|slot| slot.text.clear()).count() > 0;
        }
        let mut filled = self.slots.iter_mut().map(|slot| &mut slot.text).filter(|text| !text.is_empty());
        let Some(first) = filled.next() else { return };
        if self.text.is_empty() {
            std::mem::swap(&mut self.text, first);
        } else {
            self.text.push_str(self.between.first().copied().unwrap_or_default());
            self.text.push_str(first);
        }
        first.clear();
        let mut notes = 0;
        for text in filled {
            let before = match (self.paths, self.form) {
                (Paths::First, _) => None,
                (Paths::Joined, Form::Flag) => Some(", "),
                (Paths::Joined, _) => Some(" "),
                (Paths::Noted, _) => Some(if notes == 0 { " (" } else { ", " }),
            };
            if let Some(before) = before {
                self.text.push_str(before);
                self.text.push_str(text);
            }
            notes += 1;
            text.clear();
        }
        if self.paths == Paths::Noted && notes > 0 {
            self.text.push(')');
        }
    }

    /// Takes what was kept, after the last element.
    pub fn take(&mut self) -> String {
        self.finish();
        if std::mem::take(&mut self.is_cut) {
            self.text.push('…');
        }
        std::mem::take(&mut self.text)
    }

    /// Moves what was kept to the end of a row.
    pub fn move_to(&mut self, row: &mut String) {
        self.finish();
        row.push_str(&self.text);
        if std::mem::take(&mut self.is_cut) {
            row.push('…');
        }
        self.text.clear();
    }
}

/// The last name of a dotted path.
fn last_name(path: &str) -> &str {
    let mut name = path;
    let mut below = Some(path);
    while let Some(path) = below {
        (name, below) = first_name(path);
    }
    name
}

/// A piece of one line, with the space at its ends.
fn push_piece(into: &mut String, piece: &str) {
    let is_space = |character: Option<char>| character.is_some_and(char::is_whitespace);
    if is_space(piece.chars().next()) && !into.is_empty() && !into.ends_with(' ') {
        into.push(' ');
    }
    untrusted::push_label(into, piece, LONGEST_LABEL);
    if is_space(piece.chars().next_back()) && !into.ends_with(' ') {
        into.push(' ');
    }
}

/// Git's `Name <address>` without the address, where there is a name.
fn without_address(person: &str) -> &str {
    let name = person.trim_end().strip_suffix('>').and_then(|person| person.rsplit_once('<'));
    name.filter(|(name, address)| address.contains('@') && !name.trim().is_empty()).map_or(person, |(name, _)| name)
}

/// The beginning of a hash; what is none as it is.
fn push_hash(into: &mut String, value: &str) {
    let is_hash = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    untrusted::push_label(into, value.get(..SHORT_HASH).filter(|_| is_hash).unwrap_or(value), LONGEST_LABEL);
}

/// The day of a moment; what is no moment as it is.
fn push_day(into: &mut String, value: &str) {
    match moment::parse(value) {
        Some(moment) => moment::push_day(into, moment),
        None => untrusted::push_label(into, value, LONGEST_LABEL),
    }
}

/// `2026-10-01T09:00:00.000000+00:00` as `2026-10-01T09:00Z`, whatever its zone; what is no moment as it is.
fn push_moment(into: &mut String, value: &str) {
    match moment::parse(value) {
        Some(moment) => moment::push(into, moment),
        None => untrusted::push_label(into, value, LONGEST_LABEL),
    }
}
