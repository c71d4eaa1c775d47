//! A person's standing: whether the identity provider still vouches for somebody who signed in a while ago.
//!
//! At sign-in Postern keeps the provider's refresh token. When the provider's last word on the person is older than
//! `STANDING_MINUTES`, the token is used, by one asker at a time, and the answer is the new word:
//!
//! | the provider answers | offline token | ordinary token |
//! |---|---|---|
//! | with tokens | [`Verdict::Good`] | [`Verdict::Good`] |
//! | `invalid_grant` | [`Verdict::Ended`]: the person is gone, disabled, or their access was taken back | [`Verdict::SignInAgain`]: it may have ended by idling, which says nothing about the person |
//! | `invalid_grant`, after a question whose answer was lost | [`Verdict::SignInAgain`]: that answer may have held the token's successor | [`Verdict::SignInAgain`] |
//! | anything else, or not at all | [`Verdict::Good`], and an alarm: a provider that is down ends nobody | likewise |
//!
//! An offline token (OpenID Connect Core 1.0 §11) outlives the session at the provider; an ordinary one ends with it,
//! in Keycloak after 30 minutes of idling.
//!
//! This file decides, on plain data; [`check`] carries it out on [`record`].

pub mod check;
pub mod record;

use std::time::Duration;

use serde::Deserialize;

use crate::platform::clock::Timestamp;

/// How long one question may take. Whoever has not come back with an answer by then never will.
pub const QUESTION_LIFE: Duration = Duration::from_secs(30);

/// How long a provider that could not answer is left alone.
pub const PAUSE: Duration = Duration::from_secs(60);

/// How long a provider may go on vouching for a session that it has just told us the end of: Keycloak tells before its
/// own record says so.
pub const SETTLING: Duration = Duration::from_secs(3);

/// What the refresh token depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// On the person's right to it: it was given for `offline_access`.
    Offline,
    /// On a session at the provider, which also ends by idling.
    Ordinary,
}

/// What the provider's word has come to, until the next sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Good,
    /// The provider refused an offline token.
    Ended,
    /// The token is of no use any more, and nothing follows for the person.
    SignInAgain,
}

/// What is on record of a person's standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub kind: TokenKind,
    pub state: State,
    /// When the provider was asked whose last answer vouched for the person, or when they signed in.
    pub vouched_at: Timestamp,
    /// Answers to questions that were asked at or before this moment do not count: the provider told of a logout.
    pub doubted_at: Timestamp,
    /// Since when a question is under way.
    pub asked_at: Option<Timestamp>,
    /// When the provider did not answer, since its last answer.
    pub failed_at: Option<Timestamp>,
    /// An answer was lost, and with it perhaps a successor of the token.
    pub lost_answer: bool,
}

/// What is to be done before somebody is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Trust,
    /// Ask the provider.
    Ask,
    /// Somebody else is asking.
    Wait,
    End,
    SignInAgain,
}

/// What the provider answered to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Here are tokens for this person.
    Vouched,
    /// `invalid_grant` (RFC 6749 §5.2).
    Refused,
    /// None without the person: the provider wants to see them, or what was sealed does not open.
    NeedsPerson,
    /// No answer, or none that says anything about the person.
    None,
}

/// What follows for whoever waits for the provider's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing speaks against the person.
    Good,
    /// The provider does not vouch for the person any more: their access is over, and they may try to sign in.
    Ended,
    /// The provider has no word on the person before they sign in again.
    SignInAgain,
    /// There is nobody to ask: the provider gave no refresh token at the last sign-in.
    Unheard,
}

/// Decides on a person of whom this is on record, when the provider's word is good for that long.
pub fn decide(standing: &Standing, life: Duration, now: Timestamp) -> Step {
    match standing.state {
        State::Ended => return Step::End,
        State::SignInAgain => return Step::SignInAgain,
        State::Good => {}
    }
    let is_doubted = standing.vouched_at <= standing.doubted_at;
    let is_within = |moment: Option<Timestamp>, span| moment.is_some_and(|moment| now.since(moment) < span);
    if !is_doubted && now.since(standing.vouched_at) < life {
        Step::Trust
    } else if is_within(standing.asked_at, QUESTION_LIFE) {
        Step::Wait
    } else if is_within(standing.failed_at, PAUSE) {
        Step::Trust
    } else {
        Step::Ask
    }
}

impl Standing {
    /// What is on record while this question is under way.
    #[must_use]
    pub fn asking(self, now: Timestamp) -> Self {
        // Whoever asked before and never came back may have lost an answer.
        Self { asked_at: Some(now), lost_answer: self.lost_answer || self.asked_at.is_some(), ..self }
    }

    /// What is on record once the question that is under way was answered.
    #[must_use]
    pub fn heard(self, answer: Answer, now: Timestamp) -> Self {
        let over = Self { asked_at: None, ..self };
        match (answer, self.kind) {
            (Answer::Vouched, _) => {
                let vouched_at = self.asked_at.unwrap_or(now);
                Self { vouched_at, failed_at: None, lost_answer: false, ..over }
            }
            (Answer::Refused, TokenKind::Offline) if !self.lost_answer => Self { state: State::Ended, ..over },
            (Answer::Refused | Answer::NeedsPerson, _) => Self { state: State::SignInAgain, ..over },
            (Answer::None, _) => Self { failed_at: Some(now), lost_answer: true, ..over },
        }
    }

    /// What follows once an answer is on record.
    pub const fn verdict(&self) -> Verdict {
        match self.state {
            State::Good => Verdict::Good,
            State::Ended => Verdict::Ended,
            State::SignInAgain => Verdict::SignInAgain,
        }
    }
}

#[cfg(test)]
mod tests;
