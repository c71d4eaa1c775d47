//! Pages that make a converter's work grow faster than they do: for tests, fuzzing's seeds and the bench, never for the
//! Worker.

/// What each kind repeats, after what it begins with.
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
    ("backticks in a block of code", "<pre>", "`"),
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
pub const MERGED: &str = "rows of one cell beside a hundred merged ones";

/// A page of at least so many bytes.
pub fn page(kind: &str, bytes: usize) -> String {
    let (_, begin, repeated) = WORST.iter().find(|(have, ..)| *have == kind).copied().unwrap_or_default();
    let begin = match kind {
        MERGED => {
            format!("<table><tr>{}</tr>", format!("<td rowspan=\"65534\">{}</td>", "b".repeat(200)).repeat(99))
        }
        "deep items" | "deep items with text" => "<ul><li>".repeat(90),
        "stray end tags below two hundred elements" => "<i>".repeat(200),
        _ => begin.to_owned(),
    };
    format!("{begin}{}", repeated.repeat(bytes / repeated.len().max(1) + 1))
}

/// Their names.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    WORST.iter().map(|(kind, ..)| *kind)
}
