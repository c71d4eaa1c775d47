//! Lines of a unified diff: which of a file it has, and what is written there. Pure.

use std::{collections::BTreeSet, fmt::Write as _};

/// How many lines are shown of those that are commented on.
const MOST_SHOWN: usize = 10;
/// How many stretches of lines a refusal names.
const MOST_STRETCHES: usize = 12;

/// A version of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    New,
    Old,
}

/// A line that a diff has, with its sign before it.
#[derive(Debug, PartialEq, Eq)]
struct Line<'d> {
    old: Option<u32>,
    new: Option<u32>,
    text: &'d str,
}

/// The lines that a diff has of one file.
#[derive(Debug, PartialEq, Eq)]
pub struct Lines<'d>(Vec<Line<'d>>);

impl<'d> Lines<'d> {
    /// Reads what a diff has of the file at this path, in either version.
    pub fn of(diff: &'d str, path: &str) -> Self {
        let mut lines = Vec::new();
        let is_meant = |name: &str, prefix: &str| {
            let name = name.split('\t').next().unwrap_or_default();
            name.strip_prefix(prefix).is_some_and(|name| name == path)
        };
        let (mut is_file, mut old_is_meant) = (false, false);
        // What is left of the hunk, and where it stands in each version.
        let mut left = (0_u32, 0_u32);
        let mut at = (0_u32, 0_u32);
        for text in diff.lines() {
            if left == (0, 0) {
                if text.starts_with("diff --git ") {
                    (is_file, old_is_meant) = (false, false);
                } else if let Some(name) = text.strip_prefix("--- ") {
                    old_is_meant = is_meant(name, "a/");
                } else if let Some(name) = text.strip_prefix("+++ ") {
                    is_file = old_is_meant || is_meant(name, "b/");
                } else if let Some((old, new)) = hunk(text) {
                    at = (old.0, new.0);
                    left = (old.1, new.1);
                }
                continue;
            }
            let (in_old, in_new) = match text.as_bytes().first() {
                Some(b'-') => (true, false),
                Some(b'+') => (false, true),
                Some(b'\\') => continue,
                _ => (true, true),
            };
            if is_file {
                lines.push(Line { old: in_old.then_some(at.0), new: in_new.then_some(at.1), text });
            }
            if in_old {
                at.0 = at.0.saturating_add(1);
                left.0 = left.0.saturating_sub(1);
            }
            if in_new {
                at.1 = at.1.saturating_add(1);
                left.1 = left.1.saturating_sub(1);
            }
        }
        Self(lines)
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text of these lines of one version, each with its sign; `None` where the diff does not have them all.
    pub fn text(&self, side: Side, first: u32, last: u32) -> Option<String> {
        let mut wanted = first..=last;
        let mut text = String::new();
        let mut shown = 0;
        for line in &self.0 {
            let number = match side {
                Side::New => line.new,
                Side::Old => line.old,
            };
            if number.is_some_and(|number| (first..=last).contains(&number)) {
                if number != wanted.next() {
                    return None;
                }
                shown += 1;
                if shown <= MOST_SHOWN {
                    text.push_str(line.text);
                    text.push('\n');
                }
            }
        }
        if wanted.next().is_some() || shown == 0 {
            return None;
        }
        if shown > MOST_SHOWN {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "… {} more", shown - MOST_SHOWN);
        }
        Some(text)
    }

    /// Which lines of one version there are: `3-9, 40-46`.
    pub fn stretches(&self, side: Side) -> String {
        let numbers: BTreeSet<u32> = self
            .0
            .iter()
            .filter_map(|line| match side {
                Side::New => line.new,
                Side::Old => line.old.filter(|_| line.new.is_none()),
            })
            .collect();
        let mut stretches: Vec<(u32, u32)> = Vec::new();
        for number in numbers {
            match stretches.last_mut() {
                Some((_, last)) if *last + 1 == number => *last = number,
                _ => stretches.push((number, number)),
            }
        }
        let written = |(first, last): &(u32, u32)| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        };
        let mut text = stretches.iter().take(MOST_STRETCHES).map(written).collect::<Vec<_>>().join(", ");
        if stretches.len() > MOST_STRETCHES {
            text.push_str(", …");
        }
        text
    }
}

/// A diff without the lines of Git's that say nothing more to a reader: the hashes of blobs, and `diff --git` where the
/// names of the file's two versions follow, as they do but for binary files and changes of a mode. What is left is a unified
/// diff still, and a file costs half the tokens around its hunks. No line of a file is mistaken for one of these, since a sign
/// or a space stands before each.
pub fn plain(diff: &[u8]) -> Vec<u8> {
    let is_of_blobs = |line: &[u8]| {
        let blobs = line.strip_prefix(b"index ");
        blobs.is_some_and(|blobs| blobs.iter().all(|byte| byte.is_ascii_hexdigit() || b". \r\n".contains(byte)))
    };
    let mut plain = Vec::with_capacity(diff.len());
    // The line that a file begins with, and where it is to stand if it stays.
    let mut heading: Option<(usize, &[u8])> = None;
    let keep = |plain: &mut Vec<u8>, heading: Option<(usize, &[u8])>| {
        if let Some((at, line)) = heading {
            plain.splice(at..at, line.iter().copied());
        }
    };
    for line in diff.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b"diff --git ") {
            keep(&mut plain, heading.take());
            heading = Some((plain.len(), line));
            continue;
        }
        if line.starts_with(b"--- ") {
            heading = None;
        }
        if !is_of_blobs(line) {
            plain.extend_from_slice(line);
        }
    }
    keep(&mut plain, heading);
    plain
}

/// Where a hunk begins in each version, and how many lines of it there are: `@@ -1,7 +1,9 @@`.
fn hunk(line: &str) -> Option<((u32, u32), (u32, u32))> {
    let (old, new) = line.strip_prefix("@@ -")?.split_once(" +")?;
    let (new, _) = new.split_once(" @@")?;
    let range = |range: &str| {
        let (start, count) = range.split_once(',').unwrap_or((range, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    Some((range(old)?, range(new)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIFF: &str = "diff --git a/a.rs b/a.rs\n--- a/a.rs\n+++ b/a.rs\n@@ -1,3 +1,4 @@ fn\n one\n-two\n+deux\n+trois\n                         three\n@@ -10,2 +11,1 @@\n ten\n-eleven\n\\ No newline at end of file\n                        diff --git a/b.rs b/b.rs\n--- a/b.rs\n+++ b/b.rs\n@@ -1 +1 @@\n--- a/x\n+++ b/y\n";

    #[test]
    fn a_line_is_found_in_the_version_that_has_it() {
        let lines = Lines::of(DIFF, "a.rs");
        assert_eq!(lines.text(Side::New, 2, 2).unwrap(), "+deux\n");
        assert_eq!(lines.text(Side::Old, 2, 2).unwrap(), "-two\n");
        assert_eq!(lines.text(Side::New, 1, 3).unwrap(), " one\n+deux\n+trois\n");
    }

    #[test]
    fn lines_that_the_diff_does_not_have_all_are_none() {
        let lines = Lines::of(DIFF, "a.rs");
        for (first, last) in [(4, 11), (9, 9), (5, 4), (0, 1)] {
            assert_eq!(lines.text(Side::New, first, last), None, "{first} {last}");
        }
    }

    fn plain_text(diff: &str) -> String {
        String::from_utf8(plain(diff.as_bytes())).unwrap()
    }

    #[test]
    fn what_only_git_needs_is_left_out_and_no_line_of_a_file_is() {
        let file = "--- a/a\n+++ b/a\n@@ -1,2 +1,3 @@\n-index 1a..2b\n+index 1a..2b\n--- x\n diff --git a/a b/a\n";
        let heading = "diff --git a/a b/a\nindex 777a35d..18dccf0 100644\n";
        assert_eq!(plain_text(&format!("{heading}{file}{heading}{file}")), format!("{file}{file}"));
    }

    #[test]
    fn what_has_no_names_of_its_versions_keeps_its_heading() {
        let binary = "diff --git a/a.png b/a.png\nnew file mode 100644\nBinary files /dev/null and b/a.png differ\n";
        let mode = "diff --git a/run b/run\nold mode 100644\nnew mode 100755\n";
        assert_eq!(plain_text(&format!("{binary}{mode}{binary}")), format!("{binary}{mode}{binary}"));
    }

    #[test]
    fn what_there_is_instead_is_named() {
        let lines = Lines::of(DIFF, "a.rs");
        assert_eq!((lines.stretches(Side::New), lines.stretches(Side::Old)), ("1-4, 11".into(), "2, 11".into()));
        assert!(Lines::of(DIFF, "c.rs").is_empty());
    }

    #[test]
    fn lines_in_the_shape_of_a_files_name_are_lines() {
        let lines = Lines::of(DIFF, "b.rs");
        assert_eq!(
            (lines.text(Side::Old, 1, 1).unwrap(), lines.text(Side::New, 1, 1).unwrap()),
            ("--- a/x\n".into(), "+++ b/y\n".into())
        );
    }

    proptest! {
        #[test]
        fn nothing_but_whole_lines_of_git_is_left_out_of_a_diff(diff in "(diff --git a/a b/a\n|index 1..2\n|--- a/a\n|\\+\\+\\+ b/a\n|@@ -1,3 \\+1,3 @@\n|[-+ \\\\]x\n|\\PC*\n){0,20}") {
            let is_of_git = |line: &&str| line.starts_with("diff --git ") || line.starts_with("index ");
            let plain = plain_text(&diff);
            let others = |text: &str| text.lines().filter(|line| !is_of_git(line)).map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(others(&plain), others(&diff));
        }

        #[test]
        fn whatever_a_diff_is_it_is_read(diff in "(diff --git a/a b/a\n|--- a/a\n|\\+\\+\\+ b/a\n|@@ -[0-9]{1,10},[0-9] \\+[0-9],[0-9]{1,10} @@\n|[-+ \\\\]x\n|\\PC*\n){0,20}") {
            let lines = Lines::of(&diff, "a");
            let _ = (lines.text(Side::New, 1, 3), lines.stretches(Side::Old));
        }
    }
}
