-- What all of migrations/ together yield. Written by `cargo xtask generate`; never applied.

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

CREATE INDEX access_requests_by_state ON access_requests (state, ends_at);

CREATE INDEX access_requests_of_person ON access_requests (person, asked_at);

CREATE TABLE administration_tokens (
    id TEXT PRIMARY KEY,               -- random; the token's jti
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,                -- what it is for, in the administrator's words
    access TEXT NOT NULL,              -- 'read', 'change': as the token says it
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER                    -- when it was used last, to the hour
) STRICT;

CREATE INDEX administration_tokens_of_user ON administration_tokens (user_id);

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
, likeness TEXT NOT NULL DEFAULT '', series_minutes INTEGER NOT NULL DEFAULT 0, series_ends_at INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX approvals_by_state ON approvals (state, asked_at);

CREATE INDEX approvals_of_series ON approvals (series_ends_at) WHERE series_ends_at > 0;

CREATE INDEX approvals_of_subject ON approvals (subject, asked_at);

CREATE UNIQUE INDEX approvals_pending ON approvals (subject, client_id, call_digest) WHERE state = 'pending';

CREATE TABLE audit (
    user_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    tool TEXT NOT NULL,
    phase TEXT NOT NULL,              -- 'intent' | 'outcome'
    outcome TEXT NOT NULL,            -- 'started' | 'succeeded' | 'failed' | 'denied' | 'unknown'
    reason TEXT,
    target TEXT NOT NULL,             -- what it was done to, from the arguments: 'acme/backend#7'
    arguments_digest TEXT NOT NULL,
    duration_milliseconds INTEGER,
    upstream_status INTEGER,
    PRIMARY KEY (user_id, sequence)
) STRICT;

CREATE INDEX audit_by_time ON audit (at DESC);

CREATE TABLE audit_checkpoints (
    shard TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    kind TEXT NOT NULL,         -- 'begun' | 'reached': each minute while there is something new | 'removed': by retention
    sequence INTEGER NOT NULL,
    link TEXT NOT NULL,         -- of the event of that number
    previous_epoch INTEGER,     -- of a beginning: which epoch was on record then
    is_whole INTEGER NOT NULL,  -- of a removal: whether what was removed was verified
    at INTEGER NOT NULL,
    mac TEXT NOT NULL,
    PRIMARY KEY (shard, epoch, kind)
) STRICT;

CREATE TABLE audit_keys (
    id TEXT PRIMARY KEY,
    sealed TEXT NOT NULL -- sealed at audit_keys/<id>/sealed
) STRICT;

CREATE TABLE audit_segments (
    number INTEGER PRIMARY KEY,
    record TEXT NOT NULL, -- JSON: of each chain which part it holds, with links; the digest of the segment
    mac TEXT NOT NULL
) STRICT;

CREATE TABLE authorization_codes (
    code_hash TEXT PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES grants (id),
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    code_challenge TEXT NOT NULL,
    resource TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    consumed_at INTEGER
, mac TEXT) STRICT;

CREATE TABLE authorization_requests (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    browser_hash TEXT NOT NULL,       -- of the browser session that may decide it
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    state TEXT,
    scope TEXT NOT NULL,
    resource TEXT NOT NULL,
    code_challenge TEXT NOT NULL,
    expires_at INTEGER NOT NULL
, client_document TEXT, decision TEXT, grant_id TEXT, mac TEXT) STRICT;

CREATE TABLE browser_sessions (
    token_hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
, label TEXT, provider_session TEXT, provider_time INTEGER, mac TEXT) STRICT;

CREATE INDEX browser_sessions_by_provider_session ON browser_sessions (provider_session);

CREATE INDEX browser_sessions_by_user ON browser_sessions (user_id);

CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,               -- self-declared
    redirect_uris TEXT NOT NULL,      -- JSON array
    grant_types TEXT NOT NULL,        -- JSON array
    token_endpoint_auth_method TEXT NOT NULL,
    secret_hash TEXT,
    metadata TEXT NOT NULL,           -- JSON object: what is echoed (client_uri, logo_uri, …)
    created_at INTEGER NOT NULL,
    used_at INTEGER,                  -- first consent; unused registrations expire
    expires_at INTEGER
, origin TEXT NOT NULL DEFAULT 'self_registered'
    CHECK (origin IN ('self_registered', 'pre_registered', 'metadata_document')), jwks TEXT, jwks_uri TEXT, scope TEXT, created_by TEXT REFERENCES users (id), fresh_until INTEGER, registered_from TEXT, mac TEXT) STRICT;

CREATE INDEX clients_by_expiry ON clients (expires_at);

CREATE INDEX clients_by_network ON clients (registered_from) WHERE registered_from IS NOT NULL;

CREATE TABLE connection_attempts (
    state_hash TEXT PRIMARY KEY,
    browser_hash TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    provider TEXT NOT NULL,
    elicitation_hash TEXT,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE connections (
    user_id TEXT NOT NULL REFERENCES users (id),
    provider TEXT NOT NULL,           -- 'bitbucket'
    account_id TEXT NOT NULL,
    account_name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    access_token TEXT NOT NULL,       -- sealed at connections/<user>/<provider>/access_token
    refresh_token TEXT,               -- sealed likewise
    expires_at INTEGER NOT NULL,
    version INTEGER NOT NULL,         -- raised by every refresh; compared before it is replaced
    state TEXT NOT NULL,              -- 'connected' | 'broken'
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, sites TEXT, quota_left INTEGER, quota_ends_at INTEGER,
    PRIMARY KEY (user_id, provider)
) STRICT;

CREATE TABLE elicitations (
    id_hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    client_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    state TEXT NOT NULL,              -- 'pending' | 'connected' | 'failed'
    expires_at INTEGER NOT NULL
, answered INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX elicitations_of_user ON elicitations (user_id, provider, client_id);

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
, shard TEXT, epoch INTEGER, sequence INTEGER, link TEXT, link_key TEXT, story TEXT, account TEXT) STRICT;

CREATE INDEX events_by_client ON events (client_name, at);

CREATE INDEX events_by_intent ON events (at) WHERE phase = 'intent';

CREATE INDEX events_by_kind ON events (kind, at) WHERE kind <> 'call';

CREATE INDEX events_by_outcome ON events (outcome, at) WHERE outcome <> 'succeeded' AND outcome <> 'started';

CREATE INDEX events_by_person ON events (person, at);

CREATE INDEX events_by_place ON events (shard, epoch, sequence) WHERE sequence IS NOT NULL;

CREATE INDEX events_by_resource ON events (resource, at) WHERE resource IS NOT NULL;

CREATE INDEX events_by_story ON events (story, at) WHERE story IS NOT NULL;

CREATE INDEX events_by_time ON events (at);

CREATE INDEX events_by_tool ON events (tool, at) WHERE tool IS NOT NULL;

CREATE INDEX events_by_writer ON events (person, resource, at) WHERE phase = 'intent';

CREATE UNIQUE INDEX events_once ON events (request_id, phase, part);

CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    resource TEXT NOT NULL,
    generation INTEGER NOT NULL,      -- of the refresh token in use
    refreshed_at INTEGER NOT NULL,      -- when that generation came to be
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    revoked_reason TEXT
, client_name TEXT, client_digest TEXT, predecessor INTEGER NOT NULL DEFAULT 0, signing_key TEXT, superseded TEXT NOT NULL DEFAULT '[]', signing_key_at INTEGER NOT NULL DEFAULT 0, mac TEXT) STRICT;

CREATE INDEX grants_by_client ON grants (client_id);

CREATE INDEX grants_by_user ON grants (user_id);

CREATE TABLE keys (
    purpose TEXT NOT NULL,            -- 'signing' | 'sealing'
    id TEXT NOT NULL,
    is_current INTEGER NOT NULL,      -- or the previous one, still accepted
    since INTEGER NOT NULL,           -- when it was first found to be that
    dependents INTEGER NOT NULL,      -- of the record, on a previous key; of the current one, 0
    checked_at INTEGER NOT NULL,
    PRIMARY KEY (purpose, id)
) STRICT;

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

CREATE TABLE notice_endpoints (
    id TEXT PRIMARY KEY,               -- random
    contents TEXT NOT NULL,            -- sealed at notice_endpoints/<id>/contents: JSON of the address, the form, the topics and the secrets
    told INTEGER NOT NULL,             -- the position of the last event that it was told of, or that is none for it
    attempts INTEGER NOT NULL,         -- how often the next one was sent in vain
    next_at INTEGER NOT NULL,          -- when it is sent again; meanwhile nobody else sends
    failure TEXT,                      -- why the last attempt did not work
    made_at INTEGER NOT NULL
) STRICT;

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
, quota_left INTEGER, quota_ends_at INTEGER) STRICT;

CREATE TABLE policy (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
, stopped_at INTEGER, stopped_by TEXT, stopped_reason TEXT) STRICT;

CREATE TABLE policy_revisions (
    revision INTEGER PRIMARY KEY,      -- counted from 1
    document TEXT NOT NULL,            -- JSON: the toolsets, profiles and rules, and whom its user names mean
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL REFERENCES users (id),
    summary TEXT NOT NULL,             -- what was changed, in the words of who changed it
    mac TEXT NOT NULL                  -- over revision and document
) STRICT;

CREATE TABLE policy_settings (
    name TEXT PRIMARY KEY,             -- 'tool_default'
    value TEXT NOT NULL,               -- 'review_everything', 'approve_reads'
    decided_at INTEGER NOT NULL,
    decided_by TEXT REFERENCES users (id),
    mac TEXT NOT NULL                  -- over name and value
) STRICT;

CREATE TABLE standings (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    refresh_token TEXT NOT NULL,      -- sealed at standings/<user>/refresh_token
    kind TEXT NOT NULL CHECK (kind IN ('offline', 'ordinary')),
    state TEXT NOT NULL CHECK (state IN ('good', 'ended', 'sign_in_again')),
    vouched_at INTEGER NOT NULL,      -- when the question was asked that was answered well last
    doubted_at INTEGER NOT NULL,      -- answers to questions up to this moment do not count
    asked_at INTEGER,                 -- since when a question is under way
    failed_at INTEGER,                -- when the provider did not answer, since it last did
    lost_answer INTEGER NOT NULL,     -- an answer was lost, and perhaps a successor of the token with it
    version INTEGER NOT NULL          -- raised by every question, answer and sign-in; compared before they are written
) STRICT;

CREATE TABLE tool_classifications (
    name TEXT PRIMARY KEY,
    class TEXT NOT NULL CHECK (class IN ('read', 'write', 'destructive')),
    is_sensitive INTEGER NOT NULL,
    classified_at INTEGER NOT NULL,
    classified_by TEXT REFERENCES users (id)
) STRICT;

CREATE TABLE tools (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'disabled')),
    definition_digest TEXT NOT NULL,  -- of the definition that was decided on; another one is pending again
    decided_by TEXT,
    decided_at INTEGER NOT NULL
, mac TEXT, definition TEXT) STRICT;

CREATE TABLE used_assertions (
    id_hash TEXT PRIMARY KEY,         -- of its kind, its issuer and its jti
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE used_logout_tokens (
    id_hash TEXT PRIMARY KEY,         -- of its issuer and its jti
    request_id TEXT NOT NULL,         -- of the request that used it
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    username TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    roles TEXT NOT NULL,              -- JSON array of 'administrator' and 'approver'
    created_at INTEGER NOT NULL,
    signed_in_at INTEGER NOT NULL,
    disabled_at INTEGER, ended_before INTEGER NOT NULL DEFAULT -1, disabled_by TEXT, disabled_reason TEXT, claimed TEXT NOT NULL DEFAULT '[]', mac TEXT, roles_at INTEGER, former_id TEXT, groups TEXT, groups_mac TEXT,
    UNIQUE (issuer, subject)
) STRICT;

CREATE INDEX users_by_former_id ON users (former_id) WHERE former_id IS NOT NULL;

CREATE INDEX users_by_sign_in ON users (signed_in_at DESC, id);

CREATE INDEX users_by_username ON users (username);
