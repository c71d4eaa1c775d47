use proptest::prelude::*;

use super::*;

const ROOM: usize = 400;

fn after_noise(log: &str) -> String {
    let noise: String = (0..300).map(|line| format!("Downloading package {line}\n")).collect();
    format!("+ cargo test\n{noise}{log}")
}

#[test]
fn the_first_error_is_shown_with_what_explains_it_and_the_command() {
    let log = after_noise(
        "   Compiling orders\nerror[E0308]: mismatched types\n --> src/orders.rs:12:5\n12 |     \"7\"\n   |     ^^^ expected u32\n",
    );
    let shown = around_error(&log, ROOM);
    assert_eq!(
        shown,
        "+ cargo test\n…\n   Compiling orders\nerror[E0308]: mismatched types\n --> src/orders.rs:12:5\n12 |     \"7\"\n   \
         |     ^^^ expected u32\n"
    );
}

#[test]
fn the_last_error_is_shown_beside_the_first() {
    let between = "still going\n".repeat(99);
    let shown = around_error(&format!("first failure: a\n{between}error: test failed, to rerun pass `--lib`\n"), ROOM);
    assert!(shown.starts_with("first failure: a\n") && shown.contains("…\n"), "{shown}");
    assert!(shown.ends_with("error: test failed, to rerun pass `--lib`\n"), "{shown}");
}

#[test]
fn each_of_these_lines_names_an_error() {
    for line in [
        "npm ERR! code ELIFECYCLE",
        "thread 'main' panicked at src/main.rs:4:5:",
        "Traceback (most recent call last):",
        "ValueError: invalid literal for int()",
        "java.lang.IllegalStateException: closed",
        "Exception in thread \"main\" java.lang.NullPointerException",
        "--- FAIL: TestOrders (0.01s)",
        "FAILED: 3 of 12",
        "bash: pytest: command not found",
        "ls: cannot access 'x': No such file or directory",
        "src/a.ts(3,5): error TS2322: Type 'string' is not assignable",
        "  ✕ adds two numbers (4 ms)",
        "[ERROR] Failed to execute goal",
        "make: *** [Makefile:2: all] Error 2",
    ] {
        assert!(is_error(line), "{line}");
    }
}

#[test]
fn each_of_these_lines_names_none() {
    for line in [
        "test result: ok. 12 passed; 0 failed",
        "Found 0 errors.",
        "warning: unused variable: `error`",
        "+ grep -c error: log.txt",
        "Compiling thiserror v2.0.1",
        "mirror: https://example.com",
        "Finished with exit code 0",
    ] {
        assert!(!is_error(line), "{line}");
    }
}

#[test]
fn a_log_without_an_error_is_shown_from_its_end() {
    let log: String = (0..50).map(|line| format!("line {line}\n")).collect();
    let shown = around_error(&log, ROOM);
    assert!(shown.starts_with("line 38\n") && shown.ends_with("line 49\n"), "{shown}");
}

#[test]
fn what_bitbucket_adds_at_the_end_is_left_out() {
    let shown = around_error("tests ran\nkaput\nBuild teardown script:\nSearching for test report files\n", ROOM);
    assert_eq!(shown, "tests ran\nkaput\n");
}

#[test]
fn colours_and_progress_are_left_out() {
    assert_eq!(around_error("10%\r50%\r\u{1b}[1;31merror:\u{1b}[0m kaput\r\n", ROOM), "error: kaput\n");
}

#[test]
fn an_empty_log_has_no_lines() {
    assert_eq!(around_error("", ROOM), "");
    assert_eq!(around_error("\n\n", ROOM), "");
}

#[test]
fn the_gaps_between_the_lines_are_within_the_budget_too() {
    let log = format!("\0error \n\n\n{}\n\t\u{1}\u{fffd}\u{fffd}\u{fffd}\n\0\n\n\0", "\0".repeat(18));
    let shown = around_error(&log, 8);
    assert!(shown.contains("error") && tokens::estimate(&shown) <= 8, "{shown:?}");
}

proptest! {
    #[test]
    fn no_excerpt_costs_more_than_its_budget(
        lines in prop::collection::vec("(error: |\\+ |FAIL|\u{1b}\\[3[0-9]m|é|[a-z ]{0,40}){0,6}", 0..60),
        budget in 0_usize..200,
    ) {
        let shown = around_error(&lines.join("\n"), budget);
        prop_assert!(tokens::estimate(&shown) <= budget, "{} of {}", tokens::estimate(&shown), budget);
    }

    #[test]
    fn every_line_of_an_excerpt_is_one_of_the_log(lines in prop::collection::vec("(error: |[a-z]{1,9} ?){1,5}", 0..40)) {
        let shown = around_error(&lines.join("\n"), ROOM);
        for line in shown.lines().filter(|line| *line != "…") {
            prop_assert!(lines.iter().any(|known| known.trim_end() == line), "{}", line);
        }
    }

    #[test]
    fn an_error_is_found_wherever_it_stands(before in 0..400_usize, after in 0..400_usize) {
        let log = format!("{}error: the cause\n{}", "fine\n".repeat(before), "fine\n".repeat(after));
        prop_assert!(around_error(&log, ROOM).contains("error: the cause\n"));
    }
}
