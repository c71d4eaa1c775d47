//! Lists whose rows answer each other: thread by thread, those that are open first. Pure.

use crate::{
    catalog::operation::Threads,
    upstream::projection::{Table, Tie},
};

/// How many threads of a list there are.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub open: usize,
    pub closed: usize,
}

/// Puts the rows of a list in the order of its threads. A row that was deleted stays only where others answer it.
pub fn arrange(table: &mut Table, threads: &Threads) -> Count {
    let (order, count) = order(&table.ties, threads.open_alone);
    let mut lines = table.text.lines();
    let header = lines.next().unwrap_or_default().to_owned();
    let lines: Vec<_> = lines.collect();
    let mut text = header + "\n";
    let mut texts = Vec::with_capacity(order.len());
    for index in &order {
        text.push_str(lines.get(*index).copied().unwrap_or_default());
        text.push('\n');
        texts.extend(table.texts.get(*index).cloned());
    }
    table.rows = order.len();
    table.before = (0..order.len()).collect();
    table.text = text;
    table.texts = texts;
    count
}

/// The rows that are shown, in their order.
fn order(ties: &[Tie], open_alone: bool) -> (Vec<usize>, Count) {
    // The row that a thread begins with; one whose beginning is on another page begins its own.
    let root = |start: usize| {
        let mut at = start;
        for _ in 0..ties.len() {
            let Some(tie) = ties.get(at).filter(|tie| !tie.parent.is_empty()) else { break };
            match ties.iter().position(|other| other.id == tie.parent) {
                Some(parent) if parent != at => at = parent,
                _ => break,
            }
        }
        at
    };
    let roots: Vec<usize> = (0..ties.len()).map(root).collect();
    let is_alive = |index: &usize| ties.get(*index).is_some_and(|tie| !tie.is_deleted);
    let is_closed = |index: usize| ties.get(index).is_some_and(|tie| tie.is_closed);
    let members = |begin: usize| (0..ties.len()).filter(|index| roots.get(*index) == Some(&begin)).collect::<Vec<_>>();
    let threads = (0..ties.len()).filter(|index| roots.get(*index) == Some(index));
    let threads: Vec<_> =
        threads.map(|begin| (begin, members(begin))).filter(|(_, rows)| rows.iter().any(is_alive)).collect();
    let closed = threads.iter().filter(|(begin, _)| is_closed(*begin)).count();
    let count = Count { open: threads.len() - closed, closed };
    let shown = |closed: bool| {
        let chosen = threads.iter().filter(move |(begin, _)| is_closed(*begin) == closed);
        chosen.flat_map(|(begin, rows)| rows.iter().copied().filter(move |index| index == begin || is_alive(index)))
    };
    let mut order: Vec<_> = shown(false).collect();
    if !open_alone {
        order.extend(shown(true));
    }
    (order, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tie(id: &str, parent: &str, is_closed: bool, is_deleted: bool) -> Tie {
        Tie { id: id.to_owned(), parent: parent.to_owned(), is_closed, is_deleted }
    }

    #[test]
    fn open_threads_come_first_each_with_its_answers() {
        let ties = [
            tie("1", "", true, false),
            tie("2", "", false, false),
            tie("3", "1", false, false),
            tie("4", "2", false, false),
        ];
        assert_eq!(order(&ties, false), (vec![1, 3, 0, 2], Count { open: 1, closed: 1 }));
        assert_eq!(order(&ties, true).0, [1, 3]);
    }

    #[test]
    fn what_was_deleted_stays_only_where_it_is_answered() {
        let ties = [
            tie("1", "", false, true),
            tie("2", "", false, true),
            tie("3", "2", false, false),
            tie("4", "2", false, true),
        ];
        assert_eq!(order(&ties, false), (vec![1, 2], Count { open: 1, closed: 0 }));
    }

    #[test]
    fn a_row_whose_thread_begins_on_another_page_begins_one_here() {
        let ties = [tie("1", "", false, false), tie("3", "9", false, false), tie("4", "3", false, false)];
        assert_eq!(order(&ties, true), (vec![0, 1, 2], Count { open: 2, closed: 0 }));
    }
}
