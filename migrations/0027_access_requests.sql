-- Access that people have for a time: an access profile that has to be asked for, or a break-glass override. A row for each
-- time that somebody asks; what became of it stays to be shown for a while after it is over.
CREATE TABLE access_requests (
    id TEXT PRIMARY KEY,               -- random
    person TEXT NOT NULL,              -- who asks, as users.id
    profile TEXT,                      -- the name of the access profile; NULL: break-glass
    minutes INTEGER NOT NULL,          -- for how long
    reason TEXT NOT NULL,              -- what for, in the person's words
    state TEXT NOT NULL,               -- 'pending', 'granted', 'denied', 'ended'
    decided_by TEXT,                   -- who granted, denied or ended it, as users.id; NULL: nobody had to
    answer TEXT NOT NULL,              -- why it was denied
    ends_at INTEGER NOT NULL,          -- when the state ends by itself
    mac TEXT NOT NULL,                 -- over all of the above
    asked_at INTEGER NOT NULL
) STRICT;
CREATE INDEX access_requests_of_person ON access_requests (person, asked_at);
CREATE INDEX access_requests_by_state ON access_requests (state, ends_at);
