-- What approvers let through beside the one call that they looked at: the calls to come that are like it, until a time. Its
-- authentication is over these too: what waits for approval is asked for once more.
ALTER TABLE approvals ADD COLUMN likeness TEXT NOT NULL DEFAULT '';             -- SHA-256 of what such calls have in common; empty where nothing is offered
ALTER TABLE approvals ADD COLUMN series_minutes INTEGER NOT NULL DEFAULT 0;     -- for how long, the least that an approver said; 0 where none did
ALTER TABLE approvals ADD COLUMN series_ends_at INTEGER NOT NULL DEFAULT 0;     -- when it ends by itself, once enough have agreed
CREATE INDEX approvals_of_series ON approvals (series_ends_at) WHERE series_ends_at > 0;
