-- What administrators set of the organisation's account at a site: its credential, in the place of the one in the
-- settings, and whether calls may change things by it. A table of its own, since it outlives every person.
CREATE TABLE organisation_accounts (
    site TEXT PRIMARY KEY,             -- 'confluence', 'confluence/eu'
    may_write INTEGER NOT NULL,        -- 1: calls may change things in the organisation's name
    credential TEXT,                   -- sealed at organisation_accounts/<site>/credential: JSON; NULL: that of the settings
    account_name TEXT,                 -- who answered to the credential, where the provider says so
    scopes TEXT NOT NULL DEFAULT '',   -- as the provider named them, separated by spaces
    tested_in TEXT,                    -- the workspace that it was tested in, where it is nobody's
    ends_at INTEGER,                   -- of the credential, as the administrator said
    kept_at INTEGER,
    kept_by TEXT REFERENCES users (id),
    refused_at INTEGER,                -- since when the provider refuses the credential
    mac TEXT NOT NULL                  -- over site and may_write: the credential is bound to its site by its seal
) STRICT;
