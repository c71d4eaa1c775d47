-- Whether the client that was handed a link has come back with its person's answer. One that never does cannot show
-- links, whatever it declares, and is told of the next one in words.
ALTER TABLE elicitations ADD COLUMN answered INTEGER NOT NULL DEFAULT 0;
CREATE INDEX elicitations_of_user ON elicitations (user_id, provider, client_id);
