-- Assertions that were accepted (private_key_jwt, ID-JAG): each is used once. Kept until it would expire anyway.
CREATE TABLE used_assertions (
    id_hash TEXT PRIMARY KEY,         -- of its kind, its issuer and its jti
    expires_at INTEGER NOT NULL
) STRICT;
