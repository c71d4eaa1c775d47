//! The calls of a kill run. Each is made once, never repeated, and has a number that both sides can read back: what
//! reaches the provider has the number's mark in its text or path, and the audit log has the digest of the arguments.

use crate::bench::{
    connection::{Call, Connection},
    tool_call::call_of,
};
use anyhow::Result;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

/// What precedes a call's number in whatever reaches the provider.
const MARK: &str = "kill-";
/// How many digits a number has there, so that none is the beginning of another.
const DIGITS: usize = 6;
const GLANCE: Duration = Duration::from_millis(5);

/// Whether the call of that number changes something: every other one does.
pub(super) const fn writes(number: usize) -> bool {
    number.is_multiple_of(2)
}

fn mark(number: usize) -> String {
    format!("{MARK}{number:0DIGITS$}")
}

/// The number in what reached the provider, where it is one of these calls.
pub(super) fn number_in(text: &str) -> Option<usize> {
    let (_, rest) = text.split_once(MARK)?;
    rest.get(..DIGITS)?.parse().ok()
}

/// The tool and its arguments, with their names in alphabetical order and no default left out.
fn tool_and_arguments(number: usize) -> (&'static str, Value) {
    if writes(number) {
        let arguments =
            json!({ "pull_request": 1, "repository": "backend", "text": mark(number), "workspace": "acme" });
        ("bitbucket_add_pull_request_comment", arguments)
    } else {
        // Nothing is there: the provider was asked all the same.
        let arguments = json!({ "path": mark(number), "ref": "main", "repository": "backend", "workspace": "acme" });
        ("bitbucket_get_file", arguments)
    }
}

/// The digest that the audit log has of the arguments: SHA-256 of their canonical form, which is how they are made here.
pub(super) fn digest(number: usize) -> String {
    let (_, arguments) = tool_and_arguments(number);
    URL_SAFE_NO_PAD.encode(Sha256::digest(arguments.to_string()))
}

/// Calls that are made while Postern is killed and started again.
pub(super) struct Calls<'a> {
    pub(super) port: u16,
    /// Access tokens, whose owners take turns.
    pub(super) tokens: &'a [String],
    pub(super) count: usize,
    /// The number of the next call.
    next: AtomicUsize,
    answered: AtomicUsize,
    refused: AtomicUsize,
    /// How many have begun and are not over.
    under_way: AtomicUsize,
    /// Whether Postern is up, as far as its killer knows.
    is_up: AtomicBool,
}

impl<'a> Calls<'a> {
    pub(super) const fn new(port: u16, tokens: &'a [String], count: usize) -> Self {
        Self {
            port,
            tokens,
            count,
            next: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
            is_up: AtomicBool::new(true),
        }
    }

    /// How many have begun.
    pub(super) fn begun(&self) -> usize {
        self.next.load(Ordering::Relaxed).min(self.count)
    }

    pub(super) fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    /// How many were answered by something else than a result of the tool.
    pub(super) fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// Has callers wait, or go on.
    pub(super) fn set_up(&self, is_up: bool) {
        self.is_up.store(is_up, Ordering::SeqCst);
    }

    /// Waits until the calls that have begun are over. None begins meanwhile, since callers wait.
    pub(super) fn wait_for_those_under_way(&self) {
        while self.under_way.load(Ordering::SeqCst) > 0 {
            thread::sleep(GLANCE);
        }
    }

    /// Makes one call after the other until all are made. One whose connection breaks is not made again.
    pub(super) fn make(&self) -> Result<()> {
        let (mut connection, mut has_more) = (None, true);
        while has_more {
            // It counts as begun before Postern is looked at, so that whoever has callers wait misses none.
            self.under_way.fetch_add(1, Ordering::SeqCst);
            if self.is_up.load(Ordering::SeqCst) {
                (connection, has_more) = self.make_next(connection);
                self.under_way.fetch_sub(1, Ordering::SeqCst);
            } else {
                self.under_way.fetch_sub(1, Ordering::SeqCst);
                connection = None;
                thread::sleep(GLANCE);
            }
        }
        Ok(())
    }

    /// Makes the next call, if there is one left: the connection as after [`Self::exchange`], and whether there was.
    fn make_next(&self, connection: Option<Connection>) -> (Option<Connection>, bool) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let token = self.tokens.get(number % self.tokens.len().max(1)).filter(|_| number < self.count);
        let Some(token) = token else { return (None, false) };
        let (tool, arguments) = tool_and_arguments(number);
        (self.exchange(connection, &call_of(self.port, token, tool, arguments)), true)
    }

    /// One call; the connection, where it is good for another.
    fn exchange(&self, connection: Option<Connection>, call: &Call) -> Option<Connection> {
        let mut connection = connection.or_else(|| Connection::open(call).ok())?;
        let answer = connection.exchange(call).ok()?;
        let count = if answer.check("\"result\"").is_ok() { &self.answered } else { &self.refused };
        count.fetch_add(1, Ordering::Relaxed);
        Some(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_known_by_what_reaches_the_provider() {
        for number in [0, 1, 12, 123_456] {
            let (_, arguments) = tool_and_arguments(number);
            assert_eq!(number_in(&arguments.to_string()), Some(number));
        }
        assert_eq!(number_in("a comment of somebody else"), None);
    }

    #[test]
    fn arguments_are_made_in_canonical_form() {
        for number in [0, 1] {
            let (_, arguments) = tool_and_arguments(number);
            let names: Vec<&String> = arguments.as_object().into_iter().flat_map(|members| members.keys()).collect();
            assert!(names.is_sorted(), "{names:?}");
        }
    }
}
