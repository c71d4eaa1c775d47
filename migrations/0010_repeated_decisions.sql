-- A decision that is sent twice within moments, as by a double click, ends where the first did: so a decided request stays
-- until its `expires_at`, which is then some seconds away.
ALTER TABLE authorization_requests ADD COLUMN decision TEXT;  -- 'allow' | 'allow reading' | 'deny'; NULL while it is open
ALTER TABLE authorization_requests ADD COLUMN grant_id TEXT;  -- that it made
