//! From the end of a log to the few lines that say why a program failed. Pure.

use std::borrow::Cow;

use super::tokens;

/// Lines shown before the first of an error, and after the last.
const BEFORE: usize = 1;
const AFTER: usize = 3;
/// Lines of a log that names no error.
const LAST: usize = 12;
/// The longest line, in characters: minified code has longer ones.
const LONGEST_LINE: usize = 200;
/// How many lines are looked at, from the end.
const MOST_LINES: usize = 5_000;

/// Where these stand at the beginning of a line or after a blank, they announce what went wrong.
const CERTAIN: &[&str] = &[
    "error:",
    "error[",
    "error ",
    "errors:",
    "fatal:",
    "fatal error",
    "fail:",
    "failed:",
    "failure:",
    "failures:",
    "panicked at",
    "traceback (most recent",
    "exception:",
    "exception in thread",
    "unhandled",
    "npm err!",
    "npm error",
    "caused by:",
    "assertionerror",
    "assertion failed",
    "assert ",
    "segmentation fault",
    "out of memory",
    "build failed",
    "tests failed",
    "--- fail",
    "command not found",
    "no such file or directory",
    "permission denied",
    "cannot find",
    "could not",
    "undefined reference",
    "syntax error",
    "no space left",
    "killed",
    "timed out",
    "exit code",
    "exit status",
    "exited with",
    "✗",
    "✕",
    "✖",
    "not ok ",
    "[error]",
    "##[error]",
];
/// Where one of these is all that a line says of errors, it says that there was none, or that it does not matter.
const HARMLESS: &[&str] = &[
    "0 error",
    "0 fail",
    "no error",
    "0 warning",
    "errors: 0",
    "failures: 0",
    "failed: 0",
    "error: 0",
    "exit code 0",
    "exit code: 0",
    "exit status 0",
    "without error",
    "warning:",
    "warn ",
    "[warn",
    "continue-on-error",
    "ignoring error",
];
/// Names of classes end in these: `ValueError: …`.
const CLASSES: &[&str] = &["error:", "exception:"];
/// What follows an error and says nothing of it: Bitbucket's own words about the end of a step.
const EPILOGUE: &[&str] =
    &["build teardown", "searching for test report", "finished scanning for test reports", "skipping cache"];

/// The lines around the error in a log, as they stand there but for colours, each on its line and `…` between those that
/// are not one after the other; at most so many tokens. What is first and what is last of several errors is shown: one
/// is where it began, the other where the program says so.
pub fn around_error(log: &str, budget: usize) -> String {
    let plain = plain(log);
    let mut lines: Vec<&str> = plain.lines().rev().take(MOST_LINES).collect();
    lines.reverse();
    let end = lines.iter().position(|line| is_epilogue(line)).filter(|end| *end > 0).unwrap_or(lines.len());
    lines.truncate(end);
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    let errors: Vec<usize> = (0..lines.len()).filter(|at| lines.get(*at).is_some_and(|line| is_error(line))).collect();
    let ranks = match (errors.first(), errors.last()) {
        (Some(first), Some(last)) => ranks(&lines, &errors, *first, *last),
        _ => (0..lines.len()).rev().take(LAST).collect(),
    };
    shown(&lines, ranks, budget)
}

/// The lines that are worth showing, the most telling first.
fn ranks(lines: &[&str], errors: &[usize], first: usize, last: usize) -> Vec<usize> {
    let mut ranks = vec![first, last];
    // Which command it was: Bitbucket writes `+ ` before each.
    ranks.extend((0..first).rev().find(|at| lines.get(*at).is_some_and(|line| line.starts_with("+ "))));
    ranks.extend(first + 1..=first + AFTER);
    ranks.extend(first.saturating_sub(BEFORE)..first);
    ranks.extend(last.saturating_sub(BEFORE)..last);
    ranks.extend(errors);
    for error in errors {
        ranks.extend(error + 1..=error + AFTER);
    }
    ranks.retain(|at| lines.get(*at).is_some_and(|line| !line.trim().is_empty()));
    ranks
}

/// The first lines of these for which there is room, in the order of the log.
fn shown(lines: &[&str], ranks: Vec<usize>, budget: usize) -> String {
    let mut chosen: Vec<(usize, Cow<'_, str>)> = Vec::new();
    let mut text = String::new();
    for at in ranks {
        let Err(place) = chosen.binary_search_by_key(&at, |(known, _)| *known) else { continue };
        let Some(line) = lines.get(at) else { continue };
        chosen.insert(place, (at, shortened(line.trim_end())));
        // What a line costs depends on whether there is a gap before and after it.
        let longer = joined(&chosen);
        if tokens::estimate(&longer) > budget {
            break;
        }
        text = longer;
    }
    text
}

/// Lines with the mark of a gap between those that are not one after the other.
fn joined(chosen: &[(usize, Cow<'_, str>)]) -> String {
    let mut text = String::new();
    let mut next = None;
    for (at, line) in chosen {
        if next.is_some_and(|next| next != *at) {
            text.push_str("…\n");
        }
        text.push_str(line);
        text.push('\n');
        next = Some(at + 1);
    }
    text
}

fn shortened(line: &str) -> Cow<'_, str> {
    match line.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()).into(),
        None => line.into(),
    }
}

fn is_error(line: &str) -> bool {
    let line = line.to_lowercase();
    let begins_a_word = |at: usize| !line.get(..at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
    let names = |word: &&str| line.match_indices(*word).any(|(at, _)| begins_a_word(at) || CLASSES.contains(word));
    !line.starts_with("+ ") && CERTAIN.iter().any(names) && !HARMLESS.iter().any(|word| line.contains(word))
}

fn is_epilogue(line: &str) -> bool {
    let line = line.trim_start().to_lowercase();
    EPILOGUE.iter().any(|words| line.starts_with(words))
}

/// The text without the sequences that colour terminals (ECMA-48), and of a line that was written anew, as progress bars
/// are, only the last state.
fn plain(log: &str) -> String {
    let mut plain = String::with_capacity(log.len());
    for line in log.split('\n') {
        let line = line.trim_end_matches('\r');
        let line = line.rsplit('\r').next().unwrap_or(line);
        let mut characters = line.chars();
        while let Some(character) = characters.next() {
            if character != '\u{1b}' {
                plain.push(character);
                continue;
            }
            if characters.next() == Some('[') {
                // Parameters, up to the letter that says what to do with them.
                let _ = characters.by_ref().find(|character| matches!(character, '@'..='~'));
            }
        }
        plain.push('\n');
    }
    plain
}

#[cfg(test)]
mod tests;
