-- An account stops working where its provider's quota is spent. Whoever it is of, and administrators, see that coming where the
-- record has what the provider said last; only little that is left is written down. NULL: not little, or not said.
ALTER TABLE connections ADD COLUMN quota_left INTEGER;            -- at most; NULL where the provider names no number
ALTER TABLE connections ADD COLUMN quota_ends_at INTEGER;         -- when the quota begins anew
ALTER TABLE organisation_accounts ADD COLUMN quota_left INTEGER;
ALTER TABLE organisation_accounts ADD COLUMN quota_ends_at INTEGER;
-- In whose account a call worked, and where: a provider's own log names that account, and not the person.
ALTER TABLE events ADD COLUMN account TEXT;                       -- 'own bitbucket', 'organisation confluence/eu'
-- At which sites of one consent an account is used was plain text in connections.sites, and whoever wrote there could send a
-- person's calls to another of their own sites. From here on it is
-- sealed at connections/<user>/<provider>/sites. What is not is asked of the provider again, and sealed, with the next call.
