//! The sections of a document in Markdown, by their headings. Pure.

/// The longest outline, in headings.
const MOST_HEADINGS: usize = 60;

/// A heading of a document.
struct Heading<'t> {
    level: usize,
    text: &'t str,
    /// Where its line begins, in bytes.
    at: usize,
}

/// The headings outside of code.
fn headings(markdown: &str) -> Vec<Heading<'_>> {
    let mut headings = Vec::new();
    let mut fence: Option<&str> = None;
    let mut at = 0;
    for line in markdown.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end();
        let ticks = line.trim_start().len() - line.trim_start().trim_start_matches('`').len();
        if ticks >= 3 {
            let run = line.trim_start().get(..ticks).unwrap_or_default();
            match fence {
                Some(open) if run.len() >= open.len() && line.trim_start().len() == ticks => fence = None,
                Some(_) => {}
                None => fence = Some(run),
            }
            continue;
        }
        let level = line.len() - line.trim_start_matches('#').len();
        if fence.is_none()
            && (1..=6).contains(&level)
            && let Some(text) = line.get(level..).and_then(|rest| rest.strip_prefix(' '))
        {
            headings.push(Heading { level, text: text.trim(), at: start });
        }
    }
    headings
}

/// What lies below a heading, with it, up to the next one of its level or above; `None` where no heading has those words.
/// Case and marks do not matter.
pub fn section<'t>(markdown: &'t str, wanted: &str) -> Option<&'t str> {
    let headings = headings(markdown);
    let wanted = plain(wanted);
    let index = headings.iter().position(|heading| plain(heading.text) == wanted)?;
    let found = headings.get(index)?;
    let end = headings.iter().skip(index + 1).find(|heading| heading.level <= found.level);
    markdown.get(found.at..end.map_or(markdown.len(), |end| end.at))
}

/// The headings, one a line, each as deep as it is.
pub fn outline(markdown: &str) -> String {
    let headings = headings(markdown);
    let more = headings.len().saturating_sub(MOST_HEADINGS);
    let lines = headings.iter().take(MOST_HEADINGS);
    let mut outline: Vec<String> =
        lines.map(|heading| format!("{} {}", "#".repeat(heading.level), heading.text)).collect();
    if more > 0 {
        outline.push(format!("… and {more} more"));
    }
    outline.join("\n")
}

/// A heading's words alone.
fn plain(heading: &str) -> String {
    let words: String = heading.chars().filter(|character| character.is_alphanumeric() || *character == ' ').collect();
    words.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "Intro\n# One\na\n## Deep *one*\nb\n```\n# no heading\n```\n## Deep two\nc\n# Two\nd\n";

    #[test]
    fn a_section_ends_where_the_next_of_its_level_begins() {
        assert_eq!(
            section(PAGE, "one"),
            PAGE.split("# Two").next().and_then(|page| page.split_once('\n')).map(|page| page.1)
        );
        assert_eq!(section(PAGE, "## Deep One"), Some("## Deep *one*\nb\n```\n# no heading\n```\n"));
        assert_eq!(section(PAGE, "Two"), Some("# Two\nd\n"));
        assert_eq!(section(PAGE, "no heading"), None);
        assert_eq!(section("", "x"), None);
    }

    #[test]
    fn the_outline_has_every_heading_as_deep_as_it_is() {
        assert_eq!(outline(PAGE), "# One\n## Deep *one*\n## Deep two\n# Two");
        let long: String = (0..70).map(|number| format!("# {number}\n")).collect();
        assert!(outline(&long).ends_with("# 59\n… and 10 more"));
    }
}
