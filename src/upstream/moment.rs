//! Moments in the spellings that providers use: ISO 8601 with any offset, seconds or milliseconds since the epoch, and
//! the dates of HTTP (RFC 9110, section 5.6.7). Pure.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, Timelike, Utc};

/// Numbers below this are too small to be a moment; as seconds, it is in 2001.
const FIRST_SECOND: i64 = 1_000_000_000;
/// Numbers from here on count milliseconds; as seconds, it is in 5138.
const FIRST_MILLISECOND: i64 = 100_000_000_000;

/// Reads a moment; `None` for a text that is none, or that does not say in which zone.
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return match number {
            FIRST_MILLISECOND.. => DateTime::from_timestamp_millis(number),
            FIRST_SECOND.. => DateTime::from_timestamp(number, 0),
            _ => None,
        };
    }
    if text.ends_with("GMT") {
        return DateTime::parse_from_rfc2822(text).ok().map(|moment| moment.to_utc());
    }
    let (local, zone) = text.split_at_checked(16)?;
    // Seconds may be left out, and the colon of an offset.
    let seconds = if zone.starts_with(':') { "" } else { ":00" };
    let without_colon = matches!(zone.as_bytes(), [.., b'+' | b'-', a, b, c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()));
    let (zone, minutes) = zone.split_at_checked(zone.len() - if without_colon { 2 } else { 0 })?;
    let colon = if without_colon { ":" } else { "" };
    let text = format!("{local}{seconds}{zone}{colon}{minutes}");
    DateTime::parse_from_rfc3339(&text).ok().map(|moment| moment.to_utc())
}

/// Appends a moment to the minute, in UTC: `2026-10-01T09:00Z`.
pub fn push(into: &mut String, moment: DateTime<Utc>) {
    // Writing to a String cannot fail.
    let _ = write!(
        into,
        "{:04}-{:02}-{:02}T{:02}:{:02}Z",
        moment.year(),
        moment.month(),
        moment.day(),
        moment.hour(),
        moment.minute()
    );
}

/// Appends its day, in UTC: `2026-10-01`.
pub fn push_day(into: &mut String, moment: DateTime<Utc>) {
    // Writing to a String cannot fail.
    let _ = write!(into, "{:04}-{:02}-{:02}", moment.year(), moment.month(), moment.day());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spelled(text: &str) -> Option<String> {
        let mut spelled = String::new();
        push(&mut spelled, parse(text)?);
        Some(spelled)
    }

    #[test]
    fn one_moment_has_one_spelling() {
        for text in [
            "2026-02-03T04:05:06.789Z",
            "2026-02-03T04:05:06+00:00",
            "2026-02-03T06:05:06.000000+02:00",
            "2026-02-02T21:05:06-0700",
            "2026-02-03T04:05:06.789+0000",
            "2026-02-03T04:05Z",
            "2026-02-03T05:05+01:00",
            "1770091506",
            "1770091506789",
            "Tue, 03 Feb 2026 04:05:06 GMT",
        ] {
            assert_eq!(spelled(text).as_deref(), Some("2026-02-03T04:05Z"), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_not_read_as_one() {
        for text in ["", "7", "2026-02-03", "2026-02-03T04:05:06", "yesterday", "2026-13-03T04:05:06Z", "Tue, 03 GMT"] {
            assert_eq!(spelled(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "\\PC*|[0-9TZ:+.-]{0,30}") {
            let _ = parse(&text);
        }
    }
}
