//! Now, and times as the two services write them.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |passed| u64::try_from(passed.as_millis()).unwrap_or(u64::MAX))
}

/// `2026-11-22T18:55:01.123456+00:00`, Bitbucket's way.
pub(crate) fn bitbucket_time(milliseconds: u64) -> String {
    let (date, time, rest) = parts(milliseconds);
    format!("{date}T{time}.{rest:03}000+00:00")
}

/// `2026-11-22T18:55:01.123Z`, Confluence's way.
pub(crate) fn confluence_time(milliseconds: u64) -> String {
    let (date, time, rest) = parts(milliseconds);
    format!("{date}T{time}.{rest:03}Z")
}

fn parts(milliseconds: u64) -> (String, String, u64) {
    let seconds = milliseconds / 1000;
    let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
    (civil_date(seconds / 86_400), format!("{hours:02}:{minutes:02}:{:02}", seconds % 60), milliseconds % 1000)
}

/// Howard Hinnant's days-to-civil algorithm, for days since 1970-01-01.
fn civil_date(days: u64) -> String {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_each_service_writes_them() {
        assert_eq!(bitbucket_time(1_709_210_096_789), "2024-02-29T12:34:56.789000+00:00");
        assert_eq!(confluence_time(1_798_761_599_000), "2026-12-31T23:59:59.000Z");
    }
}
