-- Id of the signing key of the oldest refresh token that the grant still accepts. NULL: it has none. Which one it is of
-- grants made before this column is not known.
ALTER TABLE grants ADD COLUMN signing_key TEXT;
UPDATE grants SET signing_key = 'unknown' WHERE redirect_uri <> '';

-- The keys that housekeeping found live, for whoever replaces one.
CREATE TABLE keys (
    purpose TEXT NOT NULL,            -- 'signing' | 'sealing'
    id TEXT NOT NULL,
    is_current INTEGER NOT NULL,      -- or the previous one, still accepted
    since INTEGER NOT NULL,           -- when it was first found to be that
    dependents INTEGER NOT NULL,      -- of the record, on a previous key; of the current one, 0
    checked_at INTEGER NOT NULL,
    PRIMARY KEY (purpose, id)
) STRICT;
