-- A superseded refresh token yields the one in use for a while (REFRESH_REUSE_MINUTES): so a grant keeps when its
-- generations were superseded, that of `generation - 1` first, as a JSON array. `predecessor` and `refreshed_at` are no
-- longer read; they stay until no release before this one can be running.
ALTER TABLE grants ADD COLUMN superseded TEXT NOT NULL DEFAULT '[]';
UPDATE grants SET superseded = json_array(refreshed_at, refreshed_at) WHERE generation > 1;

-- When a refresh token of `signing_key` was last accepted. For a while after it, another window may come with one, too.
ALTER TABLE grants ADD COLUMN signing_key_at INTEGER NOT NULL DEFAULT 0;
