//! What is kept for one field of a row or record, as it is read.

use crate::{
    catalog::operation::{Field, Form, Paths},
    untrusted,
    upstream::{markup, moment},
};

/// In characters.
const LONGEST_LABEL: usize = 500;
const LONGEST_EXCERPT: usize = 300;
/// Between what several elements of a list hold. It is in none of them.
const BETWEEN: &str = "; ";
/// In place of a person whose account is gone: the provider says `null`.
const DELETED: &str = "(deleted account)";

#[derive(Clone, Copy)]
enum Keep {
    Form(Form),
    Exact,
}

/// What is kept for one field. Its buffers are used again for the next row.
pub struct Cell {
    text: String,
    keep: Keep,
    paths: Paths,
    /// What each path holds of the element at hand, in the paths' order.
    slots: Vec<String>,
    /// The element at hand is a person whose account is gone.
    deleted: bool,
}

impl Cell {
    pub fn of(field: &Field) -> Self {
        Self::new(Keep::Form(field.form), field.several, field.paths.len())
    }

    /// One that keeps what it is given untouched.
    pub fn exact() -> Self {
        Self::new(Keep::Exact, Paths::Joined, 1)
    }

    fn new(keep: Keep, paths: Paths, count: usize) -> Self {
        Self { text: String::new(), keep, paths, slots: vec![String::new(); count], deleted: false }
    }

    pub fn add(&mut self, slot: usize, value: &str, base_url: &str) {
        let Some(into) = self.slots.get_mut(slot).filter(|_| !value.is_empty()) else { return };
        if !into.is_empty() {
            into.push_str(BETWEEN);
        }
        let start = into.len();
        match self.keep {
            // Texts are cleaned where they are shown, so that it can be said what was taken out.
            Keep::Exact | Keep::Form(Form::Storage | Form::Prose) => into.push_str(value),
            Keep::Form(Form::Label) => untrusted::push_label(into, value, LONGEST_LABEL),
            Keep::Form(Form::Person) => untrusted::push_label(into, without_address(value), LONGEST_LABEL),
            Keep::Form(Form::Moment) => push_moment(into, value),
            Keep::Form(Form::Link) => {
                if value.starts_with('/') {
                    into.push_str(base_url);
                }
                untrusted::push_label(into, value, LONGEST_LABEL);
            }
            Keep::Form(Form::Excerpt) => {
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
        let is_person = matches!(self.keep, Keep::Form(Form::Person));
        self.deleted |= is_person && (slot == 0 || !matches!(self.paths, Paths::Noted));
    }

    /// Ends an element of a list, or the whole.
    pub fn finish(&mut self) {
        let is_empty = match self.paths {
            Paths::Noted => self.slots.first().is_none_or(String::is_empty),
            Paths::Joined | Paths::First => self.slots.iter().all(String::is_empty),
        };
        if std::mem::take(&mut self.deleted)
            && is_empty
            && let Some(first) = self.slots.first_mut()
        {
            first.push_str(DELETED);
        }
        let mut filled = self.slots.iter_mut().filter(|slot| !slot.is_empty());
        let Some(first) = filled.next() else { return };
        if self.text.is_empty() {
            std::mem::swap(&mut self.text, first);
        } else {
            self.text.push_str(BETWEEN);
            self.text.push_str(first);
        }
        first.clear();
        let mut notes = 0;
        for slot in filled {
            match self.paths {
                Paths::First => {}
                Paths::Joined => {
                    self.text.push(' ');
                    self.text.push_str(slot);
                }
                Paths::Noted => {
                    self.text.push_str(if notes == 0 { " (" } else { ", " });
                    self.text.push_str(slot);
                }
            }
            notes += 1;
            slot.clear();
        }
        if self.paths == Paths::Noted && notes > 0 {
            self.text.push(')');
        }
    }

    /// Takes what was kept, after the last element.
    pub fn take(&mut self) -> String {
        self.finish();
        std::mem::take(&mut self.text)
    }

    /// Moves what was kept to the end of a row.
    pub fn move_to(&mut self, row: &mut String) {
        self.finish();
        row.push_str(&self.text);
        self.text.clear();
    }
}

/// Git's `Name <address>` without the address, where there is a name.
fn without_address(person: &str) -> &str {
    let name = person.trim_end().strip_suffix('>').and_then(|person| person.rsplit_once('<'));
    name.filter(|(name, address)| address.contains('@') && !name.trim().is_empty()).map_or(person, |(name, _)| name)
}

/// `2026-10-01T09:00:00.000000+00:00` as `2026-10-01T09:00Z`, whatever its zone; what is no moment as it is.
fn push_moment(into: &mut String, value: &str) {
    match moment::parse(value) {
        Some(moment) => moment::push(into, moment),
        None => untrusted::push_label(into, value, LONGEST_LABEL),
    }
}
