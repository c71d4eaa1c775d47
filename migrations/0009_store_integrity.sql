-- Whoever can write to this database, and holds no key of Postern's, must not sign in by it, nor become an administrator.
-- So a signed-in browser is kept as a keyed hash in a row with an authentication (HMAC) over whose it is, roles have one
-- over whose they are, and a person's id is made of their issuer and subject.
-- What was recorded of people before cannot be told from a forgery, and ends here: they sign in once more, allow their AI
-- clients and connect their accounts once more.
DELETE FROM authorization_codes;
DELETE FROM authorization_requests;
DELETE FROM connection_attempts;
DELETE FROM elicitations;
DELETE FROM connections;
DELETE FROM grants;
DELETE FROM browser_sessions;
DELETE FROM standings;
UPDATE clients SET created_by = NULL; -- by an id that is about to change

ALTER TABLE browser_sessions ADD COLUMN mac TEXT;

-- Over roles, and when the identity provider claimed them.
ALTER TABLE users ADD COLUMN mac TEXT;
ALTER TABLE users ADD COLUMN roles_at INTEGER;

-- A person's id is made of their issuer and subject since. That of a person from before becomes it at their next sign-in;
-- their rows of the audit go by the former one.
ALTER TABLE users ADD COLUMN former_id TEXT;
CREATE INDEX users_by_former_id ON users (former_id) WHERE former_id IS NOT NULL;
