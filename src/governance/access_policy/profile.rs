//! Toolsets, and the access profiles that grant them.

use std::ops::Range;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{hours::Hours, resource::ResourceCondition, subject::SubjectSelector, tools::ToolSelection};
use crate::{identifiers::ClientId, platform::clock::Timestamp};

/// Tools that are granted together, under a name. Only what is approved of them ever runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Toolset {
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub tools: ToolSelection,
}

/// Grants toolsets to subjects, under conditions that all have to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub name: String,
    /// Whom it is for: any of these. Where it has to be asked for, it is they who may ask.
    pub subjects: Vec<SubjectSelector>,
    /// The names of the toolsets.
    pub toolsets: Vec<String>,
    /// What it grants them on; everything where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceCondition>,
    /// The clients that it grants them through; any where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<ClientId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// The last day on which it grants anything, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub granting: Granting,
    /// The most minutes that it is granted for at once, where it has to be asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_minutes: Option<u32>,
}

impl Profile {
    /// The most minutes that it may be asked for.
    pub fn most_minutes(&self) -> u32 {
        self.longest_minutes.unwrap_or(DEFAULT_MINUTES)
    }
}

/// How a profile comes to be granted to those whom it is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Granting {
    /// They have it.
    #[default]
    Automatic,
    /// They have it for a time once they ask, which is on record.
    OnRequest,
    /// They have it for a time once they ask and an approver says yes.
    OnApproval,
}

impl Granting {
    pub const ALL: [Self; 3] = [Self::Automatic, Self::OnRequest, Self::OnApproval];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::OnRequest => "on_request",
            Self::OnApproval => "on_approval",
        }
    }
}

/// How long access is granted for at the most where the policy says nothing of it.
const DEFAULT_MINUTES: u32 = 8 * 60;

/// Who may override profiles and rules for a time. Locks and decisions on tools hold all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakGlass {
    pub subjects: Vec<SubjectSelector>,
    /// The most minutes that it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_minutes: Option<u32>,
}

impl BreakGlass {
    /// The most minutes that it may last.
    pub fn most_minutes(&self) -> u32 {
        self.longest_minutes.unwrap_or(60)
    }
}

/// A day of the calendar, `2026-12-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(NaiveDate);

impl Day {
    /// Whether it is over at that moment, in UTC.
    pub fn is_over(self, moment: Timestamp) -> bool {
        let next = self.0.succ_opt().and_then(|next| next.and_hms_opt(0, 0, 0));
        next.is_none_or(|next| moment.0 >= next.and_utc().timestamp_millis())
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = |range: Range<usize>| text.get(range).and_then(|digits| digits.parse::<u32>().ok());
        let in_shape =
            |(index, byte): (usize, u8)| if matches!(index, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
        let is_day = text.len() == 10 && text.bytes().enumerate().all(in_shape);
        let parts = (number(0..4), number(5..7), number(8..10));
        let day = match parts {
            (Some(year), Some(month), Some(day)) if is_day => {
                NaiveDate::from_ymd_opt(i32::try_from(year).unwrap_or_default(), month, day)
            }
            _ => None,
        };
        day.map(Self).ok_or_else(|| format!("`{text}` is no day: write 2026-12-31"))
    }
}

impl From<Day> for String {
    fn from(Day(day): Day) -> Self {
        format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_over_when_the_next_one_begins() {
        let day = Day::try_from("2026-12-31".to_owned()).unwrap();
        assert!(!day.is_over(Timestamp(1_798_761_599_999)));
        assert!(day.is_over(Timestamp(1_798_761_600_000)));
        assert_eq!(String::from(day), "2026-12-31");
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["2026-02-30", "2026-1-01", "31.12.2026", "2026--1-01", ""] {
            assert!(Day::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
