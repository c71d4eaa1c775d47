//! How moments and small facts are written on pages.

use chrono::{DateTime, Datelike, Timelike};
use maud::{Markup, html};

use crate::platform::clock::Timestamp;

/// A moment as `2026-01-31 09:05 UTC`, for people and for machines.
pub fn moment(timestamp: Timestamp) -> Markup {
    let Some(utc) = DateTime::from_timestamp_millis(timestamp.0) else { return html! { "unknown" } };
    let date = format!("{:04}-{:02}-{:02}", utc.year(), utc.month(), utc.day());
    let time = format!("{:02}:{:02}", utc.hour(), utc.minute());
    html! {
        time datetime=(format!("{date}T{time}:{:02}Z", utc.second())) { (date) " " (time) " UTC" }
    }
}

/// A number of bytes in megabytes, to one decimal.
pub fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}

/// What a badge means, and so its colour. Its text says the same.
#[derive(Debug, Clone, Copy)]
pub enum Tone {
    Good,
    Bad,
    Waiting,
    Plain,
}

/// A word in a small box.
pub fn badge(tone: Tone, word: &str) -> Markup {
    let class = match tone {
        Tone::Good => "badge good",
        Tone::Bad => "badge bad",
        Tone::Waiting => "badge waiting",
        Tone::Plain => "badge",
    };
    html! { span class=(class) { (word) } }
}

/// A description in which names stand between backticks, as models read it.
pub fn description(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 0 { (part) } @else { code { (part) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_between_backticks_is_code_and_nothing_in_it_is_markup() {
        assert_eq!(
            description("open unless `state` says <b>").into_string(),
            "open unless <code>state</code> says &lt;b&gt;"
        );
    }

    #[test]
    fn a_moment_is_written_in_utc_to_the_minute() {
        assert_eq!(
            moment(Timestamp(1_767_225_905_000)).into_string(),
            r#"<time datetime="2026-01-01T00:05:05Z">2026-01-01 00:05 UTC</time>"#
        );
    }

    #[test]
    fn a_moment_out_of_range_is_unknown() {
        assert_eq!(moment(Timestamp(i64::MAX)).into_string(), "unknown");
    }
}
