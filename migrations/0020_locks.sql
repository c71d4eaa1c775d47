-- What administrators have locked: all access, a provider, one of its sites, a tool, a person or an AI client. That all
-- access is locked is in policy.stopped_at as well, which sign-ins read.
CREATE TABLE locks (
    kind TEXT NOT NULL CHECK (kind IN ('organisation', 'provider', 'site', 'tool', 'person', 'client')),
    name TEXT NOT NULL,                -- 'bitbucket', 'confluence/eu', a tool's name, users.id, clients.id; '' for all access
    label TEXT NOT NULL,               -- as people read it, when it was locked
    reason TEXT NOT NULL,              -- shown to everybody whom it stops
    locked_at INTEGER NOT NULL,
    locked_by TEXT REFERENCES users (id),
    mac TEXT NOT NULL,                 -- over kind, name and reason
    PRIMARY KEY (kind, name)
) STRICT;
