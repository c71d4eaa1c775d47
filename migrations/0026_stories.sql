-- An auditor asks what happened to one pull request, or to one page. A target alone does not tell: a comment of a pull request
-- has one of its own. So each event names the thing whose story it belongs to. Events from before have none.
ALTER TABLE events ADD COLUMN story TEXT;       -- src/audit/story.rs: 'acme/backend#7', also of 'acme/backend#7 comment 3'
CREATE INDEX events_by_story ON events (story, at) WHERE story IS NOT NULL;
-- The way from an event to its predecessor, whose link is part of its own.
CREATE INDEX events_by_place ON events (shard, epoch, sequence) WHERE sequence IS NOT NULL;
