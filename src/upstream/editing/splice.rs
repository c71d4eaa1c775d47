//! Changes of a text at byte offsets: whatever lies between them stays as it is.

use std::ops::Range;

/// What takes the place of some bytes; of none, it is put between two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    pub range: Range<usize>,
    pub with: String,
}

impl Splice {
    pub fn new(range: Range<usize>, with: impl Into<String>) -> Self {
        Self { range, with: with.into() }
    }

    pub const fn remove(range: Range<usize>) -> Self {
        Self { range, with: String::new() }
    }
}

/// The text with these changes. One that would change what another one has changed is left out.
pub fn splice(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
    let added: usize = splices.iter().map(|splice| splice.with.len()).sum();
    let mut changed = String::with_capacity(text.len() + added);
    let mut done = 0;
    for Splice { range, with } in splices {
        let Some(before) = text.get(done..range.start).filter(|_| range.end >= range.start) else { continue };
        changed.push_str(before);
        changed.push_str(&with);
        done = range.end;
    }
    changed.push_str(text.get(done..).unwrap_or_default());
    changed
}
