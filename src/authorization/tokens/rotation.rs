//! What becomes of a refresh token that is presented: the rule of refresh token rotation, as a function of plain data.
//!
//! A grant is one family of refresh tokens, numbered by generation. The newest is the one in use; each other one was
//! superseded at the moment when the next was made:
//!
//! | presented | taken for | outcome | the grant afterwards |
//! |---|---|---|---|
//! | the one in use | the client going on | [`Reason::Used`] | one generation further |
//! | one superseded at most [`State::reuse`] ago | a lost answer, a retry, or another window of the client | [`Reason::Superseded`]: the one in use, again | the same |
//! | one superseded longer ago | a second holder of the family | [`Outcome::Replay`] | over |
//! | one that was never given | nobody's | [`Outcome::Unknown`] | the same |
//!
//! Several windows of one client each keep a refresh token in memory, and answers get lost: so a superseded token
//! cannot mean a thief at once, as RFC 9700 §4.14.2 would like it best. It yields the token that the others use by now,
//! and takes nothing away from them. The operator chooses for how long (`REFRESH_REUSE_MINUTES`).
//!
//! **Nobody honest is signed out.** However many windows a client has, each with a token that it was given at some
//! time: as long as each comes back within the limit after its token was superseded, each is answered, whatever is lost,
//! repeated, or done by several at the same time. A window whose token is the one in use may rest for as long as the
//! grant lives. An answer that was lost is forgiven for as long, and not beyond: then the person is asked again.
//!
//! **Whoever comes beyond the limit ends the grant**, for everybody, and the person sees that on their page of AI
//! clients. So once client and thief each presented a token they had, in turn, each longer than the limit after the
//! other, the grant is over, whichever tokens the thief copied and whoever began.
//!
//! **What escapes** is a thief who each time comes within the limit after the client, as one more window would; one who
//! copies the client's newest token again and again; and one who is alone because the client never comes back. None of
//! them can be told from the client. A longer limit makes the first of them easier: access tokens live for minutes, and
//! a client at work supersedes its token as often. What each of them has ends when the person, an administrator or the
//! identity provider ends it.
//!
//! The family remembers at most [`MOST_REMEMBERED`] moments. A client that refreshes more often than that within the
//! limit is given the token in use once more ([`Reason::Kept`]), so that nothing has to be forgotten too early.
//!
//! `rotation_tests.rs` puts each of these to random trials of this function.

use std::time::Duration;

use crate::platform::clock::Timestamp;

/// How long a grant lives after its latest refresh.
pub const GRANT_LIFE: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// How many moments of supersession a grant keeps, at most.
pub const MOST_REMEMBERED: usize = 100;

/// What is known of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Of the refresh token in use. The first one is 1.
    pub generation: i64,
    /// When the generations before it were superseded: `generation - 1`, `generation - 2`, and so on, the latest
    /// moment first. Those further back than the list were superseded longer than `reuse` ago.
    pub superseded: Vec<Timestamp>,
    /// For how long a superseded token yields the one in use.
    pub reuse: Duration,
    pub revoked: bool,
    pub expires_at: Timestamp,
}

impl State {
    /// What is known once a refresh token was given as decided.
    #[must_use]
    pub fn refreshed(mut self, reason: Reason, now: Timestamp) -> Self {
        self.superseded.retain(|at| now.since(*at) <= self.reuse);
        if reason == Reason::Used {
            self.generation += 1;
            self.superseded.insert(0, now);
        }
        Self { expires_at: now + GRANT_LIFE, ..self }
    }

    /// When that earlier generation was superseded, where that is not too long ago to be remembered.
    fn superseded_at(&self, generation: i64) -> Option<Timestamp> {
        let back = usize::try_from(self.generation.checked_sub(generation)?.checked_sub(1)?).ok()?;
        self.superseded.get(back).copied()
    }
}

/// What to do with an authentic refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Give the refresh token of that generation, if the grant is still what was decided on.
    Give { generation: i64, reason: Reason },
    /// Somebody comes too late with a superseded one: end the grant.
    Replay,
    /// The grant is over.
    Ended,
    /// Of a generation that was never given: leave the grant alone.
    Unknown,
}

/// Why a refresh token is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The one in use was presented: it is superseded by the next.
    Used,
    /// A superseded one was presented, in time: the one in use is given again.
    Superseded,
    /// The one in use was presented and stays in use, because the family rotated too often of late.
    Kept,
}

/// Decides on the refresh token of generation `presented`.
pub fn decide(presented: i64, state: &State, now: Timestamp) -> Outcome {
    let generation = state.generation;
    let is_recent = |at: &Timestamp| now.since(*at) <= state.reuse;
    if state.revoked || state.expires_at <= now {
        Outcome::Ended
    } else if presented > generation || presented < 1 {
        Outcome::Unknown
    } else if presented < generation {
        match state.superseded_at(presented).filter(is_recent) {
            Some(_) => Outcome::Give { generation, reason: Reason::Superseded },
            None => Outcome::Replay,
        }
    } else if state.superseded.iter().filter(|at| is_recent(at)).count() >= MOST_REMEMBERED {
        Outcome::Give { generation, reason: Reason::Kept }
    } else {
        Outcome::Give { generation: generation + 1, reason: Reason::Used }
    }
}

#[cfg(test)]
mod tests;
