-- Who a client is: beside those that registered themselves, those that an administrator entered, and those that
-- a document at their client_id describes (client ID metadata documents).

ALTER TABLE clients ADD COLUMN origin TEXT NOT NULL DEFAULT 'self_registered'
    CHECK (origin IN ('self_registered', 'pre_registered', 'metadata_document'));
ALTER TABLE clients ADD COLUMN jwks TEXT;            -- JSON array of public keys (private_key_jwt)
ALTER TABLE clients ADD COLUMN jwks_uri TEXT;        -- or where they are
ALTER TABLE clients ADD COLUMN scope TEXT;           -- the scopes it is limited to; all where NULL
ALTER TABLE clients ADD COLUMN created_by TEXT REFERENCES users (id);  -- of a pre-registered one
ALTER TABLE clients ADD COLUMN fresh_until INTEGER;  -- until when a metadata document is believed without a look

-- The metadata document that a consent page was made of, so that the decision is about that and nothing newer.
ALTER TABLE authorization_requests ADD COLUMN client_document TEXT;

-- What the person was told of the client: shown to them later, and compared with what it has become.
ALTER TABLE grants ADD COLUMN client_name TEXT;
ALTER TABLE grants ADD COLUMN client_digest TEXT;
