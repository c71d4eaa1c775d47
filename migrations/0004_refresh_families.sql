-- A refresh token that was given up as lost leaves a gap between the one in use and the one that it was made from.
ALTER TABLE grants ADD COLUMN predecessor INTEGER NOT NULL DEFAULT 0; -- whose use made `generation`; 0: the code's
UPDATE grants SET predecessor = generation - 1;
-- When `generation` was last given to the client: a retry within a while after it gets the same again.
ALTER TABLE grants RENAME COLUMN rotated_at TO refreshed_at;
