-- A decision may look at the groups of its caller, so groups are kept as roles are: as the identity provider claimed them
-- last (at roles_at), under an authentication, so that whoever can write to this database puts nobody into a group. It is
-- one of its own, for code that knows of no groups goes on reading and writing that of the roles. NULL: not known.
ALTER TABLE users ADD COLUMN groups TEXT;     -- JSON: {"names": [...], "complete": whether these are all}
ALTER TABLE users ADD COLUMN groups_mac TEXT;
