-- When a grant ends by itself is among what its authentication is over, so that whoever can write to this database cannot
-- make one live longer. The authentications from before are over less, and end here with their grants: people allow their
-- AI clients once more.
DELETE FROM authorization_codes;
DELETE FROM authorization_requests;
DELETE FROM grants;
