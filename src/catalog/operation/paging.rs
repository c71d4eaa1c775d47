//! How a list goes on, in each way that providers have.

/// How to ask for the next page of a list.
#[derive(Debug, Clone, Copy)]
pub enum Paging {
    /// The answer links to the next page.
    Link {
        /// The member that holds the link.
        next: &'static str,
        /// What of the link's query is kept: the rest is built anew from the arguments.
        keep: &'static [&'static str],
    },
    /// The answer says what to send in this parameter for the next page: a cursor, or the number of its first row.
    Cursor {
        /// The member that holds it.
        next: &'static str,
        parameter: &'static str,
    },
    /// The parameter counts rows from 0; a page as long as this argument says may be followed by another.
    Start { parameter: &'static str, limit: &'static str },
    /// The parameter counts pages from 1; a page as long as this argument says may be followed by another.
    Page { parameter: &'static str, limit: &'static str },
    /// The list comes whole.
    Whole,
}

impl Paging {
    /// The member of the answer that says how the list goes on; empty where none does.
    pub const fn member(self) -> &'static str {
        match self {
            Self::Link { next, .. } | Self::Cursor { next, .. } => next,
            Self::Start { .. } | Self::Page { .. } | Self::Whole => "",
        }
    }
}
