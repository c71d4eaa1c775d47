//! Hours of the week, at a fixed distance from UTC: there is no table of time zones here.

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::{Deserialize, Serialize};

use crate::platform::clock::Timestamp;

/// Hours of some days of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    pub days: Vec<Weekday>,
    /// When they begin, `08:00`.
    pub from: TimeOfDay,
    /// When they are over, `18:00`.
    pub to: TimeOfDay,
    /// How many minutes the clock there is ahead of UTC: 60 in Berlin in winter.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub minutes_ahead_of_utc: i16,
}

/// A day of the week, `mon`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Weekday {
    /// From Monday to Friday.
    pub const WORKING: [Self; 5] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri];

    const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];
}

/// A time of the day, in minutes since midnight; written `08:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TryFrom<String> for TimeOfDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = |text: &str| text.parse().ok().filter(|_| text.len() == 2 && !text.starts_with('+'));
        let parts = text.split_once(':').and_then(|(hour, minute)| Some((digits(hour)?, digits(minute)?)));
        let is_time = |&(hour, minute): &(u16, u16)| minute < 60 && (hour < 24 || (hour, minute) == (24, 0));
        let time = parts.filter(is_time).map(|(hour, minute)| Self(hour * 60 + minute));
        time.ok_or_else(|| format!("`{text}` is no time of a day: write 08:30"))
    }
}

impl From<TimeOfDay> for String {
    fn from(TimeOfDay(minutes): TimeOfDay) -> Self {
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl Hours {
    /// From Monday to Friday, 08:00 to 18:00 UTC.
    pub fn office() -> Self {
        let (from, to) = (TimeOfDay(8 * 60), TimeOfDay(18 * 60));
        Self { days: Weekday::WORKING.to_vec(), from, to, minutes_ahead_of_utc: 0 }
    }

    /// Whether that moment is in them. Hours that end before they begin go on past midnight.
    pub fn contain(&self, moment: Timestamp) -> bool {
        let ahead = i64::from(self.minutes_ahead_of_utc) * 60_000;
        let Some(there) = DateTime::<Utc>::from_timestamp_millis(moment.0.saturating_add(ahead)) else { return false };
        let minute = u16::try_from(there.hour() * 60 + there.minute()).unwrap_or_default();
        let (TimeOfDay(from), TimeOfDay(to)) = (self.from, self.to);
        let today = there.weekday().num_days_from_monday();
        let is_open = |days_before: u32| {
            let day = usize::try_from((today + 7 - days_before) % 7).ok().and_then(|day| Weekday::ALL.get(day));
            day.is_some_and(|day| self.days.contains(day))
        };
        match from < to {
            true => is_open(0) && (from..to).contains(&minute),
            false => (is_open(0) && minute >= from) || (is_open(1) && minute < to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(from: &str, to: &str) -> Hours {
        let time = |text: &str| TimeOfDay::try_from(text.to_owned()).unwrap();
        Hours { days: Weekday::WORKING.to_vec(), from: time(from), to: time(to), minutes_ahead_of_utc: 0 }
    }

    fn contain(hours: &Hours, moment: &str) -> bool {
        hours.contain(Timestamp(moment.parse::<DateTime<Utc>>().unwrap().timestamp_millis()))
    }

    #[test]
    fn a_moment_is_in_them_from_their_beginning_until_before_their_end() {
        let office = hours("08:00", "18:00");
        for (moment, is_in) in [
            ("2026-11-27T07:59:59Z", false),
            ("2026-11-27T08:00:00Z", true),
            ("2026-11-27T17:59:59Z", true),
            ("2026-11-27T18:00:00Z", false),
            ("2026-11-28T12:00:00Z", false),
        ] {
            assert_eq!(contain(&office, moment), is_in, "{moment}");
        }
    }

    #[test]
    fn the_clock_there_may_be_ahead_of_utc_or_behind_it() {
        let berlin = Hours { minutes_ahead_of_utc: 60, ..hours("08:00", "18:00") };
        assert!(contain(&berlin, "2026-11-27T07:00:00Z") && !contain(&berlin, "2026-11-27T17:00:00Z"));
        let sunday_there = Hours { minutes_ahead_of_utc: -300, ..hours("00:00", "24:00") };
        assert!(!contain(&sunday_there, "2026-11-30T04:59:00Z") && contain(&sunday_there, "2026-11-30T05:00:00Z"));
    }

    #[test]
    fn hours_that_end_before_they_begin_go_on_past_midnight() {
        let night = hours("22:00", "06:00");
        assert!(contain(&night, "2026-11-27T23:00:00Z") && contain(&night, "2026-11-28T05:59:00Z"));
        assert!(!contain(&night, "2026-11-28T22:30:00Z") && !contain(&night, "2026-11-30T05:00:00Z"));
    }

    #[test]
    fn what_is_no_time_of_a_day_is_refused() {
        for text in ["8:00", "24:01", "12:60", "+8:00", "noon", ""] {
            assert!(TimeOfDay::try_from(text.to_owned()).is_err(), "{text}");
        }
        assert_eq!(String::from(TimeOfDay::try_from("24:00".to_owned()).unwrap()), "24:00");
    }
}
