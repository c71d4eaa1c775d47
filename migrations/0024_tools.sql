-- What was decided on, so that a definition that changed can be shown beside the one that was approved. Its digest, which
-- the authentication is over, proves it. NULL: decided before this migration.
ALTER TABLE tools ADD COLUMN definition TEXT;  -- canonical JSON

-- Choices of the organisation that are part of the policy.
CREATE TABLE policy_settings (
    name TEXT PRIMARY KEY,             -- 'tool_default'
    value TEXT NOT NULL,               -- 'review_everything', 'approve_reads'
    decided_at INTEGER NOT NULL,
    decided_by TEXT REFERENCES users (id),
    mac TEXT NOT NULL                  -- over name and value
) STRICT;

-- Tools that administrators classify as more than the catalogue does. A row only ever takes something away, so it needs no
-- authentication.
CREATE TABLE tool_classifications (
    name TEXT PRIMARY KEY,
    class TEXT NOT NULL CHECK (class IN ('read', 'write', 'destructive')),
    is_sensitive INTEGER NOT NULL,
    classified_at INTEGER NOT NULL,
    classified_by TEXT REFERENCES users (id)
) STRICT;
