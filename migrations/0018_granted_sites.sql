-- One consent at Atlassian covers several sites, and gives one pair of tokens for all of them, whose refresh token is good
-- once. So there is one row for a person and provider, and it names the sites. NULL: the account is at its provider's site
-- alone.
ALTER TABLE connections ADD COLUMN sites TEXT; -- JSON: [{"site": 'confluence/eu', "id": of Atlassian, "lost": whether it is granted no more}]
