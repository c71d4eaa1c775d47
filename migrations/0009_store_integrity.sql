-- Whoever can write to this database, and holds no key of Postern's, must become nobody by it. So a row that admits
-- something carries an authentication (HMAC) over whatever decides what it admits, and whom: docs/store-integrity.md.
-- What was recorded before cannot be told from a forgery, and ends here: people sign in once more, allow their AI clients
-- and connect their accounts once more, and administrators approve the tools and enter their clients once more.
DELETE FROM authorization_codes;
DELETE FROM authorization_requests;
DELETE FROM connection_attempts;
DELETE FROM elicitations;
DELETE FROM connections;
DELETE FROM grants;
DELETE FROM browser_sessions;
DELETE FROM tools;
UPDATE policy SET version = version + 1;
-- Those that registered themselves stay: nobody ever vouched for what they say.
DELETE FROM clients WHERE origin <> 'self_registered';

ALTER TABLE browser_sessions ADD COLUMN mac TEXT;
ALTER TABLE grants ADD COLUMN mac TEXT;
ALTER TABLE authorization_codes ADD COLUMN mac TEXT;
ALTER TABLE authorization_requests ADD COLUMN mac TEXT;
ALTER TABLE clients ADD COLUMN mac TEXT;
ALTER TABLE tools ADD COLUMN mac TEXT;

-- Over roles, and when the identity provider claimed them.
ALTER TABLE users ADD COLUMN mac TEXT;
ALTER TABLE users ADD COLUMN roles_at INTEGER;

-- A person's id is made of their issuer and subject since. That of a person from before becomes it at their next sign-in;
-- their rows of the audit go by the former one.
ALTER TABLE users ADD COLUMN former_id TEXT;
CREATE INDEX users_by_former_id ON users (former_id) WHERE former_id IS NOT NULL;
