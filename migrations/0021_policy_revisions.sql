-- The access policy: which tools whom is granted, on what, and which calls are blocked or held. Each revision is kept whole;
-- the latest is in force, and nobody makes a second one of the same number.
CREATE TABLE policy_revisions (
    revision INTEGER PRIMARY KEY,      -- counted from 1
    document TEXT NOT NULL,            -- JSON: the toolsets, profiles and rules, and whom its user names mean
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL REFERENCES users (id),
    summary TEXT NOT NULL,             -- what was changed, in the words of who changed it
    mac TEXT NOT NULL                  -- over revision and document
) STRICT;
