//! An answer as it grows within its budget, and its first line, which says what was cut. Pure.

use crate::{catalog::operation::Budget, upstream::tokens};

/// What the first line and the notes at the end may cost, beside a cursor that is longer than most.
pub const FRAME: usize = 300;
/// From how many tokens on the first line is said again at the end: some hosts keep one end of an answer only.
const SAID_AGAIN_FROM: usize = 2_000;

/// What begins the words on what was left out.
pub const CUT: &str = "CUT: ";

pub struct Draft {
    /// What the first line says before what was cut, and after it.
    first: (String, String),
    text: String,
    /// Estimated tokens that are left.
    left: usize,
    /// Sentences of the first line.
    cuts: Vec<String>,
}

impl Draft {
    pub fn new(budget: Budget) -> Self {
        Self { first: Default::default(), text: String::new(), left: budget.tokens() - FRAME, cuts: Vec::new() }
    }

    /// What the first line says: whence the answer comes and how much it is; after what was cut, how to take it.
    pub fn first_line(&mut self, before: String, after: String) {
        self.first = (before, after);
    }

    /// A part of an answer, of so many tokens.
    pub const fn part(tokens: usize) -> Self {
        Self { first: (String::new(), String::new()), text: String::new(), left: tokens, cuts: Vec::new() }
    }

    /// The text of a part, and what was cut in it.
    pub fn into_part(self) -> (String, Vec<String>) {
        (self.text, self.cuts)
    }

    /// Leaves room for so many tokens that may come to stand at both ends.
    pub const fn reserve(&mut self, tokens: usize) {
        self.left = self.left.saturating_sub(2 * tokens);
    }

    pub const fn left(&self) -> usize {
        self.left
    }

    pub fn push(&mut self, text: &str) {
        self.push_counted(text, tokens::estimate(text));
    }

    /// Appends a text of which it is known what it costs.
    pub fn push_counted(&mut self, text: &str, cost: usize) {
        self.left = self.left.saturating_sub(cost);
        self.text.push_str(text);
    }

    /// Appends a line of a value that costs so much, shortened where that is more than what is left.
    pub fn push_line(&mut self, line: &str, cost: usize) {
        if cost <= self.left {
            self.push_counted(line, cost);
            self.text.push('\n');
            return;
        }
        let end = tokens::fitting(line, self.left.max(1));
        self.push(line.get(..end).unwrap_or_default());
        if end < line.len() {
            self.push("…");
            self.cut("A value that ends in `…` is longer.".to_owned());
        }
        self.text.push('\n');
    }

    /// Says what was left out, and how to get it where that is possible.
    pub fn cut(&mut self, sentence: String) {
        if !self.cuts.contains(&sentence) {
            self.cuts.push(sentence);
        }
    }

    pub fn finish(self) -> String {
        let text = self.text.trim_end_matches([' ', '\n']);
        let cut = if self.cuts.is_empty() { String::new() } else { format!("{CUT}{}", self.cuts.join(" ")) };
        let (before, after) = self.first;
        let first: Vec<_> = [before, cut.clone(), after].into_iter().filter(|part| !part.is_empty()).collect();
        let mut answer = first.join(" ");
        if !answer.is_empty() {
            answer.push('\n');
        }
        answer.push_str(text);
        if !cut.is_empty() && tokens::estimate(text) >= SAID_AGAIN_FROM {
            answer.push('\n');
            answer.push_str(&cut);
        }
        answer
    }
}
