//! What fuzz targets assert of answers: their size, and in how many parts they come, not only that nothing panics.

use super::{cut, excerpt, projection, text::Text, tokens};
use crate::catalog::{
    all,
    operation::{Answer, Tree},
};

/// A diff, a file or a log: its parts are within their budget, no more than that takes, and make up the whole; what is shown
/// of one is in proportion to it. The first byte is the budget of a part, in tokens.
pub fn text(input: &[u8]) {
    let Some((budget, body)) = input.split_first() else { return };
    let budget = usize::from(*budget).max(8);
    let all = [Some(Text::certain(body)), Text::of_file(body), Some(Text::certain(body).masked(true))];
    let excerpt = excerpt::around_error(&String::from_utf8_lossy(body), budget);
    assert!(tokens::estimate(&excerpt) <= budget);
    for text in all.into_iter().flatten() {
        let (mut start, mut parts) = (0, 0);
        while start < text.bytes.len() {
            let part = cut::part(&text.bytes, start, budget);
            assert!(part.start == start && part.end > start);
            let part_text = String::from_utf8_lossy(text.bytes.get(start..part.end).unwrap_or_default());
            assert!(tokens::estimate(&part_text) <= budget);
            assert_eq!(cut::resume(&text.bytes, part.end, &cut::check(&text.bytes, part.end)), Ok(part.end));
            let mut shown = String::new();
            text.push_fenced(&mut shown, part.start..part.end).push_notes(&mut shown);
            // A byte may become U+FFFD, which takes three, and the fences are longer than any run of backticks.
            assert!(shown.len() <= 5 * (part.end - start) + 400 && !shown.contains('\0'), "{}", shown.len());
            (start, parts) = (part.end, parts + 1);
        }
        // No character costs more than five tokens, its share of the fences among them.
        assert!(parts <= 10 * text.bytes.len() / (budget - 4) + 1, "{parts} parts of {budget}");
    }
}

/// A provider's JSON, for every list and record of the catalogue: as many rows and columns as there are, in proportion
/// to what was read.
pub fn answer(body: &[u8]) {
    const BASE: &str = "https://provider.example";
    for call in all().filter_map(|operation| operation.call.as_ref()) {
        // The shortest value of a link or moment becomes a whole address or moment; `{},` becomes a row of tabs.
        let longest = 64 * body.len() + 400;
        match &call.answer {
            Answer::Rows(rows) | Answer::Source(Tree { listing: rows, .. }) => {
                let Ok(table) = projection::table(body, rows, &[], BASE, projection::Keep::default()) else { continue };
                assert!(table.text.len() <= longest, "{} bytes of {}", table.text.len(), body.len());
                let lines: Vec<&str> = table.text.lines().collect();
                assert_eq!(lines.len(), table.rows + 1);
                assert!(lines.iter().all(|line| line.split('\t').count() == rows.columns.len()), "{lines:?}");
            }
            Answer::Record(fields) => {
                let Ok(values) = projection::record(body, fields, BASE) else { continue };
                assert_eq!(values.len(), fields.len());
                assert!(values.iter().map(String::len).sum::<usize>() <= longest);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_is_cut_otherwise(input in prop::collection::vec(any::<u8>(), 0..600)) {
            super::text(&input);
        }

        #[test]
        fn no_answer_grows_out_of_proportion(
            rows in prop::collection::vec("(\\{(\"(id|title|key|path|updated_on)\":(null|7|\"/\"|\"[a\t;()]{0,4}\")){0,1}\\}|null)", 0..20),
        ) {
            super::answer(format!("{{\"values\":[{0}],\"results\":[{0}]}}", rows.join(",")).as_bytes());
        }
    }
}
