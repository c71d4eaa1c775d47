-- A person's access ends by a moment: nothing that was made for them at or before it counts, whatever else its row
-- says. What is made later gets a later `created_at`, on whichever clock.
ALTER TABLE users ADD COLUMN ended_before INTEGER NOT NULL DEFAULT -1; -- -1: never
ALTER TABLE users ADD COLUMN disabled_by TEXT;       -- who disabled them: the id of a person, or what did it in their stead
ALTER TABLE users ADD COLUMN disabled_reason TEXT;   -- in the words of whoever did
-- JSON array: the names of roles and groups that the identity provider claimed last, for administrators to read.
ALTER TABLE users ADD COLUMN claimed TEXT NOT NULL DEFAULT '[]';
CREATE INDEX users_by_sign_in ON users (signed_in_at DESC, id);

-- The browser in a few words ('Firefox on Windows'), so that its owner knows it again.
ALTER TABLE browser_sessions ADD COLUMN label TEXT;
CREATE INDEX browser_sessions_by_user ON browser_sessions (user_id);

-- While it is set, nobody's calls run, and only administrators sign in.
ALTER TABLE policy ADD COLUMN stopped_at INTEGER;
ALTER TABLE policy ADD COLUMN stopped_by TEXT;
ALTER TABLE policy ADD COLUMN stopped_reason TEXT;
