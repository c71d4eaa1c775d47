//! What the conversion of one page may cost.

/// Bounds that hold whatever the page: whoever can write one page must not stop everybody's Postern.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Bytes of Markdown.
    pub output: usize,
    /// Steps: a byte read, a byte written (again for each text that is set aside on its way), an element looked at to
    /// find what an end tag ends, a column of a row.
    pub steps: usize,
}

impl Budget {
    /// More than any page that a person would write: ordinary ones take two to four steps for a byte.
    pub const PAGE: Self = Self { output: 2_000_000, steps: 16_000_000 };
}

/// Lists and quotes nested deeper than this are written at this depth, so that a short line costs little.
pub const DEEPEST_INDENT: usize = 12;
/// Texts set aside within texts set aside (cells in cells, headings, code): deeper ones are written where they stand,
/// so that nothing is copied more than a few times.
pub const DEEPEST_ASIDE: usize = 8;
/// Columns of a table: what lies in later ones is added to the last.
pub const WIDEST: usize = 100;
/// A merged cell's text is repeated in each cell that it covers, if it is no longer than so many bytes.
pub const LONGEST_REPEATED: usize = 200;

/// Steps that a byte of a page may take at most, where no cells are merged.
#[cfg(any(test, feature = "fuzzing"))]
pub const STEPS_A_BYTE: usize = 64;
