//! The console's route table, as its source has it: a page that is added to it is tested with the others.

const SOURCE: &str = include_str!("../../../src/console/mod.rs");

/// The paths that the console answers to that method.
pub(super) fn routes(method: &str) -> Vec<String> {
    let start = format!("(Method::{method}, [");
    let segments = |line: &'static str| line.trim().strip_prefix(&start)?.split(']').next();
    let path = |segments: &str| {
        let segments: Vec<&str> = segments.split(", ").map(|segment| segment.trim_matches('"')).collect();
        format!("/{}", segments.join("/"))
    };
    SOURCE.lines().filter_map(segments).map(path).collect()
}

#[test]
fn the_table_is_read_whole() {
    let arms = SOURCE.matches("(Method::Get, [").count() + SOURCE.matches("(Method::Post, [").count();
    assert_eq!(routes("Get").len() + routes("Post").len(), arms);
    assert!(routes("Get").contains(&"/".to_owned()) && routes("Post").contains(&"/admin/tools/decide".to_owned()));
}
