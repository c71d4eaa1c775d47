-- Tokens by which programs of the organisation use /api/v1 in an administrator's stead. A token is signed and says by itself
-- whose it is, what it may do and until when; a row says that it has not been taken back.
CREATE TABLE administration_tokens (
    id TEXT PRIMARY KEY,               -- random; the token's jti
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,                -- what it is for, in the administrator's words
    access TEXT NOT NULL,              -- 'read', 'change': as the token says it
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER                    -- when it was used last, to the hour
) STRICT;
CREATE INDEX administration_tokens_of_user ON administration_tokens (user_id);
