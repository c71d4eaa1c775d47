//! A call that ended with an answer, which may be made longer where others leave room for it.

use crate::{
    catalog::operation::Budget,
    upstream::{self, Received, tokens},
};

/// The answer, and what it was made of.
pub struct Settled<'a> {
    pub answer: upstream::Answer,
    pub(super) received: Received<'a>,
}

impl Settled<'_> {
    /// An answer of Postern's own.
    pub fn words(answer: upstream::Answer) -> Self {
        Self { answer: answer.clone(), received: Received::Words(answer) }
    }

    /// Takes the whole answer where this one was cut, and tells how many tokens it needs.
    pub fn lengthen(&mut self) -> usize {
        if self.answer.is_cut()
            && let Ok(whole) = self.received.text(None)
        {
            self.answer.text = whole;
        }
        tokens::estimate(&self.answer.text)
    }

    /// The answer, in so many tokens where it needs more.
    pub fn within(self, tokens: usize) -> upstream::Answer {
        if tokens::estimate(&self.answer.text) <= tokens {
            return self.answer;
        }
        let text = self.received.text(Some(Budget::share(tokens))).unwrap_or(self.answer.text);
        upstream::Answer { text, ..self.answer }
    }
}
