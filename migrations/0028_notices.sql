-- Where notices go of what needs people: webhooks that administrators entered. What there is to tell is in the log of events;
-- a row says up to which of them its endpoint was told.
CREATE TABLE notice_endpoints (
    id TEXT PRIMARY KEY,               -- random
    contents TEXT NOT NULL,            -- sealed at notice_endpoints/<id>/contents: JSON of the address, the form, the topics and the secrets
    told INTEGER NOT NULL,             -- the position of the last event that it was told of, or that is none for it
    attempts INTEGER NOT NULL,         -- how often the next one was sent in vain
    next_at INTEGER NOT NULL,          -- when it is sent again; meanwhile nobody else sends
    failure TEXT,                      -- why the last attempt did not work
    made_at INTEGER NOT NULL
) STRICT;
