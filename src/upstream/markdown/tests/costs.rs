//! What the worst pages cost, in steps and bytes; never in time.

use proptest::prelude::*;

use super::{
    super::{
        budget::STEPS_A_BYTE,
        worst::{MERGED, kinds, page as worst},
    },
    Budget, convert, from_storage,
};

#[test]
fn no_page_costs_more_than_its_budget() {
    // What is set aside when the budget is spent is still written, once for each text that it is in.
    for kind in kinds() {
        let page = from_storage(&worst(kind, 300_000));
        assert!(page.markdown.len() <= Budget::PAGE.output, "{kind}: {} bytes", page.markdown.len());
    }
}

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
