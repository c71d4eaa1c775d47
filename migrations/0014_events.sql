-- What happened, calls and everything else: one row an event. Keyed by the request, its phase and its part, so that an event
-- that is handed on twice is here once. Who did it is kept as they were called then: nobody's later name rewrites it.
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL,
    phase TEXT NOT NULL,              -- 'intent': it was about to be sent | 'outcome'
    part TEXT NOT NULL,               -- which of the request's events
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,               -- src/audit/kind.rs
    outcome TEXT NOT NULL,            -- 'started' | 'succeeded' | 'failed' | 'denied' | 'unknown' | 'cancelled'
    count INTEGER NOT NULL,           -- how often it happened: repeated refusals of one minute are one row
    person TEXT,                      -- whose it is: users.id, or 'service:' and a client
    person_issuer TEXT,
    person_subject TEXT,              -- at that issuer
    person_name TEXT,
    actor TEXT,                       -- who did it, where that is somebody else: users.id, or what did it in their stead
    actor_name TEXT,
    client_id TEXT,
    client_name TEXT,
    grant_id TEXT,
    tool TEXT,
    target TEXT,                      -- what it was done to: 'acme/backend#7'
    resource TEXT,                    -- where that is: 'acme/backend'
    reason TEXT,
    state_before TEXT,                -- of an administrator's act: what it changed…
    state_after TEXT,                 -- …and into what
    arguments_digest TEXT,
    duration_milliseconds INTEGER,
    upstream_status INTEGER,
    admission TEXT                    -- of a call: what let it run, for whoever counts those that nobody settled
) STRICT;
CREATE UNIQUE INDEX events_once ON events (request_id, phase, part);
-- One for each filter of the page, in its order. Those that are seldom true hold only their rows.
CREATE INDEX events_by_time ON events (at);
CREATE INDEX events_by_person ON events (person, at);
CREATE INDEX events_by_client ON events (client_name, at);
CREATE INDEX events_by_tool ON events (tool, at) WHERE tool IS NOT NULL;
CREATE INDEX events_by_resource ON events (resource, at) WHERE resource IS NOT NULL;
CREATE INDEX events_by_kind ON events (kind, at) WHERE kind <> 'call';
CREATE INDEX events_by_outcome ON events (outcome, at) WHERE outcome <> 'succeeded' AND outcome <> 'started';
CREATE INDEX users_by_username ON users (username);
-- The rows of `audit` move here in batches (housekeeping). That table goes once no release that writes to it can be running.
