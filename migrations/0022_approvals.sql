-- Approvals of single calls, and the calls that wait for one. A row for each time that one is asked for: what was approved,
-- on what, by whom and whether it was used stays to be shown for a while after it is over.
CREATE TABLE approvals (
    id TEXT PRIMARY KEY,               -- random; the address of its page
    subject TEXT NOT NULL,             -- who calls: a person, or 'service:' and a client
    client_id TEXT NOT NULL,           -- through which client
    call_digest TEXT NOT NULL,         -- SHA-256 of the tool with its definition, and of the arguments with their site
    observed TEXT,                     -- what the call is bound to beside its arguments: a commit, a version; NULL: nothing
    tool TEXT NOT NULL,
    target TEXT NOT NULL,              -- 'acme/backend#7'
    rule TEXT NOT NULL,                -- the name of the rule that asks for it
    approvers INTEGER NOT NULL,        -- how many people have to approve
    state TEXT NOT NULL,               -- 'pending', 'approved', 'denied', 'used', 'drifted'
    approved_by TEXT NOT NULL,         -- JSON: who has approved so far, as users.id
    reason TEXT NOT NULL,              -- why it was denied, or what moved
    ends_at INTEGER NOT NULL,          -- when the state ends by itself
    mac TEXT NOT NULL,                 -- over all of the above
    contents TEXT NOT NULL,            -- sealed at approvals/<id>/contents: JSON of the arguments and the preview
    asked_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    denied_by TEXT                     -- as users.id
) STRICT;
-- A call that is made twice at once asks once.
CREATE UNIQUE INDEX approvals_pending ON approvals (subject, client_id, call_digest) WHERE state = 'pending';
CREATE INDEX approvals_of_subject ON approvals (subject, asked_at);
CREATE INDEX approvals_by_state ON approvals (state, asked_at);
