//! What is on record of a person's standing. Each write says what it was decided on, and is nothing where that has changed.

use serde::Deserialize;

use super::{Standing, State, TokenKind};
use crate::{
    crypto::{seal::Sealer, secret::Secret},
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, Statement, sql},
    },
};

/// What the record holds of a person's standing, and whom the provider knows them as.
pub struct Recorded {
    pub standing: Standing,
    /// As the provider names the person.
    pub subject: String,
    /// Raised by every write.
    pub version: i64,
    sealed: String,
}

#[derive(Deserialize)]
struct Row {
    subject: String,
    refresh_token: String,
    kind: TokenKind,
    state: State,
    vouched_at: Timestamp,
    doubted_at: Timestamp,
    asked_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
    lost_answer: i64,
    version: i64,
}

impl Recorded {
    /// What the record holds once [`replace`] has changed it.
    #[must_use]
    pub fn replaced_by(self, standing: Standing) -> Self {
        Self { standing, version: self.version + 1, ..self }
    }

    /// The refresh token; `None` where no live key opens it.
    pub fn refresh_token(&self, sealer: &Sealer, user: &UserId) -> Option<Secret> {
        sealer.open(&self.sealed, &place(user))
    }
}

/// The place that the sealed token is bound to.
fn place(user: &UserId) -> String {
    format!("standings/{user}/refresh_token")
}

/// A person's standing; `None` where the provider gave no refresh token.
///
/// # Errors
/// Where the record cannot be read.
pub async fn find(database: &dyn Database, user: &UserId) -> Result<Option<Recorded>, Fault> {
    let query =
        sql("SELECT subject, refresh_token, kind, state, vouched_at, doubted_at, asked_at, failed_at, lost_answer,
            version
        FROM standings JOIN users ON users.id = user_id WHERE user_id = ?1");
    let row = database.run(query.bind(user)).await?.first::<Row>()?;
    Ok(row.map(|row| Recorded {
        standing: Standing {
            kind: row.kind,
            state: row.state,
            vouched_at: row.vouched_at,
            doubted_at: row.doubted_at,
            asked_at: row.asked_at,
            failed_at: row.failed_at,
            lost_answer: row.lost_answer != 0,
        },
        subject: row.subject,
        version: row.version,
        sealed: row.refresh_token,
    }))
}

/// The statement that replaces what was read at `version`: its `changes` tell whether that was still on record. A doubt
/// that was put on record meanwhile stays.
pub fn replace(user: &UserId, version: i64, next: &Standing) -> Statement {
    sql("UPDATE standings SET state = ?3, vouched_at = ?4, asked_at = ?5, failed_at = ?6, lost_answer = ?7,
            version = version + 1
        WHERE user_id = ?1 AND version = ?2")
    .bind(user)
    .bind(version)
    .bind(next.state.name())
    .bind(next.vouched_at)
    .bind(next.asked_at)
    .bind(next.failed_at)
    .bind(next.lost_answer)
}

/// The statement that keeps the successor of the refresh token that was read at `version`.
///
/// # Errors
/// Where it cannot be sealed.
pub fn rotate(sealer: &Sealer, user: &UserId, version: i64, token: &Secret) -> Result<Statement, Fault> {
    let sealed = sealer.seal(token.expose(), &place(user))?;
    let update =
        sql("UPDATE standings SET refresh_token = ?3, version = version + 1 WHERE user_id = ?1 AND version = ?2");
    Ok(update.bind(user).bind(version).bind(sealed))
}

/// A refresh token that the provider gave at a sign-in.
pub struct Given {
    pub token: Secret,
    pub kind: TokenKind,
}

/// The statement that begins a person's standing anew with a sign-in: with the token that it gave, or with none.
///
/// # Errors
/// Where the token cannot be sealed.
pub fn begin(sealer: &Sealer, user: &UserId, given: Option<&Given>, now: Timestamp) -> Result<Statement, Fault> {
    let Some(Given { token, kind }) = given else {
        return Ok(sql("DELETE FROM standings WHERE user_id = ?1").bind(user));
    };
    let begin = sql("INSERT INTO standings (user_id, refresh_token, kind, state, vouched_at, doubted_at, lost_answer, version)
        VALUES (?1, ?2, ?3, 'good', ?4, 0, 0, 1)
        ON CONFLICT (user_id) DO UPDATE SET refresh_token = excluded.refresh_token, kind = excluded.kind, state = 'good',
            vouched_at = excluded.vouched_at, doubted_at = 0, asked_at = NULL, failed_at = NULL, lost_answer = 0,
            version = standings.version + 1");
    Ok(begin.bind(user).bind(sealer.seal(token.expose(), &place(user))?).bind(kind.name()).bind(now))
}

impl TokenKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Ordinary => "ordinary",
        }
    }
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Ended => "ended",
            Self::SignInAgain => "sign_in_again",
        }
    }
}
