-- Whoever can write to this database could change or delete an event, and nobody could tell. So each object of the log numbers
-- the events that it hands over, and links each to its predecessor by an HMAC. Events from before have none of it.
ALTER TABLE events ADD COLUMN shard TEXT;       -- the object of the log that it came through: 'audit/3'
ALTER TABLE events ADD COLUMN epoch INTEGER;    -- when the storage of that object began
ALTER TABLE events ADD COLUMN sequence INTEGER; -- its number there, from 1, without a gap
ALTER TABLE events ADD COLUMN link TEXT;        -- HMAC over the event, its place and the link of its predecessor
ALTER TABLE events ADD COLUMN link_key TEXT;    -- the id of the key

-- How far a chain came: at most one row of a kind for each epoch of a shard.
CREATE TABLE audit_checkpoints (
    shard TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    kind TEXT NOT NULL,         -- 'begun' | 'reached': each minute while there is something new | 'removed': by retention
    sequence INTEGER NOT NULL,
    link TEXT NOT NULL,         -- of the event of that number
    previous_epoch INTEGER,     -- of a beginning: which epoch was on record then
    is_whole INTEGER NOT NULL,  -- of a removal: whether what was removed was verified
    at INTEGER NOT NULL,
    mac TEXT NOT NULL,
    PRIMARY KEY (shard, epoch, kind)
) STRICT;

-- The keys of links: an event is kept for longer than the key that its link's key was derived from.
CREATE TABLE audit_keys (
    id TEXT PRIMARY KEY,
    sealed TEXT NOT NULL -- sealed at audit_keys/<id>/sealed
) STRICT;
