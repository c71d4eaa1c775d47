//! One event: what happened, to whom, and the key under which it is recorded once.

use std::cell::Cell;

use serde::{Deserialize, Serialize};

use super::{
    kind::{Kind, Outcome},
    story::Thing,
};
use crate::{
    identifiers::{ClientId, GrantId, RequestId, Subject, UserId},
    platform::clock::Timestamp,
    providers::Site,
    untrusted,
};

/// Whether an event was recorded before it happened or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Intent,
    Outcome,
}

/// What a call is, before and after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    pub request_id: RequestId,
    pub client_id: ClientId,
    pub tool: String,
    /// What it is done to, from the arguments: `acme/backend#7`.
    pub target: String,
    /// SHA-256 of the canonical arguments: proves them without keeping them.
    pub arguments_digest: String,
}

/// One event, as it travels and as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub at: Timestamp,
    pub request_id: RequestId,
    pub phase: Phase,
    /// Which of the request's events: with the request and the phase it is the key.
    pub part: String,
    pub kind: Kind,
    pub outcome: Outcome,
    /// How often it happened.
    pub count: u32,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Subject>,
    /// Who did it, where that is not whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<GrantId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Of a call that was admitted: whose account it works in, and where: `own bitbucket`, `organisation confluence/eu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The thing whose story it belongs to: `acme/backend#7` of `acme/backend#7 comment 3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub story: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_after: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments_digest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_milliseconds: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_status: Option<i64>,
    /// Of a call: the admission that let it run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admission: Option<String>,
    /// Of the outcome of a call with an intent: the moment of that. The log makes the intent of it, should it not have it
    /// otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent_at: Option<Timestamp>,
}

/// Whose an account is, as events say it.
pub const OWN: &str = "own";
const ORGANISATION: &str = "organisation";

/// The longest texts that are recorded, in characters.
const LONGEST: usize = 300;

fn clean(text: &str) -> Option<String> {
    Some(untrusted::label(text, LONGEST)).filter(|text| !text.is_empty())
}

thread_local! {
    /// Numbers the events that this isolate makes. A request is served by one isolate, and its id is part of the key.
    static MADE: Cell<u32> = const { Cell::new(0) };
}

/// The part of an event that is made now: no other of the same request has it.
pub fn next_part() -> String {
    let made = MADE.get().wrapping_add(1);
    MADE.set(made);
    made.to_string()
}

impl Event {
    /// An event that has happened, of nobody yet.
    pub fn new(kind: Kind, request_id: &RequestId, at: Timestamp) -> Self {
        Self {
            at,
            request_id: request_id.clone(),
            phase: Phase::Outcome,
            part: next_part(),
            kind,
            outcome: Outcome::Succeeded,
            count: 1,
            person: None,
            actor: None,
            client_id: None,
            client_name: None,
            grant_id: None,
            tool: None,
            target: None,
            account: None,
            resource: None,
            story: None,
            reason: None,
            state_before: None,
            state_after: None,
            arguments_digest: None,
            duration_milliseconds: None,
            upstream_status: None,
            admission: None,
            intent_at: None,
        }
    }

    /// A call of that subject. Its intent and its outcome have the same part.
    pub fn call(subject: &Subject, call: Call, phase: Phase, part: String, at: Timestamp) -> Self {
        let Call { request_id, client_id, tool, target, arguments_digest } = call;
        Self {
            phase,
            part,
            outcome: if phase == Phase::Intent { Outcome::Started } else { Outcome::Succeeded },
            person: Some(subject.clone()),
            client_id: Some(client_id),
            tool: clean(&tool),
            resource: resource(&target).map(str::to_owned),
            arguments_digest: Some(arguments_digest),
            ..Self::new(Kind::Call, &request_id, at).target(&target)
        }
    }

    #[must_use]
    pub fn of(self, person: impl Into<Subject>) -> Self {
        Self { person: Some(person.into()), ..self }
    }

    #[must_use]
    pub fn by(self, actor: &UserId) -> Self {
        Self { actor: Some(actor.clone()), ..self }
    }

    #[must_use]
    pub fn client(self, id: &ClientId) -> Self {
        Self { client_id: Some(id.clone()), ..self }
    }

    #[must_use]
    pub fn client_name(self, name: &str) -> Self {
        Self { client_name: clean(name), ..self }
    }

    #[must_use]
    pub fn grant(self, id: &GrantId) -> Self {
        Self { grant_id: Some(id.clone()), ..self }
    }

    #[must_use]
    pub fn tool(self, name: &str) -> Self {
        Self { tool: clean(name), ..self }
    }

    /// The account that it works in: the person's own at that site, or the organisation's.
    #[must_use]
    pub fn in_account(self, is_own: bool, site: Site) -> Self {
        let whose = if is_own { OWN } else { ORGANISATION };
        Self { account: Some(format!("{whose} {site}")), ..self }
    }

    /// What it was done to.
    #[must_use]
    pub fn target(self, target: &str) -> Self {
        let target = clean(target);
        let story = target.as_deref().and_then(Thing::of).map(|thing| thing.key());
        Self { target, story, ..self }
    }

    #[must_use]
    pub fn because(self, reason: &str) -> Self {
        Self { reason: clean(reason), ..self }
    }

    #[must_use]
    pub fn ending(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// What an act changed, and into what.
    #[must_use]
    pub fn changing(self, before: &str, after: &str) -> Self {
        Self { state_before: clean(before), state_after: clean(after), ..self }
    }
}

/// Where a target is: the repository of a pull request, the workspace of a repository that has none. A query is nowhere.
fn resource(target: &str) -> Option<&str> {
    let name_ends = |character: char| !(character.is_alphanumeric() || "-_./~{}".contains(character));
    let name = target.split(name_ends).next().filter(|name| !name.is_empty())?;
    let rest = &target[name.len()..];
    let is_query = !name.contains('/') && rest.starts_with([' ', '=', '"', '(']);
    let repository = match name.match_indices('/').nth(1) {
        Some((second, _)) => name.split_at_checked(second).map_or(name, |(repository, _)| repository),
        None => name,
    };
    (!is_query).then_some(repository)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_lies_in_its_repository() {
        let cases = [
            ("acme/backend#7", Some("acme/backend")),
            ("acme/backend/src/main.rs@main", Some("acme/backend")),
            ("acme", Some("acme")),
            ("acme/backend#7, bitbucket/eu", Some("acme/backend")),
            ("acme/backend variable TOKEN", Some("acme/backend")),
            ("98305", Some("98305")),
            ("type = page", None),
            ("", None),
        ];
        for (target, expected) in cases {
            assert_eq!(resource(target), expected, "{target}");
        }
    }

    #[test]
    fn two_events_of_one_request_have_two_keys() {
        let request = RequestId::new("request");
        let [one, other] = [Kind::Consent, Kind::Consent].map(|kind| Event::new(kind, &request, Timestamp(0)));
        assert_ne!(one.part, other.part);
    }

    #[test]
    fn texts_of_strangers_are_recorded_on_one_line_without_what_hides() {
        let event = Event::new(Kind::SignIn, &RequestId::new("request"), Timestamp(0)).because("al\u{202e}ice\nroot");
        assert!(!event.reason.unwrap().contains(['\u{202e}', '\n']));
    }
}
