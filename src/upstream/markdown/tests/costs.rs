//! What the worst pages cost, in steps and bytes; never in time.

use proptest::prelude::*;

use super::{Budget, convert, from_storage};

/// Pages that make a converter's work grow faster than they do: what each repeats, after what it begins with.
const WORST: &[(&str, &str, &str)] = &[
    ("cells without rows", "<table><tr>", "<td/>"),
    ("rows without cells", "<table>", "<tr/>"),
    ("rows and cells", "<table>", "<tr><td/>"),
    (MERGED, "", "<tr><td>a</td></tr>"),
    ("deep items", "", "<li/>"),
    ("deep items with text", "", "<li>a"),
    ("deep quotes", "<blockquote><blockquote><blockquote><blockquote><blockquote>", "a<br/>"),
    ("digits in a list", "<ol><li>", "1. "),
    ("stray end tags below two hundred elements", "", "</q>"),
    ("ever deeper", "", "<b>"),
    ("ever deeper tables", "", "<table><tr><td>a"),
    ("entities", "<p>", "&a;"),
    ("ampersands", "<p>", "&"),
    ("backticks", "<code>", "`"),
    ("lines of code", "<ul><li><ul><li><ul><li><pre>", "\n"),
    ("open angle brackets", "", "<"),
    ("open comments", "", "<!-- "),
    ("open tags with quotes", "", "<a href=\""),
    ("white space", "<p>a", " "),
    ("macros without end", "", "<ac:structured-macro ac:name=\"x\">"),
    ("parameters without end", "<ac:structured-macro ac:name=\"x\">", "<ac:parameter ac:name=\"a\">b</ac:parameter>"),
    ("links without end", "", "<ac:link><ac:link-body>a"),
    ("resources of one link", "<ac:link>", "<ri:page ri:content-title=\"a\"/>"),
    ("attributes of one node", "<ac:adf-node>", "<ac:adf-attribute key=\"a\">b</ac:adf-attribute>"),
    ("bold paragraphs in bold", "<b><i><u><s>", "<p>a</p>"),
    ("nobody sees it", "<p>", "\u{200b}"),
];

/// The one kind that is allowed to make more of a page than it is, up to the budget: what is merged is repeated.
const MERGED: &str = "rows of one cell beside a hundred merged ones";

/// A page of at least so many bytes.
pub fn worst(kind: &str, bytes: usize) -> String {
    let (_, begin, repeated) = WORST.iter().find(|(have, ..)| *have == kind).unwrap();
    let begin = match kind {
        MERGED => {
            format!("<table><tr>{}</tr>", format!("<td rowspan=\"65534\">{}</td>", "b".repeat(200)).repeat(99))
        }
        "deep items" | "deep items with text" => "<ul><li>".repeat(90),
        "stray end tags below two hundred elements" => "<i>".repeat(200),
        _ => (*begin).to_owned(),
    };
    format!("{begin}{}", repeated.repeat(bytes / repeated.len() + 1))
}

pub fn kinds() -> impl Iterator<Item = &'static str> {
    WORST.iter().map(|(kind, ..)| *kind)
}

#[test]
fn no_page_costs_more_than_its_budget() {
    // What is set aside when the budget is spent is still written, once for each text that it is in.
    for kind in kinds() {
        let page = from_storage(&worst(kind, 300_000));
        assert!(page.markdown.len() <= Budget::PAGE.output, "{kind}: {} bytes", page.markdown.len());
    }
}

/// Steps that a page may take for each byte of it; see [`Budget`].
const STEPS_A_BYTE: usize = 64;

#[test]
fn a_page_twice_as_long_costs_twice_as_much() {
    for kind in kinds().filter(|kind| *kind != MERGED) {
        let storage = worst(kind, 100_000);
        let linear = Budget { output: usize::MAX, steps: STEPS_A_BYTE * storage.len() };
        assert!(!convert(&storage, linear).is_cut, "{kind}");
    }
}

#[test]
fn merged_cells_multiply_a_page_no_further_than_its_budget() {
    let page = from_storage(&worst(MERGED, 300_000));
    assert!(page.is_cut && page.markdown.len() <= Budget::PAGE.output);
}

proptest! {
    #[test]
    fn a_page_ends_at_its_budget_and_says_so(kind in prop::sample::select(kinds().collect::<Vec<_>>()), output in 0_usize..2_000) {
        let page = convert(&worst(kind, 10_000), Budget { output, steps: usize::MAX });
        prop_assert!(page.markdown.len() <= output);
    }

    #[test]
    fn what_fits_is_whole(words in prop::collection::vec("[a-z]{1,8}", 0..100)) {
        let text = words.join(" ");
        let page = convert(&format!("<p>{text}</p>"), Budget { output: text.len() + 1, steps: 3 * text.len() + 20 });
        prop_assert!(!page.is_cut && page.markdown.trim_end() == text);
    }
}
