-- What the identity provider's word on a person has come to since they signed in last. No row: it gave no refresh token
-- then, so there is nobody to ask.
CREATE TABLE standings (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    refresh_token TEXT NOT NULL,      -- sealed at standings/<user>/refresh_token
    kind TEXT NOT NULL CHECK (kind IN ('offline', 'ordinary')),
    state TEXT NOT NULL CHECK (state IN ('good', 'ended', 'sign_in_again')),
    vouched_at INTEGER NOT NULL,      -- when the question was asked that was answered well last
    doubted_at INTEGER NOT NULL,      -- answers to questions up to this moment do not count
    asked_at INTEGER,                 -- since when a question is under way
    failed_at INTEGER,                -- when the provider did not answer, since it last did
    lost_answer INTEGER NOT NULL,     -- an answer was lost, and perhaps a successor of the token with it
    version INTEGER NOT NULL          -- raised by every question, answer and sign-in; compared before they are written
) STRICT;

-- Which session at the provider a browser signed in with (`sid`), and the `iat` of its ID token: by the provider's
-- clock, as that of a logout token. NULL in sessions from before this column.
ALTER TABLE browser_sessions ADD COLUMN provider_session TEXT;
ALTER TABLE browser_sessions ADD COLUMN provider_time INTEGER;
CREATE INDEX browser_sessions_by_provider_session ON browser_sessions (provider_session);

-- Logout tokens that were acted upon: each is, once. Kept until a copy would be refused for its age.
CREATE TABLE used_logout_tokens (
    id_hash TEXT PRIMARY KEY,         -- of its issuer and its jti
    request_id TEXT NOT NULL,         -- of the request that used it
    expires_at INTEGER NOT NULL
) STRICT;
