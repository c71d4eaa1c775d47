//! What two sequences have in common, and the difference of two texts as people read it. Linear but for small gaps.

use std::{collections::HashMap, fmt::Write as _};

/// How large a gap is compared in full, in pairs of elements: beyond, only what is unique in it is looked for.
const LARGEST_GAP: usize = 250_000;
const DEEPEST: usize = 8;
/// Lines shown around what changed.
const CONTEXT: usize = 1;
/// Lines of a difference that are shown.
const MOST_LINES: usize = 60;
/// Characters of a line that are shown.
const LONGEST_LINE: usize = 200;

/// Pairs of positions of equal elements, both rising.
pub fn common(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    collect(old, new, (0, 0), DEEPEST, &mut pairs);
    pairs
}

fn collect(mut old: &[&str], mut new: &[&str], mut at: (usize, usize), deep: usize, pairs: &mut Vec<(usize, usize)>) {
    while let ([first_old, rest_old @ ..], [first_new, rest_new @ ..]) = (old, new)
        && first_old == first_new
    {
        pairs.push(at);
        (old, new, at) = (rest_old, rest_new, (at.0 + 1, at.1 + 1));
    }
    let mut same_at_end = 0;
    while let ([rest_old @ .., last_old], [rest_new @ .., last_new]) = (old, new)
        && last_old == last_new
    {
        (old, new) = (rest_old, rest_new);
        same_at_end += 1;
    }
    if old.len() * new.len() <= LARGEST_GAP {
        compare(old, new, at, pairs);
    } else if deep > 0 {
        let mut begin = (0, 0);
        for (in_old, in_new) in unique(old, new).into_iter().chain([(old.len(), new.len())]) {
            let gap = (old.get(begin.0..in_old), new.get(begin.1..in_new));
            if let (Some(old), Some(new)) = gap {
                collect(old, new, (at.0 + begin.0, at.1 + begin.1), deep - 1, pairs);
            }
            if in_old < old.len() {
                pairs.push((at.0 + in_old, at.1 + in_new));
            }
            begin = (in_old + 1, in_new + 1);
        }
    }
    let end = (at.0 + old.len(), at.1 + new.len());
    pairs.extend((0..same_at_end).map(|index| (end.0 + index, end.1 + index)));
}

/// The longest common subsequence of a small gap.
fn compare(old: &[&str], new: &[&str], at: (usize, usize), pairs: &mut Vec<(usize, usize)>) {
    if old.is_empty() || new.is_empty() {
        return;
    }
    let width = new.len() + 1;
    // How long the rest in common is from each pair of positions on.
    let mut lengths = vec![0_u32; (old.len() + 1) * width];
    let get = |lengths: &[u32], row: usize, column: usize| lengths.get(row * width + column).copied().unwrap_or(0);
    for (row, one) in old.iter().enumerate().rev() {
        for (column, other) in new.iter().enumerate().rev() {
            let length = if one == other {
                get(&lengths, row + 1, column + 1) + 1
            } else {
                get(&lengths, row + 1, column).max(get(&lengths, row, column + 1))
            };
            if let Some(place) = lengths.get_mut(row * width + column) {
                *place = length;
            }
        }
    }
    let (mut row, mut column) = (0, 0);
    while let (Some(one), Some(other)) = (old.get(row), new.get(column)) {
        if one == other {
            pairs.push((at.0 + row, at.1 + column));
            (row, column) = (row + 1, column + 1);
        } else if get(&lengths, row + 1, column) >= get(&lengths, row, column + 1) {
            row += 1;
        } else {
            column += 1;
        }
    }
}

/// Pairs of elements that are there once in both, as many as rise in both.
fn unique(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let mut found: HashMap<&str, (usize, usize, usize, usize)> = HashMap::new();
    for (index, element) in old.iter().enumerate() {
        let entry = found.entry(element).or_default();
        (entry.0, entry.1) = (entry.0 + 1, index);
    }
    for (index, element) in new.iter().enumerate() {
        if let Some(entry) = found.get_mut(element) {
            (entry.2, entry.3) = (entry.2 + 1, index);
        }
    }
    let mut pairs: Vec<_> =
        found.into_values().filter(|entry| entry.0 == 1 && entry.2 == 1).map(|entry| (entry.1, entry.3)).collect();
    pairs.sort_unstable();
    // The ends of rising sequences by their length, and what each pair follows.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    let second = |index: usize| pairs.get(index).map_or(0, |pair| pair.1);
    for index in 0..pairs.len() {
        let length = ends.partition_point(|end| second(*end) < second(index));
        before.push(length.checked_sub(1).and_then(|length| ends.get(length)).copied());
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut rising: Vec<_> = std::iter::successors(ends.last().copied(), |index| before.get(*index).copied().flatten())
        .filter_map(|index| pairs.get(index).copied())
        .collect();
    rising.reverse();
    rising
}

/// The difference of two texts, line by line: what went after `-`, what came after `+`, and a line around them. Empty where
/// there is none.
pub fn unified(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let mut lines: Vec<(char, &str)> = Vec::new();
    let (mut row, mut column) = (0, 0);
    for (in_old, in_new) in common(&old, &new).into_iter().chain([(old.len(), new.len())]) {
        lines.extend(old.get(row..in_old).into_iter().flatten().map(|line| ('-', *line)));
        lines.extend(new.get(column..in_new).into_iter().flatten().map(|line| ('+', *line)));
        lines.extend(old.get(in_old).map(|line| (' ', *line)));
        (row, column) = (in_old + 1, in_new + 1);
    }
    let changed: Vec<usize> =
        lines.iter().enumerate().filter(|(_, (mark, _))| *mark != ' ').map(|(index, _)| index).collect();
    let mut text = String::new();
    let (mut next, mut shown) = (0, 0);
    for index in &changed {
        let begin = index.saturating_sub(CONTEXT).max(next);
        if begin > next && next > 0 {
            text.push_str("…\n");
        }
        let end = index + CONTEXT + 1;
        // Of what follows, only what did not change: what did is an own turn.
        for (mark, line) in lines.get(begin..end.min(lines.len())).unwrap_or_default() {
            if shown == MOST_LINES {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "… {} lines changed in all", changed.len());
                return text;
            }
            shown += 1;
            let cut = line.char_indices().nth(LONGEST_LINE).map_or(line.len(), |(cut, _)| cut);
            let _ = writeln!(
                text,
                "{mark}{}{}",
                line.get(..cut).unwrap_or_default(),
                if cut < line.len() { "…" } else { "" }
            );
        }
        next = next.max(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_difference_shows_what_changed_and_a_line_around_it() {
        assert_eq!(unified("a\nb\nc\nd\ne\nf\n", "a\nb\nx\nd\ne\nf\ng\n"), " b\n-c\n+x\n d\n…\n f\n+g\n");
        assert_eq!(unified("a\n", "a\n"), "");
    }

    #[test]
    fn a_long_difference_is_cut_and_says_so() {
        let long: String = (0..500).map(|line| format!("{line}\n")).collect();
        let difference = unified("", &long);
        assert!(difference.ends_with("… 500 lines changed in all\n") && difference.lines().count() == MOST_LINES + 1);
    }

    fn check(old: &[&str], new: &[&str]) {
        let pairs = common(old, new);
        assert!(pairs.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1), "{pairs:?}");
        assert!(pairs.iter().all(|(one, other)| old[*one] == new[*other]));
    }

    #[test]
    fn large_gaps_keep_what_is_unique() {
        let old: Vec<String> = (0..3_000).map(|line| format!("old {line}")).collect();
        let mut new: Vec<String> = (0..3_000).map(|line| format!("new {line}")).collect();
        new[1_500].clone_from(&old[700]);
        let (old, new): (Vec<_>, Vec<_>) =
            (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
        check(&old, &new);
        assert_eq!(common(&old, &new), [(700, 1_500)]);
    }

    proptest! {
        #[test]
        fn what_is_common_rises_and_is_equal(old in prop::collection::vec("[a-d]", 0..30), new in prop::collection::vec("[a-d]", 0..30)) {
            let (old, new): (Vec<_>, Vec<_>) = (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
            check(&old, &new);
        }
    }
}
