-- The record. Times are milliseconds since the Unix epoch. Credentials that Postern issues are stored as
-- SHA-256; credentials of others are sealed (v1.<key id>.<nonce and ciphertext>).

-- People, as the identity provider named them at their latest sign-in.
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
    disabled_at INTEGER,
    UNIQUE (issuer, subject)
) STRICT;

-- A sign-in under way: from our redirect to the provider until its callback. Consumed once.
CREATE TABLE sign_ins (
    state_hash TEXT PRIMARY KEY,
    browser_hash TEXT NOT NULL,       -- of the cookie that binds it to one browser
    nonce TEXT NOT NULL,
    code_verifier TEXT NOT NULL,      -- sealed
    return_to TEXT NOT NULL,          -- a path of ours
    expires_at INTEGER NOT NULL
) STRICT;

-- Signed-in browsers.
CREATE TABLE browser_sessions (
    token_hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- OAuth clients that registered themselves (RFC 7591).
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
) STRICT;
CREATE INDEX clients_by_expiry ON clients (expires_at);

-- An authorization request shown as a consent page, until it is decided. Consumed once.
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
) STRICT;

-- One consent of one user to one client in one browser: what refresh rotation and revocation act on.
CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    resource TEXT NOT NULL,
    generation INTEGER NOT NULL,      -- of the refresh token in use
    rotated_at INTEGER NOT NULL,      -- when that generation came to be
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    revoked_reason TEXT
) STRICT;
CREATE INDEX grants_by_user ON grants (user_id);
CREATE INDEX grants_by_client ON grants (client_id);

-- Authorization codes. A consumed one stays until it expires, so that its second use is noticed.
CREATE TABLE authorization_codes (
    code_hash TEXT PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES grants (id),
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    code_challenge TEXT NOT NULL,
    resource TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    consumed_at INTEGER
) STRICT;

-- A user's accounts upstream.
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
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, provider)
) STRICT;

-- A connect link that a tool call handed out: who it is for and what became of it.
CREATE TABLE elicitations (
    id_hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    client_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    state TEXT NOT NULL,              -- 'pending' | 'connected' | 'failed'
    expires_at INTEGER NOT NULL
) STRICT;

-- A connection under way: from our redirect to the provider until its callback. Consumed once.
CREATE TABLE connection_attempts (
    state_hash TEXT PRIMARY KEY,
    browser_hash TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    provider TEXT NOT NULL,
    elicitation_hash TEXT,
    expires_at INTEGER NOT NULL
) STRICT;

-- Which operations of the catalogue may run. One that has no row is pending.
CREATE TABLE tools (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'disabled')),
    definition_digest TEXT NOT NULL,  -- of the definition that was decided on; another one is pending again
    decided_by TEXT,
    decided_at INTEGER NOT NULL
) STRICT;

-- Raised by every change of what is allowed, so that sessions notice.
CREATE TABLE policy (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO policy (id, version) VALUES (1, 1);

-- What happened. Keyed by the user's own sequence, so that a repeated flush writes nothing twice.
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
