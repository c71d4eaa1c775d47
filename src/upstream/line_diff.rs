//! What changed between two texts, line by line: lines that both have once are where they meet (Bram Cohen's patience diff).
//! Takes time in proportion to the texts, but for a logarithm. Pure.

use std::{collections::HashMap, fmt::Write as _, ops::Range};

/// How many unchanged lines are shown around what changed.
const CONTEXT: usize = 3;
/// How often what lies between two lines that meet is compared by itself.
const DEEPEST: usize = 16;

/// A line of either text, or of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line<'t> {
    Both(&'t str),
    Before(&'t str),
    After(&'t str),
}

/// The unified diff of two texts; empty where they are the same.
pub fn unified(before: &str, after: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut lines = Vec::with_capacity(before.len().max(after.len()));
    compare(&before, &after, DEEPEST, &mut lines);
    let mut text = String::new();
    let (mut old, mut new, mut at) = (1, 1, 0);
    for hunk in hunks(&lines) {
        for line in lines.get(at..hunk.start).unwrap_or_default() {
            count(line, &mut old, &mut new);
        }
        let (first_old, first_new) = (old, new);
        let mut body = String::new();
        for line in lines.get(hunk.clone()).unwrap_or_default() {
            count(line, &mut old, &mut new);
            let (sign, line) = match line {
                Line::Both(line) => (' ', line),
                Line::Before(line) => ('-', line),
                Line::After(line) => ('+', line),
            };
            // Writing to a String cannot fail.
            let _ = writeln!(body, "{sign}{line}");
        }
        let _ = write!(text, "@@ -{first_old},{} +{first_new},{} @@\n{body}", old - first_old, new - first_new);
        at = hunk.end;
    }
    text
}

const fn count(line: &Line<'_>, old: &mut usize, new: &mut usize) {
    match line {
        Line::Both(_) => {
            *old += 1;
            *new += 1;
        }
        Line::Before(_) => *old += 1,
        Line::After(_) => *new += 1,
    }
}

/// The parts of the lines that are shown: what changed, with the lines around it.
fn hunks(lines: &[Line<'_>]) -> Vec<Range<usize>> {
    let mut hunks: Vec<Range<usize>> = Vec::new();
    for (index, _) in lines.iter().enumerate().filter(|(_, line)| !matches!(line, Line::Both(_))) {
        let around = index.saturating_sub(CONTEXT)..(index + CONTEXT + 1).min(lines.len());
        match hunks.last_mut() {
            Some(last) if around.start <= last.end => last.end = around.end,
            _ => hunks.push(around),
        }
    }
    hunks
}

fn compare<'t>(before: &[&'t str], after: &[&'t str], deep: usize, lines: &mut Vec<Line<'t>>) {
    let same = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let (head, before) = before.split_at_checked(same).unwrap_or_default();
    let after = after.get(same..).unwrap_or_default();
    lines.extend(head.iter().map(|line| Line::Both(line)));
    let same = before.iter().rev().zip(after.iter().rev()).take_while(|(one, other)| one == other).count();
    let (before, tail) = before.split_at_checked(before.len() - same).unwrap_or_default();
    let after = after.get(..after.len() - same).unwrap_or_default();
    let meetings = if deep == 0 { Vec::new() } else { meetings(before, after) };
    if meetings.is_empty() {
        lines.extend(before.iter().map(|line| Line::Before(line)));
        lines.extend(after.iter().map(|line| Line::After(line)));
    } else {
        let (mut old, mut new) = (0, 0);
        for (old_end, new_end) in meetings.into_iter().chain([(before.len(), after.len())]) {
            let (between_old, between_new) = (before.get(old..old_end), after.get(new..new_end));
            compare(between_old.unwrap_or_default(), between_new.unwrap_or_default(), deep - 1, lines);
            lines.extend(before.get(old_end).map(|line| Line::Both(line)));
            (old, new) = (old_end + 1, new_end + 1);
        }
    }
    lines.extend(tail.iter().map(|line| Line::Both(line)));
}

/// Where both texts have a line that each has once: as many as come in the same order in both.
fn meetings(before: &[&str], after: &[&str]) -> Vec<(usize, usize)> {
    // How often each text has a line, and where.
    let mut places: HashMap<&str, [(usize, usize); 2]> = HashMap::new();
    for (index, line) in before.iter().enumerate() {
        let [(times, at), _] = places.entry(line).or_default();
        (*times, *at) = (*times + 1, index);
    }
    for (index, line) in after.iter().enumerate() {
        let [_, (times, at)] = places.entry(line).or_default();
        (*times, *at) = (*times + 1, index);
    }
    let once = |places: &[(usize, usize); 2]| match places {
        [(1, old), (1, new)] => Some((*old, *new)),
        _ => None,
    };
    let mut common: Vec<_> = places.values().filter_map(once).collect();
    common.sort_unstable();
    increasing(&common)
}

/// The longest part of these pairs in which the second numbers increase too (patience sorting).
fn increasing(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // The top of each pile, and for each pair the top of the pile before it when it was laid down; all by their index.
    let mut piles: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    let second = |index: &usize| pairs.get(*index).map_or(usize::MAX, |(_, second)| *second);
    for (index, (_, number)) in pairs.iter().enumerate() {
        let pile = piles.partition_point(|top| second(top) < *number);
        before.push(pile.checked_sub(1).and_then(|left| piles.get(left).copied()));
        match piles.get_mut(pile) {
            Some(top) => *top = index,
            None => piles.push(index),
        }
    }
    let mut longest = Vec::with_capacity(piles.len());
    let mut next = piles.last().copied();
    while let Some(index) = next {
        longest.extend(pairs.get(index));
        next = before.get(index).copied().flatten();
    }
    longest.reverse();
    longest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_same_text_has_no_difference() {
        assert_eq!(unified("a\nb\n", "a\nb"), "");
        assert_eq!(unified("", ""), "");
    }

    #[test]
    fn what_changed_is_shown_with_three_lines_around_it() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10";
        let after = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11";
        let expected = "@@ -2,9 +2,10 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n 10\n+11\n";
        assert_eq!(unified(before, after), expected);
    }

    #[test]
    fn changes_far_from_each_other_are_parts_of_their_own() {
        let before: String = (1..=40).map(|line| format!("line {line}\n")).collect();
        let after = before.replace("line 3\n", "").replace("line 30\n", "line 30\nnew\n");
        let diff = unified(&before, &after);
        assert_eq!(diff.matches("@@ -").count(), 2, "{diff}");
        assert!(
            diff.starts_with("@@ -1,6 +1,5 @@\n line 1\n line 2\n-line 3\n") && diff.contains("\n+new\n"),
            "{diff}"
        );
    }

    #[test]
    fn a_part_that_moved_is_taken_out_and_put_in() {
        let diff = unified("head\na\nb\nc\nd\ne\n", "head\nd\ne\na\nb\nc\n");
        assert_eq!(diff.matches("\n-").count(), 2, "the shorter part moves: {diff}");
    }

    proptest! {
        #[test]
        fn both_texts_are_in_the_difference(before in "([abc]\n){0,12}", after in "([abcd]\n){0,12}") {
            let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
            let mut lines = Vec::new();
            compare(&old, &new, DEEPEST, &mut lines);
            let of = |other: fn(&Line<'_>) -> bool| -> Vec<&str> {
                let kept = lines.iter().filter(|line| !other(line));
                kept.map(|(Line::Both(line) | Line::Before(line) | Line::After(line))| *line).collect()
            };
            prop_assert_eq!(of(|line| matches!(line, Line::After(_))), old);
            prop_assert_eq!(of(|line| matches!(line, Line::Before(_))), new);
        }
    }
}
