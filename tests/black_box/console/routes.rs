//! The console's route table, as its source has it: a page that is added to it is tested with the others.

const SOURCE: &str = include_str!("../../../src/console/mod.rs");

/// The paths that the console answers to that method, those of a provider as Bitbucket's and those of a tool as `whoami`'s;
/// but for those with something in them that only a test knows.
pub(super) fn routes(method: &str) -> Vec<String> {
    let start = format!("{method} \"");
    let path = |line: &'static str| line.trim().strip_prefix(&start)?.split('"').next();
    let paths =
        SOURCE.lines().filter_map(path).map(|path| path.replace("{provider}", "bitbucket").replace("{tool}", "whoami"));
    paths.filter(|path| !path.contains('{')).collect()
}

#[test]
fn the_table_is_read_whole() {
    let is_known = |line: &str| !line.contains("{id}") && !line.contains("{site}");
    let is_entry = |line: &&str| line.trim_start().starts_with(['G', 'P']) && line.contains(" => ") && is_known(line);
    assert_eq!(routes("Get").len() + routes("Post").len(), SOURCE.lines().filter(is_entry).count());
    assert!(routes("Get").contains(&"/".to_owned()) && routes("Post").contains(&"/admin/tools/decide".to_owned()));
}
