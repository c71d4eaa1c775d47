//! What becomes of a refresh token that is presented: the rule of rotation, as a function of plain data.
//!
//! A grant is one family of refresh tokens, numbered by generation. Its record knows the generation in use, the
//! predecessor whose presentation made it, and when it was last given:
//!
//! | presented | taken for | outcome | the record says then |
//! |---|---|---|---|
//! | the one in use | the client going on | [`Reason::Used`] | generation + 1, made from the presented one |
//! | its predecessor, within [`RETRY_WINDOW`] of the last answer | a retry, or one more process of the client | [`Reason::Retried`] | the same, given now |
//! | its predecessor, later | a client that no answer reached | [`Reason::Lost`] | generation + 1, made from the presented one: the one in use is given up |
//! | an older one, or one that was given up | a second holder of the family | [`Outcome::Replay`] | the grant is over |
//! | one that was never given | nobody's | [`Outcome::Unknown`] | the same |
//!
//! A lost answer and a thief look alike at first: both are a predecessor presented late. So the one who says that
//! the answer was lost is believed, and the token in use is given up; should it turn up all the same, somebody had
//! it, two hold the family, and it ends (RFC 9700 §4.14.2).
//!
//! **Nobody honest is logged out.** Honest is a client whose processes share one store of tokens: each refresh
//! presents what is in the store and puts the answer there; from the one to the other, or to the loss of either
//! message for good, it takes at most half of the window; and none begins with another token while one is under
//! way. Such a client is answered whatever is lost, repeated, or done by its processes at the same time. A client
//! whose processes each keep a token of their own cannot be told from a thief.
//!
//! **Every thief is.** Whoever copied whichever tokens: once client and thief have each presented one twice, in turn,
//! each more than a window after the answer before, the grant is over, for both. What escapes is a thief who each
//! time comes within a window of the client, as one more process would; one who copies the store anew each time; and
//! one who is alone because the client never comes back. None of them can be told from the client.
//!
//! `rotation_tests.rs` puts both to random trials of this function.

use std::time::Duration;

use crate::platform::clock::Timestamp;

/// How long after an answer the presented token yields the same successor again. Twice what a client may take for
/// a refresh.
pub const RETRY_WINDOW: Duration = Duration::from_secs(60);

/// How long a grant lives after its latest refresh.
pub const GRANT_LIFE: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// What the record says of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// Of the refresh token in use.
    pub generation: i64,
    /// Of the refresh token whose presentation made it; 0 where the authorization code did.
    pub predecessor: i64,
    /// When the one in use was last given.
    pub refreshed_at: Timestamp,
    pub revoked: bool,
    pub expires_at: Timestamp,
}

impl State {
    /// What the record says once `generation` was given for `presented`.
    #[must_use]
    pub fn refreshed(self, presented: i64, generation: i64, now: Timestamp) -> Self {
        Self { generation, predecessor: presented, refreshed_at: now, expires_at: now + GRANT_LIFE, ..self }
    }
}

/// What to do with an authentic refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Give the refresh token of that generation, if the record still says what was decided on.
    Give { generation: i64, reason: Reason },
    /// Two hold tokens of this family: end the grant.
    Replay,
    /// The grant is over.
    Ended,
    /// Of a generation that the record does not know: leave the grant alone.
    Unknown,
}

/// Why a refresh token is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The one in use was presented.
    Used,
    /// Its predecessor was, soon after the last answer.
    Retried,
    /// Its predecessor was, later: the one in use reached nobody, as far as is known.
    Lost,
}

/// Decides on the refresh token of generation `presented`.
pub fn decide(presented: i64, state: State, now: Timestamp) -> Outcome {
    let State { generation, predecessor, .. } = state;
    if state.revoked || state.expires_at <= now {
        Outcome::Ended
    } else if presented == generation {
        Outcome::Give { generation: generation + 1, reason: Reason::Used }
    } else if presented > generation {
        Outcome::Unknown
    } else if presented != predecessor {
        Outcome::Replay
    } else if now.since(state.refreshed_at) <= RETRY_WINDOW {
        Outcome::Give { generation, reason: Reason::Retried }
    } else {
        Outcome::Give { generation: generation + 1, reason: Reason::Lost }
    }
}

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod tests;
