-- Whoever can write to this database, and holds no key of Postern's, must not give anybody access, or more of it, by that:
-- neither by pointing a row at somebody else nor by making one up. So what a grant, a code and an open request are for, who a
-- client is that somebody vouches for, and what was decided of a tool carry an authentication (docs/store-integrity.md).
-- What was recorded before cannot be told from a forgery, and ends here: people allow their AI clients once more, and
-- administrators approve the tools and enter their clients once more.
DELETE FROM authorization_codes;
DELETE FROM authorization_requests;
DELETE FROM grants;
DELETE FROM tools;
UPDATE policy SET version = version + 1;
-- Those that registered themselves stay: nobody ever vouched for what they say.
DELETE FROM clients WHERE origin <> 'self_registered';
-- Their ids are kept as keyed hashes from now on.
DELETE FROM elicitations;
DELETE FROM connection_attempts;

ALTER TABLE grants ADD COLUMN mac TEXT;
ALTER TABLE authorization_codes ADD COLUMN mac TEXT;
ALTER TABLE authorization_requests ADD COLUMN mac TEXT;
ALTER TABLE clients ADD COLUMN mac TEXT;
ALTER TABLE tools ADD COLUMN mac TEXT;
